"""One connection to the switch, kept up: connect, sign in, ping, and come back after a loss."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import SystemRandom
from typing import Any, Never

from panoramisk.actions import Action
from panoramisk.manager import Manager

from cti.adapters.ami.answers import Answer
from cti.adapters.ami.protocol import AmiProtocol
from cti.adapters.ami.traffic import Traffic
from cti.domain.errors import SwitchError, SwitchLoginRefused, SwitchRefused, SwitchUnreachable

log = logging.getLogger(__name__)

FIRST_RETRY = 0.1  # seconds at most; doubled each time
SLOWEST_RETRY = 10.0
REFUSED_RETRY = 30.0  # a refused login is a person's to mend, and retrying fast would lock the account out
CONNECT_SECONDS = 5.0
_uniform = SystemRandom().uniform


class LineState(StrEnum):
    """Where a connection stands."""

    DOWN = "down"
    UP = "up"
    LOGIN_REFUSED = "login_refused"


@dataclass(frozen=True, slots=True)
class AmiAccount:
    """Where a switch's manager interface is, and who we are there."""

    host: str
    port: int
    username: str
    secret: str
    tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        """Everything but the secret."""
        return f"AmiAccount({self.username}@{self.host}:{self.port})"


class _Door(Manager):  # type: ignore[misc]  # panoramisk is untyped
    """panoramisk's Manager, which connects and sends; pinging, coming back and sending again are ours."""

    def connection_made(self, connecting: asyncio.Future[Any]) -> None:
        if not connecting.cancelled() and connecting.exception() is None:
            super().connection_made(connecting)

    def ping(self) -> None:
        """Nothing: the line pings, with a deadline."""


class Line:
    """A connection that comes back. `while_up` runs from each login to the end, of which `on_down` is told at once."""

    def __init__(
        self,
        account: AmiAccount,
        make_protocol: Callable[[], AmiProtocol],
        *,
        hears: bool,
        now: Callable[[], float],
        traffic: Traffic,
        while_up: Callable[[AmiProtocol], Coroutine[Any, Any, None]] | None = None,
        on_down: Callable[[str], None] = lambda _: None,
        ping_seconds: float = 3.0,
    ) -> None:
        """`hears`: whether the switch shall send events on it."""
        self.account = account
        self.state = LineState.DOWN
        self.since = now()
        self.reason = "not started"
        self.up = asyncio.Event()
        self.protocol: AmiProtocol | None = None
        self._make_protocol = make_protocol
        self._events = "on" if hears else "off"
        self._now = now
        self._traffic = traffic
        self._while_up = while_up
        self._on_down = on_down
        self._ping_seconds = ping_seconds
        self._attempt = 0  # since the last connection that lasted

    async def run(self) -> Never:
        """Keep the connection until cancelled."""
        while True:
            try:
                reason = await self._session()
            except SwitchLoginRefused as error:
                self._become(LineState.LOGIN_REFUSED, str(error))
                log.error("%s: %s", self.account, error)  # noqa: TRY400  # the sentence says it all
                pause = REFUSED_RETRY
            else:
                self._become(LineState.DOWN, reason)
                ceiling = min(FIRST_RETRY * 2 ** min(self._attempt, 30), SLOWEST_RETRY)
                pause = _uniform(0, ceiling)
                self._attempt += 1
                log.warning("%s: %s; trying again in %.1f s", self.account, reason, pause)
            await asyncio.sleep(pause)
            self._traffic.reconnects += 1

    async def ask(self, action: str, fields: Mapping[str, str], seconds: float) -> Answer:
        """Send an action once. Raises SwitchRefused, SwitchUnreachable or UnsafeAction."""
        protocol = self.protocol
        if protocol is None or not self.up.is_set():
            raise SwitchUnreachable(f"{action} was not sent: {self.reason}.")
        return await _ask(protocol, {"Action": action, **fields}, seconds)

    async def _session(self) -> str:
        """One connection from its beginning; returns why it ended."""
        account = self.account
        manager: Any = _Door(
            loop=asyncio.get_running_loop(),
            host=account.host,
            port=account.port,
            ssl=account.tls or False,
            protocol_factory=self._make_protocol,
            log=log,
        )
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, protocol = await manager.connect()
        except TimeoutError:
            return "cannot connect: no answer"
        except OSError as error:
            return f"cannot connect: {type(error).__name__}"
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        try:
            protocol.on_end = lambda reason: None if ended.done() else ended.set_result(reason)
            await self._sign_in(protocol)
            self.protocol = protocol
            self._become(LineState.UP, "")
            self.up.set()
            async with asyncio.TaskGroup() as tasks:
                beside = tasks.create_task(self._while_up(protocol)) if self._while_up else None
                await self._keep(protocol, ended)
                if beside is not None:
                    beside.cancel()
        except SwitchLoginRefused:
            raise
        except SwitchError as error:
            return f"no login: {error}"
        else:
            return protocol.ended or "ended"
        finally:
            protocol.abort("stopped")
            manager.close()
            if self.up.is_set():
                self.up.clear()
                self.protocol = None
                self._on_down(protocol.ended or "ended")

    async def _sign_in(self, protocol: AmiProtocol) -> None:
        account = self.account
        login = {
            "Action": "Login",
            "Username": account.username,
            "Secret": account.secret,
            "Events": self._events,
        }
        try:
            await _ask(protocol, login, CONNECT_SECONDS)
        except SwitchRefused as error:
            raise SwitchLoginRefused(f"({account!r})") from error

    async def _keep(self, protocol: AmiProtocol, ended: asyncio.Future[str]) -> None:
        """Ping until the connection ends, or nothing came in two intervals."""
        loop = asyncio.get_running_loop()
        heard, silent = self._traffic.received_bytes, 0
        ping = Action({"Action": "Ping"})
        while not ended.done():
            protocol.forget(ping)
            ping = Action({"Action": "Ping"})
            try:
                _neglect(protocol.send(ping))
            except SwitchError as error:
                protocol.abort(error.detail)
            due = loop.time() + self._ping_seconds
            await asyncio.wait({ended}, timeout=self._ping_seconds)
            if ended.done():
                break
            if loop.time() - due > self._ping_seconds / 2:
                silent = 0  # we slept, not the switch: what it sent lies unread
            elif self._traffic.received_bytes != heard:
                silent = 0
                self._attempt = 0  # it lasted: the next loss is retried fast
            else:
                silent += 1
            heard = self._traffic.received_bytes
            if silent >= 2:
                protocol.abort(f"the switch was silent for {2 * self._ping_seconds:g} s")
                break

    def _become(self, state: LineState, reason: str) -> None:
        if state != self.state:
            self.since = self._now()
        self.state, self.reason = state, reason


async def _ask(protocol: AmiProtocol, fields: dict[str, str], seconds: float) -> Answer:
    action = Action(fields)
    try:
        async with asyncio.timeout(seconds):
            answer: Answer = await protocol.send(action)
            return answer
    except TimeoutError as error:
        raise SwitchUnreachable(f"{fields['Action']} had no answer in {seconds:g} s.") from error
    finally:
        protocol.forget(action)


def _neglect(answer: asyncio.Future[Any]) -> None:
    """Nobody waits for this one; its error is the connection's end, which is told elsewhere."""
    answer.add_done_callback(lambda future: future.cancelled() or future.exception())
