"""Every table of the installation, searched for a person: rows that are theirs lose names and free text, all lose the number.

It knows the columns by their names, so a table made tomorrow is swept as well. What the house itself is made of (users,
policies, scorecards) is left alone, and so is the audit log, whose lines name people by masked numbers only.
"""

import asyncio
import logging
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Column, ColumnElement, Connection, RowMapping, String, Table, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.call_tables import CALLS, VISITS
from cti.adapters.database import METADATA, portions, reading
from cti.domain.erasing import CALL, CHANNEL, CUSTOMER, RECORDING, REVIEW, Blanking, Person

log = logging.getLogger(__name__)

PUT_OFF: Final = "database not compacted"
_COMPACT: Final = ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")
_ATTEMPTS, _PAUSE = 4, 0.5

LEFT_ALONE: Final = frozenset(
    {
        *("users", "user_teams", "recovery_codes", "sessions", "api_tokens", "sign_in_failures"),
        *("webhooks", "scorecards", "routing_policy_versions", "queue_places", "taken_out"),
        *("audit", "erased_numbers", "keeping_reports"),
    }
)
KIND_OF: Final = {
    "call": CALL,
    "call_id": CALL,
    "first_call": CALL,
    "our_call": CALL,
    "uniqueid": CHANNEL,
    "customer": CUSTOMER,
    "customer_id": CUSTOMER,
    "recording": RECORDING,
    "review": REVIEW,
}
"""Columns that hold an id of a thing that may be theirs."""
NUMBERS: Final = frozenset({"number", "caller_number"})
"""Whose row it is stands in these."""
EMPTIED: Final = frozenset({"note", "comment", "text", "transcript", "behaviour", "target"})
"""What people wrote, or what was heard."""
TAKEN_AWAY: Final = frozenset({"name", "caller_name", "customer", "customer_id", "open_key", "calling"})
SAID_OF_ITEMS: Final = frozenset({"answers", "items"})
"""What people wrote to the questions of a scorecard: by question, alone or behind the answer."""
_EMPTIED_KEYS = frozenset({"comment", "note"})
_TAKEN_KEYS = frozenset({"caller_name", "customer", "customer_name"})
_AT_ONCE = 1000
_IDS = re.compile(rb'"(?:uniqueid|channel)":"([^"]+)"')


class SqlSweep:
    """A `Place`: the database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)

    async def learn(self, person: Person) -> Person:
        async with self._read.connect() as connection:
            return await connection.run_sync(_learn, person)

    async def erase(self, blanking: Blanking) -> Mapping[str, int]:
        """To search a table may take minutes: nobody waits for it to write. What is found is changed a portion at a time."""
        counts: Counter[str] = Counter()
        for table in METADATA.sorted_tables:
            if table.name in LEFT_ALONE:
                continue
            async with self._read.connect() as connection:
                keys = await connection.run_sync(_found, table, blanking)
            for some in portions(keys):
                async with self._engine.begin() as connection:
                    if connection.dialect.name == "sqlite":
                        await connection.exec_driver_sql("PRAGMA secure_delete = ON")
                    changed = await connection.run_sync(_sweep, table, some, blanking)
                if changed:
                    counts[f"table {table.name}"] += changed
        if counts and not await self._overwritten(sorted(counts)):
            counts[PUT_OFF] += 1
        return counts

    async def _overwritten(self, names: Sequence[str]) -> bool:
        """What a database keeps of rows as they were is overwritten too; False when others kept it from that."""
        if self._engine.dialect.name != "sqlite":
            plain = self._engine.execution_options(isolation_level="AUTOCOMMIT")
            async with plain.connect() as connection:
                for name in names:
                    await connection.exec_driver_sql(f'VACUUM "{name.removeprefix("table ")}"')
            return True
        async with self._engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            for _ in range(_ATTEMPTS):
                try:
                    for statement in _COMPACT:
                        await (await driver.execute(statement)).close()
                except sqlite3.OperationalError:  # somebody else reads or writes
                    await asyncio.sleep(_PAUSE)
                else:
                    return True
        log.warning("the database could not be compacted: erase once more when there is less to do")
        return False


def _learn(connection: Connection, person: Person) -> Person:
    numbers = sorted(person.digits())
    calls: dict[str, Any] = {}
    for column, wanted in ((CALLS.c.caller_number, numbers), (CALLS.c.customer, sorted(person.of(CUSTOMER)))):
        for some in portions(wanted):
            rows = connection.execute(
                select(CALLS.c.id, CALLS.c.caller_name, CALLS.c.story).where(column.in_(some))
            )
            calls |= {row.id: row for row in rows}
    ids = set(calls)
    for some in portions(numbers):
        visits = select(VISITS.c.call, VISITS.c.uniqueid).where(VISITS.c.caller_number.in_(some))
        ids |= {row.call for row in connection.execute(visits)}
    channels = {
        found.decode()
        for row in calls.values()
        for found in _IDS.findall(row.story.encode() if isinstance(row.story, str) else row.story)
    }
    channels |= {call.rpartition(":")[2] for call in ids}
    names = [row.caller_name for row in calls.values()]
    return person.knowing(CALL, ids, names).knowing(CHANNEL, channels)


def _found(connection: Connection, table: Table, blanking: Blanking) -> list[tuple[Any, ...]]:
    """The keys of rows that are theirs or name them."""
    keys = [column.name for column in table.primary_key]
    rows = _rows(connection, table, _texts(table), blanking)
    return [tuple(row[name] for name in keys) for row in rows]


def _sweep(connection: Connection, table: Table, keys: Sequence[tuple[Any, ...]], blanking: Blanking) -> int:
    """How many of these rows changed, as they stand now."""
    these = select(table).where(tuple_(*table.primary_key).in_(keys))
    found = [(row, False) for row in connection.execute(these).mappings().all()]
    return _write(connection, table, _texts(table), found, blanking)


def sweep_rows(connection: Connection, table: Table, rows: Iterable[RowMapping], blanking: Blanking) -> int:
    """The same of rows that are known to be theirs."""
    return _write(connection, table, _texts(table), [(row, True) for row in rows], blanking)


def _texts(table: Table) -> list[Column[Any]]:
    return [column for column in table.c if isinstance(column.type, String)]


def _write(
    connection: Connection,
    table: Table,
    texts: Sequence[Column[Any]],
    rows: Iterable[tuple[RowMapping, bool]],
    blanking: Blanking,
) -> int:
    changed = 0
    for row, known in rows:
        after = _blanked(table, texts, row, blanking, theirs=known or _is_theirs(row, blanking))
        if after:
            same = and_(*(column == row[column.name] for column in table.primary_key))
            connection.execute(table.update().where(same).values(after))
            changed += 1
    return changed


def _rows(
    connection: Connection, table: Table, texts: Sequence[Column[Any]], blanking: Blanking
) -> Iterator[RowMapping]:
    """Rows that are theirs by an id, and rows in which a number may stand."""
    keys = [column.name for column in table.primary_key]
    seen: set[tuple[Any, ...]] = set()
    conditions: list[ColumnElement[bool]] = [
        table.c[name].in_(some)
        for name, kind in KIND_OF.items()
        if name in table.c
        for some in portions(sorted(blanking.person.of(kind)))
    ]
    endings = {number.national[-2:] for number in blanking.person.numbers}
    if texts and endings:
        conditions.append(or_(*(column.contains(ending) for column in texts for ending in endings)))
    for condition in conditions:
        found = connection.execute(
            select(table).where(condition), execution_options={"yield_per": _AT_ONCE}
        ).mappings()
        for row in found:
            key = tuple(row[name] for name in keys)
            if key not in seen and (
                _is_theirs(row, blanking) or any(_may_have(row[column.name], blanking) for column in texts)
            ):
                seen.add(key)
                yield row


def _may_have(value: Any, blanking: Blanking) -> bool:
    return isinstance(value, str) and blanking.has_number(value)


def _is_theirs(row: RowMapping, blanking: Blanking) -> bool:
    by_id = any(row.get(name) in blanking.person.of(kind) for name, kind in KIND_OF.items())
    return by_id or any(_may_have(row.get(name), blanking) for name in NUMBERS)


def _blanked(
    table: Table, texts: Sequence[Column[Any]], row: RowMapping, blanking: Blanking, *, theirs: bool
) -> dict[str, Any]:
    """The columns that change."""
    after: dict[str, Any] = {}
    for column in texts:
        name, value = column.name, row[column.name]
        if not isinstance(value, str) or not value:
            continue
        if theirs and name in TAKEN_AWAY and column.nullable and not column.primary_key:
            made: str | None = None
        elif theirs and name in EMPTIED:
            made = ""
        elif theirs and name in SAID_OF_ITEMS:
            made = _document(_without_words(value), blanking)
        elif table.name == "outbox":
            made = "\n".join(
                _document(line, blanking) if blanking.is_theirs(line) else line for line in value.split("\n")
            )
        elif theirs or blanking.has_number(value):
            made = _document(value, blanking)
        else:
            continue
        if made != value:
            after[name] = made
    return after


def _document(value: str, blanking: Blanking) -> str:
    """Of JSON, what people wrote and whom they named as well."""
    if value[:1] in "{[":
        try:
            told = orjson.loads(value)
        except orjson.JSONDecodeError:
            pass
        else:
            stripped = _stripped(told)
            value = value if stripped == told else orjson.dumps(stripped).decode()
    return blanking.text(value)


def _without_words(value: str) -> str:
    told = orjson.loads(value)
    kept = {
        item: "" if isinstance(said, str) else [said[0], "", *said[2:]] if isinstance(said, list) else said
        for item, said in told.items()
    }
    return orjson.dumps(kept).decode()


def _stripped(told: Any) -> Any:
    if isinstance(told, dict):
        return {
            key: "" if key in _EMPTIED_KEYS and isinstance(value, str) else None
            if key in _TAKEN_KEYS and isinstance(value, str) else _stripped(value)
            for key, value in told.items()
        }  # fmt: skip
    return [_stripped(one) for one in told] if isinstance(told, list) else told
