"""What the `qa` package needs from outside, on one page."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from care.domain.satisfaction import SurveyResponse
from cti.domain.access import User
from cti.domain.identifiers import CallId
from qa.domain.publishing import Draft, Publication
from qa.domain.report_document import Document
from qa.domain.report_schedule import Format, Schedule, ScheduleId
from qa.domain.review import Evaluation, Review, ReviewId, ReviewSearch, ReviewState
from qa.domain.scorecard import Scorecard, ScorecardId
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

    async def publications(self) -> Sequence[Publication]:
        """Every version that was ever in force."""

    async def publications_mark(self) -> str:
        """Another text after every change of `publications`."""

    async def keep_scorecards(self, cards: Sequence[Scorecard]) -> None:
        """Those of files."""


class ScorecardTexts(Protocol):
    """Scorecards as text that people exchange."""

    def read(self, text: str) -> Scorecard:
        """One that may still have faults. Raises ScorecardRefused with line and field."""

    def write(self, card: Scorecard) -> str: ...


class ScorecardShelf(Protocol):
    """Where scorecards are written in the browser and published from."""

    async def drafts(self) -> Sequence[Draft]:
        """By the names of their cards."""

    async def draft(self, card: ScorecardId) -> Draft | None: ...
    async def save(self, draft: Draft) -> bool:
        """Keep it as the next revision; False when another one stands there than the one before it."""

    async def drop(self, card: ScorecardId) -> bool:
        """Whether there was a draft."""

    async def publish(self, publication: Publication, revision: int) -> None:
        """In place of the draft of this revision. Raises VersionTaken or DraftMoved, and nothing has happened."""

    async def withdraw(self, card: ScorecardId, at: float) -> bool:
        """Whether any published version of it was in force."""


class ReportWriter(Protocol):
    """Makes a file of a report."""

    async def write(self, document: Document, format_: Format) -> bytes: ...


class ScheduleStore(Protocol):
    """Where schedules of reports are kept."""

    async def all(self) -> Sequence[Schedule]:
        """Oldest first."""

    async def get(self, schedule: ScheduleId) -> Schedule | None: ...
    async def add(self, schedule: Schedule) -> None: ...
    async def change(self, schedule: Schedule) -> None:
        """What people may change of it; what was sent stays."""

    async def note(self, schedule: Schedule) -> None:
        """What was sent; what people may change stays."""

    async def remove(self, schedule: ScheduleId) -> None: ...


class Mail(NamedTuple):
    """One message to one address. The same `id` twice is the same message sent again."""

    id: str
    to: str
    subject: str
    text: str
    file_name: str
    content: bytes
    media_type: str


class Mailer(Protocol):
    """A mail server."""

    @property
    def is_set(self) -> bool: ...
    async def send(self, mail: Mail) -> None:
        """Returns once the server has taken it. Raises MailNotTaken, whose text names no address."""


OwnerOf = Callable[[str], Awaitable[User | None]]
"""The user of this id, as long as the account may be used."""


class StoredRecordings(Protocol):
    """Where recordings are kept: asked for those whose news we missed."""

    async def stored_since(self, since: float, limit: int = ...) -> Sequence[RecordingStored]:
        """Oldest first."""


SaidOf = Callable[[Collection[CallId]], Awaitable[Mapping[CallId, Sequence[SurveyResponse]]]]
"""What customers said of these calls."""

OnScored = Callable[[Score], None]
