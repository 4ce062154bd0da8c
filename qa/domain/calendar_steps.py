"""The steps of a trend and the periods of scheduled reports, by the site's own calendar."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from cti.domain.intervals import Grid
from qa.domain.errors import ReportRefused
from qa.domain.report import Span

MOST_STEPS = 400


def steps(since: float, until: float, span: Span, zone: tzinfo) -> Grid:
    """The days, weeks (from Monday) or months that cover [since, until), the outer ones cut to it.

    Raises ReportRefused when it is empty, or more than `MOST_STEPS`.
    """
    if until <= since:
        raise ReportRefused("The period ends before it begins.")
    edges = [since]
    if span is not Span.NONE:
        edge = _following(since, span, zone)
        while edge < until:
            edges.append(edge)
            if len(edges) > MOST_STEPS:
                raise ReportRefused(f"More than {MOST_STEPS} steps: ask for longer ones, or for less time.")
            edge = _following(edge, span, zone)
    return Grid((*edges, until))


def last_whole(span: Span, now: float, zone: tzinfo) -> tuple[float, float]:
    """The day, week or month that ended last."""
    today = datetime.fromtimestamp(now, UTC).astimezone(zone).date()
    begin = _begin(today, span)
    return _at(_begin(begin - timedelta(1), span), zone), _at(begin, zone)


def current(span: Span, now: float, zone: tzinfo) -> float:
    """When the day, week or month that it is now began."""
    return _at(_begin(datetime.fromtimestamp(now, UTC).astimezone(zone).date(), span), zone)


def _following(at: float, span: Span, zone: tzinfo) -> float:
    begin = _begin(datetime.fromtimestamp(at, UTC).astimezone(zone).date(), span)
    return _at(_begin(begin + timedelta(_LONGEST[span]), span), zone)


_LONGEST = {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 31}
"""Days after which surely the next one has begun, and no further."""


def _begin(day: date, span: Span) -> date:
    if span is Span.MONTH:
        return day.replace(day=1)
    return day - timedelta(day.weekday()) if span is Span.WEEK else day


def _at(day: date, zone: tzinfo) -> float:
    return datetime.combine(day, time(), zone).timestamp()
