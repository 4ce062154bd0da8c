"""The live floor as one picture, and its queues."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from cti.domain.access import Guard, Permission, User

FloorFor = Callable[[User, Mapping[str, Any]], Mapping[str, Any]]


def routes(floor: Callable[[], Mapping[str, Any]], guard: Guard, floor_for: FloorFor) -> APIRouter:
    """`floor` gives the picture the stream sends, as it is now; `floor_for` what of it a user may see."""
    may_see = guard(Permission.SEE_FLOOR)
    router = APIRouter(tags=["floor"], dependencies=[Depends(may_see)])

    @router.get("/floor")
    async def picture(user: Annotated[User, Depends(may_see)]) -> dict[str, Any]:
        return dict(floor_for(user, floor()))

    @router.get("/queues")
    async def queues() -> dict[str, Any]:
        items = floor()["queues"]
        return {"items": items, "total": len(items)}

    return router
