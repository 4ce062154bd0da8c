"""What must not be deleted, and the reports of what was."""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from cti.domain.erasing import CALL, CUSTOMER, RECORDING, Person


class HoldKind(StrEnum):
    """What a legal hold is on."""

    NUMBER = "number"
    CUSTOMER = "customer"
    CALL = "call"
    RECORDING = "recording"


class Hold(NamedTuple):
    """A legal hold: until it is lifted, nothing of its subject is deleted. Times in seconds since 1970."""

    id: str
    kind: HoldKind
    subject: str  # an E.164 number, or an id
    reason: str
    by: str
    at: float
    lifted_at: float | None = None
    lifted_by: str | None = None
    lifted_because: str | None = None

    def is_on(self, person: Person) -> bool:
        """Whether it forbids to erase them."""
        if self.kind is HoldKind.NUMBER:
            return any(number.e164 == self.subject for number in person.numbers)
        return self.subject in person.of(_KINDS[self.kind])


_KINDS: Mapping[HoldKind, str] = {
    HoldKind.CUSTOMER: CUSTOMER,
    HoldKind.CALL: CALL,
    HoldKind.RECORDING: RECORDING,
}


class Report(NamedTuple):
    """What was deleted, where, and how much of it. `seal`: SHA-256 of its text."""

    id: str
    kind: str  # erasure, retention
    at: float
    by: str
    text: str  # JSON
    seal: str


def report(id_: str, kind: str, at: float, by: str, told: Mapping[str, Any]) -> Report:
    text = json.dumps({"id": id_, "kind": kind, "at": at, "by": by, **told}, sort_keys=True)
    return Report(id_, kind, at, by, text, hashlib.sha256(text.encode()).hexdigest())
