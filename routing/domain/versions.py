"""Versions of the routing policy: what was written, by whom, and when it was live."""

import difflib
from typing import Final, NamedTuple

FROM_FILE: Final = "routing.yaml"
"""The author of what came from the installation's own file."""
LONGEST_NOTE: Final = 200


class PolicyVersion(NamedTuple):
    """`live_at`: when it was last made live; the one with the latest is. Times in seconds since 1970."""

    number: int
    at: float
    author: str
    note: str
    text: str
    live_at: float | None = None


class Mistake(NamedTuple):
    """`line` from 1."""

    line: int
    place: str
    sentence: str


def mistakes_of(refusal: str) -> list[Mistake]:
    """From the lines of a PolicyRefused: file:line: place: sentence."""
    found = []
    for told in refusal.splitlines():
        parts = told.split(":", 3)
        if len(parts) == 4 and parts[1].isdigit():
            found.append(Mistake(int(parts[1]), parts[2].strip(), parts[3].strip()))
        else:
            found.append(Mistake(1, "", told.strip()))
    return found


def difference(before: str, after: str) -> list[str]:
    """Lines that begin with a plus, a minus or a space, each change with two lines around it."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]
