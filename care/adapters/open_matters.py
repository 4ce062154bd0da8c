"""What is owed to a caller, for the card an agent sees when he calls: read only."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Table, bindparam, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncEngine

from care.adapters.tables import CALLBACKS, RESCUES
from cti.adapters.database import Together, Transactions
from cti.domain.identifiers import CustomerId, PhoneNumber
from customers.domain.customer import Matter

MOST = 5
"""On one card."""
GATHER_SECONDS = 0.05
"""In a rush of calls the questions may gather so long, as those for earlier contacts do."""
_Caller = tuple[CustomerId | None, tuple[PhoneNumber, ...]]


class SqlMatters:
    """Callbacks and rescues that are open."""

    def __init__(self, engine: AsyncEngine) -> None:
        transactions = Transactions(engine)
        self._open = Together(lambda asked: transactions.read(partial(_open_of, asked)), pause=GATHER_SECONDS)

    async def open(self, customer: CustomerId | None, numbers: Sequence[PhoneNumber]) -> Sequence[Matter]:
        """Of the customer, or of these numbers; what is due first comes first."""
        if customer is None and not numbers:
            return []
        return await self._open((customer, tuple(numbers))) or []


def _open_of(asked: Sequence[_Caller], connection: Connection) -> Mapping[_Caller, Sequence[Matter]]:
    customers = {customer for customer, _ in asked if customer is not None}
    numbers = {number for _, some in asked for number in some}
    rows = connection.execute(_OPEN, {"customers": [*customers], "numbers": [*numbers]}).mappings().all()
    rows = sorted(rows, key=lambda row: row["due_at"])
    return {caller: _matters(rows, *caller) for caller in asked}


def _open_in(table: Table, kind: str, reason: Any) -> Select[Any]:
    of = table.c
    his = or_(
        of.customer.in_(bindparam("customers", expanding=True)),
        of.number.in_(bindparam("numbers", expanding=True)),
    )
    said = (
        literal(kind).label("kind"),
        of.id,
        of.queue,
        of.due_at,
        reason.label("reason"),
        of.customer,
        of.number,
    )
    return select(*said).where(of.open_key.is_not(None), his)


# asked for with every pop, so it is put together once
_OPEN = union_all(
    _open_in(CALLBACKS, "callback", CALLBACKS.c.reason), _open_in(RESCUES, "rescue", literal(""))
)


def _matters(
    rows: Iterable[RowMapping], customer: CustomerId | None, numbers: Sequence[PhoneNumber]
) -> list[Matter]:
    mine = (
        row
        for row in rows
        if row["number"] in numbers or (customer is not None and row["customer"] == customer)
    )
    return [Matter(**{name: row[name] for name in Matter._fields}) for row in mine][:MOST]
