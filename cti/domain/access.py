"""Who may do what, and to whom: five roles and what each opens, and teams that bound it."""

from collections.abc import Awaitable, Callable, Collection
from enum import StrEnum
from typing import Any, NamedTuple

from cti.domain.errors import NotAllowed
from cti.domain.identifiers import AgentId


class Role(StrEnum):
    """One user has one role."""

    AGENT = "agent"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a route asks for."""

    USE_DESK = "use_desk"  # be an agent: own pops, own state
    SEE_FLOOR = "see_floor"  # queues, agents, KPIs
    SEE_CALLS = "see_calls"
    CONTROL_AGENTS = "control_agents"  # other people's state
    SUPERVISE = "supervise"  # hear agents' live calls, move waiting callers, write notes
    SEE_CUSTOMERS = "see_customers"
    EDIT_CUSTOMERS = "edit_customers"
    LISTEN = "listen"  # recordings
    REVIEW = "review"  # score calls
    LEAD_QUALITY = "lead_quality"  # assign reviews, calibrate, decide disputes, coach
    CARE = "care"  # callbacks, rescues and what customers said
    SEE_OPERATIONS = "see_operations"
    ADMINISTER = "administer"
    SEE_ROUTING = "see_routing"  # the policy, its versions, how good estimates are
    EDIT_ROUTING = "edit_routing"
    EDIT_SCORECARDS = "edit_scorecards"  # write and publish what calls are judged by
    SCHEDULE_REPORTS = "schedule_reports"  # have figures of people sent by mail


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset(
        {Permission.USE_DESK, Permission.SEE_FLOOR, Permission.SEE_CUSTOMERS, Permission.CARE}
    ),
    Role.REVIEWER: frozenset(
        {Permission.LISTEN, Permission.REVIEW, Permission.SEE_CALLS, Permission.SEE_CUSTOMERS}
    ),
    Role.SUPERVISOR: frozenset(
        {
            Permission.SEE_FLOOR,
            Permission.SEE_CALLS,
            Permission.CONTROL_AGENTS,
            Permission.SUPERVISE,
            Permission.SEE_CUSTOMERS,
            Permission.EDIT_CUSTOMERS,
            Permission.LISTEN,
            Permission.REVIEW,
            Permission.LEAD_QUALITY,
            Permission.CARE,
            Permission.SEE_ROUTING,
            Permission.EDIT_SCORECARDS,
            Permission.SCHEDULE_REPORTS,
        }
    ),
    Role.OPERATOR: frozenset({Permission.SEE_FLOOR, Permission.SEE_OPERATIONS}),
    Role.ADMINISTRATOR: frozenset(Permission) - {Permission.USE_DESK},
}


class User(NamedTuple):
    """Who asks. `agent` is set for people who take calls, `scopes` when a program asks with a token of theirs."""

    id: str
    login: str
    name: str
    role: Role
    agent: AgentId | None
    language: str  # "zh" or "en"
    teams: frozenset[str] = frozenset()  # none: bound to no team
    scopes: frozenset[Permission] | None = None  # None: the person, who may do all that the role opens

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the role opens; of that, with a token, what the token is for."""
        return GRANTS[self.role] if self.scopes is None else GRANTS[self.role] & self.scopes

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def is_bound(self) -> bool:
        """Sees the agents of some teams only. Administrators make the teams and are bound by none."""
        return bool(self.teams) and self.role is not Role.ADMINISTRATOR

    def reaches(self, agent: AgentId, teams: frozenset[str]) -> bool:
        """THE rule of teams: sees and controls an agent who is in these teams."""
        return not self.is_bound or self.agent == agent or bool(self.teams & teams)


def own_agent(user: User, agent: str) -> AgentId:
    """Agents see and change their own work, supervisors everybody's. Raises NotAllowed."""
    if user.agent != agent and not user.may(Permission.CONTROL_AGENTS):
        raise NotAllowed("Agents see and change their own work only.")
    return AgentId(agent)


Guard = Callable[[Permission], Callable[..., Any]]
"""Gives the HTTP dependency that lets a request pass only with this permission, and yields the User."""

Visible = Callable[[User], frozenset[AgentId] | None]
"""Whose calls, recordings and reviews a user may see in a list; None: everybody's. What is nobody's, everybody sees."""

Audit = Callable[[User, str, str], Awaitable[None]]
"""Who did what to which thing. Returns when it is written down; if it cannot be, it raises and nothing is done."""


def everybody(_: User) -> None:
    """A `Visible` that hides nobody."""


def is_seen(agents: Collection[AgentId], visible: frozenset[AgentId] | None) -> bool:
    """Whether a thing of these agents stands in a list: what is nobody's does."""
    return visible is None or not agents or not visible.isdisjoint(agents)
