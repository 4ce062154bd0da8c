"""What the `customers` package needs from outside, on one page."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from cti.domain.identifiers import CallId, CustomerId, PhoneNumber, Tier
from customers.domain.customer import Contact, Customer, Matter, Satisfaction, TierChange


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since 1970, UTC."""


class Numbering(Protocol):
    """The plan of telephone numbers."""

    def normalise(self, text: str | None) -> PhoneNumber | None:
        """The number behind what a switch or a person wrote; None when nobody can be behind it (anonymous …)."""

    def objection(self, text: str) -> str | None:
        """Why this is no number to keep, as a sentence; None when it is one."""


class CustomerPage(NamedTuple):
    items: Sequence[Customer]
    total: int


class CustomerStore(Protocol):
    """Where customers are kept."""

    async def by_number(self, number: PhoneNumber) -> Customer | None: ...
    async def by_id(self, customer: CustomerId) -> Customer | None: ...
    async def by_ids(self, customers: Iterable[CustomerId]) -> Mapping[CustomerId, Customer]: ...
    async def holders(self, numbers: Iterable[PhoneNumber]) -> Mapping[PhoneNumber, CustomerId]:
        """Whose these numbers are; free numbers are left out."""

    async def search(self, text: str, tier: Tier | None, limit: int, offset: int) -> CustomerPage: ...
    async def save(self, customers: Sequence[Customer], changes: Sequence[TierChange]) -> None:
        """All in one transaction or none. Raises NumberTaken."""

    async def tier_history(self, customer: CustomerId) -> Sequence[TierChange]:
        """Latest first."""

    def new_id(self) -> CustomerId: ...


class ContactHistory(Protocol):
    """Earlier calls, from the call journal."""

    async def contacts(
        self, customer: CustomerId | None, numbers: Sequence[PhoneNumber], limit: int
    ) -> Sequence[Contact]:
        """Latest first: those of the customer, and those from these numbers."""


class Matters(Protocol):
    """What is owed to callers, from whoever keeps promises."""

    async def open(self, customer: CustomerId | None, numbers: Sequence[PhoneNumber]) -> Sequence[Matter]:
        """Of the customer, or of these numbers; what is due first comes first."""


class Satisfactions(Protocol):
    """What callers said of us, from whoever asks them."""

    async def last(self, numbers: Sequence[PhoneNumber]) -> Satisfaction | None:
        """The newest that was said from any of these numbers lately."""


class LiveCalls(Protocol):
    """What others know of a call that lasts, without waiting, and who is told what we found."""

    def why_first(self, call: CallId) -> Mapping[str, str] | None:
        """A waiting caller's place in words, by language."""

    def promised_at(self, call: CallId) -> float | None:
        """When he was to be answered, as it looked when he joined the line."""

    def dialled(self, call: CallId) -> str | None:
        """The number he dialled."""

    def recognised(self, call: CallId, customer: Customer) -> None:
        """We know who calls, and nobody else has said so."""

    def refresh(self, call: CallId) -> None:
        """More is known: open pops are shown again."""


class CustomerFiles(Protocol):
    def text(self, path: Path) -> str:
        """Raises FileUnreadable, which names the place when the characters cannot be told."""

    def decode(self, content: bytes) -> str: ...
