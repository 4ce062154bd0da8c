"""Today by quarters of an hour: how many came, what became of them, how long the unluckiest waited.

Counted by arrival, as the key figures are in their usual view: a quarter of `/kpi` shows the same counts.
"""

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
        self.quarters: dict[Place, Quarter] = {}
        self._rows: dict[Place, dict[str, Any]] = {}
        self._formula = ""

    def _at(self, at: float, queue: QueueName | None) -> Place:
        return self._begins_at + (at - self._begins_at) // QUARTER * QUARTER, queue

    def _touch(self, place: Place) -> Quarter:
        self._rows.pop(place, None)
        return self.quarters.setdefault(place, Quarter())

    def visit(self, visit: VisitRecord, rules: KpiRules) -> None:
        for queue in (visit.queue, None):
            quarter = self._touch(self._at(visit.joined_at, queue))
            quarter.tally.add_visit(visit, rules)
            quarter.longest_ms = max(quarter.longest_ms, waited_ms(visit) or 0)

    def blocked(self, at: float, queue: QueueName) -> None:
        for one in (queue, None):
            self._touch(self._at(at, one)).tally.blocked += 1

    def add(self, other: "Trend") -> None:
        """Another switch's day."""
        for place, quarter in other.quarters.items():
            mine = self._touch(place)
            mine.tally += quarter.tally
            mine.longest_ms = max(mine.longest_ms, quarter.longest_ms)

    def rows(self, waiting: Iterable[tuple[QueueName, float]], formula: str) -> list[dict[str, Any]]:
        """Oldest first, all queues together before each. `waiting`: queue and joining time of those in line."""
        if formula != self._formula:
            self._rows, self._formula = {}, formula
        waits: dict[Place, int] = {}
        for queue, joined_at in waiting:
            if joined_at < self._begins_at:
                continue
            for place in (self._at(joined_at, queue), self._at(joined_at, None)):
                waits[place] = waits.get(place, 0) + 1
        places = sorted(self.quarters.keys() | waits.keys(), key=lambda place: (place[0], place[1] or ""))
        return [self._row(place, waits.get(place, 0)) for place in places]

    def _row(self, place: Place, waiting: int) -> dict[str, Any]:
        row = self._rows.get(place)
        if row is None:
            quarter = self.quarters.get(place) or Quarter()
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
