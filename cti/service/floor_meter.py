"""Counts what happens on the floor, for as long as the process lives: the numbers a monitoring system reads."""

from collections.abc import Sequence

from cti.domain.histograms import Histogram
from cti.domain.identifiers import AgentId, ChannelId, PbxName, QueueName, Tier
from cti.domain.metering import (
    TALK_BOUNDS,
    UNKNOWN_TIER,
    WAIT_BOUNDS,
    Distribution,
    FloorNumbers,
    QueueTier,
    distribution,
)
from cti.domain.records import Outcome, SegmentRecord, VisitRecord
from cti.domain.tallies import waited_ms

NO_QUEUE = QueueName("none")
"""Where a conversation came by transfer, or a refusal did not say its queue."""


def label(tier: Tier | None) -> str:
    return tier.value if tier is not None else UNKNOWN_TIER


class FloorMeter:
    def __init__(self, pbx: PbxName) -> None:
        self._pbx = pbx
        self.counting = True
        self._queues: set[QueueName] = set()
        self._offered: dict[QueueTier, int] = {}
        self._blocked: dict[QueueTier, int] = {}
        self._visits: dict[tuple[QueueName, str, str], int] = {}
        self._in_target: dict[QueueTier, int] = {}
        self._waits: dict[tuple[QueueName, str, str], Histogram] = {}
        self._talks: dict[QueueTier, Histogram] = {}
        self._holds: dict[QueueTier, Histogram] = {}
        self._wrap_ups: dict[QueueTier, Histogram] = {}
        self._handles: dict[QueueTier, Histogram] = {}
        self._unexpected: dict[tuple[str, str], int] = {}
        self._after: dict[AgentId, tuple[ChannelId, QueueTier, float]] = {}

    def know(self, queue: QueueName) -> None:
        """Begin its counters at 0, so that the first call is an increase a rate can see."""
        if queue in self._queues:
            return
        self._queues.add(queue)
        for tier in (*(tier.value for tier in Tier), UNKNOWN_TIER):
            for counter in (self._offered, self._blocked, self._in_target):
                counter.setdefault((queue, tier), 0)
            for outcome in Outcome:
                self._visits.setdefault((queue, tier, outcome.value), 0)

    def offered(self, queue: QueueName, tier: Tier | None) -> None:
        self.know(queue)
        self._offered[queue, label(tier)] += self.counting

    def blocked(self, queue: QueueName, tier: Tier | None) -> None:
        self.know(queue)
        self._blocked[queue, label(tier)] += 1

    def visit(self, visit: VisitRecord, target_ms: int) -> None:
        """Count an ended visit; answered exactly within the target is within it."""
        if visit.outcome is None or not self.counting:
            return
        self.know(visit.queue)
        queue_tier = visit.queue, label(visit.tier)
        key = (*queue_tier, visit.outcome.value)
        self._visits[key] = self._visits.get(key, 0) + 1
        waited = waited_ms(visit)
        if waited is None:
            return
        if visit.outcome is Outcome.ANSWERED and waited <= target_ms:
            self._in_target[queue_tier] += 1
        waits = self._waits.get(key)
        if waits is None:
            waits = self._waits[key] = Histogram(WAIT_BOUNDS)
        waits.observe(waited / 1000)

    def conversation(self, segment: SegmentRecord) -> None:
        """Its handle time is known when the after-call work is: at its end, or when the agent's next call shows none."""
        if not self.counting:
            return
        self.no_wrap_up(segment.agent)
        key = segment.queue or NO_QUEUE, label(segment.tier)
        _observe(self._talks, key, segment.talk_seconds)
        _observe(self._holds, key, segment.hold_seconds)
        self._after[segment.agent] = segment.channel, key, segment.talk_seconds + segment.hold_seconds

    def wrap_up(self, agent: AgentId, channel: ChannelId, seconds: float) -> None:
        if agent not in self._after or self._after[agent][0] != channel:
            return
        _, key, conversed = self._after.pop(agent)
        _observe(self._wrap_ups, key, seconds)
        _observe(self._handles, key, conversed + seconds)

    def no_wrap_up(self, agent: AgentId) -> None:
        if agent in self._after:
            _, key, conversed = self._after.pop(agent)
            _observe(self._handles, key, conversed)

    def unexpected(self, state: str, signal: str) -> None:
        self._unexpected[state, signal] = self._unexpected.get((state, signal), 0) + 1

    def numbers(
        self,
        waiting: Sequence[tuple[QueueName, Tier | None, float]],
        agents: dict[tuple[QueueName, str], int],
        at: float,
    ) -> FloorNumbers:
        """A copy that changes no more. `waiting` tells queue, tier and joining time of each caller in line."""
        counts = dict.fromkeys(self._offered, 0)
        longest = dict.fromkeys(self._queues, 0.0)
        for queue, tier, joined_at in waiting:
            counts[queue, label(tier)] = counts.get((queue, label(tier)), 0) + 1
            longest[queue] = max(longest.get(queue, 0.0), at - joined_at)
        return FloorNumbers(
            pbx=self._pbx,
            offered=dict(self._offered),
            blocked=dict(self._blocked),
            visits=dict(self._visits),
            answered_within_target=dict(self._in_target),
            waits={key: distribution(waits) for key, waits in self._waits.items()},
            talks=_copies(self._talks),
            holds=_copies(self._holds),
            wrap_ups=_copies(self._wrap_ups),
            handles=_copies(self._handles),
            waiting=counts,
            longest_wait_seconds=longest,
            agents=agents,
            unexpected=dict(self._unexpected),
        )


def _observe(histograms: dict[QueueTier, Histogram], key: QueueTier, seconds: float) -> None:
    known = histograms.get(key)
    if known is None:
        known = histograms[key] = Histogram(TALK_BOUNDS)
    known.observe(seconds)


def _copies(histograms: dict[QueueTier, Histogram]) -> dict[QueueTier, Distribution]:
    return {key: distribution(known) for key, known in histograms.items()}
