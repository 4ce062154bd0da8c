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

    def __init__(self, exchange: Exchange, host: Channel, peer: Channel, talk: QueuedTalk | None = None) -> None:
        self.host = host
        self.peer = peer
        self.talk = talk
        self._exchange = exchange
        self.bridge = exchange.new_bridge()
        exchange.enter(self.bridge, peer)
        exchange.enter(self.bridge, host)
        self.took_place()

    def took_place(self) -> None:
        """Both are there: the people behind the channels are told."""
        self.host.activity = self.peer.activity = self
        for channel in (self.host, self.peer):
            if channel.person is not None:
                channel.person.talking(self)

    def other(self, channel: Channel) -> Channel:
        return self.peer if channel is self.host else self.host

    def hold(self, by: Channel) -> None:
        if by.held or by.bridge is not self.bridge:
            return
        by.held = True
        self._exchange.announce.of_channel("Hold", by)
        self._exchange.music(self.other(by), on=True)
        self._exchange.device_changed(by.phone)
        self._silence(on=True)

    def unhold(self, by: Channel) -> None:
        if not by.held or by.bridge is not self.bridge:
            return
        by.held = False
        self._exchange.announce.of_channel("Unhold", by)
        self._exchange.music(self.other(by), on=False)
        self._exchange.device_changed(by.phone)
        self._silence(on=False)

    def hung_up(self, channel: Channel) -> None:
        """The far end of one is gone: both legs come down."""
        exchange = self._exchange
        talk, self.talk = self.talk, None
        # app_queue hears of it in a thread of its own: sometimes when both channels are gone already.
        late = talk is not None and exchange.random.random() < 0.2
        if talk is not None and not late:
            talk.hung_up(channel)
        exchange.leave(channel)
        if channel is self.host:
            exchange.end_of_dialplan(self.host)
            exchange.leave(self.peer)
            exchange.destroy(self.bridge)
            exchange.remove(self.peer)
        else:
            exchange.remove(self.peer)
            exchange.leave(self.host)
            exchange.destroy(self.bridge)
            exchange.end_of_dialplan(self.host)
        if talk is not None and late:
            talk.hung_up(channel, late=True)

    def part(self) -> None:
        """Both leave and live on."""
        for channel in (self.peer, self.host):
            self._exchange.leave(channel)
            channel.activity = None
        self._exchange.destroy(self.bridge)

    def _silence(self, *, on: bool) -> None:
        for channel in (self.host, self.peer):
            self._exchange.recorder.silence(channel, on=on)


def offer_headers(queue: CallQueue, member: Member) -> list[Header]:
    return [("Queue", queue.name), ("Interface", member.interface), ("MemberName", member.name)]
