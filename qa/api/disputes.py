"""Disputes over HTTP: what agents do about their own scores, and what arbitrators decide."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from cti.domain.access import Audit, Guard, Permission, User, Visible, everybody
from qa.api.reviews import NO_NUL, ReviewDetailView, review_view
from qa.domain.dispute import Dispute, DisputeId, DisputeState, Ruling
from qa.domain.review import Review, ReviewId, ReviewState
from qa.domain.scorecard import ItemId
from qa.service.dispute_desk import DisputeDesk, Shown
from qa.service.review_desk import ReviewDesk

_Text = Annotated[str, Field(max_length=2000, pattern=NO_NUL)]
_Limit = Annotated[int, Query(ge=1, le=500)]
_Offset = Annotated[int, Query(ge=0, le=10_000_000)]


class DisputeView(BaseModel):
    """`items`: the questions it is about, each with the agent's reason; `rescored`: somebody else has scored the call."""

    id: str
    review: str
    agent: str
    reviewer: str
    items: dict[str, str]
    comment: str
    raised_at: float
    state: DisputeState
    outcome: Ruling | None
    decided_by: str | None
    decided_at: float | None
    note: str


class DisputesView(BaseModel):
    items: list[DisputeView]
    total: int


class DisputeDetailView(DisputeView):
    """`again` is null until somebody else has scored the call: who still has to must not be swayed, and nobody else need know."""

    rescored: bool
    rescore: str
    first: ReviewDetailView
    again: ReviewDetailView | None


class StandingView(BaseModel):
    """`until`: the end of the time in which this score may be disputed. `may_hear`: its recording, at `/own-reviews/{id}/audio`."""

    until: float
    open: bool
    acknowledged_at: float | None
    dispute: DisputeView | None
    may_hear: bool


class DisputeForm(BaseModel):
    """Each question of the scorecard it is about, with the reason."""

    model_config = ConfigDict(extra="forbid")
    items: Annotated[dict[str, _Text], Field(min_length=1, max_length=100)]
    comment: _Text = ""


class DecisionForm(BaseModel):
    """`changed`: the second reviewer's score counts from now on; else the first stands."""

    model_config = ConfigDict(extra="forbid")
    changed: bool
    note: Annotated[str, Field(min_length=3, max_length=2000, pattern=NO_NUL)]


def routes(
    disputes: DisputeDesk,
    desk: ReviewDesk,
    guard: Guard,
    audit: Audit,
    now: Any,
    visible: Visible = everybody,
    *,
    may_hear: bool,
) -> APIRouter:
    """`now`: gives seconds since 1970. `may_hear`: agents may hear the recordings of their own scored reviews."""
    router = APIRouter(tags=["quality"])
    _own(router, disputes, desk, guard(Permission.USE_DESK), now, may_hear=may_hear)
    _arbitration(
        router, disputes, desk, (guard(Permission.REVIEW), guard(Permission.LEAD_QUALITY)), audit, visible
    )
    return router


def _own(
    router: APIRouter, disputes: DisputeDesk, desk: ReviewDesk, may_use_desk: Any, now: Any, *, may_hear: bool
) -> None:
    Agent = Annotated[User, Depends(may_use_desk)]  # noqa: N806  a type

    async def standing_of(found: Review) -> StandingView:
        told = await disputes.standing(found)
        return StandingView(
            until=told.until,
            open=told.dispute is None and now() < told.until,
            acknowledged_at=found.acknowledged_at,
            dispute=None if told.dispute is None else dispute_view(told.dispute),
            may_hear=may_hear,
        )

    @router.get("/own-reviews/{review_id}/standing")
    async def standing(review_id: str, user: Agent) -> StandingView:
        return await standing_of(await desk.own_review(ReviewId(review_id), user))

    @router.post("/own-reviews/{review_id}/acknowledge")
    async def acknowledge(review_id: str, user: Agent) -> StandingView:
        return await standing_of(await disputes.acknowledge(ReviewId(review_id), user))

    @router.post("/own-reviews/{review_id}/dispute")
    async def dispute(review_id: str, form: DisputeForm, user: Agent) -> StandingView:
        items = {ItemId(item): reason for item, reason in form.items.items()}
        await disputes.dispute(ReviewId(review_id), user, items, form.comment)
        return await standing_of(await desk.own_review(ReviewId(review_id), user))

    @router.post("/own-reviews/{review_id}/withdraw")
    async def withdraw(review_id: str, user: Agent) -> StandingView:
        await disputes.withdraw(ReviewId(review_id), user)
        return await standing_of(await desk.own_review(ReviewId(review_id), user))


def _arbitration(
    router: APIRouter,
    disputes: DisputeDesk,
    desk: ReviewDesk,
    guards: tuple[Any, Any],
    audit: Audit,
    visible: Visible,
) -> None:
    may_review, leads = guards

    @router.get("/disputes")
    async def page(
        user: Annotated[User, Depends(may_review)],
        state: DisputeState | None = None,
        limit: _Limit = 50,
        offset: _Offset = 0,
    ) -> DisputesView:
        told = await disputes.page(state, visible(user), limit, offset)
        return DisputesView(items=[dispute_view(one) for one in told.items], total=told.total)

    @router.get("/disputes/{dispute_id}", dependencies=[Depends(leads)])
    async def dispute(dispute_id: str) -> DisputeDetailView:
        return await _detail(await disputes.get(DisputeId(dispute_id)), desk)

    @router.post("/disputes/{dispute_id}/decide")
    async def decide(
        dispute_id: str, form: DecisionForm, user: Annotated[User, Depends(leads)]
    ) -> DisputeDetailView:
        ended = await disputes.decide(DisputeId(dispute_id), user, changed=form.changed, note=form.note)
        await audit(user, "disputes.decide", f"{ended.id}: {ended.outcome}")
        return await _detail(await disputes.get(ended.id), desk)


async def _detail(shown: Shown, desk: ReviewDesk) -> DisputeDetailView:
    """Both as they were scored: the disputed one with its original answers."""
    rescored = shown.again.state is ReviewState.SCORED
    again = review_view(shown.again, await desk.evaluation(shown.again.id)) if rescored else None
    return DisputeDetailView(
        **dispute_view(shown.dispute).model_dump(),
        rescored=rescored,
        rescore=shown.again.id,
        first=review_view(shown.first, await desk.evaluation(shown.first.id)),
        again=again,
    )


def dispute_view(dispute: Dispute) -> DisputeView:
    fields = dispute._asdict()
    del fields["rescore"]
    return DisputeView(**fields)
