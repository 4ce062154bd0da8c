"""Opening hours of a queue: by the clock on the wall of the site, with holidays and a last call before closing.

What the wall clock shows decides, also in the nights when it is set: an hour that comes twice is open twice if it is
open at all, and one that is left out was never open.
"""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Final, NamedTuple

from cti.domain.identifiers import QueueName
from routing.domain.sentences import Sentence

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT: Final = 24 * 60
LONGEST_LAST_CALL: Final = 120
"""Minutes."""
ANNOUNCE, CALLBACK = "announce", "callback"


class Span(NamedTuple):
    """Minutes since midnight on the wall; open at the first, closed at the second."""

    opens: int
    closes: int


class Holiday(NamedTuple):
    """A day with hours of its own, none when closed all day. `name` by language."""

    name: Mapping[str, str]
    spans: tuple[Span, ...]


class QueueHours(NamedTuple):
    """`week` from Monday; `closed` is announce, callback, or the queue that takes the calls meanwhile."""

    week: tuple[tuple[Span, ...], ...]
    holidays: Mapping[date, Holiday]
    last_call_minutes: int
    closed: str

    @property
    def other_queue(self) -> QueueName | None:
        return None if self.closed in {ANNOUNCE, CALLBACK} else QueueName(self.closed)


def spans_of(hours: QueueHours, day: date) -> tuple[Span, ...]:
    holiday = hours.holidays.get(day)
    return hours.week[day.weekday()] if holiday is None else holiday.spans


def is_open(hours: QueueHours, at: float, zone: tzinfo) -> bool:
    wall = datetime.fromtimestamp(at, zone)
    minute = wall.hour * 60 + wall.minute
    return any(span.opens <= minute < span.closes for span in spans_of(hours, wall.date()))


def why_closed(hours: QueueHours, queue: QueueName, at: float, zone: tzinfo) -> Sentence | None:
    """None when a caller who comes now is taken in."""
    today = datetime.fromtimestamp(at, zone).date()
    if not is_open(hours, at, zone):
        holiday = hours.holidays.get(today)
        if holiday is not None:
            facts = {"queue": queue, "day_en": holiday.name["en"], "day_zh": holiday.name["zh"]}
            return Sentence("closed_holiday_hours" if holiday.spans else "closed_holiday", facts)
        return Sentence("closed_hours", {"queue": queue})
    minutes = range(1, hours.last_call_minutes + 1)
    if all(is_open(hours, at + 60 * minute, zone) for minute in minutes):
        return None
    return Sentence("closed_last_call", {"queue": queue, "last_call_seconds": 60 * hours.last_call_minutes})
