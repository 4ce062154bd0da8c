"""What the `qa` package needs from outside, on one page."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from care.domain.hours import OpeningHours
from care.domain.satisfaction import SurveyResponse
from cti.domain.access import User
from cti.domain.identifiers import AgentId, CallId, QueueName
from qa.domain.calibration import Calibration, CalibrationId
from qa.domain.coaching import CoachingTask, TaskId
from qa.domain.dispute import Dispute, DisputeId, DisputeState
from qa.domain.publishing import Draft, Publication
from qa.domain.queue import Throughput
from qa.domain.report_document import Document
from qa.domain.report_schedule import Format, Schedule, ScheduleId
from qa.domain.review import Evaluation, PlanKind, Review, ReviewId, ReviewSearch, ReviewState
from qa.domain.risk import CallFacts
from qa.domain.sampling import Draw, DrawId, Member
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
        """Newest first, or what is due first."""

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


class ReviewWork(Protocol):
    """Reviews seen as work."""

    async def rated_together(
        self, since: float | None, until: float | None, limit: int
    ) -> Sequence[tuple[Review, Evaluation]]:
        """Scored reviews of recordings that a second reviewer or a session scored too, each with its own evaluation."""

    async def of_recording(self, recordings: Collection[RecordingId]) -> Sequence[Review]:
        """All reviews of them, whatever their purpose."""

    async def load(self, since: float, now: float) -> Mapping[str, Throughput]:
        """By reviewer: what is on the desk now, and what was scored since."""

    async def unassigned(self, limit: int) -> Sequence[Review]:
        """Open reviews that nobody was asked to take; what is due first comes first."""

    async def scored_by(self) -> Mapping[str, int]:
        """How many scores each reviewer gave, of all time."""


class Sampled(NamedTuple):
    """A drawn review; `probability` None: it was chosen for what it is."""

    review: Review
    probability: float | None


class Covered(NamedTuple):
    """How many calls of an agent; `drawn` ones are to be reviewed."""

    eligible: int
    drawn: int
    scored: int
    excluded: int


class DrawPage(NamedTuple):
    items: Sequence[Draw]
    total: int


class DrawStore(Protocol):
    """Where draws are kept."""

    async def frame(self, begin: float, end: float) -> Sequence[Review]:
        """All that could be drawn of what was stored in this time, in one order."""

    async def size(self, begin: float, end: float) -> int:
        """Of the frame."""

    async def write(
        self, draw: Draw, members: Sequence[Member], reviews: Sequence[Review], more: Sequence[Review]
    ) -> None:
        """`reviews` as the draw leaves them, `more` that are new. Whatever changed meanwhile stays as it is."""

    async def draw(self, draw: DrawId) -> Draw | None: ...
    async def draws(self, plan: PlanKind | None, limit: int, offset: int) -> DrawPage: ...
    async def members(self, draw: DrawId) -> Sequence[Member]: ...
    async def sampled(
        self, plan: PlanKind, since: float, until: float, visible: Collection[AgentId] | None
    ) -> Sequence[Sampled]:
        """What the plan drew of calls that began in this time, scored or not."""

    async def covered(
        self, begin: float, end: float, visible: Collection[AgentId] | None
    ) -> Mapping[AgentId, Covered]:
        """By agent, of calls stored in this time."""


class AnswersDraft(NamedTuple):
    """Answers on their way, as the page has them: they may lack their value."""

    at: float
    answers: Mapping[str, Mapping[str, Any]]
    comment: str


class DraftStore(Protocol):
    """Where unfinished answers are kept."""

    async def draft(self, review: ReviewId, reviewer: str) -> AnswersDraft | None: ...
    async def keep_draft(self, review: ReviewId, reviewer: str, draft: AnswersDraft) -> None: ...
    async def forget_draft(self, review: ReviewId, reviewer: str) -> None: ...


class DisputePage(NamedTuple):
    items: Sequence[Dispute]
    total: int


class DisputeStore(Protocol):
    """Where disputes are kept."""

    async def raise_dispute(self, dispute: Dispute, rescore: Review) -> bool:
        """False when there is one of this review."""

    async def dispute(self, dispute: DisputeId) -> Dispute | None: ...
    async def end_dispute(self, dispute: Dispute, reviews: Sequence[Review]) -> bool:
        """With the reviews it changes; False, and nothing written, when somebody was faster."""

    async def disputes(
        self, state: DisputeState | None, agents: Collection[AgentId] | None, limit: int, offset: int
    ) -> DisputePage: ...


class TaskPage(NamedTuple):
    items: Sequence[CoachingTask]
    total: int


class CoachingStore(Protocol):
    """Where coaching tasks are kept."""

    async def add_task(self, task: CoachingTask) -> bool:
        """False when this question of this review has one."""

    async def replace_task(self, task: CoachingTask) -> None: ...
    async def task(self, task: TaskId) -> CoachingTask | None: ...
    async def tasks(
        self, agents: Collection[AgentId] | None, limit: int, offset: int, *, only_open: bool = False
    ) -> TaskPage: ...
    async def tasks_of(self, review: ReviewId) -> Sequence[CoachingTask]: ...


class CalibrationPage(NamedTuple):
    items: Sequence[Calibration]
    total: int


class CalibrationStore(Protocol):
    """Where calibration sessions are kept."""

    async def call_calibration(self, calibration: Calibration, reviews: Sequence[Review]) -> None: ...
    async def close_calibration(self, calibration: Calibration, reviews: Sequence[Review]) -> None: ...
    async def calibration(self, calibration: CalibrationId) -> Calibration | None: ...
    async def calibrations(
        self, agents: Collection[AgentId] | None, limit: int, offset: int
    ) -> CalibrationPage: ...


class StoredRecordings(Protocol):
    """Where recordings are kept: asked for those whose news we missed."""

    async def stored_since(self, since: float, limit: int = ...) -> Sequence[RecordingStored]:
        """Oldest first."""


SaidOf = Callable[[Collection[CallId]], Awaitable[Mapping[CallId, Sequence[SurveyResponse]]]]
"""What customers said of these calls."""

OnScored = Callable[[Score], None]

FactsOf = Callable[[Sequence[Review]], Awaitable[Mapping[ReviewId, CallFacts]]]
"""What else is known of these calls."""

Reviewers = Callable[[], Awaitable[Sequence[User]]]
"""Everybody who reviews calls and is active."""

HoursOf = Callable[[QueueName], OpeningHours]
"""When a queue is open."""
