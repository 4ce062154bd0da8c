"""What a period of reviews says: three accuracies, and the weighted score as a number of its own.

Shares have Wilson's interval, means Student's; both at 95 %. Below `FEWEST` calls no figure is told at all, for it would
be read as one.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from math import sqrt
from statistics import fmean, stdev
from typing import Final, NamedTuple

from cti.domain.identifiers import AgentId
from cti.domain.intervals import Grid
from qa.domain.review import Evaluation, Review
from qa.domain.scorecard import NO, SCALE, YES, CriticalKind, ItemId, ScorecardId, Value
from qa.domain.scoring import Result

FEWEST: Final = 10
"""Calls from which a figure is told."""
Z95: Final = 1.959964

Scored = tuple[Review, Evaluation]
"""A review and the evaluation that holds."""


class Breakdown(StrEnum):
    """What a report is broken down by."""

    NONE = "none"
    TEAM = "team"
    AGENT = "agent"
    QUEUE = "queue"
    TIER = "tier"
    QUESTION = "question"


class Span(StrEnum):
    """How long the steps of a trend are, by the site's own calendar."""

    NONE = "none"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class ReportFilter(NamedTuple):
    """Of which calls; None leaves a question out."""

    queue: str | None = None
    agent: str | None = None
    tier: str | None = None
    team: str | None = None
    scorecard: str | None = None


class Figure(NamedTuple):
    """A share (0 to 1) or a mean (0 to 100) of `n` calls with its interval; all None of too few."""

    n: int
    value: float | None
    low: float | None
    high: float | None


class Line(NamedTuple):
    """One group in one step. `group` is None for calls that belong to none, and when nothing is broken down.

    The accuracies are shares of calls without an error of that kind. The score is beside them, never in them.
    """

    since: float
    until: float
    group: str | None
    calls: int
    customer: Figure
    business: Figure
    compliance: Figure
    passed: Figure
    score: Figure


class ItemLine(NamedTuple):
    """What one question came to in one step, or in the whole period: what did not apply or was not asked is left out of `reached`.

    `reached` is a share: of "yes", or of the steps of a scale on average.
    """

    since: float
    until: float
    scorecard: ScorecardId
    item: ItemId
    answers: int
    not_applicable: int
    reached: Figure


class Report(NamedTuple):
    """`calls` that could be scored; `beyond` so many more were too many to be looked at.

    `item_steps`: the questions step by step, told when a report is broken down by them.
    """

    since: float
    until: float
    calls: int
    beyond: int
    whole: Line
    lines: Sequence[Line]
    items: Sequence[ItemLine]
    item_steps: Sequence[ItemLine]


GroupsOf = Callable[[Review], Iterable[str | None]]
"""The groups a review counts in: an agent of two teams counts in both."""


def groups_of(grouping: Breakdown, teams_of: Callable[[AgentId], Iterable[str]]) -> GroupsOf:
    def teams(review: Review) -> Iterable[str | None]:
        return (review.agent and sorted(teams_of(review.agent))) or (None,)

    by: dict[Breakdown, GroupsOf] = {
        Breakdown.NONE: lambda _: (None,),
        Breakdown.TEAM: teams,
        Breakdown.AGENT: lambda review: (review.agent,),
        Breakdown.QUEUE: lambda review: (review.queue,),
        Breakdown.TIER: lambda review: (review.tier,),
        Breakdown.QUESTION: lambda _: (None,),
    }
    return by[grouping]


def report(
    scored: Sequence[Scored], beyond: int, groups: GroupsOf, steps: Grid, *, by_question: bool = False
) -> Report:
    """Of reviews whose calls began within the steps. What could not be scored is left out."""
    counted = [one for one in scored if one[0].result not in {None, Result.NOT_SCORABLE}]
    cells: dict[tuple[int, str | None], list[Scored]] = {}
    in_step: dict[int, list[Scored]] = {}
    for one in counted:
        step = steps.cell(one[0].started_at)
        if step is not None:
            in_step.setdefault(step, []).append(one)
            for group in groups(one[0]):
                cells.setdefault((step, group), []).append(one)
    edges = steps.edges
    order = sorted(cells, key=lambda cell: (cell[1] is None, cell[1] or "", cell[0]))
    return Report(
        since=edges[0],
        until=edges[-1],
        calls=len(counted),
        beyond=beyond,
        whole=_line(edges[0], edges[-1], None, counted),
        lines=[_line(edges[step], edges[step + 1], group, cells[step, group]) for step, group in order],
        items=_items(edges[0], edges[-1], counted),
        item_steps=[
            line
            for step in sorted(in_step if by_question else ())
            for line in _items(edges[step], edges[step + 1], in_step[step])
        ],
    )


def share(hits: int, n: int) -> Figure:
    """Wilson's interval."""
    if n < FEWEST:
        return Figure(n, None, None, None)
    low, high = wilson(hits, n)
    return Figure(n, hits / n, low, high)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share; `n` is not 0."""
    found, spread = hits / n, Z95 * Z95 / n
    middle = (found + spread / 2) / (1 + spread)
    reach = Z95 * sqrt(found * (1 - found) / n + spread / (4 * n)) / (1 + spread)
    return (0.0 if hits == 0 else middle - reach), (1.0 if hits == n else middle + reach)


def mean(values: Sequence[float], most: float) -> Figure:
    """Student's interval, cut at the ends of the scale: 0 and `most`."""
    n = len(values)
    if n < FEWEST:
        return Figure(n, None, None, None)
    found = fmean(values)
    reach = student(n - 1) * stdev(values) / sqrt(n)
    return Figure(n, found, max(0.0, found - reach), min(most, found + reach))


def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t (Cornish-Fisher); off by less than 0.0001 from nine degrees of freedom on."""
    z = Z95
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return float(z + sum(term / freedom**power for power, term in enumerate(terms, 1)))


def _line(since: float, until: float, group: str | None, scored: Sequence[Scored]) -> Line:
    n = len(scored)

    def clean(kind: CriticalKind) -> Figure:
        return share(sum(1 for review, _ in scored if kind not in review.critical_errors), n)

    return Line(
        since,
        until,
        group,
        n,
        clean(CriticalKind.CUSTOMER),
        clean(CriticalKind.BUSINESS),
        clean(CriticalKind.COMPLIANCE),
        share(sum(1 for review, _ in scored if review.result is Result.PASS), n),
        mean([review.score for review, _ in scored if review.score is not None], 100.0),
    )


def _items(since: float, until: float, scored: Sequence[Scored]) -> list[ItemLine]:
    """Weakest first; those with too few answers last."""
    values: dict[tuple[ScorecardId, ItemId], list[Value]] = {}
    for review, evaluation in scored:
        for item, answer in evaluation.answers.items():
            values.setdefault((review.scorecard, item), []).append(answer.value)
    lines = [ItemLine(since, until, card, item, *_told(given)) for (card, item), given in values.items()]
    return sorted(
        lines,
        key=lambda line: (
            2.0 if line.reached.value is None else line.reached.value,
            line.scorecard,
            line.item,
        ),
    )


def _told(values: Sequence[Value]) -> tuple[int, int, Figure]:
    steps = [value / SCALE[-1] for value in values if isinstance(value, int)]
    told = [value for value in values if value in {YES, NO}]
    reached = mean(steps, 1.0) if steps else share(sum(value == YES for value in told), len(told))
    counted = len(steps) or len(told)
    return counted, len(values) - counted, reached
