"""Callbacks, rescues and what customers said, over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from care.domain.callback import Callback, CallbackId, CallbackState
from care.domain.errors import CallbackUnknown, RescueUnknown
from care.domain.rescue import Rescue, RescueId, RescueState
from care.domain.satisfaction import SurveyResponse
from care.domain.story import Line
from care.service.callbacks import CallbackDesk, Wish
from care.service.rescues import RescueDesk
from care.service.surveys import SurveyDesk
from cti.domain.access import Audit, Guard, Permission, User, Visible, everybody
from cti.domain.errors import Unknown
from cti.domain.identifiers import AgentId, QueueName, Tier


class LineView(BaseModel):
    """`by` is a login; null: the house itself."""

    at: float
    step: str
    state: str
    agent: str | None
    by: str | None
    call: str | None
    why: str


class CallbackView(BaseModel):
    """Times in seconds since 1970. `call` is that of the newest attempt, `first_call` the one in which it was promised."""

    id: str
    queue: str
    number: str
    name: str | None
    customer: str | None
    tier: Tier
    state: CallbackState
    source: str
    reason: str
    why: str
    joined_at: float
    created_at: float
    not_before: float
    due_at: float
    changed_at: float
    attempts: int
    agent: str | None
    call: str | None
    first_call: str | None


class CallbacksView(BaseModel):
    items: list[CallbackView]
    total: int


class CallbackStory(CallbackView):
    story: list[LineView]


class OwnCallback(BaseModel):
    """The callback at one's own telephone; null when there is none."""

    callback: CallbackView | None


class NewCallback(BaseModel):
    """`not_before`: in seconds since 1970, when he asked for a time."""

    number: str = Field(min_length=2, max_length=60)
    queue: str = Field(min_length=1, max_length=128)
    reason: str = Field(default="", max_length=500)
    not_before: Annotated[float | None, Field(allow_inf_nan=False)] = None


class Because(BaseModel):
    why: str = Field(min_length=1, max_length=40)


class When(BaseModel):
    not_before: Annotated[float, Field(allow_inf_nan=False)]


class RescueView(BaseModel):
    """Times in seconds since 1970. `number` null: withheld, unknown, or never called."""

    id: str
    queue: str
    number: str | None
    name: str | None
    customer: str | None
    tier: Tier
    state: RescueState
    why: str
    abandoned_at: float
    waited: float
    created_at: float
    due_at: float
    changed_at: float
    times: int
    attempts: int
    overdue: bool
    agent: str | None
    claimed_by: str | None
    call: str | None
    first_call: str


class RescuesView(BaseModel):
    items: list[RescueView]
    total: int


class RescueStory(RescueView):
    story: list[LineView]


class SurveyView(BaseModel):
    """`score` of `scale`, low by the formula of CSAT; `answered_at` in seconds since 1970."""

    id: str
    number: str
    call: str | None
    agent: str | None
    queue: str | None
    score: int
    scale: int
    low: bool
    answered_at: float
    comment: str


class SurveysView(BaseModel):
    items: list[SurveyView]
    total: int


class Closing(BaseModel):
    why: str = Field(min_length=2, max_length=500)


Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


def routes(
    callbacks: CallbackDesk,
    rescues: RescueDesk,
    surveys: SurveyDesk,
    guard: Guard,
    audit: Audit,
    visible: Visible = everybody,
) -> APIRouter:
    """What is an agent's is seen by whoever reaches him; what is nobody's, by everybody."""
    router = APIRouter(tags=["care"])
    _callbacks(router, callbacks, guard, audit, visible)
    _rescues(router, rescues, guard, audit, visible)
    _surveys(router, surveys, guard, visible)
    return router


def _callbacks(router: APIRouter, desk: CallbackDesk, guard: Guard, audit: Audit, visible: Visible) -> None:
    carer = guard(Permission.CARE)

    async def reaching(callback: str, user: Annotated[User, Depends(carer)]) -> User:
        must_see(await desk.get(CallbackId(callback)), visible(user), CallbackUnknown)
        return user

    at = "/callbacks/{callback}"

    @router.get("/callbacks")
    async def callbacks(
        user: Annotated[User, Depends(carer)],
        state: Annotated[list[CallbackState] | None, Query()] = None,
        queue: str | None = None,
        tier: Tier | None = None,
        limit: Limit = 50,
        offset: Offset = 0,
    ) -> CallbacksView:
        page = await desk.page(state or [], _queue(queue), tier, limit, offset, visible(user))
        return CallbacksView(items=[_callback(one) for one in page.items], total=page.total)

    @router.get("/callbacks/mine")
    async def mine(user: Annotated[User, Depends(carer)]) -> OwnCallback:
        own = await desk.of_agent(user)
        return OwnCallback(callback=None if own is None else _callback(own))

    @router.post("/callbacks", status_code=201)
    async def ask(wish: NewCallback, user: Annotated[User, Depends(carer)]) -> CallbackView:
        await audit(user, "callback.ask", wish.queue)
        source: Literal["agent", "api"] = "api" if user.agent is None else "agent"
        asked = Wish(
            QueueName(wish.queue), wish.number, source, _plain(wish.reason), not_before=wish.not_before
        )
        return _callback(await desk.ask(asked, user.login))

    @router.get(at, dependencies=[Depends(reaching)])
    async def callback(callback: str) -> CallbackStory:
        one = await desk.get(CallbackId(callback))
        story = await desk.story(one.id)
        return CallbackStory(**_callback(one).model_dump(), story=[_line(line) for line in story])

    @router.post(at + "/claim")
    async def claim(callback: str, user: Annotated[User, Depends(reaching)]) -> CallbackView:
        return _callback(await desk.claim(CallbackId(callback), user))

    @router.post(at + "/release")
    async def release(callback: str, user: Annotated[User, Depends(reaching)]) -> CallbackView:
        return _callback(await desk.release(CallbackId(callback), user))

    @router.post(at + "/cancel")
    async def cancel(
        callback: str, because: Because, user: Annotated[User, Depends(reaching)]
    ) -> CallbackView:
        await audit(user, "callback.cancel", callback)
        return _callback(await desk.cancel(CallbackId(callback), user, _plain(because.why)))

    @router.post(at + "/reschedule")
    async def reschedule(callback: str, when: When, user: Annotated[User, Depends(reaching)]) -> CallbackView:
        await audit(user, "callback.reschedule", callback)
        return _callback(await desk.reschedule(CallbackId(callback), user, when.not_before))


def _rescues(router: APIRouter, desk: RescueDesk, guard: Guard, audit: Audit, visible: Visible) -> None:
    carer = guard(Permission.CARE)

    async def reaching(rescue: str, user: Annotated[User, Depends(carer)]) -> User:
        must_see(await desk.get(RescueId(rescue)), visible(user), RescueUnknown)
        return user

    at = "/rescues/{rescue}"

    @router.get("/rescues")
    async def rescues(
        user: Annotated[User, Depends(carer)],
        state: Annotated[list[RescueState] | None, Query()] = None,
        queue: str | None = None,
        tier: Tier | None = None,
        limit: Limit = 50,
        offset: Offset = 0,
    ) -> RescuesView:
        page = await desk.page(state or [], _queue(queue), tier, limit, offset, visible(user))
        return RescuesView(items=[_rescue(one) for one in page.items], total=page.total)

    @router.get(at, dependencies=[Depends(reaching)])
    async def rescue(rescue: str) -> RescueStory:
        one = await desk.get(RescueId(rescue))
        story = await desk.story(one.id)
        return RescueStory(**_rescue(one).model_dump(), story=[_line(line) for line in story])

    @router.post(at + "/claim")
    async def claim(rescue: str, user: Annotated[User, Depends(reaching)]) -> RescueView:
        return _rescue(await desk.claim(RescueId(rescue), user))

    @router.post(at + "/release")
    async def release(rescue: str, user: Annotated[User, Depends(reaching)]) -> RescueView:
        return _rescue(await desk.release(RescueId(rescue), user))

    @router.post(at + "/call")
    async def call(rescue: str, user: Annotated[User, Depends(reaching)]) -> RescueView:
        await audit(user, "rescue.call", rescue)
        return _rescue(await desk.call(RescueId(rescue), user))

    @router.post(at + "/close")
    async def close(rescue: str, closing: Closing, user: Annotated[User, Depends(reaching)]) -> RescueView:
        await audit(user, "rescue.close", rescue)
        return _rescue(await desk.close(RescueId(rescue), user, _plain(closing.why)))


def _surveys(router: APIRouter, desk: SurveyDesk, guard: Guard, visible: Visible) -> None:
    @router.get("/surveys")
    async def surveys(
        user: Annotated[User, Depends(guard(Permission.CARE))],
        number: Annotated[str | None, Query(max_length=60)] = None,
        limit: Limit = 50,
        offset: Offset = 0,
    ) -> SurveysView:
        page = await desk.page(number, limit, offset, visible(user))
        return SurveysView(items=[_survey(one) for one in page.items], total=page.total)


def must_see(one: Callback | Rescue, visible: frozenset[AgentId] | None, unknown: type[Unknown]) -> None:
    """Raises `unknown`, as for one that is not there, when it is of an agent of another team."""
    if visible is not None and one.agent is not None and one.agent not in visible:
        raise unknown


def _queue(queue: str | None) -> QueueName | None:
    return None if queue is None else QueueName(queue)


def _plain(text: str) -> str:
    """Without the one character that PostgreSQL keeps in no text."""
    return text.replace("\0", "")


def _callback(one: Callback) -> CallbackView:
    return CallbackView(**{name: getattr(one, name) for name in CallbackView.model_fields})


def _rescue(one: Rescue) -> RescueView:
    return RescueView(**{name: getattr(one, name) for name in RescueView.model_fields})


def _survey(one: SurveyResponse) -> SurveyView:
    return SurveyView(**{name: getattr(one, name) for name in SurveyView.model_fields})


def _line(line: Line) -> LineView:
    return LineView(**{name: getattr(line, name) for name in LineView.model_fields})
