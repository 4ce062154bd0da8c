"""The ledger's visits in SQL, with how far it was read: place, memento and visits move in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cti.adapters.database import reading, upsert
from cti.adapters.erased import ErasedNumbers
from cti.adapters.ledger_tables import LEDGER_CURSORS, LEDGER_VISITS
from cti.domain.identifiers import AgentId, ChannelId, PbxName, QueueName
from cti.domain.ledger_visits import LedgerEntry, PassedOn, offer_of
from cti.domain.records import Outcome
from cti.ports import LedgerCursor

IN_ONE_QUERY = 400


class SqlLedgerShelf:
    """One switch's ledger."""

    def __init__(self, engine: AsyncEngine, pbx: PbxName, erased: ErasedNumbers | None = None) -> None:
        """`erased`: numbers that no ledger brings back."""
        self._engine, self._read, self._pbx, self._erased = engine, reading(engine), pbx, erased

    async def cursor(self, now: float) -> LedgerCursor:
        mine = LEDGER_CURSORS.c.pbx == self._pbx
        async with self._engine.begin() as connection:
            row = (await connection.execute(select(LEDGER_CURSORS).where(mine))).mappings().first()
            if row is None:
                fresh = {"pbx": self._pbx, "place": None, "memento": None, "steps": 0, "began_at": now}
                await upsert(connection, LEDGER_CURSORS, [fresh])
                return LedgerCursor(None, None, 0, now)
        return LedgerCursor(_loaded(row["place"]), _loaded(row["memento"]), row["steps"], row["began_at"])

    async def advance(
        self,
        cursor: LedgerCursor,
        place: Mapping[str, Any],
        memento: Mapping[str, Any],
        entries: Sequence[LedgerEntry],
    ) -> LedgerCursor | None:
        moved = cursor._replace(place=place, memento=memento, steps=cursor.steps + 1)
        async with self._engine.begin() as connection:
            found = await connection.execute(
                update(LEDGER_CURSORS)
                .where(LEDGER_CURSORS.c.pbx == self._pbx, LEDGER_CURSORS.c.steps == cursor.steps)
                .values(
                    place=orjson.dumps(place).decode(),
                    memento=orjson.dumps(memento).decode(),
                    steps=moved.steps,
                )
            )
            if found.rowcount != 1:
                return None
            await self._put(connection, entries)
        return moved

    async def add(self, entries: Sequence[LedgerEntry]) -> int:
        async with self._engine.begin() as connection:
            return await self._put(connection, entries)

    async def _put(self, connection: AsyncConnection, entries: Sequence[LedgerEntry]) -> int:
        """New visits, and known ones about which there is more to say; a visit told again changes nothing."""
        changed = 0
        if self._erased is not None:
            entries = await self._erased.hiding(connection, entries)
        for begin in range(0, len(entries), IN_ONE_QUERY):
            part = entries[begin : begin + IN_ONE_QUERY]
            known = await self._known(connection, part)
            rows = [
                row
                for entry in part
                if (row := entry_row(entry)) and self._says_more(row, known.get(entry.key))
            ]
            changed += len(rows)
            await upsert(connection, LEDGER_VISITS, rows)
        return changed

    @staticmethod
    def _says_more(row: Mapping[str, Any], known: tuple[str, float | None] | None) -> bool:
        if known is None:
            return True
        story, settled_at = known
        return story != row["entry"] and (settled_at is None or row["settled_at"] is not None)

    async def _known(
        self, connection: AsyncConnection, entries: Sequence[LedgerEntry]
    ) -> dict[tuple[str, int, int], tuple[str, float | None]]:
        table = LEDGER_VISITS.c
        rows = await connection.execute(
            select(
                table.uniqueid, table.joined_second, table.nth_in_second, table.entry, table.settled_at
            ).where(table.pbx == self._pbx, table.uniqueid.in_({entry.uniqueid for entry in entries}))
        )
        return {
            (row.uniqueid, row.joined_second, row.nth_in_second): (row.entry, row.settled_at) for row in rows
        }


def _loaded(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


def entry_row(entry: LedgerEntry) -> dict[str, Any]:
    """A visit as it comes from the ledger: to be compared, once it is settled."""
    uniqueid, second, nth = entry.key
    return {
        "pbx": entry.pbx,
        "uniqueid": uniqueid,
        "joined_second": second,
        "nth_in_second": nth,
        "number_in_call": entry.number_in_call,
        "queue": entry.queue,
        "joined_at": entry.joined_at,
        "settled_at": entry.settled_at,
        "entry": orjson.dumps(_plain(entry)).decode(),
        "state": "open" if entry.settled_at is None else "waiting",
        "retry_at": 0.0,
        "checked_at": None,
        "our_call": None,
        "our_number": None,
        "our_version": None,
    }


def entry_of(text: str) -> LedgerEntry:
    """The visit as it was put there."""
    entry = LedgerEntry(*orjson.loads(text))
    return entry._replace(
        uniqueid=ChannelId(entry.uniqueid),
        queue=QueueName(entry.queue),
        callids=tuple(entry.callids),
        outcome=Outcome(entry.outcome) if entry.outcome else None,
        agent=AgentId(entry.agent) if entry.agent else None,
        offers=tuple(offer_of(list(offer)) for offer in entry.offers),
        passed_on=PassedOn(*entry.passed_on) if entry.passed_on else None,
    )


def _plain(entry: LedgerEntry) -> list[Any]:
    """Lists for tuples: JSON has no others."""
    offers = [list(offer) for offer in entry.offers]
    return [
        *entry._replace(offers=(), passed_on=None)[:-2],
        offers,
        entry.passed_on and list(entry.passed_on),
    ]
