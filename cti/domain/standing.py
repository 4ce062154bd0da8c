"""What stands, told as events: so that parts which keep pictures of their own take up a restored state as if it just came."""

from collections.abc import Iterator

from cti.domain import events
from cti.domain.agents import ANNOUNCED, Agent, AgentState
from cti.domain.calls import Calls
from cti.domain.events import Event
from cti.domain.journeys import Call
from cti.domain.records import Outcome
from cti.domain.segments import Segment, SegmentState
from cti.domain.visits import Visit


def standing(calls: Calls) -> Iterator[list[Event]]:
    """Agents first, then each live call in the order of what happened to it: all that belongs together at a time."""
    for agent in calls.roster.agents.values():
        yield list(_agent(agent))
    for call in calls.live.values():
        yield [*_recognised(call), *sorted(_call(call), key=lambda event: event.at)]


def _agent(agent: Agent) -> Iterator[Event]:
    for queue in agent.memberships:
        yield events.AgentLoggedOn(agent.since, agent.id, queue)
    if not agent.memberships:
        return
    if agent.state is AgentState.NOT_READY:
        yield events.AgentNotReady(agent.since, agent.id, agent.reason)
    elif agent.state in ANNOUNCED:
        event: Event = ANNOUNCED[agent.state](agent.since, agent.id)
        yield event


def _recognised(call: Call) -> Iterator[Event]:
    if call.tier is not None:
        yield events.CallerRecognised(
            call.started_at, call.id, call.customer, call.customer_name, call.tier, call.tier_source
        )


def _call(call: Call) -> Iterator[Event]:
    yield events.CallOffered(call.started_at, call.id, call.number, call.caller_name, call.direction)
    for file in call.recordings:
        channel = next((v.uniqueid for v in call.visits if file.startswith(v.uniqueid)), call.first)
        yield events.RecordingStarted(call.started_at, call.id, channel, file)
    for leg in call.connections:
        if leg.muted_at is not None:
            yield events.RecordingPaused(
                leg.muted_at, call.id, leg.channel, leg.file, leg.recorded(leg.muted_at)
            )
    for visit in call.visits:
        yield from _visit(call, visit)
    for offer in call.offers:
        if offer.open:
            customer = call.customer_call
            yield events.CallDelivered(
                offer.rung_at,
                customer.id,
                offer.agent,
                offer.rung,
                offer.queue,
                _waited(call, offer.rung_at),
                customer.number,
                customer.caller_name,
                call.passed_by or call.origin_agent,
            )
    for segment in call.segments:
        yield from _segment(call, segment)


def _waited(call: Call, at: float) -> float | None:
    waiting = [visit for visit in call.visits if visit.waiting]
    return max(0.0, at - waiting[-1].joined_at) if waiting else None


def _visit(call: Call, visit: Visit) -> Iterator[Event]:
    yield events.CallQueued(
        visit.joined_at,
        call.id,
        visit.channel,
        visit.channel_name,
        visit.queue,
        visit.position or 0,
        visit.number or call.number,
        call.caller_name,
    )
    if visit.outcome is not None and visit.outcome_at is not None:
        yield events.VisitEnded(visit.outcome_at, call.id, call.visit_record(visit))


def _segment(call: Call, segment: Segment) -> Iterator[Event]:
    customer = call.told_of(segment.agent)
    visit = next((visit for visit in call.visits if visit.segment is segment), None)
    answered = visit is not None and visit.outcome is Outcome.ANSWERED
    waited = call.visit_record(visit).wait_seconds if visit is not None and answered else None
    if segment.agent != call.origin_agent:  # whose telephone did not ring: he dialled
        yield events.CallDelivered(
            segment.began_at,
            customer.id,
            segment.agent,
            segment.channel,
            segment.queue,
            waited,
            customer.number,
            customer.caller_name,
            call.passed_by or call.origin_agent,
        )
    yield events.CallEstablished(
        segment.began_at,
        customer.id,
        segment.agent,
        segment.channel,
        segment.queue,
        waited,
        None,
        customer.tier,
    )
    if segment.state is SegmentState.HOLDING:
        yield events.CallHeld(segment.since, call.id, segment.agent)
    if not segment.open and segment.ended_at is not None:
        yield events.SegmentEnded(segment.ended_at, customer.id, call.segment_record(segment))
