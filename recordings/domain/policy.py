"""Which queues are recorded, how short is too short, and how long we wait for a file."""

from typing import NamedTuple

from cti.domain.identifiers import QueueName
from recordings.domain.consent import Exclusion


class RecordingPolicy(NamedTuple):
    """What an installation decides; `config/policies/recordings.yaml` explains each."""

    queues: frozenset[QueueName] | None = None  # None: all
    minimum_seconds: float = 3.0
    stable_seconds: float = 5.0
    missing_after_seconds: float = 60.0
    unended_after_hours: float = 4.0
    late_days: float = 7.0
    pause_seconds: float = 120.0
    exclusions: tuple[Exclusion, ...] = ()

    def records(self, queue: QueueName) -> bool:
        return self.queues is None or queue in self.queues
