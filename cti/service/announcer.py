"""Tells whoever shows agents that an agent's state changed: agents' own screens, and the broker."""

from collections.abc import Callable

from cti.domain.agents import Agent
from cti.domain.changes import AgentEvent
from cti.domain.export import agent_json
from cti.domain.identifiers import AgentId
from cti.ports import AgentDesktop


class Announcer:
    """Publishing never waits: what listens stands behind queues of its own."""

    def __init__(self, desktops: tuple[AgentDesktop, ...], find: Callable[[AgentId], Agent | None]) -> None:
        self._desktops, self._find = desktops, find

    def agent(self, event: AgentEvent) -> None:
        """Reaction: an agent's state changed."""
        agent = self._find(event.agent)
        if agent is not None:
            state = agent_json(agent)
            for desktop in self._desktops:
                desktop.state(agent.id, state)
