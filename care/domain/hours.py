"""How promises count open time, whoever says when a queue is open."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from itertools import count
from typing import Final, NamedTuple

Span = tuple[int, int]
"""From and until, in minutes since midnight on the wall; until is at most 1440."""

_LOOK_DAYS: Final = 40
"""No house that is ever open is closed for longer at a stretch."""


class OpeningHours(NamedTuple):
    """`spans_of` a day, in order; None: always open."""

    zone: tzinfo
    spans_of: Callable[[date], Sequence[Span]] | None = None

    def is_open(self, at: float) -> bool:
        return self.spans_of is None or any(begin <= at < end for begin, end in self._days(at, 1))

    def closes_in(self, at: float) -> float | None:
        """Seconds until it closes; 0 when it is closed; None when it never closes."""
        if self.spans_of is None:
            return None
        begin, end = next(self._spans(at), (at + 1, at))
        return end - at if begin <= at else 0.0

    def next_opening(self, at: float) -> float:
        """When it opens the next time after `at`; `at` itself when it never closes, or never opens."""
        return next((begin for begin, _ in self._spans(at) if begin > at), at)

    def after_open_seconds(self, at: float, seconds: float) -> float:
        """The moment at which so many seconds of open time have passed since `at`."""
        left = seconds
        for begin, end in self._days(at):
            begins = max(begin, at)
            if begins < end and left <= end - begins:
                return begins + left
            left -= max(end - begins, 0)
        return at + seconds

    def _spans(self, at: float) -> Iterator[tuple[float, float]]:
        """Open spans that end after `at`, in seconds since 1970; those that meet at midnight are one."""
        last: tuple[float, float] | None = None
        for begin, end in self._days(at, _LOOK_DAYS):
            if last is not None and begin <= last[1]:
                last = last[0], end
            else:
                if last is not None and last[1] > at:
                    yield last
                last = begin, end
        if last is not None and last[1] > at:
            yield last

    def _days(self, at: float, days: int | None = None) -> Iterator[tuple[float, float]]:
        """Open spans of so many days; None: of as many as there are until the house opens no more."""
        if self.spans_of is None:
            return
        midnight = datetime.fromtimestamp(at, self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        closed_days = 0
        for number in count():
            if number == days or closed_days > _LOOK_DAYS:
                return
            day = midnight + timedelta(days=number)
            spans = self.spans_of(day.date())
            closed_days = 0 if spans else closed_days + 1
            for begin, end in spans:
                yield _moment(day, begin), _moment(day, end)


def _moment(midnight: datetime, minutes: int) -> float:
    """By the clock on the wall, so that a day of 23 hours opens at nine all the same."""
    day, minute = midnight + timedelta(days=minutes // 1440), minutes % 1440
    return day.replace(hour=minute // 60, minute=minute % 60).timestamp()
