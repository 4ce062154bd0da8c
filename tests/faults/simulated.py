"""The scene for volume: the simulated switch, a process of its own, with some ten new callers a second."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from tests.benchmarks.children import STAGE
from tests.faults.scene import Scene
from tests.servers import REPOSITORY
from tools.pbx import free_port

CALLERS = 8.0  # a second
LONGEST = 90.0  # seconds the last caller may take to be gone


class Simulated(Scene):
    where: ClassVar[str] = "simulator"

    def of_the_switch(self) -> Mapping[str, str]:
        log = self._pbx / "log"
        return {
            "CTI_RECORDINGS__INCOMING": str(self._pbx / "monitor"),
            "CTI_LEDGER__FILE": str(log / "queue_log"),
            "CTI_LEDGER__CEL": str(log / "cel-custom" / "Master.csv"),
        }

    @property
    def _pbx(self) -> Path:
        return self.folder / "pbx"

    async def _raise_switch(self) -> None:
        self.ami.target = free_port()
        asked = {
            "core": STAGE,
            "folder": str(self._pbx),
            "ami_port": self.ami.target,
            "fastagi_port": self.agi.port,
            "seed": self._seed,
        }
        (self._pbx / "log").mkdir(parents=True)
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.switch_child", json.dumps(asked)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stack.enter_context((self.folder / "switch.log").open("ab")),
        )
        self._stack.callback(self._part)
        await self._heard()

    def _part(self) -> None:
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            pipe.close()

    async def _heard(self, seconds: float = 30.0) -> dict[str, Any]:
        line = await asyncio.wait_for(asyncio.to_thread(self._child.stdout.readline), seconds)
        if not line:
            raise RuntimeError(f"The switch died: {(self.folder / 'switch.log').read_text()[-2000:]}")
        return json.loads(line)

    async def ask(self, deed: str, seconds: float = 30.0, **words: Any) -> dict[str, Any]:
        self._child.stdin.write(json.dumps([deed, words]).encode() + b"\n")
        self._child.stdin.flush()
        return await self._heard(seconds)

    async def begin(self) -> None:
        await self.ask("begin", a_second=CALLERS)

    async def end(self) -> int:
        told = await self.ask("quiet", LONGEST)
        if told["left"]:
            self.notes.append(f"hung up on {len(told['left'])} who would not go, {told['left'][0]} first")
        return told["calls"]

    def ledgers(self) -> Sequence[tuple[str, Path]]:
        log = self._pbx / "log"
        return [
            *((file.name, file) for file in log.glob("queue_log*")),
            ("cel.csv", log / "cel-custom" / "Master.csv"),
            ("ami.raw", log / "ami.raw"),
        ]
