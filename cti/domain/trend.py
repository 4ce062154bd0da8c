"""Today by quarters of an hour: how many came, what became of them, how long the unluckiest waited.

Counted by arrival, as the key figures are in their usual view: a quarter of `/kpi` shows the same counts.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cti.domain.identifiers import QueueName
from cti.domain.intervals import LENGTHS
from cti.domain.kpi import service_level
from cti.domain.records import VisitRecord
from cti.domain.tallies import Tally, waited_ms
from cti.domain.targets import KpiRules

QUARTER = LENGTHS[0]
"""Seconds."""


@dataclass(slots=True)
class Quarter:
    """`longest_ms`: of the waits that have ended."""

    tally: Tally = field(default_factory=Tally)
    longest_ms: int = 0


Place = tuple[float, QueueName | None]
"""When the quarter began, and the queue; None for all queues together."""


class Trend:
    """The quarters in which something happened. Rows are made anew only where something was counted since."""

    def __init__(self, begins_at: float) -> None:
        self._begins_at = begins_at
        self.quarters: dict[float, dict[QueueName, Quarter]] = {}
        self._rows: dict[Place, dict[str, Any]] = {}
        self._formula = ""

    def _begin(self, at: float) -> float:
        return self._begins_at + (at - self._begins_at) // QUARTER * QUARTER

    def _touch(self, begin: float, queue: QueueName) -> Quarter:
        self._rows.pop((begin, queue), None)
        self._rows.pop((begin, None), None)
        return self.quarters.setdefault(begin, {}).setdefault(queue, Quarter())

    def visit(self, visit: VisitRecord, rules: KpiRules) -> None:
        quarter = self._touch(self._begin(visit.joined_at), visit.queue)
        quarter.tally.add_visit(visit, rules)
        quarter.longest_ms = max(quarter.longest_ms, waited_ms(visit) or 0)

    def blocked(self, at: float, queue: QueueName) -> None:
        self._touch(self._begin(at), queue).tally.blocked += 1

    def add(self, other: "Trend") -> None:
        """Another switch's day."""
        for begin, queues in other.quarters.items():
            for queue, quarter in queues.items():
                mine = self._touch(begin, queue)
                mine.tally += quarter.tally
                mine.longest_ms = max(mine.longest_ms, quarter.longest_ms)

    def rows(self, waiting: Iterable[tuple[QueueName, float]], formula: str) -> list[dict[str, Any]]:
        """Oldest first, all queues together before each. `waiting`: queue and joining time of those in line."""
        if formula != self._formula:
            self._rows, self._formula = {}, formula
        waits: dict[float, Counter[QueueName]] = {}
        for queue, joined_at in waiting:
            if joined_at >= self._begins_at:
                waits.setdefault(self._begin(joined_at), Counter())[queue] += 1
        told = []
        for begin in sorted(self.quarters.keys() | waits.keys()):
            waits_now = waits.get(begin, Counter())
            told.append(self._row((begin, None), waits_now.total()))
            queues = sorted(self.quarters.get(begin, {}).keys() | waits_now.keys())
            told += [self._row((begin, queue), waits_now[queue]) for queue in queues]
        return told

    def _row(self, place: Place, waiting: int) -> dict[str, Any]:
        row = self._rows.get(place)
        if row is None:
            quarter = self._quarter(*place)
            row = self._rows[place] = {
                "from": int(place[0]),
                "queue": place[1],
                "offered": quarter.tally.offered,
                "answered": quarter.tally.answered,
                "abandoned": quarter.tally.abandoned,
                "service_level": service_level(quarter.tally, formula=self._formula),
                "longest_waited_seconds": quarter.longest_ms / 1000,
            }
        return {**row, "offered": row["offered"] + waiting} if waiting else row

    def _quarter(self, begin: float, queue: QueueName | None) -> Quarter:
        queues = self.quarters.get(begin, {})
        if queue is not None:
            return queues.get(queue) or Quarter()
        longest = max((quarter.longest_ms for quarter in queues.values()), default=0)
        return Quarter(sum((quarter.tally for quarter in queues.values()), Tally()), longest)
