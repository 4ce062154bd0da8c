"""Which reviews are of somebody who is erased: what was written in them is found by their ids."""

from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy import Connection, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import Transactions
from cti.domain.erasing import CALL, RECORDING, REVIEW, Blanking, Person
from qa.adapters.review_store import REVIEWS

_MANY = 400


class ReviewsPlace:
    """Behind the recordings, before the sweep of all tables, which takes the words away."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._transactions = Transactions(engine)

    async def learn(self, person: Person) -> Person:
        theirs = partial(_reviews, sorted(person.of(CALL)), sorted(person.of(RECORDING)))
        return person.knowing(REVIEW, await self._transactions.read(theirs))

    async def erase(self, _: Blanking) -> Mapping[str, int]:
        """Scores stay, and the sweep does the rest."""
        return {}


def _reviews(calls: Sequence[str], recordings: Sequence[str], connection: Connection) -> list[str]:
    found: list[str] = []
    for start in range(0, max(len(calls), len(recordings)), _MANY):
        some = slice(start, start + _MANY)
        theirs = or_(REVIEWS.c.call.in_(calls[some]), REVIEWS.c.recording.in_(recordings[some]))
        found += connection.execute(select(REVIEWS.c.id).where(theirs)).scalars()
    return found
