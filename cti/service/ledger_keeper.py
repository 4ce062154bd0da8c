"""Reads the switch's ledger as it grows: what it tells of visits is kept together with how far it was read."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from cti.domain.identifiers import PbxName
from cti.domain.ledger_lines import parse
from cti.domain.ledger_reader import LedgerReader
from cti.domain.ledger_visits import LedgerEntry
from cti.ports import Clock, LedgerCursor, LedgerShelf, LedgerSource

log = logging.getLogger(__name__)


def begins_anew(lines: Sequence[tuple[str, bool]], last_at: float | None) -> bool:
    """Whether these lines are older than what was read: the same ledger, copied or put back, from its beginning.

    Read by a reader that remembers them, every visit would be a second one.
    """
    times = [line.at for text, _ in lines[:1] if (line := parse(text)) is not None]
    return last_at is not None and any(at < last_at for at in times)


class LedgerKeeper:
    """One switch's ledger. A step is bounded; what failed is read again from where it was kept last."""

    def __init__(
        self,
        pbx: PbxName,
        source: LedgerSource,
        shelf: LedgerShelf,
        clock: Clock,
        *,
        on_hole: Callable[[float, float], None] = lambda _since, _until: None,
    ) -> None:
        """`on_hole` hears of a part of the ledger that was gone before it was read: since and until when, about."""
        self._pbx, self._source, self._shelf, self._clock = pbx, source, shelf, clock
        self._on_hole = on_hole
        self._cursor: LedgerCursor | None = None
        self._reader = LedgerReader(pbx)
        self.read_until: float | None = None
        """The ledger is known up to this moment, by our clock; None while it cannot be read."""
        self.state = "not read yet"
        self.behind = 0

    @property
    def began_at(self) -> float | None:
        """Since when this installation reads it."""
        return None if self._cursor is None else self._cursor.began_at

    @property
    def last_line_at(self) -> float | None:
        return self._reader.last_at

    @property
    def counts(self) -> dict[str, int]:
        """Lines, and those of them that told nothing."""
        reader = self._reader
        return {
            "lines": reader.lines,
            "malformed": reader.malformed,
            "orphans": reader.orphans,
            "unknown_events": reader.unknown.total(),
        }

    async def step(self) -> bool:
        """Read a piece and keep it; True when there is more. Raises what the store raised."""
        if self._cursor is None:
            await self._open()
        cursor = self._cursor
        if cursor is None:
            return False
        looked_at = self._clock.now()
        reading = await self._source.read(cursor.place, looked_at)
        self.state, self.behind = reading.state, reading.behind
        before = self._reader.last_at
        if reading.place is not None and reading.place != cursor.place:
            if reading.hole and begins_anew(reading.lines, before):
                self._reader = LedgerReader(self._pbx)
            entries = await asyncio.to_thread(self._take, reading.lines)
            try:
                moved = await self._shelf.advance(cursor, reading.place, self._reader.memento(), entries)
            except BaseException:
                self._cursor = None  # what was read and not kept is read again
                raise
            self._cursor = moved  # None: somebody else read on; begin again where they are
            if moved is None:
                return True
        if reading.hole:
            log.error("%s: a part of the ledger was gone before it was read", self._pbx)
            self._on_hole(
                before if before is not None else cursor.began_at, self._reader.last_at or looked_at
            )
        if reading.complete:
            self.read_until = looked_at
        elif reading.state in {"missing", "unreadable"}:
            self.read_until = None
        return not reading.complete and reading.state == "reading"

    async def _open(self) -> None:
        self._cursor = await self._shelf.cursor(self._clock.now())
        memento = self._cursor.memento
        self._reader = (
            LedgerReader(self._pbx) if memento is None else LedgerReader.resumed(self._pbx, memento)
        )

    def _take(self, lines: Sequence[tuple[str, bool]]) -> list[LedgerEntry]:
        for text, whole in lines:
            self._reader.feed(text, whole=whole)
        return self._reader.take()
