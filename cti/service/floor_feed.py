"""The floor as screens are told it: whole once, then what changed, each change with the next number."""

from collections.abc import Mapping
from typing import Any

from cti.domain.floor_changes import Found, changes


class FloorFeed:
    """What was told last. Whoever was told change 7 and hears 9 has missed something, and asks for the whole."""

    def __init__(self) -> None:
        self._last: Mapping[str, Any] | None = None
        self.number = 0

    def next(self, picture: Mapping[str, Any], found: Found | None = None) -> dict[str, Any] | None:
        """The frame for those who were told all before it; None when nothing but the clock moved.

        `found`: what the feeds of others, who see other agents of the same floor, have compared already.
        """
        change = {} if self._last is None else changes(self._last, picture, found)
        if self._last is not None and not change:
            return None
        first, self._last = self._last is None, picture
        self.number += 1
        return (
            self.whole()
            if first
            else {"type": "floor_change", "number": self.number, "at": picture["at"], "change": change}
        )

    def whole(self) -> dict[str, Any]:
        """The frame for those who were told nothing yet, or missed a change."""
        return {"type": "floor", "number": self.number, "floor": self._last}
