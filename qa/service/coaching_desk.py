"""Asks agents to do something differently, and looks whether later calls show it."""

from collections.abc import Collection

from cti.domain.access import User
from cti.domain.errors import NotPossibleNow
from cti.domain.identifiers import AgentId
from qa.domain.coaching import CoachingTask, TaskId, Wanted, acknowledged, asked, rechecked
from qa.domain.errors import NotClaimed, TaskUnknown
from qa.domain.review import Purpose, ReviewId, ReviewSearch, ReviewState
from qa.ports import Clock, CoachingStore, ReviewStore, TaskPage
from qa.service.review_desk import ReviewDesk

_AT_ONCE = 500
_CALLS = 200


class CoachingDesk:
    def __init__(self, desk: ReviewDesk, reviews: ReviewStore, store: CoachingStore, clock: Clock) -> None:
        self._desk, self._reviews, self._store, self._clock = desk, reviews, store, clock

    async def ask(self, review: ReviewId, user: User, want: Wanted) -> CoachingTask:
        """Raises ReviewUnknown, NotClaimed (it is not scored), TaskRefused or NotPossibleNow (there is one)."""
        found = await self._desk.get(review)
        evaluation = await self._reviews.evaluation(found.final or found.id)
        if found.state is not ReviewState.SCORED or found.purpose is not Purpose.SCORE or evaluation is None:
            raise NotClaimed
        card = self._desk.scorecard(found.scorecard, found.scorecard_version)
        task = asked(found, card, evaluation, want, user.login, self._clock.now())
        if not await self._store.add_task(task):
            raise NotPossibleNow("There is a coaching task for this question already.")
        return task

    async def page(
        self, visible: Collection[AgentId] | None, limit: int, offset: int, *, only_open: bool
    ) -> TaskPage:
        return await self._store.tasks(visible, limit, offset, only_open=only_open)

    async def own(self, user: User, limit: int, offset: int) -> TaskPage:
        if user.agent is None:
            return TaskPage([], 0)
        return await self._store.tasks({user.agent}, limit, offset)

    async def acknowledge(self, task: TaskId, user: User) -> CoachingTask:
        """Raises TaskUnknown for another agent's."""
        found = await self._store.task(task) if task.isprintable() else None
        if found is None or user.agent is None or found.agent != user.agent:
            raise TaskUnknown
        after = acknowledged(found, self._clock.now())
        if after != found:
            await self._store.replace_task(after)
        return after

    async def turn(self) -> None:
        """Look at later calls of whoever has an open task."""
        open_ = (await self._store.tasks(None, _AT_ONCE, 0, only_open=True)).items
        for agent in sorted({task.agent for task in open_}):
            tasks = [task for task in open_ if task.agent == agent]
            since = min(task.asked_at for task in tasks)
            later, _ = await self._reviews.evaluations(ReviewSearch(agent=agent), since, None, _CALLS)
            for task in tasks:
                after = rechecked(task, list(later), self._clock.now())
                if after != task:
                    await self._store.replace_task(after)
