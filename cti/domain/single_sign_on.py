"""What an identity provider's claims mean here: login, role, agent and teams, by the installation's own rules."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cti.domain.access import Role
from cti.domain.errors import NotAllowed
from cti.domain.identifiers import AgentId

STRONGEST_FIRST = (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.OPERATOR, Role.REVIEWER, Role.AGENT)
"""Who is in several groups gets the first of these."""


class ClaimRules(NamedTuple):
    """Names of claims, and what their values stand for."""

    login: str
    name: str
    agent: str
    role: str
    roles: Mapping[str, Role]
    team: str
    teams: Mapping[str, str]  # an empty team: the whole house


class Person(NamedTuple):
    """Somebody the identity provider vouches for."""

    external: str  # issuer and subject
    login: str
    name: str
    role: Role
    agent: AgentId | None
    teams: frozenset[str]
    language: str


def person(claims: Mapping[str, Any], rules: ClaimRules) -> Person:
    """Raises NotAllowed when no claim gives a role, or none of the teams that bound it, or an agent has no agent's name."""
    given = [rules.roles[value] for value in _values(claims, rules.role) if value in rules.roles]
    role = next((one for one in STRONGEST_FIRST if one in given), None)
    login = str(claims.get(rules.login) or "").strip()
    if role is None or not login:
        raise NotAllowed("Your identity provider gives you no role here; ask an administrator.")
    agent = str(claims.get(rules.agent) or "").strip() if role is Role.AGENT else ""
    if role is Role.AGENT and not agent:
        raise NotAllowed("Your identity provider does not say which agent you are; ask an administrator.")
    teams = [rules.teams[value] for value in _values(claims, rules.team) if value in rules.teams]
    if (
        rules.teams and not teams and role is not Role.ADMINISTRATOR
    ):  # else a renamed group would open all teams
        raise NotAllowed("Your identity provider gives you no team here; ask an administrator.")
    return Person(
        f"{claims['iss']} {claims['sub']}",
        login,
        str(claims.get(rules.name) or login),
        role,
        AgentId(agent) if agent else None,
        frozenset() if "" in teams else frozenset(teams),
        "zh" if str(claims.get("locale") or "zh").lower().startswith("zh") else "en",
    )


def _values(claims: Mapping[str, Any], name: str) -> Sequence[str]:
    """One value or a list of them; a name with dots leads into objects, as Keycloak's `realm_access.roles`."""
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return [found]
    return [value for value in found if isinstance(value, str)] if isinstance(found, list) else []
