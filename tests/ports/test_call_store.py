"""The call journal on SQLite and on the real PostgreSQL: what is kept is found again, twice kept is kept once."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from config.schema import upgrade
from cti.adapters.call_journal import SqlCallJournal
from cti.adapters.database import connect
from cti.domain.export import call_json
from cti.domain.identifiers import AgentId, CallId
from tests.cti.replaying import hear, raw, signals_of


@asynccontextmanager
async def journal_on(url):
    engine = connect(url)
    await upgrade(engine)
    journal = SqlCallJournal(engine)
    writing = asyncio.ensure_future(journal.writer.run())
    try:
        yield journal
    finally:
        writing.cancel()
        await asyncio.wait([writing])
        await engine.dispose()


def records(*scenarios):
    return [record for scenario in scenarios for record in hear(signals_of(raw(scenario))).records]


async def test_a_call_is_found_as_it_was_kept(database_url):
    kept = records("attended_to_agent", "queue_full", "chinese_name_varset")
    async with journal_on(database_url) as journal:
        for record in kept:
            journal.keep(record)
            journal.keep(record)
        await journal.flush()
        for record in kept:
            assert await journal.call(record.call) == call_json(record)
        page = await journal.calls(10, 0, {})
        assert page.total == len(kept)
        visits = await journal.visits(0, 4e9)
        assert sorted(visits) == sorted(visit for record in kept for visit in record.visits)
        segments = await journal.segments(0, 4e9)
        assert sorted(segments) == sorted(segment for record in kept for segment in record.segments)
        assert [(at, queue) for at, queue, _ in await journal.blocked(0, 4e9)] == [
            (blocked.at, blocked.queue) for record in kept for blocked in record.blocked
        ]
        offers = await journal.offers(0, 4e9)
        assert len(offers) == sum(len(record.offers) for record in kept)


async def test_after_call_work_is_added_to_its_segment(database_url):
    (record,) = records("holds")
    async with journal_on(database_url) as journal:
        journal.keep(record)
        journal.keep_wrap_up(record.call, record.segments[0].channel, 12.5)
        await journal.flush()
        (segment,) = await journal.segments(0, 4e9)
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
    async with journal_on(database_url) as journal:
        journal.keep(record)
        await journal.flush()
        assert (await journal.calls(10, 0, search)).total == found


async def test_agent_states_with_the_last_one_before_the_span(database_url):
    async with journal_on(database_url) as journal:
        for at, state in ((10.0, "ready"), (20.0, "busy"), (30.0, "ready")):
            journal.keep_agent_state(at, AgentId("101"), state, "")
        await journal.flush()
        assert await journal.agent_states(25.0, 40.0) == [(20.0, "101", "busy"), (30.0, "101", "ready")]


async def test_earlier_calls_of_a_customer_or_a_number(database_url):
    (record,) = records("holds")
    async with journal_on(database_url) as journal:
        journal.keep(record._replace(customer="c-1"))
        journal.keep(record._replace(call=CallId("pbx1:other"), customer=None))
        await journal.flush()
        assert [contact["call"] for contact in await journal.contacts("c-1", (), 5)] == [record.call]
        both = await journal.contacts("c-1", (record.caller_number,), 5)
        assert {contact["call"] for contact in both} == {record.call, "pbx1:other"}


async def test_nul_in_a_name_does_not_stop_the_writing(database_url):
    (record,) = records("holds")
    async with journal_on(database_url) as journal:
        journal.keep(record._replace(caller_name="a\0b"))
        async with asyncio.timeout(10):
            await journal.flush()
        assert (await journal.calls(10, 0, {})).total == 1
