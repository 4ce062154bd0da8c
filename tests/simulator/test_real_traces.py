"""The simulator against the real switch: the same scene gives the same ledger, the same events, the same headers."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from simulator.scenario import EndedBy, ScriptedAgent, ScriptedCall, ScriptedQueue, ScriptedTransfer
from simulator.switch import SimulatedSwitch
from tests.simulator.tap import ACTIONS, Tap, events, frames, ledger

TRACES = Path(__file__).resolve().parents[1] / "traces"
QUEUES = {
    "support": (ScriptedQueue("support", ring=4.0, join_empty=False), ("101", "102", "103", "104")),
    "sales": (ScriptedQueue("sales", ring=10.0, join_empty=False), ("103", "104", "105", "106")),
    "team": (ScriptedQueue("team", "ringall", join_empty=False), ("101", "102", "103")),
    "small": (ScriptedQueue("small", max_length=1, timeout=4.0, join_empty=False), ("104",)),
}
ANNA, BERND, CLARA = ("+15550140", "Anna Aalto"), ("+15550141", "Bernd Boll"), ("+15550142", "Clara Cruz")


@dataclass
class Scene:
    agents: dict[str, float | None]
    calls: tuple[ScriptedCall, ...] = ()
    act: Callable[[SimulatedSwitch, Tap], Awaitable[None]] | None = None
    length: float = 20.0


def by(who: tuple[str, str | bytes], queue: str = "support", at: float = 0.1, **more) -> ScriptedCall:
    return ScriptedCall(at=at, number=who[0], name=who[1], queue=queue, **{"talk": 3.0, **more})


async def pauses(switch: SimulatedSwitch, tap: Tap) -> None:
    pause = {"Interface": "PJSIP/101"}
    await tap.action("QueuePause", **pause, Queue="support", Paused="true", Reason="Lunch")
    await tap.action("QueuePause", **pause, Queue="support", Paused="false")
    await tap.action("QueuePause", **pause, Paused="true", Reason="ACW")
    caller = switch.call(by(ANNA))
    while not caller.ended:
        await switch.clock.sleep(0.1)
    await tap.action("QueuePause", **pause, Paused="true", Reason="Training")
    await tap.action("QueuePause", **pause, Paused="false")


async def waiting_behind_pause(switch: SimulatedSwitch, tap: Tap) -> None:
    await tap.action("QueuePause", Interface="PJSIP/101", Paused="true", Reason="Lunch")
    switch.call(by(ANNA, patience=3.2))
    await switch.clock.sleep(4)
    await tap.action("QueuePause", Interface="PJSIP/101", Paused="false")


def redirect(after: float) -> Callable[[SimulatedSwitch, Tap], Awaitable[None]]:
    async def act(switch: SimulatedSwitch, tap: Tap) -> None:
        caller = switch.call(by(ANNA, talk=100.0))
        await switch.clock.sleep(after)
        goal = {"Context": "from-agents", "Exten": "102", "Priority": "1"}
        assert (await tap.action("Redirect", Channel=caller.channel.name, **goal))["Response"] == "Success"
        await switch.clock.sleep(3.5)
        caller.hang_up()

    return act


async def withdraw(switch: SimulatedSwitch, tap: Tap) -> None:
    caller = switch.call(by(ANNA))
    await switch.clock.sleep(2)
    await tap.action(
        "QueueWithdrawCaller", Queue="support", Caller=caller.channel.name, WithdrawInfo="callback"
    )


async def key_exit(switch: SimulatedSwitch, _: Tap) -> None:
    caller = switch.call(by(ANNA))
    await switch.clock.sleep(2.1)
    caller.press("1")


async def consult_and_return(switch: SimulatedSwitch, _: Tap) -> None:
    caller = switch.call(by(ANNA, talk=5.2, transfer=ScriptedTransfer("attended", "102", 1.0, consult=60.0)))
    await switch.clock.sleep(4.6)
    switch.exchange.hang_up(switch.exchange.phone("101").channels[1])
    assert not caller.ended


async def overtaking(switch: SimulatedSwitch, tap: Tap) -> None:
    switch.call(by(ANNA, talk=3.4, ended_by=EndedBy.AGENT))
    await switch.clock.sleep(1.2)
    switch.call(by(BERND, talk=2.0))
    await switch.clock.sleep(1.3)
    clara = switch.call(by(CLARA, talk=2.0))
    await switch.clock.sleep(1)
    await tap.action("QueueChangePriorityCaller", Queue="support", Caller=clara.channel.name, Priority="2000000000",
                     Immediate="yes")  # fmt: skip


async def two_holds(switch: SimulatedSwitch, _: Tap) -> None:
    caller = switch.call(by(ANNA, talk=6.0))
    agent = switch.exchange.phone("101")
    for _ in range(2):
        await switch.clock.sleep(1.8)
        conversation = caller.channel.activity
        conversation.hold(agent.channels[0])
        await switch.clock.sleep(0.7)
        conversation.unhold(agent.channels[0])


def transfer(kind: str, to: str, consult: float = 0.0) -> ScriptedTransfer:
    return ScriptedTransfer(kind, to, 2.0, consult)


AGENT = EndedBy.AGENT
ONE, TWO = {"101": 1.0}, {"101": 1.0, "102": 1.0}
SCENES = {
    "answered_caller_ends": Scene(ONE, (by(ANNA),)),
    "answered_agent_ends_varset": Scene(ONE, (by(ANNA, ended_by=AGENT),)),
    "abandoned_waiting": Scene(ONE, act=waiting_behind_pause),
    "abandoned_ringing_varset": Scene({"101": None}, (by(ANNA, patience=2.5),)),
    "queue_timeout_varset": Scene({"104": None}, (by(ANNA, "small"),)),
    "ringnoanswer_then_second": Scene({"101": None, "102": 1.0}, (by(ANNA, ended_by=AGENT),)),
    "join_empty_varset": Scene({}, (by(ANNA),)),
    "queue_full": Scene({"104": None}, (by(ANNA, "small", patience=3.0), by(BERND, "small", 1.0))),
    "ring_all_varset": Scene({"101": None, "102": 1.5, "103": None}, (by(ANNA, "team"),)),
    "ring_all_abandoned": Scene(dict.fromkeys(("101", "102", "103")), (by(ANNA, "team", patience=2.0),)),
    "pauses": Scene(TWO, act=pauses),
    "blind_to_agent": Scene(TWO, (by(ANNA, talk=7.0, transfer=transfer("blind", "102")),)),
    "blind_to_queue_varset": Scene(
        {"101": 1.0, "103": 1.0}, (by(ANNA, talk=7.0, transfer=transfer("blind", "sales")),)
    ),
    "redirect_talking_varset": Scene(TWO, act=redirect(3.1)),
    "redirect_waiting": Scene({"101": None, "102": 1.0}, act=redirect(2.0)),
    "attended_to_agent": Scene(TWO, (by(ANNA, talk=10.0, transfer=transfer("attended", "102", 2.0)),)),
    "attended_to_queue_varset": Scene(
        {"101": 1.0, "103": 1.0}, (by(ANNA, talk=11.0, transfer=transfer("attended", "sales", 3.0)),)
    ),
    "attended_to_queue_waiting": Scene(
        {"101": 1.0, "103": 4.0}, (by(ANNA, talk=11.0, transfer=transfer("attended", "sales", 1.5)),)
    ),
    "holds": Scene(ONE, act=two_holds),
    "consult_and_return_varset": Scene(TWO, act=consult_and_return),
    "key_exit_varset": Scene({"101": None}, act=key_exit),
    "withdraw": Scene({"101": None}, act=withdraw),
    "overlapping": Scene(TWO, (by(ANNA, talk=4.0), by(BERND, at=0.8, talk=3.0, ended_by=AGENT))),
    "overtaking": Scene(ONE, act=overtaking),
    "chinese_name_varset": Scene(ONE, (by(("+15550143", "王小明")),)),
    "latin1_name": Scene(ONE, (by(("+15550144", "José Muñoz".encode("latin-1"))),)),
    "anonymous": Scene(ONE, (by(("", "")),)),
}


_played: dict[str, tuple[bytes, str]] = {}


async def played(name: str, folder: Path) -> tuple[bytes, str]:
    """The bytes an event account hears and the ledger the scene leaves; played once for all tests."""
    if name not in _played:
        _played[name] = await play(SCENES[name], folder)
    return _played[name]


async def play(scene: Scene, folder: Path) -> tuple[bytes, str]:
    async with SimulatedSwitch(folder, speed=60, systemname="tierline", epoch=1795317060.0) as switch:
        for settings, _ in QUEUES.values():
            switch.add_queue(settings)
        for name in ("101", "102", "103", "104", "105", "106"):
            queues = tuple(queue for queue, (_, members) in QUEUES.items() if name in members)
            switch.add_agent(ScriptedAgent(name, queues, scene.agents.get(name)))
        async with Tap(switch.ami_port) as tap, Tap(switch.ami_port, ACTIONS) as actions:
            for name in ("101", "102", "103", "104", "105", "106"):
                if name not in scene.agents:
                    switch.unplug(name)
            tap.raw = tap.raw[: tap.raw.find(b"\r\n") + 2]
            begin = -(-switch.clock.now() // 1)
            await switch.clock.sleep(begin + 0.18 - switch.clock.now())  # as real calls, not on the dot
            for script in scene.calls:
                switch.clock.after(script.at, partial(switch.call, script))
            if scene.act is not None:
                await scene.act(switch, actions)
            await switch.clock.sleep(scene.length)
            await asyncio.sleep(0.05)
        return tap.raw, switch.queue_log.read_text(encoding="utf-8")


def close(ours: list[str], theirs: list[str]) -> bool:
    """Equal, numbers of seconds within one, of milliseconds within 150."""
    if len(ours) != len(theirs):
        return False
    for mine, real in zip(ours, theirs, strict=True):
        fields = list(zip(mine.split("|"), real.split("|"), strict=False))
        if mine.count("|") != real.count("|"):
            return False
        for one, other in fields:
            both_numbers = re.fullmatch(r"\d{1,5}", one) and re.fullmatch(r"\d{1,5}", other)
            if one != other and not (
                both_numbers and abs(int(one) - int(other)) <= (150 if int(other) > 600 else 1)
            ):
                return False
    return True


@pytest.mark.parametrize("name", SCENES)
async def test_same_ledger(name: str, tmp_path: Path) -> None:
    _, mine = await played(name, tmp_path)
    ours, theirs = ledger(mine), ledger((TRACES / name / "queue_log").read_text(encoding="utf-8"))
    assert close(ours, theirs), "\n".join(["ours:", *ours, "the real switch:", *theirs])


# What changes the meaning of a call, with the header that says how. Per channel, because Asterisk promises no more.
TELLING = {
    "Newchannel": "ChannelStateDesc", "Newstate": "ChannelStateDesc", "QueueCallerJoin": "Position",
    "QueueCallerAbandon": "OriginalPosition", "QueueCallerLeave": "Count", "AgentConnect": "MemberName",
    "BridgeEnter": "BridgeNumChannels", "BridgeLeave": "Uniqueid", "Hold": "Exten", "Unhold": "Exten",
    "Hangup": "Cause", "UserEvent": "UserEvent", "MixMonitorStart": "Exten", "MixMonitorStop": "Exten",
    "AgentRingNoAnswer": "RingTime", "AgentCalled": "MemberName",
}  # fmt: skip


def stories(raw: bytes) -> dict[str, list[str]]:
    """Channel by channel, in order of birth, what was told about it; member by member, which states it went through."""
    told: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for event in events(raw):
        kind = event["Event"]
        if kind == "Newchannel":
            base = event["Channel"].rpartition("-")[0] + event["Channel"].partition(";")[2]
            names[event["Channel"]] = f"{base} #{sum(each.startswith(base) for each in names.values()) + 1}"
        if kind in TELLING and event.get("Channel") in names:
            value = event[TELLING[kind]] if kind != "BridgeLeave" else "-"  # two threads, either first
            told.setdefault(names[event["Channel"]], []).append(f"{kind} {value}")
    return told


@pytest.mark.parametrize("name", SCENES)
async def test_same_events_in_the_same_order_on_each_channel(name: str, tmp_path: Path) -> None:
    mine, _ = await played(name, tmp_path)
    assert stories(mine) == stories((TRACES / name / "ami.raw").read_bytes())


def shapes(raw: bytes) -> dict[str, set[tuple[str, ...]]]:
    """The header names of each kind of event, in order."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for frame in frames(raw):
        if frame[0][0] == "Event" and dict(frame).get("SequenceNumber"):
            found.setdefault(frame[0][1], set()).add(tuple(key for key, _ in frame))
    return found


# Seen on a real switch when app_queue's thread was late and both channels were gone; none of the traces here has it.
BOTH_GONE = ("Queue", "Interface", "MemberName", "HoldTime", "TalkTime", "Reason")


async def test_every_event_has_the_headers_of_the_real_one_in_the_same_order(tmp_path: Path) -> None:
    real: dict[str, set[tuple[str, ...]]] = {}
    for path in sorted(TRACES.glob("*/ami.raw")):
        for kind, seen in shapes(path.read_bytes()).items():
            real.setdefault(kind, set()).update(seen)
    strange = []
    for name in SCENES:
        mine, _ = await played(name, tmp_path / name)
        for kind, seen in shapes(mine).items():
            strange += [
                (name, kind, shape)
                for shape in seen - real.get(kind, set())
                if (kind, shape[8:]) != ("AgentComplete", BOTH_GONE)
            ]
    assert strange == []


async def test_privilege_and_source_line_are_the_real_ones(tmp_path: Path) -> None:
    def origins(raw: bytes) -> dict[str, tuple[str, ...]]:
        keys = ("Privilege", "File", "Line", "Func")
        return {event["Event"]: tuple(event[key] for key in keys) for event in events(raw)}

    real: dict[str, tuple[str, ...]] = {}
    for path in sorted(TRACES.glob("*/ami.raw")):
        real |= origins(path.read_bytes())
    for name in ("attended_to_queue_varset", "holds", "pauses", "ringnoanswer_then_second", "queue_full"):
        mine, _ = await played(name, tmp_path / name)
        assert origins(mine).items() <= real.items()
