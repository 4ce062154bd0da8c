"""A customer, and what may stand in each field."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final, NamedTuple

from cti.domain.identifiers import AgentId, CustomerId, PhoneNumber, Tier
from customers.domain.errors import FieldRefused


class Customer(NamedTuple):
    """Somebody who calls us. Empty strings are "not told"; `owner` is the agent who cares for him."""

    id: CustomerId
    name: str
    company: str
    tier: Tier
    tier_source: str  # who said so: import, manual, model
    numbers: tuple[PhoneNumber, ...]
    language: str
    owner: AgentId | None
    note: str
    value_note: str  # why he is worth it, for the agent's eyes
    created_at: float

    def __repr__(self) -> str:
        """Only the id: names and numbers never reach a log."""
        return f"Customer({self.id})"


class TierChange(NamedTuple):
    """`from_tier` is None when the customer was new."""

    at: float
    customer: CustomerId
    from_tier: Tier | None
    to_tier: Tier
    reason: str
    actor: str


class Contact(NamedTuple):
    """One earlier call."""

    at: float
    call: str
    queue: str | None
    agent: AgentId | None
    outcome: str | None
    talk_seconds: float | None
    code: str | None = None  # how it ended, as the last of its agents said
    note: str | None = None


class Matter(NamedTuple):
    """Something that is owed to a caller: a callback that was promised, a rescue of a call he gave up."""

    kind: str  # callback, rescue
    id: str
    queue: str
    due_at: float
    reason: str  # what he wants, if he said


class Satisfaction(NamedTuple):
    """How content a customer was when he was last asked: `score` of `scale`. The comment is for the agent's eyes."""

    score: int
    scale: int
    low: bool
    answered_at: float  # seconds since 1970
    comment: str

    def __repr__(self) -> str:
        """Only the score: what people wrote never reaches a log."""
        return f"Satisfaction({self.score} of {self.scale})"


class TimelineLine(NamedTuple):
    """Something that happened between the customer and us: exactly one of the two is set."""

    at: float
    contact: Contact | None
    tier_change: TierChange | None


class Remembered(NamedTuple):
    """The answer to a lookup, whether or not there is such a customer."""

    customer: Customer | None


TIER_NAMES: Final[Mapping[str, Tier]] = {
    "platinum": Tier.PLATINUM,
    "铂金": Tier.PLATINUM,
    "白金": Tier.PLATINUM,
    "gold": Tier.GOLD,
    "黄金": Tier.GOLD,
    "iron": Tier.IRON,
    "钢铁": Tier.IRON,
    "lead": Tier.LEAD,
    "重铅": Tier.LEAD,
}
LONGEST: Final[Mapping[str, int]] = {
    "id": 64,
    "name": 200,
    "company": 200,
    "language": 16,
    "owner": 80,
    "note": 4000,
    "value_note": 500,
}
MOST_NUMBERS: Final = 20
_ID = re.compile(r"[\w.@-]+")  # travels in addresses of pages: no slash, no blank
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")


def tier_named(text: str) -> Tier | None:
    return TIER_NAMES.get(text.strip().casefold())


def objection(field: str, value: str) -> str | None:
    """What speaks against this value, as a sentence; None when nothing does."""
    longest = LONGEST.get(field)
    if longest is not None and len(value) > longest:
        return f"has {len(value)} characters, {longest} are the most"
    lines_allowed = "\n\r\t" if field in {"note", "value_note"} else ""
    if any(_unprintable(c) and c not in lines_allowed for c in value):
        return "holds a control character; type it again"
    if field == "name" and not value.strip():
        return "is missing; every customer needs a name"
    if field == "id" and not _ID.fullmatch(value):
        return "may hold letters, digits and . _ @ - only"
    if field == "tier" and tier_named(value) is None:
        return f'"{value[:40]}" is no tier; use platinum, gold, iron or lead'
    if field == "language" and value and not _LANGUAGE.fullmatch(value):
        return f'"{value[:40]}" is no language code; use one like zh or en'
    return None


def check(field: str, value: str) -> None:
    """Raise FieldRefused when something speaks against the value."""
    if (sentence := objection(field, value)) is not None:
        raise FieldRefused(f"{field}: {sentence}.")


def _unprintable(character: str) -> bool:
    # Cc: controls; Cs: lone surrogates, which no database takes. Zl, Zp: line breaks in disguise.
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
