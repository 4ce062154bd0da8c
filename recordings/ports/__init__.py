"""What the `recordings` package needs from outside: files, keys and rows. Beside it, what hears, and what pauses."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, Protocol, TypeVar

from cti.domain.identifiers import ChannelId, PbxName
from cti.domain.records import VisitRecord
from recordings.domain.naming import Lane, RecordingId, RecordingName
from recordings.domain.pauses import Span
from recordings.domain.recording import Change, Kept, Recording, RecordingState, Search, Sound
from recordings.domain.verdict import FileFacts


class Clock(Protocol):
    """The one place that knows what time it is."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""


class Listed(NamedTuple):
    """One recording in the switch's folder, of one file or two; two equal ones mean that it has not changed."""

    name: RecordingName
    size: int
    changed_at: float


class Lying(NamedTuple):
    """A file and its path below its folder."""

    path: str
    size: int
    changed_at: float


Peaks = Sequence[Sequence[tuple[float, float]]]
"""Of each lane: lowest and highest sample (-1 to 1) of each of its equal stretches."""


class Place(Protocol):
    """Where a kept sound lies and what opens it. It can be pickled: another process may hear it there."""

    def open(self) -> BinaryIO:
        """The sound file, readable from anywhere. Raises FileNotFoundError, AudioDamaged, OSError."""


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

    async def take(self, name: RecordingName, path: str, alone: Lane | None = None) -> Kept:
        """Look into what the switch left, bring it into the store as one step, whole or not at all, and remove it there.

        `alone`: of a recording in two files this one voice, the other being lost. Taking what the store already holds
        changes nothing. Raises NotWhole, FileRefused, PathTaken, KeyUnknown.
        """

    async def discard(self, name: RecordingName) -> None:
        """Remove what is not to be kept, and its marker."""

    async def tidy(self, before: float, spared: Collection[RecordingName]) -> int:
        """Remove the switch's markers older than this that stand alone or beside empty files; how many."""

    async def left(self) -> Sequence[Lying]:
        """Every file in the switch's folder but its markers, whatever its name."""

    def lying(self) -> AsyncIterator[Sequence[Lying]]:
        """Every file in the store, in portions."""

    async def open(self, path: str) -> Audio:
        """As a WAV file. Raises AudioGone, KeyUnknown, AudioDamaged."""

    async def peaks(self, path: str, points: int) -> Peaks:
        """Of each lane, at most `points` stretches. Raises AudioGone, KeyUnknown, AudioDamaged."""

    async def place(self, path: str) -> Place:
        """Raises AudioGone, KeyUnknown."""

    async def loudest(self, path: str, spans: Sequence[Span]) -> Sequence[float]:
        """The loudest sample (0 to 1) of any lane in each span. Raises AudioGone, KeyUnknown, AudioDamaged."""

    async def erase(self, path: str) -> None:
        """Destroy the recording's key, then its file. What is gone already is no fault; OSError means to try again."""


class SoundWav(Protocol):
    """A sound as a WAV file, decoded where it is read."""

    size: int

    def read(self, start: int, count: int) -> bytes: ...
    def close(self) -> None: ...


class Sounds(Protocol):
    """Understands sound. All raise NotWhole when it cannot be decoded, and what reading and writing raise."""

    def describe(self, file: BinaryIO) -> Sound: ...
    def kept(self, file: BinaryIO) -> Kept: ...
    def compress(self, parts: Sequence[BinaryIO], to: BinaryIO) -> Kept:
        """One file of the parts' lanes beside each other, without loss."""

    def agree(self, parts: Sequence[tuple[BinaryIO, int | None]], stored: BinaryIO) -> bool:
        """Whether each part is in the stored sound: in this lane, or (None) in all."""

    def peaks(self, file: BinaryIO, points: int) -> Peaks: ...
    def loudest(self, file: BinaryIO, spans: Sequence[Span]) -> list[float]: ...
    def wav(self, file: BinaryIO) -> SoundWav: ...


Written = TypeVar("Written")


class Shelf(Protocol):
    """Where whole files are kept by path. It blocks, and raises OSError when it does not do its work."""

    def put(self, path: str, changed_at: float, write: Callable[[BinaryIO], Written]) -> Written:
        """Have the file written: it is there, whole and safe, when this returns, or not at all."""

    def place(self, path: str) -> Place: ...
    def look(self, path: str) -> Lying | None: ...
    def remove(self, path: str) -> None:
        """What is gone already is no fault."""

    def listing(self) -> Iterator[Lying]: ...


class WrappedKey(NamedTuple):
    """A recording's key as only its master key can read it; `master` is that one's id."""

    master: str
    wrapped: str


class KeyWrapper(Protocol):
    """Holds master keys, here or in a key management service, and never gives them away."""

    async def begin(self) -> None:
        """Called before the first key of all is wrapped."""

    async def current(self) -> str:
        """The id of the master key that wraps now."""

    async def wrap(self, key: bytes, path: str) -> WrappedKey:
        """For the recording at this path alone. Raises KeyUnknown."""

    async def unwrap(self, wrapped: WrappedKey, path: str) -> bytes:
        """Raises KeyUnknown."""


class KeyBook(Protocol):
    """Where wrapped keys are kept, one a recording."""

    async def get(self, path: str) -> WrappedKey | None: ...
    async def add(self, path: str, key: WrappedKey) -> WrappedKey:
        """The one that stands: an earlier one stays."""

    async def destroy(self, path: str) -> None: ...
    async def masters(self) -> Mapping[str, int]:
        """How many keys each master key has wrapped."""

    async def one_of(self, master: str) -> tuple[str, WrappedKey]:
        """Any path and its key that this master key has wrapped."""

    async def wrapped_by_others(
        self, master: str, after: str, limit: int
    ) -> Sequence[tuple[str, WrappedKey]]:
        """Paths behind `after`, in order."""

    async def replace(self, path: str, old: WrappedKey, new: WrappedKey) -> None:
        """Only while the old one stands."""


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

    async def states_of_files(self, files: Collection[str]) -> Mapping[str, RecordingState]:
        """Where the recordings of these names stand; a file that several share is unsettled while one of them is."""

    async def known_paths(self, paths: Collection[str]) -> Collection[str]:
        """Those of these paths in the store that some recording has."""

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


Publish = Callable[[Any], None]
ReviewsOf = Callable[[Sequence[RecordingId]], Awaitable[Mapping[RecordingId, str]]]
"""The review of each of these recordings, where there is one."""
