"""From the switches' folders into the store: small, sealed, and heard again as it was."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import BinaryIO, cast
from weakref import WeakValueDictionary

from recordings.adapters.key_ring import KeyRing
from recordings.adapters.place import SealedPlace
from recordings.adapters.sealing import SealingWriter
from recordings.adapters.spool import OpenPart, Part, Spool
from recordings.domain.errors import (
    AudioDamaged,
    AudioGone,
    FileRefused,
    KeyUnknown,
    NotWhole,
    PathTaken,
    RecordingError,
)
from recordings.domain.naming import Lane, RecordingName
from recordings.domain.pauses import Span
from recordings.domain.recording import Kept
from recordings.domain.verdict import FileFacts
from recordings.domain.wav import head_of
from recordings.ports import Audio, Listed, Lying, Peaks, Shelf, Sounds, SoundWav

log = logging.getLogger(__name__)

_CHUNK = 64 * 1024
_PEAKS_REMEMBERED = 256
_PORTION = 1000
_RIFF = b"RIFF"


class KeepingStore:
    """One store, fed from the folder of every switch. Blocking work is done in threads, never on the loop."""

    def __init__(self, spools: Sequence[Spool], shelf: Shelf, sounds: Sounds, keys: KeyRing) -> None:
        """Names of recordings differ between switches, because their systemnames do."""
        self._spools, self._shelf, self._sounds, self._keys = spools, shelf, sounds, keys
        self._peaks: OrderedDict[tuple[str, int], Peaks] = OrderedDict()
        self._one: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    # the switch's folders

    async def listing(self) -> Sequence[Listed]:
        return await asyncio.to_thread(lambda: [one for spool in self._spools for one in spool.listing()])

    async def left(self) -> Sequence[Lying]:
        return await asyncio.to_thread(lambda: [one for spool in self._spools for one in spool.left()])

    async def survey(self, names: Collection[RecordingName]) -> Mapping[RecordingName, FileFacts]:
        return await asyncio.to_thread(self._survey, list(names))

    def _survey(self, names: list[RecordingName]) -> dict[RecordingName, FileFacts]:
        found: dict[RecordingName, FileFacts] = {}
        for spool in self._spools:
            for name in names:
                if name not in found and (facts := spool.facts(name)) is not None:
                    found[name] = facts
        return found

    async def discard(self, name: RecordingName) -> None:
        await asyncio.to_thread(self._discard, name)

    def _discard(self, name: RecordingName) -> None:
        for spool in self._spools:
            spool.discard(name)

    async def tidy(self, before: float, spared: Collection[RecordingName]) -> int:
        kept = frozenset(spared)
        return await asyncio.to_thread(lambda: sum([spool.tidy(before, kept) for spool in self._spools]))

    # into the store

    async def take(self, name: RecordingName, path: str, alone: Lane | None = None) -> Kept:
        lock = self._one.setdefault(path, asyncio.Lock())
        async with lock:  # two visits of a call may share a file
            if await asyncio.to_thread(self._shelf.look, path) is not None or not await self.survey([name]):
                return await asyncio.to_thread(self._take, name, path, alone, await self._keys.key(path))
            key = await self._keys.make(path)
            try:
                return await asyncio.to_thread(self._take, name, path, alone, key)
            except RecordingError:
                await self._keys.destroy(path)  # nothing was sealed with it
                raise

    def _take(self, name: RecordingName, path: str, alone: Lane | None, key: bytes | None) -> Kept:
        for spool in self._spools:
            with spool.parts(name) as every:
                parts = {part: one for part, one in every.items() if alone is None or part in {None, alone}}
                if not parts:
                    continue
                if self._shelf.look(path) is not None:
                    taken = list(parts)
                    kept = self._same(parts, path, key)
                elif key is None:
                    raise FileNotFoundError(name.file)  # it came this very moment: the next attempt finds it
                else:
                    taken = _wanted(parts, alone)
                    kept = self._bring_in([parts[part] for part in taken], path, key)
            spool.remove(name, taken)
            return kept
        # Brought in before a crash and not yet written down, or by another visit of the same call.
        with self._stored(path, key) as stored:
            kept = self._sounds.kept(stored)
        for spool in self._spools:
            spool.remove(name, ())
        return kept

    def _bring_in(self, parts: Sequence[OpenPart], path: str, key: bytes) -> Kept:
        def write(file: BinaryIO) -> Kept:
            writer = SealingWriter(file, key)
            kept = self._sounds.compress([part.file for part in parts], cast("BinaryIO", writer))
            writer.finish()
            for part in parts:
                part.check()
            return kept

        for part in parts:
            part.check()
        kept = self._shelf.put(path, max(part.changed_at for part in parts), write)
        with suppress(AudioDamaged, NotWhole), self._stored(path, key) as stored:
            if self._sounds.kept(stored) == kept:
                return kept
        self._shelf.remove(path)  # it was never told of
        raise OSError("the store does not give back what was put into it")

    def _same(self, parts: Mapping[Part, OpenPart], path: str, key: bytes | None) -> Kept:
        """The store has it already: what is left of it here must be in it."""
        lanes = list(Lane)
        mine = [(part.file, None if lane is None else lanes.index(lane)) for lane, part in parts.items()]
        try:
            with self._stored(path, key) as stored:
                kept = self._sounds.kept(stored)
        except (AudioDamaged, FileNotFoundError, NotWhole):
            raise PathTaken("The store holds something under this name that cannot be opened.") from None
        with self._stored(path, key) as stored:
            if not self._sounds.agree(mine, stored):
                raise PathTaken
        return kept

    async def kept(self, path: str) -> FileFacts | None:
        lying = await asyncio.to_thread(self._shelf.look, path)
        if lying is None:
            return None
        try:
            key = await self._keys.key(path)
        except KeyUnknown:
            return FileFacts(lying.size, lying.changed_at, lying.changed_at, regular=True, head=None)
        return await asyncio.to_thread(self._kept, lying, key)

    def _kept(self, lying: Lying, key: bytes | None) -> FileFacts | None:
        try:
            with self._stored(lying.path, key) as stored:
                seconds, rate, channels = self._sounds.describe(stored)
        except (FileNotFoundError, AudioDamaged, NotWhole):
            return None
        head = head_of(rate, channels, round(seconds * rate))
        size = len(head) + 2 * channels * round(seconds * rate)
        return FileFacts(size, lying.changed_at, lying.changed_at, regular=True, head=head)

    # out of the store

    async def open(self, path: str) -> Audio:
        place = await self.place(path)
        return await asyncio.to_thread(lambda: OpenedSound(self._wav(place)))

    def _wav(self, place: SealedPlace) -> SoundWav:
        with _gone():
            file = place.open()
            try:
                if file.read(len(_RIFF)) == _RIFF:
                    return PlainWav(file)
                file.seek(0)
                return self._sounds.wav(file)
            except BaseException:
                file.close()
                raise

    async def peaks(self, path: str, points: int) -> Peaks:
        asked = (path, points)
        if asked not in self._peaks:
            place = await self.place(path)
            self._peaks[asked] = await asyncio.to_thread(self._read_peaks, place, points)
            while len(self._peaks) > _PEAKS_REMEMBERED:
                self._peaks.popitem(last=False)
        return self._peaks[asked]

    def _read_peaks(self, place: SealedPlace, points: int) -> Peaks:
        with _gone(), place.open() as file:
            return self._sounds.peaks(file, points)

    async def loudest(self, path: str, spans: Sequence[Span]) -> Sequence[float]:
        return await asyncio.to_thread(self._loudest, await self.place(path), spans)

    def _loudest(self, place: SealedPlace, spans: Sequence[Span]) -> list[float]:
        with _gone(), place.open() as file:
            return self._sounds.loudest(file, spans)

    async def place(self, path: str) -> SealedPlace:
        return SealedPlace(self._shelf.place(path), await self._keys.key(path))

    async def erase(self, path: str) -> None:
        for asked in [asked for asked in self._peaks if asked[0] == path]:
            del self._peaks[asked]
        await self._keys.destroy(path)
        await asyncio.to_thread(self._shelf.remove, path)

    async def lying(self) -> AsyncIterator[Sequence[Lying]]:
        files = self._shelf.listing()
        while portion := await asyncio.to_thread(lambda: list(islice(files, _PORTION))):
            yield portion

    @contextmanager
    def _stored(self, path: str, key: bytes | None) -> Iterator[BinaryIO]:
        with SealedPlace(self._shelf.place(path), key).open() as file:
            yield file


class PlainWav:
    """A WAV file that is kept as one, as all were before."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, 2)

    def read(self, start: int, count: int) -> bytes:
        self._file.seek(start)
        return self._file.read(count)

    def close(self) -> None:
        self._file.close()


class OpenedSound:
    """An open sound, read in threads."""

    def __init__(self, wav: SoundWav) -> None:
        self._wav, self.size = wav, wav.size

    async def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        try:
            while start < stop:
                piece = await asyncio.to_thread(self._wav.read, start, min(_CHUNK, stop - start))
                if not piece:
                    raise AudioGone
                start += len(piece)
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        self._wav.close()


def _wanted(parts: Mapping[Part, OpenPart], alone: Lane | None) -> list[Part]:
    if None in parts:
        return [None]
    if alone is not None and alone in parts:
        return [alone]
    for lane in Lane:
        if lane not in parts:
            raise NotWhole(f"The {lane}'s half is not there.")
    return list(Lane)


@contextmanager
def _gone() -> Iterator[None]:
    """To whoever would hear it, a file that is not there or is no sound is gone, or damaged."""
    try:
        yield
    except (FileNotFoundError, FileRefused):
        raise AudioGone from None
    except NotWhole:
        raise AudioDamaged from None
