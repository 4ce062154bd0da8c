"""Two people in a bridge: holding, hanging up, and what app_queue writes down about it."""

from simulator.channels import Channel
from simulator.exchange import Exchange
from simulator.frames import Header
from simulator.queue import CallQueue, Member, Waiting


class QueuedTalk:
    """An answered visit, as app_queue follows it until the first of hang-up or transfer."""

    def __init__(
        self, exchange: Exchange, queue: CallQueue, member: Member, waiting: Waiting, agent: Channel
    ) -> None:
        self.over = False
        self._exchange = exchange
        self._queue = queue
        self._member = member
        self._waiting = waiting
        self.agent = agent
        self.caller = waiting.channel
        self.caller.talk = agent.talk = self
        self._started = int(exchange.clock.now())
        self.held_for = self._started - int(waiting.joined)

    def hung_up(self, by: Channel, *, late: bool = False) -> None:
        """COMPLETECALLER or COMPLETEAGENT; `late` when the channels are gone by the time it is said."""
        if by is self.caller or by is self.agent:
            side = "caller" if by is self.caller else "agent"
            self._finish(f"COMPLETE{side.upper()}", side, late=late)

    def blind_transferred(self, exten: str, context: str) -> None:
        self._finish("BLINDTRANSFER", "transfer", exten, context)

    def attended_transferred(self, method: str, *where: str) -> None:
        self._finish("ATTENDEDTRANSFER", "transfer", method, *where)

    def _finish(self, line: str, reason: str, *data: str, late: bool = False) -> None:
        if self.over:
            return
        self.over = True
        for channel in (self.caller, self.agent):
            if channel.talk is self:
                channel.talk = None
        exchange, queue, member = self._exchange, self._queue, self._member
        talked = int(exchange.clock.now()) - self._started
        exchange.ledger.write(
            self.caller.uniqueid, queue.name, member.name, line,
            *data, self.held_for, talked, self._waiting.original_position,
        )  # fmt: skip
        caller = None if late or self.caller.gone else self.caller
        agent = None if late or self.agent.gone else self.agent
        exchange.announce.of_offer("AgentComplete", caller, agent, *offer_headers(queue, member),
                                   ("HoldTime", self.held_for), ("TalkTime", talked),
                                   ("Reason", reason))  # fmt: skip
        queue.finished(member, talked, exchange.clock.now(), in_target=self.held_for <= queue.service_level)
        for other, same in exchange.memberships(member.phone):  # shared_lastcall
            if other is not queue:
                same.last_call, same.calls = member.last_call, same.calls + 1


class Conversation:
    """`host` runs the application that brought them together, `peer` was called by it."""

    def __init__(self, exchange: Exchange, host: Channel, peer: Channel) -> None:
        self.host = host
        self.peer = peer
        self._exchange = exchange
        self.bridge = exchange.new_bridge()
        exchange.enter(self.bridge, peer)
        exchange.enter(self.bridge, host)
        self.took_place()

    @property
    def talk(self) -> QueuedTalk | None:
        """The visit they talk about, as long as app_queue follows it."""
        return self.host.talk or self.peer.talk

    def took_place(self) -> None:
        """Both are there: the people behind the channels are told."""
        self.host.activity = self.peer.activity = self
        for channel in (self.host, self.peer):
            if channel.person is not None:
                channel.person.talking(self)

    def other(self, channel: Channel) -> Channel:
        return self.peer if channel is self.host else self.host

    def hold(self, by: Channel) -> None:
        if not by.holding and by.bridge is self.bridge:
            self._exchange.announce.of_channel("Hold", by, ("MusicClass", "default"))
            self._hold(by, on=True)

    def unhold(self, by: Channel) -> None:
        if by.holding and by.bridge is self.bridge:
            self._exchange.announce.of_channel("Unhold", by)
            self._hold(by, on=False)

    def take_off_hold(self, by: Channel) -> None:
        """What the switch does before a transfer, whether or not anybody was held."""
        self._exchange.announce.of_channel("Unhold", by)
        if by.holding:
            self._hold(by, on=False)

    def _hold(self, by: Channel, *, on: bool) -> None:
        """It is the device of whoever is held that is on hold, in the switch's eyes."""
        other = self.other(by)
        by.holding = other.held = on
        self._exchange.music(other, on=on)
        self._exchange.device_changed(other.phone)
        for channel in (by, other):
            self._exchange.recorder.silence(channel, on=on)

    def hung_up(self, channel: Channel) -> None:
        """The far end of one is gone: both legs come down."""
        exchange, host, peer = self._exchange, self.host, self.peer
        if channel is host:
            exchange.leave(host)
            exchange.announce.of_channel("SoftHangupRequest", host, ("Cause", 16))
            exchange.leave(peer)
            exchange.destroy(self.bridge)
            exchange.remove(host)
            exchange.remove(peer)
        else:
            exchange.leave(peer)
            exchange.leave(host)
            exchange.destroy(self.bridge)
            exchange.announce.of_channel("SoftHangupRequest", host, ("Cause", 16))
            exchange.remove(peer)
            exchange.remove(host)

    def part(self) -> None:
        """Both leave and live on."""
        for channel in (self.host, self.peer):
            self._exchange.leave(channel)
            channel.activity = None
            channel.holding = channel.held = False
        self._exchange.destroy(self.bridge)


def offer_headers(queue: CallQueue, member: Member) -> list[Header]:
    return [("Queue", queue.name), ("Interface", member.interface), ("MemberName", member.name)]
