"""A file that is read in parts, from anywhere in it, as whoever decodes sound wants one."""

import io
import os
from abc import abstractmethod
from typing import Any


class RangedReader(io.RawIOBase):
    """What is behind it says how long it is, and gives a part."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self._length, self._position = length, 0

    @abstractmethod
    def part(self, start: int, most: int) -> bytes:
        """At least one byte from `start` on, and at most so many; all of them are there."""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        wanted = memoryview(buffer).cast("B")
        most = min(len(wanted), self._length - self._position)
        if most <= 0:
            return 0
        part = self.part(self._position, most)
        wanted[: len(part)] = part
        self._position += len(part)
        return len(part)
