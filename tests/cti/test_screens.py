"""Open pages: each agent's pops to the agent's own pages, and a page that stopped reading harms nobody."""

import asyncio

import orjson

from cti.domain.access import Role, User
from cti.domain.changes import Published
from cti.domain.identifiers import AgentId
from cti.service.screens import PATIENCE, Screens

ANNA = User("1", "anna", "Anna", Role.AGENT, AgentId("101"), "en")
BEN = User("2", "ben", "Ben", Role.AGENT, AgentId("102"), "en")
MARIA = User("3", "maria", "Maria", Role.REVIEWER, None, "en")


async def frames(screen):
    got = []
    while True:
        try:
            async with asyncio.timeout(0.01):
                frame = await screen.next()
        except TimeoutError:
            return got
        if frame is None:
            return [*got, None]
        got.append(orjson.loads(frame))


async def test_a_pop_goes_to_every_page_of_its_agent_and_to_no_other():
    screens = Screens()
    anna, anna_too, ben = screens.open(ANNA), screens.open(ANNA), screens.open(BEN)
    screens.show(AgentId("101"), {"id": "c/101"})
    assert [frame["type"] for frame in await frames(anna)] == ["hello", "pop"]
    assert [frame["type"] for frame in await frames(anna_too)] == ["hello", "pop"]
    assert [frame["type"] for frame in await frames(ben)] == ["hello"]


async def test_the_floor_goes_to_those_who_may_see_it_and_only_when_it_changed():
    screens = Screens()
    anna, maria = screens.open(ANNA), screens.open(MARIA)
    screens.floor({"at": 1.0, "tiles": {"waiting": 1}})
    screens.floor({"at": 2.0, "tiles": {"waiting": 1}})
    screens.floor({"at": 3.0, "tiles": {"waiting": 2}})
    assert [frame["floor"]["at"] for frame in await frames(anna) if frame["type"] == "floor"] == [1.0, 3.0]
    assert [frame["type"] for frame in await frames(maria)] == ["hello"]


def change(sequence):
    text = orjson.dumps({"seq": sequence, "event": "CallHeld"})
    return Published(sequence, "pbx1", "pbx1:a.1", None, "CallHeld", text)


async def test_every_frame_carries_the_newest_change_it_knows_of():
    screens = Screens()
    anna, maria = screens.open(ANNA), screens.open(MARIA)
    screens.changes([change(7), change(8)])
    screens.show(AgentId("101"), {"id": "a"})
    assert [(frame["type"], frame["seq"]) for frame in await frames(anna)] == [("hello", 0), ("pop", 8)]
    told = await frames(maria)
    assert [(frame["type"], frame["seq"]) for frame in told] == [("hello", 0), ("change", 7), ("change", 8)]
    assert told[-1]["change"] == {"seq": 8, "event": "CallHeld"}
    maria.follows = False  # is told older ones first
    screens.changes([change(9)])
    assert await frames(maria) == []


async def test_a_page_that_stopped_reading_is_let_go_and_the_others_get_everything():
    screens = Screens()
    stalled, reading = screens.open(ANNA), screens.open(ANNA)
    got = 0
    for number in range(PATIENCE + 50):
        screens.show(AgentId("101"), {"id": str(number)})
        while (frame := await reading.next()) and orjson.loads(frame)["type"] == "hello":
            pass
        got += 1
    assert got == PATIENCE + 50
    assert await frames(stalled) == [None]
    screens.close(stalled)
    assert screens.overruns == 1
    assert screens.count == 1
