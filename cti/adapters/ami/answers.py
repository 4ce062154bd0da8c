"""The actions that wait for their answer, and the frames that are it: one response, or a list of items."""

import re
from typing import Any, NamedTuple

from cti.adapters.ami.message import FALLBACK, Message
from cti.domain.errors import SwitchRefused, SwitchUnreachable

LIST_LIMIT = 500_000  # items of one list; a switch with that many channels does not exist

_action_id = re.compile(rb"\nActionID: ?([^\r\n]+)").search


class Answer(NamedTuple):
    """The switch's response to an action, and the items of its list, if it was one."""

    response: Message
    items: tuple[Message, ...]


class Answers:
    """What one connection still owes us, by ActionID. An action is panoramisk's, its future ours to settle."""

    def __init__(self, fallback: str = FALLBACK) -> None:
        """Nothing is owed yet."""
        self.waiting: dict[str, Any] = {}
        self._listing: set[str] = set()  # those of them whose list has begun
        self._fallback = fallback

    def take(self, frame: bytes) -> bool:
        """Take a frame that answers an action; False when it does not."""
        if not self._listing and frame.startswith(b"Event:"):
            return False  # an item of a list, if it were anything
        match = _action_id(frame)
        action = self.waiting.get(match[1].decode("ascii", "replace")) if match else None
        message = Message.of(frame, self._fallback) if action is not None else None
        if action is None or message is None:
            return False
        so_far: list[Message] = action.responses
        ending = (message.get("EventList") or "").lower()
        if not message.name:
            if message.get("Response") == "Error":
                self._refuse(action, message.get("Message") or "no reason given")
            elif ending == "start":
                so_far.append(message)
                self._listing.add(action.id)
            else:
                self._settle(action, Answer(message, ()))
        elif not so_far:
            return False  # an event about our action, not an item of its list
        elif ending == "complete":
            self._settle(action, Answer(so_far[0], tuple(so_far[1:])))
        elif ending:
            self._refuse(action, f"the list ended early ({ending})")
        elif len(so_far) > LIST_LIMIT:
            self._refuse(action, "the list does not end")
        else:
            so_far.append(message)
        return True

    def forget(self, action: Any) -> None:
        """Nobody waits for this one any more."""
        self.waiting.pop(action.id, None)
        self._listing.discard(action.id)

    def give_up(self, reason: str) -> None:
        """No answer comes any more."""
        for action in list(self.waiting.values()):
            self._settle(action, SwitchUnreachable(f"{action['Action']} has no answer: {reason}."))

    def _refuse(self, action: Any, reason: str) -> None:
        self._settle(action, SwitchRefused(f"{action['Action']}: {reason}."))

    def _settle(self, action: Any, outcome: Answer | SwitchRefused | SwitchUnreachable) -> None:
        self.forget(action)
        if action.future.done():
            return
        if isinstance(outcome, Answer):
            action.future.set_result(outcome)
        else:
            action.future.set_exception(outcome)
