"""What happened while nobody heard: callers passed on to the same queue, legs taken elsewhere, ends that were never told."""

import pytest

from cti.domain.casework import Case
from cti.domain.corrections import KnownCaller, retold
from cti.domain.identifiers import CustomerId, QueueName, Tier
from cti.domain.records import Outcome
from tests.cti.reconciling import judged
from tests.cti.unheard import (
    BASE,
    GAP,
    PASSED_ON,
    conversation,
    ledger,
    shown,
    stays,
    talks,
    told_by_the_ledger,
)


def test_each_agent_of_a_caller_passed_on_keeps_his_own_conversation():
    call = told_by_the_ledger(*PASSED_ON)
    assert shown(call) == [(BASE, "101", 1.0), (BASE + 2.0, "102", 5.0)]
    assert talks(call) == [("101", "a1", 1.0), ("102", "a2", 5.0)]


def test_a_stay_we_saw_is_not_taken_for_another_whichever_is_compared_first():
    entries = ledger(*PASSED_ON)
    whole = told_by_the_ledger(*PASSED_ON)
    first, second = whole.visits
    # heard when it began and, the stay between unheard, told of the end of the other; and the other way round
    for ours in (second._replace(joined_at=BASE + 0.4), first._replace(joined_at=BASE + 2.4)):
        kept = whole._replace(visits=(ours._replace(number_in_call=1),), segments=(), offers=())
        for order in (entries, entries[::-1]):
            case = Case({kept.call: kept}, [GAP], 0.0)
            for entry in order:
                case = Case(case.calls, [GAP], 0.0, stays=stays(entries), taken=case.taken)
                case.judge([entry])
            [call] = case.calls.values()
            assert [(int(at), agent, talk) for at, agent, talk in shown(call)] == [
                (BASE, "101", 1.0), (BASE + 2, "102", 5.0),
            ]  # fmt: skip


BACK_TO_HIM = (
    f"{BASE}|c1|support|NONE|ENTERQUEUE||+15550100|1",
    f"{BASE + 1}|c1|support|101|CONNECT|1|a1|1",
    f"{BASE + 3}|c1|support|101|BLINDTRANSFER|support|from-agents|1|2|1",
    f"{BASE + 3}|c1|support|NONE|ENTERQUEUE||+15550100|1",
    f"{BASE + 4}|c1|support|101|CONNECT|1|a2|1",
    f"{BASE + 9}|c1|support|101|COMPLETEAGENT|1|5|1",
)


@pytest.mark.parametrize("queue", [None, "support"])
def test_a_caller_passed_back_to_the_same_agent_has_both_conversations(queue):
    """Of the first nothing was heard but its visit; the second was found under way."""
    entries = ledger(*BACK_TO_HIM)
    whole = told_by_the_ledger(*BACK_TO_HIM)
    assert talks(whole) == [("101", "a1", 2.0), ("101", "a2", 5.0)]
    found = whole.segments[1]._replace(
        queue=queue and QueueName(queue), began_at=BASE + 4.2, talk_seconds=4.8
    )
    for order in (entries, entries[::-1]):
        for said in ([visit._replace(talk_seconds=None) for visit in whole.visits], whole.visits):
            ours = whole._replace(visits=tuple(said), segments=(found,))
            [call] = judged([ours], order, [GAP]).calls.values()
            assert [channel for _, channel, _ in talks(call)] == ["a1", "a2"]


def test_a_conversation_of_no_queue_is_as_long_as_its_leg_was_in_bridges():
    call = told_by_the_ledger(*PASSED_ON)._replace(visits=(), offers=())
    direct = conversation(call.call, "d1", BASE + 1.0, BASE + 9.0, hold_seconds=3.0, talk_seconds=5.0)
    before = conversation(call.call, "d0", BASE - 900.0, BASE - 800.0)
    call = call._replace(segments=(before, direct))
    case = Case({call.call: call}, [GAP], 0.0, missed={call.call}, leg=lambda _: (2.5, BASE + 3.5))
    case.judge([])
    heard, measured = case.calls[call.call].segments
    assert heard == before  # all of it was heard
    assert (measured.talk_seconds, measured.hold_seconds, measured.ended_at) == (0.0, 2.5, BASE + 3.5)
    assert list(case.changed) == [call.call]


def test_an_end_we_did_not_hear_is_the_ledgers_even_if_it_is_near():
    whole = told_by_the_ledger(*PASSED_ON[:2], f"{BASE + 7}|c1|support|101|COMPLETEAGENT|1|6|1")
    [visit] = whole.visits
    ours = visit._replace(talk_seconds=6.8, ended_at=BASE + 7.8, ended_by=None)
    [entry] = ledger(*PASSED_ON[:2], f"{BASE + 7}|c1|support|101|COMPLETEAGENT|1|6|1")
    case = judged([whole._replace(visits=(ours,))], [entry], [GAP], bridged=lambda _: 5.7)
    [call] = case.calls.values()
    assert shown(call) == [(BASE, "101", 5.7)]
    assert call.visits[0].ended_by == "agent"


def test_a_caller_nobody_recognised_has_his_tier_late_rather_than_never():
    callers = {"+15550100": KnownCaller(CustomerId("c-1"), "李娜", Tier.GOLD)}
    whole = told_by_the_ledger(*PASSED_ON)
    assert whole.tier is None
    case = judged([whole], ledger(*PASSED_ON), [GAP], callers=callers)
    [call] = case.calls.values()
    assert (call.customer, call.caller_name, call.tier) == ("c-1", "李娜", Tier.GOLD)
    assert {one.tier for one in (*call.visits, *call.segments)} == {Tier.GOLD}
    heard = whole._replace(tier=Tier.IRON)
    [call] = judged([heard], ledger(*PASSED_ON), [GAP], callers=callers).calls.values()
    assert call.tier is Tier.IRON  # who was recognised stays what he was


def test_two_stays_a_second_apart_are_told_apart_by_whole_seconds():
    """A second of the ledger is cut: a moment before the next one is nearer to it, and belongs to the one before."""
    lines = [line.replace(f"{BASE + 2}|", f"{BASE + 1}|") for line in PASSED_ON]
    entries = ledger(*lines)
    assert [entry.joined_at for entry in entries] == [BASE, BASE + 1.0]
    whole = told_by_the_ledger(*lines)
    first, second = whole.visits
    heard = (first._replace(joined_at=BASE + 0.6), second._replace(joined_at=BASE + 1.9))
    for order in (entries, entries[::-1]):
        case = Case({whole.call: whole._replace(visits=heard)}, [GAP], 0.0)
        for entry in order:
            case = Case(case.calls, [GAP], 0.0, stays=stays(entries), taken=case.taken)
            case.judge([entry])
        [call] = case.calls.values()
        assert [visit.agent for visit in call.visits] == ["101", "102"]


def test_an_agent_who_serves_the_same_caller_twice_has_two_conversations():
    lines = [line.replace("|102|", "|101|") for line in PASSED_ON]
    entries = ledger(*lines)
    whole = told_by_the_ledger(*lines)
    first, second = whole.visits
    assert talks(whole) == [("101", "a1", 1.0), ("101", "a2", 5.0)]
    unheard = second._replace(outcome=Outcome.LOST, outcome_at=BASE + 9.0, agent=None, talk_seconds=None)
    half = whole._replace(visits=(first, unheard), segments=whole.segments[:1])
    for leg in (lambda _: None, lambda channel: (1.0, BASE + 2.0) if channel == "a1" else (5.0, BASE + 8.0)):
        [call] = judged([half], entries, [GAP], leg=leg).calls.values()
        assert talks(call) == [("101", "a1", 1.0), ("101", "a2", 5.0)]


def test_a_corrected_story_is_told_in_the_order_it_is_kept_in():
    call = told_by_the_ledger(*PASSED_ON)
    backwards = call._replace(segments=call.segments[::-1], visits=call.visits[::-1])
    told = retold(backwards, BASE + 60.0, ["unheard"])
    assert (told.segments, told.visits) == (call.segments, call.visits)


def test_queue_names_differ_in_letters_alone():
    entries = ledger(*PASSED_ON[:3])
    whole = told_by_the_ledger(*PASSED_ON[:3])
    [visit] = whole.visits
    loud = whole._replace(visits=(visit._replace(queue=QueueName("SUPPORT")),))
    case = judged([loud], entries, [GAP], stays=stays(entries))
    assert [finding.state for finding in case.findings] == ["agreed"]
