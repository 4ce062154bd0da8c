"""How content a caller was last, for the card an agent sees when he calls: read only."""

from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy import Connection, func, select
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


def _last_of(
    asked: Sequence[_Numbers], since: float, connection: Connection
) -> Mapping[_Numbers, Satisfaction]:
    of = RESPONSES.c
    numbers = {number for some in asked for number in some}
    newest = (
        select(of.number, func.max(of.answered_at).label("at"))
        .where(of.number.in_(numbers), of.answered_at >= since)
        .group_by(of.number)
        .subquery()
    )
    both = (of.number == newest.c.number) & (of.answered_at == newest.c.at)
    wanted = select(RESPONSES).join(newest, both).order_by(of.answered_at.desc(), of.id)
    rows = connection.execute(wanted).mappings().all()
    found: dict[_Numbers, Satisfaction] = {}
    for some in asked:
        row = next((row for row in rows if row["number"] in some), None)
        if row is not None:
            score, scale = row["score"], row["scale"]
            found[some] = Satisfaction(score, scale, low(score, scale), row["answered_at"], row["comment"])
    return found
