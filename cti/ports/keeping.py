"""What keeping and erasing need from outside."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from cti.domain.erasing import Blanking, Person
from cti.domain.keeping import Hold, Report
from cti.domain.retention import Expired, Held, Rule


class Place(Protocol):
    """Somewhere personal data lies."""

    async def learn(self, person: Person) -> Person:
        """All that is known of somebody here besides."""

    async def erase(self, blanking: Blanking) -> Mapping[str, int]:
        """Take it away; how many things of which name. Doing it again finds nothing."""


class Holds(Protocol):
    """What the law forbids to delete."""

    async def add(self, hold: Hold) -> None: ...
    async def lift(self, hold: str, at: float, by: str, because: str) -> bool:
        """False when no such hold stands."""

    async def standing(self) -> Sequence[Hold]: ...
    async def all(self, limit: int, offset: int) -> tuple[Sequence[Hold], int]:
        """Newest first, and how many there are."""


class Reports(Protocol):
    """Of what was deleted."""

    async def add(self, report: Report) -> None: ...
    async def page(self, limit: int, offset: int) -> tuple[Sequence[Report], int]:
        """Newest first, and how many there are."""


class ErasedMarks(Protocol):
    """By which erased numbers are known again when an old ledger tells of them."""

    async def remember(self, person: Person, at: float) -> None: ...


class HeldThings(Protocol):
    """What holds keep, in ids."""

    async def by(self, holds: Sequence[Hold]) -> Held: ...


class Shelf(Protocol):
    """Things of one class, which have a time."""

    async def expire(self, rule: Rule, now: float, held: Held, *, dry: bool) -> Expired:
        """Delete whatever is over its time and not held; `dry`: only count it."""
