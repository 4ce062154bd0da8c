"""Starts what was wired, in order, and stops it in the reverse order."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from config import logs
from config.access import SOCKETS_SECONDS, TEAMS_SECONDS
from config.assembly import assembled
from config.branch_running import prune, recover, works_of
from config.installation import Installation
from config.memory import keep_lean
from config.schema import upgrade
from config.settings import Settings
from cti.adapters.engine import open_early
from cti.adapters.standby import Duty
from cti.domain.errors import AnotherServer
from recordings.adapters.sound import load_early

log = logging.getLogger(__name__)

FLOOR_SECONDS = 0.25
"""How often screens are told a changed floor."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a part that failed begins again."""

STOP_SECONDS = 5.0
"""What a part may take to end before it is asked again."""

YOUNG_OBJECTS, YOUNG_ROUNDS, OLDER_ROUNDS = 5_000, 5, 100
"""New objects (Python's default: 700) after which the collector looks at them; so many such rounds until it looks at
those that stayed, too (20 held everybody up for 50 ms); so many of these until it looks at all."""


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Installation]:
    """An installation with everything at work but the HTTP side."""
    logs.configure(settings.log_level)
    async with assembled(settings) as (house, tasks):
        duty = Duty(house.engine)
        try:
            await duty.take()
            for branch in house.branches:
                branch.journal.claim()
            await upgrade(house.engine)
            await house.books.open()
            await house.outbox.open()
            await house.policy_desk.open()
            for branch in house.branches:
                await branch.surges.open()
                branch.journal.open(house.books.place(branch.pbx).position)
                branch.bus.hold()  # routing answers already: who asks is heard of when all that was is known
            await house.fastagi.start(settings.fastagi.host, settings.fastagi.port)
            await house.teams.refresh()
            await house.review_desk.open()
            await house.work.reasons.open()
            await house.work.guard.open()
            await house.pauses.desk.open()
            journals = [tasks.create_task(branch.journal.run()) for branch in house.branches]
            books = tasks.create_task(house.books.run())
            http_side = tasks.create_task(asyncio.to_thread(_http_side))
            gc.collect()  # now, while there is little to look at
            gc.disable()  # all that is taken up stays: to look at it again and again finds nothing
            for branch in house.branches:
                await recover(house, branch)
                branch.bus.release()
            house.pauses.desk.taken_up()
            await http_side
            works: list[Callable[[], Any]] = [
                partial(open_early, house.engine),
                load_early,
                duty.keep,
                house.job_store.writer.run,
                house.job_desk.run,
                house.decision_store.run,
                house.surge_store.run,
                house.review_desk.run,
                house.recorder.run,
                house.introduction.read_rest,
                house.store_watch.run,
                house.pauses.book.run,
                partial(_tell_the_screens, house),
                house.webhook_desk.run,
                house.pop_hook.run,
                house.work.reasons.run,
                house.work.guard.run,
                *house.care.works,
                partial(prune, house),
                partial(_tell_the_floor, house),
                partial(_keep_teams, house),
                house.entrances.keep_seen,
                partial(_end_screens, house),
                keep_lean,
                *(work for branch in house.branches for work in works_of(house, branch)),
            ]
            working = [tasks.create_task(_kept_up(work)) for work in works]
            _spare_the_collector()
            try:
                yield house
            finally:
                await house.fastagi.close()
                await stop(reversed(working))
                await stop([books])  # what the others left to enter,
                await stop(journals)  # once the journals have it
        finally:
            await duty.close()
            house.listening.close()
            await house.messenger.close()
            await house.pop_hook.close()
            if house.provider is not None:
                await house.provider.close()


async def _kept_up(work: Callable[[], Any]) -> None:
    """Whatever makes one part fail, the others go on, and it begins again; only another server on duty ends them all."""
    pause = FIRST_PAUSE
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await work()
        except AnotherServer:
            raise
        except Exception:
            if asyncio.get_running_loop().time() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE  # it went well since
            log.exception("%s failed; it begins again in %.1f s", _name(work), pause)
        else:
            return
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _name(work: Callable[[], Any]) -> str:
    """As the log calls it: `JobDesk.run`, `prune`."""
    return str(getattr(work, "func", work).__qualname__)


def _spare_the_collector() -> None:
    """What stands now stays, and calls leave no cycles behind: looking for garbage less often spares a tenth of the time.

    It is not looked at once more before: with ten thousand calls callers would wait for seconds.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_ROUNDS, OLDER_ROUNDS)
    gc.enable()


async def stop(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel in this order and wait. Cancelled again when it lasts: a library's wait_for can lose a cancellation.

    Not soon, for whoever ends a child or a transaction on a busy machine would leave it behind.
    """
    waiting = list(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, pending = await asyncio.wait(waiting, timeout=STOP_SECONDS)
        waiting = list(pending)


async def serve(settings: Settings) -> None:
    """Run until the process is asked to stop."""
    async with running(settings) as house:
        await run_server(house)


async def run_server(house: Installation) -> None:
    """The HTTP side, until the process is asked to stop."""
    uvicorn, create_app = _http_side()
    app = create_app(house)
    _spare_the_collector()  # a hundred thousand objects more
    config = uvicorn.Config(
        app,
        host=house.settings.http.host,
        port=house.settings.http.port,
        ws="websockets-sansio",
        ws_max_size=65_536,
        ws_per_message_deflate=False,  # each page's own compression of each picture of the floor kept pops waiting
        log_config=None,
        access_log=False,
        forwarded_allow_ips=house.settings.http.proxies,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    await uvicorn.Server(config).serve()


def _http_side() -> tuple[Any, Callable[[Installation], Any]]:
    """A third of all that is imported: a caller who is to be routed does not wait for it."""
    import uvicorn
    import uvicorn.lifespan.on
    import uvicorn.protocols.http.auto
    import uvicorn.protocols.websockets.websockets_sansio_impl  # else it would be loaded while everybody waits

    from config.server import create_app

    return uvicorn, create_app


async def _tell_the_screens(house: Installation) -> None:
    """Changes, as they are committed."""
    house.screens.seen = house.outbox.last
    async for changes in house.outbox.follow(house.outbox.last):
        house.screens.changes(changes)


async def _keep_teams(house: Installation) -> None:
    """Users may be changed by another program too."""
    while True:
        await asyncio.sleep(TEAMS_SECONDS)
        await house.teams.refresh()


async def _end_screens(house: Installation) -> None:
    """A page goes with what its user came in by: signed out, revoked, expired, deactivated, or with other rights."""
    while True:
        await asyncio.sleep(SOCKETS_SECONDS)
        if keys := house.screens.keys:
            house.screens.keep(keys, await house.entrances.still_open(keys, house.clock.now()))


async def _tell_the_floor(house: Installation) -> None:
    """Screens get the floor four times a second, the broker each queue's state, both only when something changed."""
    ticks = 0
    while True:
        await asyncio.sleep(FLOOR_SECONDS)
        ticks += 1
        whole_second = ticks % 4 == 0
        for branch in house.branches if whole_second else ():
            branch.monitor.tick()
        try:
            if house.screens.watched():
                await house.screens.floor(house.floor())
            house.screens.calls(house.monitor.calls_of)
            for branch in house.branches if whole_second else ():
                for queue in branch.wallboard.queues(house.clock.now()):
                    branch.broker.queue_state(queue["queue"], queue)
        except Exception:
            log.exception("the floor could not be drawn")
