"""Every browser that watches: pops to the agent they are for, the floor to those who may see it.

One frame is encoded once, however many screens it goes to. Every frame carries the sequence number of the newest change
it knows of, so a page that comes back can say what it has seen. Each screen has its own bounded queue, so a browser that
stopped reading costs nobody else anything: when its queue is full it is let go and comes back by itself. Long before that
it is told no more changes of the floor, which grow old while they wait: when it has caught up it gets the whole.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any

import orjson

from cti.domain.access import Permission, User
from cti.domain.changes import Published
from cti.domain.events import CallbackChanged
from cti.domain.export import own_call_json
from cti.domain.floor_changes import Found
from cti.domain.identifiers import AgentId, QueueName
from cti.domain.own_calls import OwnCall
from cti.service.floor_feed import FloorFeed

PATIENCE = 256
"""Frames a screen may be behind."""

FLOOR_PATIENCE = 16
"""Frames a screen may be behind and still be told each change of the floor."""

AT_ONCE = 8
"""Screens that are told of the floor in one go: a pop waits for so many at most, however many there are."""


Audience = tuple[AgentId | None, frozenset[str]]
"""Users who are bound by teams see the same of the floor when these are the same; None: all of it."""


def each_for_himself(user: User) -> Audience | None:
    return (user.agent, user.teams) if user.is_bound else None


class Screen:
    """One open browser page of one user."""

    def __init__(self, user: User, key: str = "", changes: bool = True) -> None:
        """`key`: what its user came in by; the screen ends with it. `changes`: it wants each change of a call."""
        self.user, self.key = user, key
        self.agent = user.agent if user.may(Permission.USE_DESK) else None  # at whose desk it is
        self.ended = ""  # why it must go
        self.may_ask_at = 0.0  # again for the whole floor, by the event loop's clock
        self._frames: deque[str] = deque()
        self._arrived, self._taken = asyncio.Event(), asyncio.Event()
        self.overrun = False
        self.wants_changes = changes and user.may(Permission.SEE_CALLS)
        self.follows = self.wants_changes  # is told changes as they come
        self.sees_floor = user.may(Permission.SEE_FLOOR)
        self.has_floor = False  # was told the whole, and every change since
        self.audience: Audience | None = None  # with whom it was told so

    @property
    def behind(self) -> int:
        """Frames that wait to be taken."""
        return len(self._frames)

    def put(self, frame: str) -> None:
        if len(self._frames) >= PATIENCE:
            self.overrun = True
            self._frames.clear()
        elif not self.overrun:
            self._frames.append(frame)
        self._arrived.set()

    async def next(self) -> str | None:
        """The next frame in order; None when the screen ended, or fell too far behind, and must go."""
        while not self._frames and not self.overrun and not self.ended:
            self._arrived.clear()
            await self._arrived.wait()
        self._taken.set()
        return None if self.overrun or self.ended else self._frames.popleft()

    def end(self, why: str) -> None:
        self.ended = why
        self._frames.clear()
        self._arrived.set()

    async def room(self) -> None:
        """Return when so little waits that more may be put without harm."""
        while len(self._frames) > PATIENCE // 2 and not self.overrun:
            self._taken.clear()
            await self._taken.wait()


class Screens:
    """The open screens."""

    def __init__(
        self,
        floor_for: Callable[[User, Mapping[str, Any]], Mapping[str, Any]] = lambda _, floor: floor,
        reaches: Callable[[User, AgentId], bool] = lambda _user, _agent: True,
        audience: Callable[[User], Audience | None] = each_for_himself,
    ) -> None:
        """`floor_for`: what of the floor a user may see; `reaches`: whether an agent is one of a user's; `audience`: who sees the same."""
        self._floor_for, self._reaches, self._audience = floor_for, reaches, audience
        self._screens: set[Screen] = set()
        self._of_agent: defaultdict[AgentId, set[Screen]] = defaultdict(set)
        self._calls: dict[AgentId, Sequence[OwnCall]] = {}  # as they were told last
        self.seen = 0  # sequence number of the newest change that screens were told
        self._feeds: dict[Audience | None, FloorFeed] = {}
        self.overruns = 0

    def open(self, user: User, key: str = "", changes: bool = True) -> Screen:
        screen = Screen(user, key, changes)
        self._screens.add(screen)
        if screen.agent is not None:
            self._of_agent[screen.agent].add(screen)
        screen.put(self._frame({"type": "hello"}))
        return screen

    def close(self, screen: Screen) -> None:
        self._screens.discard(screen)
        self.overruns += screen.overrun
        if screen.agent is not None:
            self._of_agent[screen.agent].discard(screen)
        if not self.watched():
            self._feeds = {}  # what was told last grows old unseen

    @property
    def keys(self) -> frozenset[str]:
        """What the users of all open screens came in by."""
        return frozenset(screen.key for screen in self._screens if screen.key)

    def keep(self, asked: frozenset[str], still: Mapping[str, User]) -> None:
        """Of the screens by these keys end those whose key opens nothing any more, or opens something else now."""
        for screen in self._screens:
            if screen.key in asked and not screen.ended and still.get(screen.key) != screen.user:
                screen.end("signed out" if screen.key not in still else "your rights have changed: reconnect")

    @property
    def count(self) -> int:
        return len(self._screens)

    def watched(self) -> bool:
        """Somebody looks at the floor."""
        return any(screen.sees_floor for screen in self._screens)

    def show(self, agent: AgentId, pop: Mapping[str, Any]) -> None:
        screens = self._of_agent.get(agent)
        if screens:
            self._send(screens, {"type": "pop", "pop": pop})

    def state(self, agent: AgentId, state: Mapping[str, Any]) -> None:
        screens = self._of_agent.get(agent)
        if screens:
            self._send(screens, {"type": "agent", "state": state})

    def tell(self, agent: AgentId, frame: Mapping[str, Any]) -> None:
        """Something for this agent alone."""
        screens = self._of_agent.get(agent)
        if screens:
            self._send(screens, frame)

    def work_changed(self, agent: AgentId) -> None:
        """To the agent's pages and those of who may act for him: his work is worth another look."""
        screens = {
            screen
            for screen in self._screens
            if screen.user.may(Permission.CONTROL_AGENTS) and self._reaches(screen.user, agent)
        }
        self._send(screens | self._of_agent.get(agent, set()), {"type": "work", "agent": agent})

    def alert(self, agent: AgentId | None, frame: Mapping[str, Any]) -> None:
        """To the agent's pages, and to those of supervisors who reach him; of nobody's agent: to all of them."""
        screens = {
            screen
            for screen in self._screens
            if screen.user.may(Permission.SUPERVISE) and (agent is None or self._reaches(screen.user, agent))
        }
        own = set() if agent is None else self._of_agent.get(agent, set())
        self._send(screens | own, frame)

    def callback_changed(self, event: CallbackChanged) -> None:
        """Reaction: the agent whose telephone it is at looks again."""
        if event.agent is not None:
            self.tell(event.agent, {"type": "callback"})

    def calls(self, calls_of: Callable[[Collection[AgentId]], Mapping[AgentId, Sequence[OwnCall]]]) -> None:
        """The calls at the telephone of everybody whose desk is open, where they have changed."""
        agents = [agent for agent, screens in self._of_agent.items() if screens]
        for agent, own in calls_of(agents).items() if agents else ():
            if self._calls.get(agent, []) != own:
                self._calls[agent] = own
                self.tell(agent, {"type": "calls", "items": [own_call_json(one) for one in own]})

    def queue_state(self, queue: QueueName, state: Mapping[str, Any]) -> None:
        """Part of the floor."""

    async def floor(self, picture: Mapping[str, Any]) -> None:
        """What changed, to everybody who may see it and keeps up; the whole to those who have caught up again."""
        await asyncio.sleep(0)  # the picture has been drawn, which took a while
        audiences: defaultdict[Audience | None, list[Screen]] = defaultdict(list)
        for screen in self._screens:
            if screen.sees_floor:
                audience = self._audience(screen.user)
                if audience != screen.audience:  # the numbers of its changes are others'
                    screen.audience, screen.has_floor = audience, False
                audiences[audience].append(screen)
        feeds = {audience: self._feeds.get(audience) or FloorFeed() for audience in audiences}
        self._feeds = feeds
        found: Found = {}
        for audience, screens in audiences.items():
            change = feeds[audience].next(self._floor_for(screens[0].user, picture), found)
            await self._tell_floor(feeds[audience], change, screens)

    async def _tell_floor(
        self, feed: FloorFeed, change: Mapping[str, Any] | None, screens: list[Screen]
    ) -> None:
        """To screens that all see the same of it."""
        frame = None if change is None else self._frame(change)
        whole: str | None = None
        async for screen in _by_and_by(screens):
            if screen.behind >= FLOOR_PATIENCE:
                screen.has_floor = screen.has_floor and frame is None
            elif screen.has_floor:
                if frame is not None:
                    screen.put(frame)
            else:
                whole = whole or self._frame(feed.whole())
                screen.put(whole)
                screen.has_floor = True

    def whole_floor(self, screen: Screen, draw: Callable[[], Mapping[str, Any]]) -> None:
        """To a screen that opened: as those who see the same were told it last, so a thousand that come back draw it once."""
        audience = screen.audience = self._audience(screen.user)
        if audience not in self._feeds:
            self._feeds[audience] = FloorFeed()
            self._feeds[audience].next(self._floor_for(screen.user, draw()))
        self.send_to(screen, self._feeds[audience].whole())
        screen.has_floor = True

    def changes(self, changes: Sequence[Published]) -> None:
        """To everybody who may see calls and is not about to be told older ones first."""
        audiences: defaultdict[Audience | None, list[Screen]] = defaultdict(list)
        for screen in self._screens:
            if screen.follows:
                audiences[self._audience(screen.user)].append(screen)
        bound = any(audience is not None for audience in audiences)
        for change in changes:
            self.seen = change.sequence
            agents = agents_told(change) if bound else frozenset()
            frame = change_frame(change) if audiences else ""
            for screens in audiences.values():
                if self._is_for(screens[0].user, agents):
                    for screen in screens:
                        screen.put(frame)

    def tells(self, screen: Screen, change: Published) -> bool:
        """Whether it is of somebody whom the screen's user reaches, or of nobody."""
        return not screen.user.is_bound or self._is_for(screen.user, agents_told(change))

    def _is_for(self, user: User, agents: frozenset[AgentId]) -> bool:
        return not user.is_bound or not agents or any(self._reaches(user, agent) for agent in agents)

    def send_to(self, screen: Screen, frame: Mapping[str, Any]) -> None:
        screen.put(self._frame(frame))

    def _send(self, screens: set[Screen], frame: Mapping[str, Any]) -> None:
        text = self._frame(frame)
        for screen in screens:
            screen.put(text)

    def _frame(self, frame: Mapping[str, Any]) -> str:
        return orjson.dumps({**frame, "seq": self.seen}).decode()


async def _by_and_by(screens: Sequence[Screen]) -> AsyncIterator[Screen]:
    """One after the other, and a turn for everything else after every few of them."""
    for place, screen in enumerate(screens):
        if place % AT_ONCE == 0:
            await asyncio.sleep(0)
        yield screen


def agents_told(change: Published) -> frozenset[AgentId]:
    """Whom a change is about."""
    if change.agent is not None:
        return frozenset({AgentId(change.agent)})
    told = orjson.loads(change.text)
    parts = [told.get("visit"), told.get("segment"), *(told.get("record") or {}).get("segments", ())]
    return frozenset(AgentId(part["agent"]) for part in parts if part and part.get("agent"))


def change_frame(change: Published) -> str:
    return f'{{"type":"change","seq":{change.sequence},"change":{change.text.decode()}}}'
