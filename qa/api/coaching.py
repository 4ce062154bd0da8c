"""Coaching over HTTP: asked of agents, read by them, and met by later calls alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from cti.domain.access import Audit, Guard, Permission, User, Visible, everybody
from qa.api.reviews import NO_NUL, AnswerValue
from qa.domain.coaching import Clip, CoachingState, CoachingTask, TaskId, Wanted
from qa.domain.review import ReviewId
from qa.domain.scorecard import ItemId
from qa.service.coaching_desk import CoachingDesk

_Said = Annotated[str, Field(min_length=3, max_length=2000, pattern=NO_NUL)]
_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Limit = Annotated[int, Query(ge=1, le=500)]
_Offset = Annotated[int, Query(ge=0, le=10_000_000)]


class ClipView(BaseModel):
    """Seconds from the beginning of the recording."""

    model_config = ConfigDict(extra="forbid")
    begin: _Seconds
    end: _Seconds


class TaskForm(BaseModel):
    """`behaviour` is what was heard, `target` what is to be heard; `recheck_at` when a later call should show it."""

    model_config = ConfigDict(extra="forbid")
    item: Annotated[str, Field(max_length=50, pattern=NO_NUL)]
    behaviour: _Said
    target: _Said
    clip: ClipView | None = None
    recheck_at: _Seconds


class TaskView(BaseModel):
    """`least` is the answer that meets it; `seen_calls` were drawn since and did not; `met_by` the review that did."""

    id: str
    review: str
    item: str
    agent: str
    coach: str
    behaviour: str
    target: str
    least: AnswerValue
    clip: ClipView | None
    asked_at: float
    recheck_at: float
    state: CoachingState
    acknowledged_at: float | None
    seen_calls: int
    met_by: str | None
    ended_at: float | None


class TasksView(BaseModel):
    items: list[TaskView]
    total: int


def routes(desk: CoachingDesk, guard: Guard, audit: Audit, visible: Visible = everybody) -> APIRouter:
    router = APIRouter(tags=["quality"])
    may_review, leads, agents = (
        guard(Permission.REVIEW),
        guard(Permission.LEAD_QUALITY),
        guard(Permission.USE_DESK),
    )

    @router.get("/coaching")
    async def tasks(
        user: Annotated[User, Depends(may_review)],
        only_open: Annotated[bool, Query(alias="open")] = False,
        limit: _Limit = 50,
        offset: _Offset = 0,
    ) -> TasksView:
        page = await desk.page(visible(user), limit, offset, only_open=only_open)
        return TasksView(items=[task_view(one) for one in page.items], total=page.total)

    @router.post("/reviews/{review_id}/coaching")
    async def coach(review_id: str, form: TaskForm, user: Annotated[User, Depends(leads)]) -> TaskView:
        clip = None if form.clip is None else Clip(form.clip.begin, form.clip.end)
        want = Wanted(ItemId(form.item), form.behaviour, form.target, clip, form.recheck_at)
        task = await desk.ask(ReviewId(review_id), user, want)
        await audit(user, "reviews.coach", task.id)
        return task_view(task)

    @router.get("/own-coaching")
    async def own(
        user: Annotated[User, Depends(agents)], limit: _Limit = 50, offset: _Offset = 0
    ) -> TasksView:
        page = await desk.own(user, limit, offset)
        return TasksView(items=[task_view(one) for one in page.items], total=page.total)

    @router.post("/own-coaching/{own_task}/acknowledge")
    async def acknowledge(own_task: str, user: Annotated[User, Depends(agents)]) -> TaskView:
        return task_view(await desk.acknowledge(TaskId(own_task), user))

    return router


def task_view(task: CoachingTask) -> TaskView:
    clip = None if task.clip is None else ClipView(**task.clip._asdict())
    return TaskView(**{**task._asdict(), "clip": clip})
