"""Sound files, understood by soundfile and numpy: how long, what shape, where loud."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from recordings.domain.errors import NotWhole
from recordings.domain.pauses import Span
from recordings.domain.recording import Sound

if TYPE_CHECKING:  # they take longer to import than the rest of a start, and the first recording can wait
    import soundfile

_BLOCK_FRAMES = 1 << 16


class SoundFiles:
    """Reads in blocks: an hour of talk costs no more memory than a minute."""

    def describe(self, file: BinaryIO) -> Sound:
        with _opened(file) as sound:
            return Sound(sound.frames / sound.samplerate, sound.samplerate, sound.channels)

    def peaks(self, file: BinaryIO, points: int) -> list[tuple[float, float]]:
        import numpy as np

        with _opened(file) as sound:
            if sound.frames == 0:
                return []
            points = min(points, sound.frames)
            lows, highs = np.full(points, 1.0, np.float32), np.full(points, -1.0, np.float32)
            first = 0
            for block in sound.blocks(blocksize=_BLOCK_FRAMES, dtype="float32", always_2d=True):
                # Which point each frame of the block falls into; every point has at least one frame.
                point = np.arange(first, first + len(block), dtype=np.int64) * points // sound.frames
                starts = np.flatnonzero(np.r_[True, np.diff(point) > 0])
                touched = point[starts]
                low, high = block.min(axis=1), block.max(axis=1)
                lows[touched] = np.minimum(lows[touched], np.minimum.reduceat(low, starts))
                highs[touched] = np.maximum(highs[touched], np.maximum.reduceat(high, starts))
                first += len(block)
        return [(round(float(low), 4), round(float(high), 4)) for low, high in zip(lows, highs, strict=True)]

    def loudest(self, file: BinaryIO, spans: Sequence[Span]) -> list[float]:
        import numpy as np

        found = []
        with _opened(file) as sound:
            for span in spans:
                first = min(max(0, round(span.start * sound.samplerate)), sound.frames)
                left = max(0, min(round(span.stop * sound.samplerate), sound.frames) - first)
                sound.seek(first)
                peak = 0.0
                for block in sound.blocks(_BLOCK_FRAMES, frames=left, dtype="float32", always_2d=True):
                    peak = max(peak, float(np.abs(block).max(initial=0.0)))
                found.append(peak)
        return found


def _opened(file: BinaryIO) -> "soundfile.SoundFile":
    import soundfile

    try:
        return soundfile.SoundFile(file)
    except soundfile.SoundFileError as fault:
        raise NotWhole("It cannot be decoded.") from fault
