"""The chain of the audit log: each line is sealed together with the seal of the line before.

A line that was changed, taken out or put between breaks the chain from there on. Lines cut off at the end leave no trace in
what remains: whoever needs that keeps the last seal elsewhere.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import NamedTuple

FIRST = "0" * 64
"""What stands before the first line."""


class AuditLine(NamedTuple):
    """Who did what to whom, and when (seconds since 1970)."""

    at: float
    user: str
    login: str
    action: str
    subject: str


class SealedLine(NamedTuple):
    """A line as it stands in the log."""

    id: int
    line: AuditLine
    previous: str
    seal: str


class Break(NamedTuple):
    """Where the chain does not hold: the line's number, and what is wrong."""

    id: int
    why: str


def seal(previous: str, line: AuditLine) -> str:
    """SHA-256, in hexadecimal, over the seal before and the line's own content."""
    content = json.dumps([previous, *line], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


class Verifier:
    """Reads a log in order, once."""

    def __init__(self) -> None:
        self.last, self.count = FIRST, 0

    def first_break(self, lines: Iterable[SealedLine]) -> Break | None:
        """The first line that does not follow from the one before; None when all do."""
        for one in lines:
            if one.previous != self.last:
                return Break(one.id, "a line before it is missing, was changed or was put between")
            if one.seal != seal(one.previous, one.line):
                return Break(one.id, "its content is not what was sealed")
            self.last = one.seal
            self.count += 1
        return None
