"""Agents log on to queues and off again by themselves."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from cti.domain.access import Guard, Permission, User, own_agent
from cti.domain.identifiers import QueueName
from cti.service.shift_desk import ShiftDesk

NO_NUL = r"^[^\x00]*$"


class QueueChoiceView(BaseModel):
    """`own`: the agent may log on and off by himself."""

    queue: str
    on: bool
    penalty: int
    own: bool


class QueueChoicesView(BaseModel):
    items: list[QueueChoiceView]
    total: int


class OneQueue(BaseModel):
    queue: str = Field(min_length=1, max_length=80, pattern=NO_NUL)


class ShiftView(BaseModel):
    """What could not be done, as sentences."""

    problems: list[str]


def routes(shift: ShiftDesk, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/shift/{agent}", tags=["shift"])
    anybody = guard(Permission.SEE_FLOOR)

    @router.get("/queues")
    async def queues(agent: str, user: Annotated[User, Depends(anybody)]) -> QueueChoicesView:
        choices = await shift.queues(own_agent(user, agent))
        items = [QueueChoiceView(**one._asdict()) for one in choices]
        return QueueChoicesView(items=items, total=len(items))

    @router.post("/log-on", status_code=204)
    async def log_on(agent: str, one: OneQueue, user: Annotated[User, Depends(anybody)]) -> None:
        await shift.log_on(own_agent(user, agent), QueueName(one.queue))

    @router.post("/log-off", status_code=204)
    async def log_off(agent: str, one: OneQueue, user: Annotated[User, Depends(anybody)]) -> None:
        await shift.log_off(own_agent(user, agent), QueueName(one.queue))

    @router.post("/begin")
    async def begin(agent: str, user: Annotated[User, Depends(anybody)]) -> ShiftView:
        return ShiftView(problems=await shift.begin(own_agent(user, agent)))

    @router.post("/end")
    async def end(agent: str, user: Annotated[User, Depends(anybody)]) -> ShiftView:
        return ShiftView(problems=await shift.end(own_agent(user, agent)))

    return router
