"""Plays a scripted scenario on a real switch: SIPp callers, SIPp desk phones, and a conductor that listens on AMI."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import BinaryIO, Self

from simulator.scenario import EndedBy, Scenario, ScriptedCall, ScriptedTransfer
from tools.pbx import Pbx
from tools.sip.ami import AmiLine, AmiRefused, Frame
from tools.sip.phones import SippAgent, SippCaller, SippConsult
from tools.sip.stage import did, prepare

At = Callable[[float], Awaitable[None]]
SETTLE = 1.0  # the switch's last words about a call come shortly after it


class Bridges:
    """Who talks to whom right now, by the switch's BridgeEnter and BridgeLeave."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}  # channel -> bridge

    def hear(self, frame: Frame) -> None:
        if frame["Event"] == "BridgeEnter":
            self._of[frame["Channel"]] = frame["BridgeUniqueid"]
        elif frame["Event"] == "Hangup" or (
            frame["Event"] == "BridgeLeave" and self._of.get(frame["Channel"]) == frame["BridgeUniqueid"]
        ):
            self._of.pop(frame["Channel"], None)

    def peers(self, channel: str) -> list[str]:
        bridge = self._of.get(channel)
        return (
            [other for other, its in self._of.items() if its == bridge and other != channel] if bridge else []
        )


class Stage:
    """Phones, the harness' AMI line and what it has heard; `async with Stage(pbx)`."""

    def __init__(self, pbx: Pbx, tap: BinaryIO | None = None) -> None:
        self.pbx = pbx
        self.ami = AmiLine(tap)
        self.agents: dict[str, SippAgent] = {}
        self.bridges = Bridges()
        self._call_ids: dict[str, str] = {}
        self._phones: list[SippAgent | SippCaller | SippConsult] = []

    async def __aenter__(self) -> Self:
        await self.ami.open(self.pbx.host, self.pbx.ami_port, Pbx.HARNESS, Pbx.HARNESS)
        self.ami.listen(self.bridges.hear)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(phone.stop() for phone in self._phones))
        await self.ami.close()

    async def agent(
        self,
        name: str,
        *,
        answers_after: float | None = 1.0,
        sound: int | Path = 660,
        says: Mapping[str, Path] | None = None,
    ) -> SippAgent:
        phone = SippAgent(self.pbx, name, answers_after=answers_after, sound=sound, says=says)
        self._phones.append(phone)
        await phone.start()
        self.agents[name] = phone
        return phone

    async def caller(
        self,
        dialled: str,
        number: str = "",
        name: str | bytes = "",
        *,
        sound: int | Path = 440,
        says: Mapping[str, Path] | None = None,
    ) -> SippCaller:
        phone = SippCaller(self.pbx, dialled, number, name, sound=sound, says=says)
        self._phones.append(phone)
        await phone.start()
        return phone

    async def consult(self, agent: str, to: str) -> SippConsult:
        phone = SippConsult(self.pbx, agent, to)
        self._phones.append(phone)
        await phone.start()
        return phone

    async def channel(self, call_id: str, technology: str, timeout: float = 30.0) -> str:
        """The name of the channel of a SIP dialogue; `technology` is how such names begin."""

        def fits(frame: Frame) -> bool:
            return frame["Event"] == "Newchannel" and frame["Channel"].startswith(technology)

        seen = -1
        while True:
            seen = await self.ami.number(fits, timeout, seen + 1)
            if await self._call_id(name := self.ami.events[seen]["Channel"]) == call_id:
                return name

    async def _call_id(self, channel: str) -> str:
        """The Call-ID behind a channel, asked once; empty when the channel has gone."""
        if not self._call_ids.get(channel):
            with contextlib.suppress(AmiRefused):
                self._call_ids[channel] = await self.ami.variable(channel, "CHANNEL(pjsip,call-id)")
        return self._call_ids.get(channel, "")

    async def do(self, channel: str, what: str, *, to: str = "") -> None:
        """Let the phone behind an agent's channel do something in that call."""
        self.agents[_agent(channel)].tell(what, call_id=await self._call_id(channel), to=to)

    async def together(self, phone: SippCaller, channel: str, what: str) -> None:
        """Let the caller and the agent behind `channel` do it at the same moment."""
        call_id = await self._call_id(channel)
        phone.tell(what)
        self.agents[_agent(channel)].tell(what, call_id=call_id)

    async def blind(self, channel: str, to: str) -> None:
        """The agent behind `channel` passes the caller on at once, by REFER."""
        await self.do(channel, "refer", to=f"sip:{to}@{self.pbx.host}:{self.pbx.sip_port}")

    async def attended(self, channel: str, to: str, consult: float) -> None:
        """The agent holds, calls `to`, talks for `consult` seconds, and joins both, by REFER with Replaces."""
        agent = _agent(channel)
        await self.do(channel, "hold")
        phone = await self.consult(agent, to)
        second = await self.channel(phone.call_id, f"PJSIP/{agent}-")
        await self.ami.until(lambda frame: _is_up(frame, second))
        await asyncio.sleep(consult)
        local = await self.ami.variable(second, "CHANNEL(pjsip,local_tag)")
        remote = await self.ami.variable(second, "CHANNEL(pjsip,remote_tag)")
        replaces = f"{phone.call_id.replace('@', '%40')}%3Bto-tag%3D{local}%3Bfrom-tag%3D{remote}"
        await self.do(
            channel, "refer", to=f"sip:{to}@{self.pbx.host}:{self.pbx.sip_port}?Replaces={replaces}"
        )

    def agent_of(self, channel: str) -> str | None:
        """The channel of the agent who talks to the caller on `channel`."""
        names = (peer for peer in self.bridges.peers(channel) if peer.startswith("PJSIP/"))
        return next((peer for peer in names if not peer.startswith("PJSIP/trunk-")), None)

    async def call(self, script: ScriptedCall) -> None:
        """One scripted caller from the first ring to the last."""
        start = len(self.ami.events)
        phone = await self.caller(did(script.queue), script.number, script.name)
        channel = await self.channel(phone.call_id, "PJSIP/trunk-")
        answered = asyncio.ensure_future(self.ami.event("AgentConnect", 86400, start, Channel=channel))
        gone = asyncio.ensure_future(phone.ended(86400))
        try:
            await asyncio.wait({answered, gone}, timeout=script.patience, return_when=asyncio.FIRST_COMPLETED)
            if answered.done():
                await self._talk(script, channel, phone, answered.result()["DestChannel"])
            elif not gone.done():
                phone.tell("bye")
            with contextlib.suppress(TimeoutError):
                await phone.ended(3.0)
        finally:
            answered.cancel()
            gone.cancel()

    async def _talk(self, script: ScriptedCall, channel: str, phone: SippCaller, agent: str) -> None:
        clock = asyncio.get_running_loop().time
        begin = clock()

        async def at(seconds: float) -> None:
            await asyncio.sleep(max(0.0, begin + seconds - clock()))

        steps = asyncio.ensure_future(self._meanwhile(script, channel, agent, at))
        gone = asyncio.ensure_future(phone.ended(86400))
        try:
            await asyncio.wait({gone}, timeout=max(0.0, begin + script.talk - clock()))
            if gone.done():
                return
            last = self.agent_of(channel) if script.ended_by is EndedBy.AGENT else None
            if last:
                await self.do(last, "bye")
            else:
                phone.tell("bye")
        finally:
            steps.cancel()
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await steps

    async def _meanwhile(self, script: ScriptedCall, channel: str, agent: str, at: At) -> None:
        if script.hold and (not script.transfer or script.hold[0] < script.transfer.after):
            await self._hold(script.hold, agent, at)
        if script.transfer:
            await at(script.transfer.after)
            await self._transfer(
                script.transfer, self.agent_of(channel) or agent
            )  # a Local member has stepped aside

    async def _hold(self, hold: tuple[float, float], agent: str, at: At) -> None:
        await at(hold[0])
        await self.do(agent, "hold")
        await at(sum(hold))
        await self.do(agent, "resume")

    async def _transfer(self, transfer: ScriptedTransfer, agent: str) -> None:
        if transfer.kind == "blind":
            await self.blind(agent, transfer.to)
        else:
            await self.attended(agent, transfer.to, transfer.consult)


def _agent(channel: str) -> str:
    return channel.removeprefix("PJSIP/").rpartition("-")[0]


def _is_up(frame: Frame, channel: str) -> bool:
    return frame["Event"] == "Newstate" and frame["Channel"] == channel and frame["ChannelStateDesc"] == "Up"


async def play(scenario: Scenario, pbx: Pbx, tap: BinaryIO | None = None) -> list[Frame]:
    """Play it to the end; `tap` gets the raw AMI bytes of the harness' session, whose events are returned."""
    prepare(scenario, pbx)
    async with Stage(pbx, tap) as stage:
        for agent in scenario.agents:
            await stage.agent(agent.name, answers_after=agent.answers_after)
        clock = asyncio.get_running_loop().time
        begin = clock()

        async def perform(script: ScriptedCall) -> None:
            await asyncio.sleep(max(0.0, begin + script.at - clock()))
            await stage.call(script)

        calls = [asyncio.ensure_future(perform(script)) for script in scenario.calls]
        done, late = await asyncio.wait(calls, timeout=scenario.length) if calls else (set(), set())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            task.result()
        await asyncio.sleep(SETTLE)
        return stage.ami.events
