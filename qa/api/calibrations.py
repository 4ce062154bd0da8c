"""Calibration over HTTP: sessions on one call, and how far reviewers agree on the whole."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from cti.domain.access import Audit, Guard, Permission, User, Visible, everybody
from qa.api.reviews import NO_NUL
from qa.domain.calibration import (
    FEWEST_CALLS,
    RELIABLE,
    TENTATIVE,
    Calibration,
    CalibrationId,
    CalibrationState,
    Report,
    Verdict,
)
from qa.domain.review import Review, ReviewId, ReviewState
from qa.service.calibration_desk import MOST_PARTICIPANTS, CalibrationDesk, Session

_Login = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]
_At = Annotated[float | None, Query(ge=0, allow_inf_nan=False)]
_Limit = Annotated[int, Query(ge=1, le=500)]
_Offset = Annotated[int, Query(ge=0, le=10_000_000)]


class CalibrationForm(BaseModel):
    """`review`: of the call it is about. `reference`: the participant whose answers count as right."""

    model_config = ConfigDict(extra="forbid")
    review: Annotated[str, Field(max_length=260, pattern=NO_NUL)]
    participants: Annotated[list[_Login], Field(min_length=2, max_length=MOST_PARTICIPANTS)]
    reference: _Login | None = None
    note: Annotated[str, Field(max_length=2000, pattern=NO_NUL)] = ""


class QuestionView(BaseModel):
    """Shares and coefficients are null where they are not defined. `gwet` is AC1, of a scale AC2; `positive` how far reviewers agree
    on "no".
    """

    scorecard: str
    item: str
    critical: bool
    verdict: Verdict
    calls: int
    reviewers: int
    agreement: float | None
    alpha: float | None
    gwet: float | None
    kappa: float | None
    positive: float | None


class LeaningView(BaseModel):
    """`bias`: -1 to 1, above 0 kinder than others about the same calls; `severity`: points of 100 below them."""

    reviewer: str
    calls: int
    bias: float | None
    severity: float | None


class AgreementView(BaseModel):
    """Worst question first. Below `fewest` calls none is judged; from `reliable` and `tentative` on it is called so."""

    calls: int
    questions: list[QuestionView]
    leanings: list[LeaningView]
    fewest: int
    reliable: float
    tentative: float


class CalibrationView(BaseModel):
    id: str
    recording: str
    agent: str | None
    scorecard: str
    scorecard_version: int
    called_by: str
    called_at: float
    reference: str | None
    participants: list[str]
    state: CalibrationState
    closed_at: float | None
    note: str


class CalibrationsView(BaseModel):
    items: list[CalibrationView]
    total: int


class ParticipantView(BaseModel):
    """`score` is null until the session is closed."""

    login: str | None
    review: str
    state: ReviewState
    score: float | None


class CalibrationSessionView(CalibrationView):
    """`report` is there once it is closed."""

    reviews: list[ParticipantView]
    report: AgreementView | None


def routes(desk: CalibrationDesk, guard: Guard, audit: Audit, visible: Visible = everybody) -> APIRouter:
    router = APIRouter(tags=["quality"])
    may_review, leads = guard(Permission.REVIEW), guard(Permission.LEAD_QUALITY)

    @router.get("/calibrations")
    async def page(
        user: Annotated[User, Depends(may_review)], limit: _Limit = 50, offset: _Offset = 0
    ) -> CalibrationsView:
        told = await desk.page(visible(user), limit, offset)
        return CalibrationsView(items=[_calibration(one) for one in told.items], total=told.total)

    @router.post("/calibrations")
    async def call(form: CalibrationForm, user: Annotated[User, Depends(leads)]) -> CalibrationView:
        found = await desk.call(ReviewId(form.review), user, form.participants, form.reference, form.note)
        await audit(user, "calibrations.call", found.id)
        return _calibration(found)

    @router.get("/calibrations/agreement", dependencies=[Depends(may_review)])
    async def agreement(
        since: Annotated[float | None, Query(alias="from", ge=0, allow_inf_nan=False)] = None,
        until: _At = None,
    ) -> AgreementView:
        return _report(await desk.agreement(since, until))

    @router.get("/calibrations/{calibration_id}", dependencies=[Depends(may_review)])
    async def session(calibration_id: str) -> CalibrationSessionView:
        return _session(await desk.get(CalibrationId(calibration_id)))

    @router.post("/calibrations/{calibration_id}/close")
    async def close(calibration_id: str, user: Annotated[User, Depends(leads)]) -> CalibrationSessionView:
        closed = await desk.close(CalibrationId(calibration_id))
        await audit(user, "calibrations.close", calibration_id)
        return _session(closed)

    return router


def _calibration(calibration: Calibration) -> CalibrationView:
    return CalibrationView(**{**calibration._asdict(), "participants": list(calibration.participants)})


def _session(session: Session) -> CalibrationSessionView:
    over = session.report is not None
    return CalibrationSessionView(
        **_calibration(session.calibration).model_dump(),
        reviews=[_participant(one, over=over) for one in session.reviews],
        report=None if session.report is None else _report(session.report),
    )


def _participant(review: Review, *, over: bool) -> ParticipantView:
    return ParticipantView(
        login=review.reviewer or review.assigned_to,
        review=review.id,
        state=review.state,
        score=review.score if over else None,
    )


def _report(report: Report) -> AgreementView:
    return AgreementView(
        calls=report.calls,
        questions=[
            QuestionView(
                scorecard=one.scorecard,
                item=one.item,
                critical=one.critical,
                verdict=one.verdict,
                **one.figures._asdict(),
            )
            for one in report.questions
        ],
        leanings=[LeaningView(**one._asdict()) for one in report.leanings],
        fewest=FEWEST_CALLS,
        reliable=RELIABLE,
        tentative=TENTATIVE,
    )
