"""Draws what is reviewed: as calls come, and of whole periods once they are over. Every draw can be made again and compared."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import tzinfo
from typing import Final, NamedTuple

from cti.domain.identifiers import AgentId
from qa.domain.errors import DrawUnknown
from qa.domain.review import PlanKind, Purpose, Review, ReviewId, ReviewState, beside, drawn
from qa.domain.risk import CallFacts, signs
from qa.domain.sampling import (
    Candidate,
    Draw,
    DrawId,
    Every,
    Member,
    Period,
    RandomPlan,
    SamplingPolicy,
    Trait,
    by_risk,
    by_share,
    by_size,
    by_strata,
    digest,
    doubled,
    draw_id,
    period_of,
    rule_of,
    seed,
)
from qa.ports import Clock, Covered, DrawPage, DrawStore, FactsOf

DRAW_SAMPLES: Final = "draw_samples"
"""The kind of job that draws, hands out, and looks whether coaching met its aim."""
DRAW_EVERY_SECONDS: Final = 20.0

GRACE_SECONDS: Final = 900.0
"""So long after its end a period is drawn: recordings on their way arrive first."""
_AGAIN_SECONDS: Final = 600.0
"""How far back a look at new calls reaches, for those that were entered late."""
_RISK_SECONDS: Final = 60.0
_DAY: Final = 86_400.0


class Proof(NamedTuple):
    """A draw made again: what is in one and not in the other. `same_frame`: of the same calls as then; `same_rule`: as the policy
    said then.
    """

    draw: Draw
    same_frame: bool
    same_rule: bool
    missing: Sequence[ReviewId]  # were drawn, and would not be
    extra: Sequence[ReviewId]  # would be drawn, and were not


class Week(NamedTuple):
    period: Period
    agents: Mapping[AgentId, Covered]


class SamplingDesk:
    """By the policy. `drawn` is told when a draw changed what lies on the desk."""

    def __init__(
        self,
        policy: SamplingPolicy,
        store: DrawStore,
        facts: FactsOf,
        clock: Clock,
        zone: tzinfo,
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self.policy = policy
        self._store, self._facts, self._clock, self._zone, self._changed = store, facts, clock, zone, changed
        self._looked_until = 0.0
        self._next_risk = 0.0

    @property
    def counted(self) -> PlanKind:
        """The plan that key figures are made of."""
        return PlanKind.EVERYTHING if self.policy.everything else PlanKind.RANDOM

    async def turn(self) -> None:
        """Draw what can be drawn now. Doing it again changes nothing."""
        if self.policy.everything:
            return
        now = self._clock.now()
        if (random := self.policy.random) is not None:
            if random.share is not None:
                await self._as_they_come(random.share, now)
            else:
                await self._once_over(PlanKind.RANDOM, random.every, now)
        if (stratified := self.policy.stratified) is not None:
            await self._once_over(PlanKind.STRATIFIED, stratified.every, now)
        if self.policy.risk is not None and now >= self._next_risk:
            await self._by_risk(now)
            self._next_risk = now + _RISK_SECONDS

    async def _as_they_come(self, part: float, now: float) -> None:
        for period in (period_of(now - _DAY, Every.DAY, self._zone), period_of(now, Every.DAY, self._zone)):
            known = await self._store.draw(draw_id(PlanKind.RANDOM, period))
            if known is not None and known.closed:
                continue
            over = now >= period.end + GRACE_SECONDS
            begin = period.begin if over else max(period.begin, self._looked_until - _AGAIN_SECONDS)
            if begin >= period.end:
                continue
            frame = await self._store.frame(begin, period.end)
            members = by_share(_candidates(frame), period, part)
            await self._write(PlanKind.RANDOM, period, known, frame, members, over=over)
        self._looked_until = now

    async def _once_over(self, plan: PlanKind, every: Every, now: float) -> None:
        current = period_of(now, every, self._zone)
        before = period_of(current.begin - _DAY / 2, every, self._zone)
        if now < before.end + GRACE_SECONDS or await self._store.draw(draw_id(plan, before)) is not None:
            return
        frame = await self._store.frame(before.begin, before.end)
        if frame:
            members = await self._again(plan, before, frame)
            await self._write(plan, before, None, frame, members, over=True)

    async def _again(self, plan: PlanKind, period: Period, frame: Sequence[Review]) -> list[Member]:
        policy = self.policy
        if plan is PlanKind.STRATIFIED and policy.stratified is not None:
            known = await self._facts(frame) if Trait.REASON in policy.stratified.by else {}
            return by_strata(_candidates(frame, known), period, policy.stratified, self._zone)
        if plan is PlanKind.RANDOM and policy.random is not None:
            return _random(policy.random, frame, period)
        return []

    async def _by_risk(self, now: float) -> None:
        if (plan := self.policy.risk) is None:
            return
        period = period_of(now, Every.DAY, self._zone)
        known = await self._store.draw(draw_id(PlanKind.RISK, period))
        left = plan.most_a_day - (known.members if known else 0)
        if left <= 0:
            return
        frame = await self._store.frame(period.begin, period.end)
        waiting = [one for one in frame if one.state is ReviewState.ELIGIBLE]
        facts = await self._facts(waiting) if waiting else {}
        marked = [
            one._replace(signs=signs(facts.get(one.review, CallFacts()), plan.rules))
            for one in _candidates(waiting)
        ]
        members = by_risk(marked, period, left)
        if members:
            await self._write(PlanKind.RISK, period, known, frame, members, over=False)

    async def _write(
        self,
        plan: PlanKind,
        period: Period,
        known: Draw | None,
        frame: Sequence[Review],
        members: Sequence[Member],
        *,
        over: bool,
    ) -> None:
        id_, now = draw_id(plan, period), self._clock.now()
        there = {one.review for one in await self._store.members(id_)} if known else set()
        new = [one for one in members if one.review not in there]
        if known is not None and not new and not over:
            return
        if known is None and not frame:
            return
        told = digest(_candidates(frame)) if over else ""
        size = await self._store.size(period.begin, period.end)
        rule = rule_of(self.policy, plan)
        draw = Draw(id_, plan, period, now, over, size, len(there) + len(new), told, rule)
        by_id, due = {one.id: one for one in frame}, now + self.policy.work.due_seconds
        changes = [(by_id[one.review], drawn(by_id[one.review], plan, due)) for one in new]
        after = [later._replace(revision=was.revision) for was, later in changes if later != was]
        more = self._second_looks(plan, period, new, by_id, due)
        await self._store.write(draw, new, after, more)
        if after or more:
            await self._changed()

    def _second_looks(
        self,
        plan: PlanKind,
        period: Period,
        new: Sequence[Member],
        by_id: Mapping[ReviewId, Review],
        due: float,
    ) -> list[Review]:
        if plan is not PlanKind.RANDOM:
            return []
        now = self._clock.now()
        chosen = (by_id[one.review] for one in doubled(new, period, self.policy.double_share))
        return [
            beside(one, ReviewId(f"{one.recording}-r2"), Purpose.DOUBLE, now)._replace(
                plan=PlanKind.RANDOM, due_at=due
            )
            for one in chosen
        ]

    # what people ask

    async def draws(self, plan: PlanKind | None, limit: int, offset: int) -> DrawPage:
        return await self._store.draws(plan, limit, offset)

    async def draw(self, draw: DrawId) -> tuple[Draw, Sequence[Member]]:
        """Raises DrawUnknown."""
        return await self._found(draw), await self._store.members(draw)

    async def proof(self, draw: DrawId) -> Proof:
        """Make it again. What was chosen for its signs is not made again: only its seeds are. Raises DrawUnknown."""
        found = await self._found(draw)
        members = {one.review: one for one in await self._store.members(draw)}
        frame = await self._store.frame(found.period.begin, found.period.end)
        same = not found.closed or digest(_candidates(frame)) == found.digest
        rule = found.rule == rule_of(self.policy, found.plan)
        if found.plan is PlanKind.RISK:
            wrong = [
                one.review
                for one in members.values()
                if one.seed != seed(PlanKind.RISK, found.period, one.call)
            ]
            return Proof(found, same, rule, sorted(wrong), [])
        again = {one.review for one in await self._again(found.plan, found.period, frame)}
        late = {one.id for one in frame if one.created_at > found.drawn_at} if not found.closed else set()
        return Proof(found, same, rule, sorted(members.keys() - again), sorted(again - members.keys() - late))

    async def coverage(self, weeks: int, visible: Collection[AgentId] | None) -> Sequence[Week]:
        """Every agent, every week; this week first."""
        found, at = [], self._clock.now()
        for _ in range(weeks):
            period = period_of(at, Every.WEEK, self._zone)
            found.append(Week(period, await self._store.covered(period.begin, period.end, visible)))
            at = period.begin - _DAY / 2
        return found

    async def _found(self, draw: DrawId) -> Draw:
        found = await self._store.draw(draw) if draw.isprintable() else None
        if found is None:
            raise DrawUnknown
        return found


def _random(plan: RandomPlan, frame: Sequence[Review], period: Period) -> list[Member]:
    if plan.share is not None:
        return by_share(_candidates(frame), period, plan.share)
    return by_size(_candidates(frame), period, plan.margin or 0.05)


def _candidates(
    frame: Sequence[Review], facts: Mapping[ReviewId, CallFacts] | None = None
) -> list[Candidate]:
    known = facts or {}
    return [
        Candidate(
            one.id,
            one.call,
            one.queue,
            one.agent,
            one.tier,
            one.started_at,
            known.get(one.id, CallFacts()).reason,
        )
        for one in frame
    ]
