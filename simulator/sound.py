"""Something to listen to: two made-up voices taking turns, a file each, 8 kHz, 16 bit, mono."""

import wave
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 8000
_LOOP: Final = 20  # seconds made once for each pair of voices, then repeated
_VOWELS: Final = ((730.0, 1090.0), (530.0, 1840.0), (270.0, 2290.0), (570.0, 840.0), (300.0, 870.0))


def write(
    customer: Path, agent: Path, seconds: float, *, seed: int, quiet: Iterable[tuple[float, float]] = ()
) -> None:
    """A whole WAV file of each, both of that length; `quiet` spans (from, to) are silent: on hold, or muted."""
    quiet = list(quiet)
    for path, loop in zip((customer, agent), _conversation(seed % 4), strict=True):
        samples = np.resize(np.roll(loop, -(seed * 4001 % len(loop))), round(seconds * RATE))
        for begin, end in quiet:
            samples[round(begin * RATE) : round(end * RATE)] = 0
        _put(path, samples)


def _put(path: Path, samples: NDArray[np.int16]) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())


@cache
def _conversation(kind: int) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """One speaks, the other listens, in turns of two to five seconds with a breath between them."""
    luck = np.random.default_rng(kind)
    lanes = np.zeros((2, _LOOP * RATE))
    pitches = (105.0 + 12 * kind, 190.0 + 9 * kind)
    at, speaker = 0, 0
    while at < lanes.shape[1]:
        turn = int(luck.uniform(2.0, 5.0) * RATE)
        spoken = _voice(luck, turn, pitches[speaker])[: lanes.shape[1] - at]
        lanes[speaker, at : at + len(spoken)] = spoken
        at += turn + int(luck.uniform(0.2, 0.7) * RATE)
        speaker = 1 - speaker
    lanes += luck.normal(0, 25, lanes.shape)  # the line is never quite silent
    customer, agent = lanes.clip(-32768, 32767).astype(np.int16)
    return customer, agent


def _voice(luck: np.random.Generator, count: int, pitch: float) -> NDArray[np.float64]:
    """Syllables: a pitched buzz through two formants, about four a second."""
    syllables = []
    made = 0
    while made < count:
        length = int(luck.uniform(0.13, 0.32) * RATE)
        first, second = _VOWELS[luck.integers(len(_VOWELS))]
        time = np.arange(length) / RATE
        tone = pitch * luck.uniform(0.88, 1.15) * (1 - 0.1 * time / time[-1])
        phase = 2 * np.pi * np.cumsum(tone) / RATE
        harmonics = np.arange(1, 18)[:, None]
        hertz = harmonics * pitch
        weight = (
            np.exp(-(((hertz - first) / 130) ** 2)) + 0.6 * np.exp(-(((hertz - second) / 180) ** 2)) + 0.04
        )
        buzz = (weight / np.sqrt(harmonics) * np.sin(harmonics * phase)).sum(axis=0)
        syllables.append(buzz * np.sin(np.pi * np.arange(length) / length) ** 0.6)
        syllables.append(np.zeros(int(luck.uniform(0.0, 0.09) * RATE)))
        made += length + len(syllables[-1])
    voice = np.concatenate(syllables)[:count]
    return np.asarray(voice / max(np.abs(voice).max(), 1e-9) * 9000)
