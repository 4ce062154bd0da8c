"""The calls of a day that dies again and again, the files the switch left of them, and what must become of each."""

import os
import random
import time
import wave
from hashlib import sha256
from pathlib import Path

import numpy as np

from tests.recordings.conftest import PBX, visit

KINDS = ("stored", "pair", "too_short", "pair", "never_appeared", "shared", "damaged", "stored")
"""A pair is a file of each voice, the agent's a second shorter."""
TALK = 4.0


def number_of_calls(folder: Path) -> int:
    return int((folder / "calls").read_text())


def began(folder: Path) -> float:
    return float((folder / "began").read_text())


def visits(folder: Path):
    """What the journal knows; a shared one is two visits in one file."""
    told = []
    for number in range(number_of_calls(folder)):
        uniqueid, joined = f"tierline-1800000000.{number}", began(folder) + number
        first = visit(uniqueid, joined, wait=1.0, talk=TALK)
        told.append(first)
        if KINDS[number % len(KINDS)] == "shared":
            told.append(visit(uniqueid, first.ended_at + 1, wait=1.0, talk=TALK, number=2))
    return told


def file_of(folder: Path, number: int) -> str:
    return f"tierline-1800000000.{number}-{int(began(folder) + number)}.wav"


def prepare(folder: Path, calls: int) -> dict[str, str]:
    """Lay out the switch's folder; the digest of the WAV file that must come of each, by name."""
    (folder / "monitor").mkdir(parents=True)
    (folder / "calls").write_text(str(calls))
    (folder / "began").write_text(str(float(int(time.time()) - 1000)))
    kept = {}
    for number in range(calls):
        kind, name = KINDS[number % len(KINDS)], file_of(folder, number)
        if kind == "never_appeared":
            continue
        file = folder / "monitor" / name
        seconds = 1.0 if kind == "too_short" else 3 * TALK if kind == "shared" else TALK
        voice = random.Random(number).randbytes(int(seconds * 16000))
        if kind == "pair":
            write(file.with_name(name.replace(".wav", ".customer.wav")), voice)
            write(file.with_name(name.replace(".wav", ".agent.wav")), voice[:-16000][::-1])
            left, right = (np.frombuffer(one, "<i2") for one in (voice, voice[:-16000][::-1] + bytes(16000)))
            whole = write(folder / "whole", np.column_stack([left, right]).tobytes(), channels=2)
        else:
            whole = write(file, voice)
        if kind == "damaged":
            file.write_bytes(whole[:-1000])
        elif kind != "too_short":
            kept[name] = sha256(whole).hexdigest()
        (folder / "monitor" / f"{name}.done").touch()
        later = began(folder) + number + 20
        for one in (folder / "monitor").glob(name.replace(".wav", "*.wav")):
            os.utime(one, (later, later))
        os.utime(folder / "monitor" / f"{name}.done", (later, later))
    return kept


def write(file: Path, sound: bytes, channels: int = 1) -> bytes:
    """A WAV file of this, and its bytes."""
    with wave.open(str(file), "wb") as out:
        out.setparams((channels, 2, 8000, 0, "NONE", ""))
        out.writeframes(sound)
    return file.read_bytes()


def truth(folder: Path) -> dict[str, str]:
    """Each recording's end, and its reason unless it is stored."""
    ends = {}
    for one in visits(folder):
        kind = KINDS[int(one.uniqueid.rpartition(".")[2]) % len(KINDS)]
        end = {"too_short": "excluded", "never_appeared": "missing", "damaged": "missing"}.get(kind, "stored")
        ends[f"{PBX}:{one.uniqueid}-{int(one.joined_at)}"] = end if end == "stored" else f"{end} {kind}"
    return ends
