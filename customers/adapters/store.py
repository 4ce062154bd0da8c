"""Customers in SQL."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    RowMapping,
    Select,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, Together, Transactions, portions, reading, upsert
from cti.domain.identifiers import AgentId, CustomerId, PhoneNumber, Tier
from customers.domain.customer import Customer, TierChange
from customers.domain.errors import NumberTaken
from customers.ports import CustomerPage

CUSTOMERS = Table(
    "customers",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False, index=True),
    Column("company", String(200), nullable=False),
    Column("tier", String(16), nullable=False, index=True),
    Column("tier_source", String(16), nullable=False),
    Column("language", String(16), nullable=False),
    Column("owner", String(80)),
    Column("note", Text, nullable=False),
    Column("value_note", Text, nullable=False),
    Column("created_at", Float(53), nullable=False),
)
NUMBERS = Table(
    "customer_numbers",
    METADATA,
    Column("number", String(32), primary_key=True),
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
)
TIER_HISTORY = Table(
    "tier_history",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Float(53), nullable=False),
    Column("from_tier", String(16)),
    Column("to_tier", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", String(80), nullable=False),
)


class SqlCustomers:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._reading = engine, reading(engine)
        self._transactions = Transactions(engine)
        self._by_number = Together(self._by_numbers)

    def new_id(self) -> CustomerId:
        return CustomerId(f"c-{secrets.token_hex(6)}")

    async def by_number(self, number: PhoneNumber) -> Customer | None:
        return await self._by_number(number)

    async def _by_numbers(self, numbers: Sequence[PhoneNumber]) -> Mapping[PhoneNumber, Customer]:
        found = await self._transactions.read(partial(_customers, _HOLDERS, numbers=numbers))
        return {number: customer for customer in found for number in customer.numbers}

    async def by_id(self, customer: CustomerId) -> Customer | None:
        return (await self.by_ids([customer])).get(customer)

    async def by_ids(self, customers: Iterable[CustomerId]) -> Mapping[CustomerId, Customer]:
        found: dict[CustomerId, Customer] = {}
        for some in portions(customers):
            query = select(CUSTOMERS).where(CUSTOMERS.c.id.in_(some))
            these = await self._transactions.read(partial(_customers, query))
            found.update((customer.id, customer) for customer in these)
        return found

    async def holders(self, numbers: Iterable[PhoneNumber]) -> Mapping[PhoneNumber, CustomerId]:
        found: dict[PhoneNumber, CustomerId] = {}
        async with self._reading.connect() as connection:
            for some in portions(numbers):
                query = select(NUMBERS.c.number, NUMBERS.c.customer_id).where(NUMBERS.c.number.in_(some))
                for number, customer in await connection.execute(query):
                    found[PhoneNumber(number)] = CustomerId(customer)
        return found

    async def search(self, text: str, tier: Tier | None, limit: int, offset: int) -> CustomerPage:
        query = select(CUSTOMERS)
        if text:
            like = "%" + text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            number_like = select(NUMBERS.c.customer_id).where(NUMBERS.c.number.like(like, escape="\\"))
            query = query.where(
                or_(
                    func.lower(CUSTOMERS.c.name).like(like, escape="\\"),
                    func.lower(CUSTOMERS.c.company).like(like, escape="\\"),
                    CUSTOMERS.c.id == text,
                    CUSTOMERS.c.id.in_(number_like),
                )
            )
        if tier is not None:
            query = query.where(CUSTOMERS.c.tier == tier.value)
        page = query.order_by(CUSTOMERS.c.name, CUSTOMERS.c.id).limit(limit).offset(offset)
        async with self._reading.connect() as connection:
            total = (
                await connection.execute(select(func.count()).select_from(query.subquery()))
            ).scalar_one()
            return CustomerPage(await connection.run_sync(partial(_customers, page)), total)

    async def save(self, customers: Sequence[Customer], changes: Sequence[TierChange]) -> None:
        try:
            async with self._engine.begin() as connection:
                for some in portions(customers):
                    await upsert(connection, CUSTOMERS, [_row(customer) for customer in some])
                    ids = [customer.id for customer in some]
                    await connection.execute(delete(NUMBERS).where(NUMBERS.c.customer_id.in_(ids)))
                # After all old numbers are gone, so that two customers of one file may exchange theirs.
                for some in portions(customers):
                    rows = [
                        {"number": str(number), "customer_id": customer.id, "position": position}
                        for customer in some
                        for position, number in enumerate(customer.numbers)
                    ]
                    if rows:
                        await connection.execute(insert(NUMBERS), rows)
                for some_changes in portions(changes):
                    await connection.execute(
                        insert(TIER_HISTORY), [_history_row(change) for change in some_changes]
                    )
        except IntegrityError as error:
            raise NumberTaken from error

    async def tier_history(self, customer: CustomerId) -> Sequence[TierChange]:
        query = (
            select(TIER_HISTORY)
            .where(TIER_HISTORY.c.customer_id == customer)
            .order_by(TIER_HISTORY.c.id.desc())
        )
        async with self._reading.connect() as connection:
            return [_change(row) for row in (await connection.execute(query)).mappings()]


_HOLDERS: Final = select(CUSTOMERS).where(
    CUSTOMERS.c.id.in_(
        select(NUMBERS.c.customer_id).where(NUMBERS.c.number.in_(bindparam("numbers", expanding=True)))
    )
)


def _customers(query: Select[Any], connection: Connection, **values: Any) -> list[Customer]:
    rows = connection.execute(query, values).mappings().all()
    numbers: dict[str, list[PhoneNumber]] = {row["id"]: [] for row in rows}
    for some in portions(numbers):
        found = connection.execute(
            select(NUMBERS.c.customer_id, NUMBERS.c.number)
            .where(NUMBERS.c.customer_id.in_(some))
            .order_by(NUMBERS.c.customer_id, NUMBERS.c.position)
        )
        for customer, number in found:
            numbers[customer].append(PhoneNumber(number))
    return [_customer(row, numbers[row["id"]]) for row in rows]


def _customer(row: RowMapping, numbers: Sequence[PhoneNumber]) -> Customer:
    return Customer(
        id=CustomerId(row["id"]),
        name=row["name"],
        company=row["company"],
        tier=Tier(row["tier"]),
        tier_source=row["tier_source"],
        numbers=tuple(numbers),
        language=row["language"],
        owner=AgentId(row["owner"]) if row["owner"] else None,
        note=row["note"],
        value_note=row["value_note"],
        created_at=row["created_at"],
    )


def _row(customer: Customer) -> dict[str, Any]:
    row = customer._asdict()
    del row["numbers"]
    return row | {"tier": customer.tier.value}


def _history_row(change: TierChange) -> dict[str, Any]:
    return {
        "customer_id": change.customer,
        "at": change.at,
        "from_tier": None if change.from_tier is None else change.from_tier.value,
        "to_tier": change.to_tier.value,
        "reason": change.reason,
        "actor": change.actor,
    }


def _change(row: RowMapping) -> TierChange:
    return TierChange(
        at=row["at"],
        customer=CustomerId(row["customer_id"]),
        from_tier=None if row["from_tier"] is None else Tier(row["from_tier"]),
        to_tier=Tier(row["to_tier"]),
        reason=row["reason"],
        actor=row["actor"],
    )
