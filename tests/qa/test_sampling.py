"""Draws: sizes as published, the same draw whenever it is made, and each call with the chance that is written beside it."""

from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.domain.identifiers import AgentId, CallId, Tier
from qa.domain.precision import Weighed, highest_rate_of_none, mean, ranking, sample_size, share
from qa.domain.review import ReviewId
from qa.domain.risk import CallFacts, RiskRules, Sign, signs
from qa.domain.sampling import (
    Candidate,
    Every,
    StratifiedPlan,
    Trait,
    allocation,
    by_risk,
    by_share,
    by_size,
    by_strata,
    doubled,
    period_of,
    place,
    weight,
)

UTC = ZoneInfo("UTC")
T0 = 1_800_000_000.0
DAY = period_of(T0, Every.DAY, UTC)


def calls(n, agents=("101", "102", "103"), **same):
    return [
        Candidate(
            ReviewId(f"r{number}"),
            CallId(f"pbx1:{number}"),
            "support",
            AgentId(agents[number % len(agents)]),
            Tier.GOLD if number % 7 == 0 else Tier.IRON,
            T0 + number,
            **same,
        )
        for number in range(n)
    ]


@pytest.mark.parametrize(
    ("size", "asked"),
    [
        (1068, {"margin": 0.03}),
        (385, {"margin": 0.05}),
        (97, {"margin": 0.10}),
        (278, {"margin": 0.05, "population": 1000}),
        (382, {"margin": 0.05, "population": 60_000}),
        (196, {"margin": 0.05, "expected": 0.85}),
        (0, {"margin": 0.05, "population": 0}),
        (3, {"margin": 0.05, "population": 3}),
    ],
)
def test_sizes_as_published(size, asked):
    assert sample_size(**asked) == size


@pytest.mark.parametrize(("n", "rate"), [(30, 0.095), (100, 0.030), (299, 0.010)])
def test_no_error_in_so_many_calls_bounds_the_rate(n, rate):
    assert highest_rate_of_none(n) == pytest.approx(rate, abs=5e-4)


def test_wilsons_interval():
    """Of 81 of 263, and of none of ten: the worked examples of Newcombe (1998), table I."""
    told = share([Weighed(1.0, 1.0)] * 81 + [Weighed(0.0, 1.0)] * 182)
    assert (told.low, told.high) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    told = share([Weighed(0.0, 1.0)] * 20)
    assert (told.low, told.high) == (0, pytest.approx(0.1611, abs=5e-5))
    assert share([]) is None


def test_the_mean_of_equal_weights_has_students_interval():
    values = [88, 92, 79, 95, 70, 90]
    told = mean([Weighed(float(value), 1.0) for value in values])
    # mean 85.667, standard deviation 9.395, t(5) = 2.5706
    assert told.value == pytest.approx(85.6667, abs=1e-4)
    assert told.high - told.value == pytest.approx(2.5706 * 9.3950 / 6**0.5, rel=2e-3)
    assert mean([Weighed(1.0, 1.0)]) is None


def test_strata_that_were_oversampled_are_weighed_back():
    """900 calls of 90 and 100 of 50: the mean is 86, though both strata gave ten calls."""
    told = mean([Weighed(90.0, 90.0)] * 10 + [Weighed(50.0, 10.0)] * 10)
    assert told.value == pytest.approx(86.0)
    assert told.effective == pytest.approx((900 + 100) ** 2 / (10 * 8100 + 10 * 100))


def test_a_ranking_is_refused_where_intervals_overlap():
    def of(value, n):
        return share([Weighed(1.0, 1.0)] * round(value * n) + [Weighed(0.0, 1.0)] * (n - round(value * n)))

    assert ranking({"anna": of(0.9, 5), "ben": of(0.6, 5)}) is None
    assert ranking({"ben": of(0.6, 500), "anna": of(0.9, 500)}) == ["anna", "ben"]
    assert ranking({"anna": of(0.9, 500), "ben": None}) is None
    assert ranking({"anna": of(0.9, 500)}) is None


@given(st.integers(0, 400), st.floats(0.01, 1))
def test_a_draw_made_again_in_another_order_is_the_same(n, part):
    some = calls(n)
    once = by_share(some, DAY, part)
    assert sorted(once) == sorted(by_share(some[::-1], DAY, part))
    assert sorted(by_size(some, DAY, 0.1)) == sorted(by_size(some[::-1], DAY, 0.1))
    plan = StratifiedPlan(Every.DAY, 20, 1, (Trait.AGENT, Trait.TIER))
    assert sorted(by_strata(some, DAY, plan, UTC)) == sorted(by_strata(some[::-1], DAY, plan, UTC))


def test_what_comes_later_changes_nothing_that_was_drawn_as_it_came():
    assert by_share(calls(1000), DAY, 0.2)[: len(by_share(calls(500), DAY, 0.2))] == by_share(
        calls(500), DAY, 0.2
    )


def test_about_so_many_are_drawn_as_the_share_says_and_all_with_their_agents():
    drawn = by_share(calls(20_000), DAY, 0.1)
    assert 1850 < len(drawn) < 2150
    assert {one.probability for one in drawn} == {0.1}
    other = period_of(T0 + 86_400, Every.DAY, UTC)
    both = {one.review for one in drawn} & {one.review for one in by_share(calls(20_000), other, 0.1)}
    assert 140 < len(both) < 270  # another day draws others


def test_every_part_of_a_drawn_call_is_drawn():
    one, other = calls(1)[0], calls(1)[0]._replace(review=ReviewId("transferred"), agent=AgentId("102"))
    for part in (by_share([one, other], DAY, 1.0), by_size([one, other], DAY, 0.05)):
        assert [member.review for member in part] == ["r0", "transferred"]


def test_places_are_even():
    tenths = Counter(int(10 * place(f"random|2026-11-27|pbx1:{number}")) for number in range(50_000))
    assert all(4700 < count < 5300 for count in tenths.values())


@given(
    st.dictionaries(st.text(min_size=1, max_size=4), st.integers(1, 200), min_size=1, max_size=12),
    st.integers(1, 150),
    st.integers(0, 5),
)
def test_strata_get_their_part_and_their_quota(sizes, size, at_least):
    given_ = allocation(sizes, StratifiedPlan(Every.DAY, size, at_least, (Trait.AGENT,)))
    total = sum(sizes.values())
    for name, population in sizes.items():
        assert given_[name] >= min(population, at_least)
        assert given_[name] <= population
        assert given_[name] >= min(population, int(size * population / total))
    if at_least == 0:
        assert sum(given_.values()) <= min(size, total)
        if size <= total:
            assert sum(given_.values()) == size


def test_weights_of_strata_count_all_calls_there_are():
    some = calls(700)
    plan = StratifiedPlan(Every.DAY, 40, 3, (Trait.AGENT, Trait.TIER))
    drawn = by_strata(some, DAY, plan, UTC)
    assert sum(weight(one) for one in drawn) == pytest.approx(700)
    assert {one.stratum for one in drawn} == {
        f"{agent} · {tier}" for agent in ("101", "102", "103") for tier in ("gold", "iron")
    }


def test_the_most_signs_come_first_and_have_no_probability():
    some = calls(5)
    some[3] = some[3]._replace(signs=(Sign.COMPLAINT,))
    some[1] = some[1]._replace(signs=(Sign.COMPLAINT, Sign.LONG_HOLD))
    assert [one.review for one in by_risk(some, DAY, 5)] == ["r1", "r3"]
    assert [one.review for one in by_risk(some, DAY, 1)] == ["r1"]
    assert by_risk(some, DAY, 0) == []
    assert by_risk(some, DAY, 1)[0].stratum == "complaint, long_hold"
    assert by_risk(some, DAY, 1)[0].probability is None
    assert weight(by_risk(some, DAY, 1)[0]) is None


def test_signs():
    rules = RiskRules(frozenset({"complaint"}), True, 3, 180, 2, 15, 10, 14, True)
    assert signs(CallFacts(), rules) == ()
    worst = CallFacts("complaint", False, 1, 180, 2, 15, 10, 14, True)
    assert signs(worst, rules) == tuple(Sign)
    none = RiskRules(frozenset(), False, None, None, None, None, None, None, False)
    assert signs(worst, none) == ()


def test_a_share_of_the_random_ones_is_scored_twice():
    drawn = by_share(calls(5000), DAY, 0.4)
    twice = doubled(drawn, DAY, 0.1)
    assert 0.07 < len(twice) / len(drawn) < 0.13
    assert set(twice) <= set(drawn)


def test_days_and_weeks_go_by_the_clock_on_the_wall():
    berlin = ZoneInfo("Europe/Berlin")
    spring = 1_774_750_000.0  # 29 March 2026, 03:06 there: the day has 23 hours
    day = period_of(spring, Every.DAY, berlin)
    assert (day.name, day.end - day.begin) == ("2026-03-29", 23 * 3600)
    week = period_of(spring, Every.WEEK, berlin)
    assert (week.name, week.end, week.end - week.begin) == ("2026-W13", day.end, 7 * 86_400 - 3600)
    assert period_of(day.end, Every.WEEK, berlin).name == "2026-W14"
    assert period_of(day.end - 0.001, Every.CALL, berlin) == day
