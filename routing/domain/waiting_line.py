"""Who waits in a queue, in the order of service, and how fast it moves."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from cti.domain.identifiers import CallId, ChannelId, Tier


class Waiting(NamedTuple):
    """A caller in line. `credit_seconds` and `priority` are what the switch was told."""

    channel: ChannelId
    call: CallId
    tier: Tier
    joined_at: int
    credit_seconds: int
    strict: bool
    priority: int

    @property
    def virtual_arrival_at(self) -> int:
        return self.joined_at - self.credit_seconds


Key = tuple[int, int]


class WaitingLine:
    """Sorted as the switch sorts: larger priority first, among equals whoever came to this priority first."""

    def __init__(self) -> None:
        self._keys: list[Key] = []
        self._waiting: dict[ChannelId, tuple[Key, Waiting]] = {}
        self._at: dict[Key, ChannelId] = {}
        self._moves = 0

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Waiting]:
        """In the order of service."""
        for key in self._keys:
            yield self._waiting[self._at[key]][1]

    def put(self, waiting: Waiting) -> None:
        """Join, or move: a moved caller goes behind those who have his new priority already."""
        before = self._waiting.get(waiting.channel)
        if before is not None and before[1].priority == waiting.priority:
            self._waiting[waiting.channel] = (before[0], waiting)
            return
        self.remove(waiting.channel)
        self._moves += 1
        key = (-waiting.priority, self._moves)
        insort(self._keys, key)
        self._waiting[waiting.channel] = (key, waiting)
        self._at[key] = waiting.channel

    def remove(self, channel: ChannelId) -> bool:
        entry = self._waiting.pop(channel, None)
        if entry is None:
            return False
        del self._keys[bisect_left(self._keys, entry[0])]
        del self._at[entry[0]]
        return True

    def position(self, channel: ChannelId) -> int | None:
        """From 1."""
        entry = self._waiting.get(channel)
        return None if entry is None else bisect_left(self._keys, entry[0]) + 1

    def place_of(self, priority: int) -> int:
        """From 1, of somebody who would join with it now."""
        return bisect_left(self._keys, (-priority, self._moves + 1)) + 1

    def ahead(self, channel: ChannelId, limit: int) -> list[Waiting]:
        """Those who stand before, first in line first."""
        before = (self.position(channel) or 1) - 1
        return list(islice(self, min(before, limit)))

    def passed(self, channel: ChannelId) -> int:
        """How many who came earlier stand behind."""
        entry = self._waiting.get(channel)
        if entry is None:
            return 0
        behind = islice(self._keys, bisect_left(self._keys, entry[0]) + 1, None)
        return sum(self._joined_at(key) < entry[1].joined_at for key in behind)

    def passed_by_first(self, limit: int) -> list[int]:
        """`passed` of each of the first `limit`: in one walk from the end, for a line may be thousands long."""
        behind = sorted(self._joined_at(key) for key in islice(self._keys, limit, None))
        passed = []
        for key in reversed(self._keys[:limit]):
            joined_at = self._joined_at(key)
            passed.append(bisect_left(behind, joined_at))
            insort(behind, joined_at)
        return passed[::-1]

    def _joined_at(self, key: Key) -> int:
        return self._waiting[self._at[key]][1].joined_at


LEAST_INTERVALS: Final = 3
MOST_INTERVALS: Final = 20
PACE_MAX_AGE: Final = 1800.0


class AnswerPace:
    """The promised answer time: how long until the caller at a place is answered, if it goes on as it went.

    Pace = mean time between two answers, over the last 20 where the second caller waited already when the first was
    answered (otherwise the time measures how few called, not how fast the agents are).
    Promise = max(now, last answer + pace) + pace x (place - 1). Unknown with fewer than three such intervals, or
    when the last answer is more than half an hour old.
    """

    def __init__(self) -> None:
        self._intervals: deque[float] = deque(maxlen=MOST_INTERVALS)
        self._last: float | None = None

    def answered(self, at: float, joined_at: float) -> None:
        if self._last is not None and joined_at <= self._last <= at:
            self._intervals.append(at - self._last)
        self._last = at if self._last is None else max(at, self._last)

    def seconds(self, now: float) -> float | None:
        if self._last is None or len(self._intervals) < LEAST_INTERVALS or now - self._last > PACE_MAX_AGE:
            return None
        return sum(self._intervals) / len(self._intervals)

    def promised_at(self, position: int, now: float) -> float | None:
        pace = self.seconds(now)
        if pace is None or self._last is None:
            return None
        return max(now, self._last + pace) + pace * (position - 1)
