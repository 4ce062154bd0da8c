"""What the `recordings` package needs from outside, on one page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, Protocol

from cti.domain.identifiers import CallId, ChannelId, PbxName
from cti.domain.records import VisitRecord
from recordings.domain.hearing import Hearing
from recordings.domain.naming import RecordingId, RecordingName
from recordings.domain.notes import Note, Share
from recordings.domain.recording import Change, Kept, Recording, RecordingState, Search, Sound
from recordings.domain.speech import Heard
from recordings.domain.transcript import Line
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

    async def discard(self, name: RecordingName) -> None:
        """Remove a file that is not to be kept, and its marker."""

    async def tidy(self, before: float, spared: Collection[RecordingName]) -> int:
        """Remove the switch's markers older than this that stand alone or beside an empty file; how many."""

    async def open(self, path: str) -> Audio:
        """Raises AudioGone."""

    async def peaks(self, path: str, points: int) -> Sequence[tuple[float, float]]:
        """Lowest and highest sample (-1 to 1) of each of at most `points` equal stretches. Raises AudioGone."""


class Ear(Protocol):
    """Hears what the store keeps, beside the server."""

    async def hear(self, path: str) -> Heard:
        """Raises NotWhole, AudioGone or HearingFailed."""


class Sounds(Protocol):
    """Understands sound. Both raise NotWhole when it cannot be decoded."""

    def describe(self, file: BinaryIO) -> Sound: ...
    def peaks(self, file: BinaryIO, points: int) -> list[tuple[float, float]]: ...


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
    async def missing_since(self, since: float, channels: Collection[ChannelId]) -> Sequence[Recording]: ...
    async def stored_since(self, since: float, limit: int) -> Sequence[Recording]:
        """Oldest first, by the time they were stored."""

    async def counts(self) -> Mapping[RecordingState, int]: ...


class HearingBook(Protocol):
    """Where signals are kept."""

    async def keep(self, hearing: Hearing) -> None:
        """Hearing a recording again replaces what was heard before."""

    async def of(self, recording: RecordingId) -> Hearing | None: ...
    async def unheard(self, since: float, limit: int) -> Sequence[RecordingId]:
        """Recordings stored since then, oldest first, of which no signals are kept."""


class Transcriber(Protocol):
    """Writes down what is said, where an engine is installed. Nothing else depends on it."""

    async def transcribe(self, path: str) -> Sequence[Line]:
        """Raises AudioGone or HearingFailed."""


class TranscriptBook(Protocol):
    """Where transcripts are kept."""

    async def keep(self, recording: RecordingId, lines: Sequence[Line]) -> None:
        """In place of what was kept of it before."""

    async def of(self, recording: RecordingId) -> Sequence[Line]:
        """In the order of the sound."""


class NoteBook(Protocol):
    """Where notes to moments of recordings, and links to recordings, are kept."""

    async def add(self, note: Note) -> None: ...
    async def notes(self, recording: RecordingId) -> Sequence[Note]:
        """In the order of the sound."""

    async def remove(self, recording: RecordingId, note: str) -> bool:
        """False when there is none."""

    async def note(self, recording: RecordingId, note: str) -> Note | None: ...
    async def share(self, share: Share) -> None:
        """Links that have expired go."""

    async def shared(self, key: str) -> Share | None: ...


class VisitJournal(Protocol):
    """Where finished calls are kept: asked for visits whose events never came."""

    async def visits(self, start: float, end: float) -> Sequence[VisitRecord]:
        """Visits that joined in [start, end)."""


class Jobs(Protocol):
    """Where work is handed in that must be done whatever dies."""

    def ask(self, kind: str, subject: str, payload: Mapping[str, str] | None = None) -> None:
        """Have this done, and tried again when it fails. Asked for twice it is done once; asking never waits."""

    async def asked(self, kind: str) -> Collection[str]:
        """The subjects of what is asked for and not done, given up included."""


Story = Callable[[CallId], Awaitable[Mapping[str, Any] | None]]
"""The story of a finished call, as `cti/domain/export.py` writes it; None while it is not written."""

Publish = Callable[[Any], None]
ReviewsOf = Callable[[Sequence[RecordingId]], Awaitable[Mapping[RecordingId, str]]]
"""The review of each of these recordings, where there is one."""
