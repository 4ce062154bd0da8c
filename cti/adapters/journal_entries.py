"""What the journal's entries say, as bytes: signals that no message carries, and who a caller is."""

import json
from collections.abc import Mapping
from typing import Any

from cti.domain import signals
from cti.domain.events import CallerRecognised
from cti.domain.identifiers import Tier
from cti.domain.signals import CallerSeen, ChannelSeen, MemberSeen, Signal, SnapshotTaken

OF_THE_LINE: Mapping[str, Any] = {
    kind.__name__: kind
    for kind in (
        signals.SnapshotTaken,
        signals.SwitchBooted,
        signals.LinkRestored,
        signals.LinkLost,
        signals.MessagesMissed,
        signals.FrameSetAside,
    )
}
"""Signals that the line itself makes."""


def _dumps(values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def signal_bytes(signal: Signal) -> bytes:
    return _dumps([type(signal).__name__, *signal])


def signal_of(payload: bytes) -> Signal:
    name, *values = json.loads(payload.decode("utf-8", "surrogatepass"))
    if name == SnapshotTaken.__name__:
        at, channels, callers, members = values
        return SnapshotTaken(
            at,
            tuple(ChannelSeen(*seen) for seen in channels),
            tuple(CallerSeen(*seen) for seen in callers),
            tuple(MemberSeen(*seen) for seen in members),
        )
    signal: Signal = OF_THE_LINE[name](*values)
    return signal


def knowledge_bytes(event: CallerRecognised) -> bytes:
    return _dumps(event)


def knowledge_of(payload: bytes) -> CallerRecognised:
    at, call, customer, name, tier, source = json.loads(payload.decode("utf-8", "surrogatepass"))
    return CallerRecognised(at, call, customer, name, Tier(tier), source)
