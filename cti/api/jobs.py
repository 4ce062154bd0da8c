"""Jobs over HTTP: what waits, what runs, what was given up, and having it tried again."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from cti.domain.access import Guard, Permission, User
from cti.domain.jobs import Job, JobState
from cti.service.job_desk import JobDesk

Audit = Callable[[User, str, str], Awaitable[None]]
"""Who did what to which thing. Returns when it is written down; if it cannot be, it raises and nothing is done."""


class JobView(BaseModel):
    """`error` is that of the last attempt. `next_at` is null for a job that runs or was given up."""

    id: str
    kind: str
    subject: str
    state: JobState
    attempts: int
    error: str
    asked_at: float
    next_at: float | None
    every_seconds: float | None


class JobsView(BaseModel):
    items: list[JobView]
    total: int


class TryAgain(BaseModel):
    id: str = Field(min_length=1, max_length=300)


def routes(desk: JobDesk, guard: Guard, audit: Audit) -> APIRouter:
    router = APIRouter(prefix="/jobs", tags=["operations"])
    operator = guard(Permission.SEE_OPERATIONS)

    @router.get("", dependencies=[Depends(operator)])
    async def jobs(
        state: JobState | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> JobsView:
        page = await desk.page(state, limit, offset)
        return JobsView(items=[_view(job) for job in page.items], total=page.total)

    @router.post("/retry", status_code=204)
    async def retry(wish: TryAgain, user: Annotated[User, Depends(operator)]) -> None:
        await audit(user, "job.retry", wish.id)
        await desk.try_again(wish.id)

    return router


def _view(job: Job) -> JobView:
    return JobView(
        id=job.id,
        kind=job.kind,
        subject=job.subject,
        state=job.state,
        attempts=job.attempts,
        error=job.error,
        asked_at=job.asked_at,
        next_at=job.next_at if job.state is JobState.WAITING else None,
        every_seconds=job.every_seconds,
    )
