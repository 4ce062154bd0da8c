"""AMI message → signals. The only place that speaks Asterisk; pure: no clock, no input or output.

Each function below says which headers it reads and gets their texts in that order, "" for one that is missing or
`<unknown>`. A message that lacks what its signal needs (a forged or cut one) translates to nothing. Facts about the
messages that shape this table: an agent's own leg is `Dest…`; `RingTime` is seconds in AgentConnect but milliseconds in
AgentRingNoAnswer; `QueueCallerAbandon` means "left unserved", not "hung up"; AgentComplete may name no leg at all;
UserEvents `CtiQueueResult`, `CtiRecording` and `CtiRecordingPause` are the reports of the shipped dialplan.
"""

from collections.abc import Callable, Iterable, Mapping

from cti.adapters.ami.headers import Texts, Translation, moment, once, reads, seconds, whole
from cti.adapters.ami.message import Message
from cti.domain import signals
from cti.domain.identifiers import ChannelId, QueueName
from cti.domain.signals import MemberSeen, Signal

NOTHING: tuple[Signal, ...] = ()


# Legs


def _of_a_leg(kind: Callable[[float, ChannelId], Signal]) -> Translation:
    """What says no more than whose leg it is."""
    return reads("Uniqueid")(lambda at, read: (kind(at, read[0]),) if read[0] else NOTHING)


@reads("Uniqueid Channel Linkedid CallerIDNum CallerIDName Exten", kept=True)
def _newchannel(at: float, read: Texts) -> Iterable[Signal]:
    channel, name, linked, number, caller_name, exten = read
    if not channel or not name:
        return NOTHING
    return (
        signals.ChannelOpened(
            at, channel, name, linked or channel, number or None, caller_name or None, exten or None
        ),
    )


@reads("Uniqueid Channel Linkedid CallerIDNum CallerIDName")
def _new_callerid(at: float, read: Texts) -> Iterable[Signal]:
    channel, name, linked, number, caller_name = read
    if not channel:
        return NOTHING
    return (
        signals.CallerIdentified(at, channel, name, linked or channel, number or None, caller_name or None),
    )


@reads("Uniqueid Channel Linkedid Cause")
def _hangup(at: float, read: Texts) -> Iterable[Signal]:
    channel, name, linked, cause = read
    if not channel:
        return NOTHING
    return (signals.ChannelClosed(at, channel, name, linked or channel, whole(cause)),)


@reads("Uniqueid Channel Linkedid BridgeUniqueid SwapUniqueid")
def _bridge_enter(at: float, read: Texts) -> Iterable[Signal]:
    channel, name, linked, bridge, swapped = read
    if not channel or not bridge:
        return NOTHING
    return (signals.BridgeJoined(at, channel, name, linked or channel, bridge, swapped or None),)


@reads("Uniqueid BridgeUniqueid")
def _bridge_leave(at: float, read: Texts) -> Iterable[Signal]:
    channel, bridge = read
    return (signals.BridgeLeft(at, channel, bridge),) if channel and bridge else NOTHING


@reads("Uniqueid Context Exten Application AppData")
def _newexten(at: float, read: Texts) -> Iterable[Signal]:
    channel, context, exten, application, data = read
    if not channel or exten in ("", "h") or application.startswith(("AppQueue", "AppDial")):
        return NOTHING  # the hang-up handler is no continuation, and a dialled leg's label no step
    queue = QueueName(data.split(",", 1)[0]) if application == "Queue" else None
    return (signals.DialplanContinued(at, channel, context, exten, queue),)


@reads("Uniqueid DestUniqueid DestChannel DestLinkedid")
def _dial_begin(at: float, read: Texts) -> Iterable[Signal]:
    channel, rung, name, linked = read
    return (signals.PartyRung(at, channel or None, rung, name, linked or rung),) if rung else NOTHING


@reads("DestUniqueid DialStatus")
def _dial_end(at: float, read: Texts) -> Iterable[Signal]:
    rung, status = read
    return (signals.RingEnded(at, rung, status),) if rung else NOTHING


# Queues


@reads("Uniqueid Channel Linkedid Queue Position CallerIDNum CallerIDName Context Exten", kept=True)
def _queue_caller_join(at: float, read: Texts) -> Iterable[Signal]:
    channel, name, linked, queue, position, number, caller_name, context, exten = read
    if not channel or not queue:
        return NOTHING
    return (
        signals.QueueJoined(
            at,
            channel,
            name,
            linked or channel,
            queue,
            whole(position) or 0,
            number or None,
            caller_name or None,
            context,
            exten,
        ),
    )


@reads("Uniqueid Queue")
def _queue_caller_leave(at: float, read: Texts) -> Iterable[Signal]:
    channel, queue = read
    return (signals.QueueLeft(at, channel, queue),) if channel and queue else NOTHING


@reads("Uniqueid Channel Linkedid Queue OriginalPosition HoldTime CallerIDNum CallerIDName")
def _queue_caller_abandon(at: float, read: Texts) -> Iterable[Signal]:
    channel, name, linked, queue, position, waited, number, caller_name = read
    if not channel or not queue:
        return NOTHING
    return (
        signals.CallerGaveUp(
            at,
            channel,
            name,
            linked or channel,
            queue,
            whole(position),
            seconds(waited),
            number or None,
            caller_name or None,
        ),
    )


@reads(
    "Uniqueid Channel Linkedid Queue MemberName Interface DestUniqueid DestChannel CallerIDNum CallerIDName",
    kept=True,
)
def _agent_called(at: float, read: Texts) -> Iterable[Signal]:
    channel, name, linked, queue, agent, interface, rung, rung_name, number, caller_name = read
    if not channel or not rung or not queue or not agent:
        return NOTHING
    return (
        signals.AgentRung(
            at,
            channel,
            name,
            linked or channel,
            queue,
            agent,
            interface,
            rung,
            rung_name,
            number or None,
            caller_name or None,
        ),
    )


@reads("Uniqueid Queue MemberName DestUniqueid RingTime")
def _agent_ring_no_answer(at: float, read: Texts) -> Iterable[Signal]:
    channel, queue, agent, rung, rang = read
    if not channel or not queue or not agent:
        return NOTHING
    return (signals.AgentDidNotAnswer(at, channel, queue, agent, rung or None, seconds(rang) / 1000),)


@reads("Uniqueid Queue MemberName DestUniqueid")
def _agent_dump(at: float, read: Texts) -> Iterable[Signal]:
    channel, queue, agent, rung = read
    if not channel or not queue or not agent:
        return NOTHING
    return (signals.AgentDumped(at, channel, queue, agent, rung or None),)


@reads(
    "Uniqueid Channel Linkedid Queue MemberName Interface DestUniqueid DestChannel RingTime HoldTime CallerIDNum"
    " CallerIDName",
    kept=True,
)
def _agent_connect(at: float, read: Texts) -> Iterable[Signal]:
    channel, name, linked, queue, agent, interface, rung, rung_name, rang, waited, number, caller_name = read
    if not channel or not queue or not agent:
        return NOTHING
    return (
        signals.AgentAnswered(
            at,
            channel,
            name,
            linked or channel,
            queue,
            agent,
            interface,
            rung or None,
            rung_name if rung else None,
            seconds(rang),
            seconds(waited),
            number or None,
            caller_name or None,
        ),
    )


@reads(
    "Uniqueid Channel Linkedid Queue MemberName DestUniqueid HoldTime TalkTime Reason CallerIDNum CallerIDName"
)
def _agent_complete(at: float, read: Texts) -> Iterable[Signal]:
    channel, name, linked, queue, agent, rung, waited, talked, reason, number, caller_name = read
    if not queue or not agent:
        return NOTHING
    return (
        signals.AgentFinished(
            at,
            channel or None,
            name if channel else "",
            (linked or channel) if channel else None,
            queue,
            agent,
            rung or None,
            seconds(waited),
            seconds(talked),
            reason,
            (number or None) if channel else None,
            (caller_name or None) if channel else None,
        ),
    )


def _returned(
    at: float, channel: ChannelId, name: str, linked: ChannelId, queue: str, status: str
) -> Iterable[Signal]:
    if not channel or not status:
        return NOTHING
    into = QueueName(queue) if queue else None
    return (signals.QueueReturned(at, channel, name, linked or channel, into, status),)


@reads("Variable Value Uniqueid Channel Linkedid")
def _varset(at: float, read: Texts) -> Iterable[Signal]:
    variable, value, channel, name, linked = read
    return _returned(at, channel, name, linked, "", value) if variable == "QUEUESTATUS" else NOTHING


@reads("UserEvent Uniqueid Channel Linkedid Queue Status Recording Paused")
def _user_event(at: float, read: Texts) -> Iterable[Signal]:
    """Its file is not called File: the switch's own debug headers have one."""
    kind, channel, name, linked, queue, status, file, paused = read
    if kind == "CtiQueueResult":
        return _returned(at, channel, name, linked, queue, status)
    if kind == "CtiRecordingPause" and channel and paused in {"0", "1"}:
        return (signals.PauseAsked(at, channel, paused == "1"),)
    if kind != "CtiRecording" or not channel or not file:
        return NOTHING
    return (signals.RecordingNamed(at, channel, file),)


@reads("Uniqueid Direction State")
def _mix_monitor_mute(at: float, read: Texts) -> Iterable[Signal]:
    """One direction alone is no pause: the other party's voice is on the record still."""
    channel, direction, state = read
    muted = {"0": False, "False": False, "1": True, "True": True}.get(state)
    if not channel or direction != "both" or muted is None:
        return NOTHING
    return (signals.RecordingMuted(at, channel, muted),)


def _spying(kind: Callable[[float, ChannelId], Signal]) -> Translation:
    return reads("SpyerUniqueid")(lambda at, read: (kind(at, read[0]),) if read[0] else NOTHING)


# Transfers


@reads("Result TransfererUniqueid TransfereeUniqueid Extension Context")
def _blind_transfer(at: float, read: Texts) -> Iterable[Signal]:
    result, transferer, transferee, exten, context = read
    if not transferer:
        return NOTHING
    succeeded = result == "Success"
    return (signals.BlindTransferred(at, succeeded, transferer, transferee or None, exten, context),)


@reads(
    "Result DestType OrigTransfererUniqueid SecondTransfererUniqueid TransfereeUniqueid TransferTargetUniqueid DestApp"
)
def _attended_transfer(at: float, read: Texts) -> Iterable[Signal]:
    result, kind, first, second, transferee, target, application = read
    if not first or not second:
        return NOTHING
    return (
        signals.AttendedTransferred(
            at,
            result == "Success" and kind != "Fail",
            kind,
            first,
            second,
            transferee or None,
            target or None,
            application or None,
        ),
    )


# Members


@reads("Queue MemberName Name Interface Location StateInterface Status Paused PausedReason InCall Penalty")
def queue_member(at: float, read: Texts) -> Iterable[Signal]:
    """An event, or an item of QueueStatus, which says Name and Location."""
    queue, agent, listed, interface, location, device, status, paused, reason, in_call, penalty = read
    agent, interface = agent or listed, interface or location
    if not queue or not agent:
        return ()
    return (
        MemberSeen(
            at,
            queue,
            agent,
            interface,
            device or interface,
            whole(status) or 0,
            paused == "1",
            reason,
            in_call == "1",
            whole(penalty) or 0,
        ),
    )


@reads("Queue MemberName")
def _queue_member_removed(at: float, read: Texts) -> Iterable[Signal]:
    queue, agent = read
    return (signals.MemberRemoved(at, queue, agent),) if queue and agent else NOTHING


TRANSLATIONS: Mapping[str, Translation] = {
    "Newchannel": _newchannel,
    "NewCallerid": _new_callerid,
    "Hangup": _hangup,
    "Hold": _of_a_leg(signals.ChannelHeld),
    "Unhold": _of_a_leg(signals.ChannelRetrieved),
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
    "VarSet": _varset,
    "UserEvent": _user_event,
    "MixMonitorMute": _mix_monitor_mute,
    "ChanSpyStart": _spying(signals.SpyingStarted),
    "ChanSpyStop": _spying(signals.SpyingStopped),
    "BlindTransfer": _blind_transfer,
    "AttendedTransfer": _attended_transfer,
    "QueueMemberStatus": queue_member,
    "QueueMemberAdded": queue_member,
    "QueueMemberPause": queue_member,
    "QueueMemberPenalty": queue_member,
    "QueueMemberRinginuse": queue_member,
    "QueueMemberRemoved": _queue_member_removed,
}
"""Event name → what it tells. Events not named here are counted and let go."""


READS: Mapping[str, tuple[str, ...]] = {name: told.headers for name, told in TRANSLATIONS.items()}
"""Event name → which headers are read of it."""


def translate(message: Message, at: float) -> Iterable[Signal]:
    """The signals of one event message; `at` is the time to use when the message carries none."""
    translation = TRANSLATIONS.get(message.name)
    if translation is None:
        return NOTHING
    headers, tell, kept = translation
    read = message.read(headers)
    return tell(moment(read[0]) or at, once(read[1:]) if kept else read[1:])
