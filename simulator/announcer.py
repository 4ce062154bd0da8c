"""Says on AMI what happens inside the switch, in Asterisk's words and order of headers."""

from collections.abc import Callable, Iterable
from typing import Final

from simulator.channels import Bridge, Channel
from simulator.clock import Clock
from simulator.frames import Header, bridge_headers, cause_headers, channel_headers, render

# What the shipped manager.conf takes out before numbering, as far as it is made here.
SILENCED: Final = frozenset({"Newexten", "MusicOnHoldStart", "MusicOnHoldStop"})

_SNAPSHOT: Final = ("manager_channels.c", 806, "channel_snapshot_update")
_DIAL: Final = ("manager_channels.c", 1355, "channel_dial_cb")
_REQUEST: Final = ("manager_channels.c", 873, "channel_hangup_request_cb")
_BASIC: Final = ("manager_channels.c", 821, "publish_basic_channel_event")
_BRIDGE: Final = ("manager_bridges.c", 390, "bridge_snapshot_update")
_ELSEWHERE: Final = ("manager.c", 593, "manager_default_msg_cb")
SOURCES: Final[dict[str, tuple[str, int, str]]] = {
    "Newchannel": _SNAPSHOT,
    "Newstate": _SNAPSHOT,
    "Newexten": _SNAPSHOT,
    "NewCallerid": _SNAPSHOT,
    "NewConnectedLine": _SNAPSHOT,
    "Hangup": _SNAPSHOT,
    "DialBegin": ("manager_channels.c", 1345, "channel_dial_cb"),
    "DialState": _DIAL,
    "DialEnd": _DIAL,
    "SoftHangupRequest": _REQUEST,
    "HangupRequest": _REQUEST,
    "MusicOnHoldStart": ("manager_channels.c", 1242, "channel_moh_start_cb"),
    "MusicOnHoldStop": _BASIC,
    "MixMonitorStart": _BASIC,
    "MixMonitorStop": _BASIC,
    "Hold": ("manager_channels.c", 1395, "channel_hold_cb"),
    "Unhold": ("manager_channels.c", 1416, "channel_unhold_cb"),
    "BridgeCreate": _BRIDGE,
    "BridgeDestroy": _BRIDGE,
    "BridgeEnter": ("manager_bridges.c", 452, "channel_enter_cb"),
    "BridgeLeave": ("manager_bridges.c", 476, "channel_leave_cb"),
    "OriginateResponse": ("manager.c", 4465, "fast_originate"),
}


class Announcer:
    """Numbers and stamps events; `listeners` get each as its class and its bytes."""

    def __init__(self, clock: Clock, systemname: str, silenced: frozenset[str] = SILENCED) -> None:
        self.listeners: list[Callable[[str, bytes], None]] = []
        self._clock = clock
        self._systemname = systemname
        self._silenced = silenced
        self._number = -1
        self._stamp = 0.0

    @property
    def number(self) -> int:
        """The last SequenceNumber given."""
        return self._number

    def start_over(self) -> None:
        self._number = -1

    def say(self, event: str, privilege: str, *groups: Iterable[Header]) -> None:
        if event in self._silenced:
            return
        self._number += 1
        # No two events of a real switch share a microsecond.
        self._stamp = max(self._clock.now(), self._stamp + 0.000_004)
        source, line, function = SOURCES.get(event, _ELSEWHERE)
        headers: list[Header] = [
            ("Event", event),
            ("Privilege", f"{privilege},all"),
            ("Timestamp", f"{self._stamp:.6f}"),
            ("SequenceNumber", self._number),
            ("File", source),
            ("Line", line),
            ("Func", function),
            ("SystemName", self._systemname),
        ]
        for group in groups:
            headers.extend(group)
        frame = render(headers)
        for listener in list(self.listeners):
            listener(privilege, frame)

    def of_channel(self, event: str, channel: Channel, *more: Header) -> None:
        self.say(event, "call", channel_headers(channel), more)

    def exten(self, channel: Channel) -> None:
        self.say("Newexten", "dialplan", channel_headers(channel),
                 [("Extension", channel.exten), ("Application", channel.application),
                  ("AppData", channel.application_data)])  # fmt: skip

    def dial(self, event: str, caller: Channel | None, callee: Channel, *more: Header) -> None:
        self.say(
            event, "call", channel_headers(caller) if caller else (), channel_headers(callee, "Dest"), more
        )

    def of_queue(self, event: str, caller: Channel, *more: Header) -> None:
        self.say(event, "agent", channel_headers(caller), more)

    def of_offer(self, event: str, caller: Channel | None, agent: Channel | None, *more: Header) -> None:
        """A channel that is already gone is left out, as Asterisk does."""
        self.say(event, "agent", channel_headers(caller) if caller else (),
                 channel_headers(agent, "Dest") if agent else (), more)  # fmt: skip

    def of_bridge(self, event: str, bridge: Bridge, channel: Channel | None = None, *more: Header) -> None:
        self.say(event, "call", bridge_headers(bridge), channel_headers(channel) if channel else (), more)

    def hangup(self, channel: Channel, cause: int) -> None:
        self.of_channel("Hangup", channel, *cause_headers(cause))

    def user_event(self, channel: Channel, name: str, *fields: Header) -> None:
        self.say("UserEvent", "user", channel_headers(channel), [("UserEvent", name), *fields])

    def device(self, device: str, state: str) -> None:
        self.say("DeviceStateChange", "call", [("Device", device), ("State", state)])
