"""Brings one switch's calls back to where they stood: from a checkpoint, by telling the journal again from there."""

import asyncio
import logging
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from cti.domain.calls import Calls
from cti.domain.retelling import Hole, Told
from cti.service.bookkeeper import Bookkeeper
from cti.service.call_monitor import CallMonitor

log = logging.getLogger(__name__)

STEP = 100
"""Entries told before other work gets its turn: about a millisecond."""


class Memory(Protocol):
    """What is remembered of one switch beyond the life of a process."""

    def newest(self, at_most: int) -> tuple[int, Calls] | None:
        """The newest checkpoint that is not beyond a position: where it is of, and the calls."""

    def told(self, after: int) -> Iterable[Told]:
        """All that was told behind a position. What was kept back at the end is told too."""


class Recovered(NamedTuple):
    """What a recovery came to."""

    told: int
    hole_since: float | None  # what we heard from here on was not written down, for a while


class Recovery:
    """One switch's."""

    def __init__(self, monitor: CallMonitor, bookkeeper: Bookkeeper, memory: Memory) -> None:
        self._monitor, self._bookkeeper, self._memory = monitor, bookkeeper, memory

    async def run(self, entered: int, number: int) -> Recovered:
        """Restore the calls and enter what the books lack.

        `entered` is how far the journal stands in the books, `number` that of the newest change up to there.
        """
        restored = await asyncio.to_thread(self._memory.newest, entered)
        start, calls = restored or (0, Calls(self._monitor.pbx))
        self._monitor.take_up(calls)
        self._bookkeeper.number = number
        told, hole_since = 0, None
        for position, what in self._memory.told(start):
            if isinstance(what, Hole) and hole_since is None and calls.heard_at:
                hole_since = calls.heard_at
            for event in calls.learn(what):
                if position > entered:
                    self._bookkeeper.enter_at(position, event)
            told += 1
            if told % STEP == 0:
                await asyncio.sleep(0)
        if told or calls.live:
            log.info("%s: %d entries told again, %d calls live", self._monitor.pbx, told, len(calls.live))
        return Recovered(told, hole_since)
