"""Sounds with known speech: tone bursts, and noise that swells like syllables, on a line with noise of its own."""

import io
from collections.abc import Sequence

import numpy as np
import soundfile

RATE = 8000
Times = Sequence[tuple[float, float]]


def tones(seconds: float, speech: Times, *, hertz: float = 440.0, level: float = -20.0, noise: float | None = -60.0,
          rate: int = RATE, seed: int = 1) -> np.ndarray:  # fmt: skip
    """A tone at each of these times; levels are RMS dBFS. `noise` None: digital silence between them."""
    at = np.arange(round(seconds * rate)) / rate
    wave = np.sqrt(2) * 10 ** (level / 20) * np.sin(2 * np.pi * hertz * at)
    return _spoken(wave, speech, noise, rate, seed)


def voice(seconds: float, speech: Times, *, level: float = -22.0, noise: float | None = -40.0, rate: int = RATE,
          seed: int = 1) -> np.ndarray:  # fmt: skip
    """Noise of a voice's colour that swells four times a second and never falls quite silent, at each of these times."""
    luck = np.random.default_rng(seed)
    count = round(seconds * rate)
    white = luck.normal(0, 1, count + 8)
    coloured = np.convolve(white, np.ones(6) / 6, "same")[:count]  # the low end, as voices have it
    at = np.arange(count) / rate
    swell = 0.25 + 0.75 * np.abs(np.sin(2 * np.pi * 2.0 * at + luck.uniform(0, 3)))
    wave = coloured * swell
    wave *= 10 ** (level / 20) / np.sqrt(np.mean(wave**2))
    return _spoken(wave, speech, noise, rate, seed + 1000)


def _spoken(wave: np.ndarray, speech: Times, noise: float | None, rate: int, seed: int) -> np.ndarray:
    samples = np.zeros(len(wave))
    for began, ended in speech:
        part = slice(round(began * rate), round(ended * rate))
        samples[part] = wave[part]
    if noise is not None:
        samples += np.random.default_rng(seed + 7).normal(0, 10 ** (noise / 20), len(samples))
    return samples


def file_of(*lanes: np.ndarray, rate: int = RATE, form: str = "WAV") -> io.BytesIO:
    file = io.BytesIO()
    whole = np.column_stack(lanes).clip(-1, 1)
    soundfile.write(file, (whole * 32767).astype(np.int16), rate, format=form, subtype="PCM_16")
    file.seek(0)
    return file
