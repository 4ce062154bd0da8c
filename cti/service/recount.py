"""Counts today's sums again when the ledger corrected a call: a correction takes away as well as adds."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from cti.domain.events import CallCleared, CallCorrected
from cti.domain.identifiers import PbxName
from cti.domain.records import CallRecord, SegmentRecord, VisitRecord
from cti.ports import CallStore, Clock
from cti.service.wallboard import Wallboard

COMPANY = 1.0
"""Seconds a first correction waits for others: a gap repaired is one recount."""


class Recount:
    """Reads the store in the background; calls that end meanwhile, and those that still last, are counted from memory."""

    def __init__(
        self,
        wallboard: Wallboard,
        pbx: PbxName,
        calls: CallStore,
        flush: Callable[[], Awaitable[None]],
        live: Callable[[], Sequence[CallRecord]],
        clock: Clock,
    ) -> None:
        """`flush` returns when what has ended is in the store."""
        self._wallboard, self._pbx, self._calls, self._flush = wallboard, pbx, calls, flush
        self._live, self._clock = live, clock
        self._wanted = asyncio.Event()
        self._meanwhile: list[CallRecord] | None = None

    def call_corrected(self, event: CallCorrected) -> None:
        """Reaction: only today's calls are on the board."""
        if (event.record.ended_at or event.at) >= self._wallboard.day_begins_at:
            self._wanted.set()

    def call_cleared(self, event: CallCleared) -> None:
        """Reaction: while the store is read, a call may end that is not in what was read."""
        if self._meanwhile is not None:
            self._meanwhile.append(event.record)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._wanted.wait()
            await asyncio.sleep(COMPANY)
            self._wanted.clear()
            await self.count()

    async def count(self) -> None:
        """Count once."""
        self._meanwhile = []
        try:
            await self._flush()
            begin, now = self._wallboard.day_begins_at, self._clock.now()
            visits = await self._calls.visits(begin, now, self._pbx)
            blocked = await self._calls.blocked(begin, now, self._pbx)
            segments = await self._calls.segments(begin, now, self._pbx)
            recent = {record.call: record for record in (*self._meanwhile, *self._live())}
        finally:
            self._meanwhile = None
        told_visits: list[VisitRecord] = [visit for visit in visits if visit.call not in recent]
        told_segments: list[SegmentRecord] = [one for one in segments if one.call not in recent]
        told_blocked = list(blocked)
        for record in recent.values():
            told_visits += [visit for visit in record.visits if visit.outcome is not None]
            told_segments += record.segments
            if record.ended_at is None:
                told_blocked += [(one.at, one.queue, record.tier) for one in record.blocked]
        self._wallboard.recount(now, told_visits, told_blocked, told_segments)
