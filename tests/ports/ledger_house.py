"""One switch's reconciliation on a database of its own, with a ledger file to write and a clock to set."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from config.schema import upgrade
from cti.adapters.call_rows import write_calls
from cti.adapters.call_store import SqlCallStore
from cti.adapters.case_book import SqlCaseBook
from cti.adapters.cdr_cel import SwitchFiles
from cti.adapters.database import connect
from cti.adapters.differences import SqlDifferences
from cti.adapters.gap_store import SqlGaps
from cti.adapters.ledger_file import LedgerFile
from cti.adapters.ledger_store import SqlLedgerShelf
from cti.domain.corrections import KnownCaller
from cti.domain.events import CallCorrected
from cti.domain.identifiers import CallId, CustomerId, PbxName, Tier
from cti.domain.records import CallRecord, Lasting, VisitRecord
from cti.service.gap_keeper import GapKeeper
from cti.service.ledger_keeper import LedgerKeeper
from cti.service.reconciler import Reconciler

PBX = PbxName("pbx1")
ANNA = KnownCaller(CustomerId("c-1"), "Anna Aalto", Tier.GOLD)


class SetClock:
    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        return self.at


class LedgerHouse:
    """`round` until nothing is left to do; everything made anew on the same database by `again`."""

    def __init__(self, engine, folder: Path, at: float) -> None:
        self.engine, self.queue_log, self.clock = engine, folder / "queue_log", SetClock(at)
        self.calls = SqlCallStore(engine)
        self.differences = SqlDifferences(engine)
        self.live: dict[CallId, Lasting] = {}
        self.published: list[CallCorrected] = []
        self.again()

    def again(self) -> None:
        """As after a restart: nothing is remembered but what is in the database."""
        self.book = SqlCaseBook(self.engine, PBX)
        self.gaps = GapKeeper(PBX, SqlGaps(self.engine, PBX), self.clock, verifiable=True)
        self.keeper = LedgerKeeper(
            PBX, LedgerFile(self.queue_log), SqlLedgerShelf(self.engine, PBX), self.clock
        )

        async def introduce(numbers):
            return {number: ANNA for number in numbers if number == "+15550140"}

        self.reconciler = Reconciler(
            PBX,
            self.keeper,
            self.book,
            self.gaps,
            self.clock,
            self.published.append,
            introduce,
            live=lambda: self.live,
            settle_seconds=5.0,
        )

    def witness(self, cel: Path) -> None:
        """From now on the switch's CEL can be read."""
        self.reconciler._witnesses = SwitchFiles(None, cel)

    async def listen_since(self, at: float) -> None:
        """From when on we could have heard: what is older is history."""
        now, self.clock.at = self.clock.at, at
        await SqlLedgerShelf(self.engine, PBX).cursor(at)
        self.clock.at = now

    async def keep(self, *records: CallRecord) -> None:
        async with self.engine.begin() as connection:
            await connection.run_sync(write_calls, records)

    async def settle(self, rounds: int = 50) -> None:
        for _ in range(rounds):
            if not await self.reconciler.round():
                return
        raise AssertionError("there is always more to do")

    async def visits(self) -> list[VisitRecord]:
        return list(await self.calls.visits(0, 4e9))

    async def found(self, **search) -> list[dict]:
        return list((await self.differences.list(500, 0, search)).items)


@asynccontextmanager
async def ledger_house(url: str, folder: Path, at: float) -> AsyncIterator[LedgerHouse]:
    engine = connect(url)
    try:
        await upgrade(engine)
        yield LedgerHouse(engine, folder, at)
    finally:
        await engine.dispose()
