"""Agents' work beside talking: reasons and limits, after-call work, the day so far."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from cti.domain.access import Guard, Permission, User, Visible, everybody, is_seen, own_agent
from cti.domain.desk_states import DeskStates
from cti.domain.identifiers import AgentId
from cti.service.phantom_guard import PhantomGuard
from cti.service.reason_clock import ReasonClock
from cti.service.several import AgentDesks
from cti.service.work_day import WorkDay


class WorkWords(BaseModel):
    en: str
    zh: str


class ReasonView(BaseModel):
    """Limits in seconds, null for none."""

    code: str
    name: WorkWords
    stay_seconds: float | None
    day_seconds: float | None
    paid: bool


class ReasonsView(BaseModel):
    items: list[ReasonView]
    total: int


class LimitView(BaseModel):
    """A limit an agent has passed; `limit` is `stay` or `day`, `since` the beginning of the stay."""

    agent: str
    name: str
    reason: str
    limit: str
    limit_seconds: float
    seconds: float
    since: float


class UnreachableView(BaseModel):
    """Why the server took an agent out: `cause` is device, silent_page or missed_calls; `page_hidden` is of then."""

    agent: str
    name: str
    cause: str
    page_hidden: bool
    returning: bool
    since: float


class AlertsView(BaseModel):
    """What supervisors should look at now."""

    limits: list[LimitView]
    unreachable: list[UnreachableView]


class AfterCallView(BaseModel):
    """After-call work that lasts, and the conversation it belongs to."""

    until: float
    extensions_left: int
    extension_seconds: float
    call: str | None
    channel: str | None
    queue: str | None


class WorkView(BaseModel):
    """An agent's work now. `reasons_today` is in seconds."""

    agent: str
    at: float
    reasons_today: dict[str, float]
    limits: list[LimitView]
    unreachable: UnreachableView | None
    after_call: AfterCallView | None


class DayView(BaseModel):
    """An agent's figures since midnight, by the formulas of the key figures. Seconds; rates 0 to 1 or null."""

    handled: int
    talk_seconds: float
    hold_seconds: float
    wrap_up_seconds: float
    aht_seconds: float | None
    occupancy: float | None
    outbound_handled: int


def routes(
    policy: DeskStates,
    day: WorkDay,
    desks: AgentDesks,
    clock: ReasonClock,
    phantoms: PhantomGuard,
    guard: Guard,
    name: Callable[[AgentId], str],
    visible: Visible = everybody,
) -> APIRouter:
    """`name` is the person behind an agent's id, for screens."""
    router = APIRouter(prefix="/desk", tags=["work"])
    anybody = guard(Permission.SEE_FLOOR)

    def limits(agent: AgentId | None = None) -> list[LimitView]:
        return [LimitView(**one._asdict(), name=name(one.agent)) for one in clock.overruns(agent)]

    def unreachable() -> list[UnreachableView]:
        return [UnreachableView(**one, name=name(one["agent"])) for one in day.unreachable()]

    @router.get("/reasons", dependencies=[Depends(anybody)])
    async def reasons() -> ReasonsView:
        items = [
            ReasonView(**{**one._asdict(), "name": one.name._asdict()}) for one in policy.reasons.values()
        ]
        return ReasonsView(items=items, total=len(items))

    @router.get("/alerts")
    async def alerts(user: Annotated[User, Depends(guard(Permission.CONTROL_AGENTS))]) -> AlertsView:
        seen = visible(user)
        return AlertsView(
            limits=[one for one in limits() if is_seen([AgentId(one.agent)], seen)],
            unreachable=[one for one in unreachable() if is_seen([AgentId(one.agent)], seen)],
        )

    @router.get("/agents/{agent}")
    async def work(agent: str, user: Annotated[User, Depends(anybody)]) -> WorkView:
        who = own_agent(user, agent)
        out = next((one for one in unreachable() if one.agent == who), None)
        return WorkView(**day.now(who), limits=limits(who), unreachable=out)

    @router.get("/agents/{agent}/day")
    async def figures(agent: str, user: Annotated[User, Depends(anybody)]) -> DayView:
        return DayView(**await day.figures(own_agent(user, agent)))

    @router.post("/agents/{agent}/extend", status_code=204)
    async def extend(agent: str, user: Annotated[User, Depends(anybody)]) -> None:
        desks.extend(own_agent(user, agent))

    @router.post("/agents/{agent}/reachable", status_code=204)
    async def reachable(agent: str, user: Annotated[User, Depends(anybody)]) -> None:
        """Somebody says that calls reach this agent again: he is made ready, and judged anew."""
        who = own_agent(user, agent)
        await desks.ready(who)
        phantoms.confirm(who)

    return router
