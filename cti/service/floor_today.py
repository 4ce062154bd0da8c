"""Today's sums by queue and tier, from the site's midnight to the next."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from cti.domain.identifiers import QueueName, Tier
from cti.domain.intervals import midnight
from cti.domain.records import VisitRecord
from cti.domain.tallies import Tally
from cti.domain.targets import KpiPolicy
from cti.domain.trend import Trend


class Today:
    """Counts by arrival: what joined, or began, before midnight belongs to yesterday."""

    def __init__(self, policy: KpiPolicy, zone: tzinfo) -> None:
        self._policy, self._zone = policy, zone
        self.begins_at = self.ends_at = 0.0
        self.by_queue: dict[QueueName, dict[Tier | None, Tally]] = {}
        self.trend = Trend(0.0)

    def turn(self, at: float) -> bool:
        """Begin a new day when one has come; True then."""
        if at < self.ends_at:
            return False
        self.begins_at, self.ends_at = midnight(at, self._zone), midnight(at, self._zone, days=1)
        self.by_queue.clear()
        self.trend = Trend(self.begins_at)
        return True

    def empty(self) -> "Today":
        """The same day with nothing counted."""
        day = Today(self._policy, self._zone)
        day.begins_at, day.ends_at = self.begins_at, self.ends_at
        day.trend = Trend(self.begins_at)
        return day

    def holds(self, at: float) -> bool:
        return self.begins_at <= at

    def tally(self, queue: QueueName, tier: Tier | None) -> Tally:
        tiers = self.by_queue.setdefault(queue, {})
        known = tiers.get(tier)
        if known is None:
            known = tiers[tier] = Tally()
        return known

    def visit(self, visit: VisitRecord) -> None:
        if self.holds(visit.joined_at):
            rules = self._policy.at(visit.joined_at)
            self.tally(visit.queue, visit.tier).add_visit(visit, rules)
            self.trend.visit(visit, rules)

    def blocked(self, at: float, queue: QueueName, tier: Tier | None) -> None:
        if self.holds(at):
            self.tally(queue, tier).blocked += 1
            self.trend.blocked(at, queue)

    def queue(self, queue: QueueName) -> Tally:
        return total(self.by_queue.get(queue, {}).values())

    def all(self) -> Tally:
        return total(tally for tiers in self.by_queue.values() for tally in tiers.values())

    def target_ms(self, visit: VisitRecord) -> int:
        return self._policy.at(visit.joined_at).target_ms(visit.queue, visit.tier)


def total(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole += tally
    return whole


def together(days: Sequence[Today]) -> Today:
    """The sums of several switches."""
    whole = days[0].empty()
    for day in days:
        whole.trend.add(day.trend)
        for queue, tiers in day.by_queue.items():
            for tier, tally in tiers.items():
                mine = whole.by_queue.setdefault(queue, {})
                mine[tier] = mine[tier] + tally if tier in mine else tally
    return whole
