"""Where a kept sound lies and what opens it: handed to another process, it is heard there."""

import io
from typing import BinaryIO, NamedTuple, cast

from recordings import ports
from recordings.adapters.sealing import MAGIC, SealedReader


class SealedPlace(NamedTuple):
    """The key is in it: it is never written down, and never shown."""

    opener: ports.Place
    key: bytes | None  # None: not sealed

    def __repr__(self) -> str:
        return f"SealedPlace({self.opener!r}{', sealed' if self.key else ''})"

    def open(self) -> BinaryIO:
        """The sound file (FLAC, or the WAV of earlier times), from which one may read anywhere.

        Raises FileNotFoundError, AudioDamaged, OSError.
        """
        file = self.opener.open()
        try:
            if self.key is None:
                return _unsealed(file)
            return cast("BinaryIO", io.BufferedReader(SealedReader(file, self.key)))
        except BaseException:
            file.close()
            raise


def _unsealed(file: BinaryIO) -> BinaryIO:
    if file.read(len(MAGIC)) == MAGIC:
        raise FileNotFoundError("Its key was destroyed.")
    file.seek(0)
    return file
