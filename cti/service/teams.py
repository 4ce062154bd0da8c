"""Who reaches whom: the rule of `cti/domain/access.py` with the teams as they stand."""

from collections.abc import Collection, Mapping
from typing import Any

from cti.domain.access import User
from cti.domain.errors import OutOfReach
from cti.domain.identifiers import AgentId
from cti.ports.access import Accounts
from cti.service.screens import Audience


class Teams:
    """Agents' teams and names, held in memory: the floor is drawn four times a second."""

    def __init__(self, accounts: Accounts, names: dict[AgentId, str]) -> None:
        """`names` is kept up to date with the accounts."""
        self._accounts, self._names = accounts, names
        self._of_agent: Mapping[AgentId, frozenset[str]] = {}
        self._visible: dict[tuple[AgentId | None, frozenset[str]], frozenset[AgentId]] = {}

    async def refresh(self) -> None:
        self._of_agent = await self._accounts.agent_teams()
        self._visible.clear()
        self._names.update(await self._accounts.names())

    def of(self, agent: AgentId) -> frozenset[str]:
        return self._of_agent.get(agent, frozenset())

    def reaches(self, user: User, agent: AgentId) -> bool:
        return user.reaches(agent, self.of(agent))

    def visible(self, user: User) -> frozenset[AgentId] | None:
        """The agents a user reaches; None: all there are."""
        if not user.is_bound:
            return None
        of = user.agent, user.teams
        if of not in self._visible:
            own = {user.agent} if user.agent else set()
            reached = {agent for agent in self._of_agent if self.reaches(user, agent)}
            self._visible[of] = frozenset(own | reached)
        return self._visible[of]

    def audience(self, user: User) -> Audience | None:
        """Users with the same one see the same agents; None: all there are. Whoever is in his teams himself needs none of his own."""
        if not user.is_bound:
            return None
        in_them = user.agent is None or not user.teams.isdisjoint(self.of(user.agent))
        return (None if in_them else user.agent), user.teams

    def names(self, user: User) -> list[str]:
        """Of the teams whose agents a user reaches."""
        known = {team for teams in self._of_agent.values() for team in teams}
        return sorted(known & user.teams if user.is_bound else known)

    def must_reach(self, user: User, agents: Collection[str]) -> None:
        """Raises OutOfReach when a thing is of agents whom the user does not reach. What is nobody's is everybody's."""
        if user.is_bound and agents and not any(self.reaches(user, AgentId(agent)) for agent in agents):
            raise OutOfReach

    def floor_for(self, user: User, floor: Mapping[str, Any]) -> Mapping[str, Any]:
        """The floor with the agents a user reaches; its figures and waiting callers are the whole house's."""
        visible = self.visible(user)
        if visible is None:
            return floor
        return {**floor, "agents": [one for one in floor["agents"] if one["agent"] in visible]}
