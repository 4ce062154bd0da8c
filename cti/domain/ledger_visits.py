"""A visit as the switch's ledger tells it: while it lasts, and as the entry that is compared with our own records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cti.domain.identifiers import AgentId, ChannelId, PbxName, QueueName, call_id
from cti.domain.records import OfferRecord, OfferResult, Outcome, VisitRecord

MOST_OFFERS = 100
"""Ring attempts remembered of one visit; a caller nobody answers for hours gathers many."""


class PassedOn(NamedTuple):
    """A transfer that ended a conversation. `to`: where its line says so, an extension or a queue."""

    kind: str  # blind, attended
    to: str | None


class LedgerEntry(NamedTuple):
    """What the ledger knows of one visit. Times to the second unless a database wrote them; durations in seconds.

    `callids` are all ids its lines carried, its own first. `settled_at` None: no line has ended it yet.
    """

    pbx: PbxName
    uniqueid: ChannelId
    number_in_call: int
    nth_in_second: int  # 1, unless the same channel joined more than once in one second
    queue: QueueName
    joined_at: float
    callids: tuple[ChannelId, ...]
    caller_number: str | None
    original_position: int | None
    outcome: Outcome | None
    outcome_at: float | None
    wait_seconds: float | None
    agent: AgentId | None
    agent_channel: ChannelId | None
    talk_seconds: float | None  # hold inside
    ended_at: float | None
    ended_by: str | None
    settled_at: float | None
    offers: tuple[OfferRecord, ...]
    passed_on: PassedOn | None = None

    @property
    def key(self) -> tuple[str, int, int]:
        """The same from the file and from the database, which writes microseconds."""
        return self.uniqueid, int(self.joined_at), self.nth_in_second

    def visit(self) -> VisitRecord:
        """As a record of ours; who the customer is, the ledger does not know."""
        return VisitRecord(
            call=call_id(self.pbx, self.uniqueid),
            pbx=self.pbx,
            uniqueid=self.uniqueid,
            number_in_call=self.number_in_call,
            queue=self.queue,
            tier=None,
            joined_at=self.joined_at,
            original_position=self.original_position,
            outcome=self.outcome,
            outcome_at=self.outcome_at,
            wait_seconds=self.wait_seconds,
            agent=self.agent,
            talk_seconds=self.talk_seconds,
            hold_seconds=None,
            ended_at=self.ended_at,
            ended_by=self.ended_by,
            caller_number=self.caller_number,
        )


@dataclass(slots=True, eq=False)
class LedgerVisit:
    """One stay in one queue, as far as the ledger has told."""

    uniqueid: ChannelId
    queue: QueueName
    number_in_call: int
    joined_at: float
    caller_number: str | None
    original_position: int | None
    nth_in_second: int = 1
    outcome: Outcome | None = None
    outcome_at: float | None = None
    waited: float | None = None
    agent: AgentId | None = None
    agent_channel: ChannelId | None = None
    talked: float | None = None
    ended_at: float | None = None
    ended_by: str | None = None
    incompatible: bool = False  # no common codec: the hang-up that follows was not the caller's wish
    settled_at: float | None = None
    others: list[ChannelId] = field(default_factory=list)  # callids it was moved to
    offers: list[OfferRecord] = field(default_factory=list)
    passed_on: PassedOn | None = None

    def moved(self, callid: ChannelId) -> None:
        """A line spoke of it under this id."""
        if callid != self.uniqueid and callid not in self.others:
            self.others.append(callid)

    def offered(self, offer: OfferRecord) -> None:
        if len(self.offers) < MOST_OFFERS:
            self.offers.append(offer)

    def entry(self, pbx: PbxName) -> LedgerEntry:
        return LedgerEntry(
            pbx,
            self.uniqueid,
            self.number_in_call,
            self.nth_in_second,
            self.queue,
            self.joined_at,
            (self.uniqueid, *self.others),
            self.caller_number,
            self.original_position,
            self.outcome,
            self.outcome_at,
            self.waited,
            self.agent,
            self.agent_channel,
            self.talked,
            self.ended_at,
            self.ended_by,
            self.settled_at,
            tuple(self.offers),
            self.passed_on,
        )

    def memento(self) -> dict[str, Any]:
        """All of it as JSON takes it."""
        told = {name: getattr(self, name) for name in self.__slots__}
        del told["passed_on"]  # it comes with the line that ends the visit
        return {**told, "offers": [list(offer) for offer in self.offers], "others": list(self.others)}

    @classmethod
    def from_memento(cls, told: Mapping[str, Any]) -> "LedgerVisit":
        outcome = Outcome(told["outcome"]) if told["outcome"] else None
        offers = [offer_of(offer) for offer in told["offers"]]
        return cls(**{**told, "outcome": outcome, "offers": offers, "others": list(told["others"])})


def offer_of(told: list[Any]) -> OfferRecord:
    """An offer that went through JSON."""
    queue, agent, rung_at, ended_at, result, rang = told
    return OfferRecord(queue, agent, rung_at, ended_at, OfferResult(result) if result else None, rang)
