"""Which conversation of a call is that of a visit, when a part of either was not heard."""

from collections.abc import Collection

from cti.domain.identifiers import ChannelId
from cti.domain.records import CallRecord, SegmentRecord, VisitRecord

NEAR = 3.0
"""A conversation of ours that began so many seconds from the answer in the ledger is that conversation."""


def conversation(
    call: CallRecord,
    visit: VisitRecord,
    leg: ChannelId | None = None,
    elsewhere: Collection[ChannelId] = (),
) -> SegmentRecord | None:
    """The conversation of a visit: that of the leg the ledger names, else the same agent's, about when it was answered.

    `elsewhere`: legs that the ledger names for other visits. A caller may be passed back to the agent he comes from, and
    the leg by which an agent consults a queue is a caller's.
    """
    if visit.outcome_at is None or visit.agent is None:
        return None
    named = [one for one in call.segments if one.agent == visit.agent and one.channel == leg]
    mine = [one for one in call.segments if one.agent == visit.agent and one.channel not in elsewhere]
    near = [segment for segment in mine if _began_with(segment, visit) and _nearest(call, segment, visit)]
    late = [segment for segment in mine if _found_late(segment, visit)]
    return next(iter((*named, *near, *late)), None)


def _began_with(segment: SegmentRecord, visit: VisitRecord) -> bool:
    same = segment.queue is not None and segment.queue.casefold() == visit.queue.casefold()
    return same and _between(segment, visit) <= NEAR


def _nearest(call: CallRecord, segment: SegmentRecord, visit: VisitRecord) -> bool:
    """Whether no other visit was answered nearer to it: one agent may serve the same caller twice within seconds."""
    answered = [other for other in call.visits if other.agent == visit.agent]
    return all(_between(segment, visit) <= _between(segment, other) for other in answered)


def _between(segment: SegmentRecord, visit: VisitRecord) -> float:
    """Seconds from the answer to the conversation."""
    return float("inf") if visit.outcome_at is None else abs(segment.began_at - visit.outcome_at)


def _found_late(segment: SegmentRecord, visit: VisitRecord) -> bool:
    """A conversation that was under way when we began to listen: whose it is, no queue had told us."""
    ended = visit.ended_at
    return (
        segment.queue is None
        and segment.agent == visit.agent
        and visit.outcome_at is not None
        and segment.began_at >= visit.outcome_at - NEAR
        and (ended is None or segment.began_at <= ended + NEAR)
    )
