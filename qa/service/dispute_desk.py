"""Where agents acknowledge and dispute their scores, somebody else scores again, and a third person decides."""

from collections.abc import Collection, Mapping
from datetime import tzinfo
from typing import NamedTuple

from cti.domain.access import User
from cti.domain.identifiers import AgentId
from qa.domain.coaching import dropped
from qa.domain.dispute import (
    Dispute,
    DisputeId,
    DisputeState,
    ReviewerRecord,
    Ruling,
    decided,
    disputable_until,
    dispute_of,
    final,
    raised,
    records,
    withdrawn,
)
from qa.domain.errors import (
    AlreadyDisputed,
    DisputeDecided,
    DisputeUnknown,
    NotRescored,
    ReviewUnknown,
)
from qa.domain.review import Review, ReviewId, ReviewState, called_off
from qa.domain.scorecard import ItemId
from qa.ports import Clock, CoachingStore, DisputePage, DisputeStore, HoursOf, ReviewStore, ReviewWork
from qa.service.review_desk import ReviewDesk

MOST_DISPUTES = 10_000
"""That reviewers' records are made of: the newest."""


class Standing(NamedTuple):
    """What an agent may still do about a score."""

    until: float
    dispute: Dispute | None


class Shown(NamedTuple):
    """A dispute with the two reviews it is about."""

    dispute: Dispute
    first: Review
    again: Review


class DisputeDesk:
    """`days`: working days in which a score may be disputed."""

    def __init__(
        self,
        desk: ReviewDesk,
        reviews: ReviewStore,
        work: ReviewWork,
        store: DisputeStore,
        coaching: CoachingStore,
        hours_of: HoursOf,
        days: int,
        zone: tzinfo,
        clock: Clock,
    ) -> None:
        self._desk, self._reviews, self._work, self._store, self._coaching = (
            desk,
            reviews,
            work,
            store,
            coaching,
        )
        self._hours_of, self._days, self._zone, self._clock = hours_of, days, zone, clock

    # what agents do

    async def standing(self, review: Review) -> Standing:
        return Standing(self._until(review), await self._store.dispute(dispute_of(review.id)))

    async def acknowledge(self, review: ReviewId, user: User) -> Review:
        """Read it; doing so twice changes nothing. Raises ReviewUnknown."""
        found = await self._desk.own_review(review, user)
        if found.acknowledged_at is not None:
            return found
        return await self._desk.step(review, lambda one, now: one._replace(acknowledged_at=now))

    async def dispute(
        self, review: ReviewId, user: User, items: Mapping[ItemId, str], comment: str
    ) -> Dispute:
        """Raises ReviewUnknown, TooLate, ItemsRefused or AlreadyDisputed."""
        found = await self._desk.own_review(review, user)
        card = self._desk.scorecard(found.scorecard, found.scorecard_version)
        dispute, again = raised(found, card, items, comment, self._clock.now(), self._until(found))
        if not await self._store.raise_dispute(dispute, again):
            raise AlreadyDisputed
        await self._desk.recount()
        return dispute

    async def withdraw(self, review: ReviewId, user: User) -> Dispute:
        """Raises ReviewUnknown, DisputeUnknown or DisputeDecided."""
        found = await self._desk.own_review(review, user)
        shown = await self.get(dispute_of(found.id))
        after = withdrawn(shown.dispute, self._clock.now())
        return await self._end(after, _no_longer_needed(shown.again))

    # what arbitrators do

    async def page(
        self, state: DisputeState | None, visible: Collection[AgentId] | None, limit: int, offset: int
    ) -> DisputePage:
        return await self._store.disputes(state, visible, limit, offset)

    async def get(self, dispute: DisputeId) -> Shown:
        """Raises DisputeUnknown."""
        found = await self._store.dispute(dispute) if dispute.isprintable() else None
        first = None if found is None else await self._reviews.get(found.review)
        again = None if found is None else await self._reviews.get(found.rescore)
        if found is None or first is None or again is None:
            raise DisputeUnknown
        return Shown(found, first, again)

    async def decide(self, dispute: DisputeId, user: User, *, changed: bool, note: str) -> Dispute:
        """`changed`: the second reviewer's score counts from now on. Raises NotRescored, OwnJudgement or DisputeDecided."""
        shown = await self.get(dispute)
        if shown.dispute.state is DisputeState.DECIDED:
            raise DisputeDecided
        if shown.again.state is not ReviewState.SCORED:
            raise NotRescored
        involved = {one for one in (shown.first.reviewer, shown.again.reviewer) if one is not None}
        outcome, now = Ruling.CHANGED if changed else Ruling.UPHELD, self._clock.now()
        after = decided(shown.dispute, involved, user, outcome, note, now)
        ended = await self._end(after, [final(shown.first, shown.again)] if changed else [])
        if changed:
            await self._let_go(shown, now)
        return ended

    async def records(self) -> Mapping[str, ReviewerRecord]:
        """What became of disputes, by reviewer."""
        page = await self._store.disputes(None, None, MOST_DISPUTES, 0)
        return records(await self._work.scored_by(), page.items)

    async def overturned_since(self, since: float) -> frozenset[str]:
        """Reviewers with a score that was changed since then."""
        page = await self._store.disputes(DisputeState.DECIDED, None, MOST_DISPUTES, 0)
        return frozenset(
            one.reviewer
            for one in page.items
            if one.outcome is Ruling.CHANGED and one.decided_at is not None and one.decided_at >= since
        )

    async def _end(self, dispute: Dispute, reviews: Collection[Review]) -> Dispute:
        if not await self._store.end_dispute(dispute, list(reviews)):
            raise DisputeDecided
        await self._desk.recount()
        return dispute

    async def _let_go(self, shown: Shown, now: float) -> None:
        """Coaching whose ground the changed score took away."""
        evaluation = await self._reviews.evaluation(shown.again.id)
        for task in await self._coaching.tasks_of(shown.first.id):
            answer = None if evaluation is None else evaluation.answers.get(task.item)
            after = dropped(task, None if answer is None else answer.value, now)
            if after != task:
                await self._coaching.replace_task(after)

    def _until(self, review: Review) -> float:
        if review.scored_at is None:
            raise ReviewUnknown
        return disputable_until(review.scored_at, self._days, self._hours_of(review.queue), self._zone)


def _no_longer_needed(again: Review) -> Collection[Review]:
    """The second look that nobody waits for any more, whoever is at it."""
    done = again.state in (ReviewState.SCORED, ReviewState.EXCLUDED)
    return [] if done else [called_off(again, "withdrawn")]
