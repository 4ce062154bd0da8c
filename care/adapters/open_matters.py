"""What is owed to a caller, for the card an agent sees when he calls: read only."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Table, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from care.adapters.store import CALLBACKS, RESCUES
from cti.adapters.database import reading
from cti.domain.identifiers import CustomerId, PhoneNumber
from customers.domain.customer import Matter

MOST = 5
"""On one card."""
KINDS = {"callback": CALLBACKS, "rescue": RESCUES}


class SqlMatters:
    """Callbacks and rescues that are open."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._read = reading(engine)

    async def open(self, customer: CustomerId | None, numbers: Sequence[PhoneNumber]) -> Sequence[Matter]:
        """Of the customer, or of these numbers; what is due first comes first."""
        if customer is None and not numbers:
            return []
        async with self._read.connect() as connection:
            found: list[Matter] = []
            for kind, table in KINDS.items():
                rows = await connection.execute(_wanted(kind, table, customer, numbers))
                found += map(_matter, rows.mappings())
        return sorted(found, key=lambda one: one.due_at)[:MOST]


def _wanted(
    kind: str, table: Table, customer: CustomerId | None, numbers: Iterable[PhoneNumber]
) -> Select[Any]:
    columns = table.c
    whose: list[ColumnElement[bool]] = [columns.number.in_([*numbers])]
    if customer is not None:
        whose.append(columns.customer == customer)
    reason = columns.reason if kind == "callback" else literal("")
    return (
        select(literal(kind).label("kind"), columns.id, columns.queue, columns.due_at, reason.label("reason"))
        .where(columns.open_key.is_not(None), or_(*whose))
        .order_by(columns.due_at)
        .limit(MOST)
    )


def _matter(row: RowMapping) -> Matter:
    return Matter(**row)
