"""Numbers that only grow, and how they stand at one moment: what a monitoring system reads.

Plain dictionaries and lists, because an event may cost no more than a few integer additions here.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

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
