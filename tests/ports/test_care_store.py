"""Promises on SQLite and on the real PostgreSQL: never two for one number, never two calls, nothing half written."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from care.domain.callback import CallbackState, Step, ringing, stepped
from care.domain.errors import AlreadyAsked
from care.domain.rescue import RescueState, calling
from care.domain.story import line
from config.schema import upgrade
from cti.adapters.database import connect
from cti.domain.identifiers import AgentId, QueueName
from tests.care.world import ANN, NOW, SUPPORT, World


@asynccontextmanager
async def world_on(url):
    engine = connect(url)
    await upgrade(engine)
    try:
        yield World(engine)
    finally:
        await engine.dispose()


async def test_a_number_has_one_open_callback_in_a_queue_and_the_second_is_told_which(database_url):
    async with world_on(database_url) as world:
        first = await world.ask()
        with pytest.raises(AlreadyAsked, match=first.id):
            await world.ask()
        other = await world.ask("+8613800000002")
        assert {one.id for one in await world.store.open_callbacks()} == {first.id, other.id}
        assert await world.store.callback(first.id) == first
        await world.desk.cancel(first.id, ANN, "not_wanted")
        assert (await world.ask()).open


async def test_a_number_is_called_once_at_a_time_whatever_two_servers_do(database_url):
    async with world_on(database_url) as world:
        one = await world.ask()
        two = one._replace(id="other", queue=QueueName("sales"))
        assert await world.store.add_callback(two, line(two, Step.ASK)) is None
        began = [ringing(callback, AgentId("101"), NOW) for callback in (one, two)]
        wrote = [await world.store.replace_callback(each, line(each, Step.RING)) for each in began]
        assert wrote == [True, False]
        assert (await world.store.callback("other")).state is CallbackState.WAITING
        assert len(await world.store.story("other")) == 1


async def test_a_callback_and_a_rescue_are_not_called_at_once_nor_from_one_telephone(database_url):
    async with world_on(database_url) as world:
        same, other = await world.ask("+8613800000001"), await world.ask("+8613800000002")
        world.gives_up("+8613800000003", "pbx:1.3")
        await world.rescues.turn()
        (rescue,) = await world.store.open_rescues()
        rescue = rescue._replace(number=same.number, state=RescueState.CLAIMED, revision=1)
        assert await world.store.replace_rescue(rescue, line(rescue, "claim"))
        called = calling(rescue, AgentId("101"), NOW)
        rung = [ringing(same, AgentId("102"), NOW), ringing(other, AgentId("101"), NOW)]
        wrote = await asyncio.gather(
            world.store.replace_rescue(called, line(called, "call")),
            *(world.store.replace_callback(each, line(each, Step.RING)) for each in rung),
        )
        assert wrote in ([True, False, False], [False, True, True])
        assert len(await world.store.under_way()) == sum(wrote)


async def test_of_two_changes_at_once_one_is_written(database_url):
    async with world_on(database_url) as world:
        callback = await world.ask()
        changes = [stepped(callback, step, NOW) for step in (Step.CANCEL, Step.EXPIRE)]
        wrote = await asyncio.gather(
            *(world.store.replace_callback(each, line(each, "any")) for each in changes)
        )
        assert sorted(wrote) == [False, True]


async def test_due_next_comes_first_and_what_has_ended_comes_last(database_url):
    async with world_on(database_url) as world:
        numbers = [f"+861380000000{number}" for number in range(3)]
        late, soon, gone = [
            await world.ask(number, not_before=NOW + wait)
            for number, wait in zip(numbers, (500, 100, 0), strict=True)
        ]
        await world.desk.cancel(gone.id, ANN, "not_wanted")
        page = await world.store.callbacks([], None, None, 10, 0)
        assert ([one.id for one in page.items], page.total) == ([soon.id, late.id, gone.id], 3)
        only = await world.store.callbacks([CallbackState.WAITING], SUPPORT, None, 1, 1)
        assert ([one.id for one in only.items], only.total) == ([late.id], 2)
        assert await world.store.callback_counts() == {"waiting": 2, "cancelled": 1}


async def test_what_was_written_is_told_once_in_order_also_by_the_next_server(database_url):
    async with world_on(database_url) as world:
        callback = await world.ask()
        await world.desk.claim(callback.id, ANN)
        world.begin()
        assert await world.news.turn() == 2
        assert [(one.change, one.step) for one in world.told] == [("c0.0", "ask"), ("c0.1", "claim")]
        assert await world.news.turn() == 0
        assert world.news.callbacks()["claimed"] == 0  # counted when it is told, by `run`


async def test_a_rescue_without_a_number_is_kept_and_listed(database_url):
    async with world_on(database_url) as world:
        world.gives_up(None, "pbx:1.1")
        world.gives_up(None, "pbx:1.2")
        await world.rescues.turn()
        page = await world.store.rescues([RescueState.NOT_REACHABLE], None, None, 10, 0)
        assert page.total == 2
