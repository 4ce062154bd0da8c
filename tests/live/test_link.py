"""The AMI link on a real Asterisk 22 and on the simulator: what stands is seen, what happens is heard, losses are known."""

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Callable

import pytest

from cti.adapters.ami.connection import AmiLink, LinkState
from cti.adapters.ami.line import AmiAccount
from cti.adapters.ami.translation import translate
from cti.adapters.clock import SystemClock
from cti.domain import signals as s
from cti.domain.errors import SwitchRefused
from simulator.scenario import Scenario, ScriptedAgent, ScriptedCall, ScriptedQueue
from simulator.switch import SimulatedSwitch
from tests.journals import Unwritten
from tests.live.switch import Pbx, Stage


async def until(condition: Callable[[], object], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def linked(host: str, port: int, secret: str = "tierline-events", **options):
    """A running link to a switch with the shipped accounts, and the signals it tells."""
    told: list = []
    link = AmiLink(
        AmiAccount(host, port, "cti-events", secret),
        AmiAccount(host, port, "cti-actions", "tierline-actions"),
        translate,
        told.append,
        SystemClock(),
        journal=Unwritten(),
        **options,
    )
    running = asyncio.ensure_future(link.run())
    try:
        yield link, told
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def of(kind: type, told: list) -> list:
    return [signal for signal in told if isinstance(signal, kind)]


def is_up(link: AmiLink) -> Callable[[], bool]:
    return lambda: link.state is LinkState.UP


def uniqueids(pbx: Pbx) -> set[str]:
    """What the switch's own console says exists."""
    return set(re.findall(rf"{pbx.systemname}-\d+\.\d+", pbx.cli("core show channels concise")))


async def test_a_waiting_caller_is_seen_moved_and_heard_leaving(pbx):
    async with Stage(pbx) as stage:
        await stage.agent("101", answers_after=None)
        first = await stage.caller("5550100", "+15550150", "王小明")
        await stage.ami.event("QueueCallerJoin", 10)
        await stage.caller("5550100", "+15550151", "José".encode("latin-1"))
        await stage.ami.event("QueueCallerJoin", 10, CallerIDNum="+15550151")

        async with linked(pbx.host, pbx.ami_port) as (link, told):
            await until(is_up(link))
            snapshot = of(s.SnapshotTaken, told)[-1]
            assert {channel.channel for channel in snapshot.channels} == uniqueids(pbx)
            assert [caller.number for caller in snapshot.callers] == ["+15550150", "+15550151"]
            names = [caller.caller_name for caller in snapshot.callers]
            assert names == ["王小明", "Jos\N{REPLACEMENT CHARACTER}"]  # Asterisk 22 itself replaces the byte
            assert {member.agent for member in snapshot.members} == {"101", "102", "103", "104", "105", "106"}
            assert of(s.SwitchBooted, told)[0].uptime < 60

            second = snapshot.callers[1]
            await link.switch.change_priority(second.queue, second.name, snapshot.callers[0].priority + 1)
            moved = await link.switch.snapshot()
            assert [caller.number for caller in moved.callers] == ["+15550151", "+15550150"]
            with pytest.raises(SwitchRefused):
                await link.switch.change_priority(second.queue, "PJSIP/nobody-1", 1)

            await link.switch.pause("PJSIP/101", True, "ACW")
            await until(
                lambda: any(member.paused and member.reason == "ACW" for member in of(s.MemberSeen, told))
            )

            await first.hang_up()
            gone = snapshot.callers[0].channel
            await until(lambda: any(closed.channel == gone for closed in of(s.ChannelClosed, told)))
            assert gone in {left.channel for left in of(s.QueueLeft, told)}
            traffic = link.traffic
            assert (traffic.gaps, traffic.quarantined, traffic.malformed, traffic.failures) == (0, 0, 0, 0)
            assert traffic.unexpected == 0, [kept.frame for kept in traffic.kept]
            assert 0 <= link.lag < 1


async def test_a_caller_who_writes_headers_is_set_aside_and_still_seen(pbx):
    async with linked(pbx.host, pbx.ami_port) as (link, told), Stage(pbx) as stage:
        await until(is_up(link))
        await stage.agent("101", answers_after=None)
        await stage.caller("5550100", "100%0D%0AUniqueid%3A%20victim%0D%0AX%3A%20")
        await until(lambda: link.traffic.quarantined > 0)
        await until(lambda: any(taken.channels for taken in of(s.SnapshotTaken, told)))
        seen = [taken for taken in of(s.SnapshotTaken, told) if taken.channels][-1]
        assert {channel.channel for channel in seen.channels} == uniqueids(pbx)
        await until(lambda: any(taken.callers for taken in of(s.SnapshotTaken, told)))
        queued = [taken for taken in of(s.SnapshotTaken, told) if taken.callers][-1].callers
        assert {caller.channel for caller in queued} <= uniqueids(pbx)
        assert queued[0].priority > 100_000_000
        assert "victim" not in {getattr(signal, "channel", None) for signal in told}
        assert "victim" not in repr((seen, queued))


async def test_a_switch_that_dies_and_one_that_freezes(pbx):
    async with linked(pbx.host, pbx.ami_port, ping_seconds=0.3) as (link, told):
        await until(is_up(link))
        boots = len(of(s.SwitchBooted, told))

        os.kill(pbx.pid, signal.SIGSTOP)
        try:
            await until(lambda: of(s.LinkLost, told), 3)
            assert "silent" in of(s.LinkLost, told)[0].reason
        finally:
            os.kill(pbx.pid, signal.SIGCONT)
        await until(is_up(link))
        await until(lambda: len(of(s.SwitchBooted, told)) > boots)
        before = of(s.SwitchBooted, told)[-1].uptime

        await asyncio.to_thread(pbx.kill)
        await until(lambda: len(of(s.LinkLost, told)) == 2, 3)
        await asyncio.to_thread(pbx.start_again)
        await until(is_up(link))
        await until(lambda: of(s.SwitchBooted, told)[-1].uptime <= before + 1)
        assert of(s.MessagesMissed, told) == []
        assert link.traffic.cut == 0


async def test_a_wrong_secret_is_a_state(pbx):
    async with linked(pbx.host, pbx.ami_port, secret="wrong") as (link, told):
        await until(lambda: link.state is LinkState.LOGIN_REFUSED)
        assert "CTI_AMI__USERNAME" in link.reason
        assert told == []


async def test_the_simulator_is_heard_like_the_real_switch(tmp_path):
    scenario = Scenario(
        queues=(ScriptedQueue("support"),),
        agents=(ScriptedAgent("101", ("support",), answers_after=0.5),),
        calls=tuple(ScriptedCall(at=n, number=f"+1555015{n}", queue="support", talk=1.0) for n in range(3)),
        length=8.0,
    )
    async with (
        SimulatedSwitch(tmp_path, scenario=scenario, speed=4) as switch,
        linked("127.0.0.1", switch.ami_port) as (link, told),
    ):
        await until(is_up(link))
        await switch.play(scenario)
        await until(lambda: len(of(s.AgentFinished, told)) == 3)
        assert len(of(s.QueueJoined, told)) == len(of(s.AgentAnswered, told)) == 3
        snapshot = await link.switch.snapshot()
        assert [member.agent for member in snapshot.members] == ["101"]
        traffic = link.traffic
        assert (traffic.gaps, traffic.quarantined, traffic.malformed, traffic.unexpected) == (0, 0, 0, 0)
