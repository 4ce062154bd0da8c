"""A long conversation to be heard: made once a minute and repeated, so that making it takes no longer than hearing it."""

import io

import numpy as np
import soundfile

RATE = 8000
MINUTE = 60 * RATE


def conversation(seconds: float, form: str) -> bytes:
    """Both sides in turns of some seconds, swelling like syllables, 15 dB above the line's noise."""
    minutes = [_minute(seed) for seed in range(5)]
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", RATE, 2, "PCM_16", format=form) as sound:
        left = round(seconds * RATE)
        for number in range(-(-left // MINUTE)):
            sound.write(minutes[number % len(minutes)][: min(MINUTE, left)])
            left -= MINUTE
    return file.getvalue()


def _minute(seed: int) -> np.ndarray:
    luck = np.random.default_rng(seed)
    lanes = luck.normal(0, 0.014, (MINUTE, 2))
    at, side = 0, seed % 2
    while at < MINUTE:
        turn = int(luck.uniform(1.5, 6.0) * RATE)
        count = min(turn, MINUTE - at)
        swell = 0.2 + 0.8 * np.abs(np.sin(np.arange(count) * 2 * np.pi * 2.0 / RATE))
        lanes[at : at + count, side] += luck.normal(0, 0.12, count) * swell
        at += turn + int(luck.uniform(-0.3, 1.0) * RATE)
        at, side = max(at, 0), 1 - side
    return (lanes.clip(-1, 1) * 32767).astype(np.int16)
