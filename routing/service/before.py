"""What was decided before a restart, while callers who still wait are taken up."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from cti.domain.events import CallQueued
from cti.domain.identifiers import ChannelId, QueueName
from routing.domain.decision import RoutingDecision
from routing.domain.preferred import OWN_QUEUE

ASKED_BEFORE: Final = 1.0
"""Seconds: a decision falls before its caller joins, on two clocks."""


class Before:
    """Each caller goes on by what was decided for him then; empty but for the moment of taking up."""

    def __init__(self) -> None:
        self._decisions: dict[ChannelId, list[RoutingDecision]] = {}

    @contextmanager
    def remembered(self, decisions: Iterable[RoutingDecision]) -> Iterator[None]:
        for decision in sorted(decisions, key=lambda one: one.at):
            self._decisions.setdefault(decision.uniqueid, []).append(decision)
        try:
            yield
        finally:
            self._decisions.clear()

    def decision(self, event: CallQueued) -> RoutingDecision | None:
        """The last one of this channel that led to this queue by the time it joined."""
        fitting = [one for one in self._by(event) if _led_to(one, event.queue)]
        return fitting[-1]._replace(call=event.call) if fitting else None

    def been(self, event: CallQueued) -> frozenset[QueueName]:
        """Queues in which this channel had stood by then."""
        return frozenset(one.queue for one in self._by(event) if one.position_at_join)

    def _by(self, event: CallQueued) -> list[RoutingDecision]:
        return [one for one in self._decisions.get(event.channel, ()) if one.at <= event.at + ASKED_BEFORE]


def _led_to(decision: RoutingDecision, queue: QueueName) -> bool:
    """It came to a place in this line, or to the own queue of an agent, where he waits before."""
    if queue.startswith(OWN_QUEUE):
        return ("CTI_PREFERRED", queue) in decision.variables
    return decision.queue == queue and bool(decision.position_at_join)
