"""Intervals of the site's own day: quarters, hours and days between two local midnights, 23 and 25 hours long too."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import pairwise

DAY = 86_400
LENGTHS = (900, 3600, DAY)
"""Seconds. Shorter ones count from local midnight in elapsed time, so a day of 25 hours has 100 quarters."""


def midnight(at: float, zone: tzinfo, days: int = 0) -> float:
    """When the local day that holds `at` began, or the day `days` later."""
    local = datetime.fromtimestamp(at, UTC).astimezone(zone)
    return datetime.combine(local.date() + timedelta(days), time(), zone).timestamp()


class Grid:
    """Neighbouring intervals: the i-th is [edges[i], edges[i+1])."""

    def __init__(self, edges: Sequence[float]) -> None:
        self.edges = tuple(edges)

    def __iter__(self) -> Iterator[tuple[float, float]]:
        return pairwise(self.edges)

    def cell(self, at: float) -> int | None:
        """Which interval holds this instant; None outside of all."""
        index = bisect_right(self.edges, at) - 1
        return index if 0 <= index < len(self.edges) - 1 else None

    def parts(self, begin: float, end: float, amount: int) -> Iterator[tuple[int, int]]:
        """Cut an amount spread evenly over [begin, end] at the edges: (interval, part). The parts sum up exactly."""
        if end <= begin:
            index = self.cell(begin)
            if index is not None and amount:
                yield index, amount
            return
        index = max(0, bisect_right(self.edges, begin) - 1)
        while index < len(self.edges) - 1 and self.edges[index] < end:
            low, high = max(begin, self.edges[index]), min(end, self.edges[index + 1])
            if low < high:
                before = round(amount * ((low - begin) / (end - begin)))
                yield index, round(amount * ((high - begin) / (end - begin))) - before
            index += 1


def grid(start: float, end: float, length: int | None, zone: tzinfo) -> Grid:
    """The intervals of `length` seconds that cover [start, end), the outer ones cut to it; None: one interval."""
    edges = [start]
    if length is not None:
        for edge in _edges(start, end, length, zone):
            if edge > edges[-1]:
                edges.append(edge)
    return Grid((*edges, end))


def _edges(start: float, end: float, length: int, zone: tzinfo) -> Iterator[float]:
    day = midnight(start, zone)
    while day < end:
        following = midnight(day, zone, days=1)
        edge = day
        while edge < following and edge < end:
            if edge > start:
                yield edge
            edge = following if length >= DAY else edge + length
        day = following


def count_upper_bound(start: float, end: float, length: int | None) -> int:
    """No more intervals than this, told without making them."""
    return 1 if length is None else int((end - start) / min(length, DAY - 3600)) + 2
