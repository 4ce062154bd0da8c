"""What `CoreShowChannels` and `QueueStatus` list, item by item; pure, like the translation of events."""

from collections.abc import Iterable

from cti.adapters.ami.headers import seconds, whole
from cti.adapters.ami.message import Message
from cti.adapters.ami.translation import queue_member
from cti.domain.identifiers import BridgeId, ChannelId, QueueName
from cti.domain.signals import CallerSeen, ChannelSeen, MemberSeen, SnapshotTaken


class SnapshotDraft:
    """A snapshot in the making."""

    def __init__(self, at: float) -> None:
        """`at`: the switch's time before it was asked."""
        self._at = at
        self._channels: list[ChannelSeen] = []
        self._callers: list[CallerSeen] = []
        self._members: list[MemberSeen] = []

    def add(self, item: Message) -> None:
        """One list item; what says too little is left out."""
        if item.name == "CoreShowChannel":
            self._channels += _channel_seen(item)
        elif item.name == "QueueEntry":
            self._callers += _caller_seen(item)
        elif item.name == "QueueMember":
            told = queue_member.tell(self._at, item.read(queue_member.headers)[1:])
            self._members += (seen for seen in told if isinstance(seen, MemberSeen))

    def whole(self) -> SnapshotTaken:
        return SnapshotTaken(self._at, tuple(self._channels), tuple(self._callers), tuple(self._members))


_CHANNEL = ("Uniqueid", "Channel", "Linkedid", "CallerIDNum", "CallerIDName", "BridgeId", "Duration")


def _channel_seen(m: Message) -> Iterable[ChannelSeen]:
    channel, name, linked, number, caller_name, bridge, lasted = m.read(_CHANNEL)
    if not channel or not name:
        return
    yield ChannelSeen(
        ChannelId(channel),
        name,
        ChannelId(linked or channel),
        number or None,
        caller_name or None,
        BridgeId(bridge) if bridge else None,
        _clock_seconds(lasted),
    )


def _clock_seconds(text: str) -> float:
    """`00:01:05` as seconds."""
    total = 0.0
    for part in (text or "0").split(":"):
        total = total * 60 + seconds(part)
    return total


def _caller_seen(m: Message) -> Iterable[CallerSeen]:
    queue, channel = m.get("Queue"), m.get("Uniqueid")
    if not queue or not channel:
        return
    number, caller_name = m.get("CallerIDNum"), m.get("CallerIDName")
    yield CallerSeen(
        QueueName(queue),
        ChannelId(channel),
        m.get("Channel") or "",
        whole(m.get("Position")) or 0,
        seconds(m.get("Wait")),
        whole(m.get("Priority")) or 0,
        None if number in (None, "", "unknown") else number,
        None if caller_name in (None, "", "unknown") else caller_name,
    )
