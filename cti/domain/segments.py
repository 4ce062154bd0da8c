"""One agent's time in a conversation: bridged, on hold, gone.

Talk and hold come from the moments the agent's own leg enters and leaves bridges and is held, never from the switch's
TalkTime, which keeps running after a transfer. An agent behind a Local channel has two legs; the segment follows the
telephone's once it shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cti.domain.identifiers import AgentId, ChannelId, QueueName
from cti.domain.signals import BridgeJoined, BridgeLeft, ChannelClosed, ChannelHeld, ChannelRetrieved


class SegmentState(StrEnum):
    """What the agent's leg is doing."""

    ARRIVING = "arriving"  # answered, not yet bridged
    TALKING = "talking"
    HOLDING = "holding"  # the agent holds the customer
    AWAY = "away"  # out of the bridge, may come back
    ENDED = "ended"


S = SegmentState
SEGMENT_STEPS: Mapping[SegmentState, Mapping[type, SegmentState]] = {
    S.ARRIVING: {
        BridgeJoined: S.TALKING,
        BridgeLeft: S.AWAY,
        ChannelHeld: S.ARRIVING,
        ChannelRetrieved: S.ARRIVING,
        ChannelClosed: S.ENDED,
    },
    S.TALKING: {
        BridgeJoined: S.TALKING,
        ChannelHeld: S.HOLDING,
        ChannelRetrieved: S.TALKING,
        BridgeLeft: S.AWAY,
        ChannelClosed: S.ENDED,
    },
    S.HOLDING: {
        BridgeJoined: S.HOLDING,
        ChannelHeld: S.HOLDING,
        ChannelRetrieved: S.TALKING,
        BridgeLeft: S.AWAY,
        ChannelClosed: S.ENDED,
    },
    S.AWAY: {
        BridgeJoined: S.TALKING,
        BridgeLeft: S.AWAY,
        ChannelHeld: S.AWAY,
        ChannelRetrieved: S.AWAY,
        ChannelClosed: S.ENDED,
    },
    S.ENDED: {BridgeLeft: S.ENDED, ChannelClosed: S.ENDED},
}


@dataclass(slots=True, eq=False)
class Segment:
    """Seconds of talk and hold gather as the leg moves from state to state."""

    agent: AgentId
    channel: ChannelId
    channel_name: str
    queue: QueueName | None
    began_at: float
    state: SegmentState = SegmentState.ARRIVING
    since: float = 0.0
    talk: float = 0.0
    hold: float = 0.0
    holds: int = 0
    held: tuple[tuple[float, float], ...] = ()  # from when to when, one for each of `holds` that is over
    held_since: float | None = None
    left_at: float | None = None  # when it last left a bridge: the end, unless it comes back
    ended_at: float | None = None
    transferred: bool = False
    wrap_up: float | None = None  # seconds of after-call work, when it ended before the call did

    @property
    def open(self) -> bool:
        return self.state is not SegmentState.ENDED

    @property
    def through_local(self) -> bool:
        return self.channel_name.startswith("Local/")

    def hear(self, at: float, signal_type: type) -> bool:
        """Advance by the table; False when the table does not foresee it."""
        following = SEGMENT_STEPS[self.state].get(signal_type)
        if following is None:
            return False
        self._count(at)
        if following is SegmentState.TALKING and self.state is SegmentState.ARRIVING:
            self.began_at = at
        if following is SegmentState.HOLDING and self.state is not SegmentState.HOLDING:
            self.holds += 1
            self.held_since = at
        elif following is not SegmentState.HOLDING and self.held_since is not None:
            self.held += ((self.held_since, at),)
            self.held_since = None
        if signal_type is BridgeLeft:
            self.left_at = at
        elif signal_type is BridgeJoined:
            self.left_at = None
        if following is SegmentState.ENDED and self.open:
            self.ended_at = self.left_at if self.left_at is not None else at
        self.state = following
        return True

    def end(self, at: float) -> None:
        self.hear(at, ChannelClosed)

    def _count(self, at: float) -> None:
        elapsed = max(0.0, at - self.since)
        if self.state is SegmentState.TALKING:
            self.talk += elapsed
        elif self.state is SegmentState.HOLDING:
            self.hold += elapsed
        self.since = at

    def totals(self, at: float | None) -> tuple[float, float]:
        """Talk and hold up to now, for a segment still running at `at`."""
        running = 0.0 if at is None else max(0.0, at - self.since)
        talk = self.talk + (running if self.state is SegmentState.TALKING else 0.0)
        hold = self.hold + (running if self.state is SegmentState.HOLDING else 0.0)
        return talk, hold
