"""Where the time goes: looks at the main thread's stack every millisecond of processor time."""

import signal
from collections import Counter
from types import FrameType

EVERY = 0.001

PLACES = (
    ("cti/adapters/ami/framing", "bytes to frames"),
    ("cti/adapters/ami/quarantine", "frames checked"),
    ("cti/adapters/ami/translation", "messages to signals"),
    ("cti/adapters/ami/", "frames told apart, numbered"),
    ("cti/adapters/mqtt", "MQTT"),
    ("aiomqtt/", "MQTT"),
    ("paho/", "MQTT"),
    ("cti/adapters/call_store", "call rows"),
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
    """Between `start` and `stop`."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self.functions: Counter[str] = Counter()  # with all they call

    def start(self) -> None:
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def stop(self) -> dict[str, float]:
        """Each place's share of the processor time, largest first."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)
        total = sum(self._seen.values()) or 1
        return {place: count / total for place, count in self._seen.most_common()}

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        place, functions = None, set()
        while frame is not None:
            name = frame.f_code.co_filename
            functions.add(f"{name.rpartition('/')[2]}:{frame.f_code.co_name}")
            place = place or next((place for part, place in PLACES if part in name), None)
            frame = frame.f_back
        self.functions.update(functions)
        self._seen[place or "elsewhere"] += 1
