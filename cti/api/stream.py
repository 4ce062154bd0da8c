"""The live stream: a WebSocket that tells a page what it may know, as it happens."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from cti.domain.access import Permission, User
from cti.domain.errors import NotSignedIn
from cti.domain.identifiers import AgentId
from cti.service.front_door import FrontDoor
from cti.service.screen_popper import ScreenPopper
from cti.service.screens import Screen, Screens

LARGEST_MESSAGE = 4096
"""Bytes; what a page has to say is short."""


def routes(
    screens: Screens,
    popper: ScreenPopper,
    door: FrontDoor,
    floor: Callable[[], Mapping[str, Any]],
    agent_state: Callable[[AgentId], Mapping[str, Any] | None],
) -> APIRouter:
    router = APIRouter()

    def catch_up(screen: Screen) -> None:
        """All that a page should show now: a snapshot before the stream goes on."""
        user = screen.user
        if user.may(Permission.SEE_FLOOR):
            screens.send_to(screen, {"type": "floor", "floor": floor()})
        if user.agent is not None:
            state = agent_state(user.agent)
            if state is not None:
                screens.send_to(screen, {"type": "agent", "state": state})
            pops: Sequence[Mapping[str, Any]] = popper.open_pops(user.agent)
            for pop in pops:
                screens.send_to(screen, {"type": "pop", "pop": pop})

    def hear(screen: Screen, text: str) -> None:
        """What a page says: an acknowledgement, a wish to catch up, a sign of life; anything else is let go."""
        try:
            said = orjson.loads(text) if len(text) <= LARGEST_MESSAGE else {}
        except orjson.JSONDecodeError:
            return
        if not isinstance(said, dict):
            return
        if said.get("type") == "ack" and screen.user.agent is not None and isinstance(said.get("pop"), str):
            popper.acknowledge(screen.user.agent, said["pop"])
        elif said.get("type") == "resume":
            catch_up(screen)

    async def send(socket: WebSocket, screen: Screen) -> None:
        while (frame := await screen.next()) is not None:
            await socket.send_text(frame)
        await socket.close(1013, "too far behind: reconnect")

    @router.websocket("/stream")
    async def stream(socket: WebSocket) -> None:
        user = await _user(socket, door)
        if user is None:
            await socket.close(4401, "sign in first")
            return
        await socket.accept()
        screen = screens.open(user)
        catch_up(screen)
        sending = asyncio.ensure_future(send(socket, screen))  # noqa: TID251  awaited below, ends with the socket
        try:
            while not sending.done():
                hear(screen, await socket.receive_text())
        except (WebSocketDisconnect, KeyError, RuntimeError):
            pass  # the page is gone, or sent bytes where text belongs
        finally:
            screens.close(screen)
            sending.cancel()

    return router


async def _user(socket: WebSocket, door: FrontDoor) -> User | None:
    """Who opens the socket; a page of another site may not, whatever cookie its browser sends along."""
    origin = socket.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != socket.headers.get("host"):
        return None
    try:
        return await door.who(socket.cookies.get("cti_session"))
    except NotSignedIn:
        return None
