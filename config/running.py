"""Starts what was wired, in order, and stops it in the reverse order."""

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import uvicorn

from config import reconciling
from config.installation import Installation
from config.schema import upgrade
from config.server import create_app
from config.settings import Ledger, Settings
from config.wiring import assemble, restored
from cti.adapters.ami.memory import WholeJournal
from cti.adapters.database import connect
from cti.adapters.export import lines
from cti.adapters.ledger_store import SqlLedgerShelf
from cti.api.kpi import instant
from cti.domain.access import Role
from cti.domain.errors import NotPossibleNow
from cti.domain.gaps import GapKind
from cti.domain.identifiers import AgentId, PbxName
from cti.service.event_bus import EventBus
from cti.service.recovery import Recovery
from customers.service.desk import ImportReport
from routing.domain.preflight import Finding

log = logging.getLogger(__name__)

FLOOR_SECONDS = 0.25
"""How often screens are told a changed floor."""

KEEPER_PAUSE = 5.0
PRUNE_SECONDS = 60.0

OUTBOX_SECONDS = 86_400.0
"""How long changes stay that everybody was told: whoever comes back within a day is told them again from the table."""

YOUNG_OBJECTS = 10_000
"""New objects (Python's default: 700) after which the collector looks at them."""


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Installation]:
    """An installation with everything at work but the HTTP side."""
    _log(settings)
    async with asyncio.TaskGroup() as tasks:
        house = assemble(settings, tasks.create_task)
        try:
            await upgrade(house.engine)
            await house.books.open()
            await house.outbox.open()
            house.journal.open(house.books.place(house.monitor.pbx).position)
            await house.fastagi.start(settings.fastagi.host, settings.fastagi.port)
            house.agent_names.update(await house.accounts.names())
            await house.review_desk.open()
            journal, books = tasks.create_task(house.journal.run()), tasks.create_task(house.books.run())
            for one in house.reconcilers:
                await one.gaps.load()
            await recover(house)
            works: list[Callable[[], Any]] = [
                house.job_store.writer.run,
                house.job_desk.run,
                house.decision_store.run,
                house.review_desk.run,
                house.recorder.run,
                house.broker.run,
                house.agent_desk.run,
                house.link.run,
                lambda: _tell_the_screens(house),
                house.webhook_desk.run,
                lambda: _keep_checkpoints(house),
                lambda: _prune(house),
                house.recount.run,
                *(one.run for one in house.reconcilers),
                lambda: _tell_the_floor(house),
                lambda: _look_at_the_switch(house),
            ]
            working = [tasks.create_task(work()) for work in works]
            _spare_the_collector()
            try:
                yield house
            finally:
                await house.fastagi.close()
                await stop(reversed(working))
                await stop([books])  # what the others left to enter,
                await stop([journal])  # once the journal has it
        finally:
            await house.messenger.close()
            await house.engine.dispose()


async def recover(house: Installation) -> None:
    """Bring the calls back to where the journal ends, and everybody's picture of them."""
    pbx = house.monitor.pbx
    place = house.books.place(pbx)
    taking_up = EventBus()
    taking_up.connect(restored(house))
    house.books.recovering.add(pbx)
    standing: list[Any] = []
    recovered = await Recovery(house.monitor, house.bookkeeper, house.memory).run(
        place.position, place.number, standing.append
    )
    if recovered.hole_since is not None:
        for one in house.reconcilers:
            if one.pbx == pbx:
                one.gaps.missing(GapKind.JOURNAL_HOLE, recovered.hole_since)
    await house.books.flush()
    house.books.recovering.discard(pbx)
    await house.wallboard.load(house.calls, house.clock.now())
    with house.wallboard.uncounted():
        taking_up.publish_all(standing)


async def _keep_checkpoints(house: Installation) -> None:
    """A process beside us that follows the journal; when it fails, another takes its place."""
    pbx = house.monitor.pbx
    while True:
        program = (sys.executable, "-m", "config.keeper", str(house.journal.folder), pbx)
        known = str(house.books.place(pbx).position)
        keeper = await asyncio.create_subprocess_exec(
            *program, house.settings.ami.fallback_encoding, known, stdin=asyncio.subprocess.PIPE
        )
        try:
            await keeper.wait()
        finally:
            if keeper.returncode is None:
                keeper.kill()
                await keeper.wait()
        log.warning("the keeper of checkpoints ended (%s); starts take longer without", keeper.returncode)
        await asyncio.sleep(KEEPER_PAUSE)


async def _prune(house: Installation) -> None:
    """Delete what recovery and retention have no more use for."""
    kept = house.settings.journal
    while True:
        await asyncio.sleep(PRUNE_SECONDS)
        now = house.clock.now()
        position = house.books.place(house.monitor.pbx).position
        try:
            needed = await asyncio.to_thread(house.memory.checkpoints.prune, position)
            await house.journal.prune(needed + 1, now - kept.keep_days * 86_400, kept.keep_megabytes << 20)
            await house.outbox.prune(now - OUTBOX_SECONDS)
        except Exception:
            log.exception("what is old could not be deleted; trying again")


def _spare_the_collector() -> None:
    """What stands now stays, and calls leave no cycles behind: looking for garbage less often spares a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


async def stop(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel in this order and wait. Cancelled again while it lasts: a library's wait_for can lose a cancellation."""
    waiting = list(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, pending = await asyncio.wait(waiting, timeout=1.0)
        waiting = list(pending)


async def serve(settings: Settings) -> None:
    """Run until the process is asked to stop."""
    async with running(settings) as house:
        await run_server(house)


async def run_server(house: Installation) -> None:
    """The HTTP side, until the process is asked to stop."""
    config = uvicorn.Config(
        create_app(house),
        host=house.settings.http.host,
        port=house.settings.http.port,
        ws="websockets-sansio",
        ws_max_size=65_536,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    await uvicorn.Server(config).serve()


def _log(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for quiet in ("aiosqlite", "alembic", "uvicorn.error", "mqtt"):
        logging.getLogger(quiet).setLevel(max(logging.WARNING, logging.getLogger().level))


async def _tell_the_screens(house: Installation) -> None:
    """Changes, as they are committed."""
    house.screens.seen = house.outbox.last
    async for changes in house.outbox.follow(house.outbox.last):
        house.screens.changes(changes)


async def _tell_the_floor(house: Installation) -> None:
    """Screens get the floor four times a second, the broker each queue's state, both only when something changed."""
    ticks = 0
    while True:
        await asyncio.sleep(FLOOR_SECONDS)
        ticks += 1
        if ticks % 4 == 0:
            house.monitor.tick()
        try:
            picture = house.wallboard.snapshot(house.clock.now())
            if house.screens.watched():
                house.screens.floor(picture)
            if ticks % 4 == 0:
                for queue in picture["queues"]:
                    house.broker.queue_state(queue["queue"], queue)
        except Exception:
            log.exception("the floor could not be drawn")


async def _look_at_the_switch(house: Installation) -> None:
    """Preflight once the link is up, then hourly: its findings are on the operator's page."""
    while True:
        if house.link.state == "up":
            try:
                await house.preflight.look()
            except Exception as problem:  # noqa: BLE001  the next look may do better
                log.warning("preflight: %s", problem)
            await asyncio.sleep(3600)
        await asyncio.sleep(1)


async def preflight(settings: Settings, etc: Path | None) -> tuple[Finding, ...]:
    """Connect, look once, part."""
    if etc is not None:
        settings.ami.etc = etc
    async with asyncio.TaskGroup() as tasks:
        house = assemble(settings, tasks.create_task)
        link = tasks.create_task(house.link.run())
        try:
            async with asyncio.timeout(10):
                while house.link.state not in ("up", "login_refused"):  # noqa: ASYNC110  asked, not told
                    await asyncio.sleep(0.05)
            return await house.preflight.look()
        finally:
            link.cancel()
            await house.engine.dispose()


async def describe() -> dict[str, Any]:
    """The API's description, without running anything."""
    async with asyncio.TaskGroup() as tasks:
        house = assemble(Settings(database={"url": "sqlite+aiosqlite://"}), tasks.create_task)  # type: ignore[arg-type]  # pydantic reads it
        description: dict[str, Any] = create_app(house).openapi()
        await house.engine.dispose()
        return description


async def export(settings: Settings, since: str | None, until: str | None, out: BinaryIO) -> None:
    """Write what is kept of calls and agents, as `cti.adapters.export` orders it. Raises QuestionRefused."""
    zone = ZoneInfo(settings.timezone)
    start, end = instant("from", since, zone), instant("until", until, zone)
    engine = connect(settings.database.url)
    try:
        await upgrade(engine)
        async for line in lines(engine, start or 0.0, 4e9 if end is None else end):
            out.write(line)
    finally:
        await engine.dispose()


async def rebuild(settings: Settings, url: str) -> None:
    """Enter the whole journal into another database. Raises NotPossibleNow when that one is not empty."""
    elsewhere = settings.model_copy(update={"database": settings.database.model_copy(update={"url": url})})
    async with asyncio.TaskGroup() as tasks:
        house = assemble(elsewhere, tasks.create_task)
        house.books.journals = {}  # it is only read: nothing waits for it
        writing = tasks.create_task(house.books.run())
        try:
            await upgrade(house.engine)
            await house.books.open()
            if house.books.place(house.monitor.pbx).position:
                raise NotPossibleNow("That database has calls; name an empty one.")
            memory = WholeJournal(house.memory)
            await Recovery(house.monitor, house.bookkeeper, memory).run(0, 0, lambda _: None)
            await house.books.flush()
        finally:
            await stop([writing])
            await house.engine.dispose()


async def import_customers(settings: Settings, file: Path) -> ImportReport:
    async with asyncio.TaskGroup() as tasks:
        house = assemble(settings, tasks.create_task)
        try:
            await upgrade(house.engine)
            return await house.customers.import_file(file, "command line")
        finally:
            await house.engine.dispose()


async def reconcile(
    settings: Settings, span: tuple[float | None, float | None], progress: Callable[[int], None]
) -> tuple[list[dict[str, Any]], list[Mapping[str, Any]]]:
    """Every switch's summary, and the differences of visits that joined in `span`."""
    async with asyncio.TaskGroup() as tasks:
        house = assemble(settings, tasks.create_task)
        try:
            await upgrade(house.engine)
            summaries: list[dict[str, Any]] = []
            found: list[Mapping[str, Any]] = []
            for one in house.reconcilers:
                told, differing = await reconciling.reconcile(one, house.differences, span, progress)
                summaries += told
                found += differing
            return summaries, found
        finally:
            await house.engine.dispose()


async def import_ledger(
    settings: Settings,
    files: Sequence[Path],
    pbx: str,
    read: Callable[[int], None],
    judged: Callable[[int], None],
) -> reconciling.Imported:
    """Old ledgers become calls of this switch."""
    async with asyncio.TaskGroup() as tasks:
        house = assemble(settings, tasks.create_task)
        try:
            await upgrade(house.engine)
            name = PbxName(pbx or settings.ami.pbx)
            one = reconciling.reconciler_for(
                name, Ledger(), settings.timezone, house.engine, house.clock, house.customers
            )
            shelf = SqlLedgerShelf(house.engine, name)
            return await reconciling.import_ledger(files, one, shelf, house.clock, read, judged)
        finally:
            await house.engine.dispose()


async def add_user(
    settings: Settings,
    login: str,
    password: str,
    name: str,
    role: Role,
    agent: str | None,
    language: str,
    sip: tuple[str, str] | None,
) -> None:
    async with asyncio.TaskGroup() as tasks:
        house = assemble(settings, tasks.create_task)
        try:
            await upgrade(house.engine)
            await house.accounts.add(
                login, password, name, role, AgentId(agent) if agent else None, language, sip
            )
        finally:
            await house.engine.dispose()
