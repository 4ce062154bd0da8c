"""Who did what, when and to whom."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from cti.domain.access import Guard, Permission
from cti.domain.audit import Break, Verifier

NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps none


Page = Callable[..., Awaitable[Any]]
"""Gives `items`, newest first, and their `total`; takes what `Search` asks for."""

Verify = Callable[[], Awaitable[tuple[Verifier, Break | None]]]
"""Reads the chain to its first break."""


class AuditLineView(BaseModel):
    """`seal` is SHA-256 over the seal of the line before and this line's content."""

    id: int
    at: float
    user: str
    login: str
    action: str
    subject: str
    seal: str


class AuditView(BaseModel):
    items: list[AuditLineView]
    total: int


class ChainView(BaseModel):
    """`broken`: the first line that does not follow the one before, null when all do; `last`: the newest seal that holds."""

    lines: int
    broken: int | None
    last: str


class Search(BaseModel):
    """`login` and `action` as they begin (`denied`, `user.`), `subject` any part of it; times in seconds since 1970."""

    limit: int = Query(50, ge=1, le=500)
    offset: int = Query(0, ge=0, le=10_000_000)
    login: str = Query("", max_length=200, pattern=NO_NUL)
    action: str = Query("", max_length=100, pattern=NO_NUL)
    subject: str = Query("", max_length=200, pattern=NO_NUL)
    since: float | None = Query(None, alias="from", ge=0, le=4e10, allow_inf_nan=False)
    until: float | None = Query(None, ge=0, le=4e10, allow_inf_nan=False)


def routes(find: Page, verify: Verify, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/audit", tags=["audit"])

    @router.get("/chain", dependencies=[Depends(guard(Permission.ADMINISTER))])
    async def chain() -> ChainView:
        """Reads every line there is."""
        verifier, found = await verify()
        return ChainView(lines=verifier.count, broken=None if found is None else found.id, last=verifier.last)

    @router.get("", dependencies=[Depends(guard(Permission.ADMINISTER))])
    async def audit(search: Annotated[Search, Query()]) -> AuditView:
        page = await find(**search.model_dump())
        items = [AuditLineView.model_validate(dict(row)) for row in page.items]
        return AuditView(items=items, total=page.total)

    return router
