"""Notes: short texts from a supervisor to agents, kept until each has read his."""

from typing import Final, NamedTuple

from cti.domain.identifiers import AgentId

LONGEST_NOTE: Final = 500
"""Characters."""
LONGEST_REASON: Final = 200
"""Characters of why a supervisor did something."""


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
