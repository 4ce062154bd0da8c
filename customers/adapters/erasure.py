"""Takes customers out of the customers' book."""

from collections.abc import Mapping
from functools import partial

from sqlalchemy import Connection, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import Transactions
from cti.domain.erasing import CUSTOMER, Blanking, Person
from customers.adapters.numbering import NumberingPlan
from customers.adapters.store import CUSTOMERS, NUMBERS, TIER_HISTORY


class CustomersPlace:
    """Whoever has the number is erased with all his other numbers: it is a person who asks, not a telephone."""

    def __init__(self, engine: AsyncEngine, plan: NumberingPlan) -> None:
        self._transactions, self._plan = Transactions(engine), plan

    async def learn(self, person: Person) -> Person:
        return await self._transactions.read(partial(self._learn, person))

    def _learn(self, person: Person, connection: Connection) -> Person:
        wanted = sorted(person.digits())
        holders = select(NUMBERS.c.customer_id).where(NUMBERS.c.number.in_(wanted))
        ids = set(connection.execute(holders).scalars())
        if not ids:
            return person
        names = connection.execute(select(CUSTOMERS.c.name).where(CUSTOMERS.c.id.in_(ids))).scalars()
        numbers = connection.execute(select(NUMBERS.c.number).where(NUMBERS.c.customer_id.in_(ids))).scalars()
        parted = [self._plan.parted(number) for number in numbers]
        return person.knowing(CUSTOMER, ids, names).numbered(one for one in parted if one is not None)

    async def erase(self, blanking: Blanking) -> Mapping[str, int]:
        gone = await self._transactions.write(partial(_delete, blanking.person))
        return {"customers": gone} if gone else {}


def _delete(person: Person, connection: Connection) -> int:
    ids = sorted(person.of(CUSTOMER))
    if not ids:
        return 0
    for table in (NUMBERS, TIER_HISTORY):
        connection.execute(delete(table).where(table.c.customer_id.in_(ids)))
    return connection.execute(delete(CUSTOMERS).where(CUSTOMERS.c.id.in_(ids))).rowcount
