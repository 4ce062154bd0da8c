"""The part of the policy file about surges."""

from collections.abc import Callable, Iterator
from typing import Final

from yaml.nodes import Node

from cti.domain.identifiers import QueueName, Tier
from routing.adapters.yaml_reading import Reading
from routing.domain.overflow import OverflowRule
from routing.domain.surge import SurgeRule, Threshold

MEASURES: Final = ("per_ten_agents", "longest_wait")
_NOWHERE: Final = Threshold(None, None, 0)
ReadOverflow = Callable[[Reading, Node, str, QueueName], tuple[OverflowRule, ...]]


def read_surges(
    reading: Reading, queues: Iterator[tuple[QueueName, Node, str]], overflow: ReadOverflow
) -> Iterator[tuple[QueueName, SurgeRule]]:
    for queue, fields, place in queues:
        parts = dict(reading.entries(fields, place, {"enter", "leave", "credits", "overflow"}.__contains__))
        for name in ("enter", "leave"):
            if name not in parts:
                reading.mistake(fields, f"{place}.{name}", "is missing")
        if not {"credits", "overflow"}.intersection(parts):
            reading.mistake(fields, place, "say what it changes: credits or overflow")
        enter, leave = (
            _threshold(reading, parts[name], f"{place}.{name}") if name in parts else _NOWHERE
            for name in ("enter", "leave")
        )
        if {"enter", "leave"} <= parts.keys():
            _apart(reading, parts["leave"], f"{place}.leave", enter, leave)
        rates = _credits(reading, parts["credits"], f"{place}.credits") if "credits" in parts else {}
        rules = (
            overflow(reading, parts["overflow"], f"{place}.overflow", queue) if "overflow" in parts else ()
        )
        yield queue, SurgeRule(enter, leave, rates, rules)


def _threshold(reading: Reading, node: Node, place: str) -> Threshold:
    told: dict[str, int] = {}
    for field, value in reading.entries(node, place, {*MEASURES, "seconds"}.__contains__):
        at = f"{place}.{field}"
        if field == "per_ten_agents":
            told[field] = reading.whole(value, at, 1, 10_000, "callers")
        else:
            told[field] = reading.whole(value, at, 5, 3600, "seconds")
    if "seconds" not in told:
        reading.mistake(node, f"{place}.seconds", "is missing")
    if not told.keys() & set(MEASURES):
        reading.mistake(node, place, "name per_ten_agents, longest_wait or both")
    return Threshold(told.get("per_ten_agents"), told.get("longest_wait"), told.get("seconds", 5))


def _apart(reading: Reading, node: Node, place: str, enter: Threshold, leave: Threshold) -> None:
    """The gap between the two is what keeps a queue from going in and out."""
    for measure in MEASURES:
        begins, ends = getattr(enter, measure), getattr(leave, measure)
        if (begins is None) != (ends is None):
            reading.mistake(node, place, f"name the measures of enter: {measure} stands in one alone")
        elif begins is not None and ends >= begins:
            reading.mistake(node, f"{place}.{measure}", f"must be less than that of enter, {begins}")


def _credits(reading: Reading, node: Node, place: str) -> dict[Tier, int | None]:
    tiers = {tier.value for tier in Tier}
    return {
        Tier(tier): reading.credit(credit, f"{place}.{tier}")
        for tier, credit in reading.entries(node, place, tiers.__contains__)
    }
