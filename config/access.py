"""Puts together who may do what."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from config.settings import Oidc
from cti.adapters.accounts import SqlAccounts
from cti.adapters.audit import SqlAudit
from cti.adapters.entrances import FORGET_EVERY_SECONDS, FORGET_SESSIONS, SqlEntrances
from cti.adapters.oidc import OpenIdProvider
from cti.adapters.second_factor import Totp
from cti.domain.identifiers import AgentId
from cti.domain.jobs import Job
from cti.domain.single_sign_on import ClaimRules
from cti.ports import Clock
from cti.service.front_door import FrontDoor
from cti.service.job_desk import JobDesk
from cti.service.own_account import OwnAccount
from cti.service.people import People
from cti.service.single_sign_on import SingleSignOn
from cti.service.teams import Teams

TEAMS_SECONDS = 5.0
"""How often it is looked whether another program (`cti user …`) changed users."""

SOCKETS_SECONDS = 0.5
"""How often it is looked whether what an open page came in by still opens something."""


class Access(NamedTuple):
    """The parts, as the installation holds them."""

    accounts: SqlAccounts
    entrances: SqlEntrances
    door: FrontDoor
    own_account: OwnAccount
    people: People
    teams: Teams
    sign_on: SingleSignOn | None
    provider: OpenIdProvider | None
    audit: SqlAudit


def make_access(
    engine: AsyncEngine,
    clock: Clock,
    names: dict[AgentId, str],
    jobs: JobDesk,
    oidc: Oidc,
    shipped: Collection[str] = (),
) -> Access:
    """`names`: of agents, kept up to date from here; `shipped`: passwords that open nothing."""
    accounts, entrances, factor = SqlAccounts(engine), SqlEntrances(engine), Totp("Tierline")
    audit = SqlAudit(engine, clock)
    door = FrontDoor(accounts, entrances, factor, audit, clock, shipped)
    teams = Teams(accounts, names)
    own = OwnAccount(accounts, entrances, factor, door, audit, clock, shipped)
    people = People(accounts, entrances, teams, audit, clock, shipped)
    provider = _provider(oidc) if oidc.issuer else None
    sign_on = (
        SingleSignOn(provider, _rules(oidc), accounts, door, teams, audit, clock)
        if provider is not None
        else None
    )

    async def forget_sessions(_: Job) -> None:
        await entrances.forget_ended(clock.now())

    jobs.handle(FORGET_SESSIONS, forget_sessions)
    jobs.ask(FORGET_SESSIONS, "all", every_seconds=FORGET_EVERY_SECONDS)
    return Access(accounts, entrances, door, own, people, teams, sign_on, provider, audit)


def _provider(oidc: Oidc) -> OpenIdProvider:
    return OpenIdProvider(
        oidc.issuer,
        oidc.client_id,
        oidc.client_secret.get_secret_value(),
        oidc.redirect_uri,
        oidc.scopes.split(),
    )


def _rules(oidc: Oidc) -> ClaimRules:
    return ClaimRules(
        oidc.login_claim,
        oidc.name_claim,
        oidc.agent_claim,
        oidc.role_claim,
        oidc.roles,
        oidc.team_claim,
        oidc.teams,
    )
