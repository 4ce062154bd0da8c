"""A call centre that never closes: two queues, eight agents, callers of every kind."""

import asyncio
import math
import random
from collections.abc import Sequence
from functools import partial
from typing import Final

from simulator.people import Caller
from simulator.queue import Member
from simulator.scenario import EndedBy, ScriptedAgent, ScriptedCall, ScriptedQueue, ScriptedTransfer
from simulator.switch import SimulatedSwitch

QUEUES: Final = (
    ScriptedQueue("support", strategy="rrmemory", max_length=100, join_empty=False),
    ScriptedQueue("sales", strategy="rrmemory", max_length=100, join_empty=False),
)
AGENTS: Final = (
    ScriptedAgent("101", ("support",)),
    ScriptedAgent("102", ("support",)),
    ScriptedAgent("103", ("support", "sales")),
    ScriptedAgent("104", ("support", "sales")),
    ScriptedAgent("105", ("sales",)),
    ScriptedAgent("106", ("sales",)),
    ScriptedAgent("107", ("support",)),
    ScriptedAgent("108", ("sales",)),
)
REASONS: Final = ("Break", "Lunch", "Training", "Meeting", "Coaching")
WANTS_CALLBACK: Final = 0.12  # of the callers press 1 when they have waited for a while
WARM_UP: Final = 12  # callers who come at once, so that nobody looks at an empty floor
TIDE: Final = 420.0  # seconds from peak to peak
CUTS: Final = (240.0, 540.0)  # seconds between two AMI connections lost


async def live(switch: SimulatedSwitch, *, customers: Sequence[tuple[str, str]], seed: int = 7) -> None:
    """Runs until cancelled. `customers` are (number, name); one caller in seven is somebody else."""
    day = _Day(switch, list(customers), random.Random(seed))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(day.arrivals())
        tasks.create_task(day.pauses())
        tasks.create_task(day.cuts())


class _Day:
    def __init__(
        self, switch: SimulatedSwitch, customers: list[tuple[str, str]], luck: random.Random
    ) -> None:
        self._switch = switch
        self._clock = switch.clock
        self._customers = customers
        self._luck = luck
        self._begin = switch.clock.now()
        self._calls_back = random.Random(luck.random())
        for queue in QUEUES:
            switch.add_queue(queue)
        for script in AGENTS:
            switch.add_agent(script).answers_after = self._answers_after

    # --- callers ---------------------------------------------------------------------------------------------

    async def arrivals(self) -> None:
        for _ in range(WARM_UP):
            self._arrive()
            await self._clock.sleep(self._luck.uniform(0.2, 0.7))
        while True:
            await self._clock.sleep(self._pause_before_next())
            self._arrive()

    def _pause_before_next(self) -> float:
        """Callers keep the line between two and six long: the tide says where in between."""
        waiting = sum(self._waiting(queue.name) for queue in QUEUES)
        tide = 3.5 + 1.3 * math.sin((self._clock.now() - self._begin) * 2 * math.pi / TIDE)
        if waiting < 2:
            return self._luck.uniform(0.3, 1.2)
        if waiting >= 6:
            return self._luck.uniform(9.0, 14.0)
        return self._luck.uniform(4.0, 9.0) * (0.6 if waiting < tide else 1.4)

    def _waiting(self, queue: str) -> int:
        return len(self._switch.exchange.queues[queue].callers)

    def _arrive(self) -> Caller:
        number, name = self._who()
        lines = sorted((queue.name for queue in QUEUES), key=self._waiting)
        queue = lines[0] if self._luck.random() < 0.7 else lines[1]
        talk = min(120.0, max(20.0, self._luck.lognormvariate(3.8, 0.45)))
        caller = self._switch.call(ScriptedCall(
            at=0.0,
            number=number,
            name=name,
            queue=queue,
            patience=self._patience(),
            talk=talk,
            ended_by=EndedBy.CALLER if self._luck.random() < 0.6 else EndedBy.AGENT,
            hold=self._hold(talk),
            transfer=self._transfer(queue, talk),
        ))  # fmt: skip
        if self._calls_back.random() < WANTS_CALLBACK:
            self._clock.after(self._calls_back.uniform(15.0, 40.0), lambda: caller.press("1"))
        return caller

    def _who(self) -> tuple[str, str]:
        """A customer who is not on the line already, or a stranger."""
        calling = {each.channel.number for each in self._switch.callers if not each.ended}
        if self._customers and self._luck.random() > 1 / 7:
            for _ in range(10):
                customer = self._luck.choice(self._customers)
                if customer[0] not in calling:
                    return customer
        # Numbers that are nobody's: the fictional 555-01xx of every American area.
        return f"+1{self._luck.randrange(202, 980)}55501{self._luck.randrange(100):02}", ""

    def _patience(self) -> float:
        if self._luck.random() < 0.12:
            return self._luck.uniform(8.0, 30.0)
        return min(400.0, max(45.0, self._luck.lognormvariate(4.9, 0.5)))

    def _hold(self, talk: float) -> tuple[float, float] | None:
        if self._luck.random() > 0.16:
            return None
        begin = self._luck.uniform(5.0, talk / 2)
        return begin, min(self._luck.uniform(5.0, 25.0), talk - begin - 3.0)

    def _transfer(self, queue: str, talk: float) -> ScriptedTransfer | None:
        lot = self._luck.random()
        after = self._luck.uniform(8.0, max(9.0, talk * 0.6))
        other = next(each.name for each in QUEUES if each.name != queue)
        if lot < 0.03:
            return ScriptedTransfer("blind", other, after)
        colleague = self._luck.choice(AGENTS).name
        if lot < 0.05:
            return ScriptedTransfer("blind", colleague, after)
        if lot < 0.09:
            return ScriptedTransfer("attended", colleague, after, consult=self._luck.uniform(4.0, 10.0))
        return None

    # --- agents ----------------------------------------------------------------------------------------------

    def _answers_after(self) -> float | None:
        return None if self._luck.random() < 0.05 else self._luck.uniform(1.5, 6.0)

    async def pauses(self) -> None:
        """Now and then somebody goes for a while, after the call in hand; never more than two at once."""
        while True:
            await self._clock.sleep(self._luck.uniform(20.0, 60.0))
            there = [agent.name for agent in AGENTS if not self._is_paused(agent.name)]
            if len(there) > len(AGENTS) - 2:
                name, reason = self._luck.choice(there), self._luck.choice(REASONS)
                self._switch.pause(name, reason)
                self._clock.after(self._luck.uniform(30.0, 110.0), partial(self._back, name, reason))

    def _back(self, name: str, reason: str) -> None:
        """Unless the server has said something else about this agent since."""
        if any(member.paused and member.reason == reason for member in self._memberships(name)):
            self._switch.pause(name, paused=False)

    def _is_paused(self, name: str) -> bool:
        return any(each.paused for each in self._memberships(name))

    def _memberships(self, name: str) -> list[Member]:
        exchange = self._switch.exchange
        return [member for _, member in exchange.memberships(exchange.phone(name))]

    # --- faults ----------------------------------------------------------------------------------------------

    async def cuts(self) -> None:
        while True:
            await self._clock.sleep(self._luck.uniform(*CUTS))
            self._switch.cut_ami()
