"""The routing policy over HTTP: its versions, what is wrong with a text, a dry run, going live."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from cti.domain.access import Guard, Permission, User
from cti.domain.identifiers import QueueName, Tier
from routing.domain.dry_run import DryRun
from routing.domain.estimate_error import ErrorSummary
from routing.domain.versions import LONGEST_NOTE, PolicyVersion
from routing.service.policy_desk import PolicyDesk

Audit = Callable[[User, str, str], Awaitable[None]]
LARGEST_TEXT = 64_000


class VersionView(BaseModel):
    """`live_at`: when it was last made live."""

    number: int
    at: float
    author: str
    note: str
    live: bool
    live_at: float | None


class VersionsView(BaseModel):
    items: list[VersionView]
    total: int
    live: int


class WholeVersionView(VersionView):
    """`difference` to the live version, line by line, each with its sign."""

    text: str
    difference: list[str]


class PolicyText(BaseModel):
    text: str = Field(max_length=LARGEST_TEXT)


class NewVersion(PolicyText):
    note: str = Field(min_length=1, max_length=LONGEST_NOTE, description="Why it is changed.")


class MistakeView(BaseModel):
    line: int
    place: str
    sentence: str


class MistakesView(BaseModel):
    items: list[MistakeView]
    total: int
    difference: list[str]


class TierOutcomeView(BaseModel):
    """Waits in seconds, under the live policy and under the other one."""

    tier: Tier
    callers: int
    answered_before: int
    answered_after: int
    median_before: float | None
    median_after: float | None
    p95_before: float | None
    p95_after: float | None
    overtaken_before: int
    overtaken_after: int
    longer: int
    shorter: int


class DryRunView(BaseModel):
    """`fidelity_seconds`: by how much a wait played under the live policy differs from the real one (median)."""

    callers: int
    fidelity_seconds: float | None
    tiers: list[TierOutcomeView]


class DayToPlay(BaseModel):
    until: float | None = Field(
        default=None, description="The end of the day, seconds since 1970; left out: now."
    )


class EstimateView(BaseModel):
    """Seconds by which waits exceeded what was told at the join; 80 of 100 lie from `low` to `high`."""

    queue: str
    callers: int
    median: float | None
    low: float | None
    high: float | None


class EstimatesView(BaseModel):
    items: list[EstimateView]
    total: int


def routes(
    desk: PolicyDesk,
    estimates: Callable[[], Mapping[QueueName, ErrorSummary]],
    guard: Guard,
    audit: Audit,
) -> APIRouter:
    router = APIRouter(prefix="/routing", tags=["routing"])
    reader = Depends(guard(Permission.SEE_ROUTING))
    Editor = Annotated[User, Depends(guard(Permission.EDIT_ROUTING))]  # noqa: N806  a type, as FastAPI reads it

    @router.get("/policy", dependencies=[reader])
    async def versions() -> VersionsView:
        items = [VersionView(**_view(version, desk)) for version in await desk.versions()]
        return VersionsView(items=items, total=len(items), live=desk.live)

    @router.get("/policy/{number}", dependencies=[reader])
    async def version(number: int) -> WholeVersionView:
        found = await desk.version(number)
        changes = await desk.difference(found.text)
        return WholeVersionView(**_view(found, desk), text=found.text, difference=changes)

    @router.post("/policy/check", dependencies=[reader])
    async def check(given: PolicyText) -> MistakesView:
        items = [MistakeView(**mistake._asdict()) for mistake in await desk.mistakes(given.text)]
        changes = await desk.difference(given.text)
        return MistakesView(items=items, total=len(items), difference=changes)

    @router.post("/policy", status_code=201)
    async def keep(given: NewVersion, user: Editor) -> VersionView:
        await audit(user, "routing policy kept", given.note)
        return VersionView(**_view(await desk.keep(user.name, given.note, given.text), desk))

    @router.post("/policy/{number}/dry-run", dependencies=[reader])
    async def dry_run(number: int, day: DayToPlay) -> DryRunView:
        return _dry_run_view(await desk.dry_run(number, day.until))

    @router.post("/policy/{number}/live")
    async def go_live(number: int, user: Editor) -> VersionView:
        await audit(user, "routing policy made live", f"version {number}, before it version {desk.live}")
        await desk.go_live(number)
        return VersionView(**_view(await desk.version(number), desk))

    @router.get("/estimates", dependencies=[reader])
    async def estimate_errors() -> EstimatesView:
        items = [EstimateView(queue=queue, **found._asdict()) for queue, found in estimates().items()]
        return EstimatesView(items=items, total=len(items))

    return router


def _view(version: PolicyVersion, desk: PolicyDesk) -> dict[str, Any]:
    shown = {name: value for name, value in version._asdict().items() if name != "text"}
    return shown | {"live": version.number == desk.live}


def _dry_run_view(found: DryRun) -> DryRunView:
    tiers = [TierOutcomeView(tier=tier, **outcome._asdict()) for tier, outcome in found.tiers.items()]
    return DryRunView(callers=found.callers, fidelity_seconds=found.fidelity_seconds, tiers=tiers)
