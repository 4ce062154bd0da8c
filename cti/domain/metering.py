"""Numbers that only grow, and how they stand at one moment: what a monitoring system reads.

Plain dictionaries and lists, because an event may cost no more than a few integer additions here.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cti.domain.identifiers import PbxName, QueueName

UNKNOWN_TIER = "unknown"

WAIT_BOUNDS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200)
TALK_BOUNDS = (5, 10, 20, 30, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1800, 3600)
REACTION_BOUNDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SCORE_BOUNDS = (10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95, 100)


class Distribution(NamedTuple):
    """How observations lay at one moment. `counts[i]` are those `<= bounds[i]`, the last those beyond all bounds."""

    bounds: Sequence[float]
    counts: Sequence[int]
    total: float


class Buckets:
    """Counts observations by upper bounds."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        """`bounds` ascend."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def copy(self) -> Distribution:
        return Distribution(self.bounds, tuple(self.counts), self.total)


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
