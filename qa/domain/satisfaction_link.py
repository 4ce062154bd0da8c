"""Scores of reviewers beside what the customers of the same calls said: does the scorecard measure what they feel?

Shares and coefficients are kept apart from judgement: below `FEWEST` pairs there is no coefficient at all, and one whose interval
reaches over 0 says nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import atanh, sqrt, tanh
from statistics import StatisticsError, correlation
from typing import Final, NamedTuple

from care.domain.satisfaction import SurveyResponse, lowest
from cti.domain.identifiers import CallId
from qa.domain.review import Evaluation, Review
from qa.domain.scorecard import NO, SCALE, YES, ItemId, ScorecardId, Value
from qa.domain.scoring import Result

FEWEST: Final = 30
"""Pairs from which a coefficient is told."""
_Z95: Final = 1.959964


class Pair(NamedTuple):
    """A scored call, and what its customer said of it."""

    review: Review
    evaluation: Evaluation
    said: SurveyResponse

    @property
    def passed(self) -> bool:
        return self.review.result is Result.PASS

    @property
    def content(self) -> float:
        """The answer's place between the ends of its scale, 0 to 1, so that scales can be put together."""
        least = lowest(self.said.scale)
        return (self.said.score - least) / (self.said.scale - least)


class Quadrants(NamedTuple):
    """How many calls; who is not dissatisfied (`SurveyResponse.low`) counts as satisfied."""

    passed_satisfied: int
    passed_dissatisfied: int
    failed_satisfied: int
    failed_dissatisfied: int


class Coefficient(NamedTuple):
    """-1 to 1, and its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def says_something(self) -> bool:
        return self.low > 0 or self.high < 0


class ItemLink(NamedTuple):
    """What a question's answers have to do with what customers said.

    `coefficient` is None of fewer than `FEWEST` answers, and of answers that are all alike.
    """

    scorecard: ScorecardId
    item: ItemId
    answers: int
    coefficient: Coefficient | None


def paired(
    scored: Iterable[tuple[Review, Evaluation]], said: Mapping[CallId, Sequence[SurveyResponse]]
) -> list[Pair]:
    """Each scored review with the newest answer about its call. `said`: by call.

    An answer that names an agent is about that agent's part of a call that several had.
    """
    pairs = []
    for review, evaluation in scored:
        if review.result in {None, Result.NOT_SCORABLE}:
            continue
        about = [one for one in said.get(review.call, ()) if one.agent in {None, review.agent}]
        if about:
            pairs.append(Pair(review, evaluation, max(about, key=lambda one: (one.answered_at, one.id))))
    return pairs


def quadrants(pairs: Sequence[Pair]) -> Quadrants:
    def count(*, passed: bool, low: bool) -> int:
        return sum(1 for pair in pairs if pair.passed is passed and pair.said.low is low)

    return Quadrants(
        count(passed=True, low=False),
        count(passed=True, low=True),
        count(passed=False, low=False),
        count(passed=False, low=True),
    )


def passed_and_dissatisfied(pairs: Iterable[Pair]) -> list[Pair]:
    """The calls that teach most: well done by our own rules, and the customer says otherwise. Newest first."""
    return sorted(
        (pair for pair in pairs if pair.passed and pair.said.low),
        key=lambda pair: (-pair.review.started_at, pair.review.id),
    )


def ranks(values: Sequence[float]) -> list[float]:
    """1 for the lowest; those that are equal share the mean of their places."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for place in range(first, last + 1):
            found[order[place]] = (first + last) / 2 + 1
        first = last + 1
    return found


def rank_correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Spearman's ρ, with ties; None where one side never changes."""
    return _correlation(ranks(xs), ranks(ys))


def interval_of(resampled: Sequence[float]) -> tuple[float, float] | None:
    """The middle 95 % of what resamples came to (percentile bootstrap); None of too few."""
    if len(resampled) < 40:
        return None
    ordered = sorted(resampled)
    cut = round(len(ordered) * 0.025)
    return ordered[cut], ordered[-1 - cut]


def item_links(pairs: Sequence[Pair]) -> list[ItemLink]:
    """Each question of the scorecards, the ones that go with satisfaction most first, those that tell nothing last.

    Point-biserial for yes and no, Pearson's for a scale; what did not apply is left out. Intervals by Fisher's z.
    """
    answers: dict[tuple[ScorecardId, ItemId], list[tuple[float, float]]] = {}
    for pair in pairs:
        for item, answer in pair.evaluation.answers.items():
            worth = _worth(answer.value)
            if worth is not None:
                answers.setdefault((pair.review.scorecard, item), []).append((worth, pair.content))
    links = [ItemLink(card, item, len(told), _link(told)) for (card, item), told in answers.items()]
    return sorted(links, key=_by_strength)


def _link(told: Sequence[tuple[float, float]]) -> Coefficient | None:
    if len(told) < FEWEST:
        return None
    value = _correlation([one for one, _ in told], [other for _, other in told])
    if value is None:
        return None
    if abs(value) >= 1:
        return Coefficient(value, value, value)
    reach = _Z95 / sqrt(len(told) - 3)
    return Coefficient(value, tanh(atanh(value) - reach), tanh(atanh(value) + reach))


def _by_strength(link: ItemLink) -> tuple[float, str, str]:
    return (1.0 if link.coefficient is None else -link.coefficient.value, link.scorecard, link.item)


def _worth(value: Value) -> float | None:
    if isinstance(value, int):
        return value / SCALE[-1]
    return {YES: 1.0, NO: 0.0}.get(value)


def _correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    try:
        return max(-1.0, min(1.0, correlation(xs, ys)))
    except StatisticsError:  # fewer than two, or all alike
        return None
