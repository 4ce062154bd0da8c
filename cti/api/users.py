"""Users and teams, for administrators."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from cti.api.account import SessionsView, TokensView, sessions_view, tokens_view
from cti.domain.access import Guard, Permission, Role, User
from cti.domain.signing_in import Account
from cti.service.people import Changes, People

LOGIN = r"^[^\s\x00-\x1f]+$"
PLAIN = r"^[^\x00-\x1f]*$"
Team = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]+$")]


class AccountView(BaseModel):
    """`external`: signs in at the identity provider, which says role and teams too."""

    id: str
    login: str
    name: str
    role: Role
    agent: str | None
    language: str
    teams: list[str]
    active: bool
    second_factor: bool
    external: bool


class AccountsView(BaseModel):
    """`teams` are all that somebody is in."""

    items: list[AccountView]
    total: int
    teams: list[str]


class NewAccount(BaseModel):
    model_config = ConfigDict(extra="forbid")
    login: str = Field(min_length=1, max_length=200, pattern=LOGIN)
    password: str = Field(max_length=1000)
    name: str = Field(min_length=1, max_length=200, pattern=PLAIN)
    role: Role
    agent: str = Field(default="", max_length=80, pattern=PLAIN)
    language: Literal["en", "zh"] = "zh"
    teams: list[Team] = Field(default_factory=list, max_length=50)


class AccountForm(BaseModel):
    """What is left out stays as it is; an empty `agent` takes the agent away."""

    model_config = ConfigDict(extra="forbid")
    login: str | None = Field(default=None, min_length=1, max_length=200, pattern=LOGIN)
    name: str | None = Field(default=None, min_length=1, max_length=200, pattern=PLAIN)
    role: Role | None = None
    agent: str | None = Field(default=None, max_length=80, pattern=PLAIN)
    language: Literal["en", "zh"] | None = None
    teams: list[Team] | None = Field(default=None, max_length=50)
    active: bool | None = None
    password: str | None = Field(default=None, max_length=1000)

    def changes(self) -> Changes:
        told = self.model_dump(exclude={"teams"})
        return Changes(**told, teams=None if self.teams is None else frozenset(self.teams))


def account_view(account: Account) -> AccountView:
    user = account.user
    return AccountView(
        id=user.id,
        login=user.login,
        name=user.name,
        role=user.role,
        agent=user.agent,
        language=user.language,
        teams=sorted(user.teams),
        active=account.active,
        second_factor=account.second_factor,
        external=account.external,
    )


def routes(people: People, guard: Guard, in_person: Any) -> APIRouter:
    """`in_person` is the dependency that refuses a token, which else could give its owner a new password."""
    router = APIRouter(prefix="/users", tags=["users"])
    administrator = Depends(guard(Permission.ADMINISTER))
    By = Annotated[User, administrator]  # noqa: N806  a type
    person = [Depends(in_person)]

    @router.get("", dependencies=[administrator])
    async def users() -> AccountsView:
        items = [account_view(one) for one in await people.all()]
        teams = sorted({team for one in items for team in one.teams})
        return AccountsView(items=items, total=len(items), teams=teams)

    @router.post("", status_code=201, dependencies=person)
    async def add(form: NewAccount, by: By) -> AccountView:
        told = form.model_dump(exclude={"teams"})
        return account_view(await people.add(by, **told, teams=frozenset(form.teams)))

    @router.patch("/{user}", dependencies=person)
    async def change(user: str, form: AccountForm, by: By) -> AccountView:
        return account_view(await people.change(by, user, form.changes()))

    @router.get("/{user}/sessions", dependencies=[administrator])
    async def sessions(user: str) -> SessionsView:
        return sessions_view(list(await people.sessions(user)))

    @router.delete("/{user}/sessions", status_code=204, dependencies=person)
    async def end_sessions(user: str, by: By) -> None:
        await people.end_sessions(by, user)

    @router.delete("/{user}/sessions/{session}", status_code=204, dependencies=person)
    async def end_session(user: str, session: str, by: By) -> None:
        await people.end_session(by, user, session)

    @router.get("/{user}/tokens", dependencies=[administrator])
    async def tokens(user: str) -> TokensView:
        return tokens_view(await people.tokens(user))

    @router.delete("/{user}/tokens/{token}", status_code=204, dependencies=person)
    async def revoke_token(user: str, token: str, by: By) -> None:
        await people.revoke_token(by, user, token)

    @router.delete("/{user}/second-factor", status_code=204, dependencies=person)
    async def take_second_factor(user: str, by: By) -> None:
        """For somebody who lost the phone and the recovery codes."""
        await people.take_second_factor(by, user)

    return router
