"""Has jobs done: each kind in a line of its own, so that a slow kind never holds up another."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from cti.domain.errors import CtiError, NotPossibleNow, Unknown
from cti.domain.jobs import (
    Ended,
    Handler,
    Job,
    JobState,
    Result,
    Retries,
    done,
    failed,
    fatal,
    job_id,
    postponed,
    returned,
    told,
)
from cti.ports import Clock, JobPage, JobStore

log = logging.getLogger(__name__)

HOLD_SECONDS = 10.0
"""A server that does not say for so long that it still has a job in hand counts as gone; others take the job up."""

LOOK_SECONDS = 1.0
"""How often the store is asked of which kinds something is due that was not asked for here."""

WRITE_SECONDS = 0.1
"""What has ended waits at most so long for company before it is written."""

_AT_ONCE = 20
_COUNT_SECONDS = 5.0


class _Line(NamedTuple):
    handler: Handler
    retries: Retries
    together: int
    wake: asyncio.Event


class JobDesk:
    """Takes jobs in without waiting, and does what is due. `owner` names this server among those of one database."""

    def __init__(
        self, store: JobStore, clock: Clock, owner: str, *, hold_seconds: float = HOLD_SECONDS
    ) -> None:
        self._store, self._clock, self._owner, self._hold_seconds = store, clock, owner, hold_seconds
        self._lines: dict[str, _Line] = {}
        self._due: dict[str, float] = {}  # by kind, the next time known here
        self._found = set[str]()  # kinds of which the store has something that is due
        self._in_hand: set[str] = set()
        self._counts: Mapping[tuple[str, JobState], int] = {}
        self._attempts: Counter[tuple[str, Result]] = Counter()
        self.failures = 0
        self._news = asyncio.Event()
        store.listen(self._news.set)

    def handle(
        self, kind: str, handler: Handler, retries: Retries | None = None, *, together: int = 1
    ) -> None:
        """Who does this kind of job, and how many of it at once; said once, before `run`."""
        self._lines[kind] = _Line(handler, retries or Retries(), together, asyncio.Event())

    # what reactions may call: nothing here waits

    def ask(
        self,
        kind: str,
        subject: str,
        payload: Mapping[str, str] | None = None,
        *,
        at: float | None = None,
        every_seconds: float | None = None,
    ) -> None:
        """Have this done at that time, at once without one. What is already asked for stays as it is."""
        now = self._clock.now()
        if at is not None:
            self._expect(kind, at)
        due = now if at is None else at
        self._store.keep(Job(kind, subject, payload or {}, now, due, every_seconds=every_seconds))

    def drop(self, kind: str, subject: str) -> None:
        self._store.drop(job_id(kind, subject))

    async def asked(self, kind: str) -> Collection[str]:
        """The subjects of what is asked for, written, and not done; given up included."""
        return await self._store.subjects(kind)

    # what operators ask

    async def page(self, state: JobState | None, limit: int, offset: int) -> JobPage:
        return await self._store.page(state, limit, offset)

    async def try_again(self, job: str) -> None:
        """Have a dead job tried from the beginning. Raises Unknown or NotPossibleNow."""
        revived = await self._store.revive(job, self._clock.now()) if job.isprintable() else None
        if revived is None:
            raise Unknown("There is no such job: it may be done meanwhile.")
        if not revived:
            raise NotPossibleNow("Only a job that was given up can be tried again.")
        self._news.set()

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Jobs by kind and state, some seconds old."""
        none = {(kind, state.value): 0 for kind in self._lines for state in JobState}
        return none | {(kind, state.value): count for (kind, state), count in self._counts.items()}

    def attempts(self) -> Mapping[tuple[str, str], int]:
        """Attempts by kind and how they ended, since this server began."""
        return {
            (kind, result.value): self._attempts[kind, result] for kind in self._lines for result in Result
        }

    # the tasks

    async def run(self) -> None:
        """Work until cancelled. What is in hand then is given back, for the next server to take up at once."""
        async with asyncio.TaskGroup() as tasks:
            for kind in self._lines:
                tasks.create_task(self._serve(kind))
            tasks.create_task(self._look())
            tasks.create_task(self._hold())
            tasks.create_task(self._count())

    async def turn(self) -> None:
        """Do everything that is due now, each kind once over."""
        for kind in self._lines:
            while await self._round(kind):
                pass

    async def _serve(self, kind: str) -> None:
        delay = LOOK_SECONDS
        while True:
            await self._until_due(kind)
            try:
                while await self._round(kind):
                    pass
                delay = LOOK_SECONDS
            except Exception:
                self.failures += 1
                log.exception("jobs: %s cannot be looked after, trying again", kind)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5.0)

    async def _look(self) -> None:
        """One question for all kinds, at news of the store and each second: their lines sleep when nothing is due."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._news.wait()
            self._news.clear()
            try:
                due = await self._store.due(tuple(self._lines), self._clock.now())
            except Exception:
                self.failures += 1
                log.exception("jobs: what is due cannot be read, trying again")
                await asyncio.sleep(LOOK_SECONDS)
                continue
            for kind in due:
                self._found.add(kind)
                self._lines[kind].wake.set()

    async def _until_due(self, kind: str) -> None:
        """Wait for the next time known here, or until a look at the store found something."""
        wake = self._lines[kind].wake
        while kind not in self._found:
            due = self._due.get(kind)
            left = None if due is None else due - self._clock.now()
            if left is not None and left <= 0:
                del self._due[kind]
                break
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await wake.wait()
            wake.clear()
        self._found.discard(kind)

    def _expect(self, kind: str, due: float) -> None:
        self._due[kind] = min(due, self._due.get(kind, due))
        if kind in self._lines:
            self._lines[kind].wake.set()

    async def _round(self, kind: str) -> bool:
        """Take some of what is due in hand, and do it, so many at once as the line allows; whether there was any."""
        now, together = self._clock.now(), self._lines[kind].together
        until = now + self._hold_seconds
        jobs = await self._store.claim(kind, now, self._owner, until, _AT_ONCE)
        self._in_hand.update(job.id for job in jobs)
        left, unwritten = list(jobs), list[Ended]()
        try:
            while left:
                unwritten += await asyncio.gather(*map(self._attempt, left[:together]))
                del left[:together]
                if not left or self._clock.now() - now >= WRITE_SECONDS:
                    await self._settle(unwritten)
                    unwritten, now = [], self._clock.now()
        except asyncio.CancelledError:
            await self._settle([*unwritten, *(returned(job, self._clock.now()) for job in left)])
            raise
        finally:
            self._in_hand.difference_update(job.id for job in jobs)
        return bool(jobs)

    async def _attempt(self, job: Job) -> Ended:
        line = self._lines[job.kind]
        ended = fatal(job, line.retries)
        if ended is None:
            try:
                again_at = await line.handler(job)
            except Exception as fault:
                ended = failed(job, line.retries, self._clock.now(), fault)
                foreseen = isinstance(fault, (CtiError, OSError))
                log.warning(
                    "jobs: %s failed, attempt %d of %d: %s",
                    job.id,
                    job.attempts,
                    line.retries.attempts,
                    told(fault),
                    exc_info=None if foreseen else fault,
                )
            else:
                now = self._clock.now()
                ended = done(job, now) if again_at is None else postponed(job, again_at)
        if ended.result is Result.DEAD:
            log.error(
                "jobs: %s is given up after %d attempts; an operator may have it tried again",
                job.id,
                job.attempts,
            )
        if ended.after is not None and ended.after.next_at is not None:
            self._expect(job.kind, ended.after.next_at)
        return ended

    async def _settle(self, ended: Sequence[Ended]) -> None:
        await self._store.settle(ended, self._owner)
        self._attempts.update((one.attempt.kind, one.result) for one in ended)

    async def _hold(self) -> None:
        """Say regularly what is in hand; a database that does not listen is complained of by the lines."""
        while True:
            await asyncio.sleep(self._hold_seconds / 3)
            if self._in_hand:
                with contextlib.suppress(Exception):
                    until = self._clock.now() + self._hold_seconds
                    await self._store.hold(set(self._in_hand), self._owner, until)

    async def _count(self) -> None:
        while True:
            with contextlib.suppress(Exception):
                self._counts = await self._store.counts()
            await asyncio.sleep(_COUNT_SECONDS)
