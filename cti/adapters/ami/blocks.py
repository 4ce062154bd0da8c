"""The two blocks of headers most events consist of: a channel, and a queue member.

Asterisk prints each block in one fixed order, so one pass of a regular expression reads what a search per header would
read many times dearer. Where another version prints another order, the headers are asked for one by one.
"""

import re
from typing import NamedTuple

from cti.adapters.ami.message import Message
from cti.domain.identifiers import ChannelId


class Leg(NamedTuple):
    """A channel as an event shows it."""

    channel: ChannelId
    name: str
    linked: ChannelId
    number: str | None
    caller_name: str | None
    context: str
    exten: str


class Member(NamedTuple):
    """An agent's place in a queue as an event shows it."""

    queue: str
    agent: str
    interface: str
    state_interface: str
    penalty: str
    in_call: str
    status: str
    paused: str
    reason: str


def _channel_block(prefix: bytes) -> re.Pattern[bytes]:
    wanted = {b"Channel", b"CallerIDNum", b"CallerIDName", b"Context", b"Exten", b"Uniqueid", b"Linkedid"}
    order = (
        b"Channel ChannelState ChannelStateDesc CallerIDNum CallerIDName ConnectedLineNum ConnectedLineName "
        b"Language AccountCode Context Exten Priority Uniqueid Linkedid"
    ).split()
    lines = (prefix + key + (b": ([^\r\n]*+)\r?" if key in wanted else b": .*+") for key in order)
    return re.compile(b"\n" + b"\n".join(lines))


_BLOCKS = {prefix: _channel_block(prefix.encode()) for prefix in ("", "Dest")}
_MEMBER = re.compile(
    rb"\nQueue: (.*+)\nMemberName: (.*+)\nInterface: (.*+)\nStateInterface: (.*+)\nMembership: .*+\nPenalty: (.*+)\n"
    rb"CallsTaken: .*+\nLastCall: .*+\nLastPause: .*+\n(?:LoginTime: .*+\n)?InCall: (.*+)\nStatus: (.*+)\n"
    rb"Paused: (.*+)\nPausedReason: (.*+)".replace(rb"(.*+)", rb"([^\r\n]*+)\r?")
)


def leg(message: Message, prefix: str = "") -> Leg | None:
    """The channel block, or that of the other party (`Dest`); None when the message has none."""
    found = _BLOCKS[prefix].search(message.frame)
    if found is None:
        return _leg_by_header(message, prefix)
    name, number, caller_name, context, exten, channel, linked = message.texts(found.groups())
    if not channel:
        return None
    return Leg(
        ChannelId(channel),
        name,
        ChannelId(linked or channel),
        number or None,
        (message.text(found[3], True) if "\\" in caller_name else caller_name) or None,
        context,
        exten,
    )


def _leg_by_header(message: Message, prefix: str) -> Leg | None:
    get = message.get
    channel = get(prefix + "Uniqueid")
    if not channel:
        return None
    return Leg(
        ChannelId(channel),
        get(prefix + "Channel") or "",
        ChannelId(get(prefix + "Linkedid") or channel),
        get(prefix + "CallerIDNum") or None,
        get(prefix + "CallerIDName") or None,
        get(prefix + "Context") or "",
        get(prefix + "Exten") or "",
    )


def member(message: Message) -> Member | None:
    """The member block; None when the message has none."""
    found = _MEMBER.search(message.frame)
    if found is not None:
        return Member._make(message.texts(found.groups()))
    get = message.get
    queue = get("Queue")
    agent = get("MemberName") or get("Name")  # a QueueStatus list item says Name and Location
    if not queue or not agent:
        return None
    interface = get("Interface") or get("Location") or ""
    rest = (get(key) or "" for key in ("Penalty", "InCall", "Status", "Paused", "PausedReason"))
    return Member(queue, agent, interface, get("StateInterface") or interface, *rest)
