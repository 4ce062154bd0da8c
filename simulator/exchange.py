"""The inside of the switch: channels, bridges and devices come and go, and every step is announced."""

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.announcer import Announcer
from simulator.cel import EventLog
from simulator.channels import Bridge, Channel, ChannelState, DeviceState, Phone
from simulator.clock import Clock
from simulator.frames import Header
from simulator.ledger import Ledger
from simulator.queue import CallQueue, Member
from simulator.recorder import Recorder

TRUNK: Final = "PJSIP/trunk"
LATE: Final = 0.1  # how often AgentComplete comes after the hang-ups


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int


class Exchange:
    """State shared by whatever runs on the switch. `on_free` is told when a device may take calls again."""

    def __init__(
        self, folder: Path, clock: Clock, *, systemname: str, fastagi: Address | None, seed: int
    ) -> None:
        self.clock = clock
        self.systemname = systemname
        self.fastagi = fastagi
        self.random = random.Random(seed)
        self.announce = Announcer(clock, systemname)
        self.ledger = Ledger(folder / "log" / "queue_log", clock)
        self.cel = EventLog(folder / "log" / "cel-custom" / "Master.csv", clock)
        self.recorder = Recorder(folder / "monitor", clock, self.announce, seed)
        self.queues: dict[str, CallQueue] = {}
        self.phones: dict[str, Phone] = {
            TRUNK: Phone(TRUNK, "from-trunk", is_trunk=True, announced=DeviceState.UNAVAILABLE)
        }
        self.channels: dict[str, Channel] = {}
        self._states: dict[str, str] = {}
        self.bridges: dict[str, Bridge] = {}
        self.started = clock.now()
        self.calls_processed = 0
        self._channel_number = 0
        self._unique_number = 0
        self._local_number = 0

    # --- devices ---------------------------------------------------------------------------------------------

    @property
    def trunk(self) -> Phone:
        return self.phones[TRUNK]

    def phone(self, name: str) -> Phone:
        """The agent's telephone by name or device, made when it is first asked for."""
        device = name if "/" in name else f"PJSIP/{name}"
        if device not in self.phones:
            self.phones[device] = Phone(device, "from-agents")
        return self.phones[device]

    def memberships(self, phone: Phone) -> Iterator[tuple[CallQueue, Member]]:
        for queue in self.queues.values():
            for member in queue.members:
                if member.phone is phone:
                    yield queue, member

    def device_changed(self, phone: Phone) -> None:
        """Tell the world when the device's state is another than it last heard."""
        if phone.state is phone.announced or phone.is_inside:
            return
        phone.announced = phone.state
        self.say_state(phone.device, phone.state.name)
        for queue, member in self.memberships(phone):
            self.announce.say("QueueMemberStatus", "agent", self.member_headers(queue, member))
            self.say_availability(queue)

    def say_state(self, device: str, state: str) -> None:
        """A device that stays as it was is not worth an event."""
        if self._states.get(device) != state:
            self._states[device] = state
            self.announce.device(device, state)

    def say_availability(self, queue: CallQueue) -> None:
        free = any(each.available for each in queue.members)
        self.say_state(f"Queue:{queue.name}_avail", "NOT_INUSE" if free else "INUSE")

    def member_headers(self, queue: CallQueue, member: Member) -> list[Header]:
        return [
            ("Queue", queue.name),
            ("MemberName", member.name),
            ("Interface", member.interface),
            ("StateInterface", member.interface),
            ("Membership", member.membership),
            ("Penalty", member.penalty),
            ("CallsTaken", member.calls),
            ("LastCall", member.last_call),
            ("LastPause", member.last_pause),
            ("LoginTime", member.login),
            ("InCall", int(bool(member.in_call_since))),
            ("Status", int(member.phone.announced)),
            ("Paused", int(member.paused)),
            ("PausedReason", member.reason),
            ("Ringinuse", 0),
            ("Wrapuptime", int(member.wrapup)),
        ]

    # --- channels --------------------------------------------------------------------------------------------

    def new_channel(
        self,
        phone: Phone,
        state: ChannelState,
        *,
        exten: str,
        number: str | None,
        name: str | None = None,
        linkedid: str | None = None,
        uniqueid: str | None = None,
        called: str | None = None,
    ) -> Channel:
        """`called`: the channel's own name, where it is not one of the device's."""
        if uniqueid is None:
            uniqueid = f"{self.systemname}-{int(self.clock.now())}.{self._unique_number}"
            self._unique_number += 1
        channel = Channel(
            name=called or f"{phone.device}-{self._channel_number:08x}",
            uniqueid=uniqueid,
            linkedid=linkedid or uniqueid,
            created=self.clock.now(),
            phone=phone,
            state=state,
            context=phone.context,
            exten=exten,
            number=number,
            caller_name=name,
        )
        self._channel_number += called is None
        self.channels[channel.name] = channel
        phone.channels.append(channel)
        self.announce.of_channel("Newchannel", channel)
        self.cel.write("CHAN_START", channel)
        return channel

    def next_local(self) -> int:
        self._local_number += 1
        return self._local_number - 1

    def run(self, channel: Channel, application: str, data: str = "") -> None:
        """The next priority of the dialplan."""
        self.cel.runs(channel, application, data)
        channel.priority += not channel.fresh
        channel.fresh = False
        self.announce.exten(channel)

    def goto(self, channel: Channel, context: str, exten: str) -> None:
        channel.context, channel.exten, channel.priority, channel.fresh = context, exten, 1, True

    def become(self, channel: Channel, state: ChannelState) -> None:
        if channel.state is not state:
            channel.state = state
            self.announce.of_channel("Newstate", channel)
            if state is ChannelState.UP:
                self.cel.write("ANSWER", channel)
            self.device_changed(channel.phone)
            if state is ChannelState.UP and channel.person is not None:
                channel.person.connected()

    def connect_line(self, channel: Channel, other: Channel) -> None:
        if (channel.connected_number, channel.connected_name) != (other.number, other.caller_name):
            channel.connected_number, channel.connected_name = other.number, other.caller_name
            self.announce.of_channel("NewConnectedLine", channel)

    def music(self, channel: Channel, *, on: bool) -> None:
        if on:
            self.announce.of_channel("MusicOnHoldStart", channel, ("Class", "default"))
        else:
            self.announce.of_channel("MusicOnHoldStop", channel)

    def hang_up(self, channel: Channel, *, asked: int | None = None) -> None:
        """The far end ends the channel, or it is `asked` to end with a cause."""
        if channel.gone or channel.name not in self.channels:
            return
        if asked is None:
            why: list[Header] = [] if channel.cause is None else [("Cause", channel.cause)]
            self.announce.of_channel("HangupRequest", channel, *why)
        else:
            self.announce.of_channel("SoftHangupRequest", channel, ("Cause", asked))
        talk = channel.talk
        # app_queue hears of it in a thread of its own: now and then when both channels are gone already.
        late = talk is not None and self.random.random() < LATE
        if talk is not None and not late:
            talk.hung_up(channel)
        if channel.activity is not None:
            channel.activity.hung_up(channel)
        else:
            self.end_of_dialplan(channel)
        if talk is not None and late:
            talk.hung_up(channel, late=True)

    def end_of_dialplan(self, channel: Channel, cause: int = 16) -> None:
        """Nothing more to run: the switch itself puts the channel down."""
        if not channel.gone:
            self.announce.of_channel("SoftHangupRequest", channel, ("Cause", 16))
            self.remove(channel, cause)

    def remove(self, channel: Channel, cause: int = 16) -> None:
        if channel.gone:
            return
        channel.gone = True
        channel.activity = None
        for timer in channel.timers:
            timer.cancel()
        self.channels.pop(channel.name, None)
        channel.phone.channels.remove(channel)
        self.announce.hangup(channel, cause)
        last = not any(other.linkedid == channel.linkedid for other in self.channels.values())
        self.cel.gone(channel, cause, last=last)
        self.recorder.finish(channel)
        self.device_changed(channel.phone)
        if channel.person is not None:
            channel.person.gone()

    def later(self, channel: Channel, seconds: float, work: Callable[[], None]) -> None:
        """`work`, unless the channel is gone by then."""
        channel.timers.append(self.clock.after(seconds, work))

    # --- bridges ---------------------------------------------------------------------------------------------

    def new_bridge(self) -> Bridge:
        bridge = Bridge(str(uuid.UUID(int=self.random.getrandbits(128), version=4)))
        self.bridges[bridge.uniqueid] = bridge
        self.announce.of_bridge("BridgeCreate", bridge)
        return bridge

    def enter(self, bridge: Bridge, channel: Channel, swapped: Channel | None = None) -> None:
        bridge.channels.append(channel)
        channel.bridge = bridge
        extra: list[Header] = [("SwapUniqueid", swapped.uniqueid)] if swapped else []
        self.announce.of_bridge("BridgeEnter", bridge, channel, *extra)
        self.cel.bridged("BRIDGE_ENTER", channel, bridge)
        self.recorder.bridged(channel)

    def leave(self, channel: Channel) -> None:
        bridge = channel.bridge
        if bridge is None:
            return
        self.cel.bridged("BRIDGE_EXIT", channel, bridge)
        bridge.channels.remove(channel)
        channel.bridge = None
        self.recorder.unbridged(channel)
        self.announce.of_bridge("BridgeLeave", bridge, channel)

    def destroy(self, bridge: Bridge) -> None:
        if self.bridges.pop(bridge.uniqueid, None) is not None:
            self.announce.of_bridge("BridgeDestroy", bridge)

    def forget_everything(self) -> None:
        """What a killed process leaves behind in memory: nothing."""
        for channel in list(self.channels.values()):
            channel.gone = True
            for timer in channel.timers:
                timer.cancel()
            if channel.person is not None:
                channel.person.gone()
        self.channels.clear()
        self.bridges.clear()
        for phone in self.phones.values():
            phone.channels.clear()
            phone.announced = phone.state
        for queue in self.queues.values():
            queue.callers.clear()
        self._states.clear()
        self._channel_number = 0
        self.started = self.clock.now()
        self.calls_processed = 0
        self.recorder.forget()
        self.announce.start_over()
