"""The scene on the real Asterisk: SIPp callers, about one a second, and four desk phones."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from simulator.scenario import EndedBy, Scenario, ScriptedAgent, ScriptedCall, ScriptedQueue, ScriptedTransfer
from tests.faults.ears import AmiEar
from tests.faults.scene import Scene, quietly
from tests.live.switch import Pbx, Stage, site_for

CALLERS = 0.9  # a second
LONGEST = 60.0  # seconds the last caller may take to be gone
AGENTS = ("101", "102", "103", "104")
SITE = site_for(
    Scenario(
        (
            ScriptedQueue("support", "rrmemory", ring=3.0),
            ScriptedQueue("sales", "rrmemory", ring=3.0, timeout=15.0),
        ),
        tuple(
            ScriptedAgent(name, ("support", "sales") if name in {"103", "104"} else ("support",))
            for name in AGENTS
        ),
        (),
        0,
    )
)


class Real(Scene):
    where: ClassVar[str] = "Asterisk 22"

    def of_the_switch(self) -> Mapping[str, str]:
        self.pbx = Pbx(site=SITE, cti_server=f"127.0.0.1:{self.agi.port}")
        self.ami.target = self.pbx.ami_port
        return {
            "CTI_RECORDINGS__INCOMING": str(self.pbx.monitor_dir),
            "CTI_LEDGER__FILE": str(self.pbx.queue_log),
            "CTI_LEDGER__CEL": str(self.pbx.cel),
            "CTI_LEDGER__CDR": str(self.pbx.cdr),
        }

    async def _raise_switch(self) -> None:
        self._stack.callback(self.pbx.stop)
        await asyncio.to_thread(self.pbx.start)
        await self._stack.enter_async_context(AmiEar(self.pbx, self.folder / "ami.raw"))
        self._people: contextlib.AsyncExitStack | None = None
        self._stack.push_async_callback(self.part)
        self._calls: set[asyncio.Task[None]] = set()
        self._calling: asyncio.Task[None] | None = None
        self._count = 0

    async def begin(self) -> None:
        self._people = contextlib.AsyncExitStack()
        self.stage = await self._people.enter_async_context(Stage(self.pbx))
        await asyncio.gather(
            *(self.stage.agent(name, answers_after=self.luck.uniform(0.4, 1.2)) for name in AGENTS)
        )
        self._calling = asyncio.ensure_future(self._come(self.stage))

    async def end(self) -> int:
        await self._no_more()
        if self._calls:
            await asyncio.wait(self._calls, timeout=LONGEST)
        await self.part()
        return self._count

    async def part(self) -> None:
        """Everybody goes home at once; whoever is talking hangs up."""
        await self._no_more()
        for task in self._calls:
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        people, self._people = self._people, None
        if people is not None:
            await quietly(people.aclose())
        # a telephone that is gone says no goodbye: the switch is told
        await quietly(asyncio.to_thread(self.pbx.cli, "channel request hangup all"))

    async def _no_more(self) -> None:
        if self._calling is not None:
            self._calling.cancel()
            await asyncio.gather(self._calling, return_exceptions=True)

    async def _come(self, stage: Stage) -> None:
        while True:
            await asyncio.sleep(self.luck.expovariate(CALLERS))
            task = asyncio.ensure_future(quietly(stage.call(self._caller())))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    def _caller(self) -> ScriptedCall:
        luck = self.luck
        self._count += 1
        lot = luck.random()
        transfer = ScriptedTransfer("blind", luck.choice(("sales", "support")), 1.2) if lot < 0.08 else None
        if 0.08 <= lot < 0.12:
            transfer = ScriptedTransfer("attended", "sales", 1.2, 1.0)
        return ScriptedCall(
            at=0.0,
            number=f"+1202555{100 + self._count % 9000:04}",
            queue=luck.choice(("support", "support", "sales")),
            patience=luck.uniform(0.5, 3.0) if luck.random() < 0.15 else 25.0,
            talk=luck.uniform(1.5, 4.0) + (4.0 if transfer else 0.0),
            hold=(0.5, 0.7) if transfer is None and luck.random() < 0.15 else None,
            ended_by=EndedBy.AGENT if luck.random() < 0.4 else EndedBy.CALLER,
            transfer=transfer,
        )

    def ledgers(self) -> Sequence[tuple[str, Path]]:
        return [
            *((file.name, file) for file in self.pbx.log_dir.glob("queue_log*")),
            ("cel.csv", self.pbx.cel),
            ("cdr.csv", self.pbx.cdr),
            ("ami.raw", self.folder / "ami.raw"),
        ]

    # --- the switch under fault ------------------------------------------------------------------------------

    async def fall(self, how: Any) -> None:
        """The switch dies by `how` (`pbx.kill`, `pbx.halt`), comes back, and people come again."""
        await asyncio.to_thread(how)
        await self.part()
        await asyncio.to_thread(self.pbx.start_again)
        await self.begin()

    async def manager(self, text: str) -> None:
        """Changes the switch's accounts, and breaks the lines that stand under the old ones."""
        await asyncio.to_thread(self.pbx.site, "manager.conf", text, reload="manager reload")
        self.ami.cut()
