"""Every browser that watches: pops to the agent they are for, the floor to those who may see it.

One frame is encoded once, however many screens it goes to. Every frame carries the sequence number of the newest change
it knows of, so a page that comes back can say what it has seen. Each screen has its own bounded queue, so a browser that
stopped reading costs nobody else anything: when its queue is full it is let go and comes back by itself.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from cti.domain.access import Permission, User
from cti.domain.changes import Published
from cti.domain.identifiers import AgentId, QueueName

PATIENCE = 256
"""Frames a screen may be behind."""


class Screen:
    """One open browser page of one user."""

    def __init__(self, user: User) -> None:
        self.user = user
        self._frames: deque[str] = deque()
        self._arrived, self._taken = asyncio.Event(), asyncio.Event()
        self.overrun = False
        self.follows = user.may(Permission.SEE_CALLS)  # is told changes as they come

    def put(self, frame: str) -> None:
        if len(self._frames) >= PATIENCE:
            self.overrun = True
            self._frames.clear()
        elif not self.overrun:
            self._frames.append(frame)
        self._arrived.set()

    async def next(self) -> str | None:
        """The next frame in order; None when the screen fell too far behind and must go."""
        while not self._frames and not self.overrun:
            self._arrived.clear()
            await self._arrived.wait()
        self._taken.set()
        return None if self.overrun else self._frames.popleft()

    async def room(self) -> None:
        """Return when so little waits that more may be put without harm."""
        while len(self._frames) > PATIENCE // 2 and not self.overrun:
            self._taken.clear()
            await self._taken.wait()


class Screens:
    """The open screens."""

    def __init__(self) -> None:
        self._screens: set[Screen] = set()
        self._of_agent: defaultdict[AgentId, set[Screen]] = defaultdict(set)
        self.seen = 0  # sequence number of the newest change that screens were told
        self._last_floor: bytes = b""
        self.overruns = 0

    def open(self, user: User) -> Screen:
        screen = Screen(user)
        self._screens.add(screen)
        if user.agent is not None:
            self._of_agent[user.agent].add(screen)
        screen.put(self._frame({"type": "hello"}))
        return screen

    def close(self, screen: Screen) -> None:
        self._screens.discard(screen)
        self.overruns += screen.overrun
        if screen.user.agent is not None:
            self._of_agent[screen.user.agent].discard(screen)

    @property
    def count(self) -> int:
        return len(self._screens)

    def watched(self) -> bool:
        """Somebody looks at the floor."""
        return any(screen.user.may(Permission.SEE_FLOOR) for screen in self._screens)

    def show(self, agent: AgentId, pop: Mapping[str, Any]) -> None:
        screens = self._of_agent.get(agent)
        if screens:
            self._send(screens, {"type": "pop", "pop": pop})

    def state(self, agent: AgentId, state: Mapping[str, Any]) -> None:
        screens = self._of_agent.get(agent)
        if screens:
            self._send(screens, {"type": "agent", "state": state})

    def queue_state(self, queue: QueueName, state: Mapping[str, Any]) -> None:
        """Part of the floor."""

    def floor(self, snapshot: Mapping[str, Any]) -> None:
        """To everybody who may see it, unless nothing but the clock changed."""
        content = orjson.dumps({key: value for key, value in snapshot.items() if key != "at"})
        if content == self._last_floor:
            return
        self._last_floor = content
        self._send(
            {screen for screen in self._screens if screen.user.may(Permission.SEE_FLOOR)},
            {"type": "floor", "floor": snapshot},
        )

    def changes(self, changes: Sequence[Published]) -> None:
        """To everybody who may see calls and is not about to be told older ones first."""
        following = [screen for screen in self._screens if screen.follows]
        for change in changes:
            self.seen = change.sequence
            if following:
                frame = change_frame(change)
                for screen in following:
                    screen.put(frame)

    def send_to(self, screen: Screen, frame: Mapping[str, Any]) -> None:
        screen.put(self._frame(frame))

    def _send(self, screens: set[Screen], frame: Mapping[str, Any]) -> None:
        text = self._frame(frame)
        for screen in screens:
            screen.put(text)

    def _frame(self, frame: Mapping[str, Any]) -> str:
        return orjson.dumps({**frame, "seq": self.seen}).decode()


def change_frame(change: Published) -> str:
    return f'{{"type":"change","seq":{change.sequence},"change":{change.text.decode()}}}'
