"""app_queue at work: callers wait, phones ring, somebody answers or nobody does."""

from collections.abc import Callable

from simulator.channels import Channel, ChannelState
from simulator.clock import Appointment
from simulator.conversation import Conversation, QueuedTalk, offer_headers
from simulator.exchange import Exchange
from simulator.queue import ANY_PENALTY, CallQueue, Member, Waiting, as_number

RECHECK = 1.0  # seconds between two looks at whether it is our turn
SIGNALLING = 0.005  # seconds from the invitation to the first ring

Returned = Callable[[Channel, str], None]


def enter(
    exchange: Exchange, channel: Channel, queue: CallQueue, max_wait: float | None, back: Returned
) -> None:
    """The Queue() application. `back` gets the channel and QUEUESTATUS when nobody served it."""
    if queue.empty and not queue.settings.join_empty:
        back(channel, "JOINEMPTY")
    elif queue.full:
        back(channel, "FULL")
    else:
        Visit(exchange, channel, queue, max_wait, back)


class Visit:
    """One stay in a queue: the thread of app_queue that waits, rings, waits again."""

    def __init__(
        self, exchange: Exchange, channel: Channel, queue: CallQueue, max_wait: float | None, back: Returned
    ) -> None:
        self._exchange = exchange
        self._queue = queue
        self._back = back
        self._offers: dict[Channel, Member] = {}
        self._rings_since = 0.0
        self._rings_for = 0.0
        self._timer: Appointment | None = None
        now = exchange.clock.now()
        self.waiting = Waiting(
            channel,
            priority=as_number(channel.variables.get("QUEUE_PRIO"), 0),
            joined=now,
            expires=None if max_wait is None else int(now) + max_wait,
            penalties=(
                as_number(channel.variables.get("QUEUE_MIN_PENALTY"), 0),
                as_number(channel.variables.get("QUEUE_MAX_PENALTY"), ANY_PENALTY),
                as_number(channel.variables.get("QUEUE_RAISE_PENALTY"), 0),
            ),
        )
        channel.activity = self
        queue.join(self.waiting)
        if len(queue.callers) == 1:
            exchange.say_state(f"Queue:{queue.name}", "RINGING")
        exchange.announce.of_queue("QueueCallerJoin", channel, ("Queue", queue.name),
                                   ("Position", self.waiting.position), ("Count", len(queue.callers)))  # fmt: skip
        exchange.ledger.write(channel.uniqueid, queue.name, "NONE", "ENTERQUEUE",
                              "", channel.number or "", self.waiting.original_position)  # fmt: skip
        exchange.music(channel, on=True)
        self._look()

    @property
    def queue(self) -> CallQueue:
        return self._queue

    # --- waiting ---------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Our turn? Then ring; else look again in a second."""
        if self.waiting.channel.gone:
            return
        if self.waiting.withdraw is not None:
            self.waiting.channel.variables["QUEUE_WITHDRAW_INFO"] = self.waiting.withdraw
            self._unserved("WITHDRAW", "WITHDRAW", self.waiting.withdraw[:40])
        elif self._expired():
            self._unserved("TIMEOUT", "EXITWITHTIMEOUT")
        elif self._queue.is_turn_of(self.waiting, sum(each.available for each in self._queue.members)):
            self._offer()
        else:
            self._again(RECHECK)

    def _again(self, seconds: float) -> None:
        self._timer = self._exchange.clock.after(seconds, self._look)

    def _expired(self) -> bool:
        expires = self.waiting.expires
        return expires is not None and int(self._exchange.clock.now()) >= expires

    def _unserved(self, status: str, line: str, *info: str) -> None:
        self._record_abandoned(line, *info)
        self._exchange.music(self.waiting.channel, on=False)
        self._leave()
        self.waiting.channel.activity = None
        self._back(self.waiting.channel, status)

    def _record_abandoned(self, line: str, *info: str) -> None:
        waiting, queue = self.waiting, self._queue
        waited = int(self._exchange.clock.now()) - int(waiting.joined)
        self._exchange.announce.of_queue(
            "QueueCallerAbandon", waiting.channel, ("Queue", queue.name), ("Position", waiting.position),
            ("OriginalPosition", waiting.original_position), ("HoldTime", waited),
        )  # fmt: skip
        self._exchange.ledger.write(waiting.channel.uniqueid, queue.name, "NONE", line,
                                    waiting.position, waiting.original_position, waited, *info)  # fmt: skip
        queue.abandoned += 1
        queue.abandoned_in_target += waited <= queue.service_level

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        position = self.waiting.position
        self._queue.leave(self.waiting)
        if not self._queue.callers:
            self._exchange.say_state(f"Queue:{self._queue.name}", "NOT_INUSE")
        self._exchange.announce.of_queue("QueueCallerLeave", self.waiting.channel, ("Queue", self._queue.name),
                                         ("Position", position), ("Count", len(self._queue.callers)))  # fmt: skip

    # --- ringing ---------------------------------------------------------------------------------------------

    def _offer(self) -> None:
        now = self._exchange.clock.now()
        self._rings_for = self._queue.settings.ring
        if self.waiting.expires is not None:
            self._rings_for = min(self._rings_for, self.waiting.expires - int(now))
        self.waiting.offered = True
        self._rings_since = now
        self._ring()

    def _ring(self) -> None:
        """Ring the best, within what is left of the ring time; nobody there means a pause."""
        now = self._exchange.clock.now()
        members = self._queue.offers(self.waiting, lambda member: member.can_ring(now))
        for member in members:
            self._call(member)
        if self._offers:
            left = self._rings_since + self._rings_for - now
            self._timer = self._exchange.clock.after(left, self._no_answer)
        else:
            self.waiting.offered = False
            self._again(self._queue.settings.retry)

    def _call(self, member: Member) -> None:
        exchange, caller = self._exchange, self.waiting.channel
        agent = exchange.new_channel(member.phone, ChannelState.DOWN, exten="s", number=member.phone.extension,
                                     linkedid=caller.linkedid)  # fmt: skip
        agent.activity = self
        self._offers[agent] = member
        agent.application, agent.application_data = "AppQueue", "(Outgoing Line)"
        agent.exten = caller.exten
        agent.connected_number, agent.connected_name = caller.number, caller.caller_name
        exchange.announce.of_offer("AgentCalled", caller, agent, *offer_headers(self._queue, member))
        exchange.announce.dial("DialBegin", caller, agent, ("DialString", member.interface))
        if self._queue.settings.strategy != "ringall":
            exchange.connect_line(caller, agent)
        exchange.later(agent, SIGNALLING, lambda: self._rings(agent))

    def _rings(self, agent: Channel) -> None:
        if agent not in self._offers:
            return
        exchange = self._exchange
        exchange.become(agent, ChannelState.RINGING)
        exchange.announce.exten(agent)
        exchange.announce.of_channel("NewConnectedLine", agent)
        exchange.announce.dial("DialState", self.waiting.channel, agent, ("DialStatus", "RINGING"))
        if agent.phone.person is not None:
            agent.phone.person.rings(agent)

    def _no_answer(self) -> None:
        if self.waiting.channel.gone:
            return
        milliseconds = round(self._rings_for * 1000)
        for agent, member in self._offers.items():
            self._rang_in_vain(agent, member, milliseconds)
        for agent in self._offers:
            self._dial_end(agent, "NOANSWER")
        self._hang_up_offers(cause=0)
        self.waiting.offered = False
        if self._expired():
            self._look()
        else:
            self._again(self._queue.settings.retry)

    def _rang_in_vain(self, agent: Channel, member: Member, milliseconds: int) -> None:
        self._exchange.announce.of_offer("AgentRingNoAnswer", self.waiting.channel, agent,
                                         *offer_headers(self._queue, member), ("RingTime", milliseconds))  # fmt: skip
        self._exchange.ledger.write(self.waiting.channel.uniqueid, self._queue.name, member.name,
                                    "RINGNOANSWER", milliseconds)  # fmt: skip

    def _dial_end(self, agent: Channel, status: str) -> None:
        self._exchange.announce.dial("DialEnd", self.waiting.channel, agent, ("DialStatus", status))

    def _hang_up_offers(self, cause: int) -> None:
        offers, self._offers = self._offers, {}
        for agent in offers:
            self._dial_end(agent, "CANCEL")
            self._exchange.remove(agent, cause)

    # --- answered, refused, given up -------------------------------------------------------------------------

    def answer(self, agent: Channel) -> None:
        member = self._offers.pop(agent, None)
        if member is None:
            return
        exchange, caller, queue = self._exchange, self.waiting.channel, self._queue
        now = exchange.clock.now()
        exchange.become(agent, ChannelState.UP)
        self._dial_end(agent, "ANSWER")
        for loser in self._offers:
            self._dial_end(loser, "CANCEL")
        exchange.connect_line(caller, agent)
        self._hang_up_offers(cause=26)
        queue.answered(int(now) - int(self.waiting.joined))
        exchange.music(caller, on=False)
        self._leave()
        rang = int(now - self._rings_since)
        held = int(now) - int(self.waiting.joined)
        exchange.ledger.write(caller.uniqueid, queue.name, member.name, "CONNECT", held, agent.uniqueid, rang)
        exchange.announce.of_offer("AgentConnect", caller, agent, *offer_headers(queue, member),
                                   ("HoldTime", held), ("RingTime", rang))  # fmt: skip
        member.in_call_since = int(now)
        QueuedTalk(exchange, queue, member, self.waiting, agent)
        Conversation(exchange, caller, agent)

    def hung_up(self, channel: Channel) -> None:
        if channel is self.waiting.channel:
            self._given_up()
            self._exchange.end_of_dialplan(channel, cause=0)
        elif channel in self._offers:
            self._refused(channel)

    def masquerade(self, channel: Channel) -> None:
        """Another channel takes the waiting one's place: same visit, same phones ringing."""
        old, self.waiting.channel = self.waiting.channel, channel
        old.activity, channel.activity = None, self
        for agent in self._offers:
            agent.linkedid = channel.linkedid
            self._exchange.connect_line(agent, channel)
            self._exchange.connect_line(channel, agent)

    def taken_away(self) -> None:
        """The waiting caller was redirected elsewhere: an abandonment to the queue."""
        self._given_up()
        self.waiting.channel.activity = None

    def press(self, key: str) -> None:
        """A key the queue's context knows: out, without an abandonment."""
        exchange, waiting = self._exchange, self.waiting
        offers = self._cancel_offers()
        waited = int(exchange.clock.now()) - int(waiting.joined)
        exchange.ledger.write(waiting.channel.uniqueid, self._queue.name, "NONE", "EXITWITHKEY",
                              key, waiting.position, waiting.original_position, waited)  # fmt: skip
        exchange.music(waiting.channel, on=False)
        self._leave()
        for agent in offers:
            exchange.remove(agent, cause=0)
        waiting.channel.activity = None
        self._back(waiting.channel, "KEY")

    def _given_up(self) -> None:
        self._exchange.music(self.waiting.channel, on=False)
        offers = self._cancel_offers()
        self._record_abandoned("ABANDON")
        self._leave()
        for agent in offers:
            self._exchange.remove(agent, cause=0)

    def _cancel_offers(self) -> list[Channel]:
        """The caller is going: the phones stop ringing, one line in the ledger each."""
        rang = round((self._exchange.clock.now() - self._rings_since) * 1000)
        for agent in self._offers:
            self._dial_end(agent, "CANCEL")
        for member in self._offers.values():
            self._exchange.ledger.write(self.waiting.channel.uniqueid, self._queue.name, member.name,
                                        "RINGCANCELED", rang)  # fmt: skip
        offers, self._offers = list(self._offers), {}
        for agent in offers:
            self._dial_end(agent, "CANCEL")
        return offers

    def _refused(self, agent: Channel) -> None:
        """Busy or declined: whole seconds, then the next member at once unless all ring together."""
        member = self._offers.pop(agent)
        self._dial_end(agent, "NOANSWER")
        self._rang_in_vain(agent, member, int(self._exchange.clock.now() - self._rings_since) * 1000)
        self._exchange.remove(agent, cause=17)
        if self._timer is not None and not self._offers:
            self._timer.cancel()
            self._ring()
