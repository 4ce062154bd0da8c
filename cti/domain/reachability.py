"""Can a call reach this agent? The switch takes him for ready, but his telephone, his page or his silence may say no.

A table decides, with two times of waiting: one before he is taken out, one before he comes back, so that a moment's
trouble moves nobody. While somebody talks, or our own line to the switch is down, nothing is judged.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from cti.domain.identifiers import AgentId


class Cause(StrEnum):
    """What speaks against an agent who is ready."""

    DEVICE = "device"  # the switch cannot ring his telephone: not registered, or does not answer the switch
    SILENT_PAGE = "silent_page"  # his page, where his telephone is, says nothing any more
    MISSED_CALLS = "missed_calls"  # he lets calls ring


class Patience(NamedTuple):
    """Seconds, and a number of calls in a row."""

    silent_seconds: float = 12.0
    missed_calls: int = 3
    hold_seconds: float = 5.0
    recover_seconds: float = 5.0


class Signs(NamedTuple):
    """What is known of one agent at a moment. `page_silent_seconds` None: he has no page with a telephone in it."""

    device_rings: bool
    page_silent_seconds: float | None
    missed_calls: int
    talking: bool = False
    judged: bool = True  # the line to the switch stands, and he is ready or taken out by us
    page_hidden: bool = False  # his page, where his telephone is, lies behind something else


class Standing(StrEnum):
    """Where an agent stands with us."""

    REACHED = "reached"
    DOUBTED = "doubted"  # something speaks against him, not yet long enough
    TAKEN_OUT = "taken_out"
    RETURNING = "returning"  # nothing speaks against him, not yet long enough


class Sight(StrEnum):
    """What the signs come to."""

    CLEAR = "clear"
    AGAINST = "against"
    CLEAR_LONG = "clear_long"  # … for as long as patience asks
    AGAINST_LONG = "against_long"
    NOT_JUDGED = "not_judged"


class Deed(StrEnum):
    """What is to be done."""

    NOTHING = "nothing"
    TAKE_OUT = "take_out"
    BRING_BACK = "bring_back"


STEPS: Mapping[tuple[Standing, Sight], tuple[Standing, Deed]] = {
    (Standing.REACHED, Sight.AGAINST): (Standing.DOUBTED, Deed.NOTHING),
    (Standing.DOUBTED, Sight.CLEAR): (Standing.REACHED, Deed.NOTHING),
    (Standing.DOUBTED, Sight.NOT_JUDGED): (Standing.REACHED, Deed.NOTHING),
    (Standing.DOUBTED, Sight.AGAINST_LONG): (Standing.TAKEN_OUT, Deed.TAKE_OUT),
    (Standing.TAKEN_OUT, Sight.CLEAR): (Standing.RETURNING, Deed.NOTHING),
    (Standing.RETURNING, Sight.AGAINST): (Standing.TAKEN_OUT, Deed.NOTHING),
    (Standing.RETURNING, Sight.NOT_JUDGED): (Standing.TAKEN_OUT, Deed.NOTHING),
    (Standing.RETURNING, Sight.CLEAR_LONG): (Standing.REACHED, Deed.BRING_BACK),
}
"""Every step there is; what is not named changes nothing."""

_WAITS = {Standing.DOUBTED: Sight.AGAINST, Standing.RETURNING: Sight.CLEAR}
_LONG = {Sight.AGAINST: Sight.AGAINST_LONG, Sight.CLEAR: Sight.CLEAR_LONG}


class Watched(NamedTuple):
    """One agent's standing, since when, and what speaks or spoke against him."""

    standing: Standing = Standing.REACHED
    since: float = 0.0
    cause: Cause | None = None
    page_hidden: bool = False  # when he was taken out


class TakenOut(NamedTuple):
    """An agent who was taken out, as it is kept over a restart. `since` in seconds since 1970."""

    agent: AgentId
    cause: Cause
    since: float


def cause_of(signs: Signs, patience: Patience) -> Cause | None:
    """The gravest thing that speaks against an agent. Who misses a call behind a hidden page is given one less."""
    if not signs.device_rings:
        return Cause.DEVICE
    silent = signs.page_silent_seconds
    if silent is not None and silent >= patience.silent_seconds:
        return Cause.SILENT_PAGE
    most = max(1, patience.missed_calls - signs.page_hidden)
    return Cause.MISSED_CALLS if signs.missed_calls >= most else None


def step(known: Watched, signs: Signs, patience: Patience, now: float) -> tuple[Watched, Deed]:
    """The agent's standing after a look at him, and what to do."""
    cause = cause_of(signs, patience)
    sight = Sight.CLEAR if cause is None else Sight.AGAINST
    if signs.talking or not signs.judged:
        sight = Sight.NOT_JUDGED
    elif _WAITS.get(known.standing) is sight:
        wait = patience.hold_seconds if sight is Sight.AGAINST else patience.recover_seconds
        sight = _LONG[sight] if now - known.since >= wait else sight
    standing, deed = STEPS.get((known.standing, sight), (known.standing, Deed.NOTHING))
    since = known.since if standing is known.standing else now
    hidden = signs.page_hidden if deed is Deed.TAKE_OUT else known.page_hidden
    return Watched(standing, since, cause or known.cause, hidden), deed
