"""What was decided before a restart, while callers who still wait are taken up."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from cti.domain.events import CallQueued
from cti.domain.identifiers import ChannelId, QueueName
from routing.domain.decision import RoutingDecision

ASKED_BEFORE: Final = 1.0
"""Seconds: a decision falls before its caller joins, on two clocks."""


class Before:
    """Each caller goes on by what was decided for him then; empty but for the moment of taking up."""

    def __init__(self) -> None:
        self._decisions: dict[tuple[ChannelId, QueueName], list[RoutingDecision]] = {}

    @contextmanager
    def remembered(self, decisions: Iterable[RoutingDecision]) -> Iterator[None]:
        for decision in sorted(decisions, key=lambda one: one.at):
            self._decisions.setdefault((decision.uniqueid, decision.queue), []).append(decision)
        try:
            yield
        finally:
            self._decisions.clear()

    def decision(self, event: CallQueued) -> RoutingDecision | None:
        """The last one of this channel and queue by the time it joined, if it had come to a place in line."""
        known = self._decisions.get((event.channel, event.queue), ())
        fitting = [one for one in known if one.at <= event.at + ASKED_BEFORE and one.position_at_join]
        return fitting[-1]._replace(call=event.call) if fitting else None
