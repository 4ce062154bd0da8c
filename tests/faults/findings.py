"""What the checker says, and what it was told to overlook. The standard library alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Finding(NamedTuple):
    """`kind`: lost, extra, wrong, duplicated or unresolved."""

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


@dataclass
class Expected:
    """What a fault excuses."""

    since: float = 0.0  # nothing before is asked for
    gaps: list[str] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    clock_moved: list[float] = field(default_factory=list)  # durations across these moments say nothing

    def measurable(self, since: float | None, until: float | None) -> bool:
        return (
            since is None or until is None or not any(since - 5 <= at <= until + 5 for at in self.clock_moved)
        )
