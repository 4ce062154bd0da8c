"""Which visit of ours a visit of the ledger tells of: by id, queue and second of joining."""

import re
from collections.abc import Collection, Iterable

from cti.domain.identifiers import AgentId
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.records import Outcome, VisitRecord

JOINED_BEFORE, JOINED_AFTER = 1.0, 2.0
"""How far our second of joining may lie before and behind the ledger's, which cuts and is written a moment later."""

_CHANNEL_NUMBER = re.compile("-[0-9a-f]{8}$")


def match(
    entry: LedgerEntry,
    ours: Iterable[VisitRecord],
    known_ids: Collection[str] = (),
    stays: Collection[float] = (),
) -> VisitRecord | None:
    """The visit of ours this entry tells of.

    `known_ids` are callids under which the ledger knows other visits; `stays` is when this caller joined this queue, each
    time the ledger knows of: what we saw of one stay is not taken for another.
    """
    fitting = [visit for visit in ours if visit.queue.casefold() == entry.queue.casefold()]
    own = [visit for visit in fitting if visit.uniqueid in entry.callids]
    if own:
        nearest = [visit for visit in own if _nearest(entry, visit, stays)]
        joined = [visit for visit in nearest if joined_together(entry, visit)]
        return min(
            joined or [visit for visit in nearest if _overlap(entry, visit)],
            key=lambda visit: (
                visit.uniqueid != entry.uniqueid,
                visit.uniqueid == entry.uniqueid and visit.number_in_call != entry.number_in_call,
                abs(visit.joined_at - entry.joined_at),
            ),
            default=None,
        )
    moved = [
        visit
        for visit in fitting
        if joined_together(entry, visit) and visit.uniqueid not in known_ids and _same_people(entry, visit)
    ]
    return moved[0] if len(moved) == 1 else None


def joined_together(entry: LedgerEntry, visit: VisitRecord) -> bool:
    return -JOINED_BEFORE <= visit.joined_at - entry.joined_at <= JOINED_AFTER


def agent_key(agent: AgentId) -> str:
    """`PJSIP/101-0000002a`, `Local/101@agents/n` and `101` are one agent."""
    return _CHANNEL_NUMBER.sub("", agent.partition("@")[0].rpartition("/")[2].casefold())


def _nearest(entry: LedgerEntry, visit: VisitRecord, stays: Collection[float]) -> bool:
    away = _away(visit, entry.joined_at)
    return all(away <= _away(visit, joined_at) for joined_at in stays)


def _away(visit: VisitRecord, second: float) -> float:
    """Seconds between our moment of joining and a second of the ledger, which is cut: all of it is the same moment."""
    later = visit.joined_at - second
    return max(0.0, -later, later - 1.0)


def _overlap(entry: LedgerEntry, visit: VisitRecord) -> bool:
    """We saw it later than it began, or not to its end; an answer that we heard lies in it."""
    ended = max(filter(None, (visit.ended_at, visit.outcome_at)), default=visit.joined_at)
    until = (entry.settled_at if entry.settled_at is not None else entry.joined_at) + JOINED_AFTER
    if visit.outcome is Outcome.ANSWERED and visit.outcome_at is not None:
        others = entry.agent and visit.agent and agent_key(entry.agent) != agent_key(visit.agent)
        if visit.outcome_at > until or others:
            return False
    return visit.joined_at <= until and ended >= entry.joined_at - JOINED_BEFORE


def _same_people(entry: LedgerEntry, visit: VisitRecord) -> bool:
    if entry.agent is not None and visit.agent is not None:
        return agent_key(entry.agent) == agent_key(visit.agent)
    return entry.caller_number is not None and entry.caller_number == visit.caller_number
