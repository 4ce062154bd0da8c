"""Who reaches whom: the rule of `cti/domain/access.py` with the teams as they stand."""

from collections.abc import Collection, Mapping
from typing import Any

from cti.domain.access import User
from cti.domain.errors import OutOfReach
from cti.domain.identifiers import AgentId
from cti.ports.access import Accounts


class Teams:
    """Agents' teams and names, held in memory: the floor is drawn four times a second."""

    def __init__(self, accounts: Accounts, names: dict[AgentId, str]) -> None:
        """`names` is kept up to date with the accounts."""
        self._accounts, self._names = accounts, names
        self._of_agent: Mapping[AgentId, frozenset[str]] = {}

    async def refresh(self) -> None:
        self._of_agent = await self._accounts.agent_teams()
        self._names.update(await self._accounts.names())

    def of(self, agent: AgentId) -> frozenset[str]:
        return self._of_agent.get(agent, frozenset())

    def reaches(self, user: User, agent: AgentId) -> bool:
        return user.reaches(agent, self.of(agent))

    def visible(self, user: User) -> frozenset[AgentId] | None:
        """The agents a user reaches; None: all there are."""
        if not user.is_bound:
            return None
        own = {user.agent} if user.agent else set()
        return frozenset(own | {agent for agent in self._of_agent if self.reaches(user, agent)})

    def must_reach(self, user: User, agents: Collection[str]) -> None:
        """Raises OutOfReach when a thing is of agents whom the user does not reach. What is nobody's is everybody's."""
        if user.is_bound and agents and not any(self.reaches(user, AgentId(agent)) for agent in agents):
            raise OutOfReach

    def floor_for(self, user: User, floor: Mapping[str, Any]) -> Mapping[str, Any]:
        """The floor with the agents a user reaches; its figures and waiting callers are the whole house's."""
        if not user.is_bound:
            return floor
        return {
            **floor,
            "agents": [one for one in floor["agents"] if self.reaches(user, AgentId(one["agent"]))],
        }
