"""Hears when somebody speaks: energy above a floor that follows the line's own noise, and what is loud, cut off or silent.

Each lane is measured in frames of 10 ms. A frame is speech when it stands clearly above the noise around it (the quietest
tenth of two minutes); pauses within words are bridged, clicks left out, and the ends stay where the sound ends.
"""

from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from recordings.domain.errors import NotWhole
from recordings.domain.speech import Heard, Lane, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Mask = NDArray[np.bool_]

FRAME_SECONDS: Final = 0.01
_BLOCK_FRAMES: Final = 3000
"""Half a minute is decoded at a time: hours cost no more memory than the few bytes of each frame's figures."""
_SMOOTHED: Final = 3

_WINDOW, _HOP = 12_000, 1_000  # frames: two minutes, looked at every ten seconds
_QUIETEST, _LOUDEST = 10.0, 95.0  # percentiles of a window
_STEADY_DB: Final = 6.0
"""A window whose loudest is no further above its quietest holds one steady sound: then `_LOUD_FLOOR` is the most a floor is."""
_STRETCH: Final = 200  # frames in which a voice rises and falls, and noise does not
_LOUD_FLOOR, _MARGIN, _FAINT = -36.0, 7.0, -52.0  # dBFS, dB, dBFS: fainter than that is nobody's speech
_NOTHING: Final = -72.0
"""dBFS below which a lane carries no signal at all, not even that of a quiet room."""
_CROSSTALK_DB: Final = 25.0
"""So far below the other lane, at the same moment, it is the other one's echo."""
_BRIDGED, _SHORTEST = 25, 8  # frames: pauses within words, and clicks
_SOUND_BRIDGED: Final = 20
_FULL_SCALE: Final = 32_767
_HELD_FLAT: Final = 2
"""So many samples of a frame at the end of the scale are cut off; a single one may just be loud."""


def hear(file: BinaryIO) -> Heard:
    """Raises NotWhole when it cannot be decoded."""
    import numpy as np

    energies, clipped, length = _measured(file)
    if not length.samples:
        return Heard(0.0, ())
    if len(energies) == 2 and np.array_equal(energies[0], energies[1]):
        del energies[1]  # the same on both sides: everybody is in both
    levels = [_decibels(lane) for lane in energies]
    smooth = [_smoothed(level) for level in levels]
    above = [_above_noise(level) for level in smooth]
    masks = [mask for mask, _ in above]
    if len(masks) == 2:
        masks = [
            masks[side] & ~(masks[1 - side] & (smooth[side] < smooth[1 - side] - _CROSSTALK_DB))
            for side in (0, 1)
        ]
    lanes = []
    for side, mask in enumerate(masks):
        runs = _runs(mask, _BRIDGED, _SHORTEST)
        spoken = _within(runs, len(mask))
        lanes.append(
            Lane(
                speech=_spans(runs, length),
                sound=_spans(_runs(levels[side] > _NOTHING, _SOUND_BRIDGED, 1), length),
                speech_level=_level(energies[side][mask & spoken]),
                noise_level=None if not len(above[side][1]) else round(float(np.median(above[side][1])), 1),
                clipped_share=clipped[side] / length.samples,
            )
        )
    return Heard(length.seconds, tuple(lanes))


class _Length(NamedTuple):
    samples: int
    rate: int
    frame: int  # samples of one

    @property
    def seconds(self) -> float:
        return self.samples / self.rate


def _measured(file: BinaryIO) -> "tuple[list[Floats], list[int], _Length]":
    """Mean square of each frame of each lane, samples cut off in each, and how long all is."""
    import numpy as np
    import soundfile

    try:
        with soundfile.SoundFile(file) as sound:
            size = max(1, round(sound.samplerate * FRAME_SECONDS))
            lanes = min(sound.channels, 2)
            parts: list[list[Any]] = [[] for _ in range(lanes)]
            clipped = [0] * lanes
            samples = 0
            for block in sound.blocks(blocksize=size * _BLOCK_FRAMES, dtype="int16", always_2d=True):
                samples += len(block)
                for lane in range(lanes):
                    energy, cut = _frames(np.ascontiguousarray(block[:, lane]), size)
                    parts[lane].append(energy)
                    clipped[lane] += cut
            length = _Length(samples, sound.samplerate, size)
    except soundfile.SoundFileError as fault:
        raise NotWhole("It cannot be decoded.") from fault
    return [np.concatenate(lane) for lane in parts if lane], clipped, length


def _frames(block: "NDArray[np.int16]", size: int) -> "tuple[Floats, int]":
    """A last frame that is not full is measured as far as it goes."""
    import numpy as np

    full = len(block) // size * size
    frames = block[:full].reshape(-1, size).astype(np.float32)
    energy = np.einsum("ij,ij->i", frames, frames) / size
    middle = float(block.mean(dtype=np.float64)) if len(block) else 0.0
    energy = np.maximum(energy - middle * middle, 0.0)  # a constant offset of the line is no sound
    cut = 0
    if len(block) and max(int(block.max()), -int(block.min())) >= _FULL_SCALE:
        ends = (block[:full] >= _FULL_SCALE) | (block[:full] <= -_FULL_SCALE)
        in_frame = ends.reshape(-1, size).sum(axis=1)
        cut = int(in_frame[in_frame >= _HELD_FLAT].sum())
    if full < len(block):
        rest = block[full:].astype(np.float32)
        energy = np.append(energy, np.float32(max(float(np.mean(rest * rest)) - middle * middle, 0.0)))
    return energy.astype(np.float32), cut


def _decibels(energies: "Floats") -> "Floats":
    import numpy as np

    return (10.0 * np.log10(energies / _FULL_SCALE**2 + 1e-12)).astype(np.float32)


def _smoothed(level: "Floats") -> "Floats":
    """The middle of three frames: a click is one frame, a word is not."""
    import numpy as np

    if len(level) < _SMOOTHED:
        return level
    before, after = np.r_[level[:1], level[:-1]], np.r_[level[1:], level[-1:]]
    low, high = np.minimum(before, after), np.maximum(before, after)
    return np.maximum(low, np.minimum(high, level))


def _above_noise(level: "Floats") -> "tuple[Mask, Floats]":
    """Which frames stand above the noise around them, and that noise in dBFS."""
    import numpy as np

    at = np.arange(0, len(level), _HOP)
    floors = np.empty(len(at), np.float32)
    for number, start in enumerate(at):
        window = level[max(0, start - _WINDOW // 2) : start + _WINDOW // 2]
        quiet, loud = np.percentile(window, (_QUIETEST, _LOUDEST))
        floors[number] = quiet if loud - quiet >= _STEADY_DB else min(quiet, _LOUD_FLOOR)
    frames = np.arange(len(level))
    floor = np.interp(frames, at, floors)
    hum_at, hum = _steady(level)
    if len(hum):
        floor = np.maximum(floor, np.interp(frames, hum_at, hum))
    return level > np.maximum(floor + _MARGIN, _FAINT), floors


def _steady(level: "Floats") -> "tuple[Floats, Floats]":
    """Stretches in which nothing rises or falls and that are no loud tone: where they are, and how loud.

    A street or a fan behind somebody begins and ends at once; the quietest of two minutes would notice a minute late.
    """
    import numpy as np

    stretches = level[: len(level) // _STRETCH * _STRETCH].reshape(-1, _STRETCH)
    low, middle, high = np.percentile(stretches, (5.0, 50.0, 95.0), axis=1)
    steady = (high - low < _STEADY_DB) & (middle <= _LOUD_FLOOR)
    at = (np.flatnonzero(steady) + 0.5) * _STRETCH
    return at.astype(np.float32), middle[steady].astype(np.float32)


def _runs(mask: "Mask", bridged: int, shortest: int) -> "NDArray[np.int64]":
    """First and last-plus-one frame of each stretch that is true, with short gaps closed and short stretches left out."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.r_[False, mask, False].astype(np.int8)))
    runs = edges.reshape(-1, 2)
    if len(runs):
        apart = runs[1:, 0] - runs[:-1, 1] > bridged
        runs = np.column_stack([runs[np.r_[True, apart], 0], runs[np.r_[apart, True], 1]])
    return runs[runs[:, 1] - runs[:, 0] >= shortest]


def _within(runs: "NDArray[np.int64]", count: int) -> "Mask":
    import numpy as np

    steps = np.zeros(count + 1, np.int8)
    steps[runs[:, 0]] += 1
    steps[runs[:, 1]] -= 1
    return np.cumsum(steps[:count]).astype(np.bool_)


def _spans(runs: "NDArray[np.int64]", length: _Length) -> tuple[Span, ...]:
    frame = length.frame / length.rate
    return tuple(
        Span(round(began * frame, 3), min(round(ended * frame, 3), length.seconds))
        for began, ended in runs.tolist()
    )


def _level(energies: "Floats") -> float | None:
    import numpy as np

    if not len(energies):
        return None
    return round(float(10.0 * np.log10(float(energies.mean()) / _FULL_SCALE**2 + 1e-12)), 1)
