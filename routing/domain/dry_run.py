"""A day's callers served once more under another policy.

What is kept of a day: who came to which queue when, of which tier, when somebody was answered, and when the others
left. The moments at which agents answered stay as they were; who is answered at each is decided anew, by virtual
arrival. Whoever left at his own moment leaves then, unless he is answered before. The live policy is played in the
same way, so that both sides share what such a play cannot know: how long a call would have lasted with another
agent, how long those who were answered would have waited, and what hours, skills, own agents and overflow do.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from cti.domain.identifiers import QueueName, Tier
from routing.domain.priority import PriorityPolicy

SAME_SECONDS: Final = 1.0
"""A wait that differs by no more is the same."""


class Stay(NamedTuple):
    """One visit that ended. `left_at`: when he was answered, or left."""

    queue: QueueName
    tier: Tier
    joined_at: float
    left_at: float
    answered: bool


class TierOutcome(NamedTuple):
    """Waits in seconds, of those who are answered; `overtaken` by somebody who came later, at least once."""

    callers: int
    answered_before: int
    answered_after: int
    median_before: float | None
    median_after: float | None
    p95_before: float | None
    p95_after: float | None
    overtaken_before: int
    overtaken_after: int
    longer: int
    shorter: int


class DryRun(NamedTuple):
    """`fidelity_seconds`: the median by which a wait played under the live policy differs from the real one."""

    callers: int
    fidelity_seconds: float | None
    tiers: Mapping[Tier, TierOutcome]


class Played(NamedTuple):
    """By the place of the stay: the wait in seconds of those who were answered, and who was overtaken."""

    waits: Mapping[int, float]
    overtaken: frozenset[int]


def play(stays: Sequence[Stay], policy: PriorityPolicy) -> Played:
    waits: dict[int, float] = {}
    overtaken: set[int] = set()
    by_queue: dict[QueueName, list[int]] = defaultdict(list)
    for place, stay in enumerate(stays):
        by_queue[stay.queue].append(place)
    for queue, places in by_queue.items():
        served = _serve(stays, places, queue, policy)
        latest = float("-inf")
        for place, at in served:
            waits[place] = at - stays[place].joined_at
            if latest > stays[place].joined_at:
                overtaken.add(place)
            latest = max(latest, stays[place].joined_at)
    return Played(waits, frozenset(overtaken))


def _serve(
    stays: Sequence[Stay], places: Iterable[int], queue: QueueName, policy: PriorityPolicy
) -> list[tuple[int, float]]:
    """Places and times, in the order of service."""
    coming = sorted(places, key=lambda place: stays[place].joined_at)
    moments = sorted(stays[place].left_at for place in coming if stays[place].answered)
    line: list[int] = []
    served: list[tuple[int, float]] = []
    following = 0
    for at in moments:
        while following < len(coming) and stays[coming[following]].joined_at <= at:
            line.append(coming[following])
            following += 1
        line = [place for place in line if stays[place].answered or stays[place].left_at > at]
        if line:
            first = min(line, key=lambda place: _virtual_arrival(stays[place], queue, policy))
            line.remove(first)
            served.append((first, at))
    return served


def _virtual_arrival(stay: Stay, queue: QueueName, policy: PriorityPolicy) -> tuple[int, float]:
    """In whole seconds, as the switch sorts, then as they came."""
    return int(stay.joined_at) - policy.credit(queue, stay.tier).seconds, stay.joined_at


def compare(stays: Sequence[Stay], live: PriorityPolicy, other: PriorityPolicy) -> DryRun:
    before, after = play(stays, live), play(stays, other)
    off = [
        abs(before.waits[place] - (stay.left_at - stay.joined_at))
        for place, stay in enumerate(stays)
        if stay.answered and place in before.waits
    ]
    return DryRun(
        len(stays),
        quantile(off, 0.5),
        {tier: _outcome([p for p, s in enumerate(stays) if s.tier is tier], before, after) for tier in Tier},
    )


def _outcome(places: Sequence[int], before: Played, after: Played) -> TierOutcome:
    old = [before.waits[place] for place in places if place in before.waits]
    new = [after.waits[place] for place in places if place in after.waits]
    both = [after.waits[p] - before.waits[p] for p in places if p in before.waits and p in after.waits]
    return TierOutcome(
        len(places),
        len(old),
        len(new),
        quantile(old, 0.5),
        quantile(new, 0.5),
        quantile(old, 0.95),
        quantile(new, 0.95),
        len(before.overtaken.intersection(places)),
        len(after.overtaken.intersection(places)),
        sum(change > SAME_SECONDS for change in both),
        sum(change < -SAME_SECONDS for change in both),
    )


def quantile(values: Iterable[float], share: float) -> float | None:
    """The smallest value that at least this share does not exceed; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
