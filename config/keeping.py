"""Puts together what keeps and what erases: legal holds, retention, erasure, and their reports."""

import secrets
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from care.adapters.erasure import PromisesPlace
from config.erased_numbers import erased_numbers
from cti.adapters.aged_rows import AGED, AgedRows, SqlHeldThings
from cti.adapters.journal_erasure import JournalPlace
from cti.adapters.keeping_store import SqlHolds, SqlReports
from cti.adapters.retention_policy_file import read_policy
from cti.adapters.sweep import SqlSweep
from cti.domain.access import Audit
from cti.domain.jobs import Job
from cti.ports import Clock
from cti.service.eraser import Eraser
from cti.service.hold_desk import HoldDesk
from cti.service.job_desk import JobDesk
from cti.service.retention import EVERY_SECONDS, RETENTION, Retention
from customers.adapters.erasure import CustomersPlace
from customers.adapters.numbering import NumberingPlan
from qa.adapters.erasure import ReviewsPlace
from recordings.adapters.catalogue import SqlRecordingCatalogue
from recordings.ports import AudioStore
from recordings.service.erasing import RecordingsPlace, RecordingsShelf

FORGET = "forget_erased"
"""The kind of job that has the server on duty forget what it remembers of calls that were told."""


class Keeping(NamedTuple):
    """The parts, for the installation."""

    eraser: Eraser
    retention: Retention
    holds: HoldDesk
    reports: SqlReports


def make_keeping(
    engine: AsyncEngine,
    policy: Path,
    journals: tuple[Path, Sequence[str]],
    numbering: NumberingPlan,
    kept: tuple[SqlRecordingCatalogue, AudioStore],
    audit: Audit,
    clock: Clock,
    jobs: JobDesk,
    forget: Callable[[], Coroutine[Any, Any, None]],
) -> Keeping:
    """`journals`: their folder, and the switches' names; `forget`: all that this server remembers. Raises PolicyRefused."""
    folder, switches = journals
    holds, reports = SqlHolds(engine), SqlReports(engine)
    recordings = RecordingsPlace(*kept, clock)

    async def done() -> None:
        jobs.ask(FORGET, "all")

    async def forgotten(_: Job) -> float | None:
        await forget()
        return None

    eraser = Eraser(
        (
            recordings,
            ReviewsPlace(engine),
            CustomersPlace(engine, numbering),
            PromisesPlace(engine),
            SqlSweep(engine),
            *(JournalPlace(folder / switch) for switch in switches),
        ),
        holds,
        reports,
        erased_numbers(engine, folder),
        audit,
        clock,
        _token,
        done,
    )
    retention = Retention(
        read_policy(policy),
        {
            "recordings": RecordingsShelf(recordings, kept[0]),
            **{name: AgedRows(engine, name) for name in AGED},
        },
        holds,
        SqlHeldThings(engine, numbering.parted),
        reports,
        clock,
        _token,
    )
    jobs.handle(FORGET, forgotten)
    jobs.handle(RETENTION, retention.daily)
    jobs.ask(RETENTION, "all", every_seconds=EVERY_SECONDS)
    return Keeping(eraser, retention, HoldDesk(holds, audit, clock, _token, numbering.normalise), reports)


def _token() -> str:
    return secrets.token_hex(16)
