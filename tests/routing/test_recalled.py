"""Callers who wait while the server restarts: what was decided for them, and why, stays."""

import json

import pytest

from cti.domain.identifiers import Tier
from cti.domain.records import Outcome
from routing.domain.decision import Knowledge, Result, describe
from routing.domain.preferred import Bond, PreferredRule
from routing.domain.priority import DEFAULT_POLICY
from routing.domain.recalled import recalled
from routing.domain.sentences import TIER_NAMES


def told(decision):
    return json.loads(json.dumps(describe(decision, TIER_NAMES)))


async def waiting(stage):
    """One who was answered in time, one who was moved, one nobody knows; in two queues, one of them behind others."""
    stage.people.add("100", Tier.PLATINUM, remembered=True)
    stage.people.add("200", Tier.GOLD)
    for channel, number in (("1.1", "300"), ("1.2", "400")):
        stage.queued(channel, number)
        stage.clock.time += 3
    stage.router.decide_at_once(stage.question("1.3", "100"))
    stage.queued("1.3", "100")
    stage.clock.time += 5
    stage.queued("1.4", "200", queue="sales")
    await stage.settle()
    stage.clock.time += 40
    return [stage.decision(f"pbx:1.{n}") for n in (1, 2, 3, 4)]


async def test_a_described_decision_can_be_read_again(stage):
    decisions = await waiting(stage)
    assert decisions[2].result is Result.IN_TIME
    assert len(decisions[2].ahead) == 0
    assert decisions[2].passed_at_join == 2
    assert decisions[3].corrections[0].why.key == "not_asked"
    for decision in decisions:
        again = recalled(told(decision))
        assert told(again) == told(decision)
        kept = decision._replace(channel_name="", ahead=())
        assert again._replace(ahead=()) == kept


async def after_a_restart(stage, make_stage, decisions, policy=DEFAULT_POLICY):
    later = make_stage(policy, deadline=0.05)
    later.clock.time, later.people = stage.clock.time, stage.people
    later.router._customers = later.router._lookups._customers = stage.people
    with later.router.before.remembered([recalled(told(decision)) for decision in decisions]):
        now, later.clock.time = later.clock.time, 0.0
        for decision, number in zip(decisions, ("300", "400", "100", "200"), strict=False):
            later.clock.time = decision.at + 0.2
            later.queued(decision.uniqueid, number, queue=decision.queue)
        later.clock.time = now
    await later.settle()
    return later


async def test_nobody_is_moved_or_told_another_reason(stage, make_stage):
    decisions = await waiting(stage)
    later = await after_a_restart(stage, make_stage, decisions)
    assert later.switch.moves == []
    assert later.events == []
    assert later.shelf.kept == {}
    assert [told(later.decision(one.call)) for one in decisions] == [told(one) for one in decisions]
    lines = [[place.waiting for place in later.router.line(queue)] for queue in ("support", "sales")]
    assert lines == [[place.waiting for place in stage.router.line(queue)] for queue in ("support", "sales")]


async def test_another_policy_made_live_after_a_restart_takes_nobody_for_somebody_else(stage, make_stage):
    decisions = await waiting(stage)
    later = await after_a_restart(stage, make_stage, decisions)
    higher = {**DEFAULT_POLICY.credits, Tier.PLATINUM: 900}
    later.router.policy_changed(DEFAULT_POLICY._replace(credits=higher, version=7))
    await later.settle()
    assert later.events == []
    after = [later.decision(one.call) for one in decisions]
    assert [(one.customer, one.tier, one.tier_source) for one in after] == [
        (one.customer, one.tier, one.tier_source) for one in decisions
    ]
    assert {one.policy_version for one in after} == {7}
    assert later.switch.moves == [("support", "PJSIP/trunk-1.3", decisions[2].baseline + 900)]
    later.router.policy_changed(DEFAULT_POLICY._replace(unknown_tier=Tier.LEAD, version=8))
    await later.settle()
    assert [(event.call, event.customer, event.tier) for event in later.events] == [
        ("pbx:1.1", None, Tier.LEAD), ("pbx:1.2", None, Tier.LEAD)
    ]  # fmt: skip


async def test_whoever_waited_over_a_restart_gets_what_another_policy_gives(stage, make_stage):
    decisions = await waiting(stage)
    flat = DEFAULT_POLICY._replace(credits=dict.fromkeys(Tier, 0), version=2)
    later = await after_a_restart(stage, make_stage, decisions, flat)
    assert sorted(later.switch.moves) == [
        ("sales", "PJSIP/trunk-1.4", decisions[3].baseline),
        ("support", "PJSIP/trunk-1.3", decisions[2].baseline),
    ]
    assert later.decision("pbx:1.3").corrections[-1].why.key == "policy_changed"


@pytest.mark.parametrize("left", [Knowledge.PENDING, Knowledge.FAILED])
async def test_a_lookup_that_was_left_undone_is_done(stage, make_stage, left):
    stage.people.go.clear()
    stage.people.add("100", Tier.PLATINUM)
    decision = await stage.router.decide(stage.question("1.1", "100"))
    stage.queued("1.1", "100", position=1)
    undone = stage.decision("pbx:1.1")._replace(knowledge=left)
    assert (decision.result, undone.tier) == (Result.LATE, Tier.IRON)
    stage.people.go.set()
    later = make_stage(deadline=0.05)
    later.router._customers = later.router._lookups._customers = stage.people
    with later.router.before.remembered([recalled(told(undone))]):
        later.queued("1.1", "100", position=1)
    await later.settle()
    assert later.switch.moves == [("support", "PJSIP/trunk-1.1", undone.joined_at and undone.baseline + 600)]
    assert later.decision("pbx:1.1").tier is Tier.PLATINUM


async def test_who_was_not_decided_for_is_looked_up_as_ever(stage, make_stage):
    decisions = await waiting(stage)
    later = await after_a_restart(stage, make_stage, decisions[:2])
    later.queued("1.3", "100")
    await later.settle()
    assert later.decision("pbx:1.3").corrections[0].why.key == "not_asked"


async def test_each_visit_has_its_own_decision(stage, make_stage):
    """The same channel in the same queue twice: an earlier visit, told again, is not taken for the one that lasts."""
    stage.people.add("100", Tier.GOLD, remembered=True)
    decisions = []
    for _ in range(2):
        stage.router.decide_at_once(stage.question("1.1", "100"))
        stage.queued("1.1", "100", position=1)
        decisions.append(stage.decision("pbx:1.1"))
        joined = stage.clock.time
        stage.ended("1.1", joined_at=joined)
        stage.clock.time += 60
    later = make_stage(deadline=0.05)
    with later.router.before.remembered([recalled(told(one)) for one in decisions]):
        for decision in decisions:
            later.clock.time = decision.at + 0.1
            later.queued("1.1", "100")
            assert later.decision("pbx:1.1").id == decision.id
            later.ended("1.1", joined_at=later.clock.time)
    assert later.shelf.kept == {}


async def asked_for_his_own_agent(stage):
    customer = stage.people.add("100", Tier.GOLD, remembered=True)._replace(owner="101")
    stage.people.known["100"] = customer
    stage.people.memory["100"] = type(stage.people.memory["100"])(customer)
    decision = stage.router.decide_at_once(stage.question("1.1", "100", joined_at=int(stage.clock.time) - 90))
    assert dict(decision.variables)["CTI_PREFERRED"] == "agent-101"
    stage.clock.time += 0.5
    stage.queued("1.1", "100", queue="agent-101")
    return decision


def own_agents(make_stage):
    rule = PreferredRule((Bond.OWNER,), 15, soon=True)
    return make_stage(DEFAULT_POLICY._replace(preferred={"support": rule}), team=Team(), deadline=0.05)


class Team:
    def members(self, queue):
        return []

    def logged_on(self, queue):
        return 1

    def free(self, agent, soon):
        return True


@pytest.mark.parametrize("restart", ["while he waits for his agent", "while he waits in the line"])
async def test_who_waits_for_his_own_agent_keeps_the_decision_that_sent_him_there(make_stage, restart):
    stage = own_agents(make_stage)
    decided, joined = await asked_for_his_own_agent(stage), stage.clock.time
    if restart == "while he waits in the line":
        stage.clock.time += 15
        stage.ended("1.1", Outcome.TIMEOUT, queue="agent-101", joined_at=joined)
        stage.queued("1.1", "100", position=1)
    kept = recalled(told(stage.decision("pbx:1.1")))
    assert kept.variables == decided.variables
    later = own_agents(make_stage)
    later.people, later.clock.time = stage.people, joined
    later.router._customers = later.router._lookups._customers = stage.people
    with later.router.before.remembered([kept]):
        later.queued("1.1", "100", queue="agent-101")
        assert later.router.queues() == []
        later.clock.time += 15
        later.ended("1.1", Outcome.TIMEOUT, queue="agent-101", joined_at=joined)
        later.queued("1.1", "100", position=1)
    await later.settle()
    after = later.decision("pbx:1.1")
    assert (after.id, after.joined_at, after.queue) == (decided.id, decided.joined_at, "support")
    assert later.switch.moves == []
    assert set(later.shelf.kept) <= {decided.id}
    assert [event.customer for event in later.events] == []


async def test_a_queue_he_stood_in_before_the_restart_sees_him_no_more(stage, make_stage):
    decisions = []
    for queue in ("support", "sales"):
        stage.router.decide_at_once(stage.question("1.1", None, queue))
        stage.queued("1.1", queue=queue, position=1)
        decisions.append(stage.decision("pbx:1.1"))
        stage.clock.time += 60
    later = make_stage(deadline=0.05)
    later.clock.time = decisions[-1].at + 0.1
    with later.router.before.remembered([recalled(told(one)) for one in decisions]):
        later.queued("1.1", queue="sales")
    assert later.router.callers.get("1.1").been == {"support", "sales"}
