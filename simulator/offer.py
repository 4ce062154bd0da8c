"""A caller outside the line is asked whether he wants to be called back: one key, or none."""

from collections.abc import Callable
from typing import Final

from simulator.channels import Channel
from simulator.exchange import Exchange

ASKED_FOR: Final = 6.3  # seconds: the sentence, and five to answer


class Asked:
    def __init__(self, exchange: Exchange, channel: Channel, then: Callable[[bool], None]) -> None:
        """`then` goes on with whether he pressed 1; not when he hangs up."""
        self._exchange, self._channel, self._then = exchange, channel, then
        channel.activity = self
        exchange.run(channel, "Read", "CTI_KEY,vm-press&digits/1,1,,1,5")
        exchange.later(channel, ASKED_FOR, lambda: self.press(""))

    def press(self, key: str) -> None:
        if self._channel.activity is self:
            self._channel.activity = None
            self._then(key == "1")

    def hung_up(self, channel: Channel) -> None:
        channel.activity = None
        self._exchange.end_of_dialplan(channel)
