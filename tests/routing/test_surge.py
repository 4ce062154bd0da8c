"""When a surge begins and ends: thresholds with a gap, times that must hold, and what nobody can know."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.domain.identifiers import Tier
from routing.domain.errors import PolicyRefused
from routing.domain.overflow import OverflowRule
from routing.domain.priority import Credit
from routing.domain.surge import (
    CALM,
    LONGEST_BY_HAND,
    Load,
    Surge,
    SurgeRule,
    SurgeState,
    Threshold,
    begun_by_hand,
    step,
)
from tests.routing.policies import policy

IN, OUT = SurgeState.SURGE, SurgeState.CALM
RULE = SurgeRule(Threshold(30, 240, 30), Threshold(10, 60, 120), {}, ())
MUCH, BETWEEN, LITTLE, NONE = (
    Load(30, 10, 20.0), Load(15, 10, 100.0), Load(9, 10, 20.0), Load(0, 0, 0.0),
)  # fmt: skip
T = 1_800_000_000.0


def play(loads, was=CALM, start=T, every=1.0):
    """The states after each look."""
    at, states = start, []
    for load in loads:
        at += every
        was = step(was, RULE, load, at)
        states.append(was.state)
    return states, was


def calm_at(at):
    return Surge(looked_at=at)


def surging_at(at):
    return Surge(SurgeState.SURGE, at - 500, None, at)


def test_it_begins_when_the_load_has_held_for_so_long_and_ends_when_it_has_been_gone_for_so_long():
    states, was = play([MUCH] * 31, calm_at(T))
    assert states == [OUT] * 30 + [IN]
    assert was.since == T + 31
    states, _ = play([LITTLE] * 121, was, T + 31)
    assert states == [IN] * 120 + [OUT]


@pytest.mark.parametrize(("was", "stays"), [(calm_at(T), OUT), (surging_at(T), IN)])
@pytest.mark.parametrize(
    "loads",
    [
        [BETWEEN] * 1000,  # between the thresholds nothing changes
        ([MUCH] * 30 + [BETWEEN]) * 20,  # one look below begins the count anew
        ([LITTLE] * 120 + [BETWEEN]) * 8,
        [None] * 1000,  # the switch is not heard
        ([MUCH] * 20 + [None]) * 20,
        ([LITTLE] * 100 + [None]) * 8,
    ],
)
def test_what_changes_nothing(was, stays, loads):
    assert set(play(loads, was)[0]) == {stays}


@pytest.mark.parametrize(
    ("load", "reached"),
    [
        (Load(30, 10, 0.0), True), (Load(29, 10, 239.9), False), (Load(1, 10, 240.0), True),
        (Load(1, 0, 0.0), True), (NONE, False), (Load(3, 1, 0.0), True), (Load(2, 1, 0.0), False),
    ],
)  # fmt: skip
def test_either_measure_is_enough_and_with_nobody_at_work_one_caller_is(load, reached):
    assert (play([load] * 31, calm_at(T))[1].state is IN) is reached


@pytest.mark.parametrize("jump", [-3600.0, 3600.0, 30.0])
def test_after_a_clock_that_was_set_or_a_sleep_the_count_begins_anew(jump):
    _, was = play([MUCH] * 30, calm_at(T))
    was = step(was, RULE, MUCH, T + 30 + jump)
    assert (was.state, was.holds_since) == (OUT, None)
    states, _ = play([MUCH] * 31, was, T + 30 + jump)
    assert states == [OUT] * 30 + [IN]


def test_by_hand_it_lasts_for_its_time_and_then_goes_by_the_load():
    was = begun_by_hand(calm_at(T), T, 600, "sam")
    assert (was.state, was.by, was.until) == (IN, "sam", T + 600)
    states, was = play([LITTLE] * 599, was)
    assert set(states) == {IN}
    states, was = play([LITTLE] * 122, was, T + 599)
    assert states == [IN] * 121 + [OUT] or states == [IN] * 120 + [OUT] * 2
    assert (was.by, was.until) == ("load", None)


def test_by_hand_it_lasts_an_hour_at_most_also_when_the_clock_is_set_back():
    was = begun_by_hand(calm_at(T), T, 86_400, "sam")
    assert was.until == T + LONGEST_BY_HAND
    assert step(was, RULE, LITTLE, T - 7200).until == T - 7200 + LONGEST_BY_HAND


loads = st.lists(
    st.tuples(st.sampled_from([MUCH, BETWEEN, LITTLE, NONE, None]), st.integers(1, 90)), min_size=1, max_size=30
)  # fmt: skip


@given(loads)
def test_two_changes_are_never_nearer_than_the_times_that_must_hold(runs):
    states, _ = play([load for load, seconds in runs for _ in range(seconds)])
    changes = [at for at in range(1, len(states)) if states[at] is not states[at - 1]]
    gaps = [later - earlier for earlier, later in itertools.pairwise(changes)]
    assert all(gap >= 30 for gap in gaps)


@given(st.integers(11, 29), st.floats(60, 239), st.booleans())
def test_a_steady_load_between_the_thresholds_never_changes_anything(waiting, longest, surging):
    was = surging_at(T) if surging else calm_at(T)
    assert set(play([Load(waiting, 10, longest)] * 400, was)[0]) == {was.state}


# The policy.

SURGE = """queues:
  support: {gold: 400}
surge:
  support:
    enter: {per_ten_agents: 30, longest_wait: 240, seconds: 30}
    leave: {per_ten_agents: 10, longest_wait: 60, seconds: 120}
    credits: {platinum: 900, iron: 0}
    overflow: [{after: 45, to: sales}]
overflow:
  support: [{after: 600, to: vip}]
"""


def test_what_a_surge_changes_and_what_stays():
    calm = policy(SURGE)
    surge = calm._replace(surging=frozenset({"support"}))
    assert calm.surge["support"]._replace(credits={}, overflow=()) == RULE
    assert [calm.credit("support", tier).seconds for tier in Tier] == [600, 400, 0, 0]
    assert [surge.credit("support", tier).seconds for tier in Tier] == [900, 400, 0, 0]
    assert surge.credit("sales", Tier.PLATINUM) == Credit(600, strict=False)
    assert (calm.largest("support"), surge.largest("support")) == (600, 900)
    assert surge.overflow_of("support") == (
        OverflowRule("sales", after_seconds=45), OverflowRule("vip", after_seconds=600)
    )  # fmt: skip
    assert calm.overflow_of("support") == (OverflowRule("vip", after_seconds=600),)


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("per_ten_agents: 10, ", "", "r.yaml:11: surge.support.leave: name the measures of enter: per_ten_agents stands in one alone."),
        ("longest_wait: 60", "longest_wait: 240", "surge.support.leave.longest_wait: must be less than that of enter, 240."),
        ("seconds: 30}", "seconds: 4}", "surge.support.enter.seconds: use whole seconds from 5 to 3600."),
        (", seconds: 120", "", "surge.support.leave.seconds: is missing."),
        ("    leave: {per_ten_agents: 10, longest_wait: 60, seconds: 120}\n", "", "surge.support.leave: is missing."),
        ("credits: {platinum: 900, iron: 0}", "credits: {platinum: -1}", "surge.support.credits.platinum: use whole seconds"),
        ("{after: 45, to: sales}", "{after: 45, to: support}", "surge.support.overflow.1.to: name another queue."),
        ("    enter:", "    begin: {}\n    enter:", "surge.support.begin: is not known here"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_at_its_place(old, new, mistake):
    with pytest.raises(PolicyRefused) as refused:
        policy(SURGE.replace(old, new, 1))
    assert mistake in str(refused.value)
    assert str(refused.value).count("r.yaml:") == 1


def test_a_surge_must_measure_something_and_change_something():
    bare = "surge:\n  support: {enter: {seconds: 30}, leave: {seconds: 30}}\n"
    with pytest.raises(PolicyRefused) as refused:
        policy(bare)
    for mistake in (
        "surge.support: say what it changes: credits or overflow.",
        "surge.support.enter: name per_ten_agents, longest_wait or both.",
        "surge.support.leave: name per_ten_agents, longest_wait or both.",
    ):
        assert mistake in str(refused.value)
