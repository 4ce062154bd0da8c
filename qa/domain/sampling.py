"""Which calls are reviewed: draws that anybody can make again and find the same.

No luck is involved: a call's place in a draw follows from the plan, the period and the call's id, so nobody can influence it and
everybody can check it. Only what was drawn with a known probability may say something of all calls.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from hashlib import sha256
from typing import Final, NamedTuple, NewType

from cti.domain.identifiers import AgentId, CallId, Tier
from qa.domain.precision import sample_size
from qa.domain.review import PlanKind, ReviewId
from qa.domain.risk import RiskRules, Sign

DrawId = NewType("DrawId", str)
"""Plan and period: `random-2026-11-27`."""

_WHOLE: Final = 2**64


class Every(StrEnum):
    """When a plan draws: as calls come, or of a whole period once it is over."""

    CALL = "call"
    DAY = "day"
    WEEK = "week"


class Trait(StrEnum):
    """What strata are made of."""

    TIER = "tier"
    REASON = "reason"
    AGENT = "agent"
    HOUR = "hour"
    QUEUE = "queue"


class RandomPlan(NamedTuple):
    """`share` of all calls as they come (`every` call), or of a period as many as tell a share to ± `margin`."""

    every: Every
    share: float | None
    margin: float | None


class StratifiedPlan(NamedTuple):
    every: Every
    size: int
    at_least: int  # of each stratum
    by: tuple[Trait, ...]


class RiskPlan(NamedTuple):
    rules: RiskRules
    most_a_day: int


class WorkRules(NamedTuple):
    """`due_seconds` after it was drawn; `lease_seconds` a claim holds without a sign from its page."""

    assign: bool
    due_seconds: float
    lease_seconds: float
    languages: Mapping[str, str]  # queue → "en" or "zh"


class SamplingPolicy(NamedTuple):
    """`everything`: no draws, each recording is to be reviewed. `double_share`: of random calls, scored twice."""

    everything: bool
    random: RandomPlan | None
    stratified: StratifiedPlan | None
    risk: RiskPlan | None
    double_share: float
    dispute_days: int  # working days in which an agent may dispute
    hear_own: bool  # agents may hear the recordings of their own scored reviews
    work: WorkRules


class Period(NamedTuple):
    """From `begin` until before `end`, seconds since 1970; by the clock on the house's wall."""

    name: str
    begin: float
    end: float


class Candidate(NamedTuple):
    """One agent's part of a call that could be drawn. `at`: when its recording was stored."""

    review: ReviewId
    call: CallId
    queue: str
    agent: AgentId | None
    tier: Tier | None
    at: float
    reason: str | None = None
    signs: tuple[Sign, ...] = ()


class Member(NamedTuple):
    """A drawn one. `probability` is None where none is known: chosen for what it is, it stands for itself alone."""

    review: ReviewId
    call: CallId
    stratum: str
    probability: float | None
    seed: str  # what its place followed from


class Draw(NamedTuple):
    """What a plan drew of a period. `frame`: how many calls it could have drawn; `digest` of their ids."""

    id: DrawId
    plan: PlanKind
    period: Period
    drawn_at: float
    closed: bool
    frame: int
    members: int
    digest: str
    rule: str  # what the policy said of the plan


def period_of(at: float, every: Every, zone: tzinfo) -> Period:
    """The day, or the week from Monday, that this moment lies in. Plans that draw as calls come are kept by the day."""
    midnight = datetime.fromtimestamp(at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if every is not Every.WEEK:
        return Period(midnight.strftime("%Y-%m-%d"), midnight.timestamp(), _days_later(midnight, 1))
    monday = midnight - timedelta(days=midnight.weekday())
    year, week, _ = monday.isocalendar()
    return Period(f"{year}-W{week:02}", monday.timestamp(), _days_later(monday, 7))


def draw_id(plan: PlanKind, period: Period) -> DrawId:
    return DrawId(f"{plan}-{period.name}")


def rule_of(policy: SamplingPolicy, plan: PlanKind) -> str:
    """The plan's numbers, as one line."""
    if plan is PlanKind.RANDOM and (random := policy.random) is not None:
        return f"share {random.share:g}" if random.share is not None else f"margin {random.margin:g}"
    if plan is PlanKind.STRATIFIED and (strata := policy.stratified) is not None:
        return f"size {strata.size}, at least {strata.at_least}, by {' '.join(strata.by)}"
    if plan is PlanKind.RISK and policy.risk is not None:
        return f"at most {policy.risk.most_a_day}"
    return ""


def seed(plan: str, period: Period, call: CallId) -> str:
    return f"{plan}|{period.name}|{call}"


def place(text: str) -> float:
    """From 0 up to 1, evenly: where a seed stands among all."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") / _WHOLE


def digest(candidates: Iterable[Candidate]) -> str:
    """Of all that could have been drawn: the same calls have the same one."""
    return sha256("\n".join(sorted({one.review for one in candidates})).encode()).hexdigest()


def by_share(candidates: Iterable[Candidate], period: Period, part: float) -> list[Member]:
    """Each call by itself with probability `part`, whatever comes after it; every agent's part of a drawn call."""
    found = []
    for one in candidates:
        text = seed(PlanKind.RANDOM, period, one.call)
        if place(text) < part:
            found.append(Member(one.review, one.call, "", part, text))
    return found


def by_size(candidates: Sequence[Candidate], period: Period, margin: float) -> list[Member]:
    """As many calls of all as tell a share to ± `margin`, each with the same probability."""
    calls = {one.call for one in candidates}
    n = sample_size(margin, population=len(calls))
    chosen = set(_first(calls, n, lambda call: seed(PlanKind.RANDOM, period, call)))
    return [
        Member(one.review, one.call, "", n / len(calls), seed(PlanKind.RANDOM, period, one.call))
        for one in candidates
        if one.call in chosen
    ]


def by_strata(
    candidates: Sequence[Candidate], period: Period, plan: StratifiedPlan, zone: tzinfo
) -> list[Member]:
    """Of each stratum its part of `size`, and at least so many; the probability says how to weigh it back."""
    strata: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        strata[stratum(one, plan.by, zone)].append(one)
    found = []
    for name, size in allocation({key: len(some) for key, some in strata.items()}, plan).items():
        seeds = {one.review: seed(PlanKind.STRATIFIED, period, one.call) for one in strata[name]}
        chosen = set(_first(seeds, size, seeds.__getitem__))
        found += [
            Member(one.review, one.call, name, size / len(seeds), seeds[one.review])
            for one in strata[name]
            if one.review in chosen
        ]
    return found


def allocation(sizes: Mapping[str, int], plan: StratifiedPlan) -> dict[str, int]:
    """n_h = n · N_h / N, the largest remainders up; then the quota of each, as far as it has so many."""
    total = sum(sizes.values())
    if not total:
        return {}
    exact = {name: plan.size * size / total for name, size in sizes.items()}
    given = {name: int(part) for name, part in exact.items()}
    left = min(plan.size, total) - sum(given.values())
    for name in sorted(sizes, key=lambda one: (given[one] - exact[one], one))[: max(0, left)]:
        given[name] += 1
    return {name: min(size, max(plan.at_least, given[name])) for name, size in sorted(sizes.items())}


def stratum(one: Candidate, by: Sequence[Trait], zone: tzinfo) -> str:
    traits = {
        Trait.TIER: one.tier,
        Trait.REASON: one.reason,
        Trait.AGENT: one.agent,
        Trait.QUEUE: one.queue,
        Trait.HOUR: f"{datetime.fromtimestamp(one.at, zone).hour:02}",
    }
    return " · ".join(str(traits[trait] or "–") for trait in by)


def by_risk(candidates: Iterable[Candidate], period: Period, left: int) -> list[Member]:
    """At most so many of those with a sign: most signs first, then by their place."""
    marked = [one for one in candidates if one.signs]
    marked.sort(key=lambda one: (-len(one.signs), place(seed(PlanKind.RISK, period, one.call)), one.review))
    return [
        Member(one.review, one.call, ", ".join(one.signs), None, seed(PlanKind.RISK, period, one.call))
        for one in marked[: max(0, left)]
    ]


def doubled(members: Iterable[Member], period: Period, part: float) -> list[Member]:
    """Which of the random ones a second reviewer scores too, without a look at the first's answers."""
    return [one for one in members if place(seed("double", period, one.call)) < part]


def weight(member: Member) -> float | None:
    """How many calls a drawn one stands for."""
    return None if member.probability is None else 1.0 / member.probability


def _first(keys: Iterable[ReviewId | CallId], n: int, of: Callable[..., str]) -> list[ReviewId | CallId]:
    return sorted(keys, key=lambda key: (place(of(key)), key))[:n]


def _days_later(midnight: datetime, days: int) -> float:
    """By the clock on the wall: a day may have 23 or 25 hours."""
    return (midnight + timedelta(days=days)).timestamp()
