"""What runs for one switch: taking up what stood, the work that goes on, and the process that keeps checkpoints."""

import asyncio
import logging
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from config.branch import Branch
from config.installation import Installation
from config.wiring import restored
from cti.domain.events import CallQueued
from cti.domain.gaps import GapKind
from cti.service.event_bus import EventBus
from cti.service.recovery import Recovery

log = logging.getLogger(__name__)

KEEPER_DELAY = 10.0
"""A start has enough to do; what comes meanwhile is soon told."""
KEEPER_PAUSE = 5.0
TAKEN_UP_AT_ONCE = 20
"""Calls after which callers who are to be routed get their turn."""
PRUNE_SECONDS = 60.0
PREFLIGHT_SECONDS = 3600.0
OUTBOX_SECONDS = 86_400.0
"""How long changes stay that everybody was told: whoever comes back within a day is told them again from the table."""


def works_of(house: Installation, branch: Branch) -> list[Callable[[], Any]]:
    """Everything of this switch that runs until the end."""
    return [
        branch.broker.run,
        branch.agent_desk.run,
        branch.link.run,
        branch.recount.run,
        branch.reconciler.run,
        branch.penalties.run,
        branch.overflows.run,
        branch.surges.run,
        partial(_keep_checkpoints, house, branch),
        partial(_look_at_the_switch, branch),
    ]


async def recover(house: Installation, branch: Branch) -> None:
    """Bring the calls back to where the journal ends, and everybody's picture of them."""
    gaps, books, pbx = branch.reconciler.gaps, house.books, branch.pbx
    await gaps.load()
    taking_up = EventBus()
    taking_up.connect(restored(house, branch))
    books.recovering.add(pbx)
    entered = books.place(pbx)
    recovery = Recovery(branch.monitor, branch.bookkeeper, branch.memory)
    recovered = await recovery.run(entered.position, entered.number)
    if recovered.hole_since is not None:
        gaps.missing(GapKind.JOURNAL_HOLE, recovered.hole_since)
    await books.flush()
    books.recovering.discard(pbx)
    await branch.wallboard.load(house.calls, house.clock.now())
    standing = list(branch.monitor.standing())
    queued = dict.fromkeys(event.call for told in standing for event in told if isinstance(event, CallQueued))
    decisions = await house.decision_store.of_calls(list(queued))
    putting_off = house.introduction.put_off()
    with branch.wallboard.uncounted(), branch.router.before.remembered(decisions), putting_off:
        for place, told in enumerate(standing, 1):
            taking_up.publish_all(told)
            if place % TAKEN_UP_AT_ONCE == 0:
                await asyncio.sleep(0)


async def _keep_checkpoints(house: Installation, branch: Branch) -> None:
    """A process beside us that follows the journal; when it fails, another takes its place."""
    await asyncio.sleep(KEEPER_DELAY)
    while True:
        program = (sys.executable, "-m", "config.keeper", str(branch.journal.folder), branch.pbx)
        known = str(house.books.place(branch.pbx).position)
        keeper = await asyncio.create_subprocess_exec(
            *program, branch.switch.ami.fallback_encoding, known, stdin=asyncio.subprocess.PIPE
        )
        try:
            await keeper.wait()
        finally:
            if keeper.returncode is None:
                keeper.kill()
                await keeper.wait()
        log.warning("the keeper of checkpoints ended (%s); starts take longer without", keeper.returncode)
        await asyncio.sleep(KEEPER_PAUSE)


async def prune(house: Installation) -> None:
    """Delete what recovery and retention have no more use for."""
    kept = house.settings.journal
    while True:
        await asyncio.sleep(PRUNE_SECONDS)
        now = house.clock.now()
        oldest = now - kept.keep_days * 86_400
        try:
            for branch in house.branches:
                position = house.books.place(branch.pbx).position
                needed = await asyncio.to_thread(branch.memory.checkpoints.prune, position)
                await branch.journal.prune(needed + 1, oldest, kept.keep_megabytes << 20)
            await house.outbox.prune(now - OUTBOX_SECONDS)
        except Exception:
            log.exception("what is old could not be deleted; trying again")


async def _look_at_the_switch(branch: Branch) -> None:
    """Preflight once the link is up, then hourly: its findings are on the operator's page."""
    while True:
        if branch.up:
            try:
                await branch.preflight.look()
            except Exception as problem:  # noqa: BLE001  the next look may do better
                log.warning("preflight: %s", problem)
            await asyncio.sleep(PREFLIGHT_SECONDS)
        await asyncio.sleep(1)
