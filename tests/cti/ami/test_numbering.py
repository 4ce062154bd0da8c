"""Sequence numbers: late is not lost, lost is told once, and a stranger's number moves nothing."""

from hypothesis import given
from hypothesis import strategies as st

from cti.adapters.ami.numbering import PATIENCE, WINDOW, Numbering


def fed(*numbers: int, at: float = 0.0) -> Numbering:
    numbering = Numbering()
    for number in numbers:
        numbering.accepts(number, at)
    return numbering


def test_a_late_neighbour_is_no_gap():
    numbering = fed(1, 3)
    assert numbering.overdue(0.5) == []
    assert numbering.accepts(2, 0.6)
    assert numbering.overdue(9.0) == []
    assert not numbering.accepts(2, 0.6)


def test_a_gap_is_told_once_after_a_second():
    numbering = fed(1, 5, 9)
    assert numbering.overdue(PATIENCE - 0.01) == []
    assert numbering.overdue(PATIENCE) == [(2, 4), (6, 8)]
    assert numbering.overdue(99.0) == []


def test_a_gap_is_told_when_64_went_by():
    numbering = fed(1, *range(3, 3 + WINDOW - 1))
    assert numbering.overdue(0.0) == []
    numbering.accepts(3 + WINDOW - 1, 0.0)
    assert numbering.overdue(0.0) == [(2, 2)]


def test_what_was_under_way_at_the_login_may_come_once():
    numbering = fed(100)
    assert numbering.accepts(99, 0.0)
    assert not numbering.accepts(99, 0.0)
    assert numbering.overdue(9.0) == []


def test_a_far_number_is_believed_only_when_the_next_follows_it():
    numbering = fed(1, 2)
    assert not numbering.accepts(1_000_000, 0.0)
    assert numbering.accepts(3, 0.0)
    assert not numbering.accepts(1_000_000, 0.0)
    assert numbering.accepts(1_000_001, 0.0)
    assert numbering.next == 1_000_002
    assert numbering.overdue(9.0) == []


@given(st.permutations(range(40)), st.sets(st.integers(1, 39)))
def test_every_lost_number_is_told_and_no_other(order, lost):
    numbers = [0, *(n for n in sorted(range(1, 40), key=lambda n: n + order[n] % 20) if n not in lost), 40]
    numbering = Numbering()
    assert all(numbering.accepts(number, 0.0) for number in numbers)
    told = {n for first, last in numbering.overdue(PATIENCE) for n in range(first, last + 1)}
    assert told == lost
