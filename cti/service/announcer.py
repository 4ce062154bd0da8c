"""Tells whoever listens outside, program by program: every event of a call, and each agent's state."""

from collections.abc import Callable, Mapping
from typing import Any

from cti.domain import events
from cti.domain.agents import Agent
from cti.domain.export import call_json, milliseconds, segment_json, visit_json
from cti.domain.identifiers import AgentId
from cti.ports import AgentDesktop, FloorDisplay

CallEvent = (
    events.CallOffered
    | events.CallQueued
    | events.CallerRecognised
    | events.CallDelivered
    | events.CallDiverted
    | events.CallEstablished
    | events.CallHeld
    | events.CallRetrieved
    | events.CallTransferred
    | events.CallsMerged
    | events.CallBlocked
    | events.VisitEnded
    | events.CallAbandoned
    | events.SegmentEnded
    | events.CallCleared
    | events.CallCorrected
    | events.RecordingStarted
)
AgentEvent = (
    events.AgentReady
    | events.AgentNotReady
    | events.AgentRinging
    | events.AgentBusy
    | events.AgentWorkingAfterCall
    | events.AgentUnreachable
    | events.AgentLoggedOn
    | events.AgentLoggedOff
)

SHAPES: Mapping[type, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    events.VisitEnded: ("visit", visit_json),
    events.SegmentEnded: ("segment", segment_json),
    events.CallCleared: ("record", call_json),
    events.CallCorrected: ("record", call_json),
}
"""Events that carry a record: the field and its JSON shape."""


def event_json(event: CallEvent) -> dict[str, Any]:
    """An event as other programs read it: its name, its time, its fields."""
    told: dict[str, Any] = {"event": type(event).__name__, **event._asdict(), "at": milliseconds(event.at)}
    shape = SHAPES.get(type(event))
    if shape is not None:
        told[shape[0]] = shape[1](told[shape[0]])
    return told


def agent_json(agent: Agent) -> dict[str, Any]:
    return {
        "agent": agent.id,
        "state": agent.state.value,
        "reason": agent.reason,
        "since": milliseconds(agent.since),
        "queues": sorted(agent.memberships),
    }


class Announcer:
    """Publishing never waits: what listens stands behind queues of its own."""

    def __init__(
        self,
        displays: tuple[FloorDisplay, ...],
        desktops: tuple[AgentDesktop, ...],
        find: Callable[[AgentId], Agent | None],
    ) -> None:
        self._displays, self._desktops, self._find = displays, desktops, find

    def call(self, event: CallEvent) -> None:
        """Reaction: something happened to a call."""
        told = event_json(event) if self._displays else {}
        for display in self._displays:
            display.call_event(event.call, told)

    def agent(self, event: AgentEvent) -> None:
        """Reaction: an agent's state changed."""
        agent = self._find(event.agent)
        if agent is not None:
            state = agent_json(agent)
            for desktop in self._desktops:
                desktop.state(agent.id, state)
