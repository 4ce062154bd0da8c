"""A surge among callers who wait: who moves, who moves back, what a restart finds, what a drill leaves."""

import json
from contextlib import asynccontextmanager

import pytest

from config.schema import upgrade
from cti.adapters.database import connect
from cti.domain.identifiers import Tier
from cti.domain.records import Outcome
from routing.adapters.surge_store import SqlSurges
from routing.domain.decision import describe, reasons
from routing.domain.errors import UnknownSurge
from routing.domain.priority import priority
from routing.domain.recalled import recalled
from routing.domain.sentences import TIER_NAMES
from routing.domain.surge import Surge, SurgeState
from routing.service.overflows import Overflows
from routing.service.surges import Surges
from tests.routing.policies import BERLIN, policy

RULES = """surge:
  support:
    enter: {per_ten_agents: 20, seconds: 5}
    leave: {per_ten_agents: 10, seconds: 10}
    credits: {platinum: 900, gold: 0}
    overflow: [{after: 45, to: sales}]
"""


STEADY = """surge:
  support:
    enter: {per_ten_agents: 30, longest_wait: 240, seconds: 30}
    leave: {per_ten_agents: 10, longest_wait: 60, seconds: 120}
    credits: {iron: 60}
"""


class Team:
    def __init__(self, at_work=2) -> None:
        self.working = at_work

    def at_work(self, queue):
        return self.working

    def logged_on(self, queue):
        return self.working

    def members(self, queue):
        return []

    def free(self, agent, soon):
        return False


class Rows:
    """A store in memory: what stands there, and every word it was told."""

    def __init__(self, rows=None) -> None:
        self.rows, self.told = dict(rows or {}), []

    async def all(self, pbx):
        return dict(self.rows)

    def keep(self, pbx, queue, surge):
        self.told.append((queue, surge and surge.by))


def surges_of(stage, team, store, rules=RULES) -> Surges:
    live = policy(rules)
    found = Surges(
        "pbx", live, stage.router.callers, team, stage.clock, store, stage.router.policy_changed
    )  # fmt: skip
    found.policy_changed(live)
    return found


async def looks(stage, surges, seconds):
    for _ in range(seconds):
        stage.clock.time += 1
        surges.look()
    await stage.settle()


async def rush(stage, n=4):
    """Four callers of three tiers for two agents, ten seconds apart; the best came last."""
    stage.people.add("100", Tier.PLATINUM, remembered=True)
    stage.people.add("200", Tier.GOLD, remembered=True)
    for channel, number in zip(range(n), (None, "200", None, "100"), strict=False):
        stage.router.decide_at_once(stage.question(f"1.{channel}", number))
        stage.queued(f"1.{channel}", number)
        stage.clock.time += 10
    await stage.settle()


def standing(stage):
    return [(place.waiting.channel, place.waiting.priority) for place in stage.router.line("support")]


async def test_a_surge_moves_who_waits_and_its_end_gives_the_very_same_places(stage):
    team, store = Team(), Rows()
    surges = surges_of(stage, team, store)
    await rush(stage)
    before = standing(stage)
    assert [channel for channel, _ in before] == ["1.3", "1.1", "1.0", "1.2"]
    await looks(stage, surges, 7)
    assert surges.since().keys() == {"support"}
    joined = {channel: stage.router.callers.get(channel).decision.joined_at for channel, _ in before}
    assert dict(standing(stage)) == {
        "1.3": priority(joined["1.3"], 900), "1.1": priority(joined["1.1"], 0),
        "1.0": priority(joined["1.0"], 0), "1.2": priority(joined["1.2"], 0),
    }  # fmt: skip
    told = stage.decision("pbx:1.3")
    assert told.corrections[-1].why.text("en") == "Moved because a surge began in this queue: platinum."
    assert "support is busier than it can bear: its rules for a surge are in force." in [
        reason.text("en") for reason in reasons(told)
    ]
    assert "support 处于高峰，按高峰规则排队。" in [reason.text("zh") for reason in reasons(told)]
    read = recalled(json.loads(json.dumps(describe(told, TIER_NAMES))))
    assert (read.surging, read.credit, read.corrections) == (True, told.credit, told.corrections)
    team.working = 100
    await looks(stage, surges, 12)
    assert surges.since() == {}
    assert standing(stage) == before
    assert stage.decision("pbx:1.3").corrections[-1].why.key == "surge_ended"
    assert store.told == [("support", "load"), ("support", None)]
    assert surges.counts == {"support": 1}


async def test_a_move_that_was_lost_leaves_nothing_behind(stage, monkeypatch):
    monkeypatch.setattr("routing.service.mover.PAUSES", (0.0,))
    team = Team()
    surges = surges_of(stage, team, Rows())
    await rush(stage)
    before = standing(stage)
    stage.switch.refusals = 99
    await looks(stage, surges, 7)
    stage.switch.refusals = 0
    team.working = 100
    await looks(stage, surges, 12)
    assert standing(stage) == before


async def test_who_comes_in_a_surge_is_decided_for_by_it_and_told_so(stage):
    team = Team(at_work=0)
    surges = surges_of(stage, team, Rows())
    await rush(stage, 1)
    await looks(stage, surges, 7)
    stage.people.add("300", Tier.PLATINUM, remembered=True)
    decision = stage.router.decide_at_once(stage.question("1.9", "300"))
    assert (decision.credit.seconds, decision.surging) == (900, True)
    assert ("CTI_SURGE", "yes") in decision.variables
    team.working = 100
    await looks(stage, surges, 12)  # it ends while he is on his way
    stage.queued("1.9", "300")
    await stage.settle()
    assert stage.decision("pbx:1.9").credit.seconds == 600
    assert stage.switch.moves[-1] == ("support", "PJSIP/trunk-1.9", priority(decision.joined_at, 600))
    assert ("CTI_SURGE", "yes") not in stage.router.decide_at_once(stage.question("1.8", None)).variables


async def test_its_own_overflow_is_looked_at_only_while_it_lasts(stage):
    team = Team()
    surges = surges_of(stage, team, Rows())
    looking = Overflows(
        lambda: stage.router.policy, stage.router.callers, team, stage.switch, stage.clock, stage.spawn, BERLIN
    )  # fmt: skip
    await rush(stage)
    stage.clock.time += 20
    looking.look()
    await stage.settle()
    assert stage.switch.withdrawn == []
    await looks(stage, surges, 7)
    looking.look()
    await stage.settle()
    assert {(channel, to) for _, channel, to in stage.switch.withdrawn} == {
        ("PJSIP/trunk-1.0", "queue-sales"), ("PJSIP/trunk-1.1", "queue-sales"), ("PJSIP/trunk-1.2", "queue-sales"),
    }  # fmt: skip


async def test_while_the_switch_is_not_heard_everything_stays(stage):
    team = Team()
    surges = surges_of(stage, team, Rows())
    await rush(stage)
    await looks(stage, surges, 7)
    team.working = None
    for channel in range(4):
        stage.ended(f"1.{channel}", Outcome.ABANDONED)
    await looks(stage, surges, 60)
    assert surges.since().keys() == {"support"}
    team.working = 2
    await looks(stage, surges, 10)
    assert surges.since().keys() == {"support"}
    await looks(stage, surges, 1)
    assert surges.since() == {}


async def test_a_restart_in_a_surge_goes_on_in_it_and_leaves_it_when_the_switch_is_heard_calm(stage):
    team = Team()
    store = Rows({"support": Surge(SurgeState.SURGE, 5.0), "gone": Surge(SurgeState.SURGE, 6.0)})
    surges = surges_of(stage, team, store)
    await surges.open()
    assert surges.since() == {"support": 5.0}
    assert stage.router.policy.surging == {"support"}
    assert store.told == [("gone", None)]
    await looks(stage, surges, 11)
    assert surges.since().keys() == {"support"}
    await looks(stage, surges, 1)
    assert (surges.since(), store.told[-1]) == ({}, ("support", None))
    assert surges.counts["support"] == 0  # it began before


@pytest.mark.parametrize(("surging", "credit"), [(True, 900), (False, 600)])
async def test_who_waited_over_the_restart_stands_by_what_goes_on(stage, make_stage, surging, credit):
    surges = surges_of(stage, Team(), Rows())
    await rush(stage)
    await looks(stage, surges, 7)
    decision = recalled(json.loads(json.dumps(describe(stage.decision("pbx:1.3"), TIER_NAMES))))
    later = make_stage(deadline=0.05)
    rows = Rows({"support": Surge(SurgeState.SURGE, 5.0)} if surging else {})
    await surges_of(later, Team(), rows).open()
    later.clock.time = decision.at + 0.5
    with later.router.before.remembered([decision]):
        later.queued("1.3", "100")
    await later.settle()
    assert len(later.switch.moves) == (not surging)
    assert standing(later) == [("1.3", priority(decision.joined_at, credit))]
    assert later.decision("pbx:1.3").corrections[-1].why.key == ("surge_began" if surging else "surge_ended")


async def test_a_rush_is_one_surge_however_the_load_trembles(stage):
    """Ten agents take a caller every six seconds. For a while three times as many come, then nobody."""
    surges = surges_of(stage, Team(10), Rows(), STEADY)
    served, number = [], 0
    for second in range(1200):
        every = 9 if second < 300 else 2
        if second < 500 and second % every == 0:
            channel = f"2.{number}"
            stage.router.decide_at_once(stage.question(channel, None))
            stage.queued(channel)
            number += 1
        if second % 6 == 0 and (line := stage.router.line("support", 1)):
            served.append(line[0].waiting.channel)
            stage.ended(served[-1], joined_at=stage.clock.time)
            stage.cleared(f"pbx:{served[-1]}")
        await looks(stage, surges, 1)
    assert surges.counts == {"support": 1}
    assert surges.since() == {}
    assert served == sorted(served, key=lambda channel: int(channel.partition(".")[2]))
    assert len(served) == number


async def test_a_policy_without_the_queue_ends_its_surge(stage):
    store = Rows()
    surges = surges_of(stage, Team(), store)
    surges.begin("support", 600, "sam")
    surges.policy_changed(policy(""))
    assert (surges.since(), stage.router.policy.surging) == ({}, frozenset())
    assert store.told == [("support", "sam"), ("support", None)]


async def test_a_drill_ends_by_itself_and_leaves_no_row(stage):
    store = Rows()
    surges = surges_of(stage, Team(100), store)
    await rush(stage)
    before = standing(stage)
    surges.begin("support", 60, "sam")
    await looks(stage, surges, 59)
    assert standing(stage) != before
    await looks(stage, surges, 15)
    assert (surges.since(), standing(stage)) == ({}, before)
    assert store.told == [("support", "sam"), ("support", "load"), ("support", None)]
    surges.begin("support", 60, "sam")
    surges.end("support")
    assert surges.since() == {}
    for wrong in (lambda: surges.begin("sales", 60, "sam"), lambda: surges.end("sales")):
        with pytest.raises(UnknownSurge):
            wrong()


@asynccontextmanager
async def store_on(url):
    engine = connect(url)
    await upgrade(engine)
    store = SqlSurges(engine)
    try:
        yield store
    finally:
        await engine.dispose()


async def test_rows_are_kept_and_gone_alike_on_every_database(database_url, stage):
    async with store_on(database_url) as store:
        stage.spawn(store.run())
        store.keep("pbx", "support", Surge(SurgeState.SURGE, 5.0))
        store.keep("other", "support", Surge(SurgeState.SURGE, 7.0, by="王芳", until=99.0))
        store.keep("pbx", "sales", Surge(SurgeState.SURGE, 6.0))
        store.keep("pbx", "sales", None)
        await store.flush()
        assert await store.all("pbx") == {"support": Surge(SurgeState.SURGE, 5.0)}
        assert await store.all("other") == {"support": Surge(SurgeState.SURGE, 7.0, by="王芳", until=99.0)}
        store.keep("pbx", "support", None)
        await store.flush()
        assert await store.all("pbx") == {}
        for task in list(stage.tasks):
            task.cancel()
        await stage.settle()
