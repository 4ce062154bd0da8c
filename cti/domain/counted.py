"""Which visits and conversations stand behind a number: the same rules that count them, asked the other way round."""

from enum import StrEnum
from typing import NamedTuple

from cti.domain.identifiers import AgentId, QueueName, Tier
from cti.domain.metering import UNKNOWN_TIER
from cti.domain.records import Direction, Outcome, SegmentRecord, VisitRecord
from cti.domain.tallies import ABANDONED, FLOWED_OUT, milliseconds, waited_ms
from cti.domain.targets import KpiPolicy


class Each(StrEnum):
    """What a row stands for; a call may have several of each."""

    VISIT = "visit"
    SEGMENT = "segment"
    BLOCKED = "blocked"


class Fate(StrEnum):
    """What became of a visit, as the key figures count it."""

    WAITING = "waiting"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    FLOWED_OUT = "flowed_out"
    LOST = "lost"


class Waited(StrEnum):
    """Held against the target of the visit's queue and tier, in force when it joined."""

    WITHIN = "within"
    BEYOND = "beyond"


class Wanted(NamedTuple):
    """What rows must be like; None: whatever. `tier` may be "unknown"."""

    queue: QueueName | None = None
    agent: AgentId | None = None
    tier: str | None = None
    outcome: Outcome | None = None
    fate: Fate | None = None
    waited: Waited | None = None

    def visit(self, visit: VisitRecord, policy: KpiPolicy, now: float) -> bool:
        return (
            self.place(visit.queue, visit.tier)
            and self.agent in (None, visit.agent)
            and self.outcome in (None, visit.outcome)
            and self.fate in (None, fate(visit))
            and self.waited in (None, waited(visit, policy, now))
        )

    def segment(self, segment: SegmentRecord) -> bool:
        """Of those that are counted as handled: inbound ones that ended."""
        return (
            segment.ended_at is not None
            and segment.direction is Direction.INBOUND
            and self.place(segment.queue, segment.tier)
            and self.agent in (None, segment.agent)
        )

    def place(self, queue: QueueName | None, tier: Tier | None) -> bool:
        return self.queue in (None, queue) and self.tier in (None, tier or UNKNOWN_TIER)


def fate(visit: VisitRecord) -> Fate:
    outcome = visit.outcome
    if outcome is None:
        return Fate.WAITING
    if outcome is Outcome.ANSWERED:
        return Fate.ANSWERED
    if outcome in ABANDONED:
        return Fate.ABANDONED
    return Fate.FLOWED_OUT if outcome in FLOWED_OUT else Fate.LOST


def waited(visit: VisitRecord, policy: KpiPolicy, now: float) -> Waited | None:
    """None where the end of the wait cannot be known."""
    took = milliseconds(now - visit.joined_at) if visit.outcome is None else waited_ms(visit)
    if took is None:
        return None
    target = policy.at(visit.joined_at).target_ms(visit.queue, visit.tier)
    return Waited.WITHIN if took <= target else Waited.BEYOND
