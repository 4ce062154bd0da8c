"""What recordings are searched by that others know: whose call it was, how it ended, what was said of it, its score."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.call_tables import CALLS, VISITS
from cti.adapters.database import reading
from cti.adapters.work_store import DISPOSITIONS, NEWEST
from cti.domain.identifiers import PhoneNumber
from qa.adapters.review_store import REVIEWS
from recordings.adapters.catalogue import RECORDINGS
from recordings.adapters.signal_store import SIGNALS
from recordings.adapters.transcript_store import LINES
from recordings.domain.errors import NumberRefused
from recordings.domain.naming import JOIN_TOLERANCE
from recordings.domain.recording import Search
from recordings.ports import Clock

_TAIL = 7
"""Digits that end a number however it is written."""
_DAY = 86_400
_EARLIEST = 1_577_836_800.0  # 2020: no recording is older


class Clues:
    """Conditions on recordings, as SQL."""

    def __init__(
        self,
        engine: AsyncEngine,
        normalise: Callable[[str | None], PhoneNumber | None],
        zone: tzinfo,
        clock: Clock,
    ) -> None:
        self._read, self._normalise = reading(engine), normalise
        self._zone, self._clock = zone, clock

    async def __call__(self, search: Search) -> Sequence[ColumnElement[bool]]:
        """Raises NumberRefused."""
        found = [*self._of_call(search), *_of_signals(search), *_of_score(search)]
        if search.said is not None:
            said = LINES.c.text.icontains(search.said, autoescape=True)
            found.append(RECORDINGS.c.id.in_(select(LINES.c.recording).where(said)))
        if search.number is not None:
            written = await self._written(search.number)
            found.append(_in_calls(CALLS.c.caller_number.in_(written)))
        if search.day_from is not None or search.day_until is not None:
            found.append(self._at_hours(search))
        return found

    def _of_call(self, search: Search) -> Iterator[ColumnElement[bool]]:
        if search.customer is not None:
            yield _in_calls(CALLS.c.customer == search.customer)
        if search.disposition is not None:
            given = select(DISPOSITIONS.c.call).where(DISPOSITIONS.c.code == search.disposition, NEWEST)
            yield RECORDINGS.c.call.in_(given)
        if search.outcome is not None:
            yield _in_calls(CALLS.c.outcome == search.outcome)
        if search.ended_by is not None:
            visit = select(VISITS.c.call).where(
                VISITS.c.uniqueid == RECORDINGS.c.uniqueid,
                VISITS.c.pbx == RECORDINGS.c.pbx,
                func.abs(VISITS.c.joined_at - RECORDINGS.c.joined_at) <= JOIN_TOLERANCE,
                VISITS.c.ended_by == search.ended_by,
            )
            yield visit.exists()

    async def _written(self, number: str) -> Sequence[str]:
        """All the ways in which callers' numbers came that are this number."""
        normal = self._normalise(number)
        if normal is None:
            raise NumberRefused
        ending = CALLS.c.caller_number.endswith(re.sub(r"[^0-9]", "", normal)[-_TAIL:])
        async with self._read.connect() as connection:
            every = await connection.execute(select(CALLS.c.caller_number).where(ending).distinct())
            return [written for (written,) in every if self._normalise(written) == normal]

    def _at_hours(self, search: Search) -> ColumnElement[bool]:
        """By the clock on the wall, also where it is put forward and back."""
        begin, end = search.day_from or 0, _DAY if search.day_until is None else search.day_until
        since = _EARLIEST if search.since is None else max(search.since, _EARLIEST)
        until = self._clock.now() + _DAY
        until = until if search.until is None else min(search.until, until)
        stretches = _offsets(self._zone, since, max(since, until))
        return or_(*(_daily(*stretch, begin, end) for stretch in stretches))


def _in_calls(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return RECORDINGS.c.call.in_(select(CALLS.c.id).where(condition))


def _of_signals(search: Search) -> Iterator[ColumnElement[bool]]:
    conditions = [
        column >= least
        for column, least in (
            (SIGNALS.c.dead_air_longest, search.dead_air_least),
            (SIGNALS.c.talk_over_seconds, search.talk_over_least),
            (SIGNALS.c.silence_share, search.silence_least),
            (SIGNALS.c.agent_talk_share, search.talk_share_least),
            (SIGNALS.c.hold_seconds, search.hold_least),
        )
        if least is not None
    ]
    if search.faulty is not None:
        conditions.append(SIGNALS.c.fault.is_not(None) if search.faulty else SIGNALS.c.fault.is_(None))
    if conditions:
        yield RECORDINGS.c.id.in_(select(SIGNALS.c.recording).where(*conditions))


def _of_score(search: Search) -> Iterator[ColumnElement[bool]]:
    conditions = []
    if search.score_least is not None:
        conditions.append(REVIEWS.c.score >= search.score_least)
    if search.score_most is not None:
        conditions.append(REVIEWS.c.score <= search.score_most)
    if conditions:
        yield RECORDINGS.c.id.in_(select(REVIEWS.c.recording).where(*conditions))


def _daily(since: float, until: float, offset: float, begin: int, end: int) -> ColumnElement[bool]:
    """`begin` after `end`: over midnight."""
    local: Any = RECORDINGS.c.started_at + offset
    second = local - func.floor(local / _DAY) * _DAY
    within = and_(second >= begin, second < end) if begin < end else or_(second >= begin, second < end)
    return and_(RECORDINGS.c.started_at >= since, RECORDINGS.c.started_at < until, within)


def _offsets(zone: tzinfo, start: float, end: float) -> Iterator[tuple[float, float, float]]:
    """Stretches of [start, end), in seconds since 1970, with what the zone's clocks are ahead of UTC in each."""
    offset, at = _offset(zone, start), start
    while at < end:
        following = min(at + _DAY, end)
        if (other := _offset(zone, following)) != offset:
            changed = _change(zone, at, following)
            yield start, changed, offset
            start, offset = changed, other
        at = following
    yield start, end, offset


def _change(zone: tzinfo, before: float, after: float) -> float:
    """The second in which the clocks are put on."""
    offset = _offset(zone, before)
    while after - before > 1.0:
        middle = (before + after) / 2
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return round(after)


def _offset(zone: tzinfo, moment: float) -> float:
    ahead = datetime.fromtimestamp(moment, zone).utcoffset()
    return 0.0 if ahead is None else ahead.total_seconds()
