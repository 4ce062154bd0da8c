"""Routing decisions over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from cti.domain.access import Guard, Permission, User
from cti.domain.identifiers import CallId, Tier
from routing.domain.decision import Result
from routing.service.decisions import Decisions


class SentenceView(BaseModel):
    """A reason: a stable key with its parameters, and its text in both languages."""

    key: str
    parameters: dict[str, str | int | float]
    en: str
    zh: str


class CorrectionView(BaseModel):
    at: float
    from_: int = Field(alias="from")
    to: int
    why: str
    explanation: SentenceView


class AheadView(BaseModel):
    call: str
    tier: Tier
    joined_at: float
    virtual_arrival_at: float
    why: str
    explanation: SentenceView


class DecisionView(BaseModel):
    """`reasons` are in the language of whoever asks; `explanations` in both."""

    id: str
    call: str
    uniqueid: str
    queue: str
    at: float
    tier: Tier
    tier_source: str
    customer: str | None
    credit_seconds: int
    strict: bool
    joined_at: float
    virtual_arrival_at: float
    priority: int
    result: Result
    corrections: list[CorrectionView]
    position_at_join: int | None
    ahead: list[AheadView]
    reasons: list[str]
    explanations: list[SentenceView]
    took_seconds: float
    policy_version: int = 0


class DecisionsView(BaseModel):
    items: list[DecisionView]
    total: int


def routes(decisions: Decisions, guard: Guard) -> APIRouter:
    router = APIRouter(tags=["routing"])
    reader = Depends(guard(Permission.SEE_CALLS))

    @router.get("/calls/{call_id}/decision")
    async def decision(call_id: str, user: Annotated[User, reader]) -> DecisionView:
        return decision_view(await decisions.of_call(CallId(call_id)), user.language)

    @router.get("/routing/decisions")
    async def page(
        user: Annotated[User, reader],
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
        queue: Annotated[str, Query(max_length=128)] = "",
        tier: Tier | None = None,
        result: Result | None = None,
    ) -> DecisionsView:
        search = {
            "queue": queue,
            "tier": tier.value if tier else "",
            "result": result.value if result else "",
        }
        found = await decisions.page(limit, offset, search)
        items = [decision_view(document, user.language) for document in found.items]
        return DecisionsView(items=items, total=found.total)

    return router


def decision_view(document: Mapping[str, Any], language: str) -> DecisionView:
    view = DecisionView.model_validate(document)
    if language == "zh":
        view.reasons = [explanation.zh for explanation in view.explanations]
        for correction in view.corrections:
            correction.why = correction.explanation.zh
        for other in view.ahead:
            other.why = other.explanation.zh
    return view
