"""Our record of a visit held against the switch's ledger: where they differ, why, who is right.

Theory of operation. The ledger is the audit, in whole seconds; our records come from the live stream, to the microsecond.
A ledger visit is matched with ours (`matching.py`). Then outcome, agent, wait and talk are compared,
and every difference gets a cause or none. Three things can follow. The difference is *explained*: ours stays. It is
*repaired*: the ledger is right, and we know why ours is not; mostly because a gap lay there (`missed`). Or it is
*unexplained*: ours stays, and it counts as drift until somebody has looked.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from cti.domain.causes import Cause
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.matching import JOINED_AFTER, agent_key, joined_together
from cti.domain.records import CallRecord, Outcome, VisitRecord

SECOND = 1.1
"""Whole seconds against microseconds, and a moment between fact and line: less than this is no difference."""
MISSED_SECOND = 1.0
"""… and where we did not hear all of it, for then the ledger knows better."""
HEARD = 0.5
"""An end that we heard is as near as this to the time in bridges."""
LINES_AGREE = 1.6
"""Two moments of ours and two lines of the ledger that differ by less are the same two moments."""


class DriftKind(StrEnum):
    """What differs."""

    LOST = "lost"  # only the ledger knows the visit
    EXTRA = "extra"  # only we know it
    OUTCOME = "outcome"
    AGENT = "agent"
    WAIT = "wait"
    TALK = "talk"
    UNEXPLAINED = "unexplained"  # the sum of what has no cause


class DifferenceState(StrEnum):
    """What came of a difference."""

    REPAIRED = "repaired"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"
    RESOLVED = "resolved"  # it was unexplained, and later knowledge made it vanish


class Difference(NamedTuple):
    """One value of one visit on which the two disagree."""

    kind: DriftKind
    state: DifferenceState
    cause: Cause | None
    ours: str | float | None
    ledger: str | float | None


class Comparison(NamedTuple):
    """`visit` is ours as it should be: the same when nothing was repaired."""

    visit: VisitRecord
    differences: tuple[Difference, ...]

    @property
    def repaired(self) -> bool:
        return any(one.state is DifferenceState.REPAIRED for one in self.differences)

    @property
    def unexplained(self) -> bool:
        return any(one.state is DifferenceState.UNEXPLAINED for one in self.differences)


UNSERVED = frozenset(Outcome) - {Outcome.ANSWERED, Outcome.LOST}


# where they differ --------------------------------------------------------------------------------------------


def compare(
    entry: LedgerEntry,
    visit: VisitRecord,
    call: CallRecord,
    *,
    missed: bool = False,
    bridged: float | None = None,
) -> Comparison:
    """`missed`: a gap touches the visit. `bridged`: seconds the agent's leg was in bridges, by the switch's CEL."""
    differences: list[Difference] = []
    corrected = _outcome(entry, visit, differences, missed=missed)
    if corrected.outcome is Outcome.ANSWERED and entry.outcome is Outcome.ANSWERED:
        corrected = _agent(entry, corrected, differences, missed=missed)
        corrected = _wait(entry, corrected, differences, missed=missed)
        corrected = _talk(entry, corrected, call, differences, missed=missed, bridged=bridged)
    elif corrected.outcome in UNSERVED and entry.outcome in UNSERVED:
        corrected = _wait(entry, corrected, differences, missed=missed)
    elif entry.outcome is Outcome.LOST and missed:
        corrected = _joined(entry, corrected, differences)
    return Comparison(corrected, tuple(differences))


def _outcome(entry: LedgerEntry, visit: VisitRecord, found: list[Difference], *, missed: bool) -> VisitRecord:
    ours, theirs = visit.outcome, entry.outcome
    if theirs is None or ours is theirs:
        return visit
    if theirs is Outcome.LOST:
        found.append(_difference(DriftKind.OUTCOME, Cause.RESTART, ours, theirs))
        return visit
    if (ours, theirs) == (Outcome.TRANSFERRED_OUT, Outcome.ABANDONED):
        found.append(_difference(DriftKind.OUTCOME, Cause.REDIRECT, ours, theirs))
        return visit
    cause: Cause | None = None
    if ours in (None, Outcome.LOST) or missed:
        cause = Cause.UNHEARD
    elif Outcome.SYSCOMPAT in (ours, theirs) and ours in UNSERVED:
        cause = Cause.CODEC_FAILURE
    elif ours in UNSERVED and theirs in UNSERVED:
        cause = Cause.ABANDON_SEMANTICS
    if cause is None:
        found.append(Difference(DriftKind.OUTCOME, DifferenceState.UNEXPLAINED, None, ours, theirs))
        return visit
    found.append(Difference(DriftKind.OUTCOME, DifferenceState.REPAIRED, cause, ours, theirs))
    return _taken_over(entry, visit)


def _taken_over(entry: LedgerEntry, visit: VisitRecord) -> VisitRecord:
    """Ours with the ledger's ending; what we know better than it, the moment of joining, stays."""
    served = entry.outcome is Outcome.ANSWERED
    return visit._replace(
        joined_at=_joined_at(entry, visit),
        outcome=entry.outcome,
        outcome_at=entry.outcome_at,
        wait_seconds=entry.wait_seconds,
        agent=entry.agent if served else None,
        talk_seconds=entry.talk_seconds if served else None,
        hold_seconds=visit.hold_seconds if served and visit.agent is not None else None,
        ended_at=entry.ended_at,
        ended_by=entry.ended_by,
        original_position=visit.original_position or entry.original_position,
        caller_number=visit.caller_number or entry.caller_number,
    )


def _agent(entry: LedgerEntry, visit: VisitRecord, found: list[Difference], *, missed: bool) -> VisitRecord:
    ours, theirs = visit.agent, entry.agent
    if theirs is None or ours == theirs:
        return visit
    if ours is not None and agent_key(ours) == agent_key(theirs):
        found.append(_difference(DriftKind.AGENT, Cause.AGENT_KEY, ours, theirs))
        return visit
    if ours is None or missed:
        found.append(Difference(DriftKind.AGENT, DifferenceState.REPAIRED, Cause.UNHEARD, ours, theirs))
        return visit._replace(agent=theirs)
    found.append(Difference(DriftKind.AGENT, DifferenceState.UNEXPLAINED, None, ours, theirs))
    return visit


def _agrees(ours: float, theirs: float, *, missed: bool) -> bool:
    return abs(ours - theirs) <= (MISSED_SECOND if missed else SECOND)


def _wait(entry: LedgerEntry, visit: VisitRecord, found: list[Difference], *, missed: bool) -> VisitRecord:
    ours, theirs = visit.wait_seconds, entry.wait_seconds
    joined_at = _joined_at(entry, visit)
    seen_late = missed and joined_at != visit.joined_at  # and answered late: then the wait is as long
    if theirs is None or (ours is not None and not seen_late and _agrees(ours, theirs, missed=missed)):
        return visit
    if ours is None or missed:
        found.append(Difference(DriftKind.WAIT, DifferenceState.REPAIRED, Cause.UNHEARD, ours, theirs))
        return visit._replace(
            joined_at=joined_at,
            outcome_at=entry.outcome_at,
            wait_seconds=theirs,
        )
    lines_agree = (
        joined_together(entry, visit)
        and visit.outcome_at is not None
        and entry.outcome_at is not None
        and abs(visit.outcome_at - entry.outcome_at) <= LINES_AGREE
    )
    if lines_agree:
        found.append(_difference(DriftKind.WAIT, Cause.ANNOUNCEMENT, ours, theirs))
    else:
        found.append(Difference(DriftKind.WAIT, DifferenceState.UNEXPLAINED, None, ours, theirs))
    return visit


def _joined(entry: LedgerEntry, visit: VisitRecord, found: list[Difference]) -> VisitRecord:
    """A restart left the ledger no wait to compare, only when it began."""
    ours, joined_at = visit.wait_seconds, _joined_at(entry, visit)
    if joined_at == visit.joined_at:
        return visit
    waited = None if ours is None else ours + visit.joined_at - joined_at
    found.append(Difference(DriftKind.WAIT, DifferenceState.REPAIRED, Cause.UNHEARD, ours, waited))
    return visit._replace(joined_at=joined_at, wait_seconds=waited)


def _joined_at(entry: LedgerEntry, visit: VisitRecord) -> float:
    """Ours, to the microsecond; the ledger's where we first saw who had joined before, by a ring or a look at the queue."""
    heard = _agrees(visit.joined_at, entry.joined_at, missed=True)
    return visit.joined_at if heard else entry.joined_at


def _talk(
    entry: LedgerEntry,
    visit: VisitRecord,
    call: CallRecord,
    found: list[Difference],
    *,
    missed: bool,
    bridged: float | None,
) -> VisitRecord:
    theirs = entry.talk_seconds
    ours = None if visit.talk_seconds is None else visit.talk_seconds + (visit.hold_seconds or 0.0)
    unheard = missed and _end_unheard(entry, visit, ours, bridged)
    if theirs is None or (ours is not None and not unheard and _agrees(ours, theirs, missed=missed)):
        return visit
    cause = None if ours is None or unheard else _why_talk(entry, visit, call, ours, bridged, missed=missed)
    if cause is not None:
        found.append(_difference(DriftKind.TALK, cause, ours, theirs))
        return visit
    if ours is None or missed:
        found.append(Difference(DriftKind.TALK, DifferenceState.REPAIRED, Cause.UNHEARD, ours, theirs))
        whole = better_talk(theirs, bridged)
        held = min(visit.hold_seconds or 0.0, whole)
        return visit._replace(
            talk_seconds=whole - held,
            hold_seconds=held,
            ended_at=talked_until(entry, whole),
            ended_by=entry.ended_by or visit.ended_by,
        )
    found.append(Difference(DriftKind.TALK, DifferenceState.UNEXPLAINED, None, ours, theirs))
    return visit


def _end_unheard(entry: LedgerEntry, visit: VisitRecord, ours: float | None, bridged: float | None) -> bool:
    """Whether our talk goes on to when we looked again: no end was told, or the agent's leg had left its bridge before."""
    told = visit.ended_by is not None or entry.ended_by is None
    measured = better_talk(entry.talk_seconds or 0.0, bridged) if ours is not None else 0.0
    return not told or (ours is not None and measured == bridged and abs(ours - measured) > HEARD)


def better_talk(seconds: float, bridged: float | None) -> float:
    """The ledger's whole seconds, or the time in bridges where it can be the same talk.

    It may be much longer: the ledger's line is written when the customer leaves the queue, in an attended transfer long
    before the agent hangs up. Shorter it is only where the leg was not the agent's own, but one of a Local pair.
    """
    return bridged if bridged is not None and bridged >= seconds - 2 * SECOND else seconds


def talked_until(entry: LedgerEntry, seconds: float) -> float | None:
    """When a talk of so many seconds ended: with its line, or later."""
    if entry.ended_at is None or entry.outcome_at is None:
        return entry.ended_at
    return max(entry.ended_at, entry.outcome_at + seconds)


def _why_talk(
    entry: LedgerEntry,
    visit: VisitRecord,
    call: CallRecord,
    ours: float,
    bridged: float | None,
    *,
    missed: bool,
) -> Cause | None:
    """Why the ledger's talk is longer or shorter than the time in bridges, where ours is to be believed."""
    if bridged is not None and abs(ours - bridged) <= SECOND:
        return Cause.HOLD_IN_TALK
    if missed or visit.ended_at is None or entry.ended_at is None or visit.outcome_at is None:
        return None
    theirs = entry.talk_seconds or 0.0
    if ours > theirs:
        passed_on = any(
            transfer.kind == "attended" and abs(transfer.at - entry.ended_at) <= JOINED_AFTER
            for transfer in call.transfers
        )
        return Cause.CALLID_SWAP if passed_on else None
    if visit.ended_at < entry.ended_at - SECOND and _went_on(call, visit.ended_at):
        return Cause.LOCAL_MEMBER if call.transfers else Cause.REDIRECT
    if abs(visit.ended_at - visit.outcome_at - theirs) <= LINES_AGREE:
        return Cause.HOLD_IN_TALK
    return None


def _went_on(call: CallRecord, at: float) -> bool:
    """The customer was still there when this agent had left."""
    return call.ended_at is not None and call.ended_at > at + SECOND


def _difference(
    kind: DriftKind, cause: Cause, ours: str | float | None, theirs: str | float | None
) -> Difference:
    return Difference(kind, DifferenceState.EXPLAINED, cause, ours, theirs)


def missed_by(gaps: Iterable[tuple[float, float | None]], since: float, until: float | None) -> bool:
    """Whether a gap (since, until) touches a stretch; a second's doubt on both sides."""
    return any(
        (gap_until is None or since <= gap_until + SECOND) and (until is None or until >= gap_since - SECOND)
        for gap_since, gap_until in gaps
    )


def extra(visit: VisitRecord, *, missed: bool) -> Difference:
    """A visit of ours the ledger does not know, though its lines must have been written."""
    if missed:
        return Difference(DriftKind.EXTRA, DifferenceState.REPAIRED, Cause.UNHEARD, visit.outcome, None)
    return Difference(DriftKind.EXTRA, DifferenceState.UNEXPLAINED, None, visit.outcome, None)
