"""Records laid out by interval and group, in one of three named views.

`by_arrival`: a visit counts whole where it joined, a segment where it began: numerators are subsets of denominators.
`clipped`: as by_arrival, but the durations of segments are cut at the edges of intervals.
`as_posted`: everything counts where it became known: a visit at its outcome, a segment at its end.
Occupancy is clipped in every view: time at work and time ready are only comparable within the same clock hours.
"""

from collections import defaultdict
from enum import StrEnum
from typing import NamedTuple

from cti.domain.identifiers import AgentId, QueueName, Tier
from cti.domain.intervals import Grid
from cti.domain.records import OfferRecord, OfferResult, SegmentRecord, VisitRecord
from cti.domain.tallies import Tally, milliseconds
from cti.domain.targets import KpiPolicy


class View(StrEnum):
    """How facts are attributed to intervals."""

    BY_ARRIVAL = "by_arrival"
    CLIPPED = "clipped"
    AS_POSTED = "as_posted"


class Grouping(StrEnum):
    """What a row of the report stands for."""

    NONE = "none"
    QUEUE = "queue"
    AGENT = "agent"
    TIER = "tier"


class ReadySpan(NamedTuple):
    """An agent stood ready, free for a call. `ended_at` None: still does."""

    agent: AgentId
    began_at: float
    ended_at: float | None


class Sheet:
    """One tally for each interval and group that something happened in.

    `provisional` holds the intervals whose figures will still change: a visit or segment in them is not over. A group
    of None is everything of which the group cannot be said: an abandoned call has no agent.
    """

    def __init__(
        self, grid: Grid, policy: KpiPolicy, view: View, grouping: Grouping, now: float, *, occupancy: bool
    ) -> None:
        """`occupancy`: ready spans will be given too. It is told of agents and of all together only."""
        self.grid, self._policy, self._view, self._grouping, self._now = grid, policy, view, grouping, now
        self._occupancy = occupancy and grouping in {Grouping.NONE, Grouping.AGENT}
        self.cells: dict[tuple[int, str | None], Tally] = defaultdict(Tally)
        self.provisional: set[int] = set()

    def _group(self, queue: QueueName | None, tier: Tier | None, agent: AgentId | None) -> str | None:
        if self._grouping is Grouping.QUEUE:
            return queue
        if self._grouping is Grouping.TIER:
            return tier
        return agent if self._grouping is Grouping.AGENT else None

    def _at(self, at: float, group: str | None) -> Tally | None:
        index = self.grid.cell(at)
        return None if index is None else self.cells[index, group]

    def visit(self, visit: VisitRecord) -> None:
        at = visit.joined_at
        if visit.outcome is None:
            index = self.grid.cell(at)
            if index is not None:
                self.provisional.add(index)
        elif self._view is View.AS_POSTED and visit.outcome_at is not None:
            at = visit.outcome_at
        tally = self._at(at, self._group(visit.queue, visit.tier, visit.agent))
        if tally is not None:
            tally.add_visit(visit, self._policy.at(visit.joined_at))

    def segment(self, segment: SegmentRecord) -> None:
        group = self._group(segment.queue, segment.tier, segment.agent)
        if self._occupancy:
            self._occupied(segment, group)
        if segment.ended_at is None:
            self._unsettled(segment)
            if self._view is View.CLIPPED:
                self._clip(segment, group)
            return
        if segment.wrap_up_seconds is None and segment.ended_at + self._policy.settle_seconds > self._now:
            self._unsettled(segment)
        if self._view is View.CLIPPED:
            counted = self._at(segment.began_at, group)
            if counted is not None:
                counted.count_segment(segment)
            self._clip(segment, group)
            return
        posted = self._view is View.AS_POSTED
        tally = self._at(segment.ended_at if posted else segment.began_at, group)
        if tally is not None:
            tally.add_conversation(segment)
        if segment.wrap_up_seconds is not None:
            at = segment.ended_at + segment.wrap_up_seconds if posted else segment.began_at
            tally = self._at(at, group)
            if tally is not None:
                tally.add_wrap_up(milliseconds(segment.wrap_up_seconds), segment.direction)

    def blocked(self, at: float, queue: QueueName | None, tier: Tier | None) -> None:
        tally = self._at(at, self._group(queue, tier, None))
        if tally is not None:
            tally.blocked += 1

    def offer(self, offer: OfferRecord, tier: Tier | None = None) -> None:
        group = self._group(offer.queue, tier, offer.agent)
        ended = offer.ended_at
        tally = self._at(ended if self._view is View.AS_POSTED and ended else offer.rung_at, group)
        if tally is not None:
            tally.add_offer(offer)
        if self._occupancy and ended is not None and offer.result is OfferResult.CONNECTED:
            for index, ms in self.grid.parts(offer.rung_at, ended, milliseconds(ended - offer.rung_at)):
                self.cells[index, group].occupied_ms += ms

    def ready(self, span: ReadySpan) -> None:
        if not self._occupancy:
            return
        end = min(self._now, span.ended_at if span.ended_at is not None else self._now)
        group = self._group(None, None, span.agent)
        for index, ms in self.grid.parts(span.began_at, end, milliseconds(max(0.0, end - span.began_at))):
            self.cells[index, group].idle_ms += ms

    def _unsettled(self, segment: SegmentRecord) -> None:
        begin = segment.began_at
        end = segment.ended_at if segment.ended_at is not None else self._now
        self.provisional.update(
            index for index, (low, high) in enumerate(self.grid) if low <= end and begin < high
        )

    def _clip(self, segment: SegmentRecord, group: str | None) -> None:
        begin, direction = segment.began_at, segment.direction
        end = segment.ended_at if segment.ended_at is not None else max(self._now, begin)
        for index, ms in self.grid.parts(begin, end, milliseconds(segment.talk_seconds)):
            self.cells[index, group].add_talk(ms, direction)
        for index, ms in self.grid.parts(begin, end, milliseconds(segment.hold_seconds)):
            self.cells[index, group].add_hold(ms, direction)
        if segment.ended_at is not None and segment.wrap_up_seconds is not None:
            wrapped = end + segment.wrap_up_seconds
            for index, ms in self.grid.parts(end, wrapped, milliseconds(segment.wrap_up_seconds)):
                self.cells[index, group].add_wrap_up(ms, direction)

    def _occupied(self, segment: SegmentRecord, group: str | None) -> None:
        end = segment.ended_at if segment.ended_at is not None else max(self._now, segment.began_at)
        wrapped = end + (segment.wrap_up_seconds or 0.0)
        for index, ms in self.grid.parts(segment.began_at, wrapped, milliseconds(wrapped - segment.began_at)):
            self.cells[index, group].occupied_ms += ms
