"""Sound files, understood by soundfile and numpy: how long, what shape, where loud; kept small, and served as WAV."""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, BinaryIO

from recordings.domain.errors import NotWhole
from recordings.domain.pauses import Span
from recordings.domain.recording import Kept, Sound
from recordings.domain.wav import head_of

if TYPE_CHECKING:  # they take longer to import than the rest of a start: see `load_early`
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

_BLOCK_FRAMES = 1 << 16
_MOST_CHANNELS = 8


async def load_early() -> None:
    """Import what takes long before there is a recording, which comes in the middle of calls."""
    for library in ("numpy", "soundfile"):
        await asyncio.to_thread(import_module, library)


class SoundFiles:
    """Reads in blocks: an hour of talk costs no more memory than a minute."""

    def describe(self, file: BinaryIO) -> Sound:
        with _opened(file) as sound:
            return _shape(sound)

    def kept(self, file: BinaryIO) -> Kept:
        """Decode it all: what a WAV file of it is."""
        with _opened(file) as sound:
            shape = _shape(sound)
            return _Digest(shape, sound.frames).of(_blocks(sound))

    def compress(self, parts: Sequence[BinaryIO], to: BinaryIO) -> Kept:
        import soundfile

        with _beside(parts) as (shape, frames, blocks):
            digest = _Digest(shape, frames)
            target = _Told(to)
            with (
                target.telling(),
                soundfile.SoundFile(
                    target, "w", shape.rate, shape.channels, format="FLAC", subtype="PCM_16"
                ) as flac,
            ):
                for block in blocks:
                    digest.take(block)
                    flac.write(block)
            return digest.kept()

    def agree(self, parts: Sequence[tuple[BinaryIO, int | None]], stored: BinaryIO) -> bool:
        """Whether each part is in the stored sound, in its lane (None: in all), with silence behind it."""
        return all(_within(part, lane, stored) for part, lane in parts)

    def peaks(self, file: BinaryIO, points: int) -> list[list[tuple[float, float]]]:
        import numpy as np

        with _opened(file) as sound:
            if sound.frames == 0:
                return [[] for _ in range(sound.channels)]
            points = min(points, sound.frames)
            lows = np.full((points, sound.channels), 1.0, np.float32)
            highs = np.full((points, sound.channels), -1.0, np.float32)
            first = 0
            for block in sound.blocks(blocksize=_BLOCK_FRAMES, dtype="float32", always_2d=True):
                # Which point each frame of the block falls into; every point has at least one frame.
                point = np.arange(first, first + len(block), dtype=np.int64) * points // sound.frames
                starts = np.flatnonzero(np.r_[True, np.diff(point) > 0])
                touched = point[starts]
                lows[touched] = np.minimum(lows[touched], np.minimum.reduceat(block, starts))
                highs[touched] = np.maximum(highs[touched], np.maximum.reduceat(block, starts))
                first += len(block)
        return [
            [
                (round(float(low), 4), round(float(high), 4))
                for low, high in zip(lane_lows, lane_highs, strict=True)
            ]
            for lane_lows, lane_highs in zip(lows.T, highs.T, strict=True)
        ]

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

    def wav(self, file: BinaryIO) -> "WavView":
        return WavView(file)


class WavView:
    """Any sound file as a WAV file of 16 bit: only what is read of it is decoded. Closes the file it is given."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._told = _Told(file)
        with self._told.telling():
            self._sound = _decoder(self._told)
        self._head = head_of(self._sound.samplerate, self._sound.channels, self._sound.frames)
        self._frame = 2 * self._sound.channels
        self.size = len(self._head) + self._sound.frames * self._frame
        self._reading = Lock()
        self._leaving = Event()

    def read(self, start: int, count: int) -> bytes:
        """At most `count` bytes from byte `start` on; b"" behind the end, and of what was closed."""
        with self._reading:
            if self._leaving.is_set():
                return b""
            try:
                return self._read(start, count)
            finally:
                if self._leaving.is_set():
                    self._shut()

    def _read(self, start: int, count: int) -> bytes:
        stop = min(start + count, self.size)
        if start >= stop:
            return b""
        head = self._head[start:stop]
        offset = max(0, start - len(self._head))
        until = stop - len(self._head)
        if until <= offset:
            return head
        first, last = offset // self._frame, -(-until // self._frame)
        skipped = offset - first * self._frame
        with self._told.telling():
            if self._sound.tell() != first:
                self._sound.seek(first)
            sound = _samples(self._sound, last - first)
        return head + sound.astype("<i2", copy=False).tobytes()[skipped : skipped + until - offset]

    def close(self) -> None:
        """While a thread reads, it closes what it reads: the decoder must not be taken away under it, and nobody waits."""
        self._leaving.set()
        if self._reading.acquire(blocking=False):
            try:
                self._shut()
            finally:
                self._reading.release()

    def _shut(self) -> None:
        self._sound.close()
        self._file.close()


class _Told:
    """A file in the hands of a C library, which swallows errors: they are remembered, and told afterwards."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._fault: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def readinto(self, buffer: Any) -> int:
        return self._try("readinto", buffer)

    def write(self, data: Any) -> int:
        return self._try("write", data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._try("seek", offset, whence)

    def _try(self, deed: str, *given: Any) -> int:
        if self._fault is not None:
            return 0
        try:
            done: int = getattr(self._file, deed)(*given)
        except Exception as fault:  # noqa: BLE001  raised again in `telling`
            self._fault = fault
            return 0
        return done

    @contextmanager
    def telling(self) -> Iterator[None]:
        try:
            yield
        except Exception:
            if self._fault is None:
                raise
        if self._fault is not None:
            raise self._fault


class _Digest:
    """What a WAV file of the blocks that come by would be."""

    def __init__(self, shape: Sound, frames: int) -> None:
        self._shape, self._left = shape, frames
        head = head_of(shape.rate, shape.channels, frames)
        self._size = len(head) + frames * 2 * shape.channels
        self._sha256 = hashlib.sha256(head)

    def take(self, block: "NDArray[np.int16]") -> None:
        self._left -= len(block)
        self._sha256.update(block.astype("<i2", copy=False).tobytes())

    def of(self, blocks: "Iterator[NDArray[np.int16]]") -> Kept:
        for block in blocks:
            self.take(block)
        return self.kept()

    def kept(self) -> Kept:
        if self._left:
            raise NotWhole("It cannot be decoded to its end.")
        return Kept(self._shape, self._size, self._sha256.hexdigest())


@contextmanager
def _beside(parts: Sequence[BinaryIO]) -> "Iterator[tuple[Sound, int, Iterator[NDArray[np.int16]]]]":
    """One sound of one or several: lanes beside each other, the shorter ones with silence behind them."""
    import numpy as np

    with ExitStack() as stack:
        sounds = [stack.enter_context(_opened(part)) for part in parts]
        rates = {sound.samplerate for sound in sounds}
        channels = sum(sound.channels for sound in sounds)
        if len(rates) > 1 or channels > _MOST_CHANNELS or (len(sounds) > 1 and channels > len(sounds)):
            raise NotWhole("The voices' files do not fit together.")
        frames = max(sound.frames for sound in sounds)
        (rate,) = rates

        def blocks() -> "Iterator[NDArray[np.int16]]":
            for first in range(0, frames, _BLOCK_FRAMES):
                count = min(_BLOCK_FRAMES, frames - first)
                yield np.hstack([_padded(_samples(sound, count), count) for sound in sounds])

        yield Sound(frames / rate, rate, channels), frames, blocks()


def _within(part: BinaryIO, lane: int | None, stored: BinaryIO) -> bool:
    import numpy as np

    with _opened(part) as one, _opened(stored) as whole:
        if one.samplerate != whole.samplerate or one.frames > whole.frames:
            return False
        if lane is None and one.channels != whole.channels:
            return False
        lane = None if whole.channels == 1 else lane
        for block in _blocks(whole):
            mine = _padded(_samples(one, len(block)), len(block))
            if not np.array_equal(mine, block if lane is None else block[:, lane : lane + 1]):
                return False
    return True


def _blocks(sound: "soundfile.SoundFile") -> "Iterator[NDArray[np.int16]]":
    while len(block := _samples(sound, _BLOCK_FRAMES)):
        yield block


def _samples(sound: "soundfile.SoundFile", count: int) -> "NDArray[np.int16]":
    """The next frames, a column a channel: 16 bit, whatever the file has."""
    import numpy as np

    if sound.subtype not in {"FLOAT", "DOUBLE"}:
        samples: NDArray[np.int16] = sound.read(count, dtype="int16", always_2d=True)
        return samples
    floats = sound.read(count, dtype="float64", always_2d=True)
    return np.asarray((floats * 32767).round().clip(-32768, 32767), np.int16)


def _padded(samples: "NDArray[np.int16]", count: int) -> "NDArray[np.int16]":
    import numpy as np

    return np.pad(samples, ((0, count - len(samples)), (0, 0)))


def _shape(sound: "soundfile.SoundFile") -> Sound:
    return Sound(sound.frames / sound.samplerate, sound.samplerate, sound.channels)


@contextmanager
def _opened(file: BinaryIO) -> "Iterator[soundfile.SoundFile]":
    told = _Told(file)
    file.seek(0)
    with told.telling(), _decoder(told) as sound:
        yield sound


def _decoder(file: _Told) -> "soundfile.SoundFile":
    import soundfile

    try:
        return soundfile.SoundFile(file)
    except soundfile.SoundFileError as fault:
        raise NotWhole("It cannot be decoded.") from fault
