"""An agent's state as all memberships together show it, and after-call work measured from the segment's end."""

import pytest

from cti.domain import events
from cti.domain.agents import AgentState, Roster
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName
from cti.domain.records import Direction, SegmentRecord
from cti.domain.signals import MemberRemoved, MemberSeen, SnapshotTaken

ANNA = AgentId("101")


def member(at=1.0, queue="support", *, status=1, paused=False, reason="", interface="PJSIP/101"):
    return MemberSeen(at, QueueName(queue), ANNA, interface, "PJSIP/101", status, paused, reason, False, 0)


def kinds(told):
    return [type(event).__name__ for event in told]


def test_logging_on_to_two_queues_makes_ready_once():
    roster = Roster()
    assert kinds(roster.hear(member())) == ["AgentLoggedOn", "AgentReady"]
    assert kinds(roster.hear(member(queue="sales"))) == ["AgentLoggedOn"]
    assert kinds(roster.hear(member(queue="sales"))) == []


def test_paused_in_one_of_two_queues_is_still_ready():
    roster = Roster()
    roster.hear(member())
    roster.hear(member(queue="sales"))
    assert kinds(roster.hear(member(paused=True, reason="Lunch"))) == []
    told = roster.hear(member(queue="sales", paused=True, reason="Lunch"))
    assert told == [events.AgentNotReady(1.0, ANNA, "Lunch")]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (1, "ready"),
        (2, "busy"),
        (3, "busy"),
        (4, "unreachable"),
        (5, "unreachable"),
        (6, "ringing"),
        (7, "busy"),
        (8, "busy"),
    ],
)
def test_device_states(status, state):
    roster = Roster()
    roster.hear(member(status=status))
    assert roster.agents[ANNA].state == state


def test_after_call_work_counts_from_the_end_of_the_conversation():
    roster = Roster()
    roster.hear(member(status=2))
    segment = SegmentRecord(
        CallId("c"), PbxName("p"), ANNA, ChannelId("leg"), QueueName("support"), None, 10.0, 188.4, 150.0, 30.0, 1,
        False, None, Direction.INBOUND,
    )  # fmt: skip
    roster.segment_ended(188.4, segment)
    assert kinds(roster.hear(member(188.5, paused=True, reason="ACW"))) == ["AgentWorkingAfterCall"]
    told = roster.hear(member(218.4))
    assert kinds(told) == ["WrapUpEnded", "AgentReady"]
    assert told[0].seconds == pytest.approx(30.0)


def test_logging_off_the_last_queue_ends_the_shift():
    roster = Roster()
    roster.hear(member())
    told = roster.hear(MemberRemoved(2.0, QueueName("support"), ANNA))
    assert kinds(told) == ["AgentLoggedOff"]
    assert roster.agents[ANNA].state is AgentState.LOGGED_OFF


def test_a_snapshot_removes_memberships_that_are_gone():
    roster = Roster()
    roster.hear(member())
    roster.hear(member(queue="sales"))
    told = roster.hear(SnapshotTaken(3.0, (), (), (member(3.0),)))
    assert told == [events.AgentLoggedOff(3.0, ANNA, QueueName("sales"))]


def test_whose_telephone():
    roster = Roster()
    roster.hear(member())
    roster.hear(
        MemberSeen(1.0, QueueName("q"), AgentId("Ben"), "Local/102@x/n", "PJSIP/102", 1, False, "", False, 0)
    )
    assert roster.owner("PJSIP/101-0000000a") == ANNA
    assert roster.owner("PJSIP/102-0000000b") == "Ben"
    assert roster.owner("Local/102@x-00000001;1") is None
    assert roster.owner("PJSIP/trunk-0000000c") is None
