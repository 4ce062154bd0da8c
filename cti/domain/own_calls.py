"""The calls at one agent's telephone, as far as buttons are concerned. A client never names a leg: it is found here."""

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from cti.domain.identifiers import AgentId, CallId, ChannelId, QueueName
from cti.domain.journeys import Call, Connection
from cti.domain.segments import Segment, SegmentState

TRANSFER_CONTEXT = "cti-transfer"
"""Of the shipped dialplan: where whoever is consulted is called."""


class LegState(StrEnum):
    """What the agent's leg does."""

    RINGING = "ringing"  # somebody else rings it
    DIALLING = "dialling"  # the agent calls somebody who has not answered
    TALKING = "talking"
    HELD = "held"


_SHOWN_FIRST = (LegState.TALKING, LegState.HELD, LegState.DIALLING, LegState.RINGING)


class Company(StrEnum):
    """With whom the agent talks."""

    ONE = "one"  # whoever the call is about
    CONSULTED = "consulted"  # somebody who is asked, while the customer hears music
    BOTH = "both"


class OwnCall(NamedTuple):
    """A leg of the agent's telephone, and the call it belongs to. `name` is what the switch wants to hear."""

    call: CallId
    name: str
    state: LegState
    number: str | None = None  # at the other end, as the switch tells it
    caller_name: str | None = None
    made: bool = False  # the agent called
    since: float | None = None  # seconds since 1970; when the two were through
    recorded: bool = False
    paused_since: float | None = None  # the recording is silent since then


class RecordedLeg(NamedTuple):
    """A leg that is recorded. `name` is what the switch wants to hear, `paused_at` since when it records silence."""

    call: CallId
    channel: ChannelId
    name: str
    paused_at: float | None


class WaitingLeg(NamedTuple):
    """A customer who waits in a queue."""

    call: CallId
    queue: QueueName
    name: str


def own_calls(calls: Iterable[Call], agents: Collection[AgentId]) -> dict[AgentId, list[OwnCall]]:
    """Of each of these agents: talked in first, then held, dialled, ringing."""
    found: dict[AgentId, list[OwnCall]] = {agent: [] for agent in agents}
    for call in calls:
        for leg in call.connections:
            if leg.agent in found and not leg.name.startswith("Local/"):
                found[leg.agent].append(_own(call, leg, leg.agent))
    return {
        agent: sorted(some, key=lambda own: _SHOWN_FIRST.index(own.state)) for agent, some in found.items()
    }


def _own(call: Call, leg: Connection, agent: AgentId) -> OwnCall:
    customer = call.customer_call
    segment = next((s for s in call.segments if s.channel == leg.channel and s.open), None)
    made = customer.origin_agent == agent
    colleague = next((other.agent for other in call.connections if other.agent not in {None, agent}), None)
    return OwnCall(
        customer.id,
        leg.name,
        _state(call, leg.channel, segment),
        colleague if made and colleague else customer.number,
        customer.caller_name,
        made,
        None if segment is None else segment.began_at,
        *_recording(customer),
    )


def _recording(call: Call) -> tuple[bool, float | None]:
    legs = recorded_legs(call)
    return bool(legs), min((leg.paused_at for leg in legs if leg.paused_at is not None), default=None)


def recorded_legs(call: Call) -> list[RecordedLeg]:
    """Those that last."""
    return [
        RecordedLeg(call.id, leg.channel, leg.name, leg.muted_at)
        for leg in call.connections
        if leg.file is not None
    ]


def _state(call: Call, channel: str, segment: Segment | None) -> LegState:
    if segment is not None:
        return LegState.HELD if segment.state is SegmentState.HOLDING else LegState.TALKING
    rings = any(offer.rung == channel and offer.open for offer in call.offers)
    return LegState.RINGING if rings else LegState.DIALLING


def waiting_leg(call: Call) -> WaitingLeg | None:
    """Where the customer of this call waits; None when nobody waits."""
    visit = next((visit for visit in reversed(call.visits) if visit.waiting), None)
    if visit is None:
        return None
    name = next((leg.name for leg in call.connections if leg.channel == visit.channel), "")
    return WaitingLeg(call.id, visit.queue, name) if name else None


def company(peers: Sequence[str]) -> Company:
    """Whom the agent talks to, by the legs in the same bridge."""
    if len(peers) > 1:
        return Company.BOTH
    asked = peers and peers[0].startswith("Local/") and f"@{TRANSFER_CONTEXT}-" in peers[0]
    return Company.CONSULTED if asked else Company.ONE
