"""What `CoreShowChannels` and `QueueStatus` list, as one snapshot; pure, like the translation of events."""

from collections.abc import Sequence

from cti.adapters.ami.blocks import leg
from cti.adapters.ami.message import Message
from cti.adapters.ami.translation import member_seen, seconds, whole
from cti.domain.identifiers import BridgeId, ChannelId, QueueName
from cti.domain.signals import CallerSeen, ChannelSeen, SnapshotTaken


def snapshot(at: float, channels: Sequence[Message], queue_items: Sequence[Message]) -> SnapshotTaken:
    """`CoreShowChannels` and `QueueStatus` list items as one snapshot."""
    legs = [_channel_seen(m) for m in channels]
    waiting = [_caller_seen(m) for m in queue_items if m.name == "QueueEntry"]
    members = [member_seen(at, m) for m in queue_items if m.name == "QueueMember"]
    return SnapshotTaken(
        at,
        tuple(entry for entry in legs if entry is not None),
        tuple(entry for entry in waiting if entry is not None),
        tuple(entry for entry in members if entry is not None),
    )


def _channel_seen(m: Message) -> ChannelSeen | None:
    of = leg(m)
    if of is None or not of.name:
        return None
    bridge, lasted = m.get("BridgeId"), _clock_seconds(m.get("Duration"))
    into = BridgeId(bridge) if bridge else None
    return ChannelSeen(of.channel, of.name, of.linked, of.number, of.caller_name, into, lasted)


def _clock_seconds(text: str | None) -> float:
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
