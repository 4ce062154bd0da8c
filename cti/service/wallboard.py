"""The live floor: who waits, who serves, and how today goes, kept up to date by a few additions an event.

Today's figures count by arrival, as the report of the day does: what joined before the site's midnight is yesterday's.
"""

from typing import NamedTuple

from cti.domain import events
from cti.domain.identifiers import CallId, Tier

KNOWN_CALLERS = 50_000
"""Recognised callers remembered; beyond it the oldest are forgotten (a call we never heard of again)."""


class PlaceInLine(NamedTuple):
    """A waiting caller's place, as routing explains it."""

    call: CallId
    credit_seconds: float
    promised_at: float | None
    why: str


class Caller(NamedTuple):
    tier: Tier | None
    name: str | None


class Waiting:
    """One caller in one line."""

    __slots__ = ("call", "joined_at", "name", "number", "queue", "tier")

    def __init__(self, event: events.CallQueued, caller: Caller | None) -> None:
        self.call, self.queue, self.joined_at, self.number = event.call, event.queue, event.at, event.number
        self.tier = caller.tier if caller else None
        self.name = (caller.name if caller else None) or event.caller_name
