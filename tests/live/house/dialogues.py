"""Conversations with a plan: who speaks when, in a sound of his own; and what a plain look at samples finds of it.

The look shares nothing with the product's ear: the sounds are known, so a fixed threshold will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from tests.recordings.speaking import RATE, tones, voice

Times = Sequence[tuple[float, float]]  # seconds, from and to

LENGTH = 100.0
"""Seconds of each file: longer than any conversation, for telephones play it again and again."""
LOUD = 0.015  # RMS of full scale; what is planted is ten times as loud when it is loudest, the line far below
BREATH = 0.25  # seconds within speech that are no pause of it
WORD = 0.08  # seconds; what is shorter is a click
DEAD_AIR, TALK_OVER = 10.0, 0.5  # seconds, as shipped in signals.yaml


class Dialogue(NamedTuple):
    """When each side speaks, in seconds from the moment both are told to begin. `noisy`: like voices, not tones."""

    customer: Times
    agent: Times
    noisy: bool = False

    @property
    def seconds(self) -> float:
        return max(end for _, end in (*self.customer, *self.agent))


DIALOGUES = {
    # what DOMAIN.md asks for in one: 12 s of dead air, 2 s of talk-over, 35 to 65
    "golden": Dialogue(((0.4, 1.9), (3.8, 5.8)), ((2.3, 5.8), (17.8, 20.8))),
    "waiting": Dialogue(((0.4, 2.4), (14.0, 16.0)), ((2.9, 3.4), (16.5, 19.0)), noisy=True),
    "quarrel": Dialogue(((0.4, 3.4), (6.0, 8.0)), ((2.4, 5.0), (7.2, 9.8)), noisy=True),
    "chat": Dialogue(((0.4, 2.4), (6.0, 7.5)), ((2.8, 5.4), (8.0, 9.6))),
    "pair": Dialogue(((0.3, 1.8),), ((2.1, 4.1),)),
    # nobody stops: what is silent was paused
    "card": Dialogue(((0.0, LENGTH),), ((0.0, LENGTH),)),
}


def spoken(folder: Path, side: str, dialogue: str, hertz: int) -> Path:
    """The file a telephone plays: headerless A-law at 8 kHz, with a tone by which its speaker is known."""
    path = folder / f"{dialogue}-{side}-{hertz}.al"
    if not path.exists():
        plan = DIALOGUES[dialogue]
        speech = plan.customer if side == "customer" else plan.agent
        sound = tones(LENGTH, speech, hertz=hertz, level=-20.0, noise=-65.0)
        if plan.noisy:
            sound = 0.5 * sound + voice(LENGTH, speech, level=-20.0, noise=-65.0, seed=hertz)
        soundfile.write(path, sound.clip(-1, 1), RATE, format="RAW", subtype="ALAW")
    return path


def silence(folder: Path) -> Path:
    path = folder / "silence.al"
    if not path.exists():
        soundfile.write(path, np.zeros(RATE), RATE, format="RAW", subtype="ALAW")
    return path


def speech_in(samples: np.ndarray) -> list[tuple[float, float]]:
    """When somebody speaks in one lane, seconds; samples of full scale 1."""
    frame = RATE // 100
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    loud = np.sqrt((frames**2).mean(axis=1)) > LOUD
    edges = np.flatnonzero(np.diff(np.r_[0, loud.astype(int), 0])).reshape(-1, 2) / 100
    found: list[tuple[float, float]] = []
    for began, ended in edges.tolist():
        if found and began - found[-1][1] <= BREATH:
            found[-1] = (found[-1][0], ended)
        else:
            found.append((began, ended))
    return [(began, ended) for began, ended in found if ended - began >= WORD]


def pitch(samples: np.ndarray) -> float:
    """The tone (hertz) that is loudest in a lane."""
    return float(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))).argmax() * RATE / len(samples))


def seconds(spans: Iterable[tuple[float, float]]) -> float:
    return sum(ended - began for began, ended in spans)


class Expected(NamedTuple):
    """The signals of speech at known times, in seconds; the share is the agent's."""

    dead_air: float  # the longest, 0 when there is none
    talk_over: float  # all of it
    share: float
    share_leeway: float  # what a tenth of a second of either's speech makes


def expected(customer: Times, agent: Times, whole: float) -> Expected:
    """What is to be found in a recording of `whole` seconds in which they speak at these times."""
    quiet, since = [0.0], 0.0
    for began, ended in sorted((*customer, *agent)):
        quiet.append(began - since)
        since = max(since, ended)
    quiet.append(whole - since)
    both = [min(a[1], b[1]) - max(a[0], b[0]) for a in customer for b in agent]
    theirs, ours = seconds(customer), seconds(agent)
    share = ours / (ours + theirs)
    leeway = 0.1 / (ours + theirs)
    return Expected(
        max((gap for gap in quiet if gap >= DEAD_AIR), default=0.0),
        sum(length for length in both if length >= TALK_OVER),
        share,
        leeway,
    )
