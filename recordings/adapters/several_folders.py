"""Several switches leave recordings in folders of their own; the store they come to is one."""

from collections.abc import Collection, Mapping, Sequence

from recordings.adapters.audio_store import FolderAudioStore
from recordings.domain.naming import RecordingName
from recordings.domain.pauses import Span
from recordings.domain.recording import Kept
from recordings.domain.verdict import FileFacts
from recordings.ports import Audio, Listed


class SeveralFolders:
    """A file is taken from the folder it lies in; names differ, because the switches' systemnames do."""

    def __init__(self, stores: Sequence[FolderAudioStore]) -> None:
        """All with the same root."""
        self._stores = stores

    async def listing(self) -> Sequence[Listed]:
        return [listed for store in self._stores for listed in await store.listing()]

    async def survey(self, names: Collection[RecordingName]) -> Mapping[RecordingName, FileFacts]:
        found: dict[RecordingName, FileFacts] = {}
        for store in self._stores:
            found |= await store.survey([name for name in names if name not in found])
        return found

    async def kept(self, path: str) -> FileFacts | None:
        return await self._stores[0].kept(path)

    async def take(self, name: RecordingName, path: str) -> Kept:
        """From where it lies; from anywhere when it was moved before a crash."""
        for store in self._stores:
            if await store.survey([name]):
                return await store.take(name, path)
        return await self._stores[0].take(name, path)

    async def erase(self, path: str) -> None:
        await self._stores[0].erase(path)

    async def discard(self, name: RecordingName) -> None:
        for store in self._stores:
            await store.discard(name)

    async def tidy(self, before: float, spared: Collection[RecordingName]) -> int:
        return sum([await store.tidy(before, spared) for store in self._stores])

    async def open(self, path: str) -> Audio:
        return await self._stores[0].open(path)

    async def loudest(self, path: str, spans: Sequence[Span]) -> Sequence[float]:
        return await self._stores[0].loudest(path, spans)

    async def peaks(self, path: str, points: int) -> Sequence[tuple[float, float]]:
        return await self._stores[0].peaks(path, points)
