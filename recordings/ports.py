"""What the `recordings` package needs from outside, on one page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, Protocol

from cti.domain.identifiers import AgentId, ChannelId, PbxName
from cti.domain.own_calls import RecordedLeg
from cti.domain.records import VisitRecord
from recordings.domain.naming import RecordingId, RecordingName
from recordings.domain.pauses import Pause, Span
from recordings.domain.recording import Change, Kept, Recording, RecordingState, Search, Sound
from recordings.domain.verdict import FileFacts


class Clock(Protocol):
    """The one place that knows what time it is."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""


class Listed(NamedTuple):
    """One sound file in the switch's folder; two equal ones mean that it has not changed."""

    name: RecordingName
    size: int
    changed_at: float


class Audio(Protocol):
    """An opened sound. `read` may be called once and closes it."""

    size: int

    def read(self, start: int, stop: int) -> AsyncIterator[bytes]: ...
    def close(self) -> None: ...


class AudioStore(Protocol):
    """The switch's folder and the store. Every call may raise OSError when a disk does not do its work."""

    async def listing(self) -> Sequence[Listed]: ...
    async def survey(self, names: Collection[RecordingName]) -> Mapping[RecordingName, FileFacts]:
        """What the switch's folder shows; names without a file are left out."""

    async def kept(self, path: str) -> FileFacts | None:
        """What the store already holds at this path."""

    async def take(self, name: RecordingName, path: str) -> Kept:
        """Look into the file, hash it, move it into the store as one step, whole or not at all.

        Taking what the store already holds changes nothing. Raises NotWhole, FileRefused, PathTaken.
        """

    async def erase(self, path: str) -> None:
        """Do away with a kept sound for good; what is gone already is no error."""

    async def discard(self, name: RecordingName) -> None:
        """Remove a file that is not to be kept, and its marker."""

    async def tidy(self, before: float, spared: Collection[RecordingName]) -> int:
        """Remove the switch's markers older than this that stand alone or beside an empty file; how many."""

    async def open(self, path: str) -> Audio:
        """Raises AudioGone."""

    async def loudest(self, path: str, spans: Sequence[Span]) -> Sequence[float]:
        """The loudest sample (0 to 1) of any lane in each span. Raises AudioGone."""

    async def peaks(self, path: str, points: int) -> Sequence[tuple[float, float]]:
        """Lowest and highest sample (-1 to 1) of each of at most `points` equal stretches. Raises AudioGone."""


class Sounds(Protocol):
    """Understands sound. All raise NotWhole when it cannot be decoded."""

    def describe(self, file: BinaryIO) -> Sound: ...
    def peaks(self, file: BinaryIO, points: int) -> list[tuple[float, float]]: ...
    def loudest(self, file: BinaryIO, spans: Sequence[Span]) -> list[float]: ...


class RecordingPage(NamedTuple):
    items: Sequence[Recording]
    total: int


class RecordingCatalogue(Protocol):
    """Where the rows are kept."""

    async def save(self, recordings: Sequence[Recording], changes: Sequence[Change]) -> None:
        """Rows and history in one transaction; saving the same again changes nothing."""

    async def get(self, recording: RecordingId) -> Recording | None: ...
    async def history(self, recording: RecordingId) -> Sequence[Change]: ...
    async def search(self, search: Search, limit: int, offset: int) -> RecordingPage:
        """Newest first."""

    async def unsettled(self) -> Sequence[Recording]: ...
    async def of_channels(self, channels: Collection[tuple[PbxName, ChannelId]]) -> Sequence[Recording]: ...
    async def of_calls(self, calls: Collection[str], channels: Collection[str]) -> Sequence[Recording]:
        """Of these calls, or of legs with these ids."""

    async def older(self, before: float, limit: int, after: str = "") -> Sequence[Recording]:
        """Stored ones whose answer lies before this moment, by their ids, behind an id."""

    async def missing_since(self, since: float, channels: Collection[ChannelId]) -> Sequence[Recording]: ...
    async def stored_since(self, since: float, limit: int) -> Sequence[Recording]:
        """Oldest first, by the time they were stored."""

    async def counts(self) -> Mapping[RecordingState, int]: ...


class VisitJournal(Protocol):
    """Where finished calls are kept: asked for visits whose events never came."""

    async def visits(self, start: float, end: float) -> Sequence[VisitRecord]:
        """Visits that joined in [start, end)."""


class Jobs(Protocol):
    """Where work is handed in that must be done whatever dies."""

    def ask(
        self, kind: str, subject: str, payload: Mapping[str, str] | None = None, *, at: float | None = None
    ) -> None:
        """Have this done, at once or at that time, and tried again when it fails. Asked for twice it is done once;
        asking never waits.
        """

    def drop(self, kind: str, subject: str) -> None:
        """It is no longer wanted."""

    async def asked(self, kind: str) -> Collection[str]:
        """The subjects of what is asked for and not done, given up included."""


class RecordedLine(Protocol):
    """One switch: which legs it records, and how it is told to record silence."""

    def of_agent(self, agent: AgentId) -> Sequence[RecordedLeg]:
        """Of the call this agent talks in."""

    def of_channel(self, channel: ChannelId) -> Sequence[RecordedLeg]: ...
    async def mute(self, channel_name: str, muted: bool) -> None:
        """Returns when the switch has done it. Raises SwitchRefused, SwitchUnreachable."""


class PauseBook(Protocol):
    """Where pauses are kept."""

    def keep(self, pause: Pause) -> None:
        """Write it soon; never waits."""

    async def unsettled(self, since: float) -> Sequence[Pause]:
        """Those that are open, or began since then and whose files were not listened to."""

    async def of_file(self, file: str) -> Sequence[Pause]: ...
    async def counts(self) -> Mapping[str, int]:
        """By state, and by what was heard."""


Publish = Callable[[Any], None]
ReviewsOf = Callable[[Sequence[RecordingId]], Awaitable[Mapping[RecordingId, str]]]
"""The review of each of these recordings, where there is one."""
