"""When the house is open, and how promises count open time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

Span = tuple[int, int]
"""From and until, in minutes since midnight; until is at most 1440."""

_LOOK_DAYS = 15  # no house that is ever open is closed for longer at a stretch


class OpeningHours(NamedTuple):
    """`week`: weekday (Monday is 0) to its spans, in order. A week without any span means always open."""

    zone: tzinfo
    week: Mapping[int, Sequence[Span]]

    @property
    def always(self) -> bool:
        return not any(self.week.values())

    def is_open(self, at: float) -> bool:
        return self.always or any(begin <= at < end for begin, end in self._spans(at))

    def closes_in(self, at: float) -> float | None:
        """Seconds until it closes; 0 when it is closed; None when it never closes."""
        if self.always:
            return None
        return next((end - at for begin, end in self._spans(at) if begin <= at < end), 0.0)

    def next_opening(self, at: float) -> float:
        """When it opens the next time after `at`; `at` itself when it never closes."""
        if self.always:
            return at
        return next((begin for begin, _ in self._spans(at) if begin > at), at)

    def after_open_seconds(self, at: float, seconds: float) -> float:
        """The moment at which so many seconds of open time have passed since `at`."""
        if self.always:
            return at + seconds
        left = seconds
        for begin, end in self._spans(at):
            begins = max(begin, at)
            if end <= begins:
                continue
            if left <= end - begins:
                return begins + left
            left -= end - begins
        return at + seconds

    def _spans(self, at: float) -> Iterator[tuple[float, float]]:
        """Open spans of the day of `at` and those that follow, in seconds since 1970."""
        midnight = datetime.fromtimestamp(at, self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        for day in range(_LOOK_DAYS):
            date = midnight + timedelta(days=day)
            for begin, end in self.week.get(date.weekday(), ()):
                yield _moment(date, begin), _moment(date, end)


def _moment(midnight: datetime, minutes: int) -> float:
    """By the clock on the wall, so that a day of 23 hours opens at nine all the same."""
    day, minute = midnight + timedelta(days=minutes // 1440), minutes % 1440
    return day.replace(hour=minute // 60, minute=minute % 60).timestamp()
