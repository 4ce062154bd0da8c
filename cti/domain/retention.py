"""How long what is kept: by class, and within a class by queue, else by tier, else for all."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from cti.domain.identifiers import CallId, QueueName, Tier

DAY = 86_400.0

CLASSES = ("recordings", "calls", "reviews", "surveys", "promises")
"""What has a time of its own. Journals have `CTI_JOURNAL__KEEP_DAYS`."""

Days = float | None
"""None: for ever."""


class Rule(NamedTuple):
    """Of one class, in days."""

    days: Days = None
    tiers: Mapping[Tier, Days] = MappingProxyType({})
    queues: Mapping[QueueName, Days] = MappingProxyType({})

    def days_of(self, queue: str | None, tier: str | None) -> Days:
        if queue is not None and QueueName(queue) in self.queues:
            return self.queues[QueueName(queue)]
        if tier is not None and tier in self.tiers:
            return self.tiers[Tier(tier)]
        return self.days

    def is_over(self, queue: str | None, tier: str | None, at: float, now: float) -> bool:
        """Whether the time of a thing from `at` has passed."""
        days = self.days_of(queue, tier)
        return days is not None and at < now - days * DAY

    @property
    def shortest(self) -> Days:
        """After which anything at all may be deleted."""
        every = (self.days, *self.tiers.values(), *self.queues.values())
        return min((days for days in every if days is not None), default=None)


RetentionPolicy = Mapping[str, Rule]
"""By class."""


class Held(NamedTuple):
    """What legal holds keep, whatever its age."""

    calls: frozenset[CallId] = frozenset()
    recordings: frozenset[str] = frozenset()


class Expired(NamedTuple):
    """Of one class: how many went, or would go, and how many a hold keeps."""

    deleted: int
    held: int
