"""One switch's reconciliation put together, and what the command line asks of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from config.settings import Ledger, SettingsError
from cti.adapters.case_book import SqlCaseBook
from cti.adapters.cdr_cel import SwitchFiles
from cti.adapters.database import connect
from cti.adapters.differences import SqlDifferences
from cti.adapters.erased import ErasedNumbers
from cti.adapters.gap_store import SqlGaps
from cti.adapters.ledger_file import LedgerFile, whole_file
from cti.adapters.ledger_store import SqlLedgerShelf
from cti.adapters.ledger_table import LedgerTable
from cti.domain.corrections import KnownCaller
from cti.domain.gaps import GapKind
from cti.domain.identifiers import PbxName, Tier
from cti.domain.ledger_reader import LedgerReader
from cti.ports import Clock, LedgerSource, Publish
from cti.service.call_monitor import CallMonitor
from cti.service.gap_keeper import GapKeeper
from cti.service.ledger_keeper import LedgerKeeper
from cti.service.reconciler import Reconciler
from customers.service.desk import CustomerDesk


def source_of(ledger: Ledger, timezone: str) -> LedgerSource | None:
    """Where this switch's ledger is read; None without one. Raises SettingsError."""
    if ledger.file is not None and ledger.database_url:
        raise SettingsError(
            "CTI_LEDGER__FILE and CTI_LEDGER__DATABASE_URL: say one of them, the other is the same ledger"
        )
    if ledger.file is not None:
        return LedgerFile(ledger.file)
    if not ledger.database_url:
        return None
    try:
        return LedgerTable(
            connect(ledger.database_url), ledger.table, UTC if ledger.gmt else ZoneInfo(timezone)
        )
    except ValueError as problem:
        raise SettingsError(f"CTI_LEDGER__TABLE: {problem}") from None


def reconciler_for(
    pbx: PbxName,
    ledger: Ledger,
    timezone: str,
    engine: AsyncEngine,
    clock: Clock,
    customers: CustomerDesk,
    unknown_tier: Callable[[], Tier],
    publish: Publish = lambda _: None,
    *,
    monitor: CallMonitor | None = None,
    flush: Callable[[], Awaitable[None]] | None = None,
    hears: Callable[[], bool] = lambda: False,
    erased: ErasedNumbers | None = None,
) -> Reconciler:
    """All that compares one switch with its ledger. Without `monitor` and `flush` nothing is live: the command line."""
    source = source_of(ledger, timezone)
    gaps = GapKeeper(pbx, SqlGaps(engine, pbx), clock, verifiable=source is not None, hears=hears)
    keeper = None
    if source is not None:
        keeper = LedgerKeeper(
            pbx,
            source,
            SqlLedgerShelf(engine, pbx, erased),
            clock,
            on_hole=lambda since, until: gaps.missing(GapKind.LEDGER_HOLE, since, until),
        )
    return Reconciler(
        pbx,
        keeper,
        SqlCaseBook(engine, pbx),
        gaps,
        clock,
        publish,
        introduced_by(customers, unknown_tier),
        live=monitor.lasting if monitor else dict,
        flush=flush,
        witnesses=SwitchFiles(ledger.cdr, ledger.cel),
        settle_seconds=ledger.settle_seconds,
    )


def introduced_by(
    customers: CustomerDesk, unknown: Callable[[], Tier]
) -> Callable[[Sequence[str]], Awaitable[Mapping[str, KnownCaller]]]:
    """Whose numbers these are, by the customers' book: repaired calls get the customer and tier live ones have.

    `unknown` tells the tier of a number that is nobody's, and of a call without one, by the policy of the moment.
    """

    async def introduce(numbers: Sequence[str]) -> Mapping[str, KnownCaller]:
        # all at once: lookups that wait together are one query
        found = await asyncio.gather(*(customers.lookup(number) for number in numbers))
        nobody = KnownCaller(tier=unknown())
        known = {"": nobody}
        for number, customer in zip(numbers, found, strict=True):
            known[number] = (
                nobody if customer is None else KnownCaller(customer.id, customer.name, customer.tier)
            )
        return known

    return introduce


async def summary(reconcilers: Sequence[Reconciler], differences: SqlDifferences) -> list[dict[str, Any]]:
    """Where each switch's comparison stands, for people."""
    return [await _summary(one, differences) for one in reconcilers]


async def _summary(one: Reconciler, differences: SqlDifferences) -> dict[str, Any]:
    proof, ledger = one.verification(), one.ledger
    counts = ledger.counts if ledger else {}
    return {
        "pbx": one.pbx,
        "ledger": proof.ledger,
        "ledger_state": ledger.state if ledger else "none",
        "ledger_read_until": ledger.read_until if ledger else None,
        "ledger_last_line_at": ledger.last_line_at if ledger else None,
        "ledger_behind": ledger.behind if ledger else 0,
        "ledger_lines": counts.get("lines", 0),
        "ledger_malformed": counts.get("malformed", 0),
        "verified_until": proof.verified_until,
        "gap_since": proof.gap_since,
        "drift": {kind: count for (_, kind), count in one.drift().items()},
        "repaired": dict(await differences.repaired(one.pbx)),
        "gaps": [
            {
                "kind": gap.kind.value,
                "since": gap.since,
                "until": gap.until,
                "state": gap.state.value,
                "first": gap.first,
                "last": gap.last,
            }
            for gap in one.gaps.lasting
        ],
    }


# the command line -------------------------------------------------------------------------------------------------


class Imported(NamedTuple):
    """What an import came to."""

    lines: int
    malformed: int
    visits: int
    fresh: int
    open: int


class NoLedger(Exception):
    """The file is no queue_log, or none is configured; the sentence says what to do."""


async def reconcile(
    one: Reconciler,
    differences: SqlDifferences,
    span: tuple[float | None, float | None],
    progress: Callable[[int], None],
) -> tuple[list[dict[str, Any]], Sequence[Mapping[str, Any]]]:
    """Read the ledger to its end and judge all that is settled: the summary, and the differences of a span of joining.

    Raises NoLedger when none is configured, or when it cannot be read.
    """
    if one.ledger is None:
        raise NoLedger("no ledger is configured: set CTI_LEDGER__FILE or CTI_LEDGER__DATABASE_URL")
    await one.gaps.look()
    await one.catch_up(progress)
    if one.ledger.read_until is None:
        raise NoLedger(f"the ledger is {one.ledger.state}: check CTI_LEDGER__FILE, or the database it is in")
    await one.close_gaps()
    found = await differences.all({"from": span[0], "until": span[1], "pbx": one.pbx})
    return await summary([one], differences), found


async def import_ledger(
    files: Sequence[Path],
    one: Reconciler,
    shelf: SqlLedgerShelf,
    clock: Clock,
    read: Callable[[int], None],
    judged: Callable[[int], None],
) -> Imported:
    """Old ledgers become calls: files in the order they were written. Raises NoLedger for what is none, OSError."""
    reader = LedgerReader(one.pbx)
    visits = fresh = 0
    one.began_at = (await shelf.cursor(clock.now())).began_at
    for file in files:
        lines, understood = reader.lines, reader.lines - reader.malformed
        for piece, done in whole_file(file):
            for text, whole in piece:
                reader.feed(text, whole=whole)
            settled = [entry for entry in reader.take() if entry.settled_at is not None]
            visits += len(settled)
            fresh += await shelf.add(settled)
            read(done)
        if reader.lines > lines and reader.lines - reader.malformed == understood:
            raise NoLedger(f"{file}: not one of its {reader.lines - lines} lines is a line of a queue_log")
    if reader.first_at is not None and reader.last_at is not None:
        await one.judge_all(judged, (reader.first_at - 1, reader.last_at + 1))
    return Imported(reader.lines, reader.malformed, visits, fresh, len(reader.open_visits()))
