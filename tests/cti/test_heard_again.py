"""A line that was cut: what the switch says afterwards may be about another stay in the same queue."""

from cti.domain.calls import Calls
from cti.domain.identifiers import AgentId, BridgeId, ChannelId, PbxName, QueueName
from cti.domain.signals import (
    AgentAnswered,
    AgentFinished,
    AgentRung,
    BridgeJoined,
    BridgeLeft,
    CallerSeen,
    ChannelClosed,
    ChannelOpened,
    ChannelSeen,
    LinkLost,
    QueueJoined,
    SnapshotTaken,
)

CHANNEL, NAME, SALES = ChannelId("a.1"), "PJSIP/trunk-1", QueueName("sales")


def joined(at):
    return QueueJoined(at, CHANNEL, NAME, CHANNEL, SALES, 1, "100", None, "", "")


def finished(at, waited, talked):
    return AgentFinished(
        at, CHANNEL, NAME, CHANNEL, SALES, AgentId("102"), None, waited, talked, "caller", "100", None
    )


def visits(*signals):
    calls = Calls(PbxName("pbx1"))
    for signal in signals:
        calls.hear(signal)
    (call,) = calls.live.values()
    return [
        (visit.joined_at, visit.outcome, visit.agent, visit.wait_seconds) for visit in call.record().visits
    ]


def cut(at):
    seen = ChannelSeen(CHANNEL, NAME, CHANNEL, "100", None, None, at)
    return LinkLost(at - 8, "reset", at - 8), SnapshotTaken(at, (seen,), (), ())


def test_an_answer_that_was_not_heard_ends_the_visit_we_knew():
    assert visits(joined(100.0), *cut(110.0), finished(112.0, 3.0, 9.0)) == [(100.0, "answered", "102", 3.0)]


def test_a_second_stay_is_a_visit_of_its_own():
    told = visits(joined(100.0), *cut(110.0), finished(112.0, 1.0, 3.0))
    assert told == [(100.0, "lost", None, 8.0), (108.0, "answered", "102", 1.0)]


def test_what_is_told_late_of_a_talk_that_grew_is_still_the_first():
    """The switch counts on after a redirect: its talk may be too long, never too short."""
    assert visits(joined(100.0), finished(130.0, 2.0, 29.0)) == [(100.0, "answered", "102", 2.0)]


def waits(at, waited, queue=SALES):
    """The line was cut, and somebody waits afterwards."""
    lost, looked = cut(at)
    caller = CallerSeen(queue, CHANNEL, NAME, 1, waited, 0, "100", None)
    return lost, looked._replace(callers=(caller,))


def test_who_waits_as_long_as_we_know_still_waits():
    assert visits(joined(100.0), *waits(110.0, 9.0)) == [(100.0, None, None, None)]


def test_who_waits_too_short_was_served_unheard_and_waits_again():
    told = visits(joined(100.0), *waits(110.0, 4.0))
    assert told == [(100.0, "lost", None, 10.0), (106.0, None, None, None)]


def test_who_waits_in_another_queue_has_another_visit():
    told = visits(joined(100.0), *waits(110.0, 10.0, QueueName("support")))
    assert told == [(100.0, "lost", None, 10.0), (100.0, None, None, None)]
    assert len(visits(joined(100.0), *waits(110.0, 10.0, QueueName("Sales")))) == 1


# --- found talking -------------------------------------------------------------------------------------------

AGENT, PHONE, BRIDGE = ChannelId("b.1"), "PJSIP/102-1", BridgeId("bridge")


def rung(at):
    return AgentRung(
        at, CHANNEL, NAME, CHANNEL, SALES, AgentId("102"), "PJSIP/102", AGENT, PHONE, "100", None
    )


def answered(at):
    return AgentAnswered(
        at, CHANNEL, NAME, CHANNEL, SALES, AgentId("102"), "PJSIP/102", AGENT, PHONE, 2.0, 4.0, "100", None
    )


def exist(at, *legs, linked=CHANNEL):
    """The line was cut; these exist afterwards: (channel, name, bridge)."""
    seen = [
        ChannelSeen(channel, name, linked, None, None, bridge, at - 100.0) for channel, name, bridge in legs
    ]
    return LinkLost(at - 1, "reset", at - 1), SnapshotTaken(at, tuple(seen), (), ())


TALKING = (CHANNEL, NAME, BRIDGE), (AGENT, PHONE, BRIDGE)


def heard(*signals):
    """The one call's record, and the names of all events."""
    calls = Calls(PbxName("pbx1"))
    told = [event for signal in signals for event in calls.hear(signal)]
    (call,) = calls.live.values()
    return call.record(), [type(event).__name__ for event in told]


def test_an_answer_in_the_gap_is_known_as_soon_as_both_are_found_talking():
    call, told = heard(joined(100.0), rung(102.0), *exist(105.0, *TALKING))
    [visit], [segment], [offer] = call.visits, call.segments, call.offers
    assert (visit.outcome, visit.agent, visit.outcome_at) == ("answered", "102", 105.0)
    assert (segment.agent, segment.channel, segment.queue, segment.ended_at) == ("102", "b.1", "sales", None)
    assert (offer.result, offer.ended_at) == ("connected", 105.0)
    assert told.count("CallEstablished") == 1


def test_an_agent_whose_telephone_never_rang_for_us_is_found_talking_too():
    calls = Calls(PbxName("pbx1"))
    calls.roster.learn(AgentId("102"), "PJSIP/102")
    for signal in (joined(100.0), *exist(105.0, *TALKING)):
        calls.hear(signal)
    (call,) = calls.live.values()
    assert [(visit.outcome, visit.agent) for visit in call.record().visits] == [("answered", "102")]
    assert [(segment.agent, segment.queue) for segment in call.record().segments] == [("102", "sales")]


def test_an_agent_who_waits_himself_is_served_by_the_other_one():
    """102 asks a queue from the second leg; nobody heard whom it rang."""
    calls = Calls(PbxName("pbx1"))
    calls.roster.learn(AgentId("102"), "PJSIP/102")
    calls.roster.learn(AgentId("103"), "PJSIP/103")
    waiting = joined(100.0)._replace(channel=AGENT, name=PHONE, linked=AGENT)
    legs = (AGENT, PHONE, BRIDGE), (ChannelId("c.1"), "PJSIP/103-1", BRIDGE)
    for signal in (waiting, *exist(105.0, *legs, linked=AGENT)):
        calls.hear(signal)
    (call,) = calls.live.values()
    assert [(visit.outcome, visit.agent) for visit in call.record().visits] == [("answered", "103")]


def test_what_the_snapshot_has_shown_may_be_told_again():
    once = heard(joined(100.0), rung(102.0), *exist(105.0, *TALKING))
    enters = [BridgeJoined(105.0, channel, name, CHANNEL, BRIDGE, None) for channel, name, _ in TALKING]
    again = heard(joined(100.0), rung(102.0), *exist(105.0, *TALKING), answered(104.9), *enters)
    assert again == once


def test_who_waits_while_a_phone_rings_goes_on_waiting():
    waiting = CallerSeen(SALES, CHANNEL, NAME, 1, 5.0, 0, "100", None)
    lost, looked = exist(105.0, (CHANNEL, NAME, None), (AGENT, PHONE, None))
    call, _ = heard(joined(100.0), rung(102.0), lost, looked._replace(callers=(waiting,)))
    assert ([visit.outcome for visit in call.visits], call.segments) == ([None], ())
    held = exist(105.0, *TALKING)[1]._replace(callers=(waiting,))  # hears music from a bridge of his own
    assert [visit.outcome for visit in heard(joined(100.0), rung(102.0), held)[0].visits] == [None]


def test_a_consultation_that_became_the_customers_call_in_the_gap_is_part_of_it():
    """102 talked with the customer, rang 103 from a second leg, and passed the customer on while nobody heard."""
    second, third, asked = ChannelId("b.2"), ChannelId("c.1"), BridgeId("asked")
    calls = Calls(PbxName("pbx1"))
    calls.roster.learn(AgentId("102"), "PJSIP/102")
    calls.roster.learn(AgentId("103"), "PJSIP/103")
    begin = [
        joined(100.0), rung(102.0), answered(104.0),
        *(BridgeJoined(104.0, channel, name, CHANNEL, BRIDGE, None) for channel, name, _ in TALKING),
        ChannelOpened(106.0, second, "PJSIP/102-2", second, None, None, "103"),
        BridgeJoined(108.0, second, "PJSIP/102-2", second, asked, None),
        BridgeJoined(108.0, third, "PJSIP/103-1", second, asked, None),
    ]  # fmt: skip
    for signal in (*begin, *exist(112.0, (CHANNEL, NAME, asked), (third, "PJSIP/103-1", asked))):
        calls.hear(signal)
    (call,) = calls.live.values()
    shown = [(segment.agent, segment.channel, segment.ended_at) for segment in call.record().segments]
    assert shown == [("102", "b.1", 112.0), ("103", "c.1", None)]


def test_a_consultation_told_late_of_a_leg_that_is_the_customers_by_now_becomes_part_of_his_call():
    """102 asked somebody outside and passed the customer on while the line was cut; some of it is told after the look."""
    second, outside, asked = ChannelId("b.2"), ChannelId("c.1"), BridgeId("asked")
    calls = Calls(PbxName("pbx1"))
    calls.roster.learn(AgentId("102"), "PJSIP/102")
    late = [
        ChannelOpened(106.0, second, "PJSIP/102-2", second, "102", None, "200"),
        ChannelOpened(106.0, outside, "PJSIP/trunk-2", second, "200", None, None),
        BridgeJoined(108.0, outside, "PJSIP/trunk-2", second, asked, None),
        BridgeJoined(108.0, second, "PJSIP/102-2", second, asked, None),
        BridgeLeft(110.0, outside, asked),
        BridgeJoined(110.0, outside, "PJSIP/trunk-2", CHANNEL, BRIDGE, None),
        BridgeLeft(110.0, second, asked),
        ChannelClosed(110.0, second, "PJSIP/102-2", second, None),
    ]  # fmt: skip
    lost, looked = exist(112.0, (CHANNEL, NAME, BRIDGE), (outside, "PJSIP/trunk-2", BRIDGE))
    for signal in (joined(100.0), lost, looked, *late):
        calls.hear(signal)
    (call,) = calls.live.values()
    assert (call.id, call.number) == ("pbx1:a.1", "100")
    assert [visit.uniqueid for visit in call.visits] == ["a.1"]
