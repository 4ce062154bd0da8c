"""How calls sounded at the agents' softphones."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from cti.domain.access import Guard, Permission, User
from cti.domain.call_quality import CallQuality, Sounded
from cti.domain.errors import NotAllowed
from cti.domain.identifiers import CallId
from cti.service.quality_desk import QualityDesk

DAY = 86_400


class QualityOfCall(BaseModel):
    """Measured over one conversation: medians, and the worst sample."""

    jitter_ms: float = Field(ge=0, le=10_000)
    jitter_worst_ms: float = Field(ge=0, le=10_000)
    loss_percent: float = Field(ge=0, le=100)
    rtt_ms: float | None = Field(ge=0, le=60_000)
    mos: float = Field(ge=1, le=4.5)
    mos_worst: float = Field(ge=1, le=4.5)
    codec: str = Field(max_length=20, pattern=r"^[A-Za-z0-9.-]*$")
    device: Literal["bluetooth", "usb", "built_in", "other"]
    seconds: int = Field(ge=0, le=DAY)


class QualityLine(QualityOfCall):
    agent: str
    at: float


class QualityView(BaseModel):
    items: list[QualityLine]
    total: int


def line(quality: CallQuality) -> QualityLine:
    return QualityLine(agent=quality.agent, at=quality.at, **quality.sounded._asdict())


def routes(desk: QualityDesk, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/calls", tags=["calls"])
    agents = guard(Permission.USE_DESK)

    @router.post("/{call}/quality", status_code=204)
    async def keep(call: str, said: QualityOfCall, user: Annotated[User, Depends(agents)]) -> None:
        """An agent's softphone says once, at the end, how the call sounded."""
        if user.agent is None:
            raise NotAllowed("Only agents have a softphone.")
        await desk.keep(CallId(call), user.agent, Sounded(**said.model_dump()))

    @router.get("/{call}/quality", dependencies=[Depends(guard(Permission.SEE_CALLS))])
    async def of(call: str) -> QualityView:
        """One line for each agent whose softphone measured it; none for desk phones."""
        items = [line(quality) for quality in await desk.of(CallId(call))]
        return QualityView(items=items, total=len(items))

    return router
