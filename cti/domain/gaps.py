"""A stretch in which we may have missed something, and what closes its record: evidence, never time.

A gap begins with the last thing we heard and ends with the moment from which we hear everything again. It is closed when
the ledger has been read beyond that moment and every visit that touches the stretch agrees with our records, or was
repaired. Where no ledger can be read, it cannot be closed: it stays `unverifiable`, for everybody to see.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from cti.domain.identifiers import PbxName


class GapKind(StrEnum):
    """Why something may have been missed."""

    RECONNECT = "reconnect"  # the line to the switch was down
    MISSED = "missed"  # numbered messages never came
    SET_ASIDE = "set_aside"  # a frame was not trusted
    SWITCH_RESTART = "switch_restart"
    OWN_RESTART = "own_restart"  # our server was not there
    JOURNAL_HOLE = "journal_hole"  # we heard it, and lost our notes
    LEDGER_HOLE = "ledger_hole"  # a part of the ledger was gone before it was read


class GapState(StrEnum):
    """Where its record stands."""

    OPEN = "open"
    CLOSED = "closed"
    UNVERIFIABLE = "unverifiable"  # no ledger can tell


MERGED = 5.0
"""A gap that begins so many seconds behind another open one of its kind is the same gap, gone on."""


class Gap(NamedTuple):
    """Times by the switch's clock, seconds since 1970. `until` None: not over yet."""

    pbx: PbxName
    kind: GapKind
    since: float
    until: float | None
    opened_at: float
    first: int | None  # sequence numbers, where the switch has numbered
    last: int | None
    state: GapState
    closed_at: float | None
    evidence: Mapping[str, float | int | str]

    def touches(self, since: float, until: float | None) -> bool:
        """Whether something that lasted from `since` to `until` (None: it lasts) may be part of what was missed."""
        return (self.until is None or since <= self.until) and (until is None or until >= self.since)

    def continues(self, since: float, kind: GapKind) -> bool:
        """Whether a new gap is this one, gone on."""
        return self.kind is kind and (self.until is None or since <= self.until + MERGED)

    def extended(self, until: float | None, first: int | None, last: int | None) -> "Gap":
        longer = None if until is None or self.until is None else max(self.until, until)
        firsts = [number for number in (self.first, first) if number is not None]
        lasts = [number for number in (self.last, last) if number is not None]
        return self._replace(until=longer, first=min(firsts, default=None), last=max(lasts, default=None))


class Evidence(NamedTuple):
    """What is known about the time of a gap."""

    read_until: float | None  # the ledger is complete up to here; None: it cannot be read
    uncompared: int  # visits of that time that are over and were not compared yet
    lasting: int  # … that the ledger has not ended, or whose call lasts
    drifting: int  # … that were compared and still differ
    agreed: int
    repaired: int


def verdict(gap: Gap, evidence: Evidence, margin: float) -> Mapping[str, float | int] | None:
    """The evidence that closes the gap, or None while it stays open. `margin` in seconds."""
    read_until = evidence.read_until
    if read_until is None or not caught_up(gap, evidence, margin) or evidence.lasting or evidence.drifting:
        return None
    return {
        "ledger_read_until": read_until,
        "visits_agreed": evidence.agreed,
        "visits_repaired": evidence.repaired,
    }


def caught_up(gap: Gap, evidence: Evidence, margin: float) -> bool:
    """Whether all that can be known by now of the gap is known: what keeps it open then are calls that last, or drift."""
    if gap.until is None or evidence.read_until is None or evidence.read_until < gap.until + margin:
        return False
    return not evidence.uncompared


def open_since(gaps: Iterable[Gap]) -> float | None:
    """Since when a gap is open; None when none is."""
    return min((gap.since for gap in gaps if gap.state is GapState.OPEN), default=None)
