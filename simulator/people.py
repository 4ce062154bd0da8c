"""The people of a script: a caller who waits, talks and goes; an agent who answers, or does not."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.channels import Channel, Ringing
from simulator.consultation import Consultation
from simulator.conversation import Conversation
from simulator.floor import Visit
from simulator.offer import Asked
from simulator.scenario import EndedBy, ScriptedCall, ScriptedTransfer
from simulator.transfers import blind

if TYPE_CHECKING:
    from simulator.switch import SimulatedSwitch


class Caller:
    """Lives one ScriptedCall. `channel` is the leg on the trunk."""

    def __init__(self, switch: "SimulatedSwitch", script: ScriptedCall, channel: Channel) -> None:
        self.channel = channel
        self.answered = False
        self.ended = False
        self._switch = switch
        self._script = script
        channel.person = self
        if script.patience is not None:
            self._later(script.patience, self._lose_patience)

    def hang_up(self) -> None:
        self._switch.exchange.hang_up(self.channel)

    def press(self, key: str) -> None:
        """A key while waiting, or asked; only 1 leads anywhere."""
        if isinstance(self.channel.activity, Visit | Asked) and key == "1":
            self.channel.activity.press(key)

    def connected(self) -> None:
        """The dialplan answered; nobody to talk to yet."""

    def talking(self, conversation: Conversation) -> None:
        """The first answer starts the script of the conversation; later ones follow a transfer."""
        if self.answered:
            return
        self.answered = True
        agent = conversation.other(self.channel)
        script = self._script
        if script.hold is not None:
            begin, length = script.hold
            self._later(begin, lambda: conversation.hold(agent))
            self._later(begin + length, lambda: conversation.unhold(agent))
        if script.transfer is not None:
            transfer = script.transfer
            self._later(transfer.after, lambda: self._pass_on(agent, transfer))
        self._later(script.talk, self._finish)

    def gone(self) -> None:
        self.ended = True

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        self._switch.exchange.later(self.channel, seconds, work)

    def _lose_patience(self) -> None:
        if not self.answered:
            self.hang_up()

    def _pass_on(self, agent: Channel, transfer: ScriptedTransfer) -> None:
        exchange, dialplan = self._switch.exchange, self._switch.dialplan
        if not isinstance(agent.activity, Conversation):
            return
        if transfer.kind == "blind":
            blind(exchange, dialplan, agent, agent.phone.context, transfer.to)
        else:
            Consultation(exchange, dialplan, agent, transfer.to, transfer.consult)

    def _finish(self) -> None:
        """Whoever the script says hangs up, the one the caller talks to by now."""
        conversation = self.channel.activity
        if self._script.ended_by is EndedBy.AGENT and isinstance(conversation, Conversation):
            other = conversation.other(self.channel)
            if not other.phone.is_inside:
                self._switch.exchange.hang_up(other)
                return
        self.hang_up()


class Agent:
    """Sits at a telephone. `answers_after` is asked at each ring; None lets it ring."""

    def __init__(self, switch: "SimulatedSwitch", answers_after: Callable[[], float | None]) -> None:
        self.answers_after = answers_after
        self._switch = switch

    def rings(self, channel: Channel) -> None:
        seconds = self.answers_after()
        if seconds is not None:
            self._switch.exchange.later(channel, seconds, lambda: pick_up(channel))


def pick_up(channel: Channel) -> None:
    """Answer a channel that rings; any other stays as it is."""
    if isinstance(channel.activity, Ringing):
        channel.activity.answer(channel)
