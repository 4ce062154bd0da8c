"""A message: one AMI frame, kept as bytes and read header by header, on demand.

Most frames are never looked into and few headers of the others are read, so nothing is parsed ahead. Text is decoded
per value, never per chunk of the stream, so a cut character is no loss.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cti.adapters.ami.headers import moment

FALLBACK = "latin-1"  # keeps every byte; where names come in GBK, say gb18030

_LINE = re.compile(rb"^([^:\r\n]+): ?([^\r\n]*)", re.MULTILINE)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_TIMESTAMP = b"\nTimestamp:"
_HEAD = 200  # bytes: the headers of the manager itself stand first
_CONTROLS = dict.fromkeys(code for code in (*range(0x20), *range(0x7F, 0xA0)) if code != 0x09)


class _Header(NamedTuple):
    needle: bytes
    length: int
    escaped: bool


def _is_escaped(key: str) -> bool:
    # exactly these are C-escaped by Asterisk, in any of their prefixed forms (DestCallerIDName, LocalOneChanVariable)
    return key.endswith(("CallerIDName", "ConnectedLineName", "ChanVariable")) or "ChanVariable(" in key


def _header(key: str) -> _Header:
    needle = b"\n%b:" % key.encode()
    return _HEADERS.setdefault(key, _Header(needle, len(needle), _is_escaped(key)))


_HEADERS: dict[str, _Header] = {}  # asked for by literals in the code, so it stays small


def _decoded(value: bytes, encoding: str) -> str:
    try:
        return value.decode(encoding)
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _plain(value: bytes) -> str | None:
    """The text behind the colon if nothing is special about it; None when more must be looked at."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return text[1:] if text[0] == " " and text.isprintable() and text != " <unknown>" else None


class Message:
    """One event, list item or response. `name` is the event's, "" for a response.

    Where a header occurs twice, the first counts. `misdecoded` is set once a value that was read turned out not to be
    UTF-8 and was read in the fallback encoding instead; the frame keeps its bytes.
    """

    __slots__ = ("_fallback", "_folded", "frame", "misdecoded", "name", "values")

    def __init__(
        self,
        frame: bytes,
        name: str,
        fallback: str = FALLBACK,
        values: Sequence[str] | None = None,
        *,
        folded: bool = False,
    ) -> None:
        """Take a frame; `folded` when its keys are not in the usual case.

        `values`: what stands behind the headers that are read of this event, if they were found already.
        """
        self.frame = frame
        self.name = name
        self.misdecoded = False
        self._fallback = fallback
        self.values = values
        self._folded = frame.lower() if folded else b""

    @classmethod
    def of(cls, frame: bytes, fallback: str = FALLBACK) -> "Message | None":
        """Any single frame; None when it is neither event nor response."""
        frame = frame.strip(b"\r\n")
        key, colon, value = frame.partition(b"\n")[0].partition(b":")
        if not colon or key.lower() not in (b"event", b"response"):
            return None
        name = value.strip().decode("ascii", "replace") if key.lower() == b"event" else ""
        return cls(frame, name, fallback, folded=key not in (b"Event", b"Response"))

    def get(self, key: str) -> str | None:
        """The header's first value; None when missing or `<unknown>`, "" when empty."""
        header = _HEADERS.get(key) or _header(key)
        needle, length, escaped = header
        frame = self.frame
        start = frame.find(needle) + length
        if start < length:
            start = self._rare(header)
            if start < 0:
                return None
        end = frame.find(b"\r\n", start)
        if end > start and not escaped and (plain := _plain(frame[start:end])) is not None:
            return plain
        end = frame.find(b"\n", start)
        return self.text(frame[start:] if end < 0 else frame[start:end], escaped)

    def all(self, key: str) -> list[str | None]:
        """Every value of a header that may repeat, in order."""
        header = _HEADERS.get(key) or _header(key)
        where, needle = (self._folded, header.needle.lower()) if self._folded else (self.frame, header.needle)
        starts = [len(needle) - 1] if where.startswith(needle[1:]) else []
        start = where.find(needle)
        while start >= 0:
            starts.append(start + len(needle))
            start = where.find(needle, start + 1)
        return [self.text(self.frame[start:].partition(b"\n")[0], header.escaped) for start in starts]

    def items(self) -> Iterator[tuple[str, str | None]]:
        """Every header in order, for archives and people."""
        for match in _LINE.finditer(self.frame):
            key = match[1].decode("ascii", "replace")
            yield key, self.text(match[2], _is_escaped(key))

    def _rare(self, header: _Header) -> int:
        """Where a value starts that the plain search did not find: the first line's, or one under a key in another case."""
        if self.frame.startswith(header.needle[1:]):
            return header.length - 1
        if self._folded:
            needle = header.needle.lower()
            if self._folded.startswith(needle[1:]):
                return header.length - 1
            start = self._folded.find(needle)
            if start >= 0:
                return start + header.length
        return -1

    def text(self, value: bytes, escaped: bool = False) -> str | None:
        """One value as text; `escaped` when Asterisk C-escapes this header's values."""
        if value[:1] == b" ":
            value = value[1:]
        if value[-1:] == b"\r":
            value = value[:-1]
        if value == b"<unknown>":
            return None
        if escaped and b"\\" in value and self.name != "QueueEntry":  # there alone it is not escaped
            value = _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), value)
        try:
            text = value.decode()
        except UnicodeDecodeError:
            self.misdecoded = True
            text = _decoded(value, self._fallback)
        return text if text.isprintable() else text.translate(_CONTROLS)

    def read(self, headers: Sequence[str]) -> Sequence[str]:
        """The texts of the headers that are read of this event; "" where one is missing or `<unknown>`."""
        values = self.values
        if values is None:
            return [self.get(header) or "" for header in headers]
        together = "".join(values)  # looked at together, as there is nothing special about most
        if together.isprintable() and "\\" not in together:
            if "<unknown>" not in together:
                return values
            return ["" if value == "<unknown>" else value for value in values]
        return [
            self.text(b" " + value.encode("utf-8", "surrogateescape"), _is_escaped(header)) or ""
            for header, value in zip(headers, values, strict=True)
        ]

    @property
    def folded(self) -> bool:
        """Its keys are not in the usual case."""
        return bool(self._folded)

    @property
    def at(self) -> float | None:
        """When it happened, by the switch's clock."""
        frame = self.frame
        start = frame.find(_TIMESTAMP, 0, _HEAD)
        end = frame.find(b"\r", start)
        value = frame[start + len(_TIMESTAMP) : end] if 0 <= start < end else self.get("Timestamp") or ""
        return moment(value)

    @property
    def sequence(self) -> int | None:
        try:
            return int(self.get("SequenceNumber") or "")
        except ValueError:
            return None

    def __repr__(self) -> str:
        """Name and number only: values may be personal."""
        return f"Message({self.name or 'Response'}, {self.sequence})"
