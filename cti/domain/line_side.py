"""What the legs themselves tell: opening, ringing, bridging, holding, transferring, closing. One function a signal."""

from cti.domain import events
from cti.domain.correlation import SUPERVISING, Correlation
from cti.domain.identifiers import AgentId
from cti.domain.journeys import Call, Connection
from cti.domain.records import Outcome, TransferRecord
from cti.domain.segments import Segment, SegmentState
from cti.domain.signals import (
    AttendedTransferred,
    BlindTransferred,
    BridgeJoined,
    BridgeLeft,
    CallerIdentified,
    ChannelClosed,
    ChannelHeld,
    ChannelOpened,
    ChannelRetrieved,
    PartyRung,
    PauseAsked,
    RecordingMuted,
    RecordingNamed,
    RingEnded,
    SpyingStarted,
    SpyingStopped,
)
from cti.domain.visits import Offer, OfferState, VisitState


def opened(calls: Correlation, signal: ChannelOpened) -> None:
    if calls.leg(*signal) is None and not signal.channel.startswith(SUPERVISING):
        calls.unexpected(signal.at, "closed", type(signal))


def identified(calls: Correlation, signal: CallerIdentified) -> None:
    leg = calls.connections.get(signal.channel)
    if leg is None or (leg.call.number is not None and leg.channel != leg.call.first):
        return
    if leg.agent is None or leg.call.origin_agent is not None:
        leg.call.number = signal.number or leg.call.number
        leg.call.caller_name = signal.caller_name or leg.call.caller_name


def closed(calls: Correlation, signal: ChannelClosed) -> None:
    leg = calls.connections.get(signal.channel)
    if leg is None:
        return  # its call began before we listened and told us nothing else
    call = leg.call
    _sounds_again(calls, leg, signal.at, ended=True)
    running = calls.segments.get(signal.channel)
    if running is not None and running[1].open:
        calls.end_segment(signal.at, *running)
    ringing = calls.offers.get(signal.channel)
    if ringing is not None and ringing[1].cancel(signal.at):
        calls.tell_diverted(signal.at, *ringing)
    entry = calls.visits.get(signal.channel)
    if entry is not None and entry[1].waiting:
        visit = entry[1]
        calls.decide(
            visit.outcome_at or signal.at, call, visit, visit.unserved_outcome(ChannelClosed, signal.at)
        )
    calls.close_leg(signal.at, leg)


def party_rung(calls: Correlation, signal: PartyRung) -> None:
    leg = calls.leg(signal.at, signal.rung, signal.rung_name, signal.rung_linked)
    if leg is None or leg.agent is None or signal.rung in calls.offers:
        return
    call, customer = leg.call, leg.call.customer_call
    if any(offer.open and offer.agent == leg.agent for offer in call.offers):
        return  # the telephone behind a Local leg that rings already
    calls.add_offer(call, Offer(leg.agent, None, signal.rung, signal.at), None)
    passed_by = call.passed_by or call.origin_agent
    calls.tell(
        customer,
        events.CallDelivered(
            signal.at,
            customer.id,
            leg.agent,
            signal.rung,
            None,
            None,
            customer.number,
            customer.caller_name,
            passed_by,
        ),
    )


def ring_ended(calls: Correlation, signal: RingEnded) -> None:
    entry = calls.offers.get(signal.rung)
    if entry is not None and entry[1].hear(signal) and not entry[1].open:
        calls.tell_diverted(signal.at, *entry)


def bridge_joined(calls: Correlation, signal: BridgeJoined) -> None:
    leg = calls.leg(signal.at, signal.channel, signal.name, signal.linked)
    if leg is None:
        calls.unexpected(signal.at, "closed", type(signal))
        return
    if leg.bridged_at is None:
        leg.bridged_at = signal.at
    other = calls.links.get(signal.linked)
    if other is not None and other is not leg.call:
        calls.unite(signal.at, other, leg.call)
    _take_place(calls, leg, signal)
    entry = calls.visits.get(signal.channel)
    if entry is not None and entry[1].waiting and entry[1].state is VisitState.GIVING_UP:  # talks elsewhere
        calls.decide(entry[1].outcome_at or signal.at, *entry, Outcome.TRANSFERRED_OUT)
    running = calls.segments.get(signal.channel)
    if running is None:
        agent = leg.agent or calls.roster.owner(signal.name)
        if agent is not None:
            _converse(calls, leg, agent, signal)
        return
    if not running[1].hear(signal.at, BridgeJoined):
        calls.unexpected(signal.at, running[1].state.value, BridgeJoined)


def _take_place(calls: Correlation, leg: Connection, signal: BridgeJoined) -> None:
    """A leg that swaps into a bridge goes on with the segment of the one it replaces, if it is the same agent's."""
    replaced = calls.segments.get(signal.swapped) if signal.swapped is not None else None
    if replaced is None:
        return
    segment = replaced[1]
    owner = leg.agent or calls.roster.owner(leg.name)
    if owner == segment.agent or (owner is None and segment.through_local):
        calls.move_segment(segment, leg.channel, leg.name)


def _converse(calls: Correlation, leg: Connection, agent: AgentId, signal: BridgeJoined) -> None:
    """An agent's own telephone is through, without a queue having said so."""
    leg.agent = agent
    call = leg.call
    present = call.segment_of(agent)
    if present is not None:
        if present.through_local and not leg.name.startswith("Local/"):
            calls.move_segment(present, leg.channel, leg.name)
        return
    segment = Segment(agent, leg.channel, leg.name, None, signal.at)
    calls.add_segment(call, segment)
    segment.hear(signal.at, BridgeJoined)
    ringing = calls.offers.get(leg.channel)
    if ringing is not None:
        ringing[1].step(signal.at, OfferState.CONNECTED)
    told_of = call.told_of(agent)
    calls.tell(
        told_of,
        events.CallEstablished(signal.at, told_of.id, agent, leg.channel, None, None, None, told_of.tier),
    )


def bridge_left(calls: Correlation, signal: BridgeLeft) -> None:
    leg = calls.connections.get(signal.channel)
    if leg is not None:
        leg.sound, leg.bridged_at = leg.recorded(signal.at) or 0.0, None
    running = calls.segments.get(signal.channel)
    if running is not None:
        running[1].hear(signal.at, BridgeLeft)


def held(calls: Correlation, signal: ChannelHeld | ChannelRetrieved) -> None:
    running = calls.segments.get(signal.channel)
    if running is None:
        return
    call, segment = running
    before = segment.state
    if not segment.hear(signal.at, type(signal)):
        calls.unexpected(signal.at, before.value, type(signal))
    elif segment.state is not before:
        told = events.CallHeld if segment.state is SegmentState.HOLDING else events.CallRetrieved
        calls.tell(call, told(signal.at, call.id, segment.agent))


def blind_transferred(calls: Correlation, signal: BlindTransferred) -> None:
    leg = calls.connections.get(signal.transferer)
    if leg is None:
        return
    result = "success" if signal.succeeded else "failed"
    _transferred(calls, leg.call, signal.at, "blind", leg.agent, signal.exten, result)
    running = calls.segments.get(signal.transferer)
    if running is not None and signal.succeeded:
        running[1].transferred = True


def attended_transferred(calls: Correlation, signal: AttendedTransferred) -> None:
    leg = calls.connections.get(signal.transferer)
    consulting = calls.connections.get(signal.second_transferer)
    if signal.succeeded and signal.kind == "App" and signal.transferee is not None:
        calls.move_visit(signal.second_transferer, signal.transferee)
    if leg is None:
        if signal.succeeded and signal.kind != "Threeway" and consulting is not None:
            _asked_only(calls, signal)
        return
    call = leg.call
    result = "success" if signal.succeeded else "failed"
    target = calls.connections.get(signal.target) if signal.target is not None else None
    to = target.agent if target is not None else None
    if signal.succeeded and signal.kind != "Threeway" and consulting is not None:
        consultation = consulting.call
        if to is None:
            to = next((s.agent for s in consultation.segments if s.agent != leg.agent and s.open), None)
        if consulting is not leg:  # asked on the very leg he talks on, it is no other
            calls.drop_segment(signal.second_transferer)
        calls.merge(signal.at, call, consultation)
        running = calls.segments.get(signal.transferer)
        if running is not None:
            running[1].transferred = True
    _transferred(calls, call, signal.at, "attended", leg.agent, to or signal.application, result)


def _asked_only(calls: Correlation, signal: AttendedTransferred) -> None:
    """By which leg he talked with the customer was not heard: by the one he asked on, he did not."""
    asking = calls.segments.get(signal.second_transferer)
    if asking is not None:
        if asking[1].open:  # nothing else will tell that he is free
            calls.end_segment(signal.at, *asking)
        calls.drop_segment(signal.second_transferer)


def _transferred(
    calls: Correlation, call: Call, at: float, kind: str, agent: AgentId | None, to: str | None, result: str
) -> None:
    call.passed_by = agent
    call.transfers += (TransferRecord(at, kind, agent, to, result),)
    calls.tell(call, events.CallTransferred(at, call.id, kind, agent, to, result == "success"))


def recording_named(calls: Correlation, signal: RecordingNamed) -> None:
    leg = calls.connections.get(signal.channel)
    if leg is None or signal.file in leg.call.recordings:
        return
    _sounds_again(calls, leg, signal.at, ended=True)
    leg.file, leg.sound = signal.file, 0.0
    if leg.bridged_at is not None:
        leg.bridged_at = signal.at
    leg.call.recordings += (signal.file,)
    calls.tell(leg.call, events.RecordingStarted(signal.at, leg.call.id, signal.channel, signal.file))


def recording_muted(calls: Correlation, signal: RecordingMuted) -> None:
    leg = calls.connections.get(signal.channel)
    if leg is None:
        return
    if not signal.muted:
        _sounds_again(calls, leg, signal.at, ended=False)
    elif leg.muted_at is None:
        leg.muted_at = signal.at
        paused = events.RecordingPaused(
            signal.at, leg.call.id, leg.channel, leg.file, leg.recorded(signal.at)
        )
        calls.tell(leg.call, paused)


def _sounds_again(calls: Correlation, leg: Connection, at: float, *, ended: bool) -> None:
    """`ended`: because nothing more comes into this file."""
    if leg.muted_at is None:
        return
    leg.muted_at = None
    resumed = events.RecordingResumed(at, leg.call.id, leg.channel, leg.file, leg.recorded(at), ended)
    calls.tell(leg.call, resumed)


def pause_asked(calls: Correlation, signal: PauseAsked) -> None:
    leg = calls.connections.get(signal.channel)
    if leg is not None:
        asked = events.RecordingPauseAsked(signal.at, leg.call.id, leg.channel, leg.name, signal.paused)
        calls.tell(leg.call, asked)


def spying(calls: Correlation, signal: SpyingStarted | SpyingStopped) -> None:
    """Only what we asked for has an id like that; what others do with the switch is theirs."""
    if signal.channel.startswith(SUPERVISING):
        started = isinstance(signal, SpyingStarted)
        kind = events.SupervisionStarted if started else events.SupervisionEnded
        calls.note(kind(signal.at, signal.channel))
