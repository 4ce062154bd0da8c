"""Agents' states and their changes."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from cti.domain.access import Guard, Permission, User, Visible, everybody, is_seen, own_agent
from cti.domain.identifiers import AgentId
from cti.service.several import AgentDesks, CallMonitors


class AgentView(BaseModel):
    agent: str
    name: str
    state: str
    reason: str
    since_at: float
    queues: list[str]
    interface: str


class AgentsView(BaseModel):
    items: list[AgentView]
    total: int


class NotReady(BaseModel):
    reason: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")


class WrapUp(BaseModel):
    done: bool = True


def routes(
    monitor: CallMonitors,
    desk: AgentDesks,
    guard: Guard,
    name: Callable[[AgentId], str],
    visible: Visible = everybody,
    reason: Callable[[str], object] = str,
) -> APIRouter:
    """`name` is the person behind an agent's id, for screens; `reason` raises for one that may not be chosen."""
    router = APIRouter(prefix="/agents", tags=["agents"])
    anybody = guard(Permission.SEE_FLOOR)

    @router.get("")
    async def agents(user: Annotated[User, Depends(anybody)]) -> AgentsView:
        seen = visible(user)
        items = [
            AgentView(
                agent=agent.id,
                name=name(agent.id),
                state=agent.state,
                reason=agent.reason,
                since_at=agent.since,
                queues=sorted(agent.memberships),
                interface=agent.interface,
            )
            for agent in sorted(monitor.agents(), key=lambda agent: agent.id)
            if is_seen((agent.id,), seen)
        ]
        return AgentsView(items=items, total=len(items))

    @router.post("/{agent}/ready", status_code=204)
    async def ready(agent: str, user: Annotated[User, Depends(anybody)]) -> None:
        await desk.ready(own_agent(user, agent))

    @router.post("/{agent}/not-ready", status_code=204)
    async def not_ready(agent: str, wish: NotReady, user: Annotated[User, Depends(anybody)]) -> None:
        reason(wish.reason)
        await desk.not_ready(own_agent(user, agent), wish.reason)

    @router.post("/{agent}/wrap-up", status_code=204)
    async def wrap_up(agent: str, wish: WrapUp, user: Annotated[User, Depends(anybody)]) -> None:
        if wish.done:
            await desk.end_wrap_up(own_agent(user, agent))

    return router
