"""What the `qa` package needs from outside, on one page."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from care.domain.satisfaction import SurveyResponse
from cti.domain.identifiers import CallId
from qa.domain.review import Evaluation, Review, ReviewId, ReviewSearch, ReviewState
from qa.domain.scorecard import Scorecard
from qa.domain.scoring import Score
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId


class Clock(Protocol):
    """The one place that knows what time it is."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""


class ScorecardLibrary(Protocol):
    """Where scorecards are written."""

    def cards(self) -> Sequence[Scorecard]:
        """All of them or none: raises ScorecardRefused."""


class ReviewPage(NamedTuple):
    items: Sequence[Review]
    total: int


class ReviewStore(Protocol):
    """Where reviews are kept."""

    async def add(self, reviews: Sequence[Review]) -> int:
        """Add those that are not there yet; how many that were."""

    async def get(self, review: ReviewId) -> Review | None: ...
    async def evaluation(self, review: ReviewId) -> Evaluation | None: ...
    async def search(self, search: ReviewSearch, limit: int, offset: int) -> ReviewPage:
        """Newest first."""

    async def evaluations(
        self, search: ReviewSearch, since: float | None, until: float | None, limit: int
    ) -> tuple[Sequence[tuple[Review, Evaluation]], int]:
        """Scored reviews of recordings that began in this time, newest first, and how many there are in all."""

    async def replace(self, review: Review, evaluation: Evaluation | None = None) -> bool:
        """Write the review's next revision; False when somebody else was faster, and nothing is written."""

    async def overdue(self, now: float, limit: int) -> Sequence[Review]:
        """Claimed reviews whose claim has run out."""

    async def of_recordings(self, recordings: Sequence[RecordingId]) -> Mapping[RecordingId, ReviewId]: ...
    async def counts(self) -> Mapping[ReviewState, int]: ...
    async def newest(self) -> float | None:
        """When the newest review was created."""

    async def scorecards(self) -> Sequence[Scorecard]:
        """Every version that was ever in force."""

    async def keep_scorecards(self, cards: Sequence[Scorecard]) -> None: ...


class StoredRecordings(Protocol):
    """Where recordings are kept: asked for those whose news we missed."""

    async def stored_since(self, since: float, limit: int = ...) -> Sequence[RecordingStored]:
        """Oldest first."""


SaidOf = Callable[[Collection[CallId]], Awaitable[Mapping[CallId, Sequence[SurveyResponse]]]]
"""What customers said of these calls."""

OnScored = Callable[[Score], None]
