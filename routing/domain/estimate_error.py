"""How far the waits that were promised differ from those that came."""

from collections import deque
from typing import Final, NamedTuple

from routing.domain.dry_run import quantile

KEPT: Final = 500
BOUNDS: Final = (5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds, of the histogram of what they differ by in either direction."""


class ErrorSummary(NamedTuple):
    """Seconds; above zero: it took longer than promised. 80 of 100 lie from `low` to `high`."""

    callers: int
    median: float | None
    low: float | None
    high: float | None


class EstimateErrors:
    """Of one queue, the last 500 callers who were told an estimate when they joined and were answered."""

    def __init__(self) -> None:
        self._errors: deque[float] = deque(maxlen=KEPT)

    def add(self, promised_seconds: float, actual_seconds: float) -> float:
        error = actual_seconds - promised_seconds
        self._errors.append(error)
        return error

    def summary(self) -> ErrorSummary:
        errors = self._errors
        return ErrorSummary(len(errors), *(quantile(errors, share) for share in (0.5, 0.1, 0.9)))
