"""The folder the switch writes into. Nothing outside it is ever touched."""

import contextlib
import os
import stat
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path

from recordings.adapters.files import open_regular, remove
from recordings.domain.errors import FileRefused, NameRefused, NotWhole
from recordings.domain.naming import MARKER, Lane, RecordingName, parse, parse_file
from recordings.domain.verdict import FileFacts, Half
from recordings.domain.wav import EMPTY_FILE_BYTES, HEAD_BYTES, read_head
from recordings.ports import Listed, Lying

Part = Lane | None
"""Which file of a recording: one voice's, or the one that has all."""


class OpenPart:
    """A file of the switch, open, and still the same one when it was read."""

    def __init__(self, place: Path, file: BufferedReader) -> None:
        self.file, self._place = file, place
        self._shown = os.fstat(file.fileno())
        self.changed_at = self._shown.st_mtime

    def check(self) -> None:
        """Raises NotWhole, FileRefused."""
        now = os.fstat(self.file.fileno())
        if now.st_size != self._shown.st_size or now.st_mtime_ns != self._shown.st_mtime_ns:
            raise NotWhole("It grew while it was looked into.")
        if not os.path.samestat(self._place.lstat(), now):
            raise FileRefused  # swapped for another while we looked
        self.file.seek(0)
        read_head(self.file.read(HEAD_BYTES), now.st_size)
        self.file.seek(0)


class Spool:
    """Blocking: called in threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def listing(self) -> list[Listed]:
        found: dict[RecordingName, Listed] = {}
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(NameRefused, FileNotFoundError):
                    name = parse_file(entry.name).name
                    shown = entry.stat(follow_symlinks=False)
                    before = found.get(name, Listed(name, 0, 0.0))
                    changed = max(before.changed_at, shown.st_ctime)
                    found[name] = Listed(name, before.size + shown.st_size, changed)
        return list(found.values())

    def left(self) -> list[Lying]:
        found = []
        for place in self._folder.rglob("*"):
            with contextlib.suppress(FileNotFoundError):
                shown = place.lstat()
                if not stat.S_ISDIR(shown.st_mode) and not place.name.endswith(MARKER):
                    path = str(place.relative_to(self._folder))
                    found.append(Lying(path, shown.st_size, shown.st_mtime))
        return found

    def facts(self, name: RecordingName) -> FileFacts | None:
        """The file with all in it goes before those of a voice each."""
        done_at = None
        with contextlib.suppress(FileNotFoundError):
            done_at = (self._folder / name.marker).lstat().st_mtime
        whole = _facts(self._folder / name.file)
        if whole is not None:
            return whole._replace(done_at=done_at)
        both = {lane: _facts(self._folder / name.half(lane)) for lane in Lane}
        seen = {lane: facts for lane, facts in both.items() if facts is not None}
        if not seen:
            return None
        halves = tuple(Half(lane, one.size, one.regular, one.head) for lane, one in seen.items())
        size = sum(one.size for one in seen.values())
        changed_at = max(one.changed_at for one in seen.values())
        regular = all(one.regular for one in seen.values())
        return FileFacts(size, changed_at, done_at, regular, b"", halves)

    @contextmanager
    def parts(self, name: RecordingName) -> Iterator[dict[Part, OpenPart]]:
        """The files of the recording that are there: the one that has all, or the voices'. Raises FileRefused."""
        with ExitStack() as stack:
            found: dict[Part, OpenPart] = {}
            for part in (None, *Lane):
                place = self._place(name, part)
                with contextlib.suppress(FileNotFoundError):
                    found[part] = OpenPart(place, stack.enter_context(open_regular(place)))
                if None in found:
                    break
            yield found

    def remove(self, name: RecordingName, parts: Collection[Part]) -> None:
        """These, and the marker when no file is left beside it."""
        for part in parts:
            remove(self._place(name, part))
        if not any(os.path.lexists(self._place(name, part)) for part in (None, *Lane)):
            remove(self._folder / name.marker)

    def discard(self, name: RecordingName) -> None:
        self.remove(name, (None, *Lane))
        remove(self._folder / name.marker)

    def tidy(self, before: float, spared: frozenset[RecordingName]) -> int:
        removed = 0
        for marker in self._folder.glob(f"*.wav{MARKER}"):
            with contextlib.suppress(NameRefused, FileNotFoundError):
                name = parse(marker.name.removesuffix(MARKER))
                if name in spared or marker.lstat().st_mtime >= before:
                    continue
                places = (self._place(name, part) for part in (None, *Lane))
                if all(
                    0 < place.lstat().st_size <= EMPTY_FILE_BYTES
                    for place in places
                    if os.path.lexists(place)
                ):
                    self.discard(name)
                    removed += 1
        return removed

    def _place(self, name: RecordingName, part: Part) -> Path:
        return self._folder / (name.file if part is None else name.half(part))


def _facts(place: Path) -> FileFacts | None:
    try:
        shown = place.lstat()
    except FileNotFoundError:
        return None
    head: bytes | None = b""
    if regular := stat.S_ISREG(shown.st_mode):
        try:
            with open_regular(place) as file:
                head = file.read(HEAD_BYTES)
        except PermissionError:
            head = None
        except (FileNotFoundError, FileRefused):
            return None  # gone or swapped meanwhile: the next look will tell
    return FileFacts(shown.st_size, shown.st_mtime, None, regular, head)
