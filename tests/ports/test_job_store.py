"""Jobs on SQLite and on the real PostgreSQL: asked twice once, claimed by one, never lost."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from config.schema import upgrade
from cti.adapters.database import connect
from cti.adapters.job_store import SqlJobs
from cti.domain.errors import NotPossibleNow, Unknown
from cti.domain.jobs import Job, JobState, Retries, done, failed
from cti.service.job_desk import JobDesk

NOW = 1_800_000_000.0


class Clock:
    def __init__(self):
        self.time = NOW

    def now(self):
        return self.time


@asynccontextmanager
async def store_on(url):
    engine = connect(url)
    await upgrade(engine)
    store = SqlJobs(engine)
    try:
        yield store
    finally:
        await engine.dispose()


async def written(store):
    while store.writer.backlog:
        await store.writer._write_next()


def job(subject="a", at=NOW, kind="kind", **more):
    return Job(kind, subject, {"file": "录音.wav"}, NOW - 1, at, **more)


async def all_of(store):
    return list((await store.page(None, 100, 0)).items)


async def test_asked_for_twice_it_is_there_once_as_it_was(database_url):
    async with store_on(database_url) as store:
        store.keep(job())
        store.keep(job(at=NOW + 50))
        await written(store)
        store.keep(job(at=NOW + 60))
        await written(store)
        assert await all_of(store) == [job()]
        assert await store.subjects("kind") == ["a"]


async def test_dropped_and_asked_for_again_it_is_new(database_url):
    async with store_on(database_url) as store:
        store.keep(job())
        await written(store)
        store.drop("kind:a")
        store.keep(job(at=NOW + 60))
        store.keep(job("b"))
        store.drop("kind:b")
        await written(store)
        assert await all_of(store) == [job(at=NOW + 60)]


async def test_the_kinds_that_can_be_claimed_are_known_by_one_question(database_url):
    kinds = ("kind", "other", "later", "never")
    async with store_on(database_url) as store:
        for one in (job(), job("b", kind="other"), job(at=NOW + 1, kind="later"), job(kind="nobody's")):
            store.keep(one)
        await written(store)
        assert set(await store.due(kinds, NOW)) == {"kind", "other"}
        assert await store.due((), NOW) == []
        await store.claim("kind", NOW, "me", NOW + 10, 10)
        assert await store.due(kinds, NOW) == ["other"]
        assert set(await store.due(kinds, NOW + 11)) == {"kind", "other", "later"}  # its owner is gone


async def test_due_ones_are_claimed_oldest_first_and_only_of_the_kind(database_url):
    async with store_on(database_url) as store:
        for one in (job("late", NOW + 1), job("b", NOW - 1), job("a", NOW - 5), job("x", kind="other")):
            store.keep(one)
        await written(store)
        claimed = await store.claim("kind", NOW, "me", NOW + 10, 10)
        assert [(one.subject, one.state, one.attempts) for one in claimed] == [
            ("a", "running", 1),
            ("b", "running", 1),
        ]
        assert await store.claim("kind", NOW, "you", NOW + 10, 10) == []


async def test_many_claim_at_once_and_each_job_has_one_owner(database_url):
    async with store_on(database_url) as store:
        for number in range(60):
            store.keep(job(str(number)))
        await written(store)
        claims = await asyncio.gather(*(store.claim("kind", NOW, f"o{n}", NOW + 10, 7) for n in range(12)))
        subjects = [one.subject for claim in claims for one in claim]
        assert len(subjects) == len(set(subjects))
        while claim := await store.claim("kind", NOW, "rest", NOW + 10, 7):
            subjects += [one.subject for one in claim]
        assert sorted(subjects) == sorted(map(str, range(60)))


async def test_whoever_is_silent_loses_the_job_and_can_no_longer_settle_it(database_url):
    async with store_on(database_url) as store:
        store.keep(job())
        await written(store)
        (mine,) = await store.claim("kind", NOW, "me", NOW + 10, 10)
        await store.hold(["kind:a"], "me", NOW + 20)
        assert await store.claim("kind", NOW + 11, "you", NOW + 30, 10) == []
        (yours,) = await store.claim("kind", NOW + 20, "you", NOW + 30, 10)
        assert yours.attempts == 2
        await store.settle([done(mine, NOW + 21)], "me")
        assert [one.state for one in await all_of(store)] == ["running"]
        await store.settle([done(yours, NOW + 21)], "you")
        assert await all_of(store) == []


async def test_a_dead_one_is_due_no_more_until_it_is_revived(database_url):
    async with store_on(database_url) as store:
        store.keep(job())
        store.keep(job("b"))
        await written(store)
        claimed = await store.claim("kind", NOW, "me", NOW + 10, 10)
        await store.settle(
            [failed(one, Retries(attempts=1), NOW, OSError(28, "full")) for one in claimed], "me"
        )
        assert await store.counts() == {("kind", JobState.DEAD): 2}
        assert (await store.page(JobState.DEAD, 1, 1)).total == 2
        assert (await store.page(JobState.WAITING, 10, 0)).total == 0
        assert await store.claim("kind", NOW + 1e6, "me", NOW + 2e6, 10) == []
        store.keep(job())
        await written(store)
        assert await store.revive("kind:a", NOW + 5)
        assert await store.revive("kind:a", NOW + 5) is False
        assert await store.revive("kind:c", NOW + 5) is None
        (again,) = await store.claim("kind", NOW + 5, "me", NOW + 15, 10)
        assert (again.subject, again.attempts, again.error) == ("a", 1, "full")


async def test_tried_then_given_up_then_tried_again_by_an_operator(database_url, caplog):
    async with store_on(database_url) as store:
        clock, ran, full = Clock(), [], True
        desk = JobDesk(store, clock, "me")

        async def handler(one):
            ran.append(clock.time - NOW)
            if full:
                raise OSError(28, "No space left on device")

        desk.handle("kind", handler, Retries(attempts=3, first=1.0, longest=60.0))
        desk.ask("kind", "a")
        await written(store)
        for _ in range(20):
            await desk.turn()
            clock.time += 0.5
        assert ran == [0.0, 1.0, 3.0]
        (dead,) = await all_of(store)
        assert (dead.state, dead.attempts, dead.error) == ("dead", 3, "No space left on device")
        assert "an operator may have it tried again" in caplog.text
        with pytest.raises(Unknown):
            await desk.try_again("kind:other")
        await desk.try_again("kind:a")
        with pytest.raises(NotPossibleNow):
            await desk.try_again("kind:a")
        full = False
        await desk.turn()
        assert await all_of(store) == []
        attempts = {key: count for key, count in desk.attempts().items() if count}
        assert attempts == {("kind", "failed"): 2, ("kind", "dead"): 1, ("kind", "done"): 1}
