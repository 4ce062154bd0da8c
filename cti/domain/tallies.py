"""Sums that can be added: what every KPI is computed from.

Counts and whole milliseconds only, so that adding in another order, or in parts, gives the very same sums.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields

from cti.domain.identifiers import QueueName, Tier
from cti.domain.records import (
    Direction,
    OfferRecord,
    OfferResult,
    Outcome,
    SegmentRecord,
    VisitRecord,
)
from cti.domain.targets import KpiRules

ABANDONED = frozenset({Outcome.ABANDONED, Outcome.ABANDONED_ANNOUNCE})
"""The caller hung up."""

FLOWED_OUT = frozenset(
    {
        Outcome.TIMEOUT,
        Outcome.LEAVE_EMPTY,
        Outcome.KEY_EXIT,
        Outcome.WITHDRAWN,
        Outcome.TRANSFERRED_OUT,
        Outcome.SYSCOMPAT,
    }
)
"""The caller left unserved and did not choose to hang up."""


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def waited_ms(visit: VisitRecord) -> int | None:
    """None while the visit is open, and where the end of the wait cannot be known."""
    if visit.wait_seconds is not None:
        return milliseconds(visit.wait_seconds)
    if visit.outcome_at is not None:
        return milliseconds(max(0.0, visit.outcome_at - visit.joined_at))
    return None


@dataclass(slots=True)
class Tally:
    """Durations end in `_ms`. Handled segments are inbound ones; outbound stands apart, internal counts as occupied."""

    open: int = 0
    answered: int = 0
    abandoned: int = 0
    flowed_out: int = 0
    lost: int = 0
    blocked: int = 0
    answered_in_target: int = 0
    abandoned_in_target: int = 0
    short_abandoned: int = 0
    self_served: int = 0
    wait_answered_ms: int = 0
    wait_abandoned_ms: int = 0
    handled: int = 0
    transferred: int = 0
    holds: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    outbound_handled: int = 0
    outbound_ms: int = 0
    offers: int = 0
    offers_connected: int = 0
    offers_cancelled: int = 0
    occupied_ms: int = 0
    idle_ms: int = 0
    targets_ms: frozenset[int] = frozenset()

    @property
    def offered(self) -> int:
        """Visits: every queue join, the open ones too. Blocked attempts are no visits."""
        return self.open + self.answered + self.abandoned + self.flowed_out + self.lost

    @property
    def target_seconds(self) -> float | None:
        """The threshold these calls were measured against, when it was one and the same."""
        return next(iter(self.targets_ms)) / 1000 if len(self.targets_ms) == 1 else None

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, name) + getattr(other, name) for name in COUNTS)).aim(
            self.targets_ms | other.targets_ms
        )

    def aim(self, targets_ms: Iterable[int]) -> "Tally":
        self.targets_ms = self.targets_ms.union(targets_ms)
        return self

    def add_visit(self, visit: VisitRecord, rules: KpiRules) -> None:
        outcome = visit.outcome
        target_ms = rules.target_ms(visit.queue, visit.tier)
        if target_ms not in self.targets_ms:
            self.targets_ms |= {target_ms}
        if outcome is None:
            self.open += 1
            return
        waited = waited_ms(visit)
        in_target = waited is not None and waited <= target_ms
        if outcome is Outcome.ANSWERED:
            self.answered += 1
            self.answered_in_target += in_target
            self.wait_answered_ms += waited or 0
        elif outcome in ABANDONED:
            self.abandoned += 1
            self.abandoned_in_target += in_target
            self.short_abandoned += waited is not None and waited < rules.short_abandon_ms
            self.wait_abandoned_ms += waited or 0
        elif outcome in FLOWED_OUT:
            self.flowed_out += 1
            self.self_served += outcome is Outcome.KEY_EXIT and visit.queue in rules.self_service_queues
        else:
            self.lost += 1

    def add_segment(self, segment: SegmentRecord) -> None:
        """Count an ended segment with its durations, after-call work too where it is known."""
        self.add_conversation(segment)
        if segment.wrap_up_seconds is not None:
            self.add_wrap_up(milliseconds(segment.wrap_up_seconds), segment.direction)

    def add_conversation(self, segment: SegmentRecord) -> None:
        """Count an ended segment without its after-call work."""
        self.count_segment(segment)
        self.add_talk(milliseconds(segment.talk_seconds), segment.direction)
        self.add_hold(milliseconds(segment.hold_seconds), segment.direction)

    def count_segment(self, segment: SegmentRecord) -> None:
        """Count an ended segment without any duration."""
        if segment.direction is Direction.INBOUND:
            self.handled += 1
            self.transferred += segment.transferred
            self.holds += segment.hold_count
        elif segment.direction is Direction.OUTBOUND:
            self.outbound_handled += 1

    def add_talk(self, ms: int, direction: Direction) -> None:
        if direction is Direction.INBOUND:
            self.talk_ms += ms
        elif direction is Direction.OUTBOUND:
            self.outbound_ms += ms

    def add_hold(self, ms: int, direction: Direction) -> None:
        if direction is Direction.INBOUND:
            self.hold_ms += ms
        elif direction is Direction.OUTBOUND:
            self.outbound_ms += ms

    def add_wrap_up(self, ms: int, direction: Direction) -> None:
        if direction is Direction.INBOUND:
            self.wrap_up_ms += ms
        elif direction is Direction.OUTBOUND:
            self.outbound_ms += ms

    def add_offer(self, offer: OfferRecord) -> None:
        """Count an ended ring attempt; one that still rings counts when it ends."""
        if offer.result is None:
            return
        self.offers += 1
        self.offers_connected += offer.result is OfferResult.CONNECTED
        self.offers_cancelled += offer.result is OfferResult.CANCELLED


COUNTS = tuple(field.name for field in fields(Tally) if field.name != "targets_ms")


def tally(
    visits: Iterable[VisitRecord] = (),
    segments: Iterable[SegmentRecord] = (),
    blocked: Iterable[tuple[float, QueueName | None, Tier | None]] = (),
    offers: Iterable[OfferRecord] = (),
    rules: KpiRules | None = None,
) -> Tally:
    """Sum up records: what is tallied in parts and added equals the whole. Running segments count when they end."""
    rules = rules or KpiRules()
    total = Tally()
    for visit in visits:
        total.add_visit(visit, rules)
    for segment in segments:
        if segment.ended_at is not None:
            total.add_segment(segment)
    for offer in offers:
        total.add_offer(offer)
    total.blocked += sum(1 for _ in blocked)
    return total
