"""Quality against satisfaction over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from cti.domain.access import Guard, Permission, User, Visible, everybody
from cti.domain.identifiers import AgentId, QueueName, Tier
from qa.api.reviews import NO_NUL, WordsView
from qa.domain.errors import ScorecardUnknown
from qa.domain.review import ReviewSearch
from qa.domain.satisfaction_link import FEWEST, Coefficient, ItemLink, Pair
from qa.service.review_desk import ReviewDesk
from qa.service.satisfaction_report import SatisfactionDesk, SatisfactionReport

MOST_SHOWN = 100


class CoefficientView(BaseModel):
    """-1 to 1 with its 95 % interval; one that reaches over 0 `says_something` of nothing."""

    value: float
    low: float
    high: float
    says_something: bool


class QuadrantsView(BaseModel):
    passed_satisfied: int
    passed_dissatisfied: int
    failed_satisfied: int
    failed_dissatisfied: int


class DissatisfiedView(BaseModel):
    """A call that passed and whose customer is dissatisfied: `said` of `scale`."""

    review: str
    call: str
    queue: str
    agent: str | None
    tier: Tier | None
    started_at: float
    score: float | None
    said: int
    scale: int
    comment: str


class ItemLinkView(BaseModel):
    """`text` is null for a question that is in no scorecard of today."""

    scorecard: str
    item: str
    text: WordsView | None
    answers: int
    coefficient: CoefficientView | None


class SatisfactionView(BaseModel):
    """`reviews` were scored, `answered` of them by customers too; `beyond` were too many to be looked at.

    Below `fewest` answers a coefficient is null. `passed_and_dissatisfied` are the newest of so many as the quadrant counts.
    """

    reviews: int
    beyond: int
    answered: int
    fewest: int
    quadrants: QuadrantsView
    correlation: CoefficientView | None
    passed_and_dissatisfied: list[DissatisfiedView]
    items: list[ItemLinkView]


def routes(
    desk: SatisfactionDesk, reviews: ReviewDesk, guard: Guard, visible: Visible = everybody
) -> APIRouter:
    router = APIRouter(tags=["quality"])

    @router.get("/satisfaction")
    async def satisfaction(
        user: Annotated[User, Depends(guard(Permission.REVIEW))],
        since: Annotated[float | None, Query(alias="from", allow_inf_nan=False)] = None,
        until: Annotated[float | None, Query(allow_inf_nan=False)] = None,
        queue: Annotated[str | None, Query(max_length=128, pattern=NO_NUL)] = None,
        agent: Annotated[str | None, Query(max_length=80, pattern=NO_NUL)] = None,
        tier: Tier | None = None,
    ) -> SatisfactionView:
        search = ReviewSearch(
            queue=None if queue is None else QueueName(queue),
            agent=None if agent is None else AgentId(agent),
            tier=tier,
            visible=visible(user),
        )
        return _shown(await desk.report(search, since, until), reviews)

    return router


def _shown(report: SatisfactionReport, reviews: ReviewDesk) -> SatisfactionView:
    return SatisfactionView(
        reviews=report.reviews,
        beyond=report.beyond,
        answered=len(report.pairs),
        fewest=FEWEST,
        quadrants=QuadrantsView(**report.quadrants._asdict()),
        correlation=_coefficient(report.correlation),
        passed_and_dissatisfied=[_call(pair) for pair in report.passed_and_dissatisfied[:MOST_SHOWN]],
        items=[_item(link, reviews) for link in report.items],
    )


def _call(pair: Pair) -> DissatisfiedView:
    review, said = pair.review, pair.said
    return DissatisfiedView(
        review=review.id,
        call=review.call,
        queue=review.queue,
        agent=review.agent,
        tier=review.tier,
        started_at=review.started_at,
        score=review.score,
        said=said.score,
        scale=said.scale,
        comment=said.comment,
    )


def _item(link: ItemLink, reviews: ReviewDesk) -> ItemLinkView:
    return ItemLinkView(
        scorecard=link.scorecard,
        item=link.item,
        text=_text(link, reviews),
        answers=link.answers,
        coefficient=_coefficient(link.coefficient),
    )


def _text(link: ItemLink, reviews: ReviewDesk) -> WordsView | None:
    try:
        card = reviews.scorecard(link.scorecard)
    except ScorecardUnknown:
        return None
    words = next((item.text for item in card.items() if item.id == link.item), None)
    return None if words is None else WordsView(**words._asdict())


def _coefficient(found: Coefficient | None) -> CoefficientView | None:
    if found is None:
        return None
    return CoefficientView(**found._asdict(), says_something=found.says_something)
