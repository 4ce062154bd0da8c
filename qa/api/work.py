"""Reviews as work, over HTTP: who is to take which, whose page is still open, and what is written so far."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from cti.domain.access import Audit, Guard, Permission, User
from qa.api.reviews import NO_NUL, DraftAnswerView, ReviewDetailView, review_view
from qa.domain.dispute import OVERTURNED_ALARM, ReviewerRecord
from qa.domain.queue import Throughput
from qa.domain.review import ReviewId
from qa.service.dispute_desk import DisputeDesk
from qa.service.recalibration import Recalibration
from qa.service.work_desk import WorkDesk

_Reviewer = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]


class AssignForm(BaseModel):
    """`reviewer`: a login; null leaves it to whoever takes it."""

    model_config = ConfigDict(extra="forbid")
    reviewer: _Reviewer | None


class ExcludeForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, Field(min_length=3, max_length=200, pattern=NO_NUL)]


class DraftForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    answers: Annotated[dict[str, DraftAnswerView], Field(max_length=500)]
    comment: Annotated[str, Field(max_length=5000, pattern=NO_NUL)] = ""


class HeldView(BaseModel):
    claimed_until: float | None


class ReviewerView(BaseModel):
    """Work on the desk now, scores since `from`, and what became of disputes about them, of all time. `must_calibrate`: more were
    overturned than may be. `calibration`: the session that opened by itself for it, this month.
    """

    reviewer: str
    assigned: int
    claimed: int
    late: int
    scored: int
    disputed: int
    decided: int
    overturned: int
    dispute_rate: float | None
    overturn_rate: float | None
    must_calibrate: bool
    calibration: str | None


class ReviewersView(BaseModel):
    """`may_take` are all logins that reviews can be given to; `alarm` the share of overturned scores beyond which one calibrates."""

    items: list[ReviewerView]
    total: int
    may_take: list[str]
    alarm: float


def routes(
    work: WorkDesk, disputes: DisputeDesk, recalibration: Recalibration, guard: Guard, audit: Audit
) -> APIRouter:
    router = APIRouter(tags=["quality"])
    may_review, leads = guard(Permission.REVIEW), guard(Permission.LEAD_QUALITY)
    _holding(router, work, may_review)

    @router.post("/reviews/{review_id}/assign")
    async def assign(
        review_id: str, form: AssignForm, user: Annotated[User, Depends(leads)]
    ) -> ReviewDetailView:
        found = await work.assign(ReviewId(review_id), form.reviewer)
        await audit(user, "reviews.assign", f"{found.id} → {form.reviewer or '–'}")
        return review_view(found, None)

    @router.post("/reviews/{review_id}/exclude")
    async def exclude(
        review_id: str, form: ExcludeForm, user: Annotated[User, Depends(leads)]
    ) -> ReviewDetailView:
        found = await work.exclude(ReviewId(review_id), form.reason)
        await audit(user, "reviews.exclude", found.id)
        return review_view(found, None)

    @router.get("/reviewers", dependencies=[Depends(may_review)])
    async def reviewers(
        since: Annotated[float, Query(alias="from", ge=0, allow_inf_nan=False)] = 0.0,
    ) -> ReviewersView:
        loads, records = await work.reviewers(since), await disputes.records()
        sessions = await recalibration.opened_of(records)
        items = [
            _reviewer(
                login, loads.get(login, Throughput(0, 0, 0, 0)), records.get(login), sessions.get(login)
            )
            for login in sorted({*loads, *records})
        ]
        return ReviewersView(
            items=items, total=len(items), may_take=await work.logins(), alarm=OVERTURNED_ALARM
        )

    return router


def _holding(router: APIRouter, work: WorkDesk, may_review: object) -> None:
    guarded = Depends(may_review)  # type: ignore[arg-type]  # a dependency

    @router.post("/reviews/{review_id}/heartbeat")
    async def heartbeat(review_id: str, user: Annotated[User, guarded]) -> HeldView:
        """The page of a claimed review is still open."""
        held = await work.heartbeat(ReviewId(review_id), user)
        return HeldView(claimed_until=held.claimed_until)

    @router.put("/reviews/{review_id}/draft")
    async def keep_draft(review_id: str, form: DraftForm, user: Annotated[User, guarded]) -> HeldView:
        """Keeps answers on their way, and the claim with them."""
        answers = {id_: one.model_dump() for id_, one in form.answers.items()}
        held = await work.keep_draft(ReviewId(review_id), user, answers, form.comment)
        return HeldView(claimed_until=held.claimed_until)


def _reviewer(
    login: str, load: Throughput, record: ReviewerRecord | None, calibration: str | None
) -> ReviewerView:
    told = record or ReviewerRecord(0, 0, 0, 0)
    return ReviewerView(
        reviewer=login,
        **load._asdict(),
        disputed=told.disputed,
        decided=told.decided,
        overturned=told.overturned,
        dispute_rate=told.dispute_rate,
        overturn_rate=told.overturn_rate,
        must_calibrate=told.must_calibrate,
        calibration=calibration,
    )
