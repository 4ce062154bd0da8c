"""Metrics, reports and a real Prometheus agree to the call with a count made from queue_log alone."""

from collections import Counter

import pytest

from tests.live.house.installation import PBX
from tests.live.house.observed import Day

pytestmark = pytest.mark.timeout(420)

TARGET = 20  # seconds, config/policies/kpi.yaml


def counted(day: Day) -> dict[tuple[str, str], Counter[str]]:
    """(queue, tier) -> what came and what became of it, from queue_log alone; refused callers from the CDR's and plan."""
    found: dict[tuple[str, str], Counter[str]] = {}
    exact = {(stay.caller, stay.queue): stay.waited() for stay in day.switch.stays}
    for visit in day.switch.visits:
        cell = found.setdefault((visit["queue"], day.tiers.get(visit["number"], "iron")), Counter())
        cell["offered"] += 1
        cell[visit["outcome"]] += 1
        if visit["outcome"] == "answered":
            waited = visit["hold"]
            if abs(waited - TARGET) <= 1:  # whole seconds cannot tell: the switch's microseconds do
                waited = exact[visit["callid"], visit["queue"]]
            cell["in target"] += waited <= TARGET
    came = {visit["number"] for visit in day.switch.visits}
    for one in day.plan:
        if one.script.number and one.script.number not in came:
            found.setdefault((one.script.queue, one.tier or "iron"), Counter())["blocked"] += 1
    return found


@pytest.mark.parametrize("source", ["server", "prometheus"])
def test_counters_agree_with_the_ledger_to_the_call(day: Day, source: str) -> None:
    told = day.metrics if source == "server" else day.prometheus

    def cells(metric: str, **labels: str) -> Counter[tuple[str, str]]:
        found: Counter[tuple[str, str]] = Counter()
        for name, its, value in told:
            if name == metric and labels.items() <= its.items() and value:
                found[its["queue"], its["tier"]] += int(value)
        return found

    truth = counted(day)

    def expected(what: str) -> Counter[tuple[str, str]]:
        return Counter({cell: counts[what] for cell, counts in truth.items() if counts[what]})

    assert cells("cti_calls_offered_total", pbx=PBX) == expected("offered")
    assert cells("cti_calls_blocked_total", pbx=PBX) == expected("blocked")
    assert cells("cti_answered_within_target_total") == expected("in target")
    for outcome in ("answered", "abandoned", "timeout"):
        assert cells("cti_visits_total", pbx=PBX, outcome=outcome) == expected(outcome), outcome
    assert sum(cells("cti_visits_total").values()) == len(day.switch.visits)


@pytest.mark.parametrize("grouping", ["none", "queue", "tier"])
def test_key_figures_agree_with_the_ledger_to_the_call(day: Day, grouping: str) -> None:
    place = {"queue": 0, "tier": 1}
    truth: dict[str | None, Counter[str]] = {}
    for cell, counts in counted(day).items():
        group = cell[place[grouping]] if grouping in place else None
        truth.setdefault(group, Counter()).update(counts)
    items = {item["group"]: item for item in day.kpi[grouping]["items"]}
    assert set(truth) <= set(items)
    for group, item in items.items():
        counts = truth.get(group, Counter())
        told = {
            name: item[name]
            for name in ("offered", "answered", "abandoned", "flow_out", "blocked", "lost", "open")
        }
        assert told == {
            "offered": counts["offered"],
            "answered": counts["answered"],
            "abandoned": counts["abandoned"],
            "flow_out": counts["timeout"],
            "blocked": counts["blocked"],
            "lost": 0,
            "open": 0,
        }, group
        asked = counts["offered"] + counts["blocked"]
        level = item["service_level"]
        assert (level["formula"], level["threshold_seconds"]) == ("strict", TARGET)
        assert level["value"] == (pytest.approx(counts["in target"] / asked) if asked else None)
        assert item["answer_rate"] == (pytest.approx(counts["answered"] / asked) if asked else None)


def test_the_agents_hours_are_the_bridges(day: Day) -> None:
    segments = [segment for call in day.calls.values() for segment in call["segments"]]
    for item in day.kpi["agent"]["items"]:
        mine = {segment["channel"] for segment in segments if segment["agent"] == item["group"]}
        bridged = sum(map(day.switch.bridge_seconds, mine))
        assert item["handled"] == len(mine), item["group"]
        told = item["talk_seconds"] + item["hold_seconds"]
        assert told == pytest.approx(bridged, abs=max(1, len(mine)) * 0.2), item["group"]
