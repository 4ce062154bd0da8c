"""Stretches of a sound, and what the ear found in each lane: when somebody speaks, how loud, how much is cut off.

All times are seconds from the beginning of the sound. Spans in a sequence are in order and do not touch.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """From `began` up to `ended`."""

    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began


class Lane(NamedTuple):
    """One channel as it was heard. Levels are RMS in dB below full scale, None when there is nothing to measure."""

    speech: tuple[Span, ...]
    sound: tuple[Span, ...]
    """Where there is any signal at all, noise included."""
    speech_level: float | None
    noise_level: float | None
    clipped_share: float
    """Of all samples, those that stand at the end of the scale."""


class Heard(NamedTuple):
    """A whole recording as it was heard: one lane when all voices are in one, else the customer's and the agent's."""

    seconds: float
    lanes: tuple[Lane, ...]

    @property
    def apart(self) -> bool:
        """The two sides can be told from each other."""
        return len(self.lanes) == 2


def total(spans: Iterable[Span]) -> float:
    """Seconds of all of them."""
    return sum(span.seconds for span in spans)


def united(spans: Iterable[Span]) -> list[Span]:
    """The same time in order, each moment once."""
    together: list[Span] = []
    for span in sorted(spans):
        if together and span.began <= together[-1].ended:
            together[-1] = Span(together[-1].began, max(together[-1].ended, span.ended))
        elif span.seconds > 0:
            together.append(span)
    return together


def common(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Where both are."""
    found: list[Span] = []
    one, other = 0, 0
    while one < len(some) and other < len(others):
        began = max(some[one].began, others[other].began)
        ended = min(some[one].ended, others[other].ended)
        if began < ended:
            found.append(Span(began, ended))
        if some[one].ended <= others[other].ended:
            one += 1
        else:
            other += 1
    return found


def outside(spans: Iterable[Span], begin: float, end: float) -> list[Span]:
    """What is left of [begin, end) without them."""
    left: list[Span] = []
    reached = begin
    for span in united(spans):
        if span.began > reached:
            left.append(Span(reached, min(span.began, end)))
        reached = max(reached, span.ended)
        if reached >= end:
            break
    if reached < end:
        left.append(Span(reached, end))
    return [span for span in left if span.seconds > 0]


def without(spans: Sequence[Span], others: Iterable[Span]) -> list[Span]:
    """Spans with the time of the others taken out."""
    if not spans:
        return []
    return common(spans, outside(others, spans[0].began, spans[-1].ended))


def lasting(spans: Iterable[Span], at_least: float) -> list[Span]:
    """Those that last so many seconds. Times are counted in samples, so a hair too short is long enough."""
    return [span for span in spans if span.seconds >= at_least - 1e-6]
