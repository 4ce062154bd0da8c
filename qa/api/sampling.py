"""Sampling over HTTP: the plans, each draw and its proof, who is covered, and the figures that may be made of it."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from cti.domain.access import Guard, Permission, User, Visible, everybody
from qa.domain.precision import Estimate
from qa.domain.review import PlanKind
from qa.domain.sampling import Draw, DrawId, SamplingPolicy, rule_of
from qa.service.quality_figures import Figures, GroupBy, QualityFigures
from qa.service.sampling_desk import SamplingDesk

_Limit = Annotated[int, Query(ge=1, le=500)]
_Offset = Annotated[int, Query(ge=0, le=10_000_000)]
_At = Annotated[float | None, Query(ge=0, allow_inf_nan=False)]
_MONTH = 30 * 86_400.0


class PlanView(BaseModel):
    """`feeds_figures`: what it draws may speak of all calls."""

    plan: PlanKind
    on: bool
    every: str | None
    rule: str
    feeds_figures: bool


class PlansView(BaseModel):
    items: list[PlanView]
    total: int
    double_share: float
    dispute_days: int
    lease_seconds: float


class DrawView(BaseModel):
    """`frame`: how many calls it could draw of, `members` how many it drew; `closed`: its period is over, and `digest` is of the frame."""

    id: str
    plan: PlanKind
    period: str
    begin: float
    end: float
    drawn_at: float
    closed: bool
    frame: int
    members: int
    digest: str
    rule: str


class DrawsView(BaseModel):
    items: list[DrawView]
    total: int


class MemberView(BaseModel):
    """`probability` null: chosen for the signs that stand as its `stratum`."""

    review: str
    call: str
    stratum: str
    probability: float | None
    seed: str


class DrawDetailView(DrawView):
    drawn: list[MemberView]


class ProofView(BaseModel):
    """The draw made again. `same_frame`: of the same calls; `same_rule`: the policy says what it said; then both lists are empty."""

    draw: str
    proven: bool
    same_frame: bool
    same_rule: bool
    missing: list[str]
    extra: list[str]


class CoveredView(BaseModel):
    agent: str
    eligible: int
    drawn: int
    scored: int
    excluded: int


class WeekView(BaseModel):
    week: str
    begin: float
    end: float
    agents: list[CoveredView]


class CoverageView(BaseModel):
    """The running week first; `weeks` of no call have no agents."""

    weeks: list[WeekView]


class IntervalView(BaseModel):
    """95 %; `n` calls, which after weighting are worth `effective`."""

    value: float
    low: float
    high: float
    n: int
    effective: float


class FiguresView(BaseModel):
    """`complete`: at least four fifths of what was drawn are scored. Shares 0 to 1, `score` 0 to 100; null of nothing."""

    key: str
    drawn: int
    scored: int
    complete: bool
    score: IntervalView | None
    passed: IntervalView | None
    customer: IntervalView | None
    business: IntervalView | None
    compliance: IntervalView | None


class SampleQualityView(BaseModel):
    """`ranked`: keys, best first; null when the sample cannot say who is better."""

    plan: PlanKind
    since: float
    until: float
    groups: list[FiguresView]
    ranked: list[str] | None


def routes(
    desk: SamplingDesk,
    figures: QualityFigures,
    guard: Guard,
    now: Callable[[], float],
    visible: Visible = everybody,
) -> APIRouter:
    router = APIRouter(tags=["quality"])
    may_review = guard(Permission.REVIEW)
    _draws(router, desk, may_review)

    @router.get("/sampling/coverage")
    async def coverage(
        user: Annotated[User, Depends(may_review)], weeks: Annotated[int, Query(ge=1, le=26)] = 4
    ) -> CoverageView:
        told = await desk.coverage(weeks, visible(user))
        return CoverageView(
            weeks=[
                WeekView(
                    week=week.period.name,
                    begin=week.period.begin,
                    end=week.period.end,
                    agents=[
                        CoveredView(agent=agent, **one._asdict())
                        for agent, one in sorted(week.agents.items())
                    ],
                )
                for week in told
            ]
        )

    @router.get("/quality")
    async def quality(
        user: Annotated[User, Depends(may_review)],
        since: Annotated[float | None, Query(alias="from", ge=0, allow_inf_nan=False)] = None,
        until: _At = None,
        group_by: GroupBy = GroupBy.NOTHING,
        plan: PlanKind | None = None,
    ) -> SampleQualityView:
        """Of the random plan, or of the stratified one weighed back. Other plans say nothing of all calls, and have no figures."""
        end = now() if until is None else until
        begin = end - _MONTH if since is None else since
        told = await figures.figures(plan or desk.counted, begin, end, group_by, visible(user))
        groups = [_figures(one) for one in told.groups]
        ranked = None if told.ranked is None else list(told.ranked)
        return SampleQualityView(plan=told.plan, since=begin, until=end, groups=groups, ranked=ranked)

    return router


def _draws(router: APIRouter, desk: SamplingDesk, may_review: Any) -> None:
    guarded = [Depends(may_review)]

    @router.get("/sampling/plans", dependencies=guarded)
    async def plans() -> PlansView:
        policy = desk.policy
        items = [_plan(kind, policy) for kind in PlanKind]
        return PlansView(
            items=items,
            total=len(items),
            double_share=policy.double_share,
            dispute_days=policy.dispute_days,
            lease_seconds=policy.work.lease_seconds,
        )

    @router.get("/sampling/draws", dependencies=guarded)
    async def draws(plan: PlanKind | None = None, limit: _Limit = 50, offset: _Offset = 0) -> DrawsView:
        page = await desk.draws(plan, limit, offset)
        return DrawsView(items=[DrawView(**_draw(one)) for one in page.items], total=page.total)

    @router.get("/sampling/draws/{draw_id}", dependencies=guarded)
    async def draw(draw_id: str) -> DrawDetailView:
        found, members = await desk.draw(DrawId(draw_id))
        return DrawDetailView(**_draw(found), drawn=[MemberView(**one._asdict()) for one in members])

    @router.get("/sampling/draws/{draw_id}/proof", dependencies=guarded)
    async def proof(draw_id: str) -> ProofView:
        told = await desk.proof(DrawId(draw_id))
        proven = told.same_frame and told.same_rule and not told.missing and not told.extra
        return ProofView(
            draw=told.draw.id,
            proven=proven,
            same_frame=told.same_frame,
            same_rule=told.same_rule,
            missing=list(told.missing),
            extra=list(told.extra),
        )


def _plan(kind: PlanKind, policy: SamplingPolicy) -> PlanView:
    plan = {
        PlanKind.RANDOM: policy.random,
        PlanKind.STRATIFIED: policy.stratified,
        PlanKind.RISK: policy.risk,
    }.get(kind)
    on = {PlanKind.EVERYTHING: policy.everything, PlanKind.MANUAL: True}.get(
        kind, plan is not None and not policy.everything
    )
    return PlanView(
        plan=kind,
        on=on,
        every=getattr(plan, "every", None),
        rule=rule_of(policy, kind),
        feeds_figures=kind in (PlanKind.EVERYTHING, PlanKind.RANDOM, PlanKind.STRATIFIED),
    )


def _draw(draw: Draw) -> dict[str, Any]:
    fields = draw._asdict()
    del fields["period"]
    return {**fields, "period": draw.period.name, "begin": draw.period.begin, "end": draw.period.end}


def _figures(figures: Figures) -> FiguresView:
    accuracy = {kind.value: _estimate(one) for kind, one in figures.accuracy.items()}
    return FiguresView(
        key=figures.key,
        drawn=figures.drawn,
        scored=figures.scored,
        complete=figures.complete,
        score=_estimate(figures.score),
        passed=_estimate(figures.passed),
        **accuracy,
    )


def _estimate(estimate: Estimate | None) -> IntervalView | None:
    return None if estimate is None else IntervalView(**estimate._asdict())
