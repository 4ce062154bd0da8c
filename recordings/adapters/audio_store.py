"""Two folders: the one the switch writes into, and the store. Nothing outside them is ever touched."""

import asyncio
import contextlib
import errno
import hashlib
import logging
import os
import shutil
import stat
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from functools import lru_cache
from io import BufferedReader
from pathlib import Path

from recordings.domain.errors import AudioGone, FileRefused, NameRefused, NotWhole, PathTaken
from recordings.domain.naming import MARKER, RecordingName, parse
from recordings.domain.pauses import Span
from recordings.domain.recording import Kept
from recordings.domain.verdict import FileFacts
from recordings.domain.wav import EMPTY_FILE_BYTES, HEAD_BYTES
from recordings.ports import Audio, Listed, Sounds

log = logging.getLogger(__name__)

_CHUNK = 64 * 1024
_PEAKS_REMEMBERED = 256


class FolderAudioStore:
    """The store below `root`, fed from `spool`. Blocking work is done in threads, never on the loop."""

    def __init__(self, spool: Path, root: Path, sounds: Sounds) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._spool, self._root, self._sounds = spool.resolve(), root.resolve(), sounds
        self._peaks = lru_cache(_PEAKS_REMEMBERED)(self._read_peaks)

    async def listing(self) -> Sequence[Listed]:
        return await asyncio.to_thread(self._listing)

    def _listing(self) -> list[Listed]:
        found = []
        with os.scandir(self._spool) as entries:
            for entry in entries:
                with contextlib.suppress(NameRefused, FileNotFoundError):
                    shown = entry.stat(follow_symlinks=False)
                    found.append(Listed(parse(entry.name), shown.st_size, shown.st_ctime))
        return found

    async def survey(self, names: Collection[RecordingName]) -> Mapping[RecordingName, FileFacts]:
        return await asyncio.to_thread(self._survey, list(names))

    def _survey(self, names: list[RecordingName]) -> dict[RecordingName, FileFacts]:
        seen = ((name, _facts(self._spool / name.file, self._spool / name.marker)) for name in names)
        return {name: facts for name, facts in seen if facts is not None}

    async def kept(self, path: str) -> FileFacts | None:
        facts = await asyncio.to_thread(lambda: _facts(self._inside(path), None))
        return None if facts is None else facts._replace(done_at=facts.changed_at)  # what lies here is final

    async def take(self, name: RecordingName, path: str) -> Kept:
        return await asyncio.to_thread(self._take, name, path)

    def _take(self, name: RecordingName, path: str) -> Kept:
        source, target = self._spool / name.file, self._inside(path)
        try:
            kept = self._take_from(source, target, path)
        except FileNotFoundError:
            # Moved before a crash and not yet written down, or this very moment by another visit of the same call.
            with _open_regular(target) as file:
                kept = self._look(file)
        _remove(self._spool / name.marker)
        return kept

    def _take_from(self, source: Path, target: Path, path: str) -> Kept:
        with _open_regular(source) as file:
            kept = self._look(file)
            target.parent.mkdir(parents=True, exist_ok=True)
            self._inside(path)
            if target.exists():
                with _open_regular(target) as other:
                    if _digest(other) != kept.sha256:
                        raise PathTaken
                _remove(source)
            else:
                _move(file, kept.size, source, target)
        return kept

    def _look(self, file: BufferedReader) -> Kept:
        sound = self._sounds.describe(file)
        return Kept(sound, os.fstat(file.fileno()).st_size, _digest(file))

    async def erase(self, path: str) -> None:
        await asyncio.to_thread(self._erase, path)

    def _erase(self, path: str) -> None:
        place = self._inside(path)
        try:
            place.unlink()
        except FileNotFoundError:
            return
        self._peaks.cache_clear()
        _sync_folder(place.parent)

    async def discard(self, name: RecordingName) -> None:
        await asyncio.to_thread(self._discard, name)

    def _discard(self, name: RecordingName) -> None:
        for file in (name.file, name.marker):
            _remove(self._spool / file)

    async def tidy(self, before: float, spared: Collection[RecordingName]) -> int:
        return await asyncio.to_thread(self._tidy, before, frozenset(spared))

    def _tidy(self, before: float, spared: frozenset[RecordingName]) -> int:
        removed = 0
        for marker in self._spool.glob(f"*.wav{MARKER}"):
            with contextlib.suppress(NameRefused, FileNotFoundError):
                name = parse(marker.name.removesuffix(MARKER))
                if name in spared or marker.lstat().st_mtime >= before:
                    continue
                sound = self._spool / name.file
                if not os.path.lexists(sound) or 0 < sound.lstat().st_size <= EMPTY_FILE_BYTES:
                    self._discard(name)
                    removed += 1
        return removed

    async def open(self, path: str) -> Audio:
        return await asyncio.to_thread(lambda: OpenedFile(self._opened(path)))

    async def peaks(self, path: str, points: int) -> Sequence[tuple[float, float]]:
        return await asyncio.to_thread(self._peaks, path, points)

    def _read_peaks(self, path: str, points: int) -> tuple[tuple[float, float], ...]:
        with self._opened(path) as file:
            return tuple(self._sounds.peaks(file, points))

    async def loudest(self, path: str, spans: Sequence[Span]) -> Sequence[float]:
        return await asyncio.to_thread(self._loudest, path, spans)

    def _loudest(self, path: str, spans: Sequence[Span]) -> list[float]:
        with self._opened(path) as file:
            return self._sounds.loudest(file, spans)

    def _opened(self, path: str) -> BufferedReader:
        try:
            return _open_regular(self._inside(path))
        except (FileNotFoundError, FileRefused) as gone:
            raise AudioGone from gone

    def _inside(self, path: str) -> Path:
        """The real place of a path below the root; FileRefused when it leads, by name or by link, elsewhere."""
        place = self._root / path
        if place.parent.resolve() != place.parent or not place.is_relative_to(self._root):
            raise FileRefused
        return place


class OpenedFile:
    """An open sound file, read in threads."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    async def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        try:
            while start < stop:
                piece = await asyncio.to_thread(
                    os.pread, self._file.fileno(), min(_CHUNK, stop - start), start
                )
                if not piece:
                    raise AudioGone
                start += len(piece)
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        self._file.close()


def _facts(place: Path, marker: Path | None) -> FileFacts | None:
    try:
        shown = place.lstat()
    except FileNotFoundError:
        return None
    head: bytes | None = b""
    if regular := stat.S_ISREG(shown.st_mode):
        try:
            with _open_regular(place) as file:
                head = file.read(HEAD_BYTES)
        except PermissionError:
            head = None
        except (FileNotFoundError, FileRefused):
            return None  # gone or swapped meanwhile: the next look will tell
    done_at = None
    if marker is not None:
        with contextlib.suppress(FileNotFoundError):
            done_at = marker.lstat().st_mtime
    return FileFacts(shown.st_size, shown.st_mtime, done_at, regular, head)


def _open_regular(place: Path) -> BufferedReader:
    """Open without following a link, and without waiting for a pipe's other end."""
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as fault:
        if fault.errno in {errno.ELOOP, errno.ENXIO}:
            raise FileRefused from fault
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileRefused
    return os.fdopen(descriptor, "rb")


def _digest(file: BufferedReader) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _move(file: BufferedReader, size: int, source: Path, target: Path) -> None:
    """Rename; across file systems, or where the switch's folder is not ours to change, copy, sync and rename."""
    os.fsync(file.fileno())
    if not os.path.samestat(source.lstat(), os.fstat(file.fileno())):
        raise FileRefused  # swapped for another while we looked
    if os.fstat(file.fileno()).st_size != size:
        raise NotWhole("It grew while it was looked into.")
    _rename_or_copy(file, source, target, os.rename)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rename_or_copy(
    file: BufferedReader, source: Path, target: Path, rename: Callable[[Path, Path], None]
) -> None:
    try:
        rename(source, target)
    except OSError as fault:
        if fault.errno not in {errno.EXDEV, errno.EACCES, errno.EPERM}:
            raise
    else:
        return
    part = target.with_name(f".{target.name}.part")
    try:
        file.seek(0)
        with part.open("wb") as copy:
            shutil.copyfileobj(file, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
        shown = os.fstat(file.fileno())
        os.utime(part, ns=(shown.st_atime_ns, shown.st_mtime_ns))
        part.rename(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _remove(source)


def _remove(file: Path) -> None:
    """Take away what is no longer wanted; where that is not allowed, say so and go on."""
    try:
        file.unlink()
    except FileNotFoundError:
        return
    except OSError as fault:
        log.warning("recordings: %s cannot be removed (%s)", file.name, fault.strerror)
