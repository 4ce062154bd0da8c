"""How a customer came from one agent to another, where that was not heard: by the ledger."""

from cti.domain.conversations import NEAR
from cti.domain.corrections import without
from cti.domain.identifiers import AgentId
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.matching import agent_key
from cti.domain.records import (
    CallRecord,
    Direction,
    SegmentRecord,
    TimelineEntry,
    TransferRecord,
    VisitRecord,
)


def merged(
    asking: CallRecord, visit: VisitRecord, home: CallRecord
) -> tuple[CallRecord, CallRecord, VisitRecord]:
    """A consultation's visit becomes part of the customer's call, as it does when the transfer is heard."""
    number = max((other.number_in_call for other in home.visits), default=0) + 1
    moved = visit._replace(call=home.call, number_in_call=number, tier=home.tier)
    there = visit.queue.casefold()
    rung = {
        one
        for one in asking.offers
        if (one.queue or "").casefold() == there and one.rung_at >= visit.joined_at
    }
    left = without(asking, visit)._replace(offers=tuple(one for one in asking.offers if one not in rung))
    if not left.visits:  # an agent asked, by his own leg
        left = left._replace(direction=Direction.INTERNAL)
    offers = sorted((*home.offers, *rung), key=lambda one: one.rung_at)
    return left, home._replace(visits=(*home.visits, moved), offers=tuple(offers)), moved


def with_transfer(call: CallRecord, entry: LedgerEntry) -> CallRecord:
    """The call with the transfer that ended this visit's conversation."""
    passed_on, at = entry.passed_on, entry.ended_at
    if passed_on is None or at is None or entry.agent is None:
        return call
    agent = entry.agent
    if any(_is(one.from_agent, agent) and abs(one.at - at) <= NEAR for one in call.transfers):
        return call
    to = passed_on.to or _next_agent(call, agent, at)
    told = TransferRecord(at, passed_on.kind, agent, to, "success")
    line = TimelineEntry(at, "CallTransferred", f"{told.kind} {told.to or ''}".strip())
    return call._replace(
        transfers=tuple(sorted((*call.transfers, told), key=lambda one: one.at)),
        segments=tuple(_handed_over(one, entry) for one in call.segments),
        timeline=(*call.timeline, line),
    )


def _is(one: str | None, agent: AgentId) -> bool:
    return one is not None and agent_key(AgentId(one)) == agent_key(agent)


def _next_agent(call: CallRecord, agent: AgentId, at: float) -> AgentId | None:
    """Who talked with the customer when this agent did no longer."""
    others = [one for one in call.segments if not _is(one.agent, agent)]
    after = [
        one for one in others if one.began_at <= at + NEAR and (one.ended_at is None or one.ended_at > at)
    ]
    return after[-1].agent if after else None


def _handed_over(segment: SegmentRecord, entry: LedgerEntry) -> SegmentRecord:
    mine = segment.channel == entry.agent_channel
    return segment._replace(transferred=True) if mine else segment
