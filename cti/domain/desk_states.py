"""What agents may do beside talking, as an installation's policy says it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cti.domain.agents import ACW
from cti.domain.errors import NotAllowed, NotPossibleNow, QuestionRefused
from cti.domain.identifiers import AgentId, QueueName
from cti.domain.reachability import Patience

UNREACHABLE = "unreachable"
"""The reason under which the server itself takes out an agent whom calls cannot reach."""
NONE_GIVEN = "none_given"
"""Stands where a required disposition is still owed."""
RESERVED = frozenset({ACW, UNREACHABLE, NONE_GIVEN})

LONGEST_NOTE = 2000
"""Characters."""


class Words(NamedTuple):
    en: str
    zh: str


class Reason(NamedTuple):
    """Why an agent is not ready; limits in seconds, None for none."""

    code: str
    name: Words
    stay_seconds: float | None
    day_seconds: float | None
    paid: bool


class Code(NamedTuple):
    """How a call may have ended; with codes below it, it is a heading and not chosen itself."""

    code: str
    name: Words
    below: tuple["Code", ...] = ()


class Ending(NamedTuple):
    """What one queue wants to know at the end of a call."""

    codes: tuple[Code, ...]
    required: bool = False
    note_required: bool = False

    def chosen(self) -> Iterable[Code]:
        """Those that can be chosen."""
        for code in self.codes:
            yield from code.below or (code,)

    def check(self, code: str, note: str) -> None:
        """Raises QuestionRefused with the sentence that says what to do."""
        if code not in {one.code for one in self.chosen()}:
            raise QuestionRefused("choose one of this queue's dispositions.")
        if self.note_required and not note.strip():
            raise QuestionRefused("this queue wants a note: write a few words.")
        if len(note) > LONGEST_NOTE:
            raise QuestionRefused(f"shorten the note to {LONGEST_NOTE} characters.")


class Door(NamedTuple):
    """A queue that agents log on to by themselves; `agents` None: all."""

    queue: QueueName
    penalty: int = 0
    agents: frozenset[AgentId] | None = None


class DeskStates(NamedTuple):
    """The policy as a whole."""

    reasons: Mapping[str, Reason]
    extensions: int
    extension_seconds: float
    endings: Mapping[QueueName, Ending]
    other_ending: Ending
    doors: tuple[Door, ...]
    patience: Patience

    def reason(self, code: str) -> Reason:
        """Raises NotPossibleNow for one that is not in the policy."""
        known = self.reasons.get(code)
        if known is None:
            raise NotPossibleNow(f"Choose one of these reasons: {', '.join(self.reasons)}.")
        return known

    def ending(self, queue: QueueName) -> Ending:
        return self.endings.get(queue, self.other_ending)

    def door(self, queue: QueueName, agent: AgentId) -> Door:
        """Raises NotAllowed."""
        for door in self.doors_of(agent):
            if door.queue == queue:
                return door
        raise NotAllowed(f"The policy does not let agents log on to {queue} by themselves; ask a supervisor.")

    def doors_of(self, agent: AgentId) -> list[Door]:
        return [door for door in self.doors if door.agents is None or agent in door.agents]
