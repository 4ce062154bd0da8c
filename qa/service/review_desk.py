"""The reviewers' desk: stored recordings lie on it as reviews, one reviewer takes one, answers, and it is scored."""

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence

from cti.domain.access import User
from qa.domain.errors import ClaimedByAnother, ReviewUnknown, ScorecardChanged, ScorecardUnknown
from qa.domain.publishing import in_force
from qa.domain.review import (
    SPEAK_OF_ALL,
    Evaluation,
    Purpose,
    Review,
    ReviewId,
    ReviewSearch,
    ReviewState,
    claimed,
    expired,
    proposed,
    released,
    renewed,
    scored,
)
from qa.domain.scorecard import Scorecard, ScorecardId, Shelf
from qa.domain.scoring import Answers, Score, asked, check, score
from qa.ports import (
    Clock,
    OnScored,
    ReviewPage,
    ReviewStore,
    ScorecardLibrary,
    StoredRecordings,
)
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId

log = logging.getLogger(__name__)

_AT_ONCE = 500
_CATCH_UP_SECONDS = 86_400.0
_SWEEP_SECONDS = 30.0
_LOOK_AT_CARDS_SECONDS = 2.0
_TRIES = 5
"""How often it is looked whether another server published a scorecard."""


class ReviewDesk:
    """Proposes, hands out, and scores."""

    def __init__(
        self,
        store: ReviewStore,
        library: ScorecardLibrary,
        recordings: StoredRecordings,
        clock: Clock,
        on_scored: OnScored = lambda _: None,
        *,
        claim_seconds: float = 4 * 3600.0,
        everything: bool = True,
        capacity: int = 20_000,
    ) -> None:
        """`claim_seconds` is how long a claim holds without being renewed; `everything`: no plan draws, each is to be reviewed.

        `on_scored` is told of the scores that speak of all calls: what was chosen for its signs would be a figure of the choosing.
        """
        self._store, self._recordings, self._clock, self._on_scored = store, recordings, clock, on_scored
        self._cards = library.cards()
        self._shelf = Shelf(self._cards)
        self._claim_seconds, self._capacity, self._everything = claim_seconds, capacity, everything
        self._proposals: deque[RecordingStored] = deque()
        self._arrived = asyncio.Event()
        self._counts: Counter[ReviewState] = Counter()
        self._catch_up = True
        self._opened = False
        self._next_sweep = self._next_look = 0.0
        self._cards_mark = ""
        self.lost = 0
        self.failures = 0

    # the reaction: it never waits

    def propose(self, event: RecordingStored) -> None:
        """Lay a stored recording on the desk; proposing it again changes nothing."""
        if len(self._proposals) >= self._capacity:
            self._proposals.popleft()
            self.lost += 1
            self._catch_up = True
            log.error("review desk: %d recordings let go, they will be asked for again", self.lost)
        self._proposals.append(event)
        self._arrived.set()

    def counts(self) -> Mapping[ReviewState, int]:
        """Reviews by state, kept in memory."""
        return {state: self._counts[state] for state in ReviewState}

    async def recount(self) -> None:
        """After a draw, or whatever else changed many at once."""
        self._counts = Counter(await self._store.counts())

    @property
    def backlog(self) -> int:
        return len(self._proposals)

    # the task

    async def run(self, tick: float = 1.0) -> None:
        """Work until cancelled; whatever fails is tried again, every `tick` seconds, growing to half a minute."""
        delay = tick
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._arrived.wait()
            try:
                await self.turn()
                delay = tick
            except Exception:
                self.failures += 1
                log.exception("review desk: this turn failed, trying again")
                await asyncio.sleep(delay)
                delay = min(delay * 2, 30.0)

    async def open(self) -> None:
        """Take up what is kept. Raises ScorecardChanged when a scorecard was altered under the same version."""
        if self._opened:
            return
        kept = {(one.card.id, one.card.version): one for one in await self._store.publications()}
        for card in self._cards:
            other = kept.get((card.id, card.version))
            if other is None or other.card == card:
                continue
            if other.published_at is None:
                raise ScorecardChanged(f"({card.id}, version {card.version})")
            log.warning(
                "scorecard %s: version %d was published here; the file's is passed over, give it a higher one",
                card.id,
                card.version,
            )
        await self._store.keep_scorecards(
            [card for card in self._cards if (card.id, card.version) not in kept]
        )
        await self.take_up_cards()
        self._counts.update(await self._store.counts())
        self._opened = True

    async def take_up_cards(self) -> None:
        """Serve by the scorecards as they are published now."""
        mark = await self._store.publications_mark()
        kept = await self._store.publications()
        self._shelf = Shelf(in_force(self._cards, kept), [one.card for one in kept])
        self._cards_mark = mark

    async def turn(self) -> None:
        """One round: what was proposed, what was missed, which claims have run out."""
        await self.open()
        await self._look_at_cards()
        self._arrived.clear()
        while self._proposals:
            some = [self._proposals[position] for position in range(min(_AT_ONCE, len(self._proposals)))]
            await self._lay_out(some)
            for event in some:  # more may have come, or the oldest been let go, meanwhile
                if self._proposals and self._proposals[0] is event:
                    self._proposals.popleft()
        if self._catch_up:
            self._catch_up = False
            try:
                await self._catch_up_with_recordings()
            except BaseException:
                self._catch_up = True
                raise
        now = self._clock.now()
        if now >= self._next_sweep:
            self._next_sweep = now + _SWEEP_SECONDS
            for review in await self._store.overdue(now, _AT_ONCE):
                await self._change(review, expired(review, now))

    async def _look_at_cards(self) -> None:
        now = self._clock.now()
        if now >= self._next_look:
            self._next_look = now + _LOOK_AT_CARDS_SECONDS
            if await self._store.publications_mark() != self._cards_mark:
                await self.take_up_cards()

    async def _lay_out(self, events: Sequence[RecordingStored]) -> None:
        reviews = []
        for event in events:
            card = self._shelf.for_queue(event.queue)
            if card is not None:
                reviews.append(proposed(event, card, everything=self._everything))
        state = ReviewState.OPEN if self._everything else ReviewState.ELIGIBLE
        self._counts[state] += await self._store.add(reviews)

    async def _catch_up_with_recordings(self) -> None:
        """Recordings that were stored when nobody told us: we, or the news, died in between."""
        newest = await self._store.newest()
        since, limit = 0.0 if newest is None else newest - _CATCH_UP_SECONDS, _AT_ONCE
        while True:
            events = await self._recordings.stored_since(since, limit)
            await self._lay_out(events)
            if len(events) < limit:
                return
            if events[-1].at == since:  # more than a page in one moment
                limit *= 2
            since = events[-1].at

    # what reviewers ask

    async def search(self, search: ReviewSearch, limit: int, offset: int) -> ReviewPage:
        return await self._store.search(search, limit, offset)

    async def own(self, user: User, limit: int, offset: int) -> ReviewPage:
        """An agent's own reviews, once they are scored; what was scored a second time beside them is nobody's business."""
        if user.agent is None:
            return ReviewPage([], 0)
        search = ReviewSearch(state=ReviewState.SCORED, agent=user.agent, purpose=Purpose.SCORE)
        return await self.search(search, limit, offset)

    async def own_review(self, review: ReviewId, user: User) -> Review:
        """Raises ReviewUnknown for one that is not scored, or not of this agent's call."""
        found = await self._kept(review)
        if user.agent is None or found.agent != user.agent or found.state is not ReviewState.SCORED:
            raise ReviewUnknown
        if found.purpose is not Purpose.SCORE:
            raise ReviewUnknown
        return found

    async def get(self, review: ReviewId) -> Review:
        return expired(await self._kept(review), self._clock.now())

    async def evaluation(self, review: ReviewId) -> Evaluation | None:
        return await self._store.evaluation(review)

    async def of_recordings(self, recordings: Sequence[RecordingId]) -> Mapping[RecordingId, ReviewId]:
        return await self._store.of_recordings(recordings)

    @property
    def cards_of_files(self) -> Sequence[Scorecard]:
        return self._cards

    def scorecards(self) -> Sequence[Scorecard]:
        """The newest version of each."""
        return self._shelf.newest

    def scorecard(self, card: ScorecardId, version: int | None = None) -> Scorecard:
        found = self._shelf.get(card, version)
        if found is None:
            raise ScorecardUnknown
        return found

    async def claim(
        self,
        review: ReviewId,
        user: User,
        others: Collection[str] = (),
        *,
        leads: bool = False,
        own_team: bool = False,
    ) -> Review:
        """As `claimed` says who may."""
        lasts = self._claim_seconds
        return await self.step(
            review, lambda one, now: claimed(one, user, now, lasts, others, leads=leads, own_team=own_team)
        )

    async def renew(self, review: ReviewId, user: User) -> Review:
        """Its page is still open. Raises NotClaimed when it is somebody else's, or back on the desk."""
        return await self.step(review, lambda one, now: renewed(one, user, now, self._claim_seconds))

    async def release(self, review: ReviewId, user: User) -> Review:
        return await self.step(review, lambda one, now: released(one, user, now))

    async def preview(self, review: ReviewId, answers: Answers) -> Score:
        """What these answers, complete or not, would come to. Raises AnswersRefused."""
        found = await self.get(review)
        card = await self._card_of(found)
        check(card, answers, found.duration_seconds, complete=False)
        return score(card, answers)

    async def score(self, review: ReviewId, user: User, answers: Answers, comment: str) -> Review:
        """Once and for good. Raises NotClaimed, AlreadyScored or AnswersRefused."""
        found, now = await self._kept(review), self._clock.now()
        released(found, user, now)  # whoever could give it back holds it
        card = await self._card_of(found)
        check(card, answers, found.duration_seconds, complete=True)
        reached = score(card, answers)
        evaluation = Evaluation(found.id, user.login, now, asked(card, answers), comment, reached)
        after = await self.step(review, lambda one, _: scored(one, user, reached, now), evaluation)
        if after.purpose is Purpose.SCORE and after.plan in SPEAK_OF_ALL:
            self._on_scored(reached)
        return after

    async def _card_of(self, review: Review) -> Scorecard:
        """Its very version, which another server may have published a moment ago."""
        if self._shelf.get(review.scorecard, review.scorecard_version) is None:
            await self.take_up_cards()
        return self.scorecard(review.scorecard, review.scorecard_version)

    async def step(
        self, review: ReviewId, step: Callable[[Review, float], Review], evaluation: Evaluation | None = None
    ) -> Review:
        """One step of its life. Raises ReviewUnknown, what `step` raises, or ClaimedByAnother when others are faster each time."""
        for _ in range(_TRIES):  # the reviewer's own page renews the claim while he saves the score
            found = await self._kept(review)
            after = step(found, self._clock.now())
            if await self._change(found, after, evaluation):
                return after
        raise ClaimedByAnother

    async def _kept(self, review: ReviewId) -> Review:
        found = await self._store.get(review) if review.isprintable() else None
        if found is None:
            raise ReviewUnknown
        return found

    async def _change(self, before: Review, after: Review, evaluation: Evaluation | None = None) -> bool:
        after = after._replace(
            revision=before.revision + 1
        )  # an expired claim and its successor are one change
        if not await self._store.replace(after, evaluation):
            return False
        self._counts[before.state] -= 1
        self._counts[after.state] += 1
        return True
