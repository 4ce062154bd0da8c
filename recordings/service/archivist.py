"""Finds recordings and opens their sound."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from recordings.domain.errors import NothingToHear, RecordingUnknown
from recordings.domain.events import RecordingStored, told
from recordings.domain.naming import RecordingId
from recordings.domain.recording import Change, Recording, RecordingState, Search
from recordings.ports import Audio, AudioStore, Peaks, Place, RecordingCatalogue, RecordingPage, ReviewsOf

PEAK_POINTS = 800


class Waveform(NamedTuple):
    """A recording at a glance: of each lane lowest and highest sample (-1 to 1) of each stretch, all equally long."""

    recording: Recording
    lanes: Peaks

    @property
    def points(self) -> Sequence[tuple[float, float]]:
        """All lanes in one."""
        return [
            (min(low for low, _ in together), max(high for _, high in together))
            for together in zip(*self.lanes, strict=True)
        ]


class Listening:
    """An opened recording. `read` may be called once, and closes it."""

    def __init__(self, recording: Recording, audio: Audio) -> None:
        self.recording, self.size = recording, audio.size
        self.read, self.close = audio.read, audio.close


class Archivist:
    """What was kept, for those who may hear it."""

    def __init__(
        self, catalogue: RecordingCatalogue, store: AudioStore, reviews_of: ReviewsOf | None = None
    ) -> None:
        self._catalogue, self._store, self._reviews_of = catalogue, store, reviews_of

    async def search(self, search: Search, limit: int, offset: int) -> RecordingPage:
        return await self._catalogue.search(search, limit, offset)

    async def get(self, recording: RecordingId) -> Recording:
        found = await self._catalogue.get(recording) if recording.isprintable() else None
        if found is None:
            raise RecordingUnknown
        return found

    async def history(self, recording: RecordingId) -> Sequence[Change]:
        return await self._catalogue.history(recording)

    async def reviews_of(self, recordings: Sequence[RecordingId]) -> Mapping[RecordingId, str]:
        return {} if self._reviews_of is None or not recordings else await self._reviews_of(recordings)

    async def open(self, recording: Recording) -> Listening:
        """Raises NothingToHear or AudioGone."""
        return Listening(recording, await self._store.open(_path(recording)))

    async def waveform(self, recording: Recording) -> Waveform:
        return Waveform(recording, await self._store.peaks(_path(recording), PEAK_POINTS))

    async def place(self, recording: Recording) -> Place:
        """To be heard in another process. Raises NothingToHear, AudioGone, KeyUnknown."""
        return await self._store.place(_path(recording))

    async def stored_since(self, since: float, limit: int = 1000) -> Sequence[RecordingStored]:
        """What was stored at or after this moment, oldest first, for those who missed the news."""
        stored = await self._catalogue.stored_since(since, limit)
        return [event for recording in stored if isinstance(event := told(recording), RecordingStored)]


def _path(recording: Recording) -> str:
    if recording.state is not RecordingState.STORED or recording.path is None:
        raise NothingToHear
    return recording.path
