"""What a period of reviews says: three accuracies, and the weighted score as a number of its own.

A report stands on what was drawn with a known probability, each call counting for as many as it stands for, unless somebody
asks for all there is. Shares have Wilson's interval, means Student's; both at 95 %. Below `FEWEST` calls no figure is told at
all, for it would be read as one.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from cti.domain.identifiers import AgentId
from cti.domain.intervals import Grid
from qa.domain import precision
from qa.domain.precision import Estimate, Weighed
from qa.domain.review import Evaluation, Review
from qa.domain.scorecard import NO, SCALE, YES, CriticalKind, ItemId, ScorecardId, Value
from qa.domain.scoring import Result

FEWEST: Final = 10
"""Calls from which a figure is told."""


class Basis(StrEnum):
    """What a report stands on."""

    RANDOM = "random"  # the random draw; where everything is reviewed, everything
    STRATIFIED = "stratified"  # the stratified draw, weighed back
    ALL = "all"  # also what was chosen for its signs or by hand: it tells of these calls, and of no others


class Scored(NamedTuple):
    """A review, the evaluation that holds, and how many calls it stands for: the inverse of the probability of its draw."""

    review: Review
    evaluation: Evaluation
    weight: float = 1.0


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
    basis: Basis = Basis.RANDOM


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

    `drawn`: how many calls the draw chose, scored by now or not; None when nothing but scores was asked for.
    `item_steps`: the questions step by step, told when a report is broken down by them.
    """

    since: float
    until: float
    basis: Basis
    drawn: int | None
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
    scored: Sequence[Scored],
    beyond: int,
    groups: GroupsOf,
    steps: Grid,
    *,
    by_question: bool = False,
    basis: Basis = Basis.ALL,
    drawn: int | None = None,
) -> Report:
    """Of reviews whose calls began within the steps. What could not be scored is left out."""
    counted = [one for one in scored if one.review.result not in {None, Result.NOT_SCORABLE}]
    cells: dict[tuple[int, str | None], list[Scored]] = {}
    in_step: dict[int, list[Scored]] = {}
    for one in counted:
        step = steps.cell(one.review.started_at)
        if step is not None:
            in_step.setdefault(step, []).append(one)
            for group in groups(one.review):
                cells.setdefault((step, group), []).append(one)
    edges = steps.edges
    order = sorted(cells, key=lambda cell: (cell[1] is None, cell[1] or "", cell[0]))
    return Report(
        since=edges[0],
        until=edges[-1],
        basis=basis,
        drawn=drawn,
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


def share(told: Sequence[Weighed]) -> Figure:
    """Of values that are 0 or 1."""
    return _figure(told, precision.share, 1.0)


def mean(told: Sequence[Weighed], most: float) -> Figure:
    """Its interval is cut at the ends of the scale: 0 and `most`."""
    return _figure(told, precision.mean, most)


def _figure(
    told: Sequence[Weighed], estimate: Callable[[Sequence[Weighed]], Estimate | None], most: float
) -> Figure:
    found = None if len(told) < FEWEST else estimate(told)
    if found is None:
        return Figure(len(told), None, None, None)
    return Figure(found.n, found.value, max(0.0, found.low), min(most, found.high))


def _line(since: float, until: float, group: str | None, scored: Sequence[Scored]) -> Line:
    def of(holds: Callable[[Review], bool]) -> Figure:
        return share([Weighed(float(holds(one.review)), one.weight) for one in scored])

    def clean(kind: CriticalKind) -> Figure:
        return of(lambda review: kind not in review.critical_errors)

    scores = [Weighed(one.review.score, one.weight) for one in scored if one.review.score is not None]
    return Line(
        since,
        until,
        group,
        len(scored),
        clean(CriticalKind.CUSTOMER),
        clean(CriticalKind.BUSINESS),
        clean(CriticalKind.COMPLIANCE),
        of(lambda review: review.result is Result.PASS),
        mean(scores, 100.0),
    )


def _items(since: float, until: float, scored: Sequence[Scored]) -> list[ItemLine]:
    """Weakest first; those with too few answers last."""
    values: dict[tuple[ScorecardId, ItemId], list[tuple[Value, float]]] = {}
    for one in scored:
        for item, answer in one.evaluation.answers.items():
            values.setdefault((one.review.scorecard, item), []).append((answer.value, one.weight))
    lines = [ItemLine(since, until, card, item, *_told(given)) for (card, item), given in values.items()]
    return sorted(
        lines,
        key=lambda line: (
            2.0 if line.reached.value is None else line.reached.value,
            line.scorecard,
            line.item,
        ),
    )


def _told(given: Sequence[tuple[Value, float]]) -> tuple[int, int, Figure]:
    steps = [Weighed(value / SCALE[-1], weight) for value, weight in given if isinstance(value, int)]
    told = [Weighed(float(value == YES), weight) for value, weight in given if value in {YES, NO}]
    counted = len(steps) or len(told)
    return counted, len(given) - counted, mean(steps, 1.0) if steps else share(told)
