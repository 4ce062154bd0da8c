"""Who takes which review: the least loaded who understands the queue's language, and nobody his own call or, where avoidable, his
own team's.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from cti.domain.access import User
from cti.domain.identifiers import AgentId
from qa.domain.review import Review, ReviewId
from recordings.domain.naming import RecordingId

OwnTeam = Callable[[User, AgentId], bool]
"""Whether an agent is of the user's own team: then the score may matter to both."""


class Assignment(NamedTuple):
    review: ReviewId
    login: str
    own_team: bool


class Throughput(NamedTuple):
    """A reviewer's work: what lies on his desk, and what he scored in the period asked for."""

    assigned: int
    claimed: int
    late: int
    scored: int


def assignments(
    waiting: Sequence[Review],
    reviewers: Sequence[User],
    load: Mapping[str, int],
    busy_with: Mapping[ReviewId, frozenset[str]],
    languages: Mapping[str, str],
    own_team: OwnTeam,
) -> list[Assignment]:
    """`load`: reviews in hand, by login; `busy_with`: who scores or scored the same recording beside.

    What is due first is given first; a review that nobody may take stays with nobody. Who is bound to teams cannot open others' calls.
    """
    carried, given = dict(load), []
    taken: defaultdict[RecordingId, set[str]] = defaultdict(set)  # nobody is given one call twice
    for review in sorted(waiting, key=lambda one: (one.due_at is None, one.due_at or 0.0, one.id)):
        able = [
            user
            for user in reviewers
            if (user.agent is None or user.agent != review.agent)
            and user.login not in busy_with.get(review.id, frozenset()) | taken[review.recording]
            and languages.get(review.queue, user.language) == user.language
            and (not user.is_bound or review.agent is None or own_team(user, review.agent))
        ]
        if not able:
            continue

        def near(user: User, review: Review = review) -> bool:
            return review.agent is not None and own_team(user, review.agent)

        chosen = min(able, key=lambda user: (near(user), carried.get(user.login, 0), user.login))
        taken[review.recording].add(chosen.login)
        carried[chosen.login] = carried.get(chosen.login, 0) + 1
        given.append(Assignment(review.id, chosen.login, near(chosen)))
    return given
