from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from cti.adapters.database import METADATA, connect
from cti.domain.identifiers import AgentId
from customers.adapters.csv_file import CsvFiles
from customers.adapters.numbering import NumberingPlan
from customers.adapters.store import SqlCustomers
from customers.domain.customer import Contact
from customers.service.desk import CustomerDesk


class SetClock:
    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def now(self) -> float:
        return self.time


class Calls:
    def __init__(self) -> None:
        self.asked: list[tuple] = []
        self.found: Sequence[Contact] = [
            Contact(1_799_999_000.0, "pbx:1.1", "support", AgentId("101"), "answered", 63.0)
        ]

    async def contacts(self, customer, numbers, limit):
        self.asked.append((customer, tuple(numbers), limit))
        return self.found


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlCustomers]:
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'customers.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield SqlCustomers(engine)
    await engine.dispose()


@pytest.fixture
def desk(store: SqlCustomers, calls: Calls, clock: SetClock) -> CustomerDesk:
    return CustomerDesk(store, NumberingPlan("CN"), calls, CsvFiles(), clock)
