"""Do reviewers judge alike? Of every question how far they agree, of every reviewer how he leans: it may be the question that is bad."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from enum import StrEnum
from hashlib import sha256
from statistics import fmean
from typing import Final, NamedTuple, NewType

from cti.domain.identifiers import AgentId
from qa.domain.agreement import Agreement, Level, Rating, agreement
from qa.domain.review import Evaluation, Purpose, Review, ReviewId, beside
from qa.domain.scorecard import NO, SCALE, YES, Item, ItemId, ItemKind, Scorecard, ScorecardId, Value
from recordings.domain.naming import RecordingId

CalibrationId = NewType("CalibrationId", str)

FEWEST_CALLS: Final = 10
"""Of fewer calls that two have scored, a question is not judged."""
RELIABLE, TENTATIVE = 0.8, 0.667
"""Krippendorff's own marks for alpha; AC1 is read by the same."""


class CalibrationState(StrEnum):
    """Where a session stands."""

    SCORING = "scoring"  # each for himself, blind
    COMPARED = "compared"


class Calibration(NamedTuple):
    """A session: several score the same call, then look at it together. `reference`: whose answers count as right.

    `called_by` is empty when nobody called it: too many of the first participant's scores were overturned.
    """

    id: CalibrationId
    recording: RecordingId
    agent: AgentId | None
    scorecard: ScorecardId
    scorecard_version: int
    called_by: str
    called_at: float
    reference: str | None  # a login
    participants: tuple[str, ...]
    state: CalibrationState
    closed_at: float | None
    note: str


class Verdict(StrEnum):
    """What can be said of a question."""

    TOO_FEW = "too_few"
    RELIABLE = "reliable"
    TENTATIVE = "tentative"
    UNCLEAR = "unclear"  # reviewers read it differently: the question is bad, or its guidance


class Question(NamedTuple):
    scorecard: ScorecardId
    item: ItemId
    critical: bool
    figures: Agreement
    verdict: Verdict


class Leaning(NamedTuple):
    """`bias`: how far a reviewer's answers lie above others' of the same calls and questions, -1 to 1; `severity`: how many
    points of 100 his scores lie below theirs. None where nobody else scored what he did.
    """

    reviewer: str
    calls: int
    bias: float | None
    severity: float | None


class Rated(NamedTuple):
    """One reviewer's review of a recording that others reviewed too."""

    review: Review
    evaluation: Evaluation


class Report(NamedTuple):
    questions: Sequence[Question]
    leanings: Sequence[Leaning]
    calls: int


def by_itself(login: str, month: float, zone: tzinfo) -> CalibrationId:
    """The one session a month that opens by itself for this reviewer. `month`: a moment in it."""
    return CalibrationId(f"overturned-{datetime.fromtimestamp(month, zone):%Y-%m}-{_short(login)}")


def _short(login: str) -> str:
    return sha256(login.encode()).hexdigest()[:10]


def session_review(session: CalibrationId, first: Review, login: str, now: float) -> Review:
    """What one participant scores."""
    return beside(first, ReviewId(f"{session}-{_short(login)}"), Purpose.CALIBRATION, now)._replace(
        assigned_to=login
    )


def report(
    rated: Iterable[Rated],
    cards: Mapping[tuple[ScorecardId, int], Scorecard],
    references: Mapping[ReviewId, ReviewId] | None = None,
) -> Report:
    """`references`: of a session's reviews, whose answers theirs are compared with; else it is the others' mean."""
    by_call: dict[RecordingId, list[Rated]] = defaultdict(list)
    for one in rated:
        by_call[one.review.recording].append(one)
    shared = [some for some in by_call.values() if len({one.evaluation.reviewer for one in some}) > 1]
    return Report(
        questions=sorted(_questions(shared, cards), key=_worst_first),
        leanings=_leanings(shared, references or {}),
        calls=len(shared),
    )


def _questions(
    shared: Sequence[Sequence[Rated]], cards: Mapping[tuple[ScorecardId, int], Scorecard]
) -> Iterable[Question]:
    items: dict[tuple[ScorecardId, ItemId], Item] = {}
    units: dict[tuple[ScorecardId, ItemId], list[dict[str, Rating]]] = defaultdict(list)
    for some in shared:
        told: dict[tuple[ScorecardId, ItemId], dict[str, Rating]] = defaultdict(dict)
        for one in some:
            card = cards.get((one.review.scorecard, one.review.scorecard_version))
            for item in card.items() if card else ():
                answer = one.evaluation.answers.get(item.id)
                if answer is not None and answer.value in _categories(item):
                    items[one.review.scorecard, item.id] = item
                    told[one.review.scorecard, item.id][one.evaluation.reviewer] = answer.value
        for key, unit in told.items():
            units[key].append(unit)
    for key, item in items.items():
        level = Level.ORDINAL if item.kind is ItemKind.SCALE else Level.NOMINAL
        failing = NO if item.kind is ItemKind.YES_NO else None
        figures = agreement(units[key], _categories(item), level, failing)
        yield Question(key[0], key[1], item.critical is not None, figures, verdict(figures))


def _categories(item: Item) -> Sequence[Rating]:
    """What did not apply is no answer here."""
    return (NO, YES) if item.kind is ItemKind.YES_NO else tuple(SCALE)


def verdict(figures: Agreement) -> Verdict:
    """By AC1 and raw agreement: alpha falls to nothing where one answer is rare. All alike is agreement, however it is counted."""
    if figures.calls < FEWEST_CALLS or figures.agreement is None:
        return Verdict.TOO_FEW
    reached = min(figures.agreement, 1.0 if figures.gwet is None else figures.gwet)
    if reached >= RELIABLE:
        return Verdict.RELIABLE
    return Verdict.TENTATIVE if reached >= TENTATIVE else Verdict.UNCLEAR


def _worst_first(question: Question) -> tuple[bool, float, str, str]:
    figures = question.figures
    reached = figures.agreement if figures.gwet is None else figures.gwet
    return (
        question.verdict is Verdict.TOO_FEW,
        2.0 if reached is None else reached,
        question.scorecard,
        question.item,
    )


def _leanings(
    shared: Sequence[Sequence[Rated]], references: Mapping[ReviewId, ReviewId]
) -> Sequence[Leaning]:
    apart: dict[str, list[float]] = defaultdict(list)
    below: dict[str, list[float]] = defaultdict(list)
    calls: dict[str, int] = defaultdict(int)
    for some in shared:
        for one in some:
            who, others = one.evaluation.reviewer, _compared(one, some, references)
            calls[who] += 1
            apart[who] += list(_differences(one, others))
            own = one.evaluation.score.score
            scores = [mark for other in others if (mark := other.evaluation.score.score) is not None]
            if own is not None and scores:
                below[who].append(fmean(scores) - own)
    return [
        Leaning(
            who,
            calls[who],
            fmean(apart[who]) if apart[who] else None,
            fmean(below[who]) if below[who] else None,
        )
        for who in sorted(calls)
    ]


def _compared(
    one: Rated, some: Sequence[Rated], references: Mapping[ReviewId, ReviewId]
) -> Collection[Rated]:
    reference = references.get(one.review.id)
    who = one.evaluation.reviewer
    return [
        other for other in some if other.evaluation.reviewer != who and reference in (None, other.review.id)
    ]


def _differences(one: Rated, others: Collection[Rated]) -> Iterable[float]:
    for item, answer in one.evaluation.answers.items():
        own = worth(answer.value)
        told = [
            theirs
            for other in others
            if item in other.evaluation.answers
            and (theirs := worth(other.evaluation.answers[item].value)) is not None
        ]
        if own is not None and told:
            yield own - fmean(told)


def worth(value: Value) -> float | None:
    """From 0 to 1; None of what did not apply."""
    if isinstance(value, int):
        return value / SCALE[-1]
    return {YES: 1.0, NO: 0.0}.get(value)
