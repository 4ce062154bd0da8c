"""Where the time goes: looks at the main thread's stack every millisecond of processor time."""

import signal
from collections import Counter
from types import FrameType
from typing import Self

EVERY = 0.001

PLACES = (
    ("cti/adapters/ami/framing", "bytes to frames"),
    ("cti/adapters/ami/quarantine", "frames checked"),
    ("cti/adapters/ami/translation", "messages to signals"),
    ("cti/adapters/ami/", "frames told apart, numbered"),
    ("cti/adapters/mqtt", "MQTT"),
    ("aiomqtt/", "MQTT"),
    ("paho/", "MQTT"),
    ("cti/adapters/call_journal", "call rows"),
    ("routing/adapters/decision_store", "decision rows"),
    ("recordings/", "recordings"),
    ("customers/", "customer lookups"),
    ("qa/", "reviews"),
    ("cti/service/announcer", "announcements as JSON"),
    ("cti/service/screen_popper", "pops"),
    ("cti/service/screens", "browsers"),
    ("cti/service/floor_picture", "picture of the floor"),
    ("cti/service/wallboard", "tallies"),
    ("cti/service/", "events to reactions"),
    ("routing/", "routing"),
    ("cti/domain/", "signals to state and events"),
    ("sqlalchemy/", "SQL"),
    ("aiosqlite/", "SQL"),
    ("uvicorn/", "HTTP"),
    ("selectors.py", "database threads, waiting"),
    ("asyncio/", "event loop"),
)
"""Where a sample belongs: the innermost frame of the stack that one of these names, the first row that fits."""


class Samples:
    """`with Samples() as samples: …; samples.shares()`"""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self.lines: Counter[str] = Counter()
        self.own: Counter[str] = Counter()

    def __enter__(self) -> Self:
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        self.own[f"{frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_code.co_name}"] += 1
        seen, f = set(), frame
        while f is not None:
            seen.add(f"{f.f_code.co_filename.rpartition('/')[2]}:{f.f_code.co_name}")
            f = f.f_back
        self.lines.update(seen)
        while frame is not None:
            place = next((place for part, place in PLACES if part in frame.f_code.co_filename), None)
            if place is not None:
                self._seen[place] += 1
                return
            frame = frame.f_back
        self._seen["elsewhere"] += 1

    def shares(self) -> dict[str, float]:
        """Each place's share of the processor time, largest first."""
        total = sum(self._seen.values()) or 1
        return {place: count / total for place, count in self._seen.most_common()}
