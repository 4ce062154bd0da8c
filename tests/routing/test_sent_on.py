"""Whoever comes, comes back, is sent on or waits for an agent of his own: told to the switch, and why."""

from cti.domain.identifiers import Tier
from cti.domain.records import Outcome
from routing.domain.decision import reasons
from routing.domain.sentences import Sentence
from routing.ports import Member
from routing.service.overflows import Overflows
from routing.service.penalties import Penalties
from tests.routing.policies import BERLIN, HOURS, PREFERRED, SHANGHAI, SKILLS, at, policy


class Team:
    def __init__(self) -> None:
        self.at: dict[str, list[Member]] = {
            "support": [Member("101", "PJSIP/101", 0)],
            "sales": [Member("103", "P", 0)],
        }

    def members(self, queue):
        return self.at.get(queue, [])

    def logged_on(self, queue):
        return len(self.at.get(queue, []))

    def free(self, agent, soon):
        return True


NOBODY = "overflow:\n  support: [{after: 60, to: vip}, {nobody: true, to: sales}]\n"


async def test_who_comes_to_a_queue_where_nobody_is_logged_on_goes_on_at_once(make_stage):
    """The switch would refuse him (joinempty), so he could not wait for the rule."""
    team = Team()
    stage = make_stage(policy(NOBODY), team=team)
    ask = stage.router.decide_at_once
    assert goes(ask(stage.question("1.1", None))) is None
    team.at["support"] = []
    stage.clock.time += 5
    sent = ask(stage.question("1.2", None))
    assert (goes(sent), [reason.key for reason in sent.path]) == ("queue-sales", ["overflow_nobody"])
    there = ask(stage.question("1.2", None, "sales"))
    assert (goes(there), [reason.key for reason in there.path]) == (None, ["overflow_nobody"])
    team.at["sales"] = []
    assert goes(ask(stage.question("1.3", None))) is None  # nobody there either


async def test_closed_comes_before_nobody(make_stage):
    team = Team()
    team.at["support"] = []
    stage = make_stage(policy(EVENING + NOBODY), team=team, zone=SHANGHAI)
    stage.clock.time = at(SHANGHAI, 2026, 12, 21, 20, 0)
    assert goes(stage.router.decide_at_once(stage.question("1.1", None))) == "closed"
    stage.clock.time = at(SHANGHAI, 2026, 12, 21, 10, 0)
    assert goes(stage.router.decide_at_once(stage.question("1.2", None))) == "queue-sales"


async def test_the_queue_that_takes_the_calls_meanwhile_knows_why(make_stage):
    stage = make_stage(policy(HOURS + "  sales: {mon-sun: [00:00-20:00]}\n"), zone=SHANGHAI)
    stage.clock.time = at(SHANGHAI, 2026, 12, 25, 10, 0)
    assert goes(stage.router.decide_at_once(stage.question("1.1", None))) == "queue-sales"
    there = stage.router.decide_at_once(stage.question("1.1", None, "sales"))
    assert [reason.text("en") for reason in there.path] == ["support is closed today: Christmas."]
    stage.clock.time = at(SHANGHAI, 2026, 12, 25, 21, 0)
    stage.router.decide_at_once(stage.question("1.2", None))
    assert goes(stage.router.decide_at_once(stage.question("1.2", None, "sales"))) == "closed"


EVENING = """hours:
  support: {mon-sun: [09:00-18:00], closed: announce}
  sales: {mon-sun: [09:00-18:00], closed: announce}
"""


def goes(decision) -> str | None:
    return dict(decision.variables).get("CTI_GO")


async def test_hours_are_for_who_comes_not_for_who_waits(make_stage):
    """Withdrawn to be offered a callback, sent on, moved by a supervisor: closing time finds him in line all the same."""
    stage = make_stage(policy(EVENING), zone=SHANGHAI)
    ask = stage.router.decide_at_once
    stage.clock.time = at(SHANGHAI, 2026, 12, 21, 17, 59)
    for channel in ("1.1", "1.2", "1.3", "1.4", "1.5"):
        assert goes(ask(stage.question(channel, None))) is None
        stage.queued(channel)
    stage.clock.time += 120
    assert goes(ask(stage.question("1.9", None))) == "closed"
    stage.ended("1.1", Outcome.WITHDRAWN)
    assert goes(ask(stage.question("1.1", None))) is None
    stage.router.callers.get("1.2").overflow = Sentence("overflow_after", {})
    stage.ended("1.2", Outcome.WITHDRAWN)
    assert goes(ask(stage.question("1.2", None, "sales"))) is None
    stage.router.will_move("pbx:1.3", "sales", "Sam", "asked for")
    stage.ended("1.3", Outcome.TRANSFERRED_OUT)
    assert goes(ask(stage.question("1.3", None, "sales"))) is None
    stage.ended("1.4", Outcome.TRANSFERRED_OUT)  # he goes to another queue by himself
    assert goes(ask(stage.question("1.4", None, "sales"))) == "closed"
    stage.ended("1.5")  # served, and transferred back: he comes
    assert goes(ask(stage.question("1.5", None))) == "closed"


async def test_an_overflow_is_asked_once_told_in_the_next_decision_and_never_goes_back(make_stage):
    both = "overflow:\n  support: [{after: 60, to: sales}]\n  sales: [{after: 60, to: support}]\n"
    stage = make_stage(policy(both), team=Team(), zone=BERLIN)
    looks = Overflows(
        lambda: stage.router.policy,
        stage.router.callers,
        Team(),
        stage.switch,
        stage.clock,
        stage.spawn,
        BERLIN,
    )
    stage.router.decide_at_once(stage.question("1.1", None))
    stage.queued("1.1")
    stage.switch.refusals = 1
    for seconds in (59, 1, 1, 9, 1):
        stage.clock.time += seconds
        looks.look()
        await stage.settle()
    assert stage.switch.withdrawn == [("support", "PJSIP/trunk-1.1", "queue-sales")]
    assert looks.counts == {"overflow_failed": 1, "overflowed": 1}
    stage.ended("1.1", Outcome.WITHDRAWN)
    decision = stage.router.decide_at_once(stage.question("1.1", None, queue="sales"))
    assert [reason.key for reason in reasons(decision)][3] == "overflow_after"
    assert decision.first_joined_before == 71  # his place is that of the first join
    stage.queued("1.1", queue="sales")
    stage.clock.time += 100
    looks.look()
    await stage.settle()
    assert len(stage.switch.withdrawn) == 1


async def test_penalties_follow_the_skills(make_stage):
    stage, team = make_stage(policy(SKILLS)), Team()
    keeper = Penalties(lambda: stage.router.policy, team, stage.switch)
    stage.switch.refusals = 1
    await keeper.look()
    await keeper.look()
    assert stage.switch.penalties == [("support", "PJSIP/101", 2)]
    team.at["support"] = [Member("101", "PJSIP/101", 2)]
    await keeper.look()
    assert len(stage.switch.penalties) == 1


async def test_taking_skills_back_gives_members_the_penalties_they_had(stage):
    team, live = Team(), [policy(SKILLS)]
    team.at["support"] = [Member("101", "PJSIP/101", 4), Member("102", "PJSIP/102", 9)]
    keeper = Penalties(lambda: live[0], team, stage.switch)
    await keeper.look()
    team.at["support"] = [Member("101", "PJSIP/101", 2), Member("102", "PJSIP/102", 9)]
    live[0] = policy("")
    stage.switch.refusals = 1
    for _ in range(3):
        await keeper.look()
        for queue, interface, penalty in stage.switch.penalties[1:]:
            found = {"PJSIP/101": 0, "PJSIP/102": 1}[interface]
            team.at[queue][found] = team.at[queue][found]._replace(penalty=penalty)
    assert stage.switch.penalties == [
        ("support", "PJSIP/101", 2),
        ("support", "PJSIP/102", 0),  # which he had had is not known: it was ours before this start
        ("support", "PJSIP/101", 4),
    ]


async def test_waiting_for_the_preferred_agent_is_no_decision_of_its_own(make_stage):
    stage = make_stage(policy(PREFERRED), team=Team())
    customer = stage.people.add("100", Tier.GOLD, remembered=True)
    stage.people.known["100"] = customer = customer._replace(owner="101")
    stage.people.memory["100"] = type(stage.people.memory["100"])(customer)
    decision = stage.router.decide_at_once(stage.question("1.1", "100"))
    assert dict(decision.variables)["CTI_PREFERRED"] == "agent-101"
    stage.queued("1.1", "100", queue="agent-101")
    assert stage.router.line("agent-101") == stage.router.line("support") == []
    stage.queued("1.1", "100", position=1)
    await stage.settle()
    assert len(stage.router.line("support")) == 1
    assert stage.switch.moves == []


async def test_a_look_asks_once_for_each_queue_however_many_wait(make_stage):
    team, asked = Team(), []
    stage = make_stage(policy("overflow:\n  support: [{after: 60, to: sales}]\n"), team=team)
    for number in range(50):
        stage.queued(f"1.{number}")
    looks = Overflows(
        lambda: stage.router.policy, stage.router.callers, team, stage.switch, stage.clock, stage.spawn, BERLIN
    )  # fmt: skip
    stage.clock.time += 60
    team.logged_on = lambda queue: asked.append(queue) or 1
    looks.look()
    await stage.settle()
    assert len(stage.switch.withdrawn) == 50
    assert asked == ["support", "sales"]


async def test_who_was_answered_before_he_could_be_sent_on_was_not_sent_on(stage):
    stage.router.decide_at_once(stage.question("1.1", None))
    stage.queued("1.1")
    stage.router.callers.get("1.1").overflow = Sentence("overflow_after", {})
    stage.ended("1.1")
    assert stage.router.decide_at_once(stage.question("1.1", None, "sales")).path == ()
