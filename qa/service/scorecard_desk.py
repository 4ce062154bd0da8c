"""The desk at which scorecards are written: drafts, what is wrong with them, publishing, and taking back."""

import asyncio
from collections.abc import Sequence

from cti.domain.access import User
from qa.domain.errors import (
    DraftMoved,
    DraftUnknown,
    NotPublishedHere,
    ScorecardRefused,
    ScorecardUnknown,
    WholeHouseOnly,
)
from qa.domain.publishing import Draft, Publication, check_publishable, in_force, next_version
from qa.domain.scorecard import Fault, Scorecard, ScorecardId, faults
from qa.ports import Clock, ReviewStore, ScorecardShelf, ScorecardTexts
from qa.service.review_desk import ReviewDesk


class ScorecardDesk:
    """A published version never changes: every change is a draft first, and then the next version."""

    def __init__(
        self,
        shelf: ScorecardShelf,
        store: ReviewStore,
        reviews: ReviewDesk,
        texts: ScorecardTexts,
        clock: Clock,
    ) -> None:
        self._shelf, self._store, self._reviews = shelf, store, reviews
        self._texts, self._clock = texts, clock

    async def versions(self, card: ScorecardId) -> Sequence[tuple[Publication, bool]]:
        """Newest first, and whether it is the one that new reviews are made by. Raises ScorecardUnknown."""
        kept = await self._store.publications()
        found = sorted((one for one in kept if one.card.id == card), key=lambda one: -one.card.version)
        if not found:
            raise ScorecardUnknown
        serving = [one.version for one in in_force(self._reviews.cards_of_files, kept) if one.id == card]
        newest = max(serving, default=0)
        return [(one, one.card.version == newest) for one in found]

    async def drafts(self) -> Sequence[Draft]:
        return await self._shelf.drafts()

    async def draft(self, card: ScorecardId) -> Draft:
        """Raises DraftUnknown."""
        found = await self._shelf.draft(card) if card.isprintable() else None
        if found is None:
            raise DraftUnknown
        return found

    async def read(self, text: str) -> Scorecard:
        """What a text says, faults and all; it is not kept. Raises ScorecardRefused, with line and field, of what is no card."""
        return await asyncio.to_thread(self._texts.read, text)

    def text(self, card: ScorecardId, version: int | None = None) -> str:
        """Raises ScorecardUnknown."""
        return self._texts.write(self._reviews.scorecard(card, version))

    def faults(self, card: Scorecard) -> list[Fault]:
        return list(faults(card._replace(version=max(1, card.version))))

    async def save(self, user: User, card: Scorecard, revision: int) -> Draft:
        """`revision` is the one that was changed, 0 for a new draft. Raises DraftMoved, or ScorecardRefused of a bad name."""
        if any(fault.path == ("id",) for fault in self.faults(card)):
            raise ScorecardRefused("id: must be small letters, digits, - and _.")
        draft = Draft(card, user.login, self._clock.now(), revision + 1)
        if not await self._shelf.save(draft):
            raise DraftMoved
        return draft

    async def drop(self, card: ScorecardId) -> None:
        """Raises DraftUnknown."""
        if not await self._shelf.drop(card):
            raise DraftUnknown

    async def ready(self, user: User, card: ScorecardId, revision: int) -> Scorecard:
        """What publishing this draft would bring into force.

        Raises WholeHouseOnly, DraftUnknown, DraftMoved, or ScorecardRefused with the first reason against it.
        """
        if user.is_bound:
            raise WholeHouseOnly
        draft = await self.draft(card)
        if draft.revision != revision:
            raise DraftMoved
        kept, files = await self._store.publications(), self._reviews.cards_of_files
        found = draft.card._replace(version=next_version(card, files, kept))
        for fault in faults(found):
            raise ScorecardRefused(f"{fault.place}: {fault.sentence}")
        check_publishable(found, files, kept)
        return found

    async def publish(self, user: User, card: Scorecard, revision: int, note: str) -> Publication:
        """Bring into force what `ready` gave. Raises VersionTaken or DraftMoved."""
        publication = Publication(card, self._clock.now(), user.login, note)
        await self._shelf.publish(publication, revision)
        await self._reviews.take_up_cards()
        return publication

    async def withdraw(self, user: User, card: ScorecardId) -> None:
        """New reviews are made by the file's version again, or by the general card. Raises WholeHouseOnly or NotPublishedHere."""
        if user.is_bound:
            raise WholeHouseOnly
        if not await self._shelf.withdraw(card, self._clock.now()):
            raise NotPublishedHere
        await self._reviews.take_up_cards()
