"""The calls at one agent's telephone, as far as buttons are concerned. A client never names a leg: it is found here."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from cti.domain.identifiers import AgentId, CallId, QueueName
from cti.domain.journeys import Call
from cti.domain.segments import SegmentState

TRANSFER_CONTEXT = "cti-transfer"
"""Of the shipped dialplan: where whoever is consulted is called."""


class LegState(StrEnum):
    """What the agent's leg does."""

    RINGING = "ringing"  # somebody else rings it
    DIALLING = "dialling"  # the agent calls somebody who has not answered
    TALKING = "talking"
    HELD = "held"


class OwnCall(NamedTuple):
    """A leg of the agent's telephone, and the call it belongs to. `name` is what the switch wants to hear."""

    call: CallId
    name: str
    state: LegState


class WaitingLeg(NamedTuple):
    """A customer who waits in a queue."""

    call: CallId
    queue: QueueName
    name: str


def own_calls(calls: Iterable[Call], agent: AgentId) -> list[OwnCall]:
    """Talked in first, then held, dialled, ringing."""
    found = [
        OwnCall(call.customer_call.id, leg.name, _state(call, leg.channel))
        for call in calls
        for leg in call.connections
        if leg.agent == agent and not leg.name.startswith("Local/")
    ]
    order = [LegState.TALKING, LegState.HELD, LegState.DIALLING, LegState.RINGING]
    return sorted(found, key=lambda own: order.index(own.state))


def _state(call: Call, channel: str) -> LegState:
    segment = next((s for s in call.segments if s.channel == channel and s.open), None)
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


def consulting(peers: Sequence[str]) -> bool:
    """Whether the agent talks to somebody consulted, by the legs in the same bridge."""
    return len(peers) == 1 and peers[0].startswith("Local/") and f"@{TRANSFER_CONTEXT}-" in peers[0]
