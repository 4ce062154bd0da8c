"""A supervisor's telephone, and what it is for: hearing an agent's call (ChanSpy)."""

from typing import Final

from simulator.channels import Channel, Ringing
from simulator.exchange import Exchange

EXTENSION: Final = "200"  # as in the shipped pjsip.conf
CONTEXT: Final = "cti-supervise"
OPTIONS: Final = {"listen": "qESu", "whisper": "qESuw", "barge": "qESuB"}
PICKS_UP: Final = 1.0  # seconds


class Supervisor:
    """Sits at the telephone and answers it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        exchange.phone(EXTENSION).person = self

    def rings(self, channel: Channel) -> None:
        self._exchange.later(channel, PICKS_UP, lambda: self._answer(channel))

    @staticmethod
    def _answer(channel: Channel) -> None:
        if isinstance(channel.activity, Ringing):
            channel.activity.answer(channel)


class Spying:
    """The ChanSpy() application: ends with the call it hears, or when its own telephone is put down."""

    def __init__(self, exchange: Exchange, channel: Channel, exten: str) -> None:
        self._exchange, self._channel = exchange, channel
        name = channel.variables.get("CTI_SPIED", "")
        exchange.goto(channel, CONTEXT, exten)
        exchange.run(channel, "ChanSpy", f"{name},{OPTIONS[exten]}")
        heard = exchange.channels.get(name)
        if heard is None:
            exchange.end_of_dialplan(channel)
            return
        self._heard = heard
        channel.activity = self
        self._say("ChanSpyStart")
        self._look()

    def hung_up(self, channel: Channel) -> None:
        self._say("ChanSpyStop")
        self._exchange.remove(channel)

    def _look(self) -> None:
        if self._heard.gone:
            self._say("ChanSpyStop")
            self._channel.activity = None
            self._exchange.end_of_dialplan(self._channel)
        else:
            self._exchange.later(self._channel, 0.1, self._look)

    def _say(self, event: str) -> None:
        spyer, heard = self._channel, self._heard
        self._exchange.announce.say(
            event,
            "call",
            [
                ("SpyerChannel", spyer.name),
                ("SpyerUniqueid", spyer.uniqueid),
                ("SpyerLinkedid", spyer.linkedid),
                ("SpyeeChannel", heard.name),
                ("SpyeeUniqueid", heard.uniqueid),
                ("SpyeeLinkedid", heard.linkedid),
            ],
        )
