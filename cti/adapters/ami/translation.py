"""AMI message → signals. The only file that speaks Asterisk; pure: no clock, no input or output.

A message that lacks what its signal needs (a forged or cut one) translates to nothing. Facts about the messages that
shape this table: an agent's own leg is `Dest…`; `RingTime` is seconds in AgentConnect but milliseconds in
AgentRingNoAnswer; `QueueCallerAbandon` means "left unserved", not "hung up"; UserEvents `CtiQueueResult` and
`CtiRecording` are the reports of the shipped dialplan (`config/asterisk/extensions.conf`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from cti.adapters.ami.message import Message
from cti.domain import signals
from cti.domain.identifiers import AgentId, BridgeId, ChannelId, QueueName
from cti.domain.signals import ChannelSeen, MemberSeen, Signal

NOTHING: tuple[Signal, ...] = ()


def _number(text: str | None) -> float:
    """A duration as Asterisk writes it; nothing readable is 0."""
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _whole(text: str | None) -> int | None:
    try:
        return int(text) if text else None
    except ValueError:
        return None


def _interface_of(channel_name: str) -> str:
    return channel_name.rpartition("-")[0]


def _newchannel(at: float, m: Message) -> Iterable[Signal]:
    channel, name = m.get("Uniqueid"), m.get("Channel")
    if not channel or not name:
        return NOTHING
    return (
        signals.ChannelOpened(
            at,
            ChannelId(channel),
            name,
            ChannelId(m.get("Linkedid") or channel),
            m.get("CallerIDNum") or None,
            m.get("CallerIDName") or None,
            m.get("Exten") or None,
        ),
    )


def _new_callerid(at: float, m: Message) -> Iterable[Signal]:
    channel, name = m.get("Uniqueid"), m.get("Channel")
    if not channel or not name:
        return NOTHING
    number = m.get("CallerIDNum") or None
    caller_name = m.get("CallerIDName") or None
    linked = ChannelId(m.get("Linkedid") or channel)
    return (signals.CallerIdentified(at, ChannelId(channel), name, linked, number, caller_name),)


def _hangup(at: float, m: Message) -> Iterable[Signal]:
    channel = m.get("Uniqueid")
    if not channel:
        return NOTHING
    linked = ChannelId(m.get("Linkedid") or channel)
    cause = _whole(m.get("Cause"))
    return (signals.ChannelClosed(at, ChannelId(channel), m.get("Channel") or "", linked, cause),)


def _hold(at: float, m: Message) -> Iterable[Signal]:
    channel = m.get("Uniqueid")
    return (signals.ChannelHeld(at, ChannelId(channel)),) if channel else NOTHING


def _unhold(at: float, m: Message) -> Iterable[Signal]:
    channel = m.get("Uniqueid")
    return (signals.ChannelRetrieved(at, ChannelId(channel)),) if channel else NOTHING


def _bridge_enter(at: float, m: Message) -> Iterable[Signal]:
    channel, name, bridge = m.get("Uniqueid"), m.get("Channel"), m.get("BridgeUniqueid")
    if not channel or not name or not bridge:
        return NOTHING
    swapped = m.get("SwapUniqueid")
    return (
        signals.BridgeJoined(
            at,
            ChannelId(channel),
            name,
            ChannelId(m.get("Linkedid") or channel),
            BridgeId(bridge),
            ChannelId(swapped) if swapped else None,
        ),
    )


def _bridge_leave(at: float, m: Message) -> Iterable[Signal]:
    channel, bridge = m.get("Uniqueid"), m.get("BridgeUniqueid")
    if not channel or not bridge:
        return NOTHING
    return (signals.BridgeLeft(at, ChannelId(channel), BridgeId(bridge)),)


def _newexten(at: float, m: Message) -> Iterable[Signal]:
    channel, exten = m.get("Uniqueid"), m.get("Exten")
    if not channel or exten in (None, "h"):  # the hang-up handler is no continuation
        return NOTHING
    queue = None
    application = m.get("Application")
    if application == "Queue":
        queue = QueueName((m.get("AppData") or "").split(",", 1)[0])
    elif application in ("AppQueue", "AppDial", "AppDial2"):
        return NOTHING  # what a leg is labelled with, not a step of its dialplan
    return (signals.DialplanContinued(at, ChannelId(channel), m.get("Context") or "", exten or "", queue),)


def _dial_begin(at: float, m: Message) -> Iterable[Signal]:
    rung, name = m.get("DestUniqueid"), m.get("DestChannel")
    if not rung or not name:
        return NOTHING
    channel = m.get("Uniqueid")
    return (
        signals.PartyRung(
            at,
            ChannelId(channel) if channel else None,
            ChannelId(rung),
            name,
            ChannelId(m.get("DestLinkedid") or rung),
        ),
    )


def _dial_end(at: float, m: Message) -> Iterable[Signal]:
    rung = m.get("DestUniqueid")
    return (signals.RingEnded(at, ChannelId(rung), m.get("DialStatus") or ""),) if rung else NOTHING


def _queue_caller_join(at: float, m: Message) -> Iterable[Signal]:
    channel, queue = m.get("Uniqueid"), m.get("Queue")
    if not channel or not queue:
        return NOTHING
    return (
        signals.QueueJoined(
            at,
            ChannelId(channel),
            m.get("Channel") or "",
            ChannelId(m.get("Linkedid") or channel),
            QueueName(queue),
            _whole(m.get("Position")) or 0,
            m.get("CallerIDNum") or None,
            m.get("CallerIDName") or None,
            m.get("Context") or "",
            m.get("Exten") or "",
        ),
    )


def _queue_caller_leave(at: float, m: Message) -> Iterable[Signal]:
    channel, queue = m.get("Uniqueid"), m.get("Queue")
    return (signals.QueueLeft(at, ChannelId(channel), QueueName(queue)),) if channel and queue else NOTHING


def _queue_caller_abandon(at: float, m: Message) -> Iterable[Signal]:
    channel, queue = m.get("Uniqueid"), m.get("Queue")
    if not channel or not queue:
        return NOTHING
    return (
        signals.CallerGaveUp(
            at,
            ChannelId(channel),
            m.get("Channel") or "",
            ChannelId(m.get("Linkedid") or channel),
            QueueName(queue),
            _whole(m.get("OriginalPosition")),
            _number(m.get("HoldTime")),
            m.get("CallerIDNum") or None,
            m.get("CallerIDName") or None,
        ),
    )


def _agent_called(at: float, m: Message) -> Iterable[Signal]:
    channel, queue, agent, rung = (
        m.get("Uniqueid"),
        m.get("Queue"),
        m.get("MemberName"),
        m.get("DestUniqueid"),
    )
    if not channel or not queue or not agent or not rung:
        return NOTHING
    return (
        signals.AgentRung(
            at,
            ChannelId(channel),
            m.get("Channel") or "",
            ChannelId(m.get("Linkedid") or channel),
            QueueName(queue),
            AgentId(agent),
            m.get("Interface") or "",
            ChannelId(rung),
            m.get("DestChannel") or "",
            m.get("CallerIDNum") or None,
            m.get("CallerIDName") or None,
        ),
    )


def _agent_ring_no_answer(at: float, m: Message) -> Iterable[Signal]:
    channel, queue, agent, rung = (
        m.get("Uniqueid"),
        m.get("Queue"),
        m.get("MemberName"),
        m.get("DestUniqueid"),
    )
    if not channel or not queue or not agent:
        return NOTHING
    return (
        signals.AgentDidNotAnswer(
            at,
            ChannelId(channel),
            QueueName(queue),
            AgentId(agent),
            ChannelId(rung) if rung else None,
            _number(m.get("RingTime")) / 1000,
        ),
    )


def _agent_dump(at: float, m: Message) -> Iterable[Signal]:
    channel, queue, agent, rung = (
        m.get("Uniqueid"),
        m.get("Queue"),
        m.get("MemberName"),
        m.get("DestUniqueid"),
    )
    if not channel or not queue or not agent:
        return NOTHING
    leg = ChannelId(rung) if rung else None
    return (signals.AgentDumped(at, ChannelId(channel), QueueName(queue), AgentId(agent), leg),)


def _agent_connect(at: float, m: Message) -> Iterable[Signal]:
    channel, queue, agent, leg = m.get("Uniqueid"), m.get("Queue"), m.get("MemberName"), m.get("DestUniqueid")
    if not channel or not queue or not agent:
        return NOTHING
    return (
        signals.AgentAnswered(
            at,
            ChannelId(channel),
            m.get("Channel") or "",
            ChannelId(m.get("Linkedid") or channel),
            QueueName(queue),
            AgentId(agent),
            m.get("Interface") or "",
            ChannelId(leg) if leg else None,
            m.get("DestChannel"),
            _number(m.get("RingTime")),
            _number(m.get("HoldTime")),
            m.get("CallerIDNum") or None,
            m.get("CallerIDName") or None,
        ),
    )


def _agent_complete(at: float, m: Message) -> Iterable[Signal]:
    channel, queue, agent, leg = m.get("Uniqueid"), m.get("Queue"), m.get("MemberName"), m.get("DestUniqueid")
    if not queue or not agent:
        return NOTHING
    linked = m.get("Linkedid") or channel
    return (
        signals.AgentFinished(
            at,
            ChannelId(channel) if channel else None,
            m.get("Channel") or "",
            ChannelId(linked) if linked else None,
            QueueName(queue),
            AgentId(agent),
            ChannelId(leg) if leg else None,
            _number(m.get("HoldTime")),
            _number(m.get("TalkTime")),
            m.get("Reason") or "",
            m.get("CallerIDNum") or None,
            m.get("CallerIDName") or None,
        ),
    )


def _blind_transfer(at: float, m: Message) -> Iterable[Signal]:
    transferer, transferee = m.get("TransfererUniqueid"), m.get("TransfereeUniqueid")
    if not transferer:
        return NOTHING
    return (
        signals.BlindTransferred(
            at,
            m.get("Result") == "Success",
            ChannelId(transferer),
            ChannelId(transferee) if transferee else None,
            m.get("Extension") or "",
            m.get("Context") or "",
        ),
    )


def _attended_transfer(at: float, m: Message) -> Iterable[Signal]:
    first, second = m.get("OrigTransfererUniqueid"), m.get("SecondTransfererUniqueid")
    if not first or not second:
        return NOTHING
    transferee, target = m.get("TransfereeUniqueid"), m.get("TransferTargetUniqueid")
    kind = m.get("DestType") or ""
    return (
        signals.AttendedTransferred(
            at,
            m.get("Result") == "Success" and kind != "Fail",
            kind,
            ChannelId(first),
            ChannelId(second),
            ChannelId(transferee) if transferee else None,
            ChannelId(target) if target else None,
            m.get("DestApp"),
        ),
    )


def member_seen(
    at: float, m: Message, name_key: str = "MemberName", interface_key: str = "Interface"
) -> MemberSeen | None:
    """A queue member as an event, or a QueueStatus list item, shows it."""
    queue, agent = m.get("Queue"), m.get(name_key)
    if not queue or not agent:
        return None
    interface = m.get(interface_key) or ""
    return MemberSeen(
        at,
        QueueName(queue),
        AgentId(agent),
        interface,
        m.get("StateInterface") or interface,
        _whole(m.get("Status")) or 0,
        m.get("Paused") == "1",
        m.get("PausedReason") or "",
        m.get("InCall") == "1",
        _whole(m.get("Penalty")) or 0,
    )


def _queue_member(at: float, m: Message) -> Iterable[Signal]:
    seen = member_seen(at, m)
    return (seen,) if seen is not None else NOTHING


def _queue_member_removed(at: float, m: Message) -> Iterable[Signal]:
    queue, agent = m.get("Queue"), m.get("MemberName")
    return (signals.MemberRemoved(at, QueueName(queue), AgentId(agent)),) if queue and agent else NOTHING


def _mixmonitor_start(at: float, m: Message) -> Iterable[Signal]:
    channel = m.get("Uniqueid")
    return (signals.RecordingBegan(at, ChannelId(channel)),) if channel else NOTHING


def _mixmonitor_stop(at: float, m: Message) -> Iterable[Signal]:
    channel = m.get("Uniqueid")
    return (signals.RecordingEnded(at, ChannelId(channel)),) if channel else NOTHING


def _varset(at: float, m: Message) -> Iterable[Signal]:
    if m.get("Variable") != "QUEUESTATUS":
        return NOTHING
    channel, status = m.get("Uniqueid"), m.get("Value")
    return _returned(at, m, channel, None, status) if channel and status else NOTHING


def _returned(at: float, m: Message, channel: str, queue: str | None, status: str) -> Iterable[Signal]:
    return (
        signals.QueueReturned(
            at,
            ChannelId(channel),
            m.get("Channel") or "",
            ChannelId(m.get("Linkedid") or channel),
            QueueName(queue) if queue else None,
            status,
        ),
    )


def _user_event(at: float, m: Message) -> Iterable[Signal]:
    kind, channel = m.get("UserEvent"), m.get("Uniqueid")
    if not channel:
        return NOTHING
    if kind == "CtiQueueResult":
        status = m.get("Status")
        return _returned(at, m, channel, m.get("Queue"), status) if status else NOTHING
    if kind == "CtiRecording":
        file = m.get("Recording")  # not "File": the switch's own debug headers have one
        return (signals.RecordingNamed(at, ChannelId(channel), file),) if file else NOTHING
    return NOTHING


TRANSLATIONS: Mapping[str, Callable[[float, Message], Iterable[Signal]]] = {
    "Newchannel": _newchannel,
    "NewCallerid": _new_callerid,
    "Hangup": _hangup,
    "Hold": _hold,
    "Unhold": _unhold,
    "BridgeEnter": _bridge_enter,
    "BridgeLeave": _bridge_leave,
    "Newexten": _newexten,
    "DialBegin": _dial_begin,
    "DialEnd": _dial_end,
    "QueueCallerJoin": _queue_caller_join,
    "QueueCallerLeave": _queue_caller_leave,
    "QueueCallerAbandon": _queue_caller_abandon,
    "AgentCalled": _agent_called,
    "AgentRingNoAnswer": _agent_ring_no_answer,
    "AgentDump": _agent_dump,
    "AgentConnect": _agent_connect,
    "AgentComplete": _agent_complete,
    "BlindTransfer": _blind_transfer,
    "AttendedTransfer": _attended_transfer,
    "QueueMemberStatus": _queue_member,
    "QueueMemberAdded": _queue_member,
    "QueueMemberPause": _queue_member,
    "QueueMemberPenalty": _queue_member,
    "QueueMemberRinginuse": _queue_member,
    "QueueMemberRemoved": _queue_member_removed,
    "MixMonitorStart": _mixmonitor_start,
    "MixMonitorStop": _mixmonitor_stop,
    "VarSet": _varset,
    "UserEvent": _user_event,
}
"""Event name → what it tells. Events not named here are counted and let go."""


def translate(message: Message, at: float) -> Iterable[Signal]:
    """The signals of one event message; `at` is the time to use when the message carries none."""
    translation = TRANSLATIONS.get(message.name)
    if translation is None:
        return NOTHING
    return translation(message.at or at, message)


def snapshot(at: float, channels: Sequence[Message], queue_items: Sequence[Message]) -> signals.SnapshotTaken:
    """`CoreShowChannels` and `QueueStatus` list items as one snapshot."""
    seen = tuple(entry for m in channels if (entry := _channel_seen(m)) is not None)
    callers = tuple(
        entry for m in queue_items if m.name == "QueueEntry" and (entry := _caller_seen(m)) is not None
    )
    members = tuple(
        entry
        for m in queue_items
        if m.name == "QueueMember" and (entry := member_seen(at, m, "Name", "Location")) is not None
    )
    return signals.SnapshotTaken(at, seen, callers, members)


def _channel_seen(m: Message) -> ChannelSeen | None:
    channel, name = m.get("Uniqueid"), m.get("Channel")
    if not channel or not name:
        return None
    bridge = m.get("BridgeId")
    return ChannelSeen(
        ChannelId(channel),
        name,
        ChannelId(m.get("Linkedid") or channel),
        m.get("CallerIDNum") or None,
        m.get("CallerIDName") or None,
        BridgeId(bridge) if bridge else None,
        _clock_seconds(m.get("Duration")),
    )


def _clock_seconds(text: str | None) -> float:
    """`00:01:05` as seconds."""
    total = 0.0
    for part in (text or "0").split(":"):
        total = total * 60 + _number(part)
    return total


def _caller_seen(m: Message) -> signals.CallerSeen | None:
    queue, channel = m.get("Queue"), m.get("Uniqueid")
    if not queue or not channel:
        return None
    number, caller_name = m.get("CallerIDNum"), m.get("CallerIDName")
    return signals.CallerSeen(
        QueueName(queue),
        ChannelId(channel),
        m.get("Channel") or "",
        _whole(m.get("Position")) or 0,
        _number(m.get("Wait")),
        _whole(m.get("Priority")) or 0,
        None if number in (None, "unknown") else number,
        None if caller_name in (None, "unknown") else caller_name,
    )
