"""How far reviewers agree on one question, and how far beyond what chance alone would give.

Exact until the last step. Nothing is told where nothing can be known: one reviewer, no call that two have answered, or answers
that are all alike give None, never 1.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

Rating = str | int
"""One answer, as a category."""

Unit = Mapping[str, Rating]
"""What each reviewer answered about one call; who did not answer is not in it."""

_Weight = Callable[[int, int], Fraction]
"""How far two categories, by their places, count as agreement: 1 for the same, 0 for opposite ends."""


class Level(StrEnum):
    """Whether the categories stand in an order."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"


class Agreement(NamedTuple):
    """Of one question. Shares and coefficients are None where they are not defined; `kappa` is told of two reviewers only.

    `positive`: of the answers that said "failed", how far others said so too.
    """

    calls: int  # that at least two reviewers answered
    reviewers: int
    agreement: float | None
    alpha: float | None
    gwet: float | None  # AC1; of an ordered scale AC2
    kappa: float | None
    positive: float | None


def agreement(
    units: Sequence[Unit], categories: Sequence[Rating], level: Level, failing: Rating | None = None
) -> Agreement:
    """`categories`: all there are, in their order. `failing`: which of them is the failure, where one is rare and grave."""
    shared = _shared(units)
    raters = {rater for unit in shared for rater in unit}
    return Agreement(
        calls=len(shared),
        reviewers=len(raters),
        agreement=percent(units),
        alpha=alpha(units, categories, level),
        gwet=gwet(units, categories, level),
        kappa=kappa(units),
        positive=None if failing is None else positive(units, failing),
    )


def percent(units: Iterable[Unit]) -> float | None:
    """The share of pairs of answers that are the same, each call counting once."""
    shared = _shared(units)
    if not shared:
        return None
    return float(sum((_same(Counter(unit.values())) for unit in shared), Fraction(0)) / len(shared))


def positive(units: Iterable[Unit], failing: Rating) -> float | None:
    """Of two reviewers 2a / (2a + b + c): both said failed, or only one did."""
    both = some = 0
    for unit in _shared(units):
        count = Counter(unit.values())[failing]
        both += count * (count - 1)
        some += count * (len(unit) - 1)
    return both / some if some else None


def alpha(units: Iterable[Unit], categories: Sequence[Rating], level: Level) -> float | None:
    """Krippendorff's: any number of reviewers, missing answers."""
    shared = _shared(units)
    totals = Counter(value for unit in shared for value in unit.values())
    n = totals.total()
    if len(totals) < 2:
        return None
    used = [one for one in categories if totals[one]]
    apart = _distance(used, totals, level)
    observed = Fraction(0)
    for unit in shared:
        counts = Counter(unit.values())
        within = sum((apart[a, b] * counts[a] * counts[b] for a in counts for b in counts), Fraction(0))
        observed += within / (len(unit) - 1)
    expected = sum((apart[a, b] * totals[a] * totals[b] for a in used for b in used), Fraction(0))
    return float(1 - (n - 1) * observed / expected) if expected else None


def gwet(units: Sequence[Unit], categories: Sequence[Rating], level: Level) -> float | None:
    """Gwet's AC1, or AC2 with ordinal weights: does not fall to nothing where one answer is rare."""
    shared, told = _shared(units), [unit for unit in units if unit]
    if not shared or len({value for unit in told for value in unit.values()}) < 2:
        return None
    q = len(categories)
    weight = _ordinal(q) if level is Level.ORDINAL else _identity
    place = {value: number for number, value in enumerate(categories)}
    observed = sum((_weighed(unit, place, weight) for unit in shared), Fraction(0)) / len(shared)
    spread = Fraction(0)
    for value in categories:
        share = sum((_part(unit, value) for unit in told), Fraction(0)) / len(told)
        spread += share * (1 - share)
    total = sum((weight(a, b) for a in range(q) for b in range(q)), Fraction(0))
    chance = total * spread / (q * (q - 1))
    return float((observed - chance) / (1 - chance)) if chance != 1 else None


def kappa(units: Iterable[Unit]) -> float | None:
    """Cohen's, of exactly two reviewers who answered the same calls."""
    shared = _shared(units)
    raters = sorted({rater for unit in shared for rater in unit})
    if len(raters) != 2:
        return None
    first, second = raters
    ones, others = Counter(unit[first] for unit in shared), Counter(unit[second] for unit in shared)
    n = len(shared)
    observed = Fraction(sum(unit[first] == unit[second] for unit in shared), n)
    chance = Fraction(sum(ones[value] * others[value] for value in ones), n * n)
    return float((observed - chance) / (1 - chance)) if chance != 1 else None


def _shared(units: Iterable[Unit]) -> list[Unit]:
    return [unit for unit in units if len(unit) > 1]


def _same(counts: Counter[Rating]) -> Fraction:
    n = counts.total()
    return Fraction(sum(count * (count - 1) for count in counts.values()), n * (n - 1))


def _part(unit: Unit, value: Rating) -> Fraction:
    return Fraction(sum(one == value for one in unit.values()), len(unit))


def _weighed(unit: Unit, place: Mapping[Rating, int], weight: _Weight) -> Fraction:
    counts, n = Counter(place[value] for value in unit.values()), len(unit)
    agreed = sum(
        (counts[a] * (sum((weight(a, b) * counts[b] for b in counts), Fraction(0)) - 1) for a in counts),
        Fraction(0),
    )
    return agreed / (n * (n - 1))


def _identity(a: int, b: int) -> Fraction:
    return Fraction(int(a == b))


def _ordinal(q: int) -> _Weight:
    most = Fraction(q * (q - 1), 2)

    def weight(a: int, b: int) -> Fraction:
        apart = abs(a - b)
        return 1 - Fraction(apart * (apart + 1), 2) / most

    return weight


def _distance(
    used: Sequence[Rating], totals: Counter[Rating], level: Level
) -> Mapping[tuple[Rating, Rating], Fraction]:
    """Between categories: 1 for different ones; of ordered ones the answers that lie between, squared."""
    if level is Level.NOMINAL:
        return {(a, b): Fraction(int(a != b)) for a in used for b in used}
    apart = {}
    for first, a in enumerate(used):
        for second, b in enumerate(used):
            low, high = min(first, second), max(first, second)
            between = sum(totals[one] for one in used[low : high + 1])
            apart[a, b] = (between - Fraction(totals[a] + totals[b], 2)) ** 2
    return apart
