"""The store as a folder of this machine."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

from recordings.adapters.files import inside, open_regular
from recordings.domain.errors import FileRefused
from recordings.ports import Lying

T = TypeVar("T")

PART = ".part"
"""Ends the name of what is still being written; a later attempt writes over it."""


class FolderPlace(NamedTuple):
    """Where a file of the store lies, for another process too."""

    root: str
    path: str

    def open(self) -> BinaryIO:
        """Raises FileNotFoundError."""
        try:
            return open_regular(inside(Path(self.root), self.path))
        except FileRefused as refused:
            raise FileNotFoundError(self.path) from refused


class Folder:
    """Written whole and synced to the disk before it has its name."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root.resolve()

    def put(self, path: str, changed_at: float, write: Callable[[BinaryIO], T]) -> T:
        target = inside(self._root, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        inside(self._root, path)
        part = target.with_name(f".{target.name}{PART}")
        try:
            with part.open("wb") as file:
                written = write(file)
                file.flush()
                os.fsync(file.fileno())
            os.utime(part, (changed_at, changed_at))
            part.rename(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _sync(target.parent)
        return written

    def place(self, path: str) -> FolderPlace:
        return FolderPlace(str(self._root), path)

    def look(self, path: str) -> Lying | None:
        try:
            with self.place(path).open() as file:
                shown = os.fstat(file.fileno())
        except FileNotFoundError:
            return None
        return Lying(path, shown.st_size, shown.st_mtime)

    def remove(self, path: str) -> None:
        place = inside(self._root, path)
        place.unlink(missing_ok=True)
        if place.parent.exists():
            _sync(place.parent)

    def listing(self) -> Iterator[Lying]:
        for folder, _, names in os.walk(self._root):
            for name in sorted(names):
                place = Path(folder, name)
                try:
                    shown = place.lstat()
                except FileNotFoundError:
                    continue
                yield Lying(str(place.relative_to(self._root)), shown.st_size, shown.st_mtime)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
