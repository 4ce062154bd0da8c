"""Answers the switch's question "where does this caller stand?" over FastAGI.

The dialplan waits half a second, so we do not: what is not known in time is not said, the connection closes and the
dialplan goes on with its own number (fail open). Nothing that comes over the line can raise, block or grow.
"""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, cast

from cti.domain.identifiers import ChannelId, PbxName, QueueName
from routing.domain.decision import Question, RoutingDecision
from routing.ports import CallerDecisions, Observe, Promise, Spawn

log = logging.getLogger(__name__)
LARGEST_HEADER: Final = 16 * 1024
LARGEST_REPLY: Final = 4 * 1024
SWEEP: Final = 0.25
"""Seconds between looks for connections that take too long; one timer for all of them."""
_ENDS: Final = (b"\n\n", b"\n\r\n")
_ASKED: Final = frozenset(
    {
        "agi_network_script",
        "agi_channel",
        "agi_uniqueid",
        "agi_callerid",
        "agi_arg_1",
        "agi_arg_2",
        "agi_dnid",
    }
)
_ID: Final = re.compile(r"[\w.:-]{1,150}")
_QUEUE: Final = re.compile(r"[\w.@-]{1,128}")
_JOINED: Final = re.compile(r"\d{1,10}")
_OF: Final = re.compile(r"(?:pbx=([\w.-]{1,40}))?")
_SCRIPTS: Final = frozenset({"route", "callback"})
_DIALLED: Final = re.compile(r"\+?\d{1,20}")
_NOBODY: Final = frozenset({"", "unknown"})


def question(header: bytes) -> Question | None:
    """What a request's header asks; None when it asks nothing we can answer.

    The script is `route`, or `callback` for a caller who asks to be called back, with `?pbx=NAME` behind it where several switches ask.
    `agi_arg_1` is the queue; `agi_arg_2`, when there, the second since 1970 at which the caller first came, by the clock of
    the switch. A header that occurs twice was forged by a caller's name: such a request is refused.
    """
    found: dict[str, str] = {}
    for line in _decoded(header).split("\n"):
        name, colon, value = line.partition(":")
        if colon and name in _ASKED:
            if name in found:
                return None
            found[name] = value.strip()
    uniqueid, channel, queue = (found.get(name, "") for name in ("agi_uniqueid", "agi_channel", "agi_arg_1"))
    script, _, of = found.get("agi_network_script", "").partition("?")
    if script not in _SCRIPTS or not (pbx := _OF.fullmatch(of)):
        return None
    if not _ID.fullmatch(uniqueid) or not _QUEUE.fullmatch(queue) or not channel or not channel.isprintable():
        return None
    dialled = found.get("agi_dnid", "")
    number, joined = found.get("agi_callerid", ""), found.get("agi_arg_2", "")
    return Question(
        ChannelId(uniqueid),
        channel,
        QueueName(queue),
        None if number.lower() in _NOBODY else number,
        int(joined) if _JOINED.fullmatch(joined) else None,
        PbxName(pbx[1]) if pbx[1] else None,
        wants_callback=script == "callback",
        dialled=dialled if _DIALLED.fullmatch(dialled) else None,
    )


def _decoded(header: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return header.decode(encoding)
        except UnicodeDecodeError:
            continue
    return header.decode("latin-1")


class FastAgi:
    """`counts`: refused, header_timeout, header_too_large, too_many, fail_open, not_delivered, error, empty."""

    def __init__(
        self,
        decisions: CallerDecisions,
        spawn: Spawn,
        observe: Observe = lambda _seconds, _result: None,
        *,
        deadline: float = 0.4,
        header_timeout: float = 2.0,
        most_connections: int = 1000,
        others: Mapping[PbxName, CallerDecisions] | None = None,
        promise: Promise | None = None,
        records: Callable[[Question], bool] | None = None,
    ) -> None:
        """`deadline`: seconds from the whole request to our answer; then the connection closes without one.

        `decisions` answers those who do not say which switch they are; `others` by name those who do.
        `records`: whether this call may be recorded; the dialplan is told before it begins to.
        """
        self.decisions, self.spawn, self.observe = decisions, spawn, observe
        self._others, self.promise, self.records = others or {}, promise, records
        self.deadline, self.header_timeout = deadline, header_timeout
        self.counts: Counter[str] = Counter()
        self.open: set[_Request] = set()
        self._most = most_connections
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    async def start(self, host: str, port: int) -> int:
        """The port it listens on (asked for 0: a free one)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Request(self, loop), host, port, backlog=1024)
        self._sweep(loop)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._server is not None:
            self._server.close()
        for request in list(self.open):
            request.abort()
        if self._server is not None:
            await self._server.wait_closed()

    def decides(self, pbx: PbxName | None) -> CallerDecisions | None:
        """Who answers for a switch; None for one nobody knows."""
        return self.decisions if pbx is None else self._others.get(pbx)

    def admits(self, request: "_Request") -> bool:
        if len(self.open) >= self._most:
            self.counts["too_many"] += 1
            return False
        self.open.add(request)
        return True

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for request in [request for request in self.open if request.until < now]:
            request.expire()
        self._sweeper = loop.call_later(SWEEP, self._sweep, loop)


class _Request(asyncio.Protocol):
    """One connection: a header, a decision, some commands with their replies, the end."""

    __slots__ = ("_began", "_buffer", "_commands", "_decisions", "_ended", "_half_closed", "_loop", "_question", "_server", "_transport",
                 "_unsaid", "until")  # fmt: skip

    def __init__(self, server: FastAgi, loop: asyncio.AbstractEventLoop) -> None:
        self._server, self._loop = server, loop
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._question: Question | None = None
        self._decisions = server.decisions
        self._unsaid: list[bytes] | None = (
            None  # commands still to be replied to; the first one has been sent
        )
        self._half_closed = self._ended = False
        self._began = 0.0
        self._commands = 0
        self.until = loop.time() + server.header_timeout

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop\'s is one by its methods, not by its class.
        self._transport = cast("asyncio.Transport", transport)
        if not self._server.admits(self):
            transport.close()

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        try:
            self._buffer += data
            if self._question is None:
                self._read_header()
            if self._unsaid is not None:
                self._read_replies()
            elif len(self._buffer) > LARGEST_REPLY and self._question is not None:
                self._end("refused")
        except Exception:
            log.exception("a FastAGI request failed")
            self._end("error")

    def eof_received(self) -> bool:
        """The other side sends no more; it may still listen."""
        self._half_closed = True
        if self._ended:
            return False
        if self._unsaid is not None:
            self._say_all_and_go()
        elif self._question is None:
            self._end("refused" if self._buffer else "empty")
        return self._question is not None and self._unsaid is None  # the answer is on its way

    def connection_lost(self, _error: Exception | None) -> None:
        self._not_delivered()
        if not self._ended and self._question is None:
            self._server.counts["empty" if not self._buffer else "refused"] += 1
        self._ended = True
        self._server.open.discard(self)

    def expire(self) -> None:
        """It takes too long: the header, or the replies."""
        self._not_delivered()
        self._end("header_timeout" if self._question is None else "fail_open")
        self.abort()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _read_header(self) -> None:
        ends = [(at, at + len(end)) for end in _ENDS if (at := self._buffer.find(end)) >= 0]
        header, after = min(ends, default=(0, len(self._buffer)))
        if after > LARGEST_HEADER:
            self._end("header_too_large")
            return
        if not ends:
            return
        self._began = self._loop.time()
        asked = question(bytes(self._buffer[:header]))
        decisions = None if asked is None else self._server.decides(asked.pbx)
        if asked is None or decisions is None:
            self._end("refused")
            return
        self._decisions = decisions
        del self._buffer[:after]
        self._question = asked
        self.until = self._began + self._server.deadline + self._server.header_timeout
        if asked.wants_callback:
            self._server.spawn(self._promise(asked))
            return
        at_once = self._decisions.decide_at_once(asked)
        if at_once is None:
            self._server.spawn(self._wait(asked))
        else:
            self._answer(at_once)

    async def _wait(self, asked: Question) -> None:
        try:
            async with asyncio.timeout_at(self._began + self._server.deadline):
                decision = await self._decisions.decide(asked)
        except TimeoutError:
            self._end("fail_open")
        except Exception:
            log.exception("a routing decision failed")
            self._end("fail_open")
        else:
            self._answer(decision)

    async def _promise(self, asked: Question) -> None:
        """Said when it is kept safe, not before; in time or not at all."""
        if self._server.promise is None:
            self._end("refused")
            return
        try:
            async with asyncio.timeout_at(self._began + self._server.header_timeout):
                promised = await self._server.promise(asked)
        except Exception:
            log.exception("a callback could not be promised")
            self._end("fail_open")
            return
        if not self._ended and self._transport is not None:
            self._unsaid = [b"SET VARIABLE CTI_CALLBACK %s\n" % (b"promised" if promised else b"refused")]
            self._transport.write(self._unsaid[0])
            if self._half_closed:
                self._say_all_and_go()

    def _answer(self, decision: RoutingDecision) -> None:
        self._server.observe(self._loop.time() - self._began, decision.result.value)
        if self._ended or self._transport is None:
            self._decisions.not_delivered(decision.uniqueid)
            return
        commands = [
            b"SET VARIABLE QUEUE_PRIO %d\n" % decision.priority,
            *self._recorded(),
            b"SET VARIABLE CTI_TIER %s\n" % decision.tier.value.encode(),
            *(
                b"SET VARIABLE %s %s\n" % (name.encode(), value.encode())
                for name, value in decision.variables
            ),
        ]
        self._commands = len(commands)
        self._transport.write(commands[0])
        self._unsaid = commands
        if self._half_closed:
            self._say_all_and_go()
        elif self._buffer:
            self._read_replies()

    def _recorded(self) -> list[bytes]:
        records, asked = self._server.records, self._question
        if records is None or asked is None:
            return []
        return [b"SET VARIABLE CTI_RECORD %s\n" % (b"yes" if records(asked) else b"no")]

    def _say_all_and_go(self) -> None:
        """It listens still but will not reply: whether it took the answer cannot be known."""
        if self._unsaid and self._transport is not None:
            self._transport.write(b"".join(self._unsaid[1:]))
        self._not_delivered()
        self._end(None)

    def _read_replies(self) -> None:
        while self._unsaid and (end := self._buffer.find(b"\n")) >= 0:
            reply = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            if not reply.startswith(b"200 "):
                self._not_delivered()
                self._end(None)
                return
            del self._unsaid[0]
            if self._unsaid and self._transport is not None:
                self._transport.write(self._unsaid[0])
        if not self._unsaid:
            self._end(None)
        elif len(self._buffer) > LARGEST_REPLY:
            self._not_delivered()
            self._end("refused")

    def _not_delivered(self) -> None:
        """Only QUEUE_PRIO counts: it is the first."""
        if (
            self._unsaid is not None
            and len(self._unsaid) == self._commands
            and self._question is not None
            and not self._ended
        ):
            self._server.counts["not_delivered"] += 1
            self._decisions.not_delivered(self._question.uniqueid)

    def _end(self, why: str | None) -> None:
        if self._ended:
            return
        self._ended = True
        if why is not None:
            self._server.counts[why] += 1
            if self._question is not None or why == "refused":
                self._server.observe(self._loop.time() - (self._began or self._loop.time()), why)
        self._buffer.clear()
        if self._transport is not None:
            self._transport.close()
