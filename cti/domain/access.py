"""Who may do what: five roles and what each opens."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

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
    SEE_CUSTOMERS = "see_customers"
    EDIT_CUSTOMERS = "edit_customers"
    LISTEN = "listen"  # recordings
    REVIEW = "review"  # score calls
    SEE_OPERATIONS = "see_operations"
    ADMINISTER = "administer"


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset({Permission.USE_DESK, Permission.SEE_FLOOR, Permission.SEE_CUSTOMERS}),
    Role.REVIEWER: frozenset(
        {Permission.LISTEN, Permission.REVIEW, Permission.SEE_CALLS, Permission.SEE_CUSTOMERS}
    ),
    Role.SUPERVISOR: frozenset(
        {
            Permission.SEE_FLOOR,
            Permission.SEE_CALLS,
            Permission.CONTROL_AGENTS,
            Permission.SEE_CUSTOMERS,
            Permission.EDIT_CUSTOMERS,
            Permission.LISTEN,
            Permission.REVIEW,
        }
    ),
    Role.OPERATOR: frozenset({Permission.SEE_FLOOR, Permission.SEE_OPERATIONS}),
    Role.ADMINISTRATOR: frozenset(Permission) - {Permission.USE_DESK},
}


class User(NamedTuple):
    """Who is signed in. `agent` is set for people who take calls."""

    id: str
    login: str
    name: str
    role: Role
    agent: AgentId | None
    language: str  # "zh" or "en"

    def may(self, permission: Permission) -> bool:
        return permission in GRANTS[self.role]


Guard = Callable[[Permission], Callable[..., Any]]
"""Gives the HTTP dependency that lets a request pass only with this permission, and yields the User."""
