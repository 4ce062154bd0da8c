import asyncio
import logging

from config.branch import _places
from cti.domain.events import CallerRecognised, CallsMerged, SwitchInService
from cti.domain.identifiers import Tier
from cti.domain.records import Outcome
from routing.domain.decision import Knowledge, Result, describe, reasons
from routing.domain.priority import DEFAULT_POLICY, baseline, priority
from routing.domain.sentences import TIER_NAMES

NOW = 1_800_000_000.0
JOIN = int(NOW)


def recognised(stage) -> list[tuple]:
    return [(e.call, e.customer, e.tier, e.source) for e in stage.events if isinstance(e, CallerRecognised)]


async def test_a_remembered_caller_is_answered_at_once(stage):
    stage.people.add("100", Tier.PLATINUM, remembered=True)
    decision = stage.router.decide_at_once(stage.question("1.1", "100"))
    assert (decision.priority, decision.tier, decision.result) == (
        priority(JOIN, 600),
        Tier.PLATINUM,
        Result.IN_TIME,
    )
    assert stage.people.asked == []
    assert recognised(stage) == [("pbx:1.1", "c100", Tier.PLATINUM, "import")]
    stage.queued("1.1", "100", position=1)
    await stage.settle()
    assert stage.switch.moves == []


async def test_a_lookup_within_the_deadline(stage):
    stage.people.add("100", Tier.GOLD)
    assert stage.router.decide_at_once(stage.question("1.1", "100")) is None
    decision = await stage.router.decide(stage.question("1.1", "100"))
    assert (decision.priority, decision.result, decision.knowledge) == (
        priority(JOIN, 300), Result.IN_TIME, Knowledge.CUSTOMER
    )  # fmt: skip


async def test_unknown_and_hidden_callers_are_ordinary(stage):
    for channel, number, knowledge in (("1.1", "999", Knowledge.UNKNOWN), ("1.2", None, Knowledge.WITHHELD)):
        decision = await stage.router.decide(stage.question(channel, number))
        assert (decision.priority, decision.tier, decision.knowledge) == (
            baseline(JOIN),
            Tier.IRON,
            knowledge,
        )
    assert recognised(stage)[0] == ("pbx:1.1", None, Tier.IRON, "default")


async def test_a_late_lookup_moves_who_waits(stage):
    stage.people.add("100", Tier.GOLD)
    stage.people.go.clear()
    decision = await stage.router.decide(stage.question("1.1", "100"))
    assert (decision.priority, decision.result) == (baseline(JOIN), Result.LATE)
    stage.queued("1.1", "100", position=4)
    await asyncio.sleep(0)
    assert (stage.switch.moves, recognised(stage)) == ([], [])
    stage.people.go.set()
    await stage.settle()
    assert stage.switch.moves == [("support", "PJSIP/trunk-1.1", priority(JOIN, 300))]
    assert recognised(stage) == [("pbx:1.1", "c100", Tier.GOLD, "import")]
    kept = list(stage.shelf.kept.values())
    assert len(kept) == 1
    (correction,) = kept[0].corrections
    assert (correction.from_priority, correction.to_priority) == (baseline(JOIN), priority(JOIN, 300))
    assert correction.why.text("en") == "Moved when the customer record answered: gold."
    assert [place.waiting.priority for place in stage.router.line("support")] == [priority(JOIN, 300)]


async def test_a_lookup_done_between_answer_and_queue_moves_at_the_queue(stage):
    stage.people.add("100", Tier.GOLD)
    stage.people.go.clear()
    await stage.router.decide(stage.question("1.1", "100"))
    stage.people.go.set()
    await stage.settle()
    assert stage.switch.moves == []  # the switch would not find him yet
    stage.queued("1.1", "100", position=2)
    await stage.settle()
    assert stage.switch.moves == [("support", "PJSIP/trunk-1.1", priority(JOIN, 300))]


async def test_who_left_is_not_moved(stage):
    stage.people.add("100", Tier.GOLD)
    stage.people.go.clear()
    await stage.router.decide(stage.question("1.1", "100"))
    stage.queued("1.1", "100")
    stage.ended("1.1", Outcome.ABANDONED)
    stage.people.go.set()
    await stage.settle()
    assert stage.switch.moves == []
    assert stage.decision("pbx:1.1").tier is Tier.GOLD


async def test_a_caller_nobody_asked_about_is_looked_up_and_moved(stage):
    stage.people.add("100", Tier.PLATINUM)
    stage.people.add("200", Tier.IRON, remembered=True)
    stage.queued("1.1", "100", position=3)
    stage.queued("1.2", "200", position=4)
    await stage.settle()
    assert stage.switch.moves == [("support", "PJSIP/trunk-1.1", priority(JOIN, 600))]
    decision = stage.decision("pbx:1.1")
    assert (decision.result, decision.joined_at) == (Result.BASELINE, JOIN)
    assert decision.corrections[0].why.key == "not_asked"


async def test_a_remembered_caller_nobody_asked_about_is_recognised_once(stage):
    stage.people.add("200", Tier.GOLD, remembered=True)
    stage.queued("1.2", "200", position=1)
    await stage.settle()
    assert recognised(stage) == [("pbx:1.2", "c200", Tier.GOLD, "import")]


async def test_without_a_baseline_everybody_gets_a_place(make_stage):
    stage = make_stage(DEFAULT_POLICY._replace(dialplan_sets_baseline=False))
    stage.people.add("200", Tier.IRON, remembered=True)
    stage.queued("1.2", "200", position=4)
    await stage.settle()
    assert stage.switch.moves == [("support", "PJSIP/trunk-1.2", baseline(JOIN))]


async def test_an_answer_that_did_not_arrive_is_made_good(stage):
    stage.people.add("100", Tier.GOLD, remembered=True)
    stage.router.decide_at_once(stage.question("1.1", "100"))
    stage.router.not_delivered("1.1")
    stage.queued("1.1", "100", position=2)
    await stage.settle()
    assert stage.switch.moves == [("support", "PJSIP/trunk-1.1", priority(JOIN, 300))]
    assert stage.decision("pbx:1.1").result is Result.LATE
    assert stage.decision("pbx:1.1").corrections[0].why.key == "not_delivered"


async def test_a_failing_lookup_is_an_ordinary_place_and_keeps_quiet_about_the_number(stage, caplog):
    stage.people.failing = True
    with caplog.at_level(logging.DEBUG):
        decision = await stage.router.decide(stage.question("1.1", "13800000001"))
    assert (decision.priority, decision.result, decision.knowledge) == (
        baseline(JOIN), Result.BASELINE, Knowledge.FAILED
    )  # fmt: skip
    assert "13800000001" not in caplog.text
    assert stage.router.counts()["lookup_failed"] == 1


async def test_lookups_are_bounded(make_stage):
    stage = make_stage(deadline=0.01, most_lookups=5)
    stage.people.go.clear()
    decisions = [await stage.router.decide(stage.question(f"1.{n}", "100")) for n in range(8)]
    assert [d.knowledge for d in decisions] == [Knowledge.PENDING] * 5 + [Knowledge.FAILED] * 3
    assert stage.router.counts()["lookup_refused"] == 3
    stage.people.go.set()
    await stage.settle()
    assert stage.router.counts()["lookups"] == 0


async def test_whoever_comes_back_keeps_his_time(stage):
    stage.people.add("100", Tier.IRON, remembered=True)
    stage.router.decide_at_once(stage.question("1.1", "100"))
    stage.queued("1.1", "100")
    stage.clock.time += 100
    stage.ended("1.1", Outcome.TIMEOUT)
    again = stage.router.decide_at_once(stage.question("1.1", "100", queue="sales"))
    assert (again.joined_at, again.priority) == (JOIN, baseline(JOIN))
    stage.queued("1.1", "100", queue="sales")
    await stage.settle()
    assert stage.switch.moves == []
    stage.cleared("pbx:1.1")
    assert stage.router.decide_at_once(stage.question("1.1", "100")).joined_at == JOIN + 100


async def test_a_place_that_was_kept_is_his_also_when_he_comes_back_to_the_line(stage):
    stage.router.decide_at_once(stage.question("1.1", None, joined_at=JOIN))
    stage.queued("1.1")
    stage.router.keep_place("pbx:1.1", "support", baseline(JOIN) + 900)
    await stage.settle()
    stage.ended("1.1", Outcome.TRANSFERRED_OUT)
    again = stage.router.decide_at_once(stage.question("1.1", None, joined_at=JOIN))
    assert (again.joined_at, again.priority) == (JOIN - 900, baseline(JOIN) + 900)


async def test_the_switch_knows_best_when_he_came(stage):
    stage.people.add("100", Tier.IRON, remembered=True)
    decide = stage.router.decide_at_once
    assert decide(stage.question("1.1", "100", joined_at=JOIN - 700)).joined_at == JOIN - 700
    for nonsense in (0, 99, JOIN * 10):
        assert decide(stage.question(f"2.{nonsense}", "100", joined_at=nonsense)).joined_at == JOIN


async def test_a_tier_changed_while_waiting_moves_at_once(stage):
    stage.people.add("100", Tier.IRON, remembered=True)
    stage.router.decide_at_once(stage.question("1.1", "100"))
    stage.queued("1.1", "100")
    stage.router.customers_changed([stage.people.known["100"]._replace(tier=Tier.GOLD)])
    await stage.settle()
    assert stage.switch.moves == [("support", "PJSIP/trunk-1.1", priority(JOIN, 300))]
    assert stage.decision("pbx:1.1").corrections[0].why.key == "customer_changed"
    stage.router.customers_changed([stage.people.known["100"]])
    await stage.settle()
    assert stage.switch.moves[-1] == ("support", "PJSIP/trunk-1.1", baseline(JOIN))


async def test_a_colleague_who_brings_a_customer_into_a_queue(stage):
    """An attended transfer: the queue sees the colleague's leg, the call is the customer's."""
    stage.people.add("100", Tier.GOLD, remembered=True)
    stage.router.decide_at_once(stage.question("1.1", "100"))
    stage.queued("1.1", "100")
    stage.ended("1.1")
    stage.queued("1.9", "101", queue="sales", call="pbx:1.1")
    await stage.settle()
    assert stage.switch.moves == [("sales", "PJSIP/trunk-1.9", priority(JOIN, 300))]
    assert {tier for _, _, tier, _ in recognised(stage)[-1:]} == {Tier.GOLD}


async def test_merged_calls_are_forgotten_together(stage):
    stage.queued("1.1", "100")
    stage.queued("1.2", "200", queue="sales")
    stage.router.merged(CallsMerged(NOW, "pbx:1.1", "pbx:1.2"))
    stage.cleared("pbx:1.1")
    await stage.settle()
    assert (stage.router.counts()["callers"], stage.router.queues()) == (0, [])


async def test_the_call_may_have_another_name_than_the_channel(stage):
    stage.people.add("100", Tier.GOLD, remembered=True)
    stage.router.decide_at_once(stage.question("1.5", "100"))
    stage.queued("1.5", "100", call="pbx:1.1")
    assert stage.decision("pbx:1.5") is None
    assert stage.decision("pbx:1.1").uniqueid == "1.5"
    assert recognised(stage)[-1] == ("pbx:1.1", "c100", Tier.GOLD, "import")
    stage.cleared("pbx:1.1")
    assert stage.router.counts()["callers"] == 0


async def test_a_refusal_is_tried_again_then_told(stage, monkeypatch):
    monkeypatch.setattr("routing.service.mover.PAUSES", (0.0, 0.001, 0.001))
    stage.people.add("100", Tier.GOLD)
    stage.switch.refusals = 1
    stage.queued("1.1", "100")
    await stage.settle()
    assert len(stage.switch.moves) == 1
    stage.people.add("200", Tier.GOLD)
    stage.switch.refusals = 99
    stage.queued("1.2", "200")
    await stage.settle()
    assert len(stage.switch.moves) == 1
    decision = stage.decision("pbx:1.2")
    assert [c.why.key for c in decision.corrections] == ["move_failed"]
    assert [p.waiting.channel for p in stage.router.line("support")] == ["1.1", "1.2"]


async def test_nothing_grows_without_bound(make_stage):
    stage = make_stage(capacity=100)
    stage.people.add("100", Tier.GOLD, remembered=True)
    for n in range(1000):
        stage.router.decide_at_once(stage.question(f"1.{n}", "100"))
        stage.queued(f"1.{n}", "100")
    callers = stage.router.callers
    assert (len(callers._by_channel), len(callers._channels), len(callers._lines["support"])) == (
        100,
        100,
        100,
    )
    assert stage.router.counts()["forgotten"] == 900
    for n in range(1000):
        stage.cleared(f"pbx:1.{n}")
    assert (len(callers._by_channel), len(callers._channels), len(callers._lines["support"])) == (0, 0, 0)


async def test_a_restarted_switch_has_nobody_waiting(stage):
    stage.queued("1.1", "100")
    stage.router.switch_in_service(SwitchInService(NOW, restarted=False))
    assert stage.router.queues() == ["support"]
    stage.router.switch_in_service(SwitchInService(NOW, restarted=True))
    assert (stage.router.queues(), stage.router.counts()["callers"]) == ([], 0)
    await stage.settle()


async def test_the_decision_says_why_in_both_languages(stage):
    stage.people.add("100", Tier.PLATINUM, remembered=True)
    for n in range(2):
        stage.router.decide_at_once(stage.question(f"1.{n}", None))
        stage.queued(f"1.{n}", None, position=n + 1)
    stage.clock.time += 60
    stage.router.decide_at_once(stage.question("1.9", "100"))
    stage.queued("1.9", "100", position=1)
    decision = stage.decision("pbx:1.9")
    assert [reason.text("en") for reason in reasons(decision)] == [
        "Customer of tier platinum (import).",
        "Head start 10 min: counts as if the call had come that much earlier.",
        "First in line, before 2 who came earlier: platinum has a head start of 10 min.",
        "Nobody who comes later is served before.",
    ]
    assert [reason.text("zh") for reason in reasons(decision)] == [
        "铂金客户（导入）。",
        "优先 10 分：按提前这么久来电计算。",
        "排在首位，先于 2 位更早来电者：铂金享有 10 分 优先。",
        "更晚的来电不会先被接听。",
    ]
    stage.router.decide_at_once(stage.question("1.10", None))
    stage.queued("1.10", None, position=4)
    document = describe(stage.decision("pbx:1.10"), TIER_NAMES)
    assert [(a["call"], a["why"]) for a in document["ahead"]] == [
        ("pbx:1.9", "platinum, came 0 s earlier."),
        ("pbx:1.0", "iron, came 1 min earlier."),
        ("pbx:1.1", "iron, came 1 min earlier."),
    ]
    assert stage.router.decisions.why("pbx:1.9")["en"].startswith("First in line")
    places = stage.router.line("support")
    assert [(p.position, p.waiting.channel, p.why.key, p.promised_at) for p in places] == [
        (1, "1.9", "first_passing", None), (2, "1.0", "place", None), (3, "1.1", "place", None),
        (4, "1.10", "place", None),
    ]  # fmt: skip


async def test_promised_time_follows_the_pace(stage):
    for n in range(8):
        stage.queued(f"1.{n}", None)
    for n in range(4):
        stage.clock.time += 30
        stage.ended(f"1.{n}")
    assert [place.promised_at for place in stage.router.line("support")] == [
        NOW + 120 + 30 * k for k in (1, 2, 3, 4)
    ]
    stage.clock.time += 45  # the next answer is overdue
    assert stage.router.line("support")[0].promised_at == stage.clock.time
    stage.clock.time += 3600
    assert stage.router.line("support")[0].promised_at is None


async def test_while_an_answer_is_overdue_the_floor_is_not_told_another_time_with_every_look(stage):
    for n in range(8):
        stage.queued(f"1.{n}", None)
    for n in range(4):
        stage.clock.time += 30
        stage.ended(f"1.{n}")
    told = []
    for _ in range(20):
        stage.clock.time += 0.25
        told.append([place.promised_at for place in _places(stage.router, "support")])
    assert stage.clock.time - NOW == 125
    stage.clock.time += 40  # overdue
    for _ in range(20):
        stage.clock.time += 0.25
        told.append([place.promised_at for place in _places(stage.router, "support")])
    assert len({tuple(times) for times in told}) <= 3
    assert all(at % 10 == 0 for times in told for at in times)


async def test_a_supervisor_puts_a_caller_first_and_says_why(stage):
    for number in range(3):
        stage.router.decide_at_once(stage.question(f"1.{number}", None))
        stage.queued(f"1.{number}", position=number + 1)
        stage.clock.time += 1
    assert stage.router.put_first("pbx:1.2", "Sam", "complained")
    await stage.settle()
    [(queue, channel, given)] = stage.switch.moves
    assert (queue, channel, given) == ("support", "PJSIP/trunk-1.2", priority(JOIN, 1))
    assert [place.waiting.channel for place in stage.router.line("support")] == ["1.2", "1.0", "1.1"]
    told = describe(stage.decision("pbx:1.2"), TIER_NAMES)
    assert told["corrections"][0]["why"] == "Moved before all others by Sam: complained"
    assert "Moved before all others by Sam: complained" in told["reasons"]
    assert not stage.router.put_first("pbx:9.9", "Sam", "complained")


async def test_a_supervisor_moves_a_caller_to_another_queue_where_the_time_he_came_counts(stage):
    stage.router.decide_at_once(stage.question("1.1", None))
    stage.queued("1.1", position=1)
    stage.router.will_move("pbx:1.1", "sales", "Sam", "knows the product")
    stage.ended("1.1", Outcome.TRANSFERRED_OUT)
    stage.clock.time += 60
    stage.router.decide_at_once(stage.question("1.1", None, "sales", joined_at=JOIN))
    stage.queued("1.1", queue="sales", position=1)
    decision = stage.decision("pbx:1.1")
    assert (decision.queue, decision.joined_at) == ("sales", JOIN)
    assert [reason.key for reason in reasons(decision)].count("moved_queue") == 1
    stage.router.taken("pbx:1.1", "200", "Sam", "mine")
    assert "Put through to 200" not in str(describe(stage.decision("pbx:1.1"), TIER_NAMES)["ahead"])
    assert "Put through to 200 by Sam: mine" in describe(stage.decision("pbx:1.1"), TIER_NAMES)["reasons"]
