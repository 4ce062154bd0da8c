"""Puts scores of a period beside what customers said."""

import asyncio
import random
from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

from cti.domain.identifiers import CallId
from qa.domain.review import SPEAK_OF_ALL, ReviewSearch
from qa.domain.satisfaction_link import (
    FEWEST,
    Coefficient,
    ItemLink,
    Pair,
    Quadrants,
    interval_of,
    item_links,
    paired,
    passed_and_dissatisfied,
    quadrants,
    rank_correlation,
)
from qa.ports import ReviewStore, SaidOf

MOST_REVIEWS: Final = 5000
"""The newest ones of a period that are looked at."""
RESAMPLES: Final = 400
MOST_DRAWN: Final = 500
"""Pairs in a resample: of more it would cost seconds, so its spread is scaled down to that of all (m out of n bootstrap)."""


class SatisfactionReport(NamedTuple):
    """`reviews` scored ones, of which `len(pairs)` have an answer; `beyond` were too many to be looked at."""

    reviews: int
    beyond: int
    pairs: Sequence[Pair]
    quadrants: Quadrants
    correlation: Coefficient | None
    passed_and_dissatisfied: Sequence[Pair]
    items: Sequence[ItemLink]


class SatisfactionDesk:
    """Quality against satisfaction."""

    def __init__(self, store: ReviewStore, said_of: SaidOf) -> None:
        self._store, self._said_of = store, said_of

    async def report(
        self, search: ReviewSearch, since: float | None, until: float | None
    ) -> SatisfactionReport:
        """Of calls whose recording began between these two; of the reviews that `search` asks for."""
        scored, total = await self._store.evaluations(
            search._replace(plans=SPEAK_OF_ALL), since, until, MOST_REVIEWS
        )
        said = await self._said_of({CallId(review.call) for review, _ in scored})
        pairs = paired(scored, said)
        # Some hundred thousand steps: pops do not wait for them.
        return await asyncio.to_thread(_report, pairs, len(scored), total - len(scored))


def _report(pairs: Sequence[Pair], reviews: int, beyond: int) -> SatisfactionReport:
    return SatisfactionReport(
        reviews,
        beyond,
        pairs,
        quadrants(pairs),
        _correlation(pairs),
        passed_and_dissatisfied(pairs),
        item_links(pairs),
    )


def _correlation(pairs: Sequence[Pair]) -> Coefficient | None:
    marks = [(pair.review.score, pair.content) for pair in pairs if pair.review.score is not None]
    if len(marks) < FEWEST:
        return None
    value = _spearman(marks)
    if value is None:
        return None
    luck = random.Random(len(marks))  # noqa: S311  the same calls have the same interval each time they are looked at
    drawn = min(len(marks), MOST_DRAWN)
    narrower = sqrt(drawn / len(marks))
    resampled = (_spearman(luck.choices(marks, k=drawn)) for _ in range(RESAMPLES))
    interval = interval_of([value + (one - value) * narrower for one in resampled if one is not None])
    return None if interval is None else Coefficient(value, *interval)


def _spearman(marks: Sequence[tuple[float, float]]) -> float | None:
    return rank_correlation([score for score, _ in marks], [content for _, content in marks])
