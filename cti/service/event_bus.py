"""Delivers every event to its reactions, in order, and isolates the one that fails."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cti.ports import Reaction

log = logging.getLogger(__name__)


class EventBus:
    """Reactions run at once and in the order of their table; none of them waits, and none calls another."""

    def __init__(self) -> None:
        self._reactions: Mapping[type, Sequence[Reaction]] = {}
        self.failures: Counter[str] = Counter()
        self._queue: list[Any] = []
        self._delivering = False
        self._held = False

    def connect(self, reactions: Mapping[type, Sequence[Reaction]]) -> None:
        """Set the table; done once, by the wiring, when every part exists."""
        self._reactions = reactions

    def hold(self) -> None:
        """Keep what is published until `release`: those who react are still learning what was."""
        self._held = True

    def release(self) -> None:
        """Deliver what was kept, and from now on at once."""
        self._held = False
        self.publish_all(())

    def publish(self, event: Any) -> None:
        """Deliver; an event published by a reaction follows when the current one has reached everybody."""
        self.publish_all((event,))

    def publish_all(self, events: Iterable[Any]) -> None:
        """Deliver what one signal means; what reactions publish meanwhile follows behind all of it."""
        self._queue += events
        if self._delivering or self._held:
            return
        self._delivering = True
        try:
            for following in self._queue:  # grows while reactions publish
                self._deliver(following)
        finally:
            self._queue.clear()
            self._delivering = False

    def _deliver(self, event: Any) -> None:
        for reaction in self._reactions.get(type(event), ()):
            try:
                reaction(event)
            except Exception:
                name = getattr(reaction, "__qualname__", type(reaction).__name__)
                self.failures[name] += 1
                log.exception("reaction %s failed on %s", name, type(event).__name__)
