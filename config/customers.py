"""Puts together the customers' desk, and shows it the calls that are over."""

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.call_store import SqlCallStore
from cti.domain.identifiers import CustomerId, PhoneNumber
from cti.ports import Clock
from customers.adapters.csv_file import CsvFiles
from customers.adapters.numbering import NumberingPlan
from customers.adapters.store import SqlCustomers
from customers.domain.customer import Contact, Customer
from customers.domain.tiers import TierPolicy
from customers.service.desk import CustomerDesk


def make_customers(
    engine: AsyncEngine,
    numbering: NumberingPlan,
    calls: SqlCallStore,
    tiers: Sequence[TierPolicy],
    clock: Clock,
    changed: Callable[[Sequence[Customer]], None],
) -> CustomerDesk:
    """`changed` is told after each commit."""
    store = SqlCustomers(engine)
    return CustomerDesk(store, numbering, _Contacts(calls), CsvFiles(), clock, tiers=tiers, changed=changed)


class _Contacts:
    """The customers' port on earlier calls, answered by the store of calls."""

    def __init__(self, calls: SqlCallStore) -> None:
        self._calls = calls

    async def contacts(
        self, customer: CustomerId | None, numbers: Sequence[PhoneNumber], limit: int
    ) -> Sequence[Contact]:
        return [Contact(**row) for row in await self._calls.contacts(customer, numbers, limit)]
