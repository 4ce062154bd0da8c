"""Legal holds, what is kept how long, who is erased, and the reports of both."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from cti.domain.access import Guard, Permission, User
from cti.domain.erasing import Number
from cti.domain.errors import NotErasable
from cti.domain.keeping import Hold, HoldKind, Report
from cti.domain.retention import RetentionPolicy, Rule
from cti.service.eraser import Eraser
from cti.service.hold_desk import HoldDesk
from cti.service.retention import Retention

NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps none
ReportsPage = Callable[[int, int], Awaitable[tuple[Sequence[Report], int]]]
Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


class HoldWish(BaseModel):
    kind: HoldKind
    subject: str = Field(
        min_length=1, max_length=250, pattern=NO_NUL, description="A number with its country code, or an id."
    )
    reason: str = Field(min_length=3, max_length=2000, pattern=NO_NUL)


class Lifting(BaseModel):
    reason: str = Field(min_length=3, max_length=2000, pattern=NO_NUL)


class HoldView(BaseModel):
    id: str
    kind: HoldKind
    subject: str
    reason: str
    by: str
    at: float
    lifted_at: float | None
    lifted_by: str | None
    lifted_because: str | None


class HoldsView(BaseModel):
    items: list[HoldView]
    total: int


class KeepingReportView(BaseModel):
    """`seal`: SHA-256 of `report`, which is JSON."""

    id: str
    kind: str
    at: float
    by: str
    report: str
    seal: str


class KeepingReportsView(BaseModel):
    items: list[KeepingReportView]
    total: int


class RuleView(BaseModel):
    """Days; null: for ever. `due`: what would be deleted now, `held`: what a legal hold keeps."""

    name: str
    days: float | None
    tiers: dict[str, float | None]
    queues: dict[str, float | None]
    due: int
    held: int


class RetentionView(BaseModel):
    items: list[RuleView]
    total: int


class Erasure(BaseModel):
    number: str = Field(max_length=40, pattern=NO_NUL, description="With its country code: +8613800138000.")


def routes(
    holds: HoldDesk,
    retention: Retention,
    eraser: Eraser,
    reports: ReportsPage,
    parted: Callable[[str], Number | None],
    guard: Guard,
) -> APIRouter:
    """`parted` makes country code and the rest of a number."""
    router = APIRouter(prefix="/keeping", tags=["keeping"])
    administrator = Depends(guard(Permission.ADMINISTER))
    _holds(router, holds, administrator)
    _deleting(router, retention, eraser, reports, parted, administrator)
    return router


def _holds(router: APIRouter, holds: HoldDesk, administrator: Any) -> None:
    @router.get("/holds", dependencies=[administrator])
    async def all_holds(limit: Limit = 50, offset: Offset = 0) -> HoldsView:
        items, total = await holds.page(limit, offset)
        return HoldsView(items=[_seen(one) for one in items], total=total)

    @router.post("/holds", status_code=201)
    async def put(wish: HoldWish, user: Annotated[User, administrator]) -> HoldView:
        return _seen(await holds.put(user, wish.kind, wish.subject, wish.reason))

    @router.post("/holds/{hold}/lift", status_code=204)
    async def lift(hold: str, wish: Lifting, user: Annotated[User, administrator]) -> None:
        await holds.lift(user, hold, wish.reason)


def _seen(hold: Hold) -> HoldView:
    return HoldView(**hold._asdict())


def _deleting(
    router: APIRouter,
    retention: Retention,
    eraser: Eraser,
    reports: ReportsPage,
    parted: Callable[[str], Number | None],
    administrator: Any,
) -> None:
    @router.get("/retention", dependencies=[administrator])
    async def dry_run() -> RetentionView:
        """What the daily run would delete now."""
        found = await retention.look()
        items = [_rule(name, retention.policy, one.deleted, one.held) for name, one in found.items()]
        return RetentionView(items=items, total=len(items))

    @router.get("/reports", dependencies=[administrator])
    async def all_reports(limit: Limit = 50, offset: Offset = 0) -> KeepingReportsView:
        items, total = await reports(limit, offset)
        return KeepingReportsView(items=[_told(one) for one in items], total=total)

    @router.post("/erasures", status_code=201)
    async def erase(wish: Erasure, user: Annotated[User, administrator]) -> KeepingReportView:
        """Somebody, everywhere; what counts calls stays."""
        return _told(await eraser.erase(user, asked(parted, wish.number)))


def asked(parted: Callable[[str], Number | None], number: str) -> Number:
    """Raises NotErasable."""
    found = parted(number)
    if found is None:
        raise NotErasable("Write it with its country code: +8613800138000.")
    return found


def _told(report: Report) -> KeepingReportView:
    return KeepingReportView(
        id=report.id, kind=report.kind, at=report.at, by=report.by, report=report.text, seal=report.seal
    )


def _rule(name: str, policy: RetentionPolicy, due: int, held: int) -> RuleView:
    rule: Rule = policy[name]
    return RuleView(
        name=name,
        days=rule.days,
        tiers={str(tier): days for tier, days in rule.tiers.items()},
        queues={str(queue): days for queue, days in rule.queues.items()},
        due=due,
        held=held,
    )
