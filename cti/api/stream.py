"""The live stream: a WebSocket that tells a page what it may know, as it happens."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from cti.domain.errors import NotSignedIn, TooMany
from cti.domain.identifiers import AgentId
from cti.domain.signing_in import TOKEN_PREFIX, Entrance
from cti.ports import Changes
from cti.service.front_door import FrontDoor
from cti.service.screen_popper import ScreenPopper
from cti.service.screens import Screen, Screens, change_frame
from cti.service.supervision import SupervisionDesk

LARGEST_MESSAGE = 4096
"""Bytes; what a page has to say is short."""

PAUSE_SECONDS = 1.0
"""Between two wishes of one page for the whole floor, or to catch up: each draws the floor where calls are routed."""

MOST_MISSED = 5_000
"""Changes that are told again to a page that comes back; one that missed more reads the lists anew."""


class LiveStream:
    """What a page and the server say to each other."""

    def __init__(
        self,
        screens: Screens,
        popper: ScreenPopper,
        floor: Callable[[], Mapping[str, Any]],
        agent_state: Callable[[AgentId], Mapping[str, Any] | None],
        changes: Changes,
        supervision: SupervisionDesk,
        present: Callable[[AgentId, bool, bool], None] = lambda _agent, _phone, _hidden: None,
    ) -> None:
        """`present` hears that an agent's page lives, whether his telephone is in it, and whether nobody can see it."""
        self._present = present
        self._screens, self._popper, self._floor, self._agent_state = screens, popper, floor, agent_state
        self._changes, self._supervision = changes, supervision

    async def serve(self, socket: WebSocket, entrance: Entrance, changes: bool) -> None:
        """Talk until the page is gone, too far behind, or what its user came in by has ended."""
        screen = self._screens.open(entrance.user, entrance.key, changes)
        if screen.sees_floor:
            self._screens.whole_floor(screen, self._floor)
        self._catch_up(screen)
        sending = asyncio.ensure_future(_send(socket, screen))  # noqa: TID251  kept here, ends with the socket
        try:
            while not sending.done():
                await self._hear(screen, await socket.receive_text())
        except (WebSocketDisconnect, KeyError, RuntimeError):
            pass  # the page is gone, or sent bytes where text belongs
        finally:
            self._screens.close(screen)
            sending.cancel()

    def _catch_up(self, screen: Screen) -> None:
        """All that an agent's page should show now, before the stream goes on."""
        agent = screen.agent
        if agent is None:
            return
        state = self._agent_state(agent)
        if state is not None:
            self._screens.send_to(screen, {"type": "agent", "state": state})
        if self._supervision.marked(agent):
            self._screens.send_to(screen, self._supervision.mark(agent))
        for pop in self._popper.cards(agent):
            self._screens.send_to(screen, {"type": "pop", "pop": pop})

    async def _hear(self, screen: Screen, text: str) -> None:
        """An acknowledgement, a wish to catch up or for the whole floor, a sign of life; anything else is let go."""
        try:
            said = orjson.loads(text) if len(text) <= LARGEST_MESSAGE else None
        except orjson.JSONDecodeError:
            return
        if not isinstance(said, dict):
            return
        if said.get("type") == "ack" and screen.agent is not None and isinstance(said.get("pop"), str):
            self._popper.acknowledge(screen.agent, said["pop"])
        elif said.get("type") == "presence" and screen.agent is not None:
            self._present(screen.agent, said.get("phone") is True, said.get("hidden") is True)
        elif said.get("type") == "resume":
            await _turn(screen)
            screen.has_floor = False
            self._catch_up(screen)
            if isinstance(last_seen := said.get("last_seen"), int) and screen.wants_changes:
                await self._tell_missed(screen, last_seen)
        elif said.get("type") == "floor":
            screen.has_floor = (
                False  # told with the next picture: however often a page asks, none is drawn for it
            )
        elif said.get("type") == "ping":
            self._screens.send_to(screen, {"type": "pong"})

    async def _tell_missed(self, screen: Screen, seen: int) -> None:
        """The changes since the one a page saw last, in order, before new ones; or that there are too many."""
        seen = max(seen, 0)
        if not seen <= self._changes.last <= seen + MOST_MISSED:
            missed = {"type": "missed", "after": seen, "until": self._screens.seen}
            self._screens.send_to(screen, missed)
            return
        screen.follows = False
        try:
            while seen < self._screens.seen and not screen.overrun and not screen.ended:
                some = await self._changes.after(seen)
                for change in some:
                    await screen.room()
                    if self._screens.tells(screen, change):
                        screen.put(change_frame(change))
                seen = some[-1].sequence if some else self._screens.seen
        finally:
            screen.follows = True


async def _turn(screen: Screen) -> None:
    """Wait until the page may ask again. It is not heard meanwhile, so whoever asks without end waits for himself alone."""
    now = asyncio.get_running_loop().time()
    at = max(now, screen.may_ask_at)
    screen.may_ask_at = at + PAUSE_SECONDS
    if at > now:
        await asyncio.sleep(at - now)


async def _send(socket: WebSocket, screen: Screen) -> None:
    while (frame := await screen.next()) is not None:
        await socket.send_text(frame)
    if screen.ended:
        await socket.close(4401, screen.ended)
    else:
        await socket.close(1013, "too far behind: reconnect")


def routes(stream: LiveStream, door: FrontDoor, count: Callable[[str], None]) -> APIRouter:
    """`count` raises TooMany when whoever came in by this key asks too often."""
    router = APIRouter()

    @router.websocket("/stream")
    async def live(socket: WebSocket) -> None:
        """`?changes=no`: without each change of each call, which are many."""
        entrance = await _entrance(socket, door)
        if entrance is None:
            await socket.close(4401, "sign in first")
            return
        try:
            count(entrance.key if entrance.is_token else entrance.user.id)
        except TooMany:
            await socket.close(1013, "too often: wait a minute, then reconnect")
            return
        await socket.accept()
        await stream.serve(socket, entrance, changes=socket.query_params.get("changes") != "no")

    return router


async def _entrance(socket: WebSocket, door: FrontDoor) -> Entrance | None:
    """Who opens the socket: with a ticket from anywhere, with a cookie from our own pages alone, whatever others send along."""
    ticket = socket.query_params.get("ticket")
    scheme, _, bearer = socket.headers.get("authorization", "").partition(" ")
    origin = socket.headers.get("origin")
    try:
        if ticket is not None:
            return door.use_ticket(ticket)
        if scheme.lower() == "bearer" and bearer.startswith(TOKEN_PREFIX):
            return await door.enter(None, bearer)
        if origin is not None and urlsplit(origin).netloc != socket.headers.get("host"):
            return None
        return await door.enter(socket.cookies.get("cti_session"))
    except (NotSignedIn, ValueError):  # or an origin that cannot be read
        return None
