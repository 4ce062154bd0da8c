"""The life of a scorecard's text: a draft that changes, and published versions that never do."""

from collections.abc import Sequence
from typing import NamedTuple

from qa.domain.errors import ScorecardRefused
from qa.domain.scorecard import Scorecard, Shelf

LONGEST_NOTE = 200
"""Characters of why a version was published."""


class Publication(NamedTuple):
    """A version that reviews are, or were, made by.

    `published_at` is None of one that came from a file. `withdrawn_at`: since when it is no longer in force.
    """

    card: Scorecard
    published_at: float | None = None
    published_by: str = ""
    note: str = ""
    withdrawn_at: float | None = None


class Draft(NamedTuple):
    """What somebody is writing. Its card may have faults, and its version is that from which it was begun.

    `revision` counts how often it was saved: who saves over a revision they have not seen is told.
    """

    card: Scorecard
    author: str
    saved_at: float
    revision: int


def in_force(files: Sequence[Scorecard], kept: Sequence[Publication]) -> list[Scorecard]:
    """The cards that serve: those of the files and those that were published here.

    Where both have the same version, the published one stands: reviews may have been made with it.
    """
    published = [one.card for one in kept if one.published_at is not None and one.withdrawn_at is None]
    taken = {(one.card.id, one.card.version) for one in kept if one.published_at is not None}
    return [*(card for card in files if (card.id, card.version) not in taken), *published]


def next_version(id_: str, files: Sequence[Scorecard], kept: Sequence[Publication]) -> int:
    """One more than any version of this card that ever was."""
    cards = [*files, *(one.card for one in kept)]
    return 1 + max((card.version for card in cards if card.id == id_), default=0)


def check_publishable(card: Scorecard, files: Sequence[Scorecard], kept: Sequence[Publication]) -> None:
    """Raises ScorecardRefused of one that says nothing new, or does not go with the other cards in force."""
    others = in_force(files, kept)
    newest = Shelf(others).get(card.id)
    if newest is not None and newest._replace(version=card.version) == card:
        raise ScorecardRefused(f"It says the same as version {newest.version}.")
    for other in Shelf(others).newest:
        if other.id == card.id:
            continue
        if other.queues is None and card.queues is None:
            raise ScorecardRefused(
                f"queues: {other.id} serves all queues without a card of their own already."
            )
        for queue in sorted((other.queues or frozenset()) & (card.queues or frozenset())):
            raise ScorecardRefused(f"queues: {other.id} is the scorecard for the queue {queue} already.")
