"""The simulated switch with callers of its own, as a process beside the server: asked in lines of JSON, answers likewise.

`begin` lets callers come, `quiet` lets no more come and waits for the last one to be gone, `cut` breaks every AMI line, `restart` kills
the switch and starts it again. Everything it tells is kept in `ami.raw`, whoever listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from pathlib import Path
from typing import Any

from simulator.scenario import EndedBy, ScriptedAgent, ScriptedCall, ScriptedQueue, ScriptedTransfer
from simulator.switch import SimulatedSwitch
from tests.benchmarks.children import obey, run, say

QUEUES = (
    ScriptedQueue("support", "rrmemory", ring=4.0, max_length=500),
    ScriptedQueue("sales", "rrmemory", ring=4.0, timeout=12.0, max_length=500),
)
AGENTS = [str(number) for number in range(101, 141)]
BACK_OFFICE = [str(number) for number in range(141, 149)]  # reached by transfers alone
LONGEST = 60.0  # seconds the last caller may take to be gone
PATIENCE = 30.0  # seconds after which everybody hangs up, agents or not


class Floor:
    """Who is there, who calls."""

    def __init__(self, switch: SimulatedSwitch, seed: int) -> None:
        self._switch = switch
        self._luck = random.Random(seed)
        self._calling: asyncio.Task[None] | None = None
        self._count = 0
        for queue in QUEUES:
            switch.add_queue(queue)
        for name in AGENTS:
            agent = switch.add_agent(ScriptedAgent(name, ("support", "sales")))
            agent.answers_after = self._answers_after
        for name in BACK_OFFICE:
            switch.add_agent(ScriptedAgent(name, (), 0.6))

    def begin(self, a_second: float) -> dict[str, Any]:
        self._calling = asyncio.get_running_loop().create_task(self._come(a_second))
        return {}

    async def quiet(self) -> dict[str, Any]:
        """Whoever is still there after a minute is hung up on, and told of."""
        await self._stop()
        exchange = self._switch.exchange
        deadline = asyncio.get_running_loop().time() + LONGEST
        while exchange.channels and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)
        left = [
            f"{channel.name} in {channel.application} {channel.application_data}"
            for channel in exchange.channels.values()
        ]
        for channel in list(exchange.channels.values()):
            exchange.hang_up(channel)
        return {"calls": self._count, "left": left}

    def live(self) -> dict[str, Any]:
        return {"live": len(self._switch.exchange.channels)}

    def cut(self) -> dict[str, Any]:
        self._switch.cut_ami()
        return {}

    async def restart(self, down: float) -> dict[str, Any]:
        await self._switch.restart(down)
        return {}

    async def _stop(self) -> None:
        if self._calling is not None:
            self._calling.cancel()
            await asyncio.gather(self._calling, return_exceptions=True)

    async def _come(self, a_second: float) -> None:
        while True:
            await asyncio.sleep(self._luck.expovariate(a_second))
            with contextlib.suppress(OSError):
                self._switch.call(self._caller())

    def _answers_after(self) -> float | None:
        return None if self._luck.random() < 0.05 else self._luck.uniform(0.2, 1.5)

    def _caller(self) -> ScriptedCall:
        luck = self._luck
        self._count += 1
        talk = min(9.0, max(1.5, luck.lognormvariate(1.1, 0.5)))
        transfer = None
        lot = luck.random()
        if lot < 0.05:
            transfer = ScriptedTransfer("blind", luck.choice(("support", "sales")), 1.0)
        elif lot < 0.10:
            transfer = ScriptedTransfer("blind", luck.choice(BACK_OFFICE), 1.0)
        elif lot < 0.14:
            transfer = ScriptedTransfer("attended", luck.choice(BACK_OFFICE), 1.0, consult=1.0)
        elif lot < 0.16:
            transfer = ScriptedTransfer("attended", "sales", 1.0, consult=luck.choice((0.3, 2.5)))
        return ScriptedCall(
            at=0.0,
            number=f"+1555{self._count:07}",
            queue=luck.choice(("support", "support", "sales")),
            patience=luck.uniform(0.2, 3.0) if luck.random() < 0.12 else PATIENCE,
            talk=talk + (4.0 if transfer else 0.0),
            ended_by=EndedBy.CALLER if luck.random() < 0.6 else EndedBy.AGENT,
            hold=(0.5, 0.6) if transfer is None and luck.random() < 0.15 else None,
            transfer=transfer,
        )


async def main(asked: dict[str, Any]) -> None:
    folder = Path(asked["folder"])
    async with SimulatedSwitch(
        folder, ami_port=asked["ami_port"], fastagi=("127.0.0.1", asked["fastagi_port"]), seed=asked["seed"]
    ) as switch:
        with (folder / "log" / "ami.raw").open("ab", buffering=0) as kept:
            switch.exchange.announce.listeners.append(lambda _, frame: kept.write(frame))
            floor = Floor(switch, asked["seed"])
            say(ledger=str(switch.queue_log), cel=str(switch.cel))
            await obey(floor.begin, floor.quiet, floor.live, floor.cut, floor.restart)


if __name__ == "__main__":
    run(main, sys.argv[1])
