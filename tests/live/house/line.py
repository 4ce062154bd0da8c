"""Callers to one queue by the names of their tiers, and what the switch says about their places."""

import asyncio
import time
from collections.abc import Sequence

from simulator.scenario import Scenario, ScriptedAgent, ScriptedQueue
from tests.live.switch import SippCaller, Stage, site_for

BASELINE = 2_000_000_000 + 1_767_225_600
TIERS = {"platinum": 600, "gold": 300, "iron": 0, "lead": 0}
NUMBERS = {
    f"{tier} {place}": f"+1202555{place}{shift:03}"
    for place in range(3)
    for shift, tier in enumerate(TIERS, 110)
}
BOOK = "name,tier,numbers\n" + "".join(
    f"{who},{who.split()[0]},{number}\n" for who, number in NUMBERS.items()
)
SITE = site_for(
    Scenario(
        (ScriptedQueue("support", "rrmemory", join_empty=False),),
        (ScriptedAgent("101", ("support",)),),
        (),
        0,
    )
)


class Line:
    """Callers to support, and what the switch says about them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.phones: dict[str, SippCaller] = {}
        self.channels: dict[str, str] = {}
        self.ids: dict[str, str] = {}

    async def joins(self, who: str) -> None:
        """Calls and stands in line."""
        since = len(self.stage.ami.events)
        self.phones[who] = await self.stage.caller("5550100", NUMBERS[who])
        joined = await self.stage.ami.event("QueueCallerJoin", 30, since, CallerIDNum=NUMBERS[who])
        self.channels[who], self.ids[who] = joined["Channel"], joined["Uniqueid"]

    async def is_answered(self, who: str, since: int = 0) -> None:
        await self.stage.ami.event("AgentConnect", 30, since, Channel=self.channels[who])

    async def waiting(self) -> list[str]:
        """In the order of service."""
        start = len(self.stage.ami.events)
        await self.stage.ami.action("QueueStatus", Queue="support")
        end = await self.stage.ami.number(lambda event: event["Event"] == "QueueStatusComplete", 30, start)
        entries = [event for event in self.stage.ami.events[start:end] if event["Event"] == "QueueEntry"]
        names = {channel: who for who, channel in self.channels.items()}
        return [names[entry["Channel"]] for entry in sorted(entries, key=lambda one: int(one["Position"]))]

    async def head_start(self, who: str) -> int:
        """Seconds the server gave when the dialplan asked it; a later correction does not show here."""
        variable = self.stage.ami.variable
        given = int(await variable(self.channels[who], "QUEUE_PRIO"))
        return given - BASELINE + int(await variable(self.channels[who], "CTI_JOINED"))


async def in_order(line: Line, wanted: Sequence[str], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while (there := await line.waiting()) != wanted:
        assert time.monotonic() < deadline, there
        await asyncio.sleep(0.1)
