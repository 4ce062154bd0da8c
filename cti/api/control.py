"""The buttons of a telephone, and a supervisor's ear, over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, Field

from cti.domain.access import Guard, Permission, User
from cti.domain.export import own_call_json
from cti.domain.identifiers import AgentId
from cti.domain.own_calls import Company, LegState, OwnCall
from cti.domain.supervision import SpyMode
from cti.ports import RecordingPauses
from cti.service.control_desk import ControlDesk
from cti.service.supervision import SupervisionDesk

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=100,
        description="The same key makes the same call, however often it is asked for.",
    ),
]


class Number(BaseModel):
    number: str = Field(max_length=40, description="An extension, or a number with or without country code.")


class Target(BaseModel):
    number: str | None = Field(
        default=None, max_length=40, description="None: put through the two of a consultation."
    )


class Spy(BaseModel):
    agent: str = Field(min_length=1, max_length=80)
    mode: SpyMode


class MadeView(BaseModel):
    call: str


class Tones(BaseModel):
    keys: str = Field(pattern=r"^[0-9*#]{1,32}$")


class OwnCallView(BaseModel):
    """`since`: seconds since 1970, when the two were through. `made`: the agent called.

    `paused_since`: the recording is silent since then.
    """

    call: str
    state: LegState
    company: Company
    number: str | None
    name: str | None
    made: bool
    since: float | None
    recorded: bool
    paused_since: float | None


class OwnCallsView(BaseModel):
    items: list[OwnCallView]
    total: int


class Pausing(BaseModel):
    why: Literal["card_data", "private"] = "card_data"


class PausedView(BaseModel):
    """Since when the switch records silence of the call, in seconds since 1970."""

    since: float


def routes(
    desk: ControlDesk, supervision: SupervisionDesk, guard: Guard, pauses: RecordingPauses
) -> APIRouter:
    router = APIRouter(prefix="/control", tags=["control"])
    _recording(router, pauses, Depends(guard(Permission.USE_DESK)))
    _buttons(router, desk, Depends(guard(Permission.USE_DESK)))
    _parties(router, desk, Depends(guard(Permission.USE_DESK)))
    _ear(router, supervision, Depends(guard(Permission.SUPERVISE)))
    return router


def _buttons(router: APIRouter, desk: ControlDesk, agent: Any) -> None:
    """With one party."""

    @router.get("/calls")
    async def calls(user: Annotated[User, agent]) -> OwnCallsView:
        own = [_seen(one, company) for one, company in await desk.calls(user)]
        return OwnCallsView(items=own, total=len(own))

    @router.post("/make", status_code=202)
    async def make(wish: Number, user: Annotated[User, agent], key: Key = None) -> MadeView:
        return MadeView(call=await desk.make(user, wish.number, key))

    @router.post("/answer", status_code=204)
    async def answer(user: Annotated[User, agent]) -> None:
        await desk.answer(user)

    @router.post("/hold", status_code=204)
    async def hold(user: Annotated[User, agent]) -> None:
        await desk.hold(user)

    @router.post("/retrieve", status_code=204)
    async def retrieve(user: Annotated[User, agent]) -> None:
        await desk.retrieve(user)

    @router.post("/clear", status_code=204)
    async def clear(user: Annotated[User, agent]) -> None:
        await desk.clear(user)

    @router.post("/tones", status_code=204)
    async def tones(wish: Tones, user: Annotated[User, agent]) -> None:
        await desk.tones(user, wish.keys)


def _seen(own: OwnCall, company: Company) -> OwnCallView:
    return OwnCallView(**own_call_json(own), company=company)


def _parties(router: APIRouter, desk: ControlDesk, agent: Any) -> None:
    """With a third one."""

    @router.post("/transfer", status_code=204)
    async def transfer(wish: Target, user: Annotated[User, agent]) -> None:
        await desk.transfer(user, wish.number)

    @router.post("/consult", status_code=204)
    async def consult(wish: Number, user: Annotated[User, agent]) -> None:
        await desk.consult(user, wish.number)

    @router.post("/conference", status_code=204)
    async def conference(user: Annotated[User, agent]) -> None:
        await desk.conference(user)


def _recording(router: APIRouter, pauses: RecordingPauses, agent: Any) -> None:
    @router.post("/pause-recording")
    async def pause(user: Annotated[User, agent], wish: Pausing | None = None) -> PausedView:
        """Answers when the switch has done it. Ends by itself after the policy's longest pause."""
        return PausedView(since=await pauses.pause(user, (wish or Pausing()).why))

    @router.post("/resume-recording", status_code=204)
    async def resume(user: Annotated[User, agent]) -> None:
        await pauses.resume(user)


def _ear(router: APIRouter, supervision: SupervisionDesk, supervisor: Any) -> None:
    @router.post("/spy", status_code=204)
    async def spy(wish: Spy, user: Annotated[User, supervisor]) -> None:
        await supervision.spy(user, AgentId(wish.agent), wish.mode)

    @router.delete("/spy/{spied}", status_code=204)
    async def leave(spied: str, user: Annotated[User, supervisor]) -> None:
        await supervision.stop(user, AgentId(spied))
