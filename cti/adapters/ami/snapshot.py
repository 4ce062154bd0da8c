"""What `CoreShowChannels` and `QueueStatus` list, as one snapshot; pure, like the translation of events."""

from collections.abc import Iterable, Sequence

from cti.adapters.ami.headers import seconds, whole
from cti.adapters.ami.message import Message
from cti.adapters.ami.translation import queue_member
from cti.domain.identifiers import BridgeId, ChannelId, QueueName
from cti.domain.signals import CallerSeen, ChannelSeen, MemberSeen, Signal, SnapshotTaken


def snapshot(at: float, channels: Sequence[Message], queue_items: Sequence[Message]) -> SnapshotTaken:
    """`CoreShowChannels` and `QueueStatus` list items as one snapshot."""
    legs = [_channel_seen(m) for m in channels]
    waiting = [_caller_seen(m) for m in queue_items if m.name == "QueueEntry"]
    members = [_member_seen(at, m) for m in queue_items if m.name == "QueueMember"]
    return SnapshotTaken(
        at,
        tuple(entry for entry in legs if entry is not None),
        tuple(entry for entry in waiting if entry is not None),
        tuple(seen for one in members for seen in one if isinstance(seen, MemberSeen)),
    )


_CHANNEL = ("Uniqueid", "Channel", "Linkedid", "CallerIDNum", "CallerIDName", "BridgeId", "Duration")


def _channel_seen(m: Message) -> ChannelSeen | None:
    channel, name, linked, number, caller_name, bridge, lasted = m.read(_CHANNEL)
    if not channel or not name:
        return None
    return ChannelSeen(
        ChannelId(channel),
        name,
        ChannelId(linked or channel),
        number or None,
        caller_name or None,
        BridgeId(bridge) if bridge else None,
        _clock_seconds(lasted),
    )


def _member_seen(at: float, m: Message) -> Iterable[Signal]:
    return queue_member.tell(at, m.read(queue_member.headers)[1:])


def _clock_seconds(text: str) -> float:
    """`00:01:05` as seconds."""
    total = 0.0
    for part in (text or "0").split(":"):
        total = total * 60 + seconds(part)
    return total


def _caller_seen(m: Message) -> CallerSeen | None:
    queue, channel = m.get("Queue"), m.get("Uniqueid")
    if not queue or not channel:
        return None
    number, caller_name = m.get("CallerIDNum"), m.get("CallerIDName")
    return CallerSeen(
        QueueName(queue),
        ChannelId(channel),
        m.get("Channel") or "",
        whole(m.get("Position")) or 0,
        seconds(m.get("Wait")),
        whole(m.get("Priority")) or 0,
        None if number in (None, "", "unknown") else number,
        None if caller_name in (None, "", "unknown") else caller_name,
    )
