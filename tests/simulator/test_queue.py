"""Who stands where, and whose phone rings: app_queue's rules without time or sockets."""

import itertools

import pytest

from simulator.channels import Channel, ChannelState, DeviceState, Phone
from simulator.queue import CallQueue, Member, Waiting
from simulator.scenario import ScriptedQueue

PHONE = Phone("PJSIP/trunk", "from-trunk", is_trunk=True)
_numbers = itertools.count()


def waiting(priority: int = 0, penalties: tuple[int, int, int] | None = None) -> Waiting:
    name = f"PJSIP/trunk-{next(_numbers):08x}"
    caller = Waiting(Channel(name, name, name, 0.0, PHONE, ChannelState.UP, "", ""), priority, 0.0)
    if penalties:
        caller.penalties = penalties
    return caller


def queue_of(strategy: str, *penalties: int) -> CallQueue:
    queue = CallQueue(ScriptedQueue("q", strategy))
    for number, penalty in enumerate(penalties, 101):
        queue.add(Member(str(number), Phone(f"PJSIP/{number}", "from-agents"), penalty))
    return queue


def rung(queue: CallQueue, caller: Waiting, now: float = 0.0) -> list[str]:
    return [member.name for member in queue.offers(caller, lambda member: member.can_ring(now))]


# Asterisk's own test apps/queues/position_priority_maxlen: (priority, wanted position) -> place at the join.
VECTOR = [
    (0, 0, 1), (0, 0, 2), (1, 0, 1), (1, 0, 2), (2, 0, 1), (0, 5, 5),
    (0, 200, 7), (0, 1, 4), (8, 3, 1), (1, 7, 5), (1, 4, 4),
]  # fmt: skip


def test_insert_rule_of_the_upstream_test() -> None:
    queue = CallQueue(ScriptedQueue("q", max_length=11))
    for priority, position, place in VECTOR:
        caller = waiting(priority)
        assert queue.join(caller, position)
        assert (caller.position, caller.original_position) == (place, place)
    assert not queue.join(waiting())
    assert [each.position for each in queue.callers] == list(range(1, 12))


def test_a_moved_caller_stands_behind_his_equals_and_counts_as_new() -> None:
    queue = CallQueue(ScriptedQueue("q"))
    first, second, third = callers = [waiting(5), waiting(5), waiting(1)]
    for caller in callers:
        queue.join(caller)
    queue.move(third, 5)
    assert queue.callers == [first, second, third]
    queue.move(third, 6)
    assert queue.callers == [third, first, second]
    assert (third.original_position, first.position, first.original_position) == (1, 2, 1)


@pytest.mark.parametrize(("free", "turns"), [(0, 0), (1, 1), (2, 2), (9, 3)])
def test_autofill_serves_as_many_as_members_are_free(free: int, turns: int) -> None:
    queue = queue_of("linear", 0, 0, 0)
    for _ in range(3):
        queue.join(waiting())
    assert sum(queue.is_turn_of(caller, free) for caller in queue.callers) == turns


def test_a_caller_already_offered_does_not_block_the_next() -> None:
    queue = queue_of("linear", 0, 0)
    for _ in range(2):
        queue.join(waiting())
    queue.callers[0].offered = True
    assert queue.is_turn_of(queue.callers[1], 1)
    queue.autofill = False
    assert not queue.is_turn_of(queue.callers[1], 1)


def test_linear_goes_down_the_list_for_each_caller() -> None:
    queue = queue_of("linear", 0, 0, 0)
    one, other = waiting(), waiting()
    assert [rung(queue, one) for _ in range(4)] == [["101"], ["102"], ["103"], ["101"]]
    assert rung(queue, other) == ["101"]


def test_round_robin_remembers_across_callers() -> None:
    queue = queue_of("rrmemory", 0, 0, 0)
    assert [rung(queue, waiting()) for _ in range(5)] == [["101"], ["102"], ["103"], ["101"], ["102"]]


def test_ringall_rings_the_best_penalty_together() -> None:
    queue = queue_of("ringall", 1, 0, 1, 0)
    assert rung(queue, waiting()) == ["102", "104"]
    queue.members[1].paused = queue.members[3].paused = True
    assert rung(queue, waiting()) == ["101", "103"]


def test_penalties_bound_and_raise() -> None:
    queue = queue_of("linear", 3, 1, 0)
    assert rung(queue, waiting()) == ["103"]
    assert rung(queue, waiting(penalties=(1, 9, 0))) == ["102"]
    assert rung(queue, waiting(penalties=(2, 9, 0))) == ["101"]
    assert rung(queue, waiting(penalties=(4, 9, 0))) == []
    assert rung(queue, waiting(penalties=(0, 9, 1))) == ["102"]


def test_paused_busy_and_resting_members_are_passed_over() -> None:
    queue = queue_of("linear", 0, 0, 0, 0)
    paused, busy, resting, _ = queue.members
    paused.paused = True
    busy.phone.announced = DeviceState.INUSE
    resting.wrapup, resting.last_call = 10.0, 100
    assert rung(queue, waiting(), now=105.0) == ["104"]
    assert resting.can_ring(110.0)


def test_holdtime_and_talktime_are_asterisks_averages() -> None:
    queue = queue_of("linear", 0)
    for talked in (100, 20, 20):
        queue.finished(queue.members[0], talked, 0.0, in_target=True)
    assert (queue.talk_time, queue.completed, queue.members[0].calls) == (65, 3, 3)
