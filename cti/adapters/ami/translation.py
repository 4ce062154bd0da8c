"""AMI message → signals. With `blocks.py` the only place that speaks Asterisk; pure: no clock, no input or output.

A message that lacks what its signal needs (a forged or cut one) translates to nothing. Facts about the messages that
shape this table: an agent's own leg is `Dest…`; `RingTime` is seconds in AgentConnect but milliseconds in
AgentRingNoAnswer; `QueueCallerAbandon` means "left unserved", not "hung up"; AgentComplete may name no leg at all;
UserEvents `CtiQueueResult` and `CtiRecording` are the reports of the shipped dialplan.
"""

from collections.abc import Callable, Iterable, Mapping

from cti.adapters.ami.blocks import leg, member
from cti.adapters.ami.message import Message
from cti.domain import signals
from cti.domain.identifiers import AgentId, BridgeId, ChannelId, QueueName
from cti.domain.signals import MemberSeen, Signal

NOTHING: tuple[Signal, ...] = ()


def seconds(text: str | None) -> float:
    """A duration as Asterisk writes it; nothing readable is 0."""
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def whole(text: str | None) -> int | None:
    try:
        return int(text) if text else None
    except ValueError:
        return None


def _channel(text: str | None) -> ChannelId | None:
    return ChannelId(text) if text else None


# Legs


def _newchannel(at: float, m: Message) -> Iterable[Signal]:
    of = leg(m)
    if of is None or not of.name:
        return NOTHING
    exten = of.exten or None
    return (signals.ChannelOpened(at, of.channel, of.name, of.linked, of.number, of.caller_name, exten),)


def _new_callerid(at: float, m: Message) -> Iterable[Signal]:
    of = leg(m)
    if of is None:
        return NOTHING
    return (signals.CallerIdentified(at, of.channel, of.name, of.linked, of.number, of.caller_name),)


def _hangup(at: float, m: Message) -> Iterable[Signal]:
    of = leg(m)
    if of is None:
        return NOTHING
    return (signals.ChannelClosed(at, of.channel, of.name, of.linked, whole(m.get("Cause"))),)


def _hold(at: float, m: Message) -> Iterable[Signal]:
    channel = _channel(m.get("Uniqueid"))
    return (signals.ChannelHeld(at, channel),) if channel else NOTHING


def _unhold(at: float, m: Message) -> Iterable[Signal]:
    channel = _channel(m.get("Uniqueid"))
    return (signals.ChannelRetrieved(at, channel),) if channel else NOTHING


def _bridge_enter(at: float, m: Message) -> Iterable[Signal]:
    of, bridge = leg(m), m.get("BridgeUniqueid")
    if of is None or not bridge:
        return NOTHING
    swapped = _channel(m.get("SwapUniqueid"))
    return (signals.BridgeJoined(at, of.channel, of.name, of.linked, BridgeId(bridge), swapped),)


def _bridge_leave(at: float, m: Message) -> Iterable[Signal]:
    channel, bridge = m.get("Uniqueid"), m.get("BridgeUniqueid")
    return (signals.BridgeLeft(at, ChannelId(channel), BridgeId(bridge)),) if channel and bridge else NOTHING


def _newexten(at: float, m: Message) -> Iterable[Signal]:
    of = leg(m)
    application = m.get("Application") or ""
    if of is None or of.exten in ("", "h") or application.startswith(("AppQueue", "AppDial")):
        return NOTHING  # the hang-up handler is no continuation, and a dialled leg's label no step
    queue = None
    if application == "Queue":
        queue = QueueName((m.get("AppData") or "").split(",", 1)[0])
    return (signals.DialplanContinued(at, of.channel, of.context, of.exten, queue),)


def _dial_begin(at: float, m: Message) -> Iterable[Signal]:
    rung = leg(m, "Dest")
    if rung is None:
        return NOTHING
    return (signals.PartyRung(at, _channel(m.get("Uniqueid")), rung.channel, rung.name, rung.linked),)


def _dial_end(at: float, m: Message) -> Iterable[Signal]:
    rung = _channel(m.get("DestUniqueid"))
    return (signals.RingEnded(at, rung, m.get("DialStatus") or ""),) if rung else NOTHING


# Queues


def _queue_caller_join(at: float, m: Message) -> Iterable[Signal]:
    of, queue = leg(m), m.get("Queue")
    if of is None or not queue:
        return NOTHING
    return (
        signals.QueueJoined(
            at,
            of.channel,
            of.name,
            of.linked,
            QueueName(queue),
            whole(m.get("Position")) or 0,
            of.number,
            of.caller_name,
            of.context,
            of.exten,
        ),
    )


def _queue_caller_leave(at: float, m: Message) -> Iterable[Signal]:
    channel, queue = m.get("Uniqueid"), m.get("Queue")
    return (signals.QueueLeft(at, ChannelId(channel), QueueName(queue)),) if channel and queue else NOTHING


def _queue_caller_abandon(at: float, m: Message) -> Iterable[Signal]:
    of, queue = leg(m), m.get("Queue")
    if of is None or not queue:
        return NOTHING
    return (
        signals.CallerGaveUp(
            at,
            of.channel,
            of.name,
            of.linked,
            QueueName(queue),
            whole(m.get("OriginalPosition")),
            seconds(m.get("HoldTime")),
            of.number,
            of.caller_name,
        ),
    )


def _agent_called(at: float, m: Message) -> Iterable[Signal]:
    of, rung, queue, agent = leg(m), leg(m, "Dest"), m.get("Queue"), m.get("MemberName")
    if of is None or rung is None or not queue or not agent:
        return NOTHING
    return (
        signals.AgentRung(
            at,
            of.channel,
            of.name,
            of.linked,
            QueueName(queue),
            AgentId(agent),
            m.get("Interface") or "",
            rung.channel,
            rung.name,
            of.number,
            of.caller_name,
        ),
    )


def _agent_ring_no_answer(at: float, m: Message) -> Iterable[Signal]:
    channel, queue, agent = m.get("Uniqueid"), m.get("Queue"), m.get("MemberName")
    if not channel or not queue or not agent:
        return NOTHING
    rang = seconds(m.get("RingTime")) / 1000
    rung = _channel(m.get("DestUniqueid"))
    return (signals.AgentDidNotAnswer(at, ChannelId(channel), QueueName(queue), AgentId(agent), rung, rang),)


def _agent_dump(at: float, m: Message) -> Iterable[Signal]:
    channel, queue, agent = m.get("Uniqueid"), m.get("Queue"), m.get("MemberName")
    if not channel or not queue or not agent:
        return NOTHING
    rung = _channel(m.get("DestUniqueid"))
    return (signals.AgentDumped(at, ChannelId(channel), QueueName(queue), AgentId(agent), rung),)


def _agent_connect(at: float, m: Message) -> Iterable[Signal]:
    of, answering, queue, agent = leg(m), leg(m, "Dest"), m.get("Queue"), m.get("MemberName")
    if of is None or not queue or not agent:
        return NOTHING
    return (
        signals.AgentAnswered(
            at,
            of.channel,
            of.name,
            of.linked,
            QueueName(queue),
            AgentId(agent),
            m.get("Interface") or "",
            answering.channel if answering is not None else None,
            answering.name if answering is not None else None,
            seconds(m.get("RingTime")),
            seconds(m.get("HoldTime")),
            of.number,
            of.caller_name,
        ),
    )


def _agent_complete(at: float, m: Message) -> Iterable[Signal]:
    of, queue, agent = leg(m), m.get("Queue"), m.get("MemberName")
    if not queue or not agent:
        return NOTHING
    return (
        signals.AgentFinished(
            at,
            of.channel if of is not None else None,
            of.name if of is not None else "",
            of.linked if of is not None else None,
            QueueName(queue),
            AgentId(agent),
            _channel(m.get("DestUniqueid")),
            seconds(m.get("HoldTime")),
            seconds(m.get("TalkTime")),
            m.get("Reason") or "",
            of.number if of is not None else None,
            of.caller_name if of is not None else None,
        ),
    )


def _returned(at: float, m: Message, queue: str | None, status: str | None) -> Iterable[Signal]:
    of = leg(m)
    if of is None or not status:
        return NOTHING
    into = QueueName(queue) if queue else None
    return (signals.QueueReturned(at, of.channel, of.name, of.linked, into, status),)


def _varset(at: float, m: Message) -> Iterable[Signal]:
    if m.get("Variable") != "QUEUESTATUS":
        return NOTHING
    return _returned(at, m, None, m.get("Value"))


def _user_event(at: float, m: Message) -> Iterable[Signal]:
    kind = m.get("UserEvent")
    if kind == "CtiQueueResult":
        return _returned(at, m, m.get("Queue"), m.get("Status"))
    channel, file = (
        m.get("Uniqueid"),
        m.get("Recording"),
    )  # not "File": the switch's own debug headers have one
    if kind != "CtiRecording" or not channel or not file:
        return NOTHING
    return (signals.RecordingNamed(at, ChannelId(channel), file),)


# Transfers


def _blind_transfer(at: float, m: Message) -> Iterable[Signal]:
    transferer = _channel(m.get("TransfererUniqueid"))
    if transferer is None:
        return NOTHING
    succeeded, transferee = m.get("Result") == "Success", _channel(m.get("TransfereeUniqueid"))
    exten, context = m.get("Extension") or "", m.get("Context") or ""
    return (signals.BlindTransferred(at, succeeded, transferer, transferee, exten, context),)


def _attended_transfer(at: float, m: Message) -> Iterable[Signal]:
    first, second = m.get("OrigTransfererUniqueid"), m.get("SecondTransfererUniqueid")
    if not first or not second:
        return NOTHING
    kind = m.get("DestType") or ""
    return (
        signals.AttendedTransferred(
            at,
            m.get("Result") == "Success" and kind != "Fail",
            kind,
            ChannelId(first),
            ChannelId(second),
            _channel(m.get("TransfereeUniqueid")),
            _channel(m.get("TransferTargetUniqueid")),
            m.get("DestApp"),
        ),
    )


# Members and recordings


def member_seen(at: float, m: Message) -> MemberSeen | None:
    seen = member(m)
    if seen is None:
        return None
    return MemberSeen(
        at,
        QueueName(seen.queue),
        AgentId(seen.agent),
        seen.interface,
        seen.state_interface,
        whole(seen.status) or 0,
        seen.paused == "1",
        seen.reason,
        seen.in_call == "1",
        whole(seen.penalty) or 0,
    )


def _queue_member(at: float, m: Message) -> Iterable[Signal]:
    seen = member_seen(at, m)
    return (seen,) if seen is not None else NOTHING


def _queue_member_removed(at: float, m: Message) -> Iterable[Signal]:
    queue, agent = m.get("Queue"), m.get("MemberName")
    return (signals.MemberRemoved(at, QueueName(queue), AgentId(agent)),) if queue and agent else NOTHING


def _mixmonitor_start(at: float, m: Message) -> Iterable[Signal]:
    channel = _channel(m.get("Uniqueid"))
    return (signals.RecordingBegan(at, channel),) if channel else NOTHING


def _mixmonitor_stop(at: float, m: Message) -> Iterable[Signal]:
    channel = _channel(m.get("Uniqueid"))
    return (signals.RecordingEnded(at, channel),) if channel else NOTHING


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
    "VarSet": _varset,
    "UserEvent": _user_event,
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
}
"""Event name → what it tells. Events not named here are counted and let go."""


def translate(message: Message, at: float) -> Iterable[Signal]:
    """The signals of one event message; `at` is the time to use when the message carries none."""
    translation = TRANSLATIONS.get(message.name)
    if translation is None:
        return NOTHING
    return translation(message.at or at, message)
