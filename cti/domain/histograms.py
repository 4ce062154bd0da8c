"""Counts by size: what a Prometheus histogram is made of, without its cost on the hot path."""

from bisect import bisect_left
from collections.abc import Sequence


class Histogram:
    """Observations by upper bound (inclusive), with their sum. Bounds ascend; beyond the last counts as infinite."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        return sum(self.counts)
