"""Changes: the events that other programs are told, numbered by switch, so that none is missed and none counted twice."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, get_args

from cti.domain import events
from cti.domain.export import call_json, milliseconds, segment_json, visit_json
from cti.domain.identifiers import PbxName

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
    | events.RecordingPaused
    | events.RecordingResumed
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

PUBLISHED: frozenset[type] = frozenset(
    (
        *get_args(CallEvent),
        *get_args(AgentEvent),
        events.WrapUpEnded,
        events.CallbackChanged,
        events.RescueChanged,
    )
)
"""What becomes a change."""

UNNUMBERED: frozenset[type] = frozenset({events.CallCorrected, events.CallbackChanged, events.RescueChanged})
"""Changes that no journal tells again."""

Tell = Callable[[Any], Any]

SHAPES: Mapping[type, tuple[str, Tell]] = {
    events.VisitEnded: ("visit", visit_json),
    events.SegmentEnded: ("segment", segment_json),
}
"""Events that carry a record: the field and its JSON shape."""

WHOLE_CALLS = frozenset({events.CallCleared, events.CallCorrected})
"""Events that carry the call as it is kept."""

EVENT_NAMES = frozenset(kind.__name__ for kind in PUBLISHED)


class Change(NamedTuple):
    """The `number`-th change of a switch; told again from the journal, it has the same number.

    What comes of no signal (a correction from the ledger, a promise) is in no journal: it has number 0, and an id of what
    it is about.
    """

    pbx: PbxName
    number: int
    event: Any

    @property
    def id(self) -> str:
        if self.number:
            return f"{self.pbx}-{self.number}"
        named: str | None = getattr(self.event, "change", None)
        if named is not None:
            return named
        return f"{self.call}@{self.event.at:.3f}"

    @property
    def call(self) -> str | None:
        """The call it is about; None for an agent's."""
        return getattr(self.event, "call", None)

    @property
    def agent(self) -> str | None:
        return getattr(self.event, "agent", None)


class Published(NamedTuple):
    """A change as it goes out."""

    sequence: int
    pbx: str
    call: str | None  # None: it is about an agent
    agent: str | None
    event: str
    text: bytes  # JSON


def change_json(change: Change, sequence: int, tell_call: Tell = call_json) -> dict[str, Any]:
    """A change as other programs read it; `seq` counts the changes of the whole installation, without holes.

    `tell_call`: for whoever has the JSON of its call already.
    """
    told = {"seq": sequence, "id": change.id, "pbx": change.pbx}
    return _told_into(told, change.event, tell_call)


def event_json(event: Any) -> dict[str, Any]:
    """An event as other programs read it: its name, its time, its fields."""
    return _told_into({}, event, call_json)


def _told_into(told: dict[str, Any], event: Any, tell_call: Tell) -> dict[str, Any]:
    kind = type(event)
    told["event"] = kind.__name__
    told.update(zip(kind._fields, event, strict=True))
    told["at"] = milliseconds(event.at)
    shape = SHAPES.get(kind)
    if shape is not None:
        told[shape[0]] = shape[1](told[shape[0]])
    elif kind in WHOLE_CALLS:
        told["record"] = tell_call(event.record)
    return told
