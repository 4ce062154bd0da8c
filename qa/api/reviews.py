"""Scorecards and reviews over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from cti.domain.access import Guard, Permission, User, Visible, everybody
from cti.domain.identifiers import AgentId, QueueName, Tier
from qa.domain.review import (
    Evaluation,
    PlanKind,
    Purpose,
    Review,
    ReviewId,
    ReviewSearch,
    ReviewState,
)
from qa.domain.scorecard import (
    Condition,
    CriticalKind,
    Item,
    ItemId,
    ItemKind,
    Scorecard,
    ScorecardId,
    Words,
)
from qa.domain.scoring import Answer, Result, Score
from qa.ports import AnswersDraft
from qa.service.review_desk import ReviewDesk
from qa.service.work_desk import WorkDesk

NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps none

AnswerValue = Literal["yes", "no", "na"] | Annotated[int, Field(strict=True, ge=0, le=4)]


class WordsView(BaseModel):
    en: str
    zh: str


class ConditionView(BaseModel):
    """The item is asked only if this other one is asked and has one of these answers."""

    item: str
    values: list[AnswerValue]


class ItemView(BaseModel):
    """`weight` is the share within the section; `comment_when` lists the answers that need a comment."""

    id: str
    text: WordsView
    kind: ItemKind
    critical: CriticalKind | None
    weight: float
    anchors: list[WordsView]
    help: WordsView | None
    comment_when: list[AnswerValue]
    shown_when: ConditionView | None = None


class SectionView(BaseModel):
    id: str
    title: WordsView
    weight: float
    items: list[ItemView]


class ScorecardView(BaseModel):
    id: str
    version: int
    title: WordsView
    pass_mark: float
    queues: list[str] | None
    sections: list[SectionView]


class ScorecardsView(BaseModel):
    items: list[ScorecardView]
    total: int


class AnswerView(BaseModel):
    model_config = ConfigDict(extra="forbid")
    value: AnswerValue
    comment: Annotated[str, Field(max_length=2000, pattern=NO_NUL)] = ""
    at_seconds: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None


class AnswersForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    answers: Annotated[dict[str, AnswerView], Field(max_length=500)]
    comment: Annotated[str, Field(max_length=5000, pattern=NO_NUL)] = ""

    def by_item(self) -> dict[ItemId, Answer]:
        return {
            ItemId(id_): Answer(one.value, one.comment, one.at_seconds) for id_, one in self.answers.items()
        }


class ReviewView(BaseModel):
    """`critical_errors` are the kinds that occurred; `reviewer` holds the review or scored it; `plan` is why it is reviewed.

    `own_team`: the reviewer is of the agent's team; `changed`: by a dispute. Of a score that would sway somebody who still has to
    judge the same call, `score` and `result` are null.
    """

    id: str
    recording: str
    call: str
    queue: str
    agent: str | None
    tier: Tier | None
    state: ReviewState
    reviewer: str | None
    claimed_until: float | None
    score: float | None
    result: Result | None
    critical_errors: list[CriticalKind]
    scorecard: str
    scorecard_version: int
    started_at: float
    duration_seconds: float
    created_at: float
    scored_at: float | None
    purpose: Purpose
    plan: PlanKind | None
    due_at: float | None
    assigned_to: str | None
    own_team: bool
    changed: bool
    acknowledged_at: float | None
    exclusion: str


class ReviewsView(BaseModel):
    items: list[ReviewView]
    total: int


class SectionScoreView(BaseModel):
    """`counted_weight` is what the section weighed after what did not apply was shared out."""

    section: str
    score: float | None
    counted_weight: float


class CriticalErrorView(BaseModel):
    item: str
    kind: CriticalKind


class ScoreView(BaseModel):
    score: float | None
    result: Result
    sections: list[SectionScoreView]
    critical_errors: list[CriticalErrorView]
    unanswered: list[str]


class DraftAnswerView(BaseModel):
    """An answer on its way: it may have no value yet."""

    model_config = ConfigDict(extra="forbid")
    value: AnswerValue | None = None
    comment: Annotated[str, Field(max_length=2000, pattern=NO_NUL)] = ""
    at_seconds: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None


class AnswersDraftView(BaseModel):
    """What the reviewer who holds it has written so far; `at` is when it was kept."""

    answers: dict[str, DraftAnswerView]
    comment: str
    at: float


class ReviewDetailView(ReviewView):
    """`breakdown` and `answers` are there once it is scored, and `draft` for who is at it."""

    answers: dict[str, AnswerView]
    comment: str
    breakdown: ScoreView | None
    draft: AnswersDraftView | None = None


def routes(desk: ReviewDesk, work: WorkDesk, guard: Guard, visible: Visible = everybody) -> APIRouter:
    router = APIRouter(tags=["quality"])
    may_review = guard(Permission.REVIEW)
    _scorecards(router, desk, may_review)
    _own(router, desk, guard)
    _reading(router, desk, work, may_review, visible)
    _reviewing(router, desk, work, may_review)
    return router


def _scorecards(router: APIRouter, desk: ReviewDesk, may_review: Any) -> None:
    @router.get("/scorecards", dependencies=[Depends(may_review)])
    async def scorecards() -> ScorecardsView:
        items = [scorecard_view(card) for card in desk.scorecards()]
        return ScorecardsView(items=items, total=len(items))

    @router.get("/scorecards/{scorecard_id}", dependencies=[Depends(may_review)])
    async def scorecard(
        scorecard_id: str, version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None
    ) -> ScorecardView:
        return scorecard_view(desk.scorecard(ScorecardId(scorecard_id), version))


def _own(router: APIRouter, desk: ReviewDesk, guard: Guard) -> None:
    """What agents may read of their own reviews: those that are scored, and nothing of others."""
    may_use_desk = guard(Permission.USE_DESK)

    @router.get("/own-reviews")
    async def own_reviews(
        user: Annotated[User, Depends(may_use_desk)],
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> ReviewsView:
        page = await desk.own(user, limit, offset)
        return ReviewsView(items=[ReviewView(**_shown(one)) for one in page.items], total=page.total)

    @router.get("/own-reviews/{review_id}")
    async def own_review(review_id: str, user: Annotated[User, Depends(may_use_desk)]) -> ReviewDetailView:
        found = await desk.own_review(ReviewId(review_id), user)
        return review_view(found, await desk.evaluation(found.final or found.id))

    @router.get("/own-reviews/{review_id}/scorecard")
    async def own_scorecard(review_id: str, user: Annotated[User, Depends(may_use_desk)]) -> ScorecardView:
        """What was asked about this call."""
        found = await desk.own_review(ReviewId(review_id), user)
        return scorecard_view(desk.scorecard(found.scorecard, found.scorecard_version))


def _reading(router: APIRouter, desk: ReviewDesk, work: WorkDesk, may_review: Any, visible: Visible) -> None:
    @router.get("/reviews")
    async def reviews(
        user: Annotated[User, Depends(may_review)],
        state: ReviewState | None = None,
        mine: bool = False,
        queue: Annotated[str | None, Query(max_length=128, pattern=NO_NUL)] = None,
        agent: Annotated[str | None, Query(max_length=80, pattern=NO_NUL)] = None,
        tier: Tier | None = None,
        plan: PlanKind | None = None,
        purpose: Purpose | None = None,
        assigned: bool = False,
        by_due: bool = False,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> ReviewsView:
        search = ReviewSearch(
            state=state,
            reviewer=user.login if mine else None,
            queue=None if queue is None else QueueName(queue),
            agent=None if agent is None else AgentId(agent),
            tier=tier,
            visible=visible(user),
            plans=None if plan is None else frozenset({plan}),
            purpose=purpose,
            assigned_to=user.login if assigned else None,
            by_due=by_due,
        )
        page = await desk.search(search, limit, offset)
        items = [ReviewView(**_shown(one)) for one in await work.shown(page.items, user)]
        return ReviewsView(items=items, total=page.total)

    @router.get("/reviews/{review_id}")
    async def review(review_id: str, user: Annotated[User, Depends(may_review)]) -> ReviewDetailView:
        found = await desk.get(ReviewId(review_id))
        (seen,) = await work.shown([found], user)
        draft = await work.draft(found.id, user) if found.state is not ReviewState.SCORED else None
        return review_view(seen, await work.evaluation(found, user), draft)


def _reviewing(router: APIRouter, desk: ReviewDesk, work: WorkDesk, may_review: Any) -> None:
    @router.post("/reviews/{review_id}/claim")
    async def claim(review_id: str, user: Annotated[User, Depends(may_review)]) -> ReviewDetailView:
        found = await work.claim(ReviewId(review_id), user)
        return review_view(found, None, await work.draft(found.id, user))

    @router.post("/reviews/{review_id}/release")
    async def release(review_id: str, user: Annotated[User, Depends(may_review)]) -> ReviewDetailView:
        return review_view(await desk.release(ReviewId(review_id), user), None)

    @router.post("/reviews/{review_id}/preview", dependencies=[Depends(may_review)])
    async def preview(review_id: str, form: AnswersForm) -> ScoreView:
        return score_view(await desk.preview(ReviewId(review_id), form.by_item()))

    @router.post("/reviews/{review_id}/score")
    async def score(
        review_id: str, form: AnswersForm, user: Annotated[User, Depends(may_review)]
    ) -> ReviewDetailView:
        found = await work.score(ReviewId(review_id), user, form.by_item(), form.comment)
        return review_view(found, await desk.evaluation(found.final or found.id))


def scorecard_view(card: Scorecard) -> ScorecardView:
    return ScorecardView(
        id=card.id,
        version=card.version,
        title=_words(card.title),
        pass_mark=float(card.pass_mark),
        queues=None if card.queues is None else sorted(card.queues),
        sections=[
            SectionView(
                id=section.id,
                title=_words(section.title),
                weight=float(section.weight),
                items=[_item(item) for item in section.items],
            )
            for section in card.sections
        ],
    )


def _item(item: Item) -> ItemView:
    return ItemView(
        id=item.id,
        text=_words(item.text),
        kind=item.kind,
        critical=item.critical,
        weight=float(item.weight),
        anchors=[_words(anchor) for anchor in item.anchors],
        help=None if item.help is None else _words(item.help),
        comment_when=sorted(item.comment_when, key=str),  # type: ignore[arg-type]  # `faults` let no other in
        shown_when=None if item.shown_when is None else _condition(item.shown_when),
    )


def _condition(condition: Condition) -> ConditionView:
    values = sorted(condition.values, key=str)
    return ConditionView(item=condition.item, values=values)  # type: ignore[arg-type]  # as above


def _words(words: Words) -> WordsView:
    return WordsView(**words._asdict())


def score_view(score: Score) -> ScoreView:
    return ScoreView(
        score=score.score,
        result=score.result,
        sections=[SectionScoreView(**section._asdict()) for section in score.sections],
        critical_errors=[CriticalErrorView(**error._asdict()) for error in score.critical_errors],
        unanswered=list(score.unanswered),
    )


def review_view(
    review: Review, evaluation: Evaluation | None, draft: AnswersDraft | None = None
) -> ReviewDetailView:
    answers = {} if evaluation is None else evaluation.answers
    return ReviewDetailView(
        **_shown(review),
        answers={id_: AnswerView.model_validate(answer._asdict()) for id_, answer in answers.items()},
        comment="" if evaluation is None else evaluation.comment,
        breakdown=None if evaluation is None else score_view(evaluation.score),
        draft=None if draft is None else AnswersDraftView.model_validate(draft._asdict()),
    )


def _shown(review: Review) -> dict[str, Any]:
    fields = review._asdict()
    del fields["revision"]
    return {**fields, "changed": fields.pop("final") is not None}
