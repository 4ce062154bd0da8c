"""Notes: short texts from a supervisor to agents, kept until each has read his."""

from typing import Final, NamedTuple

from cti.domain.agents import Agent
from cti.domain.identifiers import AgentId, QueueName

LONGEST_NOTE: Final = 500
"""Characters."""
LONGEST_REASON: Final = 200
"""Characters of why a supervisor did something."""


class Addressees(NamedTuple):
    """Whom a note is for: those of whom all that is named here is true; who is logged on, unless one agent is named."""

    agent: AgentId | None = None
    queue: QueueName | None = None
    team: str | None = None

    def mean(self, one: Agent, teams: frozenset[str]) -> bool:
        """Whether it is for this agent, who is in these teams."""
        if self.agent not in {None, one.id} or not (one.memberships or self.agent):
            return False
        return self.queue in {None, *one.memberships} and self.team in {None, *teams}

    def __str__(self) -> str:
        return " ".join(f"{name} {value}" for name, value in self._asdict().items() if value) or "everybody"


class Note(NamedTuple):
    """One agent's copy. `at` in seconds since 1970."""

    id: str
    agent: AgentId
    by: str  # who wrote it, by name
    text: str
    at: float


def plain(text: str, longest: int) -> str | None:
    """The text with its ends trimmed; None when it is empty, too long, or holds control characters."""
    trimmed = text.strip()
    if not 0 < len(trimmed) <= longest:
        return None
    return trimmed if all(c.isprintable() or c == "\n" for c in trimmed) else None
