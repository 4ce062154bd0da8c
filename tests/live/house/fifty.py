"""Fifty recorded calls: what is planned for each, and the people and telephones that carry it out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Page

from simulator.scenario import Scenario, ScriptedAgent, ScriptedQueue
from tests.live.house.dialogues import DIALOGUES, silence, spoken
from tests.live.house.installation import House
from tests.live.switch import SippCaller, Stage, did, site_for

RINGS = 0.3  # seconds
AT_ONCE = 8  # conversations
AFTER = 0.7  # seconds that a call goes on when all is said
PATIENCE = 120.0  # seconds, for what a loaded machine does late

PAGE, PROGRAM, HANDS_ON = (
    "101",
    "102",
    "107",
)  # who pauses on the page, over HTTP, and who passes calls on over HTTP
COLLEAGUES = ("105", "106")  # take what is passed on, and no queue calls
SERVE = {
    "101": ("support", "desk"),
    "102": ("support", "program"),
    "103": ("support", "sales"),
    "104": ("support", "sales"),
    "105": ("sales",),
    "106": ("sales",),
    "107": ("hand",),
    "108": ("support",),
    "109": ("support",),
    "110": ("support",),
}
PITCH = {agent: 1000 + 90 * place for place, agent in enumerate(SERVE)}  # hertz, by which each is known
SITE = site_for(
    Scenario(
        tuple(ScriptedQueue(name, "rrmemory", ring=15.0) for name in ("support", "sales", "desk", "program", "hand")),
        tuple(ScriptedAgent(name, queues, answers_after=RINGS) for name, queues in SERVE.items()),
        (),
        0,
    )
)  # fmt: skip
SITE["pjsip.conf"] += "\n[200](+type=endpoint,desk-phone)"
FORBIDDEN = ("+12025558801", "+12025558802")
EXCLUDE = f"""
exclude:
  - reason: no_consent
    because: These customers do not want to be recorded.
    numbers: {list(FORBIDDEN)}
""".replace("'", '"')


@dataclass
class Call:
    """One caller: what is planned, and what the switch told the test of it. Mutes in seconds since 1970."""

    number: str
    hertz: int
    dialogue: str = "chat"
    queue: str = "support"
    does: str = "talks"
    state: str = "stored"
    reason: str = ""
    agent_ends: bool = False
    phone: SippCaller | None = None
    answered_at: float = 0.0  # by the loop's clock, by whom he talks to
    channel: str = ""
    uniqueid: str = ""
    leg: str = ""  # the channel of the agent he talks to
    agents: list[str] = field(default_factory=list)  # whom he talked to, in order
    files: list[str] = field(default_factory=list)
    mutes: list[tuple[float, float]] = field(default_factory=list)


async def until(there: Callable[[], Any], seconds: float = PATIENCE, *, every: float = 0.1) -> Any:
    """What it gives, once it gives something; asked in a thread."""
    async with asyncio.timeout(seconds):
        while not (found := await asyncio.to_thread(there)):
            await asyncio.sleep(every)
        return found


class Shift:
    """Whoever is at work while the calls come."""

    def __init__(self, house: House, stage: Stage, clients: dict[str, httpx.Client], page: Page) -> None:
        self.house, self.stage, self.clients, self.page = house, stage, clients, page
        self.incoming = house.pbx.monitor_dir
        self.sounds, self.witness, self.aside = (
            house.folder / name for name in ("sounds", "witness", "aside")
        )
        for folder in (self.sounds, self.witness, self.aside):
            folder.mkdir()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._free = {name: asyncio.Lock() for name in COLLEAGUES}

    async def agents_come(self) -> None:
        for agent in SERVE:
            await self.stage.agent(
                agent, answers_after=RINGS, sound=silence(self.sounds),
                says={name: spoken(self.sounds, "agent", name, PITCH[agent]) for name in DIALOGUES},
            )  # fmt: skip

    # the parts of a call

    async def comes(self, call: Call) -> None:
        """He calls, is answered, and both begin their conversation."""
        start = len(self.stage.ami.events)
        call.phone = await self.stage.caller(
            did(call.queue), call.number, sound=silence(self.sounds),
            says={call.dialogue: spoken(self.sounds, "customer", call.dialogue, call.hertz)},
        )  # fmt: skip
        joined = await self.stage.ami.event("QueueCallerJoin", PATIENCE, start, CallerIDNum=call.number)
        call.channel, call.uniqueid = joined["Channel"], joined["Uniqueid"]
        await self.is_answered(call, start)

    async def is_answered(self, call: Call, start: int) -> None:
        """By the next agent of a queue, from event number `start` on."""
        connect = await self.stage.ami.event("AgentConnect", PATIENCE, start, Channel=call.channel)
        await self.speaks_with(call, connect["MemberName"])
        for frame in self.stage.ami.events[start:]:
            if frame.get("UserEvent") == "CtiRecording" and frame["Uniqueid"] == call.uniqueid:
                call.files.append(frame["Recording"])
                await self._keeps(frame["Recording"])

    async def speaks_with(self, call: Call, agent: str) -> None:
        """Once these two and nobody else are together they begin; a second agent when the switch can hear him.

        Asterisk's recording drops packets that are numbered below those of who spoke before (its issue 507), and SIPp numbers from 0.
        """

        def together() -> bool:
            peers = self.stage.bridges.peers(call.channel)
            return len(peers) == 1 and peers[0].startswith(f"PJSIP/{agent}-")

        async with asyncio.timeout(PATIENCE):
            while not together():
                await asyncio.sleep(0.05)
        (call.leg,) = self.stage.bridges.peers(call.channel)
        now = asyncio.get_running_loop().time()
        if call.agents:
            await asyncio.sleep(now - call.answered_at + 0.5)
        call.answered_at = now
        call.agents.append(agent)
        await asyncio.sleep(0.5)
        assert call.phone is not None
        await self.stage.together(call.phone, call.leg, call.dialogue)

    async def _keeps(self, file: str) -> None:
        """Another name for each of the switch's files: what is in them can be heard when the server has taken them."""
        for half in self.halves(file):
            await until((self.incoming / half).exists)
            os.link(self.incoming / half, self.witness / half)

    def halves(self, file: str) -> list[str]:
        return [file.removesuffix("wav") + f"{lane}.wav" for lane in ("customer", "agent")]

    async def all_is_said(self, call: Call) -> None:
        await asyncio.sleep(DIALOGUES[call.dialogue].seconds + AFTER)

    async def hangs_up(self, call: Call) -> None:
        assert call.phone is not None
        if call.agent_ends:
            await self.stage.do(call.leg, "bye")
        else:
            call.phone.tell("bye")
        assert await call.phone.ended(PATIENCE) == 0

    async def ask(self, agent: str, path: str, **body: Any) -> None:
        answer = await asyncio.to_thread(self.clients[agent].post, path, json=body)
        assert answer.status_code in (200, 204), (path, answer.text)

    # what happens in calls

    async def whole(self, call: Call) -> None:
        """From the first ring to the last, as planned, when a line is free."""
        async with self._slots:
            await self.comes(call)
            await getattr(self, call.does)(call)
            await self.hangs_up(call)

    async def talks(self, call: Call) -> None:
        await self.all_is_said(call)

    async def is_paused(self, call: Call) -> None:
        await asyncio.sleep(2.0)
        since = await self.pauses(call, "1")
        await asyncio.sleep(3.0)
        call.mutes.append((since, await self.pauses(call, "0")))
        await asyncio.sleep(2.0)

    async def pauses(self, call: Call, state: str) -> float:
        """On the page, over HTTP, or by a step of the dialplan, as his agent does it; when the switch did it."""
        start, word = len(self.stage.ami.events), "pause" if state == "1" else "resume"
        if call.queue == "desk":
            await self.page.get_by_test_id(f"recording-{word}").click(timeout=PATIENCE * 1000)
        elif call.queue == "program":
            await self.ask(call.agents[-1], f"/control/{word}-recording")
        else:
            await self.stage.ami.action(
                "UserEvent", UserEvent="CtiRecordingPause", Uniqueid=call.uniqueid, Paused=state
            )
        told = await self.stage.ami.event("MixMonitorMute", 30, start, Channel=call.channel, State=state)
        return float(told["Timestamp"])

    async def is_passed_on_by_phone(self, call: Call) -> None:
        await self._is_passed_on(call, "105", lambda: self.stage.blind(call.leg, "105"))

    async def is_passed_on_by_phone_after_asking(self, call: Call) -> None:
        await self._is_passed_on(call, "105", lambda: self.stage.attended(call.leg, "105", 1.5))

    async def is_passed_on(self, call: Call) -> None:
        await self._is_passed_on(call, "106", lambda: self.ask(HANDS_ON, "/control/transfer", number="106"))

    async def is_passed_on_after_asking(self, call: Call) -> None:
        async def asks() -> None:
            start = len(self.stage.ami.events)
            await self.ask(HANDS_ON, "/control/consult", number="106")
            rung = await self.stage.ami.until(
                lambda one: one["Event"] == "Newchannel" and one["Channel"].startswith("PJSIP/106-"), 30, start
            )  # fmt: skip
            await self.stage.ami.event("BridgeEnter", 30, start, Channel=rung["Channel"])
            await asyncio.sleep(1.5)
            await self.ask(HANDS_ON, "/control/transfer")

        await self._is_passed_on(call, "106", asks)

    async def _is_passed_on(self, call: Call, to: str, how: Callable[[], Any]) -> None:
        await self.all_is_said(call)
        async with self._free[to]:
            await how()
            await self.speaks_with(call, to)
            await self.all_is_said(call)

    async def goes_into_another_queue(self, call: Call) -> None:
        await self.all_is_said(call)
        start = len(self.stage.ami.events)
        await self.ask(HANDS_ON, "/control/transfer", number="801")
        await self.is_answered(call, start)
        await self.all_is_said(call)

    async def loses_his_recording(self, call: Call) -> None:
        """Somebody deletes it while it is written."""
        await self.all_is_said(call)
        for half in self.halves(call.files[0]):
            (self.incoming / half).unlink()

    async def is_spoilt(self, call: Call) -> None:
        """His files are out of the server's sight when the call ends, and come back not as they were."""
        await self.all_is_said(call)
        file = call.files[0]
        for half in self.halves(file):
            (self.incoming / half).rename(self.aside / half)
        await self.hangs_up(call)
        await until((self.incoming / f"{file}.done").exists)
        for half in self.halves(file):
            SPOILT[call.does](self.aside / half)
            if (self.aside / half).exists():
                (self.aside / half).rename(self.incoming / half)

    is_truncated = is_header_only = is_promised_more = loses_one_voice = is_spoilt


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size * 3 // 5)


def _emptied(file: Path) -> None:
    """A header as the switch writes it first: no sound yet."""
    head = bytearray(file.read_bytes()[:44])
    head[4:8], head[40:44] = (36).to_bytes(4, "little"), bytes(4)
    os.truncate(file, 0)
    file.write_bytes(head)


def _beheaded(file: Path) -> None:
    """The header of a whole file, and no sound behind it."""
    os.truncate(file, 44)


def _agent_lost(file: Path) -> None:
    if file.name.endswith(".agent.wav"):
        file.unlink()


SPOILT = {
    "is_truncated": _cut,
    "is_header_only": _emptied,
    "is_promised_more": _beheaded,
    "loses_one_voice": _agent_lost,
}
