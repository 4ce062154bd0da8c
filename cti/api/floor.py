"""The live floor as one picture, and its queues."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Depends

from cti.domain.access import Guard, Permission


def routes(floor: Callable[[], Mapping[str, Any]], guard: Guard) -> APIRouter:
    """`floor` gives the picture the stream sends, as it is now."""
    router = APIRouter(tags=["floor"], dependencies=[Depends(guard(Permission.SEE_FLOOR))])

    @router.get("/floor")
    async def picture() -> dict[str, Any]:
        return dict(floor())

    @router.get("/queues")
    async def queues() -> dict[str, Any]:
        items = floor()["queues"]
        return {"items": items, "total": len(items)}

    return router
