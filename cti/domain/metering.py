"""Numbers that only grow, and how they stand at one moment: what a monitoring system reads.

Plain dictionaries and lists, because an event may cost no more than a few integer additions here.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from cti.domain.histograms import Histogram
from cti.domain.identifiers import PbxName, QueueName

UNKNOWN_TIER = "unknown"

WAIT_BOUNDS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200)
TALK_BOUNDS = (5, 10, 20, 30, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1800, 3600)


class Distribution(NamedTuple):
    """How observations lay at one moment. `counts[i]` are those `<= bounds[i]`, the last those beyond all bounds."""

    bounds: Sequence[float]
    counts: Sequence[int]
    total: float


def distribution(histogram: Histogram) -> Distribution:
    """A copy that changes no more."""
    return Distribution(histogram.bounds, tuple(histogram.counts), histogram.total)


QueueTier = tuple[QueueName, str]


class FloorNumbers(NamedTuple):
    """The call floor's numbers at one moment; nothing in here changes any more."""

    pbx: PbxName
    offered: Mapping[QueueTier, int]
    blocked: Mapping[QueueTier, int]
    visits: Mapping[tuple[QueueName, str, str], int]  # queue, tier, outcome
    answered_within_target: Mapping[QueueTier, int]
    waits: Mapping[tuple[QueueName, str, str], Distribution]
    talks: Mapping[QueueTier, Distribution]
    holds: Mapping[QueueTier, Distribution]
    wrap_ups: Mapping[QueueTier, Distribution]
    handles: Mapping[QueueTier, Distribution]
    waiting: Mapping[QueueTier, int]
    longest_wait_seconds: Mapping[QueueName, float]
    agents: Mapping[tuple[QueueName, str], int]  # queue, state
    unexpected: Mapping[tuple[str, str], int]  # state, signal


class LinkNumbers(NamedTuple):
    """One switch's link at one moment. `lag_seconds`: how old the newest message was when it was read."""

    pbx: PbxName
    up: bool
    messages: int
    lag_seconds: float
    gaps: int


class PromiseNumbers(NamedTuple):
    """What is owed to customers. `late`: seconds past their time when callbacks ended, 0 in time."""

    callbacks: Mapping[str, int]  # by state
    kept: Mapping[tuple[str, str], int]  # by queue and tier
    late: Distribution | None
    rescues: Mapping[str, int]  # by state
    overdue: int | None  # rescues


Key = TypeVar("Key")


def together(floors: Sequence[FloorNumbers]) -> FloorNumbers:
    """The sums of several switches; `pbx` is the first one's."""
    if len(floors) == 1:
        return floors[0]
    return FloorNumbers(
        pbx=floors[0].pbx,
        offered=_sum([floor.offered for floor in floors]),
        blocked=_sum([floor.blocked for floor in floors]),
        visits=_sum([floor.visits for floor in floors]),
        answered_within_target=_sum([floor.answered_within_target for floor in floors]),
        waits=_laid_over([floor.waits for floor in floors]),
        talks=_laid_over([floor.talks for floor in floors]),
        holds=_laid_over([floor.holds for floor in floors]),
        wrap_ups=_laid_over([floor.wrap_ups for floor in floors]),
        handles=_laid_over([floor.handles for floor in floors]),
        waiting=_sum([floor.waiting for floor in floors]),
        longest_wait_seconds={
            queue: max(floor.longest_wait_seconds.get(queue, 0.0) for floor in floors)
            for queue in {queue for floor in floors for queue in floor.longest_wait_seconds}
        },
        agents=_sum([floor.agents for floor in floors]),
        unexpected=_sum([floor.unexpected for floor in floors]),
    )


def _sum(counts: Sequence[Mapping[Key, int]]) -> dict[Key, int]:
    total: dict[Key, int] = {}
    for some in counts:
        for key, count in some.items():
            total[key] = total.get(key, 0) + count
    return total


def _laid_over(distributions: Sequence[Mapping[Key, Distribution]]) -> dict[Key, Distribution]:
    total: dict[Key, Distribution] = {}
    for some in distributions:
        for key, seen in some.items():
            known = total.get(key)
            total[key] = (
                seen
                if known is None
                else Distribution(
                    seen.bounds,
                    tuple(one + other for one, other in zip(known.counts, seen.counts, strict=True)),
                    known.total + seen.total,
                )
            )
    return total
