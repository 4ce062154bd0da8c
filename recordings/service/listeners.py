"""Who hears what: written down before the first byte, and a few at a time, so that a player never starves the others."""

import asyncio
from collections import OrderedDict
from typing import NamedTuple
from weakref import WeakValueDictionary

from cti.domain.access import Audit, User
from recordings.domain.naming import RecordingId
from recordings.ports import Clock

ONE_LISTENING_SECONDS = 600.0
"""A player asks for dozens of parts of one sound: within this time they are one listening, and one line."""

AT_ONCE = 4
"""Deliveries that ask the database at the same time; it has fifteen connections for everybody."""

_REMEMBERED = 10_000


class _Listening(NamedTuple):
    user: str
    recording: RecordingId
    entrance: str


class Listeners:
    """`turn` is held while a sound is looked up, opened and written down, not while it is sent."""

    def __init__(self, audit: Audit, clock: Clock) -> None:
        self._audit, self._clock = audit, clock
        self._written: OrderedDict[_Listening, float] = OrderedDict()  # oldest first
        self._writing: WeakValueDictionary[_Listening, asyncio.Lock] = WeakValueDictionary()
        self.turn = asyncio.Semaphore(AT_ONCE)

    async def write_down(self, user: User, recording: RecordingId, entrance: str) -> None:
        """Returns when a line of this listening stands; raises when it cannot be written.

        `entrance`: the key of the session or token, for somebody else may sit at another one.
        """
        listening = _Listening(user.id, recording, entrance)
        lock = self._writing.setdefault(listening, asyncio.Lock())
        async with lock:  # parts asked for at the same time wait for the one line
            if self._is_written(listening):
                return
            began = self._clock.now()
            await self._audit(user, "recording.listened", recording)
            self._written.pop(listening, None)
            self._written[listening] = began
            while len(self._written) > _REMEMBERED:
                self._written.popitem(last=False)

    def _is_written(self, listening: _Listening) -> bool:
        began = self._written.get(listening)
        return began is not None and 0 <= self._clock.now() - began < ONE_LISTENING_SECONDS
