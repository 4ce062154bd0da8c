"""Whom to show what, when, and when to take it away.

A pop belongs to one agent and one call: shown when the phone rings, confirmed on the answer, withdrawn when somebody
else answers or the caller leaves, ended with the conversation. Its id is made of both, so showing it twice shows it once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cti.domain import events
from cti.domain.identifiers import AgentId, CallId, ChannelId, CustomerId, QueueName, Tier
from cti.domain.records import OfferResult


class PopState(StrEnum):
    """What the agent sees."""

    RINGING = "ringing"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


P = PopState
POP_STEPS: Mapping[PopState, Mapping[type, PopState]] = {
    P.RINGING: {
        events.CallEstablished: P.ANSWERED,
        events.CallDiverted: P.WITHDRAWN,
        events.CallCleared: P.WITHDRAWN,
        events.CallAbandoned: P.WITHDRAWN,
    },
    P.ANSWERED: {events.SegmentEnded: P.ENDED, events.CallCleared: P.ENDED},
    P.WITHDRAWN: {events.CallDelivered: P.RINGING, events.CallEstablished: P.ANSWERED},
    P.ENDED: {events.CallDelivered: P.RINGING},
}
"""An agent may be rung again for the same call: the same pop comes back."""

WITHDRAWN_BECAUSE: Mapping[OfferResult, str] = {
    OfferResult.RING_NO_ANSWER: "not_answered",
    OfferResult.BUSY: "busy",
    OfferResult.CANCELLED: "answered_elsewhere_or_gone",
}


@dataclass(slots=True)
class Profile:
    """What is known of a caller when the pop is made; more may come while it is open."""

    customer: CustomerId | None = None
    name: str | None = None
    tier: Tier | None = None
    tier_source: str = "unknown"
    details: Mapping[str, Any] | None = None
    contacts: Sequence[Mapping[str, Any]] = ()
    position_note: Mapping[str, str] | None = None  # why first, by language


@dataclass(slots=True, eq=False)
class Pop:
    """One card on one agent's screen. Times in seconds since 1970."""

    call: CallId
    agent: AgentId
    channel: ChannelId
    shown_at: float  # when the switch said the phone rings
    queue: QueueName | None
    number: str | None
    caller_name: str | None
    waited: float | None
    passed_by: AgentId | None
    state: PopState = PopState.RINGING
    reason: str = ""
    acknowledged_at: float | None = None

    @property
    def id(self) -> str:
        return f"{self.call}/{self.agent}"

    @property
    def open(self) -> bool:
        return self.state in (PopState.RINGING, PopState.ANSWERED)

    def hear(self, event: type) -> bool:
        """Advance by the table; True when the state changed."""
        following = POP_STEPS[self.state].get(event)
        if following is None or following is self.state:
            return False
        self.state = following
        return True

    def card(self, profile: Profile) -> dict[str, Any]:
        """The pop as screens receive it."""
        customer = None
        if profile.customer is not None:
            customer = {"id": profile.customer, "name": profile.name, **(profile.details or {})}
        return {
            "id": self.id,
            "call": self.call,
            "agent": self.agent,
            "state": self.state.value,
            "reason": self.reason,
            "at": self.shown_at,
            "tier": profile.tier.value if profile.tier is not None else None,
            "tier_source": profile.tier_source,
            "customer": customer,
            "name": profile.name or self.caller_name,
            "number": self.number,
            "queue": self.queue,
            "waited_seconds": self.waited,
            "position_note": profile.position_note,
            "passed_by": self.passed_by,
            "contacts": profile.contacts,
        }
