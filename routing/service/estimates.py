"""Keeps what callers were promised when they joined against what became of it."""

from collections.abc import Mapping

from cti.domain.histograms import Histogram
from cti.domain.identifiers import QueueName
from cti.domain.metering import Distribution, distribution
from routing.domain.estimate_error import BOUNDS, ErrorSummary, EstimateErrors


class Estimates:
    def __init__(self) -> None:
        self._errors: dict[QueueName, EstimateErrors] = {}
        self._sizes: dict[QueueName, Histogram] = {}

    def came_true(self, queue: QueueName, promised_seconds: float, actual_seconds: float) -> None:
        error = self._errors.setdefault(queue, EstimateErrors()).add(promised_seconds, actual_seconds)
        self._sizes.setdefault(queue, Histogram(BOUNDS)).observe(abs(error))

    def summaries(self) -> Mapping[QueueName, ErrorSummary]:
        return {queue: errors.summary() for queue, errors in self._errors.items()}

    def histograms(self) -> Mapping[QueueName, Distribution]:
        """Seconds in either direction."""
        return {queue: distribution(sizes) for queue, sizes in self._sizes.items()}
