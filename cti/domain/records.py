"""What is kept of a call: the facts the journal stores, the KPIs count and `cti replay` prints."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from cti.domain.identifiers import AgentId, CallId, ChannelId, CustomerId, PbxName, QueueName, Tier


class Outcome(StrEnum):
    """How a queue visit ended: exactly one of these."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"  # the caller hung up
    ABANDONED_ANNOUNCE = "abandoned_announce"  # … after an agent picked up, before they were bridged
    TIMEOUT = "timeout"
    LEAVE_EMPTY = "leave_empty"
    KEY_EXIT = "key_exit"
    WITHDRAWN = "withdrawn"
    SYSCOMPAT = "syscompat"
    LOST = "lost"  # restart or gap: what happened cannot be known
    TRANSFERRED_OUT = "transferred_out"  # redirected while waiting


class OfferResult(StrEnum):
    """How one ring attempt at one agent ended."""

    CONNECTED = "connected"
    RING_NO_ANSWER = "ring_no_answer"
    BUSY = "busy"
    CANCELLED = "cancelled"  # answered elsewhere, or the caller left


class Direction(StrEnum):
    """Seen from the call centre."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class OfferRecord(NamedTuple):
    """One ring attempt: visit x member x attempt. Times in seconds since 1970, durations in seconds."""

    queue: QueueName | None
    agent: AgentId
    rung_at: float
    ended_at: float | None
    result: OfferResult | None
    ring_seconds: float | None


class VisitRecord(NamedTuple):
    """One queue join to its end. `uniqueid` is the callid of the switch's ENTERQUEUE line."""

    call: CallId
    pbx: PbxName
    uniqueid: ChannelId
    number_in_call: int  # 1, 2 … in order of joining
    queue: QueueName
    tier: Tier | None
    joined_at: float
    original_position: int | None
    outcome: Outcome | None
    outcome_at: float | None  # when it was answered, or left
    wait_seconds: float | None
    agent: AgentId | None
    talk_seconds: float | None
    hold_seconds: float | None
    ended_at: float | None
    ended_by: str | None  # caller, agent, transfer
    caller_number: str | None


class SegmentRecord(NamedTuple):
    """One agent's time in the conversation. `talk_seconds` excludes `hold_seconds`."""

    call: CallId
    pbx: PbxName
    agent: AgentId
    channel: ChannelId
    queue: QueueName | None  # None: reached by transfer or dialled out
    tier: Tier | None
    began_at: float
    ended_at: float | None
    talk_seconds: float
    hold_seconds: float
    hold_count: int
    transferred: bool  # the agent passed the customer on
    wrap_up_seconds: float | None  # None until the after-call work ended
    direction: Direction


class TransferRecord(NamedTuple):
    at: float
    kind: str  # blind, attended
    from_agent: str | None
    to: str | None
    result: str


class BlockedRecord(NamedTuple):
    """The queue refused the call: not a visit."""

    at: float
    queue: QueueName | None
    reason: str  # FULL, JOINEMPTY, JOINUNAVAIL


class TimelineEntry(NamedTuple):
    """One line of a call's story; `what` is an event's name."""

    at: float
    what: str
    detail: str


class CallRecord(NamedTuple):
    """The whole journey as it stands."""

    call: CallId
    pbx: PbxName
    uniqueid: ChannelId
    direction: Direction
    state: str
    caller_number: str | None
    caller_name: str | None
    customer: CustomerId | None
    tier: Tier | None
    started_at: float
    ended_at: float | None
    visits: tuple[VisitRecord, ...]
    offers: tuple[OfferRecord, ...]
    segments: tuple[SegmentRecord, ...]
    transfers: tuple[TransferRecord, ...]
    blocked: tuple[BlockedRecord, ...]
    recordings: tuple[str, ...]
    timeline: tuple[TimelineEntry, ...]

    @property
    def last_queue(self) -> QueueName | None:
        """Of the last visit, or the queue that refused the call."""
        if self.visits:
            return self.visits[-1].queue
        return self.blocked[-1].queue if self.blocked else None


class Lasting(NamedTuple):
    """A call that still lasts, as far as the ledger may speak of it."""

    visits: Sequence[VisitRecord]
    legs: Sequence[ChannelId] = ()  # of its conversations


def agents_of(call: CallRecord) -> frozenset[AgentId]:
    """Whose call it is: of those who talked in it, or while nobody has, of those it rings at. Else it is nobody's."""
    talked = frozenset(segment.agent for segment in call.segments)
    return talked or frozenset(offer.agent for offer in call.offers if offer.ended_at is None)
