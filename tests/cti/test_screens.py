"""Open pages: each agent's pops to the agent's own pages, and a page that stopped reading harms nobody."""

import asyncio

import orjson
import pytest

from cti.api.stream import LiveStream
from cti.domain.access import Permission, Role, User
from cti.domain.changes import Published
from cti.domain.identifiers import AgentId
from cti.service.screens import AT_ONCE, FLOOR_PATIENCE, PATIENCE, Screens
from cti.service.teams import Teams

ANNA = User("1", "anna", "Anna", Role.AGENT, AgentId("101"), "en")
BEN = User("2", "ben", "Ben", Role.AGENT, AgentId("102"), "en")
SUE = User("4", "sue", "Sue", Role.SUPERVISOR, None, "en")
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


def picture(at, callers, **tiles):
    rows = [{"pbx": "hub", "uniqueid": name, "queue": "support", "position": 1} for name in callers]
    return {"at": at, "tiles": tiles, "queues": [], "waiting": rows, "agents": [], "trend": []}


def floors(told):
    return [(frame["type"], frame["number"]) for frame in told if frame["type"].startswith("floor")]


async def test_the_floor_goes_whole_once_and_then_as_changes_to_those_who_may_see_it():
    screens = Screens()
    anna, maria = screens.open(ANNA), screens.open(MARIA)
    screens.whole_floor(anna, lambda: picture(1.0, "a", waiting=1))
    await screens.floor(picture(2.0, "a", waiting=1))  # nothing but the clock moved
    await screens.floor(picture(3.0, "ab", waiting=2))
    told = await frames(anna)
    assert floors(told) == [("floor", 1), ("floor_change", 2)]
    assert told[1]["floor"]["tiles"] == {"waiting": 1}
    assert (told[2]["at"], told[2]["change"]["fields"]) == (3.0, {"tiles": {"waiting": 2}})
    assert [frame["type"] for frame in await frames(maria)] == ["hello"]


async def test_a_page_that_opens_later_gets_what_the_others_know_and_goes_on_with_them():
    screens = Screens()
    anna = screens.open(ANNA)
    screens.whole_floor(anna, lambda: picture(1.0, "a"))
    ben = screens.open(BEN)
    screens.whole_floor(ben, lambda: pytest.fail("it is drawn again"))
    await screens.floor(picture(3.0, "b"))
    assert floors(await frames(anna)) == [("floor", 1), ("floor_change", 2)]
    told = await frames(ben)
    assert floors(told) == [("floor", 1), ("floor_change", 2)]
    assert [row["uniqueid"] for row in told[1]["floor"]["waiting"]] == ["a"]


async def test_what_was_told_before_everybody_left_is_told_to_nobody():
    screens = Screens()
    anna = screens.open(ANNA)
    screens.whole_floor(anna, lambda: picture(1.0, "a"))
    screens.close(anna)
    ben = screens.open(BEN)
    screens.whole_floor(ben, lambda: picture(2.0, "ab"))
    assert [row["uniqueid"] for row in (await frames(ben))[1]["floor"]["waiting"]] == ["a", "b"]


async def test_a_pop_waits_for_few_of_those_who_are_told_the_floor():
    screens = Screens()
    crowd = [screens.open(SUE) for _ in range(10 * AT_ONCE)]
    agent = screens.open(ANNA)
    for screen in (*crowd, agent):
        screens.whole_floor(screen, lambda: picture(1.0, "a"))
    telling = asyncio.ensure_future(screens.floor(picture(2.0, "b")))
    await asyncio.sleep(0)
    assert sum(screen.behind == 3 for screen in crowd) <= AT_ONCE
    screens.show(AgentId("101"), {"id": "c/101"})
    await telling
    assert all(screen.behind == 3 for screen in crowd)
    assert {frame["type"] for frame in await frames(agent)} == {"hello", "floor", "floor_change", "pop"}


async def test_a_page_that_is_behind_is_told_no_changes_of_the_floor_and_the_whole_when_it_caught_up():
    screens = Screens()
    slow = screens.open(ANNA)
    screens.whole_floor(slow, lambda: picture(0.0, "a", answered=0))
    for number in range(1, PATIENCE * 2):
        await screens.floor(picture(float(number), "a", answered=number))
    assert slow.behind == FLOOR_PATIENCE
    assert not slow.overrun
    told = floors(await frames(slow))
    assert told == [("floor", 1), *(("floor_change", number) for number in range(2, FLOOR_PATIENCE))]
    await screens.floor(
        picture(9_999.0, "a", answered=PATIENCE * 2 - 1)
    )  # nothing changed since: it is told all the same
    (whole,) = await frames(slow)
    assert (whole["type"], whole["number"]) == ("floor", PATIENCE * 2)
    assert whole["floor"]["tiles"] == {"answered": PATIENCE * 2 - 1}


def change(sequence):
    text = orjson.dumps({"seq": sequence, "event": "CallHeld"})
    return Published(sequence, "pbx1", "pbx1:a.1", None, "CallHeld", text)


async def test_a_page_that_wants_no_changes_is_told_none():
    screens = Screens()
    page, program = screens.open(SUE, changes=False), screens.open(SUE)
    screens.changes([change(1)])
    assert [frame["type"] for frame in await frames(page)] == ["hello"]
    assert [frame["type"] for frame in await frames(program)] == ["hello", "change"]


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


async def test_a_program_with_an_agents_token_is_at_the_agents_desk_only_when_it_is_for_that():
    screens = Screens()
    wall = screens.open(ANNA._replace(scopes=frozenset({Permission.SEE_FLOOR})))
    desk = screens.open(ANNA._replace(scopes=frozenset({Permission.USE_DESK})))
    screens.show(AgentId("101"), {"id": "c/101"})
    assert [frame["type"] for frame in await frames(wall)] == ["hello"]
    assert [frame["type"] for frame in await frames(desk)] == ["hello", "pop"]
    for screen in (wall, desk):
        screens.close(screen)


async def test_a_team_is_told_of_its_own_agents_and_it_is_asked_once_for_all_who_see_the_same():
    asked = []

    def reaches(user, agent):
        asked.append((user.login, agent))
        return not user.is_bound or ("emea" in user.teams and agent == "101")

    screens = Screens(reaches=reaches)
    boss = User("4", "boss", "Boss", Role.SUPERVISOR, None, "en")
    emea = [screens.open(boss._replace(teams=frozenset({"emea"}))) for _ in range(20)]
    apac, whole = screens.open(boss._replace(teams=frozenset({"apac"}))), screens.open(boss)
    text = orjson.dumps({"visit": {"agent": "101"}})
    screens.changes([Published(1, "pbx1", "pbx1:a.1", None, "CallHeld", text), change(2)])
    assert [login for login, _ in asked] == ["boss"] * 2  # of 21 screens with teams
    screens.work_changed(AgentId("101"))
    told = {"emea": ["hello", "change", "change", "work"], "apac": ["hello", "change"]}
    for screen in emea:
        assert [frame["type"] for frame in await frames(screen)] == told["emea"]
    assert [frame["type"] for frame in await frames(apac)] == told["apac"]
    assert [frame["type"] for frame in await frames(whole)] == told["emea"]


class TeamsOf:
    """Accounts: which agent is in which teams."""

    def __init__(self, **teams):
        self.teams = {AgentId(agent[1:]): frozenset(of) for agent, of in teams.items()}

    async def agent_teams(self):
        return self.teams

    async def names(self):
        return {}


def of_team(login, agent, *teams):
    return User(login, login, login, Role.AGENT, agent and AgentId(agent), "en", frozenset(teams))


def house(at, *agents):
    return {**picture(at, ""), "agents": [{"pbx": "hub", "agent": agent} for agent in agents]}


async def test_the_floor_is_drawn_once_for_a_team_not_once_for_each_of_its_agents():
    accounts = TeamsOf(a101={"red"}, a102={"red"}, a103={"blue"})
    teams = Teams(accounts, {})
    await teams.refresh()
    drawn = []

    def floor_for(user, floor):
        drawn.append(user.login)
        return teams.floor_for(user, floor)

    screens = Screens(floor_for, teams.visible, teams.audience)
    red, also_red, moved = (
        screens.open(of_team(name, agent, "red"))
        for name, agent in (("a", "101"), ("b", "102"), ("c", "103"))
    )
    await screens.floor(house(1.0, "101", "102", "103"))
    assert len(drawn) == 2  # the red ones, and who is in another team than he sees
    seen = [
        [row["agent"] for row in (await frames(one))[1]["floor"]["agents"]] for one in (red, also_red, moved)
    ]
    assert seen == [["101", "102"], ["101", "102"], ["101", "102", "103"]]
    accounts.teams[AgentId("103")] = frozenset({"red"})
    await teams.refresh()
    await screens.floor(house(2.0, "101", "102", "103"))
    assert len(drawn) == 3
    assert [frame["type"] for frame in await frames(red)] == ["floor_change"]
    assert [frame["type"] for frame in await frames(moved)] == ["floor"]  # told with others from now on


async def test_a_page_that_asks_for_the_floor_again_and_again_has_nothing_drawn_for_it():
    screens, drawn = Screens(), []
    stream = LiveStream(screens, None, lambda: drawn.append(1), None, None, None)
    sue = screens.open(SUE)
    await screens.floor(picture(1.0, "a"))
    for _ in range(50):
        await stream._hear(sue, '{"type":"floor"}')
    await stream._hear(sue, '{"type":"resume"}')
    await screens.floor(picture(2.0, "a"))
    assert drawn == []
    assert [frame["type"] for frame in await frames(sue)] == ["hello", "floor", "floor"]
