"""AMI frames as Asterisk writes and reads them: headers in, bytes out, and the other way round."""

from collections.abc import Iterable
from typing import Final, TypeAlias

from simulator.channels import Bridge, Channel

Header: TypeAlias = tuple[str, str | int]

BANNER: Final = b"Asterisk Call Manager/11.0.0\r\n"
UNKNOWN: Final = "<unknown>"
CAUSES: Final = {0: "Unknown", 16: "Normal Clearing", 17: "User busy", 19: "No user response", 21: "Call Rejected",
                 26: "Answered elsewhere"}  # fmt: skip
_ESCAPES: Final = str.maketrans({
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
    "\\": "\\\\", "'": "\\'", '"': '\\"', "?": "\\?",
})  # fmt: skip


def render(headers: Iterable[Header]) -> bytes:
    """One frame. CR and LF inside a value go out as they are: that is what Asterisk does with most headers."""
    lines = "".join(f"{key}: {value}\r\n" for key, value in headers)
    return (lines + "\r\n").encode("utf-8", "surrogateescape")


def text(value: str | bytes) -> str:
    """Bytes that are no UTF-8 survive as surrogates and leave as the same bytes."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def channel_headers(channel: Channel, prefix: str = "") -> list[Header]:
    values: tuple[Header, ...] = (
        ("Channel", channel.name),
        ("ChannelState", int(channel.state)),
        ("ChannelStateDesc", channel.state.description),
        ("CallerIDNum", channel.number or UNKNOWN),
        ("CallerIDName", _escaped(channel.caller_name)),
        ("ConnectedLineNum", channel.connected_number or UNKNOWN),
        ("ConnectedLineName", _escaped(channel.connected_name)),
        ("Language", "en"),
        ("AccountCode", ""),
        ("Context", channel.context),
        ("Exten", channel.exten),
        ("Priority", channel.priority),
        ("Uniqueid", channel.uniqueid),
        ("Linkedid", channel.linkedid),
    )
    return [(prefix + key, value) for key, value in values]


def bridge_headers(bridge: Bridge, prefix: str = "") -> list[Header]:
    values: tuple[Header, ...] = (
        ("BridgeUniqueid", bridge.uniqueid),
        ("BridgeType", "basic"),
        ("BridgeTechnology", "simple_bridge"),
        ("BridgeCreator", UNKNOWN),
        ("BridgeName", UNKNOWN),
        ("BridgeNumChannels", len(bridge.channels)),
        ("BridgeVideoSourceMode", "none"),
    )
    return [(prefix + key, value) for key, value in values]


def cause_headers(cause: int) -> list[Header]:
    return [("Cause", cause), ("Cause-txt", CAUSES.get(cause, "Unknown"))]


class Incoming:
    """Cuts what a client sends into actions, on bytes, whatever the slices."""

    LONGEST: Final = 128 * 1026  # 128 lines of 1024 bytes: past it, no action is any

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[dict[str, str]]:
        *whole, self._rest = (self._rest + chunk).replace(b"\r\n", b"\n").split(b"\n\n")
        if len(self._rest) > self.LONGEST:
            raise ValueError(f"An action is at most {self.LONGEST} bytes long.")
        return [_action(block) for block in whole if block.strip()]


def _action(block: bytes) -> dict[str, str]:
    """Keys in lower case, as Asterisk compares them; the first of a repeated header counts, Variable adds up."""
    action: dict[str, str] = {}
    for line in block.split(b"\n"):
        key, colon, value = line.decode("utf-8", "surrogateescape").partition(":")
        key = key.strip().lower()
        if not colon:
            continue
        if key == "variable" and key in action:
            action[key] += "\n" + value.strip()
        else:
            action.setdefault(key, value.strip())
    return action


def _escaped(name: str | None) -> str:
    return name.translate(_ESCAPES) if name else UNKNOWN
