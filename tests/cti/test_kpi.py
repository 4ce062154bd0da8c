"""The formulas against published and hand-computed figures."""

import pytest

from cti.domain import kpi
from cti.domain.identifiers import Tier
from cti.domain.kpi import FORMULA_TEXTS, SERVICE_LEVELS, figures, service_level
from cti.domain.records import Direction, OfferResult, Outcome
from cti.domain.tallies import Tally, tally
from cti.domain.targets import KpiPolicy, KpiRules
from tests.cti.kpi_records import A101, A102, SALES, SUPPORT, offer, segment, visit

# A published example with six different "service levels": answered 1000, abandoned 60, answered within 20 s 860,
# abandoned within 20 s 20 (of these 10 within 5 s), after 20 s 40.
PUBLISHED = [
    *(visit(i, wait=20.0) for i in range(860)),
    *(visit(i, wait=20.001) for i in range(140)),
    *(visit(i, Outcome.ABANDONED, wait=4.999) for i in range(10)),
    *(visit(i, Outcome.ABANDONED, wait=20.0) for i in range(10)),
    *(visit(i, Outcome.ABANDONED, wait=60.0) for i in range(40)),
]


@pytest.mark.parametrize(
    ("formula", "percent"),
    [
        ("abandons_positive", 83.02),
        ("answered_only", 86.00),
        ("strict", 81.13),
        ("abandons_after_T", 82.69),
        ("short_positive", 82.08),
        ("short_excluded", 81.90),
        ("with_flowouts", 81.13),
        ("inclusive", 83.02),
    ],
)
def test_one_data_set_six_answers(formula: str, percent: float) -> None:
    level = service_level(tally(PUBLISHED), formula)
    assert level is not None
    assert round(100 * level, 2) == percent


def test_flow_outs_and_refusals_count_in_the_formulas_that_name_them() -> None:
    seen = tally(
        [visit(wait=1.0), visit(outcome=Outcome.TIMEOUT), visit(outcome=Outcome.KEY_EXIT)],
        blocked=[(0.0, SUPPORT, None)],
    )
    levels = {name: formula.of(seen) for name, formula in SERVICE_LEVELS.items()}
    assert levels == {
        "strict": 1 / 4,
        "abandons_positive": 1.0,
        "answered_only": 1.0,
        "abandons_after_T": 1.0,
        "short_positive": 1.0,
        "short_excluded": 1.0,
        "with_flowouts": 1 / 3,
        "inclusive": 1 / 3,
    }


@pytest.mark.parametrize(
    ("wait", "within"),
    [(19.999, 1), (20.0, 1), (20.0004, 1), (20.001, 0), (1795311235.123456 - 1795311215.123456, 1)],
)
def test_the_target_is_met_up_to_the_very_millisecond(wait: float, within: int) -> None:
    assert tally([visit(wait=wait)]).answered_in_target == within


@pytest.mark.parametrize(("wait", "short"), [(4.999, 1), (5.0, 0)])
def test_short_means_shorter_than_the_limit(wait: float, short: int) -> None:
    assert tally([visit(outcome=Outcome.ABANDONED, wait=wait)]).short_abandoned == short


def test_every_outcome_is_counted_once() -> None:
    counted = {outcome: tally([visit(outcome=outcome)]) for outcome in Outcome}
    assert {outcome: seen.offered for outcome, seen in counted.items()} == dict.fromkeys(Outcome, 1)
    where = {
        outcome: [name for name in ("answered", "abandoned", "flowed_out", "lost") if getattr(seen, name)]
        for outcome, seen in counted.items()
    }
    assert where == {
        Outcome.ANSWERED: ["answered"],
        Outcome.ABANDONED: ["abandoned"],
        Outcome.ABANDONED_ANNOUNCE: ["abandoned"],
        Outcome.TIMEOUT: ["flowed_out"],
        Outcome.LEAVE_EMPTY: ["flowed_out"],
        Outcome.KEY_EXIT: ["flowed_out"],
        Outcome.WITHDRAWN: ["flowed_out"],
        Outcome.SYSCOMPAT: ["flowed_out"],
        Outcome.TRANSFERRED_OUT: ["flowed_out"],
        Outcome.LOST: ["lost"],
    }


def test_lost_and_open_visits_are_seen_but_in_no_ratio() -> None:
    seen = tally([visit(wait=1.0), visit(outcome=Outcome.LOST, wait=None), visit(outcome=None)])
    shown = figures(seen)
    assert (shown["offered"], shown["lost"], shown["open"]) == (3, 1, 1)
    assert (shown["answer_rate"], shown["service_level"]["value"]) == (1.0, 1.0)


def test_nothing_measured_is_not_available_rather_than_zero_or_perfect() -> None:
    shown = figures(Tally())
    rates = {name: shown[name] for name in shown if name.endswith("_rate") or name == "occupancy"}
    assert set(rates.values()) == {None}
    assert set(shown["service_levels"].values()) == {None}
    assert [shown[name] for name in ("asa_seconds", "aht_seconds", "time_to_abandon_seconds")] == [None] * 3


def test_rates_of_all_who_asked() -> None:
    rules = KpiRules(self_service_queues=frozenset({SALES}))
    seen = tally(
        [
            *[visit(wait=10.0)] * 6,
            visit(outcome=Outcome.ABANDONED, wait=2.0),
            visit(outcome=Outcome.ABANDONED_ANNOUNCE, wait=8.0),
            visit(outcome=Outcome.KEY_EXIT, queue=SALES),
        ],
        blocked=[(0.0, SUPPORT, None)],
        rules=rules,
    )
    assert kpi.answer_rate(seen) == 6 / 10
    assert kpi.net_answer_rate(seen) == 6 / 8
    assert kpi.abandon_rate(seen) == 2 / 10
    assert kpi.average_speed_of_answer(seen) == 10.0
    assert kpi.time_to_abandon(seen) == 5.0


def test_golden_call_a_hold_is_no_talk_and_after_call_work_counts() -> None:
    """Joins 0.0, rings 2.0, connects 8.4, on hold 60 to 90, ends 188.4, disposition 218.4."""
    seen = tally(
        [visit(0.0, wait=8.4)],
        [segment(8.4, 188.4, hold_seconds=30.0, wrap_up_seconds=30.0)],
        offers=[offer(A101, 2.0, 8.4, OfferResult.CONNECTED)],
    )
    shown = figures(seen)
    assert shown["asa_seconds"] == 8.4
    assert (shown["talk_seconds"], shown["hold_seconds"], shown["wrap_up_seconds"]) == (150.0, 30.0, 30.0)
    assert shown["aht_seconds"] == 210.0
    assert shown["agent_answer_rate"] == 1.0


def test_golden_call_b_each_agent_answers_for_their_own_time() -> None:
    """Agent 1 talks 40 s, consults 20 s with the caller on hold, passes on; agent 2 talks 20 s + 100 s."""
    first = segment(0.0, 60.0, hold_seconds=20.0, transferred=True)
    second = segment(40.0, 160.0, agent=A102, queue=None)
    assert (first.talk_seconds, second.talk_seconds) == (40.0, 120.0)
    seen = tally([visit(0.0)], [first, second])
    assert (kpi.transfer_rate(seen), seen.offered, seen.handled) == (1 / 2, 1, 2)
    assert kpi.average_handle_time(seen) == (60 + 120) / 2
    assert kpi.average_handle_time(tally(segments=[first])) == 60.0


def test_golden_call_c_losing_a_race_is_not_refusing_a_call() -> None:
    seen = tally(
        offers=[
            offer(A101, 0.0, 3.0, OfferResult.CONNECTED),
            offer(A102, 0.0, 3.0, OfferResult.CANCELLED),
            offer(A102, 0.0, 3.0, OfferResult.CANCELLED),
        ]
    )
    assert (seen.offers, seen.offers_connected, seen.offers_cancelled) == (3, 1, 2)
    assert kpi.agent_answer_rate(seen) == 1.0
    refused = seen + tally(offers=[offer(A101, 5.0, 20.0, OfferResult.RING_NO_ANSWER)])
    assert kpi.agent_answer_rate(refused) == 1 / 2


def test_inbound_and_outbound_handle_time_stand_apart_and_internal_calls_outside() -> None:
    seen = tally(
        segments=[
            segment(0, 100, wrap_up_seconds=20.0),
            segment(0, 40, direction=Direction.OUTBOUND, wrap_up_seconds=5.0),
            segment(0, 999, direction=Direction.INTERNAL),
        ]
    )
    assert (kpi.average_handle_time(seen), kpi.outbound_handle_time(seen)) == (120.0, 45.0)


def test_conversations_still_running_count_when_they_end() -> None:
    assert tally(segments=[segment(0.0, None, talk_seconds=500.0)]) == Tally()


def test_the_threshold_is_told_where_it_is_one_and_the_same() -> None:
    rules = KpiRules(target_seconds=20, exact_targets={(None, Tier.PLATINUM): 10.0})
    gold, platinum = visit(tier=Tier.GOLD, wait=15.0), visit(tier=Tier.PLATINUM, wait=15.0)
    assert tally([gold], rules=rules).target_seconds == 20.0
    assert tally([platinum], rules=rules).target_seconds == 10.0
    both = tally([gold, platinum], rules=rules)
    assert (both.target_seconds, both.answered_in_target) == (None, 1)


def test_the_most_exact_target_wins() -> None:
    rules = KpiRules(
        exact_targets={(SALES, Tier.GOLD): 1.0, (None, Tier.GOLD): 2.0, (SALES, None): 3.0},
        target_seconds=4.0,
    )
    asked = [(SALES, Tier.GOLD), (SUPPORT, Tier.GOLD), (SALES, Tier.IRON), (SUPPORT, None)]
    assert [rules.target_ms(queue, tier) for queue, tier in asked] == [1000, 2000, 3000, 4000]


def test_a_new_version_of_the_rules_leaves_the_past_alone() -> None:
    old, new = KpiRules("1", 0.0), KpiRules("2", 1000.0, target_seconds=10.0)
    policy = KpiPolicy((old, new))
    assert [policy.at(at).version for at in (-5.0, 999.9, 1000.0)] == ["1", "1", "2"]
    assert [rules.version for rules in policy.between(500, 1500)] == ["1", "2"]
    assert [rules.version for rules in policy.between(1000, 1500)] == ["2"]


def test_every_figure_explains_itself() -> None:
    shown = figures(Tally())
    explained = set(FORMULA_TEXTS)
    assert set(shown) - {"service_level", "service_levels"} == {
        name for name in explained if not name.startswith("service_level.")
    }
    assert {f"service_level.{name}" for name in shown["service_levels"]} <= explained
