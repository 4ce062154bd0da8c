"""Reports that are sent by themselves: when, of which period, to whom."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple, NewType

from qa.domain.calendar_steps import last_whole
from qa.domain.errors import ReportRefused
from qa.domain.report import Breakdown, ReportFilter, Span

ScheduleId = NewType("ScheduleId", str)

MOST_RECIPIENTS = 20
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,6}", re.ASCII)


class Format(StrEnum):
    """What a report is written as."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


class Every(StrEnum):
    """How often; each time about the day, week or month that ended last."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Schedule(NamedTuple):
    """`owner` is a user's id: the report shows what that user may see when it is sent.

    `sent_until` is the end of the last period that everybody got, `delivered` who has the one after it already, and
    `problem` why the others have not: a sentence without addresses.
    """

    id: ScheduleId
    name: str
    owner: str
    every: Every
    at_minute: int  # minutes after local midnight
    recipients: tuple[str, ...]
    format: Format
    language: str  # "zh" or "en"
    grouping: Breakdown
    wanted: ReportFilter
    active: bool
    created_at: float
    sent_until: float | None = None
    sent_at: float | None = None
    delivered: tuple[str, ...] = ()
    problem: str = ""


def check(schedule: Schedule) -> Schedule:
    """Itself. Raises ReportRefused."""
    if not schedule.name.strip():
        raise ReportRefused("name: a text is expected.")
    if not 1 <= len(schedule.recipients) <= MOST_RECIPIENTS:
        raise ReportRefused(f"recipients: from 1 to {MOST_RECIPIENTS}.")
    for number, address in enumerate(schedule.recipients, 1):
        if not _ADDRESS.fullmatch(address):
            raise ReportRefused(f"recipients.{number}: is no e-mail address.")
    if len(set(schedule.recipients)) < len(schedule.recipients):
        raise ReportRefused("recipients: one stands there twice.")
    return schedule


def due(schedule: Schedule, now: float, zone: tzinfo) -> tuple[float, float] | None:
    """The period whose report is to be sent now, or None.

    Only the last one: a server that stood still for a week does not send seven. What ended before the schedule was made
    was not asked for.
    """
    if not schedule.active:
        return None
    period = last_whole(Span(schedule.every), now, zone)
    begins = _minute_of(period[1], schedule.at_minute, zone)
    done = schedule.sent_until is not None and schedule.sent_until >= period[1]
    if done or now < begins or begins < schedule.created_at:
        return None
    return period


def next_at(schedule: Schedule, now: float, zone: tzinfo) -> float:
    """When the next one falls due that is not due yet."""
    day = datetime.fromtimestamp(now, UTC).astimezone(zone).date()
    while True:
        at = datetime.combine(day, time(), zone).timestamp()
        if last_whole(Span(schedule.every), at, zone)[1] == at:
            minute = _minute_of(at, schedule.at_minute, zone)
            if minute > now:
                return minute
        day += timedelta(1)


def step_of(every: Every) -> Span:
    """The steps in which a report's trend is told."""
    return {Every.DAY: Span.NONE, Every.WEEK: Span.DAY, Every.MONTH: Span.WEEK}[every]


def _minute_of(midnight: float, minute: int, zone: tzinfo) -> float:
    local = datetime.fromtimestamp(midnight, UTC).astimezone(zone)
    return local.replace(hour=minute // 60, minute=minute % 60).timestamp()
