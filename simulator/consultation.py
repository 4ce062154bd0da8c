"""An attended transfer: hold the caller, call somebody, put the two together."""

from simulator.channels import Channel, ChannelState, Phone
from simulator.conversation import Conversation
from simulator.dialplan import Dialplan
from simulator.exchange import Exchange
from simulator.floor import Visit
from simulator.frames import Header, bridge_headers, channel_headers
from simulator.transfers import conversation_of

RINGS: float = 25.0  # seconds the colleague's phone may ring before the agent gives up


class Consultation:
    """`seconds` count from when the second leg is up: answered by a colleague, or taken in by a queue."""

    def __init__(
        self, exchange: Exchange, dialplan: Dialplan, by: Channel, exten: str, seconds: float
    ) -> None:
        first = conversation_of(by)
        if first is None:
            raise ValueError(f"{by.name} talks to nobody: there is no call to transfer.")
        self._exchange = exchange
        self._first = first
        self._by = by
        self._seconds = seconds
        first.hold(by)
        self._second = exchange.new_channel(by.phone, ChannelState.RING, exten=exten, number=by.number)
        self._second.person = self
        dialplan.go(self._second, by.phone.context, exten)
        exchange.later(self._second, RINGS, self._give_up)

    def connected(self) -> None:
        """The second leg is up."""
        self._exchange.later(self._second, self._seconds, self._join)

    def talking(self, conversation: Conversation) -> None:
        """Somebody is on the line; the time runs already."""

    def gone(self) -> None:
        """The second leg ended: without a transfer, the caller is taken back."""
        if conversation_of(self._by) is self._first:
            self._first.unhold(self._by)

    def _give_up(self) -> None:
        if self._second.state is not ChannelState.UP:
            self._exchange.hang_up(self._second)

    def _join(self) -> None:
        if conversation_of(self._by) is not self._first:  # the caller has gone meanwhile: nobody to pass on
            self._exchange.hang_up(self._second)
            return
        activity = self._second.activity
        if isinstance(activity, Visit):
            self._into_queue(activity)
        elif isinstance(activity, Conversation):
            self._take_back()
            if self._second.talk is None:
                self._swap(activity)
            else:
                self._link(activity)
        else:  # still between dialplan and queue: a slow server
            self._exchange.later(self._second, 0.5, self._join)

    def _take_back(self) -> None:
        """The switch takes both ends off hold before it joins them."""
        self._first.take_off_hold(self._by)
        second = conversation_of(self._second)
        if second is not None:
            second.take_off_hold(self._second)

    def _legs(self, target: Channel | None) -> list[Header]:
        second = conversation_of(self._second)
        return [
            *channel_headers(self._by, "OrigTransferer"),
            *bridge_headers(self._first.bridge, "Orig"),
            *channel_headers(self._second, "SecondTransferer"),
            *(bridge_headers(second.bridge, "Second") if second else []),
            *channel_headers(self._first.other(self._by), "Transferee"),
            *(channel_headers(target, "TransferTarget") if target else []),
        ]

    def _say(self, legs: list[Header], *where: Header) -> None:
        self._exchange.announce.say(
            "AttendedTransfer", "call", [("Result", "Success"), *legs, ("IsExternal", "No"), *where]
        )
        customer, second = self._first.other(self._by), conversation_of(self._second)
        self._exchange.cel.write(
            "ATTENDEDTRANSFER", self._by, bridge1_id=self._first.bridge.uniqueid, channel2_name=self._second.name,
            channel2_uniqueid=self._second.uniqueid, bridge2_id=second.bridge.uniqueid if second else "",
            transferee_channel_name=customer.name, transferee_channel_uniqueid=customer.uniqueid,
        )  # fmt: skip

    def _swap(self, second: Conversation) -> None:
        """A colleague called directly takes the transferer's place in the caller's bridge."""
        exchange, first, by = self._exchange, self._first, self._by
        caller, colleague = first.other(by), second.other(self._second)
        legs = self._legs(colleague)
        exchange.leave(colleague)
        exchange.leave(by)
        colleague.linkedid = caller.linkedid
        exchange.enter(first.bridge, colleague, swapped=by)
        exchange.connect_line(caller, colleague)
        exchange.announce.of_channel("SoftHangupRequest", self._second, ("Cause", 1))
        exchange.leave(self._second)
        self._say(legs, ("DestType", "Bridge"), ("DestBridgeUniqueid", first.bridge.uniqueid))
        if first.talk is not None:
            first.talk.attended_transferred("BRIDGE", first.bridge.uniqueid)
        first.host, first.peer = caller, colleague
        self._drop(by)
        exchange.destroy(second.bridge)
        self._drop(self._second, soft=True)
        exchange.connect_line(colleague, caller)
        first.took_place()

    def _into_queue(self, visit: Visit) -> None:
        """Nobody has answered yet: the caller takes the second leg's place in the queue."""
        exchange, first, by = self._exchange, self._first, self._by
        caller, second = first.other(by), self._second
        self._take_back()
        self._say(self._legs(None), ("DestType", "App"), ("DestApp", "Queue"))
        if first.talk is not None:
            first.talk.attended_transferred("APP", "Queue")
        first.part()
        places = (caller.context, caller.exten, caller.priority)
        caller.context, caller.exten, caller.priority = second.context, second.exten, second.priority
        second.context, second.exten, second.priority = places
        caller.variables["CTI_QUEUE"] = visit.queue.name
        exchange.announce.of_channel("SoftHangupRequest", second, ("Cause", 16))
        self._drop(by)
        visit.masquerade(caller)
        self._drop(second)

    def _link(self, second: Conversation) -> None:
        """Two bridges of app_queue are not merged: a Local channel ties them together."""
        exchange, first, by = self._exchange, self._first, self._by
        caller, colleague = first.other(by), second.other(self._second)
        one, two = self._local_pair(caller)
        legs = self._legs(colleague)
        exchange.leave(self._second)
        exchange.enter(second.bridge, two, swapped=self._second)
        exchange.connect_line(two, colleague)
        exchange.announce.of_channel("SoftHangupRequest", self._second, ("Cause", 16))
        if self._second.talk is not None:
            self._second.talk.hung_up(self._second)
        one.number = colleague.number
        exchange.announce.of_channel(
            "NewCallerid", one, ("CID-CallingPres", "0 (Presentation Allowed, Not Screened)")
        )
        exchange.leave(by)
        exchange.enter(first.bridge, one, swapped=by)
        colleague.linkedid = caller.linkedid
        exchange.connect_line(one, caller)
        exchange.become(one, ChannelState.UP)
        exchange.announce.dial("DialEnd", None, one, ("DialStatus", "ANSWER"))
        exchange.announce.of_channel("SoftHangupRequest", self._second, ("Cause", 1))
        self._say(
            legs, ("DestType", "Link"), *channel_headers(one, "LocalOne"), *channel_headers(two, "LocalTwo")
        )
        if first.talk is not None:
            first.talk.attended_transferred("LINK", one.name, two.name)
        first.host, first.peer = caller, one
        second.host, second.peer = two, colleague
        self._drop(by)
        exchange.connect_line(caller, colleague)
        self._drop(self._second)
        exchange.connect_line(colleague, caller)
        second.took_place()
        first.took_place()

    def _local_pair(self, caller: Channel) -> tuple[Channel, Channel]:
        """`;1` stands beside the caller, `;2` beside the colleague; what one hears the other says."""
        exchange = self._exchange
        inside = Phone("Local/_attended@transfer", "transfer", is_inside=True)
        number = exchange.next_local()
        one, two = (
            exchange.new_channel(inside, state, exten="_attended", number=None, linkedid=caller.linkedid,
                                 called=f"{inside.device}-{number:08x};{half}")
            for half, state in ((1, ChannelState.DOWN), (2, ChannelState.RING))
        )  # fmt: skip
        exchange.announce.say("LocalBridge", "call", channel_headers(one, "LocalOne"), channel_headers(two, "LocalTwo"),
                              [("Context", "transfer"), ("Exten", "_attended"), ("LocalOptimization", "Yes")])  # fmt: skip
        exchange.become(two, ChannelState.UP)
        one.person, two.person = _Echo(exchange, two), _Echo(exchange, one)
        one.cause = two.cause = 16
        return one, two

    def _drop(self, channel: Channel, *, soft: bool = False) -> None:
        """A transferer's leg is no longer needed."""
        channel.person = channel.activity = channel.talk = None
        if soft:
            self._exchange.announce.of_channel("SoftHangupRequest", channel, ("Cause", 16))
        self._exchange.remove(channel)


class _Echo:
    """Half of a Local channel: when it is gone, so is the other half."""

    def __init__(self, exchange: Exchange, other: Channel) -> None:
        self._exchange = exchange
        self._other = other

    def connected(self) -> None:
        """Both halves come up together."""

    def talking(self, conversation: Conversation) -> None:
        """Passes it on, unheard."""

    def gone(self) -> None:
        self._exchange.hang_up(self._other)
