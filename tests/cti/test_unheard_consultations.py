"""What happened while nobody heard: agents who asked a colleague or a queue, and put the customer through."""

import pytest

from cti.domain.casework import Case
from cti.domain.identifiers import AgentId, CallId, ChannelId, QueueName
from cti.domain.records import Lasting, OfferRecord, Outcome
from tests.cti.reconciling import PBX, entries, following, frames, hear, judged, kind
from tests.cti.unheard import (
    ATTENDED,
    BASE,
    CUSTOMERS_CALL,
    GAP,
    PASSED_ON,
    conversation,
    ledger,
    shown,
    talks,
    told_by_the_ledger,
)


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


def test_who_was_asked_in_a_gap_and_given_the_customer_in_it_talked_in_one_call():
    """The asking leg was heard to join the queue and ring; then nothing, until the second agent talks with the customer."""
    asked = ledger(*PASSED_ON[:2], *ATTENDED, f"{BASE + 2}|c1|support|101|ATTENDEDTRANSFER|BRIDGE|b1|1|1|1")
    second = next(entry for entry in asked if entry.queue == "sales")
    whole = judged([], asked, [GAP]).calls[CUSTOMERS_CALL]
    seen = conversation(CUSTOMERS_CALL, "a9", BASE + 3.0, BASE + 6.5)
    customers = whole._replace(visits=whole.visits[:1], offers=(), segments=(*whole.segments[:1], seen))
    visit = second.visit()._replace(
        call=CallId(f"{PBX}:c9"), number_in_call=1, joined_at=BASE + 0.25, outcome=Outcome.LOST,
        outcome_at=BASE + 3.0, agent=None, talk_seconds=None, ended_at=BASE + 3.0, ended_by=None,
    )  # fmt: skip
    rings = OfferRecord(QueueName("sales"), AgentId("105"), BASE + 0.3, None, None, None)
    asking = customers._replace(
        call=visit.call, uniqueid=visit.uniqueid, visits=(visit,), segments=(), offers=(rings,)
    )
    given = {"bridged": lambda entry: 6.5 if entry is second else None, "leg": lambda _: None}
    for order in (asked, asked[::-1]):
        case = judged([customers, asking], order, [GAP], **given)
        kept, left = case.calls[CUSTOMERS_CALL], case.calls[asking.call]
        assert [(one.queue, one.uniqueid, one.joined_at, one.agent) for one in kept.visits] == [
            ("support", "c1", float(BASE), "101"), ("sales", "c9", BASE + 0.25, "105"),
        ]  # fmt: skip
        assert [(one.agent, one.channel, one.queue) for one in kept.segments] == [
            ("101", "a1", "support"), ("105", "a9", "sales"),
        ]  # fmt: skip
        assert talks(kept)[1] == ("105", "a9", 6.5)
        assert [(one.agent, one.result) for one in kept.offers if one.queue == "sales"] == [
            ("105", "connected")
        ]
        assert (left.visits, left.segments, left.offers, left.direction) == ((), (), (), "internal")
        assert judged(case.calls.values(), order, [GAP], **given).changed == {}


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
