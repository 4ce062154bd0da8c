"""What a call is measured against: thresholds by queue and tier, in versions that never reach back in time."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cti.domain.identifiers import QueueName, Tier


class KpiRules(NamedTuple):
    """One version of the rules. A call is judged by the version in force when it joined. Seconds."""

    version: str = "1"
    valid_from: float = 0.0
    formula: str = "strict"
    target_seconds: float = 20.0
    short_abandon_seconds: float = 5.0
    exact_targets: Mapping[tuple[QueueName | None, Tier | None], float] = {}
    self_service_queues: frozenset[QueueName] = frozenset()

    def target_ms(self, queue: QueueName | None, tier: Tier | None) -> int:
        """The most exact target wins: queue and tier, then the tier's, then the queue's, then the general one."""
        if self.exact_targets:
            for key in ((queue, tier), (None, tier), (queue, None)):
                seconds = self.exact_targets.get(key)
                if seconds is not None and key != (None, None):
                    return round(seconds * 1000)
        return round(self.target_seconds * 1000)

    @property
    def short_abandon_ms(self) -> int:
        return round(self.short_abandon_seconds * 1000)


class KpiPolicy(NamedTuple):
    """All versions, oldest first. `settle_seconds`: how long after its end an interval may still change."""

    versions: Sequence[KpiRules] = (KpiRules(),)
    settle_seconds: float = 600.0

    def at(self, instant: float) -> KpiRules:
        """The version in force; before the first one, the first."""
        chosen = self.versions[0]
        for rules in self.versions[1:]:
            if rules.valid_from > instant:
                break
            chosen = rules
        return chosen

    def between(self, start: float, end: float) -> Sequence[KpiRules]:
        """The versions in force at some time in [start, end)."""
        first = self.at(start)
        return [rules for rules in self.versions if rules is first or start < rules.valid_from < end]
