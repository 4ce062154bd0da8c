"""Time-credit priority: a queue ordered by virtual arrival, the time a caller came less a head start.

The switch sorts by an integer, larger first, and keeps the order of joining among equals. With

    QUEUE_PRIO = 2000000000 - (join time - 2026-01-01) + credit

earlier is larger, and a second of credit is worth a second of waiting. A dialplan that sets the same number without
the credit (its baseline) keeps first come, first served when nobody is there to add it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from cti.domain.identifiers import QueueName, Tier
from routing.domain.hours import QueueHours
from routing.domain.overflow import OverflowRule
from routing.domain.preferred import PreferredRule
from routing.domain.sentences import TIER_NAMES, Names
from routing.domain.skills import NO_SKILLS, SkillPolicy
from routing.domain.surge import SurgeRule

TOP: Final = 2_000_000_000
EPOCH: Final = (
    1_767_225_600  # 2026-01-01 UTC. TOP seconds later, in 2089, a priority falls to that of the unset, 0.
)
STRICT_STEP: Final = 10_000_000
"""Seconds (116 days) that stand for "always before": longer than anybody waits, small enough for 32 bits."""
LARGEST_CREDIT: Final = 86_400
INT_MIN, INT_MAX = -(2**31), 2**31 - 1


class Credit(NamedTuple):
    seconds: int
    strict: bool


class PriorityPolicy(NamedTuple):
    """`credits` in seconds, None for strict; `queues` overrides single tiers of single queues."""

    credits: Mapping[Tier, int | None]
    unknown_tier: Tier
    queues: Mapping[QueueName, Mapping[Tier, int | None]]
    names: Names
    dialplan_sets_baseline: bool
    """False: callers come without QUEUE_PRIO, so each of them is given a place, also those without credit."""
    hours: Mapping[QueueName, QueueHours] = MappingProxyType({})
    """Queues that are not named are always open."""
    skills: SkillPolicy = NO_SKILLS
    preferred: Mapping[QueueName, PreferredRule] = MappingProxyType({})
    overflow: Mapping[QueueName, tuple[OverflowRule, ...]] = MappingProxyType({})
    surge: Mapping[QueueName, SurgeRule] = MappingProxyType({})
    surging: frozenset[QueueName] = frozenset()
    """Queues that go by their surge rules now."""
    version: int = 0
    """Of the versions kept; 0: the file itself."""

    def credit(self, queue: QueueName, tier: Tier) -> Credit:
        rules = self.rules(queue)
        seconds = rules[tier]
        if seconds is not None:
            return Credit(seconds, strict=False)
        strict_tiers = [other for other in Tier if rules[other] is None]  # best first
        return Credit(STRICT_STEP * (len(strict_tiers) - strict_tiers.index(tier)), strict=True)

    def rules(self, queue: QueueName) -> Mapping[Tier, int | None]:
        own, surge = self.queues.get(queue), self._surge(queue)
        if own is None and surge is None:
            return self.credits
        return {**self.credits, **(own or {}), **(surge.credits if surge else {})}

    def overflow_of(self, queue: QueueName) -> tuple[OverflowRule, ...]:
        """In the order they are looked at: those of a surge first."""
        surge, own = self._surge(queue), self.overflow.get(queue, ())
        return own if surge is None else (*surge.overflow, *own)

    def ways(self) -> frozenset[tuple[QueueName, QueueName]]:
        """From which queue to which callers may be sent."""
        closed = ((queue, hours.other_queue) for queue, hours in self.hours.items())
        rules = (*self.overflow.items(), *((queue, rule.overflow) for queue, rule in self.surge.items()))
        return frozenset(
            [(queue, to) for queue, to in closed if to is not None]
            + [(queue, rule.to) for queue, several in rules for rule in several]
        )

    def _surge(self, queue: QueueName) -> SurgeRule | None:
        return self.surge.get(queue) if queue in self.surging else None

    def largest(self, queue: QueueName) -> int:
        """Seconds of the best tier's credit."""
        rules = list(self.rules(queue).values())
        strict = rules.count(None)
        return STRICT_STEP * strict if strict else max(filter(None, rules), default=0)

    def bound(self, queue: QueueName, own: Credit) -> int | None:
        """Seconds: nobody who joins more than this later is served before. None: strict tiers may pass for ever."""
        longest = max(0, self.largest(queue) - own.seconds)
        return longest if longest <= LARGEST_CREDIT else None


DEFAULT_POLICY: Final = PriorityPolicy(
    credits={Tier.PLATINUM: 600, Tier.GOLD: 300, Tier.IRON: 0, Tier.LEAD: 0},
    unknown_tier=Tier.IRON,
    queues={},
    names=TIER_NAMES,
    dialplan_sets_baseline=True,
)


def priority(joined_at: int, credit: int) -> int:
    """`joined_at` in whole seconds since 1970. Always fits a signed 32-bit integer."""
    return max(INT_MIN, min(INT_MAX, TOP - (joined_at - EPOCH) + credit))


def baseline(joined_at: int) -> int:
    """What the dialplan sets by itself."""
    return priority(joined_at, 0)
