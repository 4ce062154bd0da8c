"""How answers become a score: exact arithmetic, so that the order of the questions cannot matter.

An item that is not applicable, or not asked because of another answer, takes its weight out of the denominator; a section of which nothing applies gives its
weight to the others in proportion; when nothing at all applies there is no score. A critical error fails the call
whatever the score, and the score is kept beside it.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from qa.domain.errors import CommentMissing, ItemUnanswered, ItemUnknown, MomentRefused, ValueRefused
from qa.domain.scorecard import (
    NO,
    NOT_APPLICABLE,
    SCALE,
    YES,
    CriticalKind,
    ItemId,
    Scorecard,
    ScorecardId,
    Section,
    SectionId,
    Value,
)

MOMENT_TOLERANCE = 1.0
"""Seconds a player may round a moment past the end."""


class Result(StrEnum):
    """What a review comes to."""

    PASS = "pass"  # noqa: S105 (a result, no secret)
    FAIL = "fail"
    NOT_SCORABLE = "not_scorable"


class Answer(NamedTuple):
    """One item's answer; `at_seconds` points at the moment in the sound that shows it."""

    value: Value
    comment: str = ""
    at_seconds: float | None = None


Answers = Mapping[ItemId, Answer]


class SectionScore(NamedTuple):
    """`score` (0 to 100) is None and `counted_weight` 0 when nothing in it applied."""

    section: SectionId
    score: float | None
    counted_weight: float  # of 100, after what did not apply was shared out


class CriticalError(NamedTuple):
    item: ItemId
    kind: CriticalKind


class Score(NamedTuple):
    """What the answers come to. `score` is 0 to 100, to a hundredth; None when nothing applied."""

    scorecard: ScorecardId
    version: int
    score: float | None
    result: Result
    sections: tuple[SectionScore, ...]
    critical_errors: tuple[CriticalError, ...]
    unanswered: tuple[ItemId, ...]


def asked(card: Scorecard, answers: Answers) -> dict[ItemId, Answer]:
    """The answers to what is asked. Others may lie about: somebody answered, and then changed what they hang on."""
    shown = card.asked({id_: answer.value for id_, answer in answers.items()})
    return {id_: answer for id_, answer in answers.items() if id_ in shown}


def check(card: Scorecard, answers: Answers, duration_seconds: float, *, complete: bool) -> None:
    """Raises the AnswersRefused that says what to mend. Incomplete answers are good enough for a preview."""
    items = {item.id: item for item in card.items()}
    shown = card.asked({id_: answer.value for id_, answer in answers.items()})
    for id_ in sorted(answers):
        if id_ not in items:
            raise ItemUnknown(f"({id_[:50]})")
    for item in items.values():
        answer = answers.get(item.id)
        if answer is None:
            if complete and item.id in shown:
                raise ItemUnanswered(f"({item.id})")
            continue
        if not item.takes(answer.value):
            raise ValueRefused(f"({item.id}: {answer.value})")
        if (
            answer.at_seconds is not None
            and not 0 <= answer.at_seconds <= duration_seconds + MOMENT_TOLERANCE
        ):
            raise MomentRefused(f"({item.id})")
        needs_comment = complete and item.id in shown and answer.value in item.comment_when
        if needs_comment and not answer.comment.strip():
            raise CommentMissing(f"({item.id})")


def score(card: Scorecard, answers: Answers) -> Score:
    """The score of answers that passed `check`; what is unanswered counts like what does not apply."""
    shown = card.asked({id_: answer.value for id_, answer in answers.items()})
    answers = asked(card, answers)
    achieved = {section.id: _achieved(section, answers) for section in card.sections}
    counted = sum(
        (section.weight for section in card.sections if achieved[section.id] is not None), Fraction(0)
    )
    sections, total = [], Fraction(0)
    for section in card.sections:
        part = achieved[section.id]
        if part is None:
            sections.append(SectionScore(section.id, None, 0.0))
            continue
        share = section.weight / counted
        total += part * share
        sections.append(SectionScore(section.id, _percent(part), _percent(share)))
    percent = _percent(total) if counted else None
    errors = tuple(
        CriticalError(item.id, item.critical)
        for item in card.items()
        if item.critical is not None and item.id in answers and answers[item.id].value == NO
    )
    return Score(
        scorecard=card.id,
        version=card.version,
        score=percent,
        result=_result(percent, card.pass_mark, failed=bool(errors)),
        sections=tuple(sections),
        critical_errors=errors,
        unanswered=tuple(item.id for item in card.items() if item.id in shown and item.id not in answers),
    )


def _achieved(section: Section, answers: Answers) -> Fraction | None:
    """From 0 to 1 of what applied, None when nothing did."""
    reached = possible = Fraction(0)
    for item in section.items:
        value = answers[item.id].value if item.id in answers else NOT_APPLICABLE
        if item.critical is not None or value == NOT_APPLICABLE:
            continue
        possible += item.weight
        reached += item.weight * _worth(value)
    return reached / possible if possible else None


def _worth(value: Value) -> Fraction:
    if isinstance(value, int):
        return Fraction(value, SCALE[-1])
    return Fraction(1 if value == YES else 0)


def _percent(part: Fraction) -> float:
    """To a hundredth, halves up: what is shown is what is compared."""
    return int(part * 10_000 + Fraction(1, 2)) / 100


def _result(percent: float | None, pass_mark: Fraction, *, failed: bool) -> Result:
    if failed:
        return Result.FAIL
    if percent is None:
        return Result.NOT_SCORABLE
    return Result.PASS if Fraction(str(percent)) >= pass_mark else Result.FAIL


class Accuracies(NamedTuple):
    """Shares (0 to 1) of monitored calls without a critical error of each kind; None when no call was.

    Kept apart, and apart from `mean_score`: a mean of 92 can hide six privacy violations in a hundred calls.
    """

    monitored: int
    customer: float | None
    business: float | None
    compliance: float | None
    mean_score: float | None


def accuracies(scores: Iterable[Score]) -> Accuracies:
    monitored = [one for one in scores if one.result is not Result.NOT_SCORABLE]
    marks = [Fraction(str(one.score)) for one in monitored if one.score is not None]

    def clean(kind: CriticalKind) -> float | None:
        hurt = sum(1 for one in monitored if any(error.kind is kind for error in one.critical_errors))
        return 1 - hurt / len(monitored) if monitored else None

    return Accuracies(
        monitored=len(monitored),
        customer=clean(CriticalKind.CUSTOMER),
        business=clean(CriticalKind.BUSINESS),
        compliance=clean(CriticalKind.COMPLIANCE),
        mean_score=float(sum(marks) / len(marks)) if marks else None,
    )
