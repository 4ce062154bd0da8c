"""What happened while nobody heard: callers passed on to the same queue, legs taken elsewhere, ends that were never told."""

import pytest

from cti.domain.casework import Case
from cti.domain.corrections import KnownCaller, retold
from cti.domain.identifiers import AgentId, CallId, ChannelId, CustomerId, QueueName, Tier
from cti.domain.ledger_reader import read_ledger
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.records import Lasting, Outcome, SegmentRecord
from tests.cti.reconciling import PBX, entries, following, frames, hear, judged, kind

BASE = 1_795_311_215
GAP = (BASE - 60.0, BASE + 60.0)
PASSED_ON = (
    f"{BASE}|c1|support|NONE|ENTERQUEUE||+15550100|1",
    f"{BASE + 1}|c1|support|101|CONNECT|1|a1|1",
    f"{BASE + 2}|c1|support|101|BLINDTRANSFER|support|from-agents|1|1|1",
    f"{BASE + 2}|c1|support|NONE|ENTERQUEUE||+15550100|1",
    f"{BASE + 3}|c1|support|102|CONNECT|1|a2|1",
    f"{BASE + 8}|c1|support|102|COMPLETEAGENT|1|5|1",
)


def ledger(*lines: str) -> list[LedgerEntry]:
    return read_ledger([line + "\n" for line in lines], PBX).take()


def told_by_the_ledger(*lines: str, **given):
    """The one call that the ledger alone knows."""
    [call] = judged([], ledger(*lines), [GAP], **given).calls.values()
    return call


def stays(entries: list[LedgerEntry]):
    return {("c1", "support"): {entry.joined_at for entry in entries}}


def shown(call):
    return [(visit.joined_at, visit.agent, visit.talk_seconds) for visit in call.visits]


def talks(call):
    return [(one.agent, one.channel, one.talk_seconds + one.hold_seconds) for one in call.segments]


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


def test_the_leg_of_a_consultation_is_not_the_conversation_with_the_customer():
    """The agent's first leg was not heard, nor that the consultation became the customer's call."""
    entries = ledger(
        f"{BASE}|c1|support|NONE|ENTERQUEUE||+15550100|1",
        f"{BASE + 1}|c1|support|101|CONNECT|1|a1|1",
        f"{BASE + 2}|d1|sales|NONE|ENTERQUEUE||101|1",
        f"{BASE + 3}|d1|sales|102|CONNECT|1|a2|1",
        f"{BASE + 4}|c1|support|101|COMPLETEAGENT|1|3|1",
        f"{BASE + 9}|d1|sales|102|COMPLETEAGENT|1|6|1",
    )
    [passed_on] = [call for call in judged([], entries, [GAP]).calls.values() if call.uniqueid == "c1"]
    asking = passed_on.segments[0]._replace(
        channel=ChannelId("d1"), queue=None, began_at=BASE + 2.2, talk_seconds=3.0
    )
    case = judged([passed_on._replace(segments=(asking,))], entries, [GAP])
    assert ("101", "a1", 3.0) in talks(case.calls[passed_on.call])


def test_whoever_asked_before_he_passed_the_caller_on_talked_with_him_by_the_leg_the_ledger_names():
    """A real transfer, heard from some moment on after the agent's own leg had joined the caller's."""
    stream, told = frames("attended_to_agent"), entries("attended_to_agent")
    joins = [n for n, frame in enumerate(stream) if kind(frame) == "BridgeEnter"]
    _, caller_joined, _, agent_asks, _ = joins
    [own_leg] = [entry.agent_channel for entry in told]
    for start in range(caller_joined, agent_asks + 1):
        known = [frame for frame in stream[:start] if kind(frame) == "QueueMemberStatus"]
        heard = hear([*known, *stream[start:]], following("attended_to_agent"))
        case = judged(heard.records, told, [(0.0, heard.gaps[-1][1])])
        talked = [one for call in case.calls.values() for one in call.segments if one.agent == "101"]
        assert [(one.channel, one.talk_seconds) for one in talked] == [(own_leg, 5.0)], start


@pytest.mark.parametrize("visit_heard", [True, False])
def test_a_leg_that_was_in_bridges_for_another_time_is_not_that_of_the_talk(visit_heard):
    """Neither the agent's own leg nor the transfer was heard, only how he asked a colleague meanwhile."""
    lines = [*PASSED_ON[:2], f"{BASE + 4}|c1|support|101|ATTENDEDTRANSFER|BRIDGE|b1|1|3|1"]
    whole = told_by_the_ledger(*lines)
    [own] = whole.segments
    other = own._replace(channel=ChannelId("p1"), queue=None, began_at=BASE + 3.0, talk_seconds=1.0)
    heard = whole._replace(segments=(other,), visits=whole.visits if visit_heard else ())

    def judged_by(**seconds):
        given = {
            "bridged": lambda entry: seconds[entry.agent_channel],
            "leg": lambda channel: (seconds[channel], BASE + 4.0),
        }
        case = judged([heard], ledger(*lines), [GAP], **given)
        again = judged(case.calls.values(), ledger(*lines), [GAP], **given)
        assert again.changed == {}
        [call] = case.calls.values()
        return [(agent, channel) for agent, channel, _ in talks(call)]

    assert judged_by(a1=2.6, p1=1.0) == [("101", "a1"), ("101", "p1")]
    assert judged_by(a1=2.6, p1=2.6) == [
        ("101", "p1")
    ]  # his telephone, behind the Local leg the ledger names
    assert judged_by(a1=0.1, p1=2.6) == [("101", "p1")]  # … which the switch took out of the way


ATTENDED = (
    f"{BASE}|c9|sales|NONE|ENTERQUEUE||101|1",
    f"{BASE}|c9|sales|105|CONNECT|0|a9|0",
    f"{BASE + 2}|c9|sales|105|COMPLETECALLER|0|2|1",
)
CUSTOMERS_CALL = CallId(f"{PBX}:c1")


def conversation(call: CallId, channel: str, began_at: float, ended_at: float, **changes) -> SegmentRecord:
    known = SegmentRecord(
        call, PBX, AgentId("105"), ChannelId(channel), None, None, began_at, ended_at, ended_at - began_at,
        0.0, 0, False, None, told_by_the_ledger(*PASSED_ON).direction,
    )  # fmt: skip
    return known._replace(**changes)


def test_a_leg_that_a_transfer_took_to_another_call_is_waited_for_and_belongs_there():
    [entry] = ledger(*ATTENDED)
    case = Case({}, [GAP], 0.0, live={CUSTOMERS_CALL: Lasting([], [ChannelId("a9")])})
    case.judge([entry])
    [finding] = case.findings
    assert (finding.call, finding.state) == (None, "waiting")

    customers = told_by_the_ledger(*PASSED_ON)
    seen_late = conversation(customers.call, "a9", BASE + 5.0, BASE + 7.0)
    customers = customers._replace(segments=(*customers.segments, seen_late))
    case = judged([customers], [entry], [GAP], bridged=lambda _: 6.5, leg=lambda _: None)
    [call] = case.calls.values()
    assert shown(call)[0] == (
        BASE,
        "105",
        6.5,
    )  # the ledger's line was written at the transfer, not at the end
    assert [one for one in talks(call) if one[0] == "105"] == [("105", "a9", 6.5)]


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


def test_an_end_that_a_later_gap_hid_is_that_of_the_leg():
    """The ledger's line was written when the consultation became the customer's call; we went deaf after that."""
    gap = (BASE + 3.5, BASE + 60.0)
    [entry] = ledger(*ATTENDED)
    [heard] = judged([], [entry], [GAP], bridged=lambda _: 2.0).calls.values()
    [visit] = heard.visits
    [segment] = heard.segments
    ours = heard._replace(
        visits=(visit._replace(talk_seconds=10.0, ended_at=BASE + 10.0),),
        segments=(segment._replace(talk_seconds=10.0, ended_at=BASE + 10.0),),
    )
    case = judged([ours], [entry], [gap], bridged=lambda _: 6.5, leg=lambda _: (6.5, BASE + 6.5))
    [call] = case.calls.values()
    assert shown(call) == [(BASE, "105", 6.5)]
    assert talks(call) == [("105", "a9", 6.5)]


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


def test_who_took_the_place_of_a_consultation_in_line_has_both_stays():
    """The customer was served, and passed on to where his agent waited: seen again only when he talks to the second."""
    entries = ledger(
        f"{BASE}|c1|sales|NONE|ENTERQUEUE||+15550100|2",
        f"{BASE}|c1|sales|101|CONNECT|0|a1|0",
        f"{BASE + 2}|c9|sales|NONE|ENTERQUEUE||101|4",
        f"{BASE + 2}|c1|sales|101|ATTENDEDTRANSFER|APP|Queue|0|2|2",
        f"{BASE + 3}|c1|sales|102|CONNECT|1|a2|1",
        f"{BASE + 13}|c1|sales|102|COMPLETEAGENT|1|10|4",
    )
    [whole] = judged([], entries, [GAP]).calls.values()
    [second] = [visit for visit in whole.visits if visit.agent == "102"]
    seen = second._replace(uniqueid=ChannelId("c1"), joined_at=BASE + 2.5, number_in_call=1)
    case = judged([whole._replace(visits=(seen,), segments=(), offers=())], entries, [GAP])
    [call] = case.calls.values()
    assert sorted((visit.uniqueid, visit.agent, int(visit.joined_at)) for visit in call.visits) == [
        ("c1", "101", BASE), ("c9", "102", BASE + 2),
    ]  # fmt: skip
    assert sorted(talks(call)) == [("101", "a1", 2.0), ("102", "a2", 10.0)]


def test_whose_place_in_line_a_caller_took_is_not_taken_for_his_own_stay_before():
    """Both stays heard under the customer's id, begun in neighbouring seconds; either is compared first, alone."""
    entries = ledger(
        f"{BASE}|c1|sales|NONE|ENTERQUEUE||+15550100|5",
        f"{BASE}|c1|sales|101|CONNECT|0|a1|0",
        f"{BASE + 1}|c9|sales|NONE|ENTERQUEUE||101|7",
        f"{BASE + 4}|c1|sales|101|ATTENDEDTRANSFER|APP|Queue|0|4|5",
        f"{BASE + 6}|c1|sales|NONE|ABANDON|1|7|5",
    )
    [whole] = judged([], entries, [GAP]).calls.values()
    first, second = whole.visits
    heard = (
        first._replace(joined_at=BASE + 0.546),
        second._replace(uniqueid=ChannelId("c1"), joined_at=BASE + 1.747),
    )
    known = {("c1", "sales"): {float(BASE)}, ("c9", "sales"): {BASE + 1.0}}
    for order in (entries, entries[::-1]):
        case = Case({whole.call: whole._replace(visits=heard)}, [GAP], 0.0)
        for entry in order:
            case = Case(case.calls, [GAP], 0.0, stays=known, taken=case.taken)
            case.judge([entry])
        [call] = case.calls.values()
        assert [(visit.uniqueid, visit.joined_at, visit.outcome) for visit in call.visits] == [
            ("c1", BASE + 0.546, Outcome.ANSWERED), ("c9", BASE + 1.747, Outcome.ABANDONED),
        ]  # fmt: skip
        assert talks(call) == [("101", "a1", 4.0)]


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


def test_a_consultation_that_waited_keeps_the_id_the_ledger_knows():
    entries = ledger(
        f"{BASE}|c9|sales|NONE|ENTERQUEUE||101|1",
        f"{BASE - 9}|c1|sales|NONE|ENTERQUEUE||+15550100|1",
        f"{BASE - 8}|c1|sales|101|CONNECT|1|a1|1",
        f"{BASE + 3}|c1|sales|101|ATTENDEDTRANSFER|APP|Queue|1|11|1",
        f"{BASE + 5}|c1|sales|102|CONNECT|5|a2|1",
        f"{BASE + 6}|c1|sales|102|COMPLETEAGENT|5|1|1",
    )
    consulted = next(entry for entry in entries if entry.uniqueid == "c9")
    assert consulted.callids == ("c9", "c1")
    [call] = judged([], entries, [GAP]).calls.values()
    found_late = [visit._replace(uniqueid=ChannelId("c1")) for visit in call.visits]
    case = judged([call._replace(visits=tuple(found_late))], entries, [GAP])
    [call] = case.calls.values()
    assert {visit.uniqueid for visit in call.visits} == {"c1", "c9"}


def test_who_talks_on_while_nobody_hears_is_judged_when_somebody_does():
    """A consultation's line is written when the customer is put through; the second agent talks on."""
    entries = ledger(*ATTENDED)
    deaf = (BASE - 1.0, None)
    waits = judged([], entries, [deaf], in_bridge=lambda channel: channel == "a9")
    assert [(finding.call, finding.differences) for finding in waits.findings] == [(None, ())]
    assert waits.calls == {}
    for gaps, leg in (([deaf], "a8"), ([(BASE - 1.0, BASE + 9.0)], "a9")):
        case = judged([], entries, gaps, in_bridge=lambda channel, leg=leg: channel == leg)
        assert len(case.calls) == 1
