"""What the command line does once and then ends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from care.service.surveys import SurveyImport
from config import reconciling
from config.assembly import assembled, upgraded
from config.erased_numbers import erased_numbers
from config.installation import Installation
from config.running import stop
from config.schema import upgrade
from config.settings import Ledger, Settings
from cti.adapters.ami.memory import WholeJournal
from cti.adapters.audit import SqlAudit
from cti.adapters.clock import SystemClock
from cti.adapters.database import connect
from cti.adapters.export import lines
from cti.adapters.ledger_store import SqlLedgerShelf
from cti.api.kpi import instant
from cti.domain.access import Role, User
from cti.domain.audit import Break, Verifier
from cti.domain.errors import NotPossibleNow, Unknown
from cti.domain.identifiers import PbxName
from cti.service.people import Changes
from cti.service.recovery import Recovery
from customers.service.desk import ImportReport
from routing.domain.preflight import Finding

COMMAND_LINE = User("command-line", "command line", "command line", Role.ADMINISTRATOR, None, "en")
"""Who stands in the audit log for deeds of whoever may use the machine."""


async def preflight(settings: Settings, etc: Path | None) -> tuple[Finding, ...]:
    """Connect, look once, part."""
    if etc is not None:
        settings.ami.etc = etc
    found: list[Finding] = []
    async with assembled(settings) as (house, tasks):
        for branch in house.branches:
            link = tasks.create_task(branch.link.run())
            try:
                async with asyncio.timeout(10):
                    while branch.link.state not in ("up", "login_refused"):  # noqa: ASYNC110  asked, not told
                        await asyncio.sleep(0.05)
                found += await branch.preflight.look()
            finally:
                link.cancel()
    return tuple(found)


async def describe() -> dict[str, Any]:
    """The API's description, without running anything."""
    from config.server import create_app

    nowhere = Settings(database={"url": "sqlite+aiosqlite://"})  # type: ignore[arg-type]  # pydantic reads it
    async with assembled(nowhere) as (house, _):
        description: dict[str, Any] = create_app(house).openapi()
        return description


async def export(
    settings: Settings, since: str | None, until: str | None, out: BinaryIO, *, heard: bool
) -> None:
    """Write what is kept of calls and agents, as `cti.adapters.export` orders it. Raises QuestionRefused."""
    zone = ZoneInfo(settings.timezone)
    start, end = instant("from", since, zone), instant("until", until, zone)
    engine = connect(settings.database.url)
    try:
        await upgrade(engine)
        await SqlAudit(engine, SystemClock())(
            COMMAND_LINE, "calls.exported", f"{since or 'the beginning'} until {until or 'now'}"
        )
        async for line in lines(engine, start or 0.0, 4e9 if end is None else end, heard=heard):
            out.write(line)
    finally:
        await engine.dispose()


async def rebuild(settings: Settings, url: str) -> None:
    """Enter the whole journal into another database. Raises NotPossibleNow when that one is not empty."""
    elsewhere = settings.model_copy(update={"database": settings.database.model_copy(update={"url": url})})
    async with upgraded(elsewhere) as (house, tasks):
        house.books.journals = {}  # it is only read: nothing waits for it
        writing = tasks.create_task(house.books.run())
        try:
            await house.books.open()
            if any(house.books.place(branch.pbx).position for branch in house.branches):
                raise NotPossibleNow("That database has calls; name an empty one.")
            for branch in house.branches:
                memory = WholeJournal(branch.memory)
                await Recovery(branch.monitor, branch.bookkeeper, memory).run(0, 0)
            await house.books.flush()
        finally:
            await stop([writing])


@asynccontextmanager
async def at_work(settings: Settings) -> AsyncIterator[Installation]:
    """An installation for one errand beside a server that may be running: what it asks of jobs is written down."""
    async with upgraded(settings) as (house, tasks):
        writing = tasks.create_task(house.job_store.writer.run())
        try:
            yield house
            await house.job_store.writer.drained()
        finally:
            await stop([writing])


async def import_customers(settings: Settings, file: Path) -> ImportReport:
    async with upgraded(settings) as (house, _):
        report = await house.customers.import_file(file, "command line")
        await house.audit(COMMAND_LINE, "customers.import_file", file.name)
        return report


async def import_surveys(settings: Settings, file: Path) -> SurveyImport:
    async with upgraded(settings) as (house, _):
        report = await house.care.surveys.import_file(file)
        await house.audit(COMMAND_LINE, "surveys.import_file", file.name)
        return report


async def reconcile(
    settings: Settings, span: tuple[float | None, float | None], progress: Callable[[int], None]
) -> tuple[list[dict[str, Any]], list[Mapping[str, Any]]]:
    """Every switch's summary, and the differences of visits that joined in `span`."""
    async with upgraded(settings) as (house, _):
        summaries: list[dict[str, Any]] = []
        found: list[Mapping[str, Any]] = []
        for branch in house.branches:
            told, differing = await reconciling.reconcile(
                branch.reconciler, house.differences, span, progress
            )
            summaries += told
            found += differing
        return summaries, found


async def import_ledger(
    settings: Settings,
    files: Sequence[Path],
    pbx: str,
    read: Callable[[int], None],
    judged: Callable[[int], None],
) -> reconciling.Imported:
    """Old ledgers become calls of this switch."""
    async with upgraded(settings) as (house, _):
        name = PbxName(pbx or settings.ami.pbx)
        one = reconciling.reconciler_for(
            name,
            Ledger(),
            settings.timezone,
            house.engine,
            house.clock,
            house.customers,
            lambda: house.first.router.policy.unknown_tier,
        )
        shelf = SqlLedgerShelf(house.engine, name, erased_numbers(house.engine, settings.journal.folder))
        return await reconciling.import_ledger(files, one, shelf, house.clock, read, judged)


async def add_user(
    settings: Settings,
    login: str,
    password: str,
    name: str,
    role: Role,
    agent: str | None,
    language: str,
    sip: tuple[str, str] | None,
    teams: Sequence[str],
) -> None:
    async with upgraded(settings) as (house, _):
        added = (login, password, name, role, agent or "", language, frozenset(teams))
        await house.people.add(COMMAND_LINE, *added, sip=sip)


async def change_user(
    settings: Settings, login: str, changes: Changes, *, second_factor: bool = True
) -> None:
    """`second_factor` False: it is taken away. Raises Unknown."""
    async with upgraded(settings) as (house, _):
        account = await house.accounts.by_login(login)
        if account is None:
            raise Unknown(f"user {login}")
        if not second_factor:
            await house.people.take_second_factor(COMMAND_LINE, account.user.id)
        await house.people.change(COMMAND_LINE, account.user.id, changes)


async def verify_audit(settings: Settings) -> tuple[Verifier, Break | None]:
    engine = connect(settings.database.url)
    try:
        await upgrade(engine)
        return await SqlAudit(engine, SystemClock()).verify()
    finally:
        await engine.dispose()
