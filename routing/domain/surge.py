"""Surge mode: a queue under more load than it can bear goes by rules of its own until the load has gone.

Load is measured against the agents at work, ready or not: while somebody waits nobody is ready, so a ratio to ready agents
would know nothing but "calm" and "for ever". Two thresholds with a gap between them, each of which must hold for some
time, keep a queue from going in and out with every call.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from cti.domain.identifiers import Tier
from routing.domain.overflow import OverflowRule


class SurgeState(StrEnum):
    """How a queue goes: by its ordinary rules, or by those of a surge."""

    CALM = "calm"
    SURGE = "surge"


BY_LOAD: Final = "load"
LONGEST_PAUSE: Final = 10.0
"""Seconds between two looks. After more of them, or fewer than none, nobody knows what was: the count begins anew."""
LONGEST_BY_HAND: Final = 3600.0
"""Seconds."""


class Threshold(NamedTuple):
    """Callers who wait for every ten agents at work, seconds the first of them has waited, and how long that must hold."""

    per_ten_agents: int | None
    longest_wait: int | None
    seconds: int


class SurgeRule(NamedTuple):
    """A surge begins when one measure of `enter` is reached, and ends when all of `leave` are fallen short of."""

    enter: Threshold
    leave: Threshold
    credits: Mapping[Tier, int | None]
    overflow: tuple[OverflowRule, ...]


class Load(NamedTuple):
    """`at_work`: agents who take this queue's calls, talking, ringing, ready or working after a call."""

    waiting: int
    at_work: int
    longest_wait: float


class Surge(NamedTuple):
    """How a queue stands. `by` load or somebody's login, then `until` a moment; times in seconds since 1970."""

    state: SurgeState = SurgeState.CALM
    since: float = 0.0
    holds_since: float | None = None
    looked_at: float = 0.0
    by: str = BY_LOAD
    until: float | None = None


CALM: Final = Surge()


def begun_by_hand(was: Surge, at: float, seconds: float, by: str) -> Surge:
    """From now, whatever the load, for so long; a surge that goes on keeps its beginning."""
    since = was.since if was.state is SurgeState.SURGE else at
    return Surge(SurgeState.SURGE, since, None, at, by, at + min(seconds, LONGEST_BY_HAND))


def step(was: Surge, rule: SurgeRule, load: Load | None, at: float) -> Surge:
    """One look. `load` is None while nobody knows it: the queue stays as it is."""
    if was.until is not None:
        until = min(was.until, at + LONGEST_BY_HAND)  # a clock that was set back makes it no longer
        if at < until:
            return was._replace(looked_at=at, until=until)
        was = was._replace(by=BY_LOAD, until=None, holds_since=None)
    if load is None or not 0 <= at - was.looked_at <= LONGEST_PAUSE:
        return was._replace(holds_since=None, looked_at=at)
    calm = was.state is SurgeState.CALM
    if _reached(rule.enter if calm else rule.leave, load) is not calm:
        return was._replace(holds_since=None, looked_at=at)
    since = at if was.holds_since is None else was.holds_since
    if at - since < (rule.enter if calm else rule.leave).seconds:
        return was._replace(holds_since=since, looked_at=at)
    return Surge(SurgeState.SURGE if calm else SurgeState.CALM, at, None, at)


def _reached(threshold: Threshold, load: Load) -> bool:
    crowded = threshold.per_ten_agents is not None and (
        10 * load.waiting >= threshold.per_ten_agents * load.at_work
    )
    long = threshold.longest_wait is not None and load.longest_wait >= threshold.longest_wait
    return load.waiting > 0 and (crowded or long)
