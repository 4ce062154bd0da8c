"""Dispositions and places in queues on SQLite and on the real PostgreSQL: versions are kept, two at once cannot both win."""

from contextlib import asynccontextmanager

import pytest

from config.schema import upgrade
from cti.adapters.call_store import SqlCallStore
from cti.adapters.call_tables import CALLS
from cti.adapters.database import connect
from cti.adapters.work_store import SqlDispositions, SqlQueuePlaces
from cti.domain.dispositions import Disposition
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName
from cti.ports import QueuePlace

GIVEN = Disposition(
    CallId("p:1.1"),
    ChannelId("1.2"),
    1,
    AgentId("101"),
    QueueName("sales"),
    100.0,
    "solved",
    "ok",
    101.0,
    "anna",
)


@asynccontextmanager
async def engine_on(url):
    engine = connect(url)
    await upgrade(engine)
    try:
        yield engine
    finally:
        await engine.dispose()


async def test_each_correction_is_a_version_and_the_last_one_holds(database_url):
    async with engine_on(database_url) as engine:
        store = SqlDispositions(engine)
        assert await store.newest(GIVEN.call, GIVEN.channel) is None
        assert await store.add(GIVEN._replace(note="a\0b"))
        assert not await store.add(GIVEN._replace(code="complaint"))  # somebody else was first
        later = GIVEN._replace(version=2, code="complaint", note="")
        assert await store.add(later)
        assert await store.newest(GIVEN.call, GIVEN.channel) == later
        assert await store.of_call(GIVEN.call) == [GIVEN._replace(note="ab"), later]
        assert await store.of_agent(GIVEN.agent, 0.0) == [later]
        assert await store.of_agent(GIVEN.agent, 0.0, "solved") == []
        assert await store.of_agent(GIVEN.agent, 100.5) == []


async def test_what_the_ledger_was_told_is_told_no_more(database_url):
    async with engine_on(database_url) as engine:
        store = SqlDispositions(engine)
        await store.add(GIVEN)
        await store.add(GIVEN._replace(version=2))
        assert {one.version for one in await store.untold(PbxName("p"), 10)} == {1, 2}
        await store.told(GIVEN)
        assert [one.version for one in await store.untold(PbxName("p"), 10)] == [2]


@pytest.mark.parametrize(("code", "found"), [("complaint", ["p:1.1"]), ("solved", []), ("nothing", [])])
async def test_calls_are_found_by_the_disposition_that_holds(database_url, code, found):
    async with engine_on(database_url) as engine:
        store = SqlDispositions(engine)
        await store.add(GIVEN)
        await store.add(GIVEN._replace(version=2, code="complaint"))
        async with engine.begin() as connection:
            for call in ("p:1.1", "p:9.9"):
                row = {"id": call, "pbx": "p", "direction": "inbound", "started_at": 1.0, "story": "{}"}
                await connection.execute(CALLS.insert().values(row))
        page = await SqlCallStore(engine).calls(10, 0, {"disposition": code})
        assert ([row["id"] for row in page.items], page.total) == (found, len(found))


async def test_a_place_in_a_queue_is_remembered_as_it_was_last(database_url):
    async with engine_on(database_url) as engine:
        places = SqlQueuePlaces(engine)
        place = QueuePlace(PbxName("p"), AgentId("101"), QueueName("sales"), "PJSIP/101", 3)
        await places.keep(place)
        await places.keep(place._replace(penalty=5))
        assert await places.of(AgentId("101")) == [place._replace(penalty=5)]
        assert await places.of(AgentId("102")) == []
