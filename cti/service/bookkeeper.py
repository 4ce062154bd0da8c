"""Enters what happened into the books: finished calls, agents' states, and every change that others are told."""

from collections.abc import Callable
from typing import Any

from cti.domain import events
from cti.domain.agents import Agent
from cti.domain.changes import PUBLISHED, UNNUMBERED, Change
from cti.domain.identifiers import AgentId, PbxName
from cti.ports import AgentStateRow, Books, WrapUpRow

STATE_EVENTS = frozenset(
    {
        events.AgentLoggedOff,
        events.AgentReady,
        events.AgentNotReady,
        events.AgentRinging,
        events.AgentBusy,
        events.AgentWorkingAfterCall,
        events.AgentUnreachable,
    }
)
"""After these an agent's state is kept: occupancy is made of them."""


class Bookkeeper:
    """One switch's. Told the same events from the same number on, it makes the same entries."""

    def __init__(
        self,
        pbx: PbxName,
        books: Books,
        find: Callable[[AgentId], Agent | None],
        position: Callable[[], int],
        noted: Callable[[events.CallerRecognised], bool],
    ) -> None:
        """`position`: of the journal's entry that these events come from. `noted`: whether it is in the journal."""
        self._pbx, self._books, self._find, self._position = pbx, books, find, position
        self._noted = noted
        self.number = 0  # of the newest change

    def enter(self, event: Any) -> None:
        """Reaction: to every event there is."""
        if type(event) is events.CallerRecognised and not self._noted(event):
            return  # told before, or of a caller who was gone before he was heard of
        self.enter_at(self._position(), event)

    def enter_at(self, position: int, event: Any) -> None:
        """Enter what comes from this entry of the journal."""
        kind = type(event)
        if kind is events.CallCleared:
            self._books.put(self._pbx, position, event.record)
        elif kind is events.WrapUpEnded:
            row = WrapUpRow(event.call, event.channel, event.seconds)
            self._books.put(self._pbx, position, row)
        elif kind in STATE_EVENTS:
            agent = self._find(event.agent)
            if agent is not None:
                row_ = AgentStateRow(self._pbx, event.at, agent.id, agent.state.value, agent.reason)
                self._books.put(self._pbx, position, row_)
        if kind in UNNUMBERED:
            self._books.put(self._pbx, position, Change(self._pbx, 0, event))
        elif kind in PUBLISHED:
            self.number += 1
            self._books.put(self._pbx, position, Change(self._pbx, self.number, event))
