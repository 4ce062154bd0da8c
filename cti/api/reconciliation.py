"""Where our records and the switch's ledger differ, why, and how far the numbers are proven."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from cti.domain.access import Guard, Permission
from cti.domain.causes import Cause
from cti.domain.identifiers import CallId
from cti.domain.reconciliation import DifferenceState, DriftKind
from cti.ports import CallPage


class Differences(Protocol):
    """Where they are kept."""

    async def list(self, limit: int, offset: int, search: Mapping[str, Any]) -> CallPage: ...
    async def versions(self, call: CallId) -> Sequence[Mapping[str, Any]]: ...


class GapView(BaseModel):
    kind: str
    since: float
    until: float | None
    state: str
    first: int | None
    last: int | None


class SwitchSummary(BaseModel):
    """One switch. Drift counts differences that nothing explains; repairs are by cause."""

    pbx: str
    ledger: bool
    ledger_state: str
    ledger_read_until: float | None
    ledger_last_line_at: float | None
    ledger_behind: int
    ledger_lines: int
    ledger_malformed: int
    verified_until: float | None
    gap_since: float | None
    drift: dict[str, int]
    repaired: dict[str, int]
    gaps: list[GapView]


class DifferenceView(BaseModel):
    id: str
    pbx: str
    kind: DriftKind
    state: DifferenceState
    cause: Cause | None
    queue: str
    uniqueid: str
    joined_at: float
    ended_at: float | None
    call: str | None
    ours: str | float | None
    ledger: str | float | None
    found_at: float


class ReconciliationView(BaseModel):
    items: list[DifferenceView]
    total: int
    switches: list[SwitchSummary]


class Version(BaseModel):
    """A version of a call that a correction replaced; `story` null: we had not heard of the call."""

    version: int
    at: float
    cause: str
    changes: dict[str, Any]
    story: dict[str, Any] | None


class Versions(BaseModel):
    items: list[Version]
    total: int


class Search(BaseModel):
    """Filters of the list; `from` and `until` are seconds since 1970, of joining."""

    limit: int = Query(50, ge=1, le=500)
    offset: int = Query(0, ge=0, le=10_000_000)
    pbx: str = Query("", max_length=100)
    kind: DriftKind | None = None
    state: DifferenceState | None = None
    cause: Cause | None = None
    since: float | None = Query(None, alias="from", ge=0, le=4e10, allow_inf_nan=False)
    until: float | None = Query(None, ge=0, le=4e10, allow_inf_nan=False)

    def terms(self) -> dict[str, Any]:
        told = self.model_dump(exclude={"limit", "offset", "since"})
        return {**told, "from": self.since}


def routes(
    differences: Differences,
    summary: Callable[[], Awaitable[list[dict[str, Any]]]],
    guard: Guard,
) -> APIRouter:
    """`summary` gives one entry a switch."""
    router = APIRouter(prefix="/reconciliation", tags=["reconciliation"])

    @router.get("", dependencies=[Depends(guard(Permission.SEE_FLOOR))])
    async def reconciliation(search: Annotated[Search, Query()]) -> ReconciliationView:
        """Differences, newest visit first, and where each switch's comparison stands."""
        page = await differences.list(search.limit, search.offset, search.terms())
        return ReconciliationView(
            items=[DifferenceView(**row) for row in page.items],
            total=page.total,
            switches=[SwitchSummary(**one) for one in await summary()],
        )

    @router.get("/calls/{call}", dependencies=[Depends(guard(Permission.SEE_CALLS))])
    async def versions(call: str) -> Versions:
        """What corrections made of a call: every version they replaced, oldest first."""
        items = [Version(**row) for row in await differences.versions(CallId(call))]
        return Versions(items=items, total=len(items))

    return router
