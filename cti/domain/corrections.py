"""What a call's record becomes when the ledger knew better. Ids stay; what is written anew is the whole record."""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from cti.domain.conversations import NEAR, conversation
from cti.domain.identifiers import CallId, ChannelId, CustomerId, PbxName, Tier, call_id
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.records import (
    CallRecord,
    Direction,
    OfferRecord,
    OfferResult,
    Outcome,
    SegmentRecord,
    TimelineEntry,
    VisitRecord,
)

REDRAWN = frozenset(
    {"CallQueued", "VisitEnded", "CallDelivered", "CallDiverted", "CallEstablished", "SegmentEnded"}
)
"""Lines of a story that are drawn anew from the records; the others stay as they were heard."""


class KnownCaller(NamedTuple):
    """Whose number it is, by the customers' book."""

    customer: CustomerId | None = None
    name: str | None = None
    tier: Tier | None = None


class SeenCall(NamedTuple):
    """What the switch's CDR says of a call."""

    started_at: float
    ended_at: float
    caller_name: str | None


def founded(entry: LedgerEntry, caller: KnownCaller, seen: SeenCall | None = None) -> CallRecord:
    """A call that only the ledger knows, without a visit yet."""
    ended_at = entry.ended_at or entry.settled_at
    return CallRecord(
        call=call_id(entry.pbx, entry.uniqueid),
        pbx=entry.pbx,
        uniqueid=entry.uniqueid,
        direction=Direction.INBOUND,
        state="cleared",
        caller_number=entry.caller_number,
        caller_name=caller.name or (seen.caller_name if seen else None),
        customer=caller.customer,
        tier=caller.tier,
        started_at=min(entry.joined_at, seen.started_at) if seen else entry.joined_at,
        ended_at=max(filter(None, (ended_at, seen.ended_at if seen else None)), default=None),
        visits=(),
        offers=(),
        segments=(),
        transfers=(),
        blocked=(),
        recordings=(),
        timeline=(),
    )


def introduced(call: CallRecord, caller: KnownCaller) -> CallRecord:
    """The call of a caller whom nobody had recognised."""
    return call._replace(
        customer=caller.customer,
        caller_name=caller.name or call.caller_name,
        tier=caller.tier,
        visits=tuple(visit._replace(tier=caller.tier) for visit in call.visits),
        segments=tuple(segment._replace(tier=caller.tier) for segment in call.segments),
    )


def homes(entry: LedgerEntry) -> list[CallId]:
    """The calls this visit may belong to: those of the ids it was moved to, the latest first, then its own."""
    return [call_id(entry.pbx, callid) for callid in reversed(entry.callids)]


def with_visit(
    call: CallRecord, entry: LedgerEntry, elsewhere: Collection[ChannelId] = ()
) -> tuple[CallRecord, VisitRecord]:
    """The call with a visit that only the ledger knew, its conversation and its ring attempts.

    `elsewhere`, here and below: legs that the ledger names for other visits.
    """
    number = max((visit.number_in_call for visit in call.visits), default=0) + 1
    visit = entry.visit()._replace(
        call=call.call,
        number_in_call=number,
        tier=call.tier,
        hold_seconds=0.0 if entry.talk_seconds is not None else None,
        caller_number=entry.caller_number or call.caller_number,
    )
    ended = max(filter(None, (call.ended_at, entry.ended_at, entry.settled_at)), default=None)
    longer = call._replace(
        visits=tuple(sorted((*call.visits, visit), key=lambda one: one.joined_at)),
        started_at=min(call.started_at, entry.joined_at),
        ended_at=ended,
    )
    return _talked(_rung(longer, entry, visit), entry, None, visit, elsewhere), visit


def with_corrected(
    call: CallRecord,
    entry: LedgerEntry,
    before: VisitRecord,
    after: VisitRecord,
    elsewhere: Collection[ChannelId] = (),
) -> CallRecord:
    """The call with one visit corrected, and its conversation and ring attempts with it."""
    visits = tuple(after if visit == before else visit for visit in call.visits)
    changed = call._replace(visits=tuple(sorted(visits, key=lambda one: one.joined_at)))
    if before.outcome is not after.outcome or before.agent != after.agent:
        changed = _rung(changed, entry, after)
    return _talked(changed, entry, before, after, elsewhere)


def with_conversation(
    call: CallRecord,
    entry: LedgerEntry,
    before: VisitRecord,
    after: VisitRecord,
    elsewhere: Collection[ChannelId] = (),
) -> CallRecord:
    """The call with a segment that is as long as its visit says; of what was not heard, it may have only the end."""
    call = call._replace(visits=tuple(after if visit == before else visit for visit in call.visits))
    ours = conversation(call, after, entry.agent_channel, elsewhere)
    talked = (after.talk_seconds or 0.0) + (after.hold_seconds or 0.0)
    if ours is not None and abs(ours.talk_seconds + ours.hold_seconds - talked) <= 1.0:
        return call
    return _talked(call, entry, None, after, elsewhere)


def with_legs(call: CallRecord, leg: Callable[[SegmentRecord], tuple[float, float] | None]) -> CallRecord:
    """The call with its conversations as long as their legs were in bridges. `leg`: seconds, and until when."""
    segments = []
    for ours in call.segments:
        known, fitted = leg(ours), ours
        if known is not None and abs(known[0] - ours.talk_seconds - ours.hold_seconds) > 1.0:
            held = min(ours.hold_seconds, known[0])
            fitted = ours._replace(talk_seconds=known[0] - held, hold_seconds=held, ended_at=known[1])
        segments.append(fitted)
    return call._replace(segments=tuple(segments))


def without(call: CallRecord, visit: VisitRecord) -> CallRecord:
    """The call without a visit that never was, and without what hung on it alone."""
    others = tuple(other for other in call.visits if other != visit)
    alone = conversation(call, visit)
    if any(conversation(call, other) is alone for other in others):
        alone = None
    kept = tuple(segment for segment in call.segments if segment is not alone)
    return call._replace(visits=others, segments=kept)


def _rung(call: CallRecord, entry: LedgerEntry, visit: VisitRecord) -> CallRecord:
    """Ring attempts the ledger tells and we had not heard; one that goes on ringing in our records has its end."""
    offers = list(call.offers)
    for told in entry.offers:
        known = next(
            (
                place
                for place, ours in enumerate(offers)
                if ours.agent == told.agent and abs(ours.rung_at - told.rung_at) <= NEAR
            ),
            None,
        )
        if known is None:
            offers.append(told)
        elif offers[known].result is not told.result and told.result is OfferResult.CONNECTED:
            offers[known] = _connected(offers[known], told)
    offers.sort(key=lambda one: one.rung_at)
    return call._replace(offers=tuple(offers)) if visit else call


def _connected(ours: OfferRecord, told: OfferRecord) -> OfferRecord:
    return ours._replace(ended_at=told.ended_at, result=told.result, ring_seconds=told.ring_seconds)


def _talked(
    call: CallRecord,
    entry: LedgerEntry,
    before: VisitRecord | None,
    after: VisitRecord,
    elsewhere: Collection[ChannelId],
) -> CallRecord:
    """Segments that agree with the visit."""
    leg = entry.agent_channel
    ours = conversation(call, after, leg, elsewhere)
    if ours is None and before is not None:
        ours = conversation(call, before, leg, elsewhere)
    if after.outcome is not Outcome.ANSWERED:
        return (
            call._replace(segments=tuple(one for one in call.segments if one is not ours)) if ours else call
        )
    if after.agent is None or after.outcome_at is None:
        return call
    total = after.talk_seconds
    if ours is None:
        if total is None:
            return call
        segment = SegmentRecord(
            call=call.call,
            pbx=call.pbx,
            agent=after.agent,
            channel=_free_channel(call, entry.agent_channel or after.uniqueid),
            queue=after.queue,
            tier=call.tier,
            began_at=after.outcome_at,
            ended_at=after.ended_at if after.ended_at is not None else after.outcome_at + total,
            talk_seconds=total,
            hold_seconds=after.hold_seconds or 0.0,
            hold_count=0,
            transferred=after.ended_by == "transfer",
            wrap_up_seconds=None,
            direction=call.direction,
        )
        segments = (*call.segments, segment)
        return call._replace(segments=tuple(sorted(segments, key=lambda one: one.began_at)))
    fitted = ours._replace(agent=after.agent, queue=after.queue)
    if total is not None and (before is None or total != before.talk_seconds):
        fitted = fitted._replace(
            began_at=min(ours.began_at, after.outcome_at),
            talk_seconds=total,
            hold_seconds=after.hold_seconds or 0.0,
            ended_at=after.ended_at,
        )
    return call._replace(segments=tuple(fitted if one is ours else one for one in call.segments))


def _free_channel(call: CallRecord, channel: ChannelId) -> ChannelId:
    """A segment's channel is its name within the call."""
    taken = {segment.channel for segment in call.segments}
    nth, free = 1, channel
    while free in taken:
        nth, free = nth + 1, ChannelId(f"{channel}+{nth}")
    return free


def retold(call: CallRecord, at: float, causes: Iterable[str]) -> CallRecord:
    """The story drawn anew from the records, in the order they are kept in, and a line that says it was corrected."""
    kept = [entry for entry in call.timeline if entry.what not in REDRAWN]
    told = [*kept, *_story(call)]
    if not any(entry.what == "CallOffered" for entry in kept):
        told.append(TimelineEntry(call.started_at, "CallOffered", call.direction.value))
    if call.ended_at is not None and not any(entry.what == "CallCleared" for entry in kept):
        told.append(TimelineEntry(call.ended_at, "CallCleared", ""))
    told.append(TimelineEntry(at, "CallCorrected", ", ".join(sorted(set(causes)))))
    return call._replace(
        visits=tuple(sorted(call.visits, key=lambda one: (one.joined_at, one.number_in_call))),
        segments=tuple(sorted(call.segments, key=lambda one: (one.began_at, one.channel))),
        timeline=tuple(sorted(told, key=lambda entry: entry.at)),
    )


def _story(call: CallRecord) -> Iterable[TimelineEntry]:
    for visit in call.visits:
        yield TimelineEntry(visit.joined_at, "CallQueued", visit.queue)
        if visit.outcome is not None and visit.outcome_at is not None and visit.agent is None:
            yield TimelineEntry(visit.outcome_at, "VisitEnded", visit.outcome.value)
    for offer in call.offers:
        yield TimelineEntry(offer.rung_at, "CallDelivered", offer.agent)
        if offer.ended_at is not None and offer.result not in (None, OfferResult.CONNECTED):
            yield TimelineEntry(offer.ended_at, "CallDiverted", f"{offer.agent} {offer.result.value}")
    for segment in call.segments:
        yield TimelineEntry(segment.began_at, "CallEstablished", segment.agent)
        if segment.ended_at is not None:
            yield TimelineEntry(segment.ended_at, "SegmentEnded", segment.agent)


def pbx_of(call: CallId) -> PbxName:
    return PbxName(call.partition(":")[0])
