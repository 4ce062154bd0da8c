"""Frames of the captures, spoilt at random, a million of them: no exception, no crash, no growth of memory.

They go the way every frame goes: AmiProtocol, translation, Calls. Every so often the connection is lost, and a snapshot says what
exists, as it does after anything doubtful; what was held on to then is measured.
"""

from __future__ import annotations

import gc
import random
import re
import resource
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from cti.adapters.ami.framing import Framer
from cti.adapters.ami.message import Message
from cti.adapters.ami.protocol import AmiProtocol
from cti.adapters.ami.translation import TRANSLATIONS, translate
from cti.domain.calls import Calls
from cti.domain.identifiers import PbxName
from cti.domain.signals import LinkLost, SnapshotTaken, SwitchBooted
from tests.cti.replaying import SCENARIOS, raw
from tests.faults.report import Row

FRAMES = 1_000_000
LINE = 20_000  # frames of one connection
READ = 65_536  # bytes at most that a read brings
UNGUARDED = 1 / 3  # of the connections: past the quarantine, straight into the translation
GROWTH = 1.10  # objects alive after the last connection, by those after the first tenth

_NUMBER = re.compile(rb"\r\nSequenceNumber: \d+")
_AT = re.compile(rb"\r\nTimestamp: [\d.]+")
_ID = re.compile(rb"\b[\w]+-\d{10}\.\d+\b")
_WORDS = (
    b"", b"\x00", b"-1", b"nan", b"inf", b"1e999", b"9" * 400, b"\xff\xfe", "王小明".encode(), b"<unknown>", b"a: b", b"\\n\\x", b"NONE",
    b"PJSIP/", b"PJSIP/101-", b"Local/101@x;2", b"tierline-1795318932.38", b"\r", b" ", b"yes", b"\xf0\x9f", b"${x}", b"0",
)  # fmt: skip


class Fuzzed(NamedTuple):
    frames: int
    failures: Counter[str]
    events: int
    early: int  # objects alive
    late: int
    most_memory: int  # bytes, of the process


class Frames:
    """An endless stream of them. Most stay as they were, or what follows would have nothing to go wrong with."""

    def __init__(self, luck: random.Random) -> None:
        self._luck = luck
        self._traces = [
            [frame for frame in raw(name).split(b"\r\n\r\n") if frame.startswith(b"Event: ")]
            for name in SCENARIOS
        ]
        self._kinds = sorted({frame.partition(b"\r\n")[0] for trace in self._traces for frame in trace})
        self._number = 0
        self._at = 1_795_000_000.0
        self._epoch = 0

    def __iter__(self) -> Iterator[bytes]:
        luck = self._luck
        while True:
            trace = luck.choice(self._traces)
            self._epoch += 1
            ids = b"-%010d." % (1_800_000_000 + self._epoch)
            rate = luck.choice((0.0, 0.02, 0.1, 0.5))
            place = 0
            while place < len(trace):
                frame = re.sub(rb"-\d{10}\.", ids, trace[place])
                place += 1
                lot = luck.random()
                if lot < rate:
                    frame = self._spoilt(frame, trace)
                elif lot < rate * 1.3:
                    place = luck.randrange(len(trace))  # some are missing, or come again
                yield self._stamped(frame)

    def _stamped(self, frame: bytes) -> bytes:
        self._at += self._luck.expovariate(50)
        self._number += 1
        if self._luck.random() < 0.001:
            self._number += self._luck.randrange(-3, 80)
        frame = _AT.sub(b"\r\nTimestamp: %.6f" % self._at, frame, count=1)
        return _NUMBER.sub(b"\r\nSequenceNumber: %d" % max(0, self._number), frame, count=1) + b"\r\n\r\n"

    def _spoilt(self, frame: bytes, trace: list[bytes]) -> bytes:
        luck = self._luck
        lines = frame.split(b"\r\n")
        place = luck.randrange(len(lines))
        key, _, value = lines[place].partition(b": ")
        match luck.randrange(11):
            case 0:
                lines[place] = key + b": " + luck.choice(_WORDS)
            case 1:
                del lines[place]
            case 2:
                lines.insert(place, lines[place])
            case 3:
                lines[place] = luck.choice(_WORDS)
            case 4:
                lines.insert(place, luck.choice(luck.choice(trace).split(b"\r\n")))
            case 5:
                lines[0] = luck.choice(self._kinds)
            case 6:
                luck.shuffle(lines)
            case 7:
                return frame[: luck.randrange(len(frame))]
            case 8:
                broken = bytearray(frame)
                for _ in range(luck.randrange(1, 6)):
                    broken[luck.randrange(len(broken))] = luck.randrange(256)
                return bytes(broken)
            case 9:
                others = _ID.findall(luck.choice(trace)) or [b"x-1.1"]
                return _ID.sub(luck.choice(others), frame, count=luck.randrange(1, 3))
            case _:
                lines[place] = key + b": " + value * luck.choice((2, 50, 3000))
        return b"\r\n".join(lines)


def fuzz(frames: int, seed: str) -> Fuzzed:
    luck = random.Random(seed)
    stream = iter(Frames(luck))
    calls = Calls(PbxName("pbx1"))
    failures: Counter[str] = Counter()
    told = early = late = 0
    now = 1_795_000_000.0

    def hear(message: Message) -> None:
        nonlocal told, now
        try:
            now = message.at or now
            for signal in translate(message, now):
                told += len(calls.hear(signal))
        except Exception as problem:  # what the product must never let out
            failures[f"{message.name}: {type(problem).__name__}: {problem}"[:200]] += 1

    done = 0
    while done < frames:
        number = min(LINE, frames - done)
        rest = b"".join(next(stream) for _ in range(number))
        if luck.random() < UNGUARDED:
            for frame in Framer().feed(rest):
                message = Message.of(frame)
                if message is not None and message.name:
                    hear(message)
        else:
            protocol = AmiProtocol(TRANSLATIONS, hear, lambda: now)
            protocol.data_received(b"Asterisk Call Manager/11.0.0\r\n")
            while rest:
                size = luck.randrange(1, READ)
                protocol.data_received(rest[:size])
                rest = rest[size:]
            if protocol.traffic.failures:
                failures["the protocol"] += protocol.traffic.failures
            del protocol
        for signal in (
            LinkLost(now, "fuzzed", now),
            SwitchBooted(now, now - 1_794_000_000.0),
            SnapshotTaken(now, (), (), ()),
        ):
            told += len(calls.hear(signal))
        told += len(calls.finish(now))
        if calls.live:
            failures["live after an empty snapshot"] += len(calls.live)
        done += number
        gc.collect()
        late = len(gc.get_objects())
        if not early and done >= frames / 10:
            early = late
    return Fuzzed(
        done, failures, told, early, late, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )


FUZZED = "malformed, forged, missing and repeated frames", "protocol, translation, calls"


def frames_row(frames: int, seed: str) -> Row:
    fuzzed = fuzz(frames, seed)
    ok = not fuzzed.failures and fuzzed.late <= fuzzed.early * GROWTH
    notes = f"{fuzzed.frames:,} frames, {fuzzed.events:,} events; objects alive {fuzzed.early:,} → {fuzzed.late:,}"
    if fuzzed.failures:
        notes += "; " + "; ".join(f"{what} × {count}" for what, count in fuzzed.failures.most_common(5))
    return Row(*FUZZED, 1, int(ok), notes, seed)
