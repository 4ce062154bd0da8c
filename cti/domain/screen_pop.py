"""Whom to show what, when, and when to take it away.

A pop belongs to one agent and one call: shown when the phone rings, confirmed on the answer, withdrawn when somebody
else answers or the caller leaves, ended with the conversation. Its id is made of both, so showing it twice shows it once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cti.domain import events
from cti.domain.identifiers import AgentId, CallId, CustomerId, QueueName, Tier
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

    known: bool = False  # who it is, or that it is nobody we know
    customer: CustomerId | None = None
    name: str | None = None
    tier: Tier | None = None
    tier_source: str = "unknown"
    tier_reason: Mapping[str, Any] | None = None  # of its last change
    details: Mapping[str, Any] | None = None
    contacts: Sequence[Mapping[str, Any]] | None = None  # None: not read yet
    unreadable: bool = False  # what the database would tell: it did not answer
    matters: Sequence[Mapping[str, Any]] = ()  # what is owed to him
    satisfaction: Mapping[str, Any] | None = None  # as he said when he was last asked
    position_note: Mapping[str, str] | None = None  # why first, by language
    promised_at: float | None = None
    dialled: str | None = None


@dataclass(slots=True, eq=False)
class Pop:
    """One card on one agent's screen. Times in seconds since 1970."""

    call: CallId
    agent: AgentId
    callee: str | None = None  # the number of the agent's own telephone
    shown_at: float = 0.0  # when the switch said the phone rings
    queue: QueueName | None = None
    number: str | None = None
    caller_name: str | None = None
    waited: float | None = None
    passed_by: AgentId | None = None
    state: PopState = PopState.RINGING
    reason: str = ""
    acknowledged_at: float | None = None

    @property
    def id(self) -> str:
        return f"{self.call}/{self.agent}"

    @property
    def open(self) -> bool:
        return self.state in (PopState.RINGING, PopState.ANSWERED)

    def ring(self, event: events.CallDelivered) -> None:
        """The phone rings, for the first time or again: maybe from another queue, or passed on by a colleague."""
        self.shown_at = event.at
        self.queue, self.waited, self.passed_by = event.queue, event.waited, event.passed_by
        self.number, self.caller_name = event.number, event.caller_name
        self.reason, self.acknowledged_at = "", None

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
            "known": profile.known,
            "tier": profile.tier.value if profile.tier is not None else None,
            "tier_source": profile.tier_source,
            "tier_reason": profile.tier_reason,
            "customer": customer,
            "name": profile.name or self.caller_name,
            "number": self.number,
            "queue": self.queue,
            "dialled": profile.dialled,
            "promised_at": profile.promised_at,
            "waited_seconds": self.waited,
            "position_note": profile.position_note,
            "passed_by": self.passed_by,
            "callee": self.callee,
            "contacts": profile.contacts,
            "matters": profile.matters,
            "satisfaction": profile.satisfaction,
            "unreadable": profile.unreadable,
        }
