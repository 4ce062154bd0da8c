"""Which numbers may be dialled, and how often: the number policy of click-to-dial, consultation, transfer and callbacks.

What a client writes never reaches the switch. A number is either an extension of ours or explained by a numbering plan,
and only its digits go out, in `Goal`. Whatever else stands in the text is refused in one sentence.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

_WRITTEN: Final = re.compile(r"\+?[0-9 ()./\-]{1,40}", re.ASCII)
GOAL: Final = re.compile(r"[0-9]{2,15}", re.ASCII)
"""All that can ever be an extension in an action: digits."""

WRITING_ADVICE: Final = "Write digits only, like 101 or +86 138 0013 8000."


class Kind(StrEnum):
    """What stands behind a number, by the numbering plan (ITU-T E.164; the types of phonenumbers)."""

    EXTENSION = "extension"  # too short for a plan: of this switch, or a service's short code
    EMERGENCY = "emergency"
    FIXED = "fixed"
    MOBILE = "mobile"
    TOLL_FREE = "toll_free"
    SHARED_COST = "shared_cost"
    COMPANY = "company"  # universal access numbers
    VOIP = "voip"
    PREMIUM = "premium"
    OTHER = "other"


ALWAYS_REFUSED: Final = frozenset({Kind.PREMIUM, Kind.OTHER})
"""No policy opens these: they are what toll fraud lives on."""

SATELLITE: Final = ("870", "878", "881", "882", "883", "888", "979")
"""Country codes of satellites, of networks without a country, and of premium services of the whole world."""


class Dialled(NamedTuple):
    """A number as the plan explains it. `digits` without a plus; `region` is the country's (ISO 3166), "" for none."""

    digits: str
    kind: Kind
    region: str = ""


class Purpose(StrEnum):
    """What somebody is dialled for."""

    MAKE = "make"
    CONSULT = "consult"
    TRANSFER = "transfer"
    CALL_BACK = "call_back"  # a customer, at the house's expense: extensions are none


_PASSING_ON: Final = (Purpose.CONSULT, Purpose.TRANSFER)


class DiallingPolicy(NamedTuple):
    """Prefixes are digits with the country code, without a plus. Extensions are ranges, first and last of one length."""

    regions: frozenset[str]  # none: allowed prefixes only
    kinds: frozenset[Kind]
    allowed: tuple[str, ...]
    refused: tuple[str, ...]
    extensions: tuple[tuple[str, str], ...]
    queues: tuple[str, ...]  # short numbers of queues, for transfers
    transfer_outside: bool
    per_minute: int
    at_once_per_agent: int
    at_once: int
    mark_supervised: bool = True
    never: frozenset[str] = frozenset()  # whole numbers


class Goal(NamedTuple):
    """What may be dialled: digits for the switch, and the number as people write it."""

    digits: str
    shown: str

    @property
    def outside(self) -> bool:
        """Leads out of the house, at its expense."""
        return self.shown != self.digits


class Refusal(StrEnum):
    """Why a number is not dialled, as one sentence."""

    NOT_A_NUMBER = f"This is no telephone number. {WRITING_ADVICE}"
    UNKNOWN = "No numbering plan knows this number: write it with +country code."
    EMERGENCY = "Emergency numbers are dialled by hand, on the telephone whose place the rescuers are told."
    NO_EXTENSION = "There is no such extension here."
    PREMIUM = "Numbers of this kind (premium rate, pager, personal) are not dialled from here."
    SATELLITE = "Satellite and worldwide service numbers are not dialled from here."
    KIND = "The policy of this installation does not let numbers of this kind be dialled."
    ABROAD = "The policy of this installation does not let calls go there."
    NEVER = "This number is on the list of those that are never called."
    LISTED = "The policy of this installation refuses numbers that begin like this."
    OUTSIDE = "Callers are passed on inside the house only: transfer to an extension or a queue."
    TOO_OFTEN = "You have dialled too often within a minute: wait a little."
    TOO_MANY_OWN = "You have a call already: end it, or consult from it."
    TOO_MANY = "So many dialled calls run at once that no other is let through: try again in a minute."


def written(text: str) -> bool:
    """Whether this could be a number at all: nothing in it but digits and what people put between them."""
    return _WRITTEN.fullmatch(text) is not None and sum(c.isdigit() for c in text) >= 2


def goal(policy: DiallingPolicy, dialled: Dialled | None, purpose: Purpose) -> Goal | Refusal:
    """The number to dial, or why not; None is a number no plan explains."""
    if dialled is None or GOAL.fullmatch(dialled.digits) is None:
        return Refusal.UNKNOWN
    digits, kind, _ = dialled
    if kind is Kind.EMERGENCY:
        return Refusal.EMERGENCY
    if kind is Kind.EXTENSION:
        if purpose is Purpose.CALL_BACK:
            return Refusal.NO_EXTENSION
        return Goal(digits, digits) if _is_inside(policy, digits, purpose) else Refusal.NO_EXTENSION
    if purpose in _PASSING_ON and not policy.transfer_outside:  # who is consulted may be put through
        return Refusal.OUTSIDE
    return _objection(policy, dialled) or Goal(digits, f"+{digits}")


def too_many(policy: DiallingPolicy, last_minute: int, own: int, in_all: int) -> Refusal | None:
    """Whether one call more is too many; counted are those dialled by this agent, and those that run."""
    if own >= policy.at_once_per_agent:
        return Refusal.TOO_MANY_OWN
    if last_minute >= policy.per_minute:
        return Refusal.TOO_OFTEN
    return Refusal.TOO_MANY if in_all >= policy.at_once else None


def is_extension(policy: DiallingPolicy, digits: str) -> bool:
    """Of a telephone of this switch."""
    return digits.isdigit() and any(
        len(digits) == len(first) and first <= digits <= last for first, last in policy.extensions
    )


def _is_inside(policy: DiallingPolicy, digits: str, purpose: Purpose) -> bool:
    return is_extension(policy, digits) or (purpose is not Purpose.MAKE and digits in policy.queues)


def _objection(policy: DiallingPolicy, dialled: Dialled) -> Refusal | None:
    digits, kind, region = dialled
    if digits.startswith(SATELLITE):
        return Refusal.SATELLITE
    if kind in ALWAYS_REFUSED:
        return Refusal.PREMIUM
    if digits in policy.never:
        return Refusal.NEVER
    if _begins(digits, policy.refused):
        return Refusal.LISTED
    if kind not in policy.kinds:
        return Refusal.KIND
    return None if region in policy.regions or _begins(digits, policy.allowed) else Refusal.ABROAD


def _begins(digits: str, prefixes: Sequence[str]) -> bool:
    return digits.startswith(tuple(prefixes))


def masked(text: str) -> str:
    """For the audit: enough to find a call again, too little to be anybody's number."""
    digits = "".join(c for c in text if c in "0123456789")
    return f"{digits[:3]}…{digits[-2:]}" if len(digits) > 5 else digits
