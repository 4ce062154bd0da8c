"""How sure a figure from a sample is: sizes, intervals, and when figures may be ranked. All at 95 %."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil, sqrt
from typing import Final, NamedTuple, TypeVar

Z95: Final = 1.959963984540054

Key = TypeVar("Key")


class Estimate(NamedTuple):
    """A figure, and between what it lies. `n` is what it was made of; `effective` what that is worth after weighting."""

    value: float
    low: float
    high: float
    n: int
    effective: float


class Weighed(NamedTuple):
    """One value and how many calls it stands for: the inverse of the probability with which it was drawn."""

    value: float
    weight: float


def sample_size(margin: float, expected: float = 0.5, population: int | None = None) -> int:
    """How many calls tell a share to ± `margin`. `expected`: about what share it will be; half is the safe guess."""
    infinite = Z95**2 * expected * (1 - expected) / margin**2
    if population is None:
        return ceil(infinite)
    return min(population, ceil(infinite / (1 + (infinite - 1) / population))) if population else 0


def highest_rate_of_none(n: int) -> float:
    """The greatest share that still lets `n` calls without one single error be no surprise (5 in a hundred)."""
    return 1.0 - float(0.05 ** (1.0 / n))


def share(told: Sequence[Weighed]) -> Estimate | None:
    """Of values that are 0 or 1: Wilson's interval, which stays between 0 and 1 and is honest about few."""
    if not told:
        return None
    total, effective = _weights(told)
    value = sum(one.value * one.weight for one in told) / total
    square = Z95**2
    middle = (value + square / (2 * effective)) / (1 + square / effective)
    reach = (Z95 / (1 + square / effective)) * sqrt(
        value * (1 - value) / effective + square / (4 * effective**2)
    )
    low, high = 0.0 if value == 0 else middle - reach, 1.0 if value == 1 else middle + reach
    return Estimate(value, max(0.0, low), min(1.0, high), len(told), effective)


def mean(told: Sequence[Weighed]) -> Estimate | None:
    """The weighted mean; of one single value nothing is known but that value, and there is no estimate."""
    if len(told) < 2:
        return None
    total, effective = _weights(told)
    value = sum(one.value * one.weight for one in told) / total
    spread = sum((one.weight * (one.value - value)) ** 2 for one in told) / total**2
    reach = student(len(told) - 1) * sqrt(spread * len(told) / (len(told) - 1))
    return Estimate(value, value - reach, value + reach, len(told), effective)


def overlap(one: Estimate, other: Estimate) -> bool:
    return one.low <= other.high and other.low <= one.high


def ranking(figures: Mapping[Key, Estimate | None]) -> list[Key] | None:
    """Best first; None where two intervals overlap, or a figure is missing: such a sample cannot say who is better."""
    known = [(key, one) for key, one in figures.items() if one is not None]
    if len(known) < 2 or len(known) < len(figures):
        return None
    known.sort(key=lambda pair: -pair[1].value)
    if any(overlap(one, other) for (_, one), (_, other) in pairwise(known)):
        return None
    return [key for key, _ in known]


def _weights(told: Sequence[Weighed]) -> tuple[float, float]:
    """Their sum, and Kish's effective number."""
    total = sum(one.weight for one in told)
    return total, total**2 / sum(one.weight**2 for one in told)


def student(degrees: int) -> float:
    """The 97.5 % point of Student's t: the table up to 4 degrees, beyond it Cornish and Fisher's expansion (off by less than 0.003,
    from 9 degrees on by less than 0.0001).
    """
    table = (12.706, 4.303, 3.182, 2.776)
    if degrees <= len(table):
        return table[degrees - 1]
    z = Z95
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return float(z + sum(term / degrees**power for power, term in enumerate(terms, 1)))
