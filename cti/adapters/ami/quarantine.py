"""Which frames were not made by the switch alone: callers choose some of the text in them, line breaks included.

Looking at every header of every frame costs three times what comparing with a known shape does. So a clean frame's
headers are remembered, in their order, as a pattern; a frame that fits it has the same headers, each once. The same
pass finds the values that will be read of it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

SHAPES_PER_EVENT = 6  # with and without the other leg, ringing or answered; more only cost a full look

_keys = re.compile(rb"\n([^:]*+)").findall
_UNREAD, _READ, _READ_LAST = r"[^\n]*+", r" ([^\n]*)\r", r" ([^\r\n]*)\r?"
_REPEATED = re.compile(rb"(?:.*ChanVariable(?:\(.*\))?|Variable|Output)", re.DOTALL | re.IGNORECASE)
_EVENT = frozenset((b"Event", b"event"))


def quarantine(frame: bytes, required: frozenset[bytes] = frozenset()) -> str | None:
    """Why an event's frame is not to be trusted, or None.

    Any header but channel variables twice, a line that is no header, or one of the `required` headers missing.
    """
    keys = _keys(frame)
    seen = frozenset(keys)
    if len(seen) != len(keys):
        for key in seen:
            if keys.count(key) > 1 and not _REPEATED.fullmatch(key):
                return f"{_word(key)} occurs twice"
    if not _EVENT.isdisjoint(seen):
        return "Event occurs twice"
    if len(keys) != frame.count(b"\n") or frame.rfind(b":") < frame.rfind(b"\n"):
        return "a line is no header"
    if not required <= seen:
        return f"{_word(min(required - seen))} is missing"
    return None


def _word(key: bytes) -> str:
    """A header's name, fit for a log: it may be a caller's text."""
    word = key.decode("ascii", "replace")
    return word if len(word) <= 40 and word.isidentifier() else "a header"


class _Shape(NamedTuple):
    """The headers of a frame in their order. `places`: of the values that are read; empty when they are not found."""

    fits: Callable[[str], re.Match[str] | None]
    places: tuple[int, ...]


class Gate:
    """The quarantine of one connection: knows the shapes it let through and the headers every frame must have."""

    def __init__(self, reads: Mapping[str, Sequence[str]] | None = None) -> None:
        """Begin without any requirement. `reads`: which headers are read, by event."""
        self._reads = reads or {}
        self._required: frozenset[bytes] = frozenset()
        self._shapes: dict[str, list[_Shape]] = {}

    def require(self, *headers: bytes) -> None:
        """Every frame from now on has these: the session always had them."""
        self._required = self._required.union(headers)
        self._shapes.clear()

    def reason(self, frame: bytes, name: str) -> str | None:
        """Why this event's frame is not to be trusted, or None."""
        return self.look(frame, name)[0]

    def look(self, frame: bytes, name: str) -> tuple[str | None, tuple[str, ...] | None]:
        """Why this event's frame is not to be trusted, or None; and the values that are read of it, if they were found.

        Bytes that are no UTF-8 stand in them as lone surrogates, which no reader takes for letters.
        """
        text = frame.decode("utf-8", "surrogateescape")
        for fits, places in self._shapes.get(name, ()):
            match = fits(text)
            if match is not None:
                return None, match.group(*places) if places else None
        reason = quarantine(frame, self._required)
        if reason is None:
            shapes = self._shapes.setdefault(name, [])
            if len(shapes) < SHAPES_PER_EVENT:
                shapes.append(_shape(text, self._reads.get(name, ())))
        return reason, None


def _shape(text: str, reads: Sequence[str]) -> _Shape:
    """The shape of a clean frame. Of a header that occurs twice the first is read; one that is missing is empty."""
    keys = [line.partition(":")[0] for line in text.split("\n")[1:]]
    firsts = sorted(keys.index(key) for key in set(reads) if key in keys)
    lines = [rf"\n{re.escape(key)}:" for key in keys]
    values = [_READ if number in firsts else _UNREAD for number in range(len(keys))]
    if len(keys) - 1 in firsts:
        values[-1] = _READ_LAST
    fits = _pattern(lines, values)
    if not reads or fits(text) is None:  # its lines end in another way: the values are looked for one by one
        return _Shape(_pattern(lines, [_UNREAD] * len(lines)), ())
    groups = {keys[number]: group for group, number in enumerate(firsts, 1)}
    return _Shape(fits, tuple(groups.get(key, len(firsts) + 1) for key in reads))


def _pattern(lines: Sequence[str], values: Sequence[str]) -> Callable[[str], re.Match[str] | None]:
    """The last group is always empty: it stands for what is missing."""
    return re.compile("[^\n]*+" + "".join(map("".join, zip(lines, values, strict=True))) + "()").fullmatch
