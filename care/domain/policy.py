"""What is promised to whom: the policy file, as values."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from care.domain.hours import OpeningHours
from cti.domain.identifiers import QueueName, Tier


class OfferRule(NamedTuple):
    """Whom the server itself offers a callback while he waits: after so many seconds, by tier."""

    after_seconds: Mapping[Tier, float]  # a tier that is missing is not offered one
    queues: frozenset[QueueName]  # none: all
    in_surge: Mapping[Tier, float] = MappingProxyType({})  # instead, while the queue is in a surge


class CarePolicy(NamedTuple):
    """`due_seconds` and `rescue_seconds` count open time; a tier missing in `rescue_seconds` is not rescued."""

    offer: OfferRule
    closing_margin: float  # seconds before closing in which nobody is promised anything for today
    next_opening: bool  # … but is for the next opening; False: not at all
    due_seconds: Mapping[Tier, float]
    attempts: int  # at the customer
    pause_seconds: float  # between two
    agent_ring_seconds: float
    customer_ring_seconds: float
    kept_seconds: float  # of conversation that keep a promise
    rescue_seconds: Mapping[Tier, float]
    rescue_after: float  # seconds of waiting: who gave up sooner is not rescued
    hours_of: Callable[[QueueName], OpeningHours]  # as the routing policy has them now
    surging: Callable[[], frozenset[QueueName]] = frozenset  # queues that are in a surge now

    @property
    def watch_seconds(self) -> float:
        """After so long, an attempt of which nothing is heard has come to nothing."""
        return self.agent_ring_seconds + self.customer_ring_seconds + 15.0

    def promise(self, queue: QueueName, tier: Tier, at: float) -> tuple[float, float] | None:
        """Not before and due, for a promise made at `at`; None when none can be made now."""
        hours = self.hours_of(queue)
        left = hours.closes_in(at)
        begins = at
        if left is not None and left <= self.closing_margin:
            if not self.next_opening:
                return None
            begins = hours.next_opening(at)
        return begins, hours.after_open_seconds(begins, self.due_seconds[tier])

    def offers(self, queue: QueueName, tier: Tier, waited: float, expected: float | None) -> bool:
        """Whether somebody who has waited so long, and is expected to wait so long in all, is offered one."""
        after = self.offer.after_seconds.get(tier)
        if queue in self.surging():
            after = self.offer.in_surge.get(tier, after)
        if after is None or (self.offer.queues and queue not in self.offer.queues):
            return False
        return waited >= after or (expected is not None and expected >= 2 * after)
