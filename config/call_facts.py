"""What the other packages know of calls that could be reviewed, put together for the plan that looks for risks."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from care.domain.satisfaction import SurveyResponse
from cti.adapters.call_tables import CALLS, SEGMENTS
from cti.adapters.database import Transactions, portions
from cti.adapters.work_store import DISPOSITIONS, NEWEST
from cti.domain.identifiers import AgentId, CallId
from qa.adapters.fairness_store import COACHING
from qa.adapters.review_store import REVIEWS
from qa.domain.coaching import OPEN
from qa.domain.review import Review, ReviewId, ReviewState
from qa.domain.risk import CallFacts
from qa.ports import SaidOf
from recordings.adapters.catalogue import RECORDINGS
from recordings.adapters.signal_store import SIGNALS
from recordings.domain.naming import RecordingId
from recordings.domain.recording import RecordingState

_DAY: Final = 86_400.0


class _Told(NamedTuple):
    """What the database says of these calls."""

    reasons: Mapping[tuple[str, str], str]
    held: Mapping[tuple[str, str], float]
    transfers: Mapping[str, int]
    earlier: Mapping[str, int]
    began: Mapping[str, float]
    rechecks: frozenset[str]
    heard: Mapping[str, tuple[float | None, float | None]]  # by recording: longest dead air, talk-over


class SqlCallFacts:
    """From dispositions, conversations, calls, coaching tasks and what customers said."""

    def __init__(self, engine: AsyncEngine, said_of: SaidOf, repeat_within_days: float) -> None:
        self._transactions, self._said_of = Transactions(engine), said_of
        self._repeat_seconds = repeat_within_days * _DAY

    async def __call__(self, reviews: Sequence[Review]) -> Mapping[ReviewId, CallFacts]:
        told = await self._transactions.read(partial(_told, reviews, self._repeat_seconds))
        said = await self._said_of({CallId(review.call) for review in reviews})
        return {review.id: _facts(review, told, said.get(review.call, ())) for review in reviews}


class SqlFaults:
    """Recordings that nobody may be judged by any more: with a technical fault, or erased."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._transactions = Transactions(engine)

    async def __call__(self) -> Mapping[RecordingId, str]:
        judged = REVIEWS.c.state.in_([ReviewState.ELIGIBLE, ReviewState.OPEN])
        wanted = (
            select(SIGNALS.c.recording, SIGNALS.c.fault)
            .join(REVIEWS, REVIEWS.c.recording == SIGNALS.c.recording)
            .where(SIGNALS.c.fault.is_not(None), judged)
        )
        gone = (
            select(RECORDINGS.c.id, RECORDINGS.c.state)
            .join(REVIEWS, REVIEWS.c.recording == RECORDINGS.c.id)
            .where(RECORDINGS.c.state == RecordingState.ERASED, judged)
        )
        both = wanted.union_all(gone)
        rows = await self._transactions.read(lambda connection: connection.execute(both).all())
        return {RecordingId(row[0]): row[1] for row in rows}


def _facts(review: Review, told: _Told, said: Sequence[SurveyResponse]) -> CallFacts:
    about = [one for one in said if one.agent in (None, review.agent)]
    agent = review.agent or AgentId("")
    began = told.began.get(agent)
    dead_air, talk_over = told.heard.get(review.recording, (None, None))
    return CallFacts(
        reason=told.reasons.get((review.call, agent)),
        satisfied=not any(one.low for one in about) if about else None,
        earlier_calls=told.earlier.get(review.call, 0),
        hold_seconds=told.held.get((review.call, agent)),
        transfers=told.transfers.get(review.call, 0),
        dead_air_seconds=dead_air,
        talk_over_seconds=talk_over,
        agent_days=None if began is None else (review.started_at - began) / _DAY,
        recheck=agent in told.rechecks,
    )


def _told(reviews: Sequence[Review], repeat_seconds: float, connection: Connection) -> _Told:
    calls = sorted({review.call for review in reviews})
    agents = sorted({review.agent for review in reviews if review.agent})
    segments, given = SEGMENTS.c, DISPOSITIONS.c
    dispositions = select(given.call, given.agent, given.code).where(NEWEST)
    holds = select(segments.call, segments.agent, func.max(segments.hold_seconds)).group_by(
        segments.call, segments.agent
    )
    passed_on = select(segments.call, func.sum(segments.transferred)).group_by(segments.call)
    first = select(segments.agent, func.min(segments.began_at)).group_by(segments.agent)
    signals = select(SIGNALS.c.recording, SIGNALS.c.dead_air_longest, SIGNALS.c.talk_over_seconds)
    recordings = {review.recording for review in reviews}
    waiting = select(COACHING.c.agent).where(COACHING.c.state.in_(sorted(OPEN)))
    return _Told(
        reasons={(row[0], row[1]): row[2] for row in _some(connection, dispositions, given.call, calls)},
        held={(row[0], row[1]): row[2] for row in _some(connection, holds, segments.call, calls)},
        transfers={row[0]: int(row[1]) for row in _some(connection, passed_on, segments.call, calls)},
        earlier=_earlier(connection, calls, repeat_seconds),
        began={row[0]: row[1] for row in _some(connection, first, segments.agent, agents)},
        heard={
            row[0]: (row[1], row[2])
            for row in _some(connection, signals, SIGNALS.c.recording, sorted(recordings))
        },
        rechecks=frozenset(connection.execute(waiting.distinct()).scalars()),
    )


def _earlier(connection: Connection, calls: Sequence[str], seconds: float) -> Mapping[str, int]:
    before = CALLS.alias("before")
    same = (before.c.caller_number == CALLS.c.caller_number) & (before.c.id != CALLS.c.id)
    lately = (before.c.started_at < CALLS.c.started_at) & (
        before.c.started_at >= CALLS.c.started_at - seconds
    )
    counted = (
        select(CALLS.c.id, func.count())
        .join(before, same & lately)
        .where(CALLS.c.caller_number.is_not(None))
        .group_by(CALLS.c.id)
    )
    found: defaultdict[str, int] = defaultdict(int)
    for row in _some(connection, counted, CALLS.c.id, calls):
        found[row[0]] = int(row[1])
    return found


def _some(
    connection: Connection, statement: Select[Any], column: ColumnElement[Any], wanted: Collection[str]
) -> list[Sequence[Any]]:
    rows: list[Sequence[Any]] = []
    for some in portions(wanted):
        rows += connection.execute(statement.where(column.in_(some))).all()
    return rows
