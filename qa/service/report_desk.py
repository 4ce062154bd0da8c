"""Makes reports of what reviewers found: from the evaluations that hold, of the agents that whoever asks may see."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from datetime import tzinfo
from typing import Final, NamedTuple

from cti.domain.access import User, Visible
from cti.domain.identifiers import AgentId, QueueName, Tier
from cti.domain.intervals import Grid
from qa.domain.calendar_steps import steps
from qa.domain.errors import ReportRefused, ScorecardUnknown
from qa.domain.report import Breakdown, ItemLine, Report, ReportFilter, Scored, Span, groups_of, report
from qa.domain.report_document import Document, Names, document
from qa.domain.report_words import word
from qa.domain.review import ReviewSearch, ReviewState
from qa.domain.scorecard import Words
from qa.ports import ReviewStore
from qa.service.review_desk import ReviewDesk

MOST_REVIEWS: Final = 20_000
"""The newest ones of a period that are looked at."""
LONGEST_SECONDS: Final = 800 * 86_400.0
_AT_ONCE_SECONDS: Final = 86_400.0
"""A day's reviews are read at a time: pops do not wait for a year's."""


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
        reviews: ReviewDesk,
        visible: Visible,
        teams_of: Callable[[AgentId], Collection[str]],
        name_of: Callable[[AgentId], str],
        zone: tzinfo,
    ) -> None:
        self._store, self._reviews, self._visible = store, reviews, visible
        self._teams_of, self._name_of, self._zone = teams_of, name_of, zone

    async def report(self, user: User, question: Question) -> Report:
        """What this user may see of it. Raises ReportRefused."""
        grid = steps(question.since, question.until, question.span, self._zone)
        if question.until - question.since > LONGEST_SECONDS:
            raise ReportRefused("At most 800 days at once.")
        scored, beyond = await self._scored(user, question)
        groups = groups_of(question.grouping, lambda agent: self._teams(user, agent))
        by_question = question.grouping is Breakdown.QUESTION
        return await asyncio.to_thread(_made, scored, beyond, groups, grid, by_question)

    async def document(self, user: User, question: Question, language: str) -> Document:
        """Raises ReportRefused."""
        made = await self.report(user, question)
        asked = {name: value for name, value in question.wanted._asdict().items() if value is not None}

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

    async def _scored(self, user: User, question: Question) -> tuple[list[Scored], int]:
        wanted = question.wanted
        search = ReviewSearch(
            state=ReviewState.SCORED,
            queue=None if wanted.queue is None else QueueName(wanted.queue),
            agent=None if wanted.agent is None else AgentId(wanted.agent),
            tier=None if wanted.tier is None else Tier(wanted.tier),
            visible=self._visible(user),
        )
        _, total = await self._store.evaluations(search, question.since, question.until, 0)
        found: list[Scored] = []
        until = question.until
        while until > question.since and len(found) < min(total, MOST_REVIEWS):
            since = max(question.since, until - _AT_ONCE_SECONDS)
            some, _ = await self._store.evaluations(search, since, until, MOST_REVIEWS - len(found))
            found += some
            until = since
        return [one for one in found if self._is_wanted(user, one, wanted)], total - len(found)

    def _is_wanted(self, user: User, one: Scored, wanted: ReportFilter) -> bool:
        review, _ = one
        if wanted.scorecard is not None and review.scorecard != wanted.scorecard:
            return False
        return wanted.team is None or (
            review.agent is not None and wanted.team in self._teams(user, review.agent)
        )

    def _teams(self, user: User, agent: AgentId) -> Iterable[str]:
        """Those of the agent's teams that the user may know of."""
        teams = frozenset(self._teams_of(agent))
        return teams & user.teams if user.is_bound else teams


def _made(
    scored: list[Scored],
    beyond: int,
    groups: Callable[..., Iterable[str | None]],
    grid: Grid,
    by_question: bool,
) -> Report:
    return report(scored, beyond, groups, grid, by_question=by_question)
