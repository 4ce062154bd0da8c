"""Passing a caller on: at once, or after a word with the colleague."""

from collections.abc import Callable

from simulator.channels import Channel, ChannelState
from simulator.conversation import Conversation
from simulator.dialplan import Dialplan
from simulator.exchange import Exchange
from simulator.floor import Visit
from simulator.frames import Header, bridge_headers, channel_headers


def conversation_of(channel: Channel) -> Conversation | None:
    return channel.activity if isinstance(channel.activity, Conversation) else None


def blind(exchange: Exchange, dialplan: Dialplan, by: Channel, context: str, exten: str) -> bool:
    """The other one is sent to an extension, `by` is out. False when `by` talks to nobody."""
    conversation = conversation_of(by)
    if conversation is None:
        return False
    transferee = conversation.other(by)
    conversation.unhold(by)
    exchange.announce.say("BlindTransfer", "call", [("Result", "Success")], channel_headers(by, "Transferer"),
                          channel_headers(transferee, "Transferee"), bridge_headers(conversation.bridge),
                          [("IsExternal", "Yes"), ("Context", context), ("Extension", exten)])  # fmt: skip
    if conversation.talk is not None:
        conversation.talk.blind_transferred(exten, context)
    conversation.part()
    exchange.remove(by)
    dialplan.go(transferee, context, exten)
    return True


def redirect(exchange: Exchange, dialplan: Dialplan, channel: Channel, context: str, exten: str) -> None:
    """AMI Redirect: the channel is taken out of whatever it does; whoever it talked to is put down."""
    conversation = conversation_of(channel)
    if conversation is not None:
        other = conversation.other(channel)
        talk = conversation.talk
        conversation.part()
        exchange.remove(other)
        if talk is not None:  # app_queue goes on waiting for the caller's own hang-up
            channel.activity = _Redirected(exchange, talk.hung_up)
    elif isinstance(channel.activity, Visit):
        channel.activity.taken_away()
    dialplan.go(channel, context, exten)


class _Redirected:
    """Completes the visit it came from when the channel hangs up with nothing else to do."""

    def __init__(self, exchange: Exchange, complete: Callable[[Channel], None]) -> None:
        self._exchange = exchange
        self._complete = complete

    def hung_up(self, channel: Channel) -> None:
        self._complete(channel)
        self._exchange.end_of_dialplan(channel)


class Consultation:
    """An attended transfer to a colleague: hold, call, talk, connect the two."""

    PATIENCE = 20.0  # seconds the colleague's phone may ring

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
        exchange.later(self._second, self.PATIENCE, self._give_up)

    def talking(self, conversation: Conversation) -> None:
        """The colleague is on the line."""
        self._exchange.later(self._second, self._seconds, lambda: self._connect(conversation))

    def gone(self) -> None:
        """The second leg ended: without a transfer, the caller is taken back."""
        if conversation_of(self._by) is self._first:
            self._first.unhold(self._by)

    def _give_up(self) -> None:
        if conversation_of(self._second) is None:
            self._exchange.hang_up(self._second)

    def _connect(self, second: Conversation) -> None:
        """The colleague takes the transferer's place in the caller's bridge."""
        exchange, first, by = self._exchange, self._first, self._by
        if conversation_of(by) is not first or conversation_of(self._second) is not second:
            return
        caller, colleague = first.other(by), second.other(self._second)
        by.held = False
        exchange.music(caller, on=False)
        exchange.recorder.silence(caller, on=False)
        before = [*channel_headers(by, "OrigTransferer"), *bridge_headers(first.bridge, "Orig"),
                  *channel_headers(self._second, "SecondTransferer"), *bridge_headers(second.bridge, "Second"),
                  *channel_headers(caller, "Transferee"),
                  *channel_headers(colleague, "TransferTarget")]  # fmt: skip
        exchange.leave(colleague)
        exchange.leave(by)
        colleague.linkedid = caller.linkedid
        exchange.enter(first.bridge, colleague, swapped=by)
        exchange.connect_line(colleague, caller)
        exchange.connect_line(caller, colleague)
        result: list[Header] = [("Result", "Success")]
        exchange.announce.say("AttendedTransfer", "call", result, before,
                              [("IsExternal", "Yes"), ("DestType", "Bridge"),
                               ("DestBridgeUniqueid", first.bridge.uniqueid)])  # fmt: skip
        for talk in (first.talk, second.talk):
            if talk is not None:
                talk.attended_transferred("BRIDGE", first.bridge.uniqueid)
        exchange.leave(self._second)
        exchange.destroy(second.bridge)
        first.talk = None
        first.host, first.peer = caller, colleague
        self._second.person = None
        exchange.remove(by)
        self._second.activity = None
        exchange.hang_up(self._second, soft=True)
        first.took_place()
