"""The store of calls on SQLite and on the real PostgreSQL: what is kept is found again, twice kept is kept once."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from config.schema import upgrade
from cti.adapters.books import SqlBooks
from cti.adapters.call_store import SqlCallStore
from cti.adapters.clock import SystemClock
from cti.adapters.database import connect
from cti.adapters.outbox import Outbox
from cti.adapters.work_store import SqlDispositions
from cti.domain.counted import Each, Wanted
from cti.domain.desk_states import NONE_GIVEN
from cti.domain.dispositions import Disposition
from cti.domain.export import call_json
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName
from cti.domain.targets import KpiPolicy
from cti.ports import AgentStateRow, WrapUpRow
from cti.service.call_finder import CallFinder
from tests.cti.replaying import hear, raw, signals_of


class Kept(SqlCallStore):
    """The store, and the books that fill it."""

    def __init__(self, engine, books):
        super().__init__(engine)
        self._books, self._position = books, 0

    def keep(self, what):
        self._position += 1
        self._books.put(PBX, self._position, what)

    async def flush(self):
        await self._books.flush()

    def unwritten(self):
        return self._books.unwritten()


PBX = PbxName("pbx1")


@asynccontextmanager
async def store_on(url):
    engine = connect(url)
    await upgrade(engine)
    outbox = Outbox(engine)
    books = SqlBooks(engine, outbox, SystemClock(), {})
    writing = asyncio.ensure_future(books.run())
    try:
        yield Kept(engine, books)
    finally:
        writing.cancel()
        await asyncio.wait([writing])
        await engine.dispose()


def records(*scenarios):
    return [record for scenario in scenarios for record in hear(signals_of(raw(scenario))).records]


async def test_a_call_is_found_as_it_was_kept(database_url):
    kept = records("attended_to_agent", "queue_full", "chinese_name_varset")
    async with store_on(database_url) as store:
        for record in kept:
            store.keep(record)
            store.keep(record)
        await store.flush()
        for record in kept:
            assert await store.call(record.call) == call_json(record)
        page = await store.calls(10, 0, {})
        assert page.total == len(kept)
        visits = await store.visits(0, 4e9)
        assert sorted(visits) == sorted(visit for record in kept for visit in record.visits)
        segments = await store.segments(0, 4e9)
        assert sorted(segments) == sorted(segment for record in kept for segment in record.segments)
        assert [(at, queue) for at, queue, _ in await store.blocked(0, 4e9)] == [
            (blocked.at, blocked.queue) for record in kept for blocked in record.blocked
        ]
        offers = await store.offers(0, 4e9)
        assert len(offers) == sum(len(record.offers) for record in kept)


async def test_a_call_on_its_way_to_the_store_is_found_once_at_every_moment(database_url):
    kept = records("attended_to_agent", "queue_full", "chinese_name_varset", "holds")
    visits = sorted(visit.joined_at for record in kept for visit in record.visits)
    async with store_on(database_url) as store:
        nobody = SimpleNamespace(started=dict, record=lambda call: None)
        finder = CallFinder(store, nobody, store.unwritten, KpiPolicy(), SystemClock(), ZoneInfo("UTC"))
        store.keep(kept[0])
        await store.flush()
        for record in kept[1:]:
            store.keep(record)
        first, last = await finder.newest(2, 0, {}), await finder.newest(2, len(kept) - 2, {})
        assert (len(first.unkept), len(first.kept), len(last.unkept), len(last.kept)) == (2, 0, 1, 1)
        looked = {True: 0, False: 0}  # with some on their way, and without
        while not all(looked.values()):
            looked[bool(store.unwritten())] += 1
            page = await finder.newest(50, 0, {})
            ids = [one.call for one in page.unkept] + [row["id"] for row in page.kept]
            assert page.total == len(kept)
            assert sorted(ids) == sorted(record.call for record in kept)
            for record in kept:
                assert await finder.story(record.call) == call_json(record)
            assert await every_visit(finder, visits) == visits
        # written, and not known to be
        finder = CallFinder(store, nobody, lambda: kept[:2], KpiPolicy(), SystemClock(), ZoneInfo("UTC"))
        page = await finder.newest(50, 0, {})
        assert (len(page.unkept), len(page.kept), page.total) == (2, len(kept) - 2, len(kept))
        assert len(await every_visit(finder, visits)) == len(visits)


async def every_visit(finder, visits):
    found = await finder.find(Each.VISIT, Wanted(), min(visits), max(visits) + 1, 50, 0)
    return sorted(row["started_at"] for row in found.items)


async def test_after_call_work_is_added_to_its_segment(database_url):
    (record,) = records("holds")
    async with store_on(database_url) as store:
        store.keep(record)
        store.keep(WrapUpRow(record.call, record.segments[0].channel, 12.5))
        await store.flush()
        (segment,) = await store.segments(0, 4e9)
        assert segment.wrap_up_seconds == 12.5


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({"agent": "101"}, 1),
        ({"agent": "999"}, 0),
        ({"outcome": "answered"}, 1),
        ({"queue": "support", "search": "15550140"}, 1),
        ({"search": "%"}, 0),
        ({"search": "Aalto"}, 1),
        ({"search": "'; DROP TABLE calls; --"}, 0),
        ({"from": "4000000000"}, 0),
    ],
)
async def test_search(database_url, search, found):
    (record,) = records("holds")
    async with store_on(database_url) as store:
        store.keep(record)
        await store.flush()
        assert (await store.calls(10, 0, search)).total == found


async def test_agent_states_with_the_last_one_before_the_span(database_url):
    async with store_on(database_url) as store:
        for at, state in ((10.0, "ready"), (20.0, "busy"), (30.0, "ready")):
            store.keep(AgentStateRow(PBX, at, AgentId("101"), state, ""))
        await store.flush()
        assert await store.agent_states(25.0, 40.0) == [(20.0, "101", "busy"), (30.0, "101", "ready")]


async def test_earlier_calls_of_a_customer_or_a_number(database_url):
    (record,) = records("holds")
    async with store_on(database_url) as store:
        store.keep(record._replace(customer="c-1"))
        store.keep(record._replace(call=CallId("pbx1:other"), customer=None))
        await store.flush()
        assert [contact["call"] for contact in await store.contacts("c-1", (), 5)] == [record.call]
        both = await store.contacts("c-1", (record.caller_number,), 5)
        assert {contact["call"] for contact in both} == {record.call, "pbx1:other"}


async def test_earlier_contacts_tell_what_the_last_agent_said_of_them(database_url):
    (record,) = records("holds")
    engine = connect(database_url)
    async with store_on(database_url) as store:
        store.keep(record._replace(customer="c-1"))
        store.keep(
            record._replace(call=CallId("pbx1:other"), customer="c-1", started_at=record.started_at - 9)
        )
        await store.flush()
        given = Disposition(
            record.call,
            ChannelId("a"),
            1,
            AgentId("101"),
            QueueName("support"),
            100.0,
            "solved",
            "first",
            101.0,
            "anna",
        )
        book = SqlDispositions(engine)
        for said in (
            given,
            given._replace(version=2, code="complaint", note="asks for a refund"),
            given._replace(channel=ChannelId("b"), ended_at=50.0, code="ticket", note="earlier in the call"),
            given._replace(channel=ChannelId("c"), ended_at=200.0, code=NONE_GIVEN, note=""),
        ):
            await book.add(said)
        told = [(one["call"], one["code"], one["note"]) for one in await store.contacts("c-1", (), 5)]
        assert told == [(record.call, "complaint", "asks for a refund"), ("pbx1:other", None, None)]
    await engine.dispose()


async def test_nul_in_a_name_does_not_stop_the_writing(database_url):
    (record,) = records("holds")
    async with store_on(database_url) as store:
        store.keep(record._replace(caller_name="a\0b"))
        async with asyncio.timeout(10):
            await store.flush()
        assert (await store.calls(10, 0, {})).total == 1
