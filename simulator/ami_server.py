"""The AMI port: banner, login, actions in, responses and events out."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, cast

from simulator.frames import BANNER, Header, Incoming, render

PENALTY: Final = 0.2  # real seconds a refused login waits for its answer (Asterisk: 1)
BACKLOG: Final = 8 * 1024 * 1024  # unread bytes after which a reader is cut, as writetimeout would

Action = dict[str, str]


@dataclass(frozen=True, slots=True)
class Account:
    """As a section of manager.conf: which classes it may hear and ask for."""

    secret: str
    read: frozenset[str] = frozenset()
    write: frozenset[str] = frozenset()


ACCOUNTS: Final = {
    "cti-events": Account("tierline-events", read=frozenset({"system", "call", "agent", "user", "dialplan"})),
    "cti-actions": Account("tierline-actions", write=frozenset({"call", "agent", "originate", "reporting"})),
}


class Refused(Exception):
    """The switch says no; the text is the Message header."""


@dataclass(frozen=True, slots=True)
class Verb:
    """What an action does, and the classes of which the account must hold one (none: open to all)."""

    classes: frozenset[str]
    work: "Callable[[Session, Action], list[list[Header]]]"


class Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, server: "AmiServer") -> None:
        self._server = server
        self._incoming = Incoming()
        self._transport: asyncio.Transport | None = None
        self.account: Account | None = None
        self.events = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.sessions.add(self)
        self.write(BANNER)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._transport = None
        self._server.sessions.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            actions = self._incoming.feed(data)
        except ValueError:
            self.cut()
            return
        for action in actions:
            self._perform(action)

    def write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > BACKLOG:
            self.cut()
        else:
            self._transport.write(data)

    def hear(self, privilege: str, frame: bytes) -> None:
        if self.account is not None and self.events and privilege in self.account.read:
            self.write(frame)

    def close(self) -> None:
        """Say what is left to say, then hang up."""
        if self._transport is not None:
            self._transport.close()

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _perform(self, action: Action) -> None:
        name = action.get("action", "").lower()
        try:
            replies = self._answer(name, action)
        except Refused as refusal:
            replies = [[("Response", "Error"), ("Message", str(refusal))]]
        first = replies[0] if replies else []
        if first and action.get("actionid"):
            first.insert(1, ("ActionID", action["actionid"]))
        for reply in replies:
            self.write(render(reply))

    def _answer(self, name: str, action: Action) -> list[list[Header]]:
        if not name:
            raise Refused("Missing action in request")
        if name == "login":
            return self._login(action)
        if name == "logoff":
            asyncio.get_running_loop().call_soon(self.close)
            return [[("Response", "Goodbye"), ("Message", "Thanks for all the fish.")]]
        if self.account is None:
            raise Refused("Permission denied")
        if name == "events":
            self.events = action.get("eventmask", "").lower() not in {"off", "no", "false", "0"}
            return [[("Response", "Success"), ("Events", "On" if self.events else "Off")]]
        verb = self._server.verbs.get(name)
        if verb is None:
            raise Refused(f"Invalid/unknown command: {action['action']}. "
                          "Use Action: ListCommands to show available commands.")  # fmt: skip
        if verb.classes and not verb.classes & self.account.write:
            raise Refused("Permission denied")
        return verb.work(self, action)

    def _login(self, action: Action) -> list[list[Header]]:
        account = self._server.accounts.get(action.get("username", ""))
        if account is None or account.secret != action.get("secret", ""):
            refusal: list[Header] = [("Response", "Error"), ("Message", "Authentication failed")]
            if action.get("actionid"):
                refusal.insert(1, ("ActionID", action["actionid"]))

            def refuse() -> None:
                self.write(render(refusal))
                self.close()

            asyncio.get_running_loop().call_later(PENALTY, refuse)
            return []
        self.account = account
        self.events = action.get("events", "").lower() not in {"off", "no", "false", "0"}
        replies: list[list[Header]] = [[("Response", "Success"), ("Message", "Authentication accepted")]]
        if "system" in account.read and self.events:
            replies.append(self._server.fully_booted())
        return replies


class AmiServer:
    """`verbs` are the actions by lower-case name; `fully_booted` makes the frame that follows a login."""

    def __init__(
        self, verbs: dict[str, Verb], accounts: dict[str, Account], fully_booted: Callable[[], list[Header]]
    ) -> None:
        self.verbs = verbs
        self.accounts = accounts
        self.fully_booted = fully_booted
        self.sessions: set[Session] = set()
        self.port = 0
        self._server: asyncio.Server | None = None

    async def open(self, port: int, host: str = "127.0.0.1") -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Session(self), host, port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()
            with suppress(OSError):
                await self._server.wait_closed()
            self._server = None

    def cut(self) -> None:
        """All connections break off, as when a cable is pulled from a rack and put back."""
        for session in list(self.sessions):
            session.cut()

    def tell(self, privilege: str, frame: bytes) -> None:
        for session in list(self.sessions):
            session.hear(privilege, frame)
