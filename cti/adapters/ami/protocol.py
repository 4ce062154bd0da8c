"""Our protocol class under panoramisk's Manager: frames to those who want them, answers to those who asked.

It works without a connection as well (`data_received` on a recording), and never lets what listens harm the reading.
"""

import asyncio
import logging
import math
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from panoramisk.actions import Action

from cti.adapters.ami.answers import Answers
from cti.adapters.ami.event_names import DOCUMENTED
from cti.adapters.ami.framing import BANNER, FRAME_LIMIT, Framer
from cti.adapters.ami.message import FALLBACK, Message
from cti.adapters.ami.numbering import Numbering
from cti.adapters.ami.outgoing import action_bytes
from cti.adapters.ami.quarantine import Gate, quarantine
from cti.adapters.ami.traffic import Traffic
from cti.adapters.ami.translation import READS
from cti.domain.errors import SwitchUnreachable

log = logging.getLogger(__name__)

UNSENT_LIMIT = 1 << 20  # bytes waiting to go out to a switch that does not read
READ = 1 << 16  # bytes at a time: a millisecond's work, then others have their turn
_NUMBER = b"SequenceNumber: "
_HEAD = 400  # bytes: the headers of the manager itself stand first
_ALWAYS = (b"Privilege", b"Timestamp", b"SequenceNumber")


def _nothing(*_: Any) -> None:
    return


class AmiProtocol(asyncio.BufferedProtocol):
    """One connection. Its event messages go to `sink`, at once and in order; only those whose name is `wanted`."""

    def __init__(
        self,
        wanted: Iterable[str],
        sink: Callable[[Message], None],
        now: Callable[[], float],
        *,
        traffic: Traffic | None = None,
        fallback: str = FALLBACK,
        on_doubt: Callable[[str], None] = _nothing,
        on_gap: Callable[[int, int], None] = _nothing,
    ) -> None:
        """`on_doubt` hears of every frame set aside, `on_gap` of sequence numbers that never came (first, last)."""
        self.traffic = traffic or Traffic()
        self.numbering = Numbering()
        self.follows: int | None = None  # the number the last connection to the same process expected
        self.received = now()  # when the last bytes came
        self.ended: str | None = None  # why the connection is no more
        self.on_end: Callable[[str], None] = _nothing
        self._wanted = {b"Event: " + name.encode(): name for name in wanted}
        self._sink = sink
        self._now = now
        self._fallback = fallback
        self._on_doubt = on_doubt
        self._on_gap = on_gap
        self._room = memoryview(bytearray(READ))
        self._framer = Framer()
        self._gate = Gate(READS)
        self._answers = Answers(fallback)
        self._next_line = b"\0"  # the line the next numbered message should have
        self._booted = False
        self._transport: asyncio.Transport | None = None
        # panoramisk's Manager sets these
        self.responses: dict[str, Any] = {}
        self.queue: deque[Any] = deque()
        self.factory: Any = None
        self.log = log
        self.config: Mapping[str, Any] = {}
        self.encoding = "utf-8"

    # the connection -----------------------------------------------------------------------------------------

    @property
    def version(self) -> str | None:
        return self._framer.version

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream's transport, by asyncio's contract

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(
            f"the connection broke ({type(exc).__name__})" if exc else "the switch closed the connection"
        )

    def close(self) -> None:
        """Part in order."""
        self._end("closed")

    def abort(self, reason: str) -> None:
        """Part at once, from a peer that is not worth waiting for."""
        transport = self._transport
        self._end(reason)
        if transport is not None:
            transport.abort()

    def _end(self, reason: str) -> None:
        if self.ended is not None:
            return
        self.ended = reason
        if self._framer.unfinished:
            self.traffic.cut += 1
        if self._transport is not None:
            self._transport.close()
        self._answers.give_up(reason)
        self.on_end(reason)

    # actions ------------------------------------------------------------------------------------------------

    def send(self, data: Any, as_list: object = None) -> Any:  # noqa: ARG002  # Manager passes it
        """Send an action now, once; its future becomes an Answer, SwitchRefused or SwitchUnreachable."""
        action = data if isinstance(data, Action) else Action(data)
        outgoing = action_bytes((str(key), str(value)) for key, value in action.items())
        if self.ended is not None or self._transport is None:
            raise SwitchUnreachable("Not connected.")
        if self._transport.get_write_buffer_size() > UNSENT_LIMIT:
            raise SwitchUnreachable("It does not read what is sent.")
        self._answers.waiting[action.id] = action
        self._transport.write(outgoing)
        return action.future

    def forget(self, action: Any) -> None:
        """No answer to this is awaited any more."""
        self._answers.forget(action)

    # the hot path -------------------------------------------------------------------------------------------

    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._room

    def buffer_updated(self, count: int) -> None:
        self.data_received(bytes(self._room[:count]))
        if count == READ and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()  # there is more, and uvloop would read on, up to 32 times
            asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        traffic = self.traffic
        self.received = self._now()
        traffic.received_bytes += len(data)
        frames = self._framer.feed(data)
        traffic.messages += len(frames)
        wanted, unwanted, answers = self._wanted, traffic.unwanted, self._answers
        for frame in frames:
            if answers.waiting and answers.take(frame):
                continue
            lines = frame.split(
                b"\r\n", 4
            )  # Event, Privilege, Timestamp, SequenceNumber, what callers may write into
            believed = True
            if self._next_line in lines:
                self.numbering.next = number = self.numbering.next + 1
                self._next_line = b"SequenceNumber: %d" % number
            elif frame.find(_NUMBER, 0, _HEAD) >= 0:
                believed = self._renumbered(lines)
            first = lines[0]
            name = wanted.get(first)
            if name is not None:
                self._hand_over(frame, name, believed)
            elif first in unwanted:
                unwanted[first] += 1
            else:
                self._unusual(frame, first, believed)
        if self.numbering.missing:
            self.look_for_gaps()
        if self._framer.unfinished > FRAME_LIMIT or self._framer.oversized:
            self._look_for_giants()

    def _hand_over(self, frame: bytes, name: str, believed: bool, *, folded: bool = False) -> None:
        if not believed:
            self._set_aside(frame, "its SequenceNumber was seen or is far from the others")
            return
        if name == "FullyBooted" and not self._booted:
            reason, values = quarantine(frame), None  # sent at login, outside the numbered stream
            self._booted = reason is None
        elif folded:
            reason, values = self._gate.reason(frame.lower(), name), None
        else:
            reason, values = self._gate.look(frame, name)
        if reason is not None:
            self._set_aside(frame, reason)
            return
        self.hand(Message(frame, name, self._fallback, values, folded=folded))

    def hand(self, message: Message) -> None:
        """Give a message to the listener, whose errors stay with it."""
        try:
            self._sink(message)
        except Exception as error:  # noqa: BLE001  # whatever it is, the reading goes on
            self.traffic.failures += 1
            log.error("Listening to %s failed: %s", message.name, where(error))  # noqa: TRY400  # values stay out

    # the rare paths -----------------------------------------------------------------------------------------

    def _set_aside(self, frame: bytes, reason: str) -> None:
        self.traffic.quarantined += 1
        self.traffic.keep(reason, frame)
        self._on_doubt(reason)

    def _unusual(self, frame: bytes, first: bytes, believed: bool) -> None:
        """An event in other letters, one never seen before, an answer nobody asked for, or text between frames."""
        traffic = self.traffic
        message = Message.of(frame, self._fallback)
        if message is None and self._transport is None and first.startswith(BANNER):
            self._begin_again(frame)
        elif message is None:
            traffic.malformed += 1
            traffic.keep("neither event nor response", frame)
            self._on_doubt("text between the frames")
        elif not message.name:
            traffic.unexpected += 1
        elif (line := b"Event: " + message.name.encode()) in self._wanted:
            self._hand_over(message.frame, message.name, believed, folded=not first.startswith(b"Event:"))
        elif message.name in DOCUMENTED:
            traffic.unwanted[line] = traffic.unwanted.get(line, 0) + 1
        else:
            traffic.unexpected += 1
            traffic.keep("not an event Asterisk 22 documents", frame)

    def _begin_again(self, frame: bytes) -> None:
        """Another connection begins in a recording; on a live one, a banner in the stream is a caller's text."""
        self.numbering, self._gate, self._next_line, self._booted = Numbering(), Gate(READS), b"\0", False
        answer = frame.partition(b"\n")[2]
        if answer:
            self._unusual(answer, answer.partition(b"\r\n")[0], believed=True)

    def _renumbered(self, lines: Sequence[bytes]) -> bool:
        """Whether a frame whose number is not the next one is to be believed."""
        numbering = self.numbering
        try:
            number = int(next(line for line in lines[1:4] if line.startswith(_NUMBER))[len(_NUMBER) :])
        except (StopIteration, ValueError):
            return False
        is_first = numbering.first is None
        believed = numbering.accepts(number, self._now())
        if is_first:
            present = (header for header in _ALWAYS if any(line.startswith(header) for line in lines[1:4]))
            self._gate.require(*present)
            if self.follows is not None and number > self.follows:
                self._missed(self.follows, number - 1)
        self._next_line = b"SequenceNumber: %d" % numbering.next
        return believed

    def _look_for_giants(self) -> None:
        framer = self._framer
        if framer.oversized:
            self.traffic.oversized += framer.oversized
            framer.oversized = 0
            self._on_doubt("a frame was too long")
        if framer.runaway:
            self.abort("a frame had no end")

    def look_for_gaps(self, *, at_once: bool = False) -> None:
        """Tell of the numbers that are overdue; the owner also calls this now and then, for a stream gone quiet."""
        for first, last in self.numbering.overdue(math.inf if at_once else self._now()):
            self._missed(first, last)

    def _missed(self, first: int, last: int) -> None:
        self.traffic.gaps += 1
        self.traffic.missed += last - first + 1
        self._on_gap(first, last)


def where(error: BaseException) -> str:
    """What failed and where, without the message: it may quote a caller."""
    frames = traceback.extract_tb(error.__traceback__)
    return (
        f"{type(error).__name__} at {frames[-1].filename}:{frames[-1].lineno}"
        if frames
        else type(error).__name__
    )
