"""Surges over HTTP: how each queue stands, and a surge by hand."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from cti.domain.access import Audit, Guard, Permission, User
from cti.domain.identifiers import PbxName, QueueName
from routing.domain.errors import UnknownSurge
from routing.domain.surge import LONGEST_BY_HAND, SurgeState, Threshold
from routing.service.surges import QueueSurge, Surges


class ThresholdView(BaseModel):
    """Callers who wait for every ten agents at work, seconds the first of them waits, and for how long that must hold."""

    per_ten_agents: int | None
    longest_wait: int | None
    seconds: int


class LoadView(BaseModel):
    waiting: int
    at_work: int
    longest_wait: float


class SurgeView(BaseModel):
    """`by`: load, or the login of who began it, then `until` a moment. `load` is null while the switch is not heard."""

    pbx: str
    queue: str
    state: SurgeState
    since: float | None
    by: str | None
    until: float | None
    load: LoadView | None
    enter: ThresholdView
    leave: ThresholdView


class SurgesView(BaseModel):
    items: list[SurgeView]
    total: int


class ByHand(BaseModel):
    minutes: int = Field(ge=1, le=int(LONGEST_BY_HAND / 60))


def routes(desks: Mapping[PbxName, Surges], guard: Guard, audit: Audit) -> APIRouter:
    router = APIRouter(prefix="/routing/surges", tags=["routing"])
    Supervisor = Annotated[User, Depends(guard(Permission.SUPERVISE))]  # noqa: N806  a type, as FastAPI reads it

    @router.get("", dependencies=[Depends(guard(Permission.SEE_ROUTING))])
    async def surges() -> SurgesView:
        items = [_view(pbx, one) for pbx, desk in desks.items() for one in desk.standing()]
        return SurgesView(items=items, total=len(items))

    @router.post("/{pbx}/{queue}", status_code=204)
    async def begin(pbx: str, queue: str, wish: ByHand, user: Supervisor) -> None:
        desk = _desk(desks, pbx)
        await audit(user, "surge.begin", f"queue {queue} of {pbx}: {wish.minutes} minutes")
        desk.begin(QueueName(queue), 60 * wish.minutes, user.login)

    @router.delete("/{pbx}/{queue}", status_code=204)
    async def end(pbx: str, queue: str, user: Supervisor) -> None:
        desk = _desk(desks, pbx)
        await audit(user, "surge.end", f"queue {queue} of {pbx}")
        desk.end(QueueName(queue))

    return router


def _desk(desks: Mapping[PbxName, Surges], pbx: str) -> Surges:
    if (desk := desks.get(PbxName(pbx))) is None:
        raise UnknownSurge
    return desk


def _view(pbx: PbxName, one: QueueSurge) -> SurgeView:
    surge, goes_on = one.surge, one.surge.state is SurgeState.SURGE
    return SurgeView(
        pbx=pbx,
        queue=one.queue,
        state=surge.state,
        since=surge.since if goes_on else None,
        by=surge.by if goes_on else None,
        until=surge.until,
        load=None if one.load is None else LoadView(**one.load._asdict()),
        enter=_threshold(one.rule.enter),
        leave=_threshold(one.rule.leave),
    )


def _threshold(threshold: Threshold) -> ThresholdView:
    return ThresholdView(**threshold._asdict())
