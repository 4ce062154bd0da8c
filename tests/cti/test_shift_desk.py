"""Logging on to queues and off again: by the policy, with the place one had, and in one sentence what cannot be."""

from pathlib import Path

import pytest

from cti.adapters.desk_states_file import read_policy
from cti.domain.agents import Roster
from cti.domain.errors import NotAllowed, NotPossibleNow, SwitchRefused, Unknown
from cti.domain.identifiers import AgentId, PbxName, QueueName
from cti.domain.signals import MemberRemoved, MemberSeen
from cti.service.shift_desk import ShiftDesk

POLICY = read_policy(Path(__file__).parents[2] / "config" / "policies" / "desk-states.yaml")
AGENT, SALES, SUPPORT = AgentId("101"), QueueName("sales"), QueueName("support")


class House:
    """A switch and the book of places."""

    def __init__(self, static=()):
        self.roster, self.kept, self.static, self.added = Roster(), {}, set(static), []
        self.desk = ShiftDesk(
            POLICY,
            self,
            self.roster.agents.get,
            {PbxName("p"): (self, self.roster.agents.get)},
            lambda agent: agent == AGENT,
        )

    def seen(self, queue, penalty=0, *, paused=False):
        phone = "PJSIP/101"
        self.roster.hear(MemberSeen(1.0, queue, AGENT, phone, phone, 1, paused, "", False, penalty))

    async def add_member(self, queue, interface, name, penalty, *, paused):
        self.added.append((queue, interface, name, penalty, paused))
        self.seen(queue, penalty, paused=paused)

    async def remove_member(self, queue, interface):
        if queue in self.static:
            raise SwitchRefused("Member not dynamic")
        self.roster.hear(MemberRemoved(2.0, queue, AGENT))

    async def of(self, agent):
        return list(self.kept.values())

    async def keep(self, place):
        self.kept[place.queue] = place

    async def on(self):
        return {one.queue: one.penalty for one in await self.desk.queues(AGENT) if one.on}


async def test_off_and_on_again_keeps_the_penalty():
    house = House()
    house.seen(SALES, penalty=7)
    await house.desk.log_off(AGENT, SALES)
    assert await house.on() == {}
    await house.desk.log_on(AGENT, SALES)
    await house.desk.log_on(AGENT, SALES)  # once is enough
    assert house.added == [("sales", "PJSIP/101", "101", 7, False)]
    assert await house.on() == {"sales": 7}


async def test_who_is_on_a_break_logs_on_to_a_break():
    house = House()
    house.seen(SALES, paused=True)
    await house.desk.log_on(AGENT, SUPPORT)
    assert house.added[0][-1] is True


async def test_a_queue_the_policy_does_not_open_is_refused():
    house = House()
    house.seen(QueueName("vault"))
    for wish in (house.desk.log_on, house.desk.log_off):
        with pytest.raises(NotAllowed, match="vault"):
            await wish(AGENT, QueueName("vault"))
    [vault] = [one for one in await house.desk.queues(AGENT) if one.queue == "vault"]
    assert (vault.on, vault.own) == (True, False)


async def test_a_static_member_is_told_why_in_one_sentence():
    house = House(static=[SALES])
    house.seen(SALES)
    with pytest.raises(NotPossibleNow, match="pause instead"):
        await house.desk.log_off(AGENT, SALES)


async def test_a_shift_begins_and_ends_in_one_step_and_says_what_it_could_not_do():
    house = House(static=[SALES])
    assert await house.desk.begin(AGENT) == []
    assert set(await house.on()) == {"sales", "support"}
    [problem] = await house.desk.end(AGENT)
    assert "own list of sales" in problem
    assert set(await house.on()) == {"sales"}


@pytest.mark.parametrize("name", ["trunk", "+88161234567@trunk", "101\r\nInterface: PJSIP/trunk", "102"])
async def test_nothing_but_a_telephone_of_ours_becomes_a_member(name):
    house = House()
    with pytest.raises(NotPossibleNow, match="No extension"):
        await house.desk.log_on(AgentId(name), SALES)
    assert len(await house.desk.begin(AgentId(name))) == 2
    assert house.added == []


async def test_forced_off_everywhere_he_keeps_his_places():
    house = House(static=[SUPPORT])
    house.seen(SALES, penalty=5)
    house.seen(SUPPORT)
    with pytest.raises(NotPossibleNow, match="keeps the agent in support"):
        await house.desk.force_off(AGENT)
    assert set(await house.on()) == {"support"}
    await house.desk.log_on(AGENT, SALES)
    assert (await house.on())["sales"] == 5
    with pytest.raises(Unknown):
        await house.desk.force_off(AgentId("102"))
