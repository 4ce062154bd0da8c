"""Which frames were not made by the switch alone: callers choose some of the text in them, line breaks included.

Looking at every header of every frame costs three times what comparing with a known shape does. So a clean frame's
headers are remembered, in their order, as a pattern; a frame that fits it has the same headers, each once.
"""

import re
from collections.abc import Callable

SHAPES_PER_EVENT = 6  # with and without the other leg, ringing or answered; more only cost a full look

_keys = re.compile(rb"\n([^:]*+)").findall
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


class Gate:
    """The quarantine of one connection: knows the shapes it let through and the headers every frame must have."""

    def __init__(self) -> None:
        """Begin without any requirement."""
        self._required: frozenset[bytes] = frozenset()
        self._shapes: dict[str, list[Callable[[bytes], object]]] = {}

    def require(self, *headers: bytes) -> None:
        """Every frame from now on has these: the session always had them."""
        self._required = self._required.union(headers)
        self._shapes.clear()

    def reason(self, frame: bytes, name: str) -> str | None:
        """Why this event's frame is not to be trusted, or None."""
        shapes = self._shapes.get(name)
        if shapes is not None:
            for fits in shapes:
                if fits(frame):
                    return None
        reason = quarantine(frame, self._required)
        if reason is None:
            shapes = self._shapes.setdefault(name, [])
            if len(shapes) < SHAPES_PER_EVENT:
                shapes.append(_shape(frame))
        return reason


def _shape(frame: bytes) -> Callable[[bytes], object]:
    lines = [rb"\n" + re.escape(key) + rb":[^\n]*+" for key in _keys(frame)]
    return re.compile(rb"[^\n]*+" + b"".join(lines)).fullmatch
