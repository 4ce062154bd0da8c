"""Reports that are sent by themselves, over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from cti.domain.access import Audit, Guard, Permission, User
from cti.domain.identifiers import Tier
from qa.api.reviews import NO_NUL
from qa.domain.report import Basis, Breakdown, ReportFilter
from qa.domain.report_schedule import MOST_RECIPIENTS, Every, Format, Schedule, ScheduleId
from qa.service.report_post import ReportPost

Language = Literal["zh", "en"]


class FilterForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    queue: Annotated[str | None, Field(max_length=128, pattern=NO_NUL)] = None
    agent: Annotated[str | None, Field(max_length=80, pattern=NO_NUL)] = None
    tier: Tier | None = None
    team: Annotated[str | None, Field(max_length=80, pattern=NO_NUL)] = None
    scorecard: Annotated[str | None, Field(max_length=50, pattern=NO_NUL)] = None
    basis: Basis = Basis.RANDOM

    def wanted(self) -> ReportFilter:
        return ReportFilter(**self.model_dump())


class ScheduleForm(BaseModel):
    """`at_minute` counts from local midnight: 450 is half past seven."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
    every: Every
    at_minute: Annotated[int, Field(ge=0, lt=1440)]
    recipients: Annotated[
        list[Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=MOST_RECIPIENTS)
    ]
    format: Format
    language: Language
    group_by: Breakdown = Breakdown.NONE
    filter: FilterForm = FilterForm()
    active: bool = True

    def schedule(self, id_: str = "") -> Schedule:
        return Schedule(
            id=ScheduleId(id_),
            name=" ".join(self.name.split()),
            owner="",
            every=self.every,
            at_minute=self.at_minute,
            recipients=tuple(self.recipients),
            format=self.format,
            language=self.language,
            grouping=self.group_by,
            wanted=self.filter.wanted(),
            active=self.active,
            created_at=0.0,
        )


class ScheduleView(BaseModel):
    """`next_at` is null of one that rests. `sent_until`: the end of the last period that everybody got."""

    id: str
    name: str
    every: Every
    at_minute: int
    recipients: list[str]
    format: Format
    language: str
    group_by: Breakdown
    filter: FilterForm
    active: bool
    next_at: float | None
    sent_at: float | None
    sent_until: float | None
    problem: str


class SchedulesView(BaseModel):
    """`mail`: whether a mail server is set; without one nothing is sent."""

    items: list[ScheduleView]
    total: int
    mail: bool


def scheduling(router: APIRouter, post: ReportPost, guard: Guard, audit: Audit) -> None:
    Sender = Annotated[User, Depends(guard(Permission.SCHEDULE_REPORTS))]  # noqa: N806  a type, as FastAPI reads it

    @router.get("/report-schedules")
    async def schedules(user: Sender) -> SchedulesView:
        items = [_schedule(one, post) for one in await post.all(user)]
        return SchedulesView(items=items, total=len(items), mail=post.has_mail)

    @router.post("/report-schedules", status_code=201)
    async def add_schedule(given: ScheduleForm, user: Sender) -> ScheduleView:
        await audit(user, "quality.add_schedule", f"{given.name}, {len(given.recipients)} recipients")
        return _schedule(await post.add(user, given.schedule()), post)

    @router.put("/report-schedules/{schedule_id}")
    async def change_schedule(schedule_id: str, given: ScheduleForm, user: Sender) -> ScheduleView:
        await audit(user, "quality.change_schedule", f"{given.name}, {len(given.recipients)} recipients")
        return _schedule(await post.change(user, given.schedule(schedule_id)), post)

    @router.delete("/report-schedules/{schedule_id}", status_code=204)
    async def remove_schedule(schedule_id: str, user: Sender) -> None:
        await post.remove(user, ScheduleId(schedule_id))


def _schedule(schedule: Schedule, post: ReportPost) -> ScheduleView:
    return ScheduleView(
        id=schedule.id,
        name=schedule.name,
        every=schedule.every,
        at_minute=schedule.at_minute,
        recipients=list(schedule.recipients),
        format=schedule.format,
        language=schedule.language,
        group_by=schedule.grouping,
        filter=FilterForm.model_validate(schedule.wanted._asdict()),
        active=schedule.active,
        next_at=post.next_at(schedule),
        sent_at=schedule.sent_at,
        sent_until=schedule.sent_until,
        problem=schedule.problem,
    )
