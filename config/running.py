"""Starts what was wired, in order, and stops it in the reverse order."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn

from config.installation import Installation
from config.schema import upgrade
from config.server import create_app
from config.settings import Settings
from config.wiring import assemble
from cti.domain.access import Role
from cti.domain.identifiers import AgentId
from customers.service.desk import ImportReport
from routing.domain.preflight import Finding

log = logging.getLogger(__name__)

FLOOR_SECONDS = 0.25
"""How often screens are told a changed floor."""

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
            house.agent_names.update(await house.accounts.names())
            await house.wallboard.load(house.calls, house.clock.now())
            await house.review_desk.open()
            works: list[Callable[[], Any]] = [
                house.calls.writer.run,
                house.job_store.writer.run,
                house.job_desk.run,
                house.decision_store.run,
                house.review_desk.run,
                house.recorder.run,
                house.broker.run,
                house.agent_desk.run,
                house.link.run,
                lambda: _tell_the_floor(house),
                lambda: _look_at_the_switch(house),
            ]
            working = [tasks.create_task(work()) for work in works]
            await house.fastagi.start(settings.fastagi.host, settings.fastagi.port)
            _spare_the_collector()
            try:
                yield house
            finally:
                await house.fastagi.close()
                await stop(reversed(working))
        finally:
            await house.engine.dispose()


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


async def import_customers(settings: Settings, file: Path) -> ImportReport:
    async with asyncio.TaskGroup() as tasks:
        house = assemble(settings, tasks.create_task)
        try:
            await upgrade(house.engine)
            return await house.customers.import_file(file, "command line")
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
