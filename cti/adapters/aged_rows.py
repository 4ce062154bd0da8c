"""Rows whose personal part is over its time: number, name and free text go, what is counted stays."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Table, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.call_tables import CALLS, VISITS
from cti.adapters.database import METADATA, reading
from cti.adapters.sweep import sweep_rows
from cti.domain.erasing import CALL, Blanking, Number, Person
from cti.domain.identifiers import CallId
from cti.domain.keeping import Hold, HoldKind
from cti.domain.retention import DAY, Expired, Held, Rule

AGED: Final = {
    "calls": (("calls", "id", "started_at"),),
    "reviews": (("evaluations", "review", "at"),),
    "surveys": (("survey_responses", "id", "answered_at"),),
    "promises": (("callbacks", "id", "changed_at"), ("rescues", "id", "changed_at")),
}
"""By class: table, key, and the column that says how old a row is."""
_OF_A_CALL: Final = (
    *("visits", "call_versions", "ledger_visits", "dispositions", "routing_decisions", "care_story"),
    *("call_quality", "reviews", "recordings"),
)
"""What else is told of a call."""
_CALL_COLUMNS: Final = ("call", "call_id", "our_call", "first_call")
_AT_ONCE: Final = 200


class AgedRows:
    """A `Shelf`."""

    def __init__(self, engine: AsyncEngine, name: str) -> None:
        self._engine, self._read, self._name = engine, reading(engine), name

    async def expire(self, rule: Rule, now: float, held: Held, *, dry: bool) -> Expired:
        if rule.shortest is None:
            return Expired(0, 0)
        deleted = kept = 0
        for table, key, at in AGED[self._name]:
            after = ""
            while True:
                async with (self._read if dry else self._engine).begin() as connection:
                    step = partial(_step, METADATA.tables[table], key, at, rule, now, held, after, dry)
                    after, gone, stays = await connection.run_sync(step)
                deleted, kept = deleted + gone, kept + stays
                if not after:
                    break
        return Expired(deleted, kept)


def _step(
    table: Table,
    key: str,
    at: str,
    rule: Rule,
    now: float,
    held: Held,
    after: str,
    dry: bool,
    connection: Connection,
) -> tuple[str, int, int]:
    """The next rows behind a key: the last key, empty when there are no more; how many went, and how many are held."""
    oldest = now - (rule.shortest or 0.0) * DAY
    some = select(table).where(table.c[key] > after, table.c[at] < oldest, _personal(table))
    rows = connection.execute(some.order_by(table.c[key]).limit(_AT_ONCE)).mappings().all()
    due = [row for row in rows if rule.is_over(row.get("queue"), row.get("tier"), row[at], now)]
    free = [row for row in due if not _is_held(table, row, held)]
    if free and not dry:
        _blank(connection, table, key, free)
    return rows[-1][key] if len(rows) == _AT_ONCE else "", len(free), len(due) - len(free)


def _personal(table: Table) -> Any:
    """Rows that have something personal still."""
    numbers = [table.c[name] for name in ("number", "caller_number") if name in table.c]
    named = [table.c[name] for name in ("name", "caller_name", "customer") if name in table.c]
    written = [table.c[name] for name in ("comment", "note") if name in table.c]
    return or_(
        *(and_(column != "", ~column.contains("xx")) for column in numbers),
        *(column.is_not(None) for column in named if column.nullable),
        *(column != "" for column in written),
    )


def _is_held(table: Table, row: RowMapping, held: Held) -> bool:
    if table is CALLS:
        return row["id"] in held.calls
    return any(row.get(name) in held.calls for name in ("call", "first_call"))


def _blank(connection: Connection, table: Table, key: str, rows: Sequence[RowMapping]) -> None:
    for row in rows:
        said = {
            str(row[name]) for name in ("number", "caller_number", "name", "caller_name") if row.get(name)
        }
        calls = {row[key]} if table is CALLS else set()
        blanking = Blanking(Person((), frozenset(said), {CALL: frozenset(calls)}))
        sweep_rows(connection, table, [row], blanking)
        if table is CALLS:
            for other, found in _of_call(connection, row["id"]):
                sweep_rows(connection, other, found, blanking)


def _of_call(connection: Connection, call: str) -> Iterator[tuple[Table, Sequence[RowMapping]]]:
    for name in _OF_A_CALL:
        table = METADATA.tables.get(name)
        columns = [] if table is None else [table.c[one] for one in _CALL_COLUMNS if one in table.c]
        if table is not None and columns:
            theirs = select(table).where(or_(*(column == call for column in columns)))
            yield table, connection.execute(theirs).mappings().all()


class SqlHeldThings:
    """What holds keep, found in the calls."""

    def __init__(self, engine: AsyncEngine, parted: Any) -> None:
        """`parted` makes country code and the rest of an E.164 number."""
        self._read, self._parted = reading(engine), parted

    async def by(self, holds: Sequence[Hold]) -> Held:
        subjects = {kind: [hold.subject for hold in holds if hold.kind is kind] for kind in HoldKind}
        numbers = [one for one in map(self._parted, subjects[HoldKind.NUMBER]) if isinstance(one, Number)]
        digits = sorted(Person(tuple(numbers)).digits())
        found = set(subjects[HoldKind.CALL])
        async with self._read.connect() as connection:
            for column, wanted, id_ in (
                (CALLS.c.caller_number, digits, CALLS.c.id),
                (VISITS.c.caller_number, digits, VISITS.c.call),
                (CALLS.c.customer, subjects[HoldKind.CUSTOMER], CALLS.c.id),
            ):
                if wanted:
                    found |= set((await connection.execute(select(id_).where(column.in_(wanted)))).scalars())
        return Held(frozenset(map(CallId, found)), frozenset(subjects[HoldKind.RECORDING]))
