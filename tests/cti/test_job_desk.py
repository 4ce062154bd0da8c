"""The desk at work on a real database: at once, in time, again and again; stopped, it gives back what it has in hand."""

import asyncio
import time
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from cti.adapters.database import connect
from cti.adapters.job_store import SqlJobs
from cti.domain.jobs import JobState, Retries
from cti.service import job_desk
from cti.service.job_desk import JobDesk
from tests.shapes import shaped


class Clock:
    def now(self):
        return time.time()


@pytest.fixture
async def store(tmp_path):
    engine = connect(f"sqlite+aiosqlite:///{shaped(tmp_path / 'jobs.db')}")
    yield SqlJobs(engine)
    await engine.dispose()


@asynccontextmanager
async def at_work(store, desk):
    tasks = [asyncio.ensure_future(store.writer.run()), asyncio.ensure_future(desk.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def until(condition, seconds=10.0):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_done_at_once_or_at_its_time_and_not_before(store):
    desk, ran = JobDesk(store, Clock(), "me"), {}

    async def note(job):
        ran[job.subject] = time.time()

    desk.handle("kind", note)
    async with at_work(store, desk):
        asked = time.time()
        desk.ask("kind", "now")
        desk.ask("kind", "later", at=asked + 0.7)
        desk.ask("kind", "dropped", at=asked + 0.3)
        desk.drop("kind", "dropped")
        await until(lambda: len(ran) == 2)
    assert set(ran) == {"now", "later"}
    assert ran["later"] - asked >= 0.7
    assert ran["now"] < ran["later"]


async def test_again_and_again(store):
    desk, ran = JobDesk(store, Clock(), "me"), []

    async def note(job):
        ran.append((job.next_at, time.time()))

    desk.handle("kind", note)
    async with at_work(store, desk):
        desk.ask("kind", "all", every_seconds=0.3)
        desk.ask("kind", "all", every_seconds=0.3)
        await until(lambda: len(ran) == 4)
    assert all(at >= due for due, at in ran)  # a busy machine may be late, and leave times out
    assert all(later[0] - earlier[0] > 0.29 for earlier, later in pairwise(ran))


async def test_a_slow_kind_holds_up_no_other(store):
    desk, ran = JobDesk(store, Clock(), "me"), []

    async def for_ever(job):
        await asyncio.Event().wait()

    async def note(job):
        ran.append(job.subject)

    desk.handle("slow", for_ever)
    desk.handle("quick", note)
    async with at_work(store, desk):
        desk.ask("slow", "a")
        await asyncio.sleep(0.2)
        desk.ask("quick", "b")
        await until(lambda: ran)


async def test_as_many_at_once_as_a_kind_allows(store):
    desk, running, most, done = JobDesk(store, Clock(), "me"), set(), [], []

    async def busy(job):
        running.add(job.subject)
        most.append(len(running))
        await asyncio.sleep(0.05)
        running.discard(job.subject)
        done.append(job.subject)
        if job.subject == "b" and done.count("b") == 1:
            raise OSError(5, "once")

    desk.handle("kind", busy, Retries(first=0.01), together=2)
    async with at_work(store, desk):
        for subject in "abcde":
            desk.ask("kind", subject)
        await until(lambda: sorted(done) == ["a", "b", "b", "c", "d", "e"])
    assert max(most) == 2


async def test_stopped_it_gives_back_and_the_next_takes_up_at_once(store):
    first, began = JobDesk(store, Clock(), "first"), asyncio.Event()

    async def for_ever(job):
        began.set()
        await asyncio.Event().wait()

    first.handle("kind", for_ever)
    async with at_work(store, first):
        first.ask("kind", "a")
        first.ask("kind", "b")
        await began.wait()
    waiting = (await store.page(None, 10, 0)).items
    assert [(job.state, job.attempts) for job in waiting] == [("waiting", 0), ("waiting", 0)]
    second, ran = JobDesk(store, Clock(), "second"), []

    async def note(job):
        ran.append(job.subject)

    second.handle("kind", note)
    async with at_work(store, second):
        await until(lambda: len(ran) == 2, seconds=2.0)


async def test_what_is_in_hand_is_held_for_as_long_as_it_takes(store):
    """Two servers on one database: the second does not take what the first is still at."""
    one = JobDesk(store, Clock(), "one", hold_seconds=0.3)
    two, ran = JobDesk(SqlJobs(store._engine), Clock(), "two", hold_seconds=0.3), []

    async def long(job):
        await asyncio.sleep(3)
        ran.append(job.attempts)

    one.handle("kind", long)
    two.handle("kind", long)
    async with at_work(store, one):
        one.ask("kind", "a")
        await asyncio.sleep(0.3)
        async with at_work(two._store, two):
            await until(lambda: ran)
            await asyncio.sleep(1.5)
    assert ran == [1]


async def test_an_error_nobody_foresaw_is_a_failed_attempt_told_by_its_name_alone(store):
    desk = JobDesk(store, Clock(), "me")

    async def confused(job):
        raise RuntimeError("+8613800138000")

    desk.handle("kind", confused, Retries(attempts=2, first=0.05))
    async with at_work(store, desk):
        desk.ask("kind", "a")
        await until(lambda: desk.attempts()["kind", "dead"] == 1)
    (dead,) = (await store.page(JobState.DEAD, 10, 0)).items
    assert dead.error == "RuntimeError"


async def test_a_store_that_fails_is_tried_again_and_nothing_is_lost(store, monkeypatch):
    desk, ran = JobDesk(store, Clock(), "me", hold_seconds=0.2), []
    settle, broken = store.settle, True

    async def failing(ended, owner):
        if broken:
            raise ConnectionError
        await settle(ended, owner)

    async def note(job):
        ran.append(job.subject)

    monkeypatch.setattr(store, "settle", failing)
    desk.handle("kind", note)
    async with at_work(store, desk):
        desk.ask("kind", "a")
        await until(lambda: desk.failures == 1)
        broken = False
        await until(lambda: desk.attempts()["kind", "done"] == 1)
    assert ran == ["a", "a"]  # it ran again because nobody knew that it had: its work must bear that
    assert (await store.page(None, 10, 0)).total == 0


async def test_what_is_asked_for_sooner_is_not_kept_waiting_by_what_was_asked_before(store, monkeypatch):
    monkeypatch.setattr(job_desk, "LOOK_SECONDS", 60.0)  # the desk's own clock has to tell
    desk, ran = JobDesk(store, Clock(), "me"), {}

    async def note(job):
        ran[job.subject] = time.time()

    desk.handle("kind", note)
    async with at_work(store, desk):
        desk.ask("kind", "in an hour", at=time.time() + 3600)
        await asyncio.sleep(0.3)
        desk.ask("kind", "soon", at=(soon := time.time() + 0.3))
        await until(lambda: ran)
    assert list(ran) == ["soon"]
    assert ran["soon"] >= soon


async def test_a_desk_with_nothing_to_do_asks_the_store_one_thing_a_second_however_many_kinds_there_are(
    store, monkeypatch
):
    desk, asked = JobDesk(store, Clock(), "me"), []
    claim, due = store.claim, store.due

    async def claiming(*of):
        asked.append("claim")
        return await claim(*of)

    async def looking(*of):
        asked.append("due")
        return await due(*of)

    async def nothing(job):
        """Done."""

    monkeypatch.setattr(store, "claim", claiming)
    monkeypatch.setattr(store, "due", looking)
    for number in range(20):
        desk.handle(f"kind {number}", nothing)
    desk.ask("kind 7", "in an hour", at=time.time() + 3600)
    async with at_work(store, desk):
        await asyncio.sleep(2.5)
    assert "claim" not in asked
    assert 1 <= len(asked) <= 5
