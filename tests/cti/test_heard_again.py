"""A line that was cut: what the switch says afterwards may be about another stay in the same queue."""

from cti.domain.calls import Calls
from cti.domain.identifiers import AgentId, ChannelId, PbxName, QueueName
from cti.domain.signals import AgentFinished, CallerSeen, ChannelSeen, LinkLost, QueueJoined, SnapshotTaken

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
