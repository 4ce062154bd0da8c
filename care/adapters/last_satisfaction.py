"""How content a caller was last, for the card an agent sees when he calls: read only."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from care.adapters.survey_store import RESPONSES
from care.domain.satisfaction import SAID_LATELY, low
from care.ports import Clock
from cti.adapters.database import Together, Transactions
from cti.domain.identifiers import PhoneNumber
from customers.domain.customer import Satisfaction

GATHER_SECONDS = 0.05
"""In a rush of calls the questions may gather so long, as those for earlier contacts do."""
_Numbers = tuple[PhoneNumber, ...]


class SqlSatisfaction:
    """The newest answers to surveys."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        transactions = Transactions(engine)
        self._last = Together(
            lambda asked: transactions.read(partial(_last_of, asked, clock.now() - SAID_LATELY)),
            pause=GATHER_SECONDS,
        )

    async def last(self, numbers: Sequence[PhoneNumber]) -> Satisfaction | None:
        """The newest answer of any of these numbers, if there is one of the last 365 days."""
        return await self._last(tuple(numbers)) if numbers else None


def _newest() -> Select[Any]:
    of = RESPONSES.c
    newest = (
        select(of.number, func.max(of.answered_at).label("at"))
        .where(of.number.in_(bindparam("numbers", expanding=True)), of.answered_at >= bindparam("since"))
        .group_by(of.number)
        .subquery()
    )
    both = (of.number == newest.c.number) & (of.answered_at == newest.c.at)
    return select(RESPONSES).join(newest, both).order_by(of.answered_at.desc(), of.id)


_NEWEST = _newest()  # asked for with every pop, so it is put together once


def _last_of(
    asked: Sequence[_Numbers], since: float, connection: Connection
) -> Mapping[_Numbers, Satisfaction]:
    numbers = {number for some in asked for number in some}
    rows = connection.execute(_NEWEST, {"numbers": [*numbers], "since": since}).mappings().all()
    found: dict[_Numbers, Satisfaction] = {}
    for some in asked:
        row = next((row for row in rows if row["number"] in some), None)
        if row is not None:
            score, scale = row["score"], row["scale"]
            found[some] = Satisfaction(score, scale, low(score, scale), row["answered_at"], row["comment"])
    return found
