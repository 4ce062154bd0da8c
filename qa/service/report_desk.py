"""Makes reports of what reviewers found: from the evaluations that hold, of the agents that whoever asks may see.

They stand on what was drawn with a known probability, unless all is asked for.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable
from datetime import tzinfo
from typing import Final, NamedTuple

from cti.domain.access import User, Visible
from cti.domain.identifiers import AgentId, QueueName, Tier
from cti.domain.intervals import Grid
from qa.domain.calendar_steps import steps
from qa.domain.errors import ReportRefused, ScorecardUnknown
from qa.domain.report import (
    Basis,
    Breakdown,
    ItemLine,
    Report,
    ReportFilter,
    Scored,
    Span,
    groups_of,
    report,
)
from qa.domain.report_document import Document, Names, document
from qa.domain.report_words import word
from qa.domain.review import PlanKind, Review, ReviewId, ReviewSearch, ReviewState
from qa.domain.scorecard import Words
from qa.ports import DrawStore, ReviewStore
from qa.service.review_desk import ReviewDesk

MOST_REVIEWS: Final = 20_000
"""The newest ones of a period that are looked at."""
LONGEST_SECONDS: Final = 800 * 86_400.0
_AT_ONCE_SECONDS: Final = 86_400.0
"""A day's reviews are read at a time: pops do not wait for a year's."""
_PLANS: Final = {
    Basis.RANDOM: (PlanKind.EVERYTHING, PlanKind.RANDOM),
    Basis.STRATIFIED: (PlanKind.STRATIFIED,),
}
"""The plans whose draws a basis is made of. Where the house went from reviewing everything to drawing, both speak of all calls."""


class Question(NamedTuple):
    """What a report is asked for. Its period: calls that began from `since` on and before `until`."""

    since: float
    until: float
    span: Span
    grouping: Breakdown
    wanted: ReportFilter


class ReportDesk:
    """Reports, and the documents made of them."""

    def __init__(
        self,
        store: ReviewStore,
        draws: DrawStore,
        reviews: ReviewDesk,
        visible: Visible,
        teams_of: Callable[[AgentId], Collection[str]],
        name_of: Callable[[AgentId], str],
        zone: tzinfo,
    ) -> None:
        self._store, self._draws, self._reviews, self._visible = store, draws, reviews, visible
        self._teams_of, self._name_of, self._zone = teams_of, name_of, zone

    async def report(self, user: User, question: Question) -> Report:
        """What this user may see of it. Raises ReportRefused."""
        grid = steps(question.since, question.until, question.span, self._zone)
        if question.until - question.since > LONGEST_SECONDS:
            raise ReportRefused("At most 800 days at once.")
        found = await self._found(user, question)
        groups = groups_of(question.grouping, lambda agent: self._teams(user, agent))
        return await asyncio.to_thread(_made, found, question, groups, grid)

    async def document(self, user: User, question: Question, language: str) -> Document:
        """Raises ReportRefused."""
        made = await self.report(user, question)
        filters = question.wanted._asdict()
        del filters["basis"]  # the report itself says on what it stands
        asked = {name: value for name, value in filters.items() if value is not None}

        def group(grouping: Breakdown, name: str) -> str:
            if grouping is Breakdown.AGENT:
                return self._name_of(AgentId(name))
            return word(language, f"tier.{name}") if grouping is Breakdown.TIER else name

        for grouping in (Breakdown.AGENT, Breakdown.TIER):
            if grouping.value in asked:
                asked[grouping.value] = group(grouping, asked[grouping.value])

        def question_words(line: ItemLine) -> str:
            words = self.words_of(line)
            return line.item if words is None else words.zh if language == "zh" else words.en

        names = Names(group, question_words)
        return document(made, question.grouping, asked, names, language, self._zone)

    def words_of(self, line: ItemLine) -> Words | None:
        """What the question says in the newest version of its card; None when it no longer stands there."""
        try:
            card = self._reviews.scorecard(line.scorecard)
        except ScorecardUnknown:
            return None
        return next((item.text for item in card.items() if item.id == line.item), None)

    async def _found(self, user: User, question: Question) -> "_Found":
        wanted = question.wanted
        search = ReviewSearch(
            state=ReviewState.SCORED,
            queue=None if wanted.queue is None else QueueName(wanted.queue),
            agent=None if wanted.agent is None else AgentId(wanted.agent),
            tier=None if wanted.tier is None else Tier(wanted.tier),
            visible=self._visible(user),
        )
        plans = _PLANS.get(wanted.basis)
        _, total = await self._store.evaluations(search, question.since, question.until, 0)
        found: list[Scored] = []
        looked = drawn = 0
        until = question.until
        while until > question.since and (plans is not None or looked < total) and looked < MOST_REVIEWS:
            since = max(question.since, until - _AT_ONCE_SECONDS)
            some, _ = await self._store.evaluations(search, since, until, MOST_REVIEWS - looked)
            looked += len(some)
            some = [one for one in some if self._is_wanted(user, one[0], wanted)]
            if plans is None:
                found += [Scored(*one) for one in some]
            else:
                chances = await self._chances(user, search, plans, since, until, wanted)
                drawn += len(chances)
                found += [
                    Scored(review, evaluation, 1.0 / chances[review.id])
                    for review, evaluation in some
                    if review.id in chances
                ]
            until = since
        return _Found(found, None if plans is None else drawn, total - looked)

    async def _chances(
        self,
        user: User,
        search: ReviewSearch,
        plans: Collection[PlanKind],
        since: float,
        until: float,
        wanted: ReportFilter,
    ) -> dict[ReviewId, float]:
        """What was drawn of these calls, scored or not, and with which probability."""
        chances: dict[ReviewId, float] = {}
        for plan in plans:
            for one in await self._draws.sampled(plan, since, until, search.visible):
                if one.probability and self._is_wanted(user, one.review, wanted):
                    chances[one.review.id] = max(one.probability, chances.get(one.review.id, 0.0))
        return chances

    def _is_wanted(self, user: User, review: Review, wanted: ReportFilter) -> bool:
        asked = (
            (wanted.queue, review.queue),
            (wanted.agent, review.agent),
            (wanted.tier, review.tier),
            (wanted.scorecard, review.scorecard),
        )
        if any(value is not None and value != its for value, its in asked):
            return False
        return wanted.team is None or (
            review.agent is not None and wanted.team in self._teams(user, review.agent)
        )

    def _teams(self, user: User, agent: AgentId) -> Iterable[str]:
        """Those of the agent's teams that the user may know of."""
        teams = frozenset(self._teams_of(agent))
        return teams & user.teams if user.is_bound else teams


class _Found(NamedTuple):
    scored: list[Scored]
    drawn: int | None
    beyond: int


def _made(
    found: _Found, question: Question, groups: Callable[..., Iterable[str | None]], grid: Grid
) -> Report:
    return report(
        found.scored,
        found.beyond,
        groups,
        grid,
        by_question=question.grouping is Breakdown.QUESTION,
        basis=question.wanted.basis,
        drawn=found.drawn,
    )
