"""The books: everything that is kept of calls and agents, entered in one order.

Theory of operation. Entries gather for a moment and are written in one transaction: rows of finished calls, agents' states,
the changes that others are told, and how far the journal has been entered. So whatever dies when, a start finds the books
as they were at one position of the journal and enters what follows it again. An entry is written when the journal has it
safe, not before. Entries of one position may end up in two transactions; the position counts as entered with the second.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from sqlalchemy import BigInteger, Column, Connection, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.call_rows import Stories, write_calls, write_states, write_wrap_ups
from cti.adapters.call_tables import CALLS
from cti.adapters.database import METADATA, BatchWriter, Transactions, portions, put
from cti.adapters.outbox import Outbox
from cti.domain.changes import Change, Published
from cti.domain.identifiers import PbxName
from cti.domain.records import CallRecord
from cti.ports import AgentStateRow, Clock, Entered, WrapUpRow

POSITIONS = Table(
    "journal_positions",
    METADATA,
    Column("pbx", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),  # of the journal: entered up to here
    Column("number", BigInteger, nullable=False),  # of the newest change up to there
    Column("written", BigInteger, nullable=False),  # … and of the newest in the outbox
)


class Place(NamedTuple):
    """How far one switch's journal has been entered."""

    position: int = 0
    number: int = 0
    written: int = 0


class Safe(Protocol):
    """A journal, as far as its safety goes."""

    async def synced(self, position: int) -> None: ...


class _Entry(NamedTuple):
    pbx: PbxName
    position: int
    what: Entered


class _Batch(NamedTuple):
    records: dict[str, CallRecord]
    wrap_ups: list[WrapUpRow]
    states_by_key: dict[AgentStateRow, AgentStateRow]
    changes: list[Change]
    places: dict[PbxName, Place]
    newest: dict[PbxName, int]

    @property
    def states(self) -> list[AgentStateRow]:
        return list(self.states_by_key)


BATCH = 2000
"""Entries in a transaction at most, some 100 calls: a commit costs as much as a dozen of them."""
SHOWN = 1000
"""Calls on their way that are shown beside those that are written."""


class SqlBooks:
    """Takes entries at once, writes them in batches."""

    def __init__(
        self, engine: AsyncEngine, outbox: Outbox, clock: Clock, journals: Mapping[PbxName, Safe]
    ) -> None:
        """`journals` by switch; may be filled later."""
        self._transactions = Transactions(engine)
        self._outbox, self._clock, self.journals = outbox, clock, journals
        self._places: dict[PbxName, Place] = {}
        self._newest: dict[PbxName, int] = {}  # change that was entered, by switch
        self.recovering: set[PbxName] = set()  # switches whose journal is being told again
        self.writer: BatchWriter[_Entry] = BatchWriter("books", self._write, batch=BATCH)
        self.run = self.writer.run

    async def open(self) -> None:
        """Learn how far each journal has been entered."""
        rows = await self._transactions.read(lambda connection: connection.execute(select(POSITIONS)).all())
        for row in rows:
            self._places[PbxName(row.pbx)] = Place(row.position, row.number, row.written)
            self._newest[PbxName(row.pbx)] = row.number

    def place(self, pbx: PbxName) -> Place:
        return self._places.get(pbx, Place())

    def put(self, pbx: PbxName, position: int, what: Entered) -> None:
        self.writer.put(_Entry(pbx, position, what))

    def unwritten(self) -> list[CallRecord]:
        """Calls that ended and are on their way; where they are very many, the newest `SHOWN` of them."""
        records = {
            what.call: what
            for pbx, _, what in self.writer.waiting
            if isinstance(what, CallRecord)
            and pbx not in self.recovering  # told again: what stands may be better
        }
        return list(records.values())[-SHOWN:]

    async def flush(self) -> None:
        """Return when all that was put is written."""
        await self.writer.drained()

    async def _write(self, entries: list[_Entry]) -> None:
        batch = self._sorted(entries)
        for pbx in {entry.pbx for entry in entries}:
            if (journal := self.journals.get(pbx)) is not None:
                await journal.synced(batch.places[pbx].position + 1)
        published = await self._transactions.write(partial(self._enter, batch))
        self._places, self._newest = batch.places, batch.newest
        self._outbox.committed(published)

    def _enter(self, batch: _Batch, connection: Connection) -> list[Published]:
        stories = Stories()
        write_calls(connection, self._new(connection, batch.records), stories)
        write_wrap_ups(connection, batch.wrap_ups)
        write_states(connection, batch.states)
        published = self._outbox.keep(connection, batch.changes, self._clock.now(), stories.fragment)
        moved = [pbx for pbx, place in batch.places.items() if place != self._places.get(pbx)]
        put(connection, POSITIONS, [_row(pbx, batch.places[pbx]) for pbx in moved])
        return published

    def _sorted(self, entries: Sequence[_Entry]) -> _Batch:
        """Entries by what they are, and how far they lead."""
        batch = _Batch({}, [], {}, [], dict(self._places), dict(self._newest))
        for pbx, of_it in groupby(entries, attrgetter("pbx")):
            batch.places[pbx], batch.newest[pbx] = self._sort(batch, pbx, of_it)
        return batch

    @staticmethod
    def _sort(batch: _Batch, pbx: PbxName, entries: Iterable[_Entry]) -> tuple[Place, int]:
        """Entries of one switch: where its journal stands behind them, and its newest change."""
        stands, number, written = batch.places.get(pbx) or Place()
        newest = batch.newest.get(pbx, number)
        for _, position, what in entries:
            if position > stands + 1:  # nothing more comes of what is before it
                stands, number = position - 1, newest
            if isinstance(what, Change):
                newest = what.number or newest
                if what.number > written or not what.number:
                    batch.changes.append(what)
                    written = max(written, what.number)
            elif isinstance(what, CallRecord):
                batch.records[what.call] = what  # the newest of each
            elif isinstance(what, WrapUpRow):
                batch.wrap_ups.append(what)
            else:
                batch.states_by_key[what] = what
        return Place(stands, number, written), newest

    def _new(self, connection: Connection, records: Mapping[str, CallRecord]) -> Sequence[CallRecord]:
        """Told again, a call that stands in the books is left alone: it may have been corrected since."""
        told_again = [record.call for record in records.values() if record.pbx in self.recovering]
        known: set[str] = set()
        for some in portions(told_again):
            there = select(CALLS.c.id).where(CALLS.c.id.in_(some))
            known |= set(connection.execute(there).scalars())
        return [record for record in records.values() if record.call not in known]


def _row(pbx: PbxName, place: Place) -> Mapping[str, Any]:
    return {"pbx": pbx, **place._asdict()}
