"""What the queue tells about calls: joining, offering, answering, leaving. One function a signal."""

from cti.domain import events
from cti.domain.correlation import Correlation
from cti.domain.identifiers import ChannelId, QueueName
from cti.domain.journeys import Call, Connection
from cti.domain.records import BlockedRecord, Outcome
from cti.domain.segments import Segment
from cti.domain.signals import (
    AgentAnswered,
    AgentDidNotAnswer,
    AgentDumped,
    AgentFinished,
    AgentRung,
    CallerGaveUp,
    DialplanContinued,
    QueueJoined,
    QueueLeft,
    QueueReturned,
    Signal,
)
from cti.domain.visits import REFUSALS, RETURN_STATUS, VISIT_STEPS, Offer, OfferState, Visit, VisitState

SAME_VISIT = 2.5
"""Seconds by which a time of joining may be off that is reckoned from the switch's whole seconds of wait and talk."""


def joined(calls: Correlation, signal: QueueJoined) -> None:
    leg = calls.leg(signal.at, signal.channel, signal.name, signal.linked, signal.number, signal.caller_name)
    if leg is None:
        calls.unexpected(signal.at, "closed", type(signal))
        return
    call = leg.call
    before = calls.visits.get(signal.channel)
    if before is not None and before[1].waiting:
        if before[1].queue == signal.queue and before[1].state is VisitState.WAITING:
            _refine(before[1], signal)
            return
        calls.decide(signal.at, call, before[1], before[1].unserved_outcome(DialplanContinued))
    call.number = call.number or signal.number
    call.caller_name = call.caller_name or signal.caller_name
    visit = _visit(calls, leg, signal.queue, signal.at)
    visit.position, visit.number = signal.position, signal.number
    visit.place = (signal.context, signal.exten)
    calls.tell(
        call,
        events.CallQueued(
            signal.at,
            call.id,
            signal.channel,
            signal.name,
            signal.queue,
            signal.position,
            signal.number,
            signal.caller_name,
        ),
    )


def _refine(visit: Visit, signal: QueueJoined) -> None:
    """The join of a caller whom a snapshot, or a later signal, has shown already: it knows better when and where."""
    visit.joined_at, visit.joined_seen = signal.at, True
    visit.position, visit.number = signal.position, signal.number
    visit.place = (signal.context, signal.exten)


def _visit(calls: Correlation, leg: Connection, queue: QueueName, joined_at: float) -> Visit:
    visit = Visit(leg.channel, leg.channel, queue, joined_at, len(leg.call.visits) + 1, leg.name)
    calls.add_visit(leg.call, visit)
    return visit


def _known(
    calls: Correlation,
    signal: AgentRung | AgentAnswered | AgentFinished | CallerGaveUp,
    channel: ChannelId,
    linked: ChannelId,
    joined_at: float,
) -> tuple[Call, Visit] | None:
    """The visit a signal speaks of; one we never saw begin is founded on what the signal proves."""
    entry = calls.visits.get(channel)
    if entry is not None and entry[1].queue == signal.queue:
        if not entry[1].joined_seen:
            entry[1].joined_at = min(entry[1].joined_at, joined_at)
        return entry
    leg = calls.leg(signal.at, channel, signal.name, linked, signal.number, signal.caller_name)
    if leg is None:
        return None
    call = leg.call
    call.number = call.number or signal.number
    call.caller_name = call.caller_name or signal.caller_name
    visit = _visit(calls, leg, signal.queue, joined_at)
    visit.number, visit.joined_seen = signal.number, False
    calls.tell(
        call,
        events.CallQueued(
            joined_at, call.id, channel, signal.name, signal.queue, 0, signal.number, signal.caller_name
        ),
    )
    return call, visit


def _advance(calls: Correlation, visit: Visit, signal: Signal) -> VisitState | None:
    """The table's next state, or None with the surprise counted."""
    following = VISIT_STEPS[visit.state].get(type(signal))
    if following is None:
        calls.unexpected(signal.at, visit.state.value, type(signal))
    return following


def left(calls: Correlation, signal: QueueLeft) -> None:
    entry = calls.visits.get(signal.channel)
    if entry is None or entry[1].queue != signal.queue:
        return  # the visit began before we listened, or is closed: its end tells more than this
    call, visit = entry
    if visit.state is VisitState.DEPARTED:
        calls.decide(visit.outcome_at or signal.at, call, visit, visit.unserved_outcome(QueueLeft))
        return
    following = _advance(calls, visit, signal)
    if following is not None:
        visit.state = following


def gave_up(calls: Correlation, signal: CallerGaveUp) -> None:
    entry = _known(calls, signal, signal.channel, signal.linked, signal.at - signal.waited)
    if entry is None:
        calls.unexpected(signal.at, "closed", type(signal))
        return
    visit = entry[1]
    visit.gave_up += 1
    if visit.state is VisitState.DEPARTED:
        calls.decide(visit.outcome_at or signal.at, entry[0], visit, visit.unserved_outcome(CallerGaveUp))
        return
    following = _advance(calls, visit, signal)
    if following is not None:
        visit.state = following
        visit.outcome_at = signal.at


def returned(calls: Correlation, signal: QueueReturned) -> None:
    entry = calls.visits.get(signal.channel)
    if signal.status in REFUSALS and (entry is None or not entry[1].waiting):
        _refused(calls, signal)
        return
    if entry is None or not entry[1].waiting:
        return
    call, visit = entry
    outcome = RETURN_STATUS.get(signal.status)
    if outcome is None:
        outcome = visit.unserved_outcome(DialplanContinued)
    calls.decide(visit.outcome_at or signal.at, call, visit, outcome)


def _refused(calls: Correlation, signal: QueueReturned) -> None:
    leg = calls.leg(signal.at, signal.channel, signal.name, signal.linked)
    if leg is None:
        calls.unexpected(signal.at, "closed", type(signal))
        return
    queue = signal.queue or leg.queue_step
    last = leg.call.blocked[-1] if leg.call.blocked else None
    if last is not None and last.reason == signal.status and last.queue in (queue, None):
        return  # told twice: by the variable and by the dialplan's report
    leg.call.blocked += (BlockedRecord(signal.at, queue, signal.status),)
    calls.tell(leg.call, events.CallBlocked(signal.at, leg.call.id, queue, signal.status))


def continued(calls: Correlation, signal: DialplanContinued) -> None:
    entry = calls.visits.get(signal.channel)
    if signal.queue is not None:
        leg = calls.connections.get(signal.channel)
        if leg is not None:
            leg.queue_step = signal.queue
    if entry is None or not entry[1].waiting:
        return
    call, visit = entry
    picked_up = any(offer.state is OfferState.PICKED_UP for offer in visit.offers)
    if (signal.context, signal.exten) == visit.place:
        if visit.state is VisitState.GIVING_UP or (visit.state is VisitState.LEAVING and not picked_up):
            visit.state = VisitState.RETURNED
        return
    if visit.state is VisitState.DEPARTED or (visit.state is VisitState.LEAVING and picked_up):
        return
    if visit.state is VisitState.WAITING:  # by a key, or redirected: how the queue lets go tells
        visit.state, visit.outcome_at = VisitState.DEPARTED, signal.at
        return
    calls.decide(visit.outcome_at or signal.at, call, visit, visit.unserved_outcome(DialplanContinued))


def rung(calls: Correlation, signal: AgentRung) -> None:
    entry = _known(calls, signal, signal.channel, signal.linked, signal.at)
    if entry is None:
        calls.unexpected(signal.at, "closed", type(signal))
        return
    call, visit = entry
    calls.roster.learn(signal.agent, signal.interface)
    leg = calls.leg(signal.at, signal.agent_channel, signal.agent_channel_name, signal.linked)
    if leg is not None:
        leg.agent = signal.agent
    known = calls.offers.get(signal.agent_channel)
    if known is not None:  # the ringing was told before the queue said whose it is
        offer = known[1]
        offer.queue, offer.agent = signal.queue, signal.agent
        if offer not in visit.offers:
            visit.offers += (offer,)
    else:
        calls.add_offer(call, Offer(signal.agent, signal.queue, signal.agent_channel, signal.at), visit)
    _advance(calls, visit, signal)
    customer = call.customer_call
    calls.tell(
        call,
        events.CallDelivered(
            signal.at,
            customer.id,
            signal.agent,
            signal.agent_channel,
            signal.queue,
            max(0.0, signal.at - visit.joined_at),
            signal.number if customer is call else customer.number,
            signal.caller_name if customer is call else customer.caller_name,
            call.passed_by or call.origin_agent,
        ),
    )


def not_answered(calls: Correlation, signal: AgentDidNotAnswer | AgentDumped) -> None:
    found = _offer(calls, signal.agent_channel, signal.channel, signal)
    if found is not None and found[1].hear(signal):
        calls.tell_diverted(signal.at, *found)


def _offer(
    calls: Correlation,
    rung_channel: ChannelId | None,
    channel: ChannelId,
    signal: AgentDidNotAnswer | AgentDumped,
) -> tuple[Call, Offer] | None:
    if rung_channel is not None:
        return calls.offers.get(rung_channel)
    entry = calls.visits.get(channel)
    if entry is None:
        return None
    for offer in reversed(entry[1].offers):
        if offer.agent == signal.agent:
            return entry[0], offer
    return None


def answered(calls: Correlation, signal: AgentAnswered) -> None:
    entry = _known(calls, signal, signal.channel, signal.linked, signal.at - signal.waited)
    if entry is None:
        calls.unexpected(signal.at, "closed", type(signal))
        return
    call, visit = entry
    if visit.state is VisitState.ANSWERED and visit.agent == signal.agent:
        return  # a snapshot has shown it already
    if _advance(calls, visit, signal) is not VisitState.ANSWERED:
        return
    calls.roster.learn(signal.agent, signal.interface)
    visit.agent = signal.agent
    calls.answered[signal.queue, signal.agent] = entry
    if signal.agent_channel is not None:
        known = calls.offers.get(signal.agent_channel)
        if known is not None:
            known[1].hear(signal)
        _converse(calls, call, visit, signal, signal.agent_channel)
    calls.decide(signal.at, call, visit, Outcome.ANSWERED)
    calls.tell(
        call,
        events.CallEstablished(
            signal.at,
            call.customer_call.id,
            signal.agent,
            signal.agent_channel,
            signal.queue,
            signal.at - visit.joined_at,
            signal.rang,
            call.tier,
        ),
    )


def _converse(
    calls: Correlation, call: Call, visit: Visit, signal: AgentAnswered, agent_channel: ChannelId
) -> None:
    leg = calls.leg(signal.at, agent_channel, signal.agent_channel_name or "", signal.linked)
    if leg is None:
        return
    leg.agent = signal.agent
    running = calls.segments.get(agent_channel)
    present = running[1] if running is not None else None
    if present is None and leg.name.startswith("Local/"):
        present = call.segment_of(signal.agent)  # the telephone behind the Local leg
    if present is not None:  # bridged before the queue said so
        visit.segment, present.queue = present, signal.queue
        return
    visit.segment = Segment(signal.agent, agent_channel, leg.name, signal.queue, signal.at)
    calls.add_segment(call, visit.segment)


def finished(calls: Correlation, signal: AgentFinished) -> None:
    entry = _served(calls, signal)
    if entry is None:
        calls.unexpected(signal.at, "closed", type(signal))
        return
    call, visit = _meant(calls, entry, signal)
    if visit.waiting:  # the answer came before we listened
        visit.agent = signal.agent
        calls.decide(visit.joined_at + signal.waited, call, visit, Outcome.ANSWERED)
    following = _advance(calls, visit, signal)
    if following is None:
        return
    calls.answered.pop((signal.queue, signal.agent), None)
    visit.state, visit.ended_by, visit.ended_at = following, signal.reason, signal.at
    visit.switch_talked = signal.talked
    if signal.reason == "transfer" and visit.segment is not None:
        visit.segment.transferred = True


def _meant(calls: Correlation, entry: tuple[Call, Visit], signal: AgentFinished) -> tuple[Call, Visit]:
    """A caller we knew to wait may have been served, passed on and queued again while we heard nothing."""
    call, visit = entry
    joined_at = signal.at - signal.talked - signal.waited
    leg = calls.connections.get(visit.channel)
    if not visit.waiting or leg is None or joined_at - visit.joined_at <= SAME_VISIT:
        return entry
    calls.decide(joined_at, call, visit, Outcome.LOST)
    later = _visit(calls, leg, signal.queue, joined_at)
    later.number, later.joined_seen = visit.number, False
    return call, later


def _served(calls: Correlation, signal: AgentFinished) -> tuple[Call, Visit] | None:
    """The visit this agent served: by the caller's leg if the switch still names it, else by queue and agent."""
    if signal.channel is not None:
        leg = calls.connections.get(signal.channel)
        call = leg.call if leg is not None else calls.closed_call(signal.channel)
        visit = None if call is None else call.visit_of(signal.queue, signal.agent)
        if call is not None and visit is not None:
            return call, visit
    served = calls.answered.get((signal.queue, signal.agent))
    if served is not None:
        return served
    if signal.channel is None or signal.linked is None:
        return None
    return _known(calls, signal, signal.channel, signal.linked, signal.at - signal.talked - signal.waited)
