"""Key figures of quality: from calls that were drawn with a known probability alone, each with its interval and its n."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from cti.domain.identifiers import AgentId
from qa.domain.precision import Estimate, Weighed, mean, ranking, share
from qa.domain.review import PlanKind, Review, ReviewState
from qa.domain.scorecard import CriticalKind
from qa.domain.scoring import Result
from qa.ports import DrawStore, Sampled

ENOUGH: Final = 0.8
"""Of what was drawn must be scored: what is left undone may be what is hardest to score."""

TeamsOf = Callable[[AgentId], Collection[str]]


class GroupBy(StrEnum):
    """What figures are told apart by."""

    NOTHING = "nothing"
    AGENT = "agent"
    TEAM = "team"
    QUEUE = "queue"
    TIER = "tier"


class Figures(NamedTuple):
    """Shares are of scored calls, 0 to 1; None where there is none. `complete`: enough of what was drawn is scored."""

    key: str
    drawn: int
    scored: int
    complete: bool
    score: Estimate | None
    passed: Estimate | None
    accuracy: Mapping[CriticalKind, Estimate | None]


class Quality(NamedTuple):
    """`ranked`: keys, best first; None when the sample cannot tell them apart."""

    plan: PlanKind
    groups: Sequence[Figures]
    ranked: Sequence[str] | None


class QualityFigures:
    def __init__(self, store: DrawStore, teams_of: TeamsOf) -> None:
        self._store, self._teams_of = store, teams_of

    async def figures(
        self,
        plan: PlanKind,
        since: float,
        until: float,
        by: GroupBy,
        visible: Collection[AgentId] | None,
    ) -> Quality:
        """Of calls that began in this time."""
        sampled = await self._store.sampled(plan, since, until, visible)
        groups: dict[str, list[Sampled]] = defaultdict(list)
        for one in sampled:
            for key in self._keys(one.review, by):
                groups[key].append(one)
        told = [figures_of(key, some) for key, some in sorted(groups.items())]
        ranked = ranking({one.key: one.score for one in told}) if by is not GroupBy.NOTHING else None
        return Quality(plan, told, ranked if all(one.complete for one in told) else None)

    def _keys(self, review: Review, by: GroupBy) -> Collection[str]:
        if by is GroupBy.TEAM:
            return self._teams_of(review.agent) if review.agent else ()
        keys = {
            GroupBy.NOTHING: "",
            GroupBy.AGENT: review.agent,
            GroupBy.QUEUE: review.queue,
            GroupBy.TIER: review.tier,
        }
        key = keys[by]
        return () if key is None else (str(key),)


def figures_of(key: str, sampled: Sequence[Sampled]) -> Figures:
    """Each scored call counts for as many as it stands for; what was chosen for its signs has no place here."""
    scored = [
        (one.review, 1.0 / one.probability)
        for one in sampled
        if one.probability and one.review.state is ReviewState.SCORED
    ]
    judged = [(review, weight) for review, weight in scored if review.result is not Result.NOT_SCORABLE]
    return Figures(
        key=key,
        drawn=len(sampled),
        scored=len(scored),
        complete=len(scored) >= ENOUGH * len(sampled),
        score=mean([Weighed(one.score, weight) for one, weight in judged if one.score is not None]),
        passed=share([Weighed(float(one.result is Result.PASS), weight) for one, weight in judged]),
        accuracy={
            kind: share([Weighed(float(kind not in one.critical_errors), weight) for one, weight in judged])
            for kind in CriticalKind
        },
    )
