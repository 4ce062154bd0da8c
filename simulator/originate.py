"""Click-to-dial: the agent's own phone first, then the dialplan."""

from simulator.channels import Channel, ChannelState, Phone
from simulator.dialplan import Dialplan
from simulator.exchange import Exchange
from simulator.frames import Header


class Origination:
    """The phone rings; once answered it runs an extension. The outcome comes as OriginateResponse."""

    def __init__(
        self,
        exchange: Exchange,
        dialplan: Dialplan,
        phone: Phone,
        *,
        context: str,
        exten: str,
        uniqueid: str | None,
        caller: tuple[str | None, str | None],
        timeout: float,
        action_id: str,
        variables: dict[str, str],
    ) -> None:
        self._exchange = exchange
        self._dialplan = dialplan
        self._goal = (context, exten)
        self._action_id = action_id
        channel = exchange.new_channel(
            phone, ChannelState.DOWN, exten="s", number=phone.extension, uniqueid=uniqueid
        )
        self._channel = channel
        channel.variables.update(variables)
        channel.activity = self
        channel.application, channel.application_data = "AppDial2", "(Outgoing Line)"
        exchange.announce.exten(channel)
        number, name = caller
        if number:
            channel.connected_number, channel.connected_name = number, name
            exchange.announce.of_channel("NewConnectedLine", channel)
        exchange.announce.dial("DialBegin", None, channel, ("DialString", phone.extension))
        exchange.later(channel, 0.03, self._rings)
        exchange.later(channel, timeout, lambda: self._failed("NOANSWER", 3))

    def _rings(self) -> None:
        channel = self._channel
        self._exchange.become(channel, ChannelState.RINGING)
        self._exchange.announce.dial("DialState", None, channel, ("DialStatus", "RINGING"))
        if channel.phone.person is not None:
            channel.phone.person.rings(channel)

    def answer(self, channel: Channel) -> None:
        if channel.activity is not self:
            return
        self._exchange.become(channel, ChannelState.UP)
        self._respond("Success", 4)
        self._exchange.announce.dial("DialEnd", None, channel, ("DialStatus", "ANSWER"))
        channel.activity = None
        self._dialplan.go(channel, *self._goal)

    def hung_up(self, channel: Channel) -> None:
        if channel is self._channel:
            self._failed("BUSY", 5)

    def _failed(self, status: str, reason: int) -> None:
        if self._channel.activity is not self:
            return
        self._exchange.announce.dial("DialEnd", None, self._channel, ("DialStatus", status))
        self._respond("Failure", reason)
        self._exchange.remove(self._channel, cause=0)

    def _respond(self, response: str, reason: int) -> None:
        channel = self._channel
        context, exten = self._goal
        headers: list[Header] = [("ActionID", self._action_id)] if self._action_id else []
        headers += [
            ("Response", response),
            ("Channel", channel.name if response == "Success" else channel.phone.device),
            ("Context", context),
            ("Exten", exten),
            ("Reason", reason),
            ("Uniqueid", channel.uniqueid),
            ("CallerIDNum", channel.number or "<unknown>"),
            ("CallerIDName", channel.caller_name or "<unknown>"),
        ]
        self._exchange.announce.say("OriginateResponse", "call", headers)
