"""What administrators do with users: add, change, deactivate, end their sessions, take a lost second factor away."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from cti.domain.access import Audit, Role, User
from cti.domain.errors import NotPossibleNow, Unknown
from cti.domain.identifiers import AgentId
from cti.domain.signing_in import Account, SessionLine, TokenLine, check_agent, check_password, token_named
from cti.ports import Clock
from cti.ports.access import Accounts, Entrances
from cti.service.teams import Teams


class Changes(NamedTuple):
    """What is to be different; None leaves it as it is. An empty `agent` takes the agent away."""

    name: str | None = None
    role: Role | None = None
    agent: str | None = None
    language: str | None = None
    teams: frozenset[str] | None = None
    active: bool | None = None
    password: str | None = None
    login: str | None = None


class People:
    """Each deed is written down before it is done. What it changes of somebody's rights holds from the next request on."""

    def __init__(
        self,
        accounts: Accounts,
        entrances: Entrances,
        teams: Teams,
        audit: Audit,
        clock: Clock,
        shipped: Collection[str] = (),
    ) -> None:
        """`shipped`: passwords that everybody knows; nobody is given one."""
        self._shipped = shipped
        self._accounts, self._entrances, self._teams = accounts, entrances, teams
        self._audit, self._clock = audit, clock

    async def all(self) -> Sequence[Account]:
        return await self._accounts.all()

    async def get(self, user: str) -> Account:
        """Raises Unknown."""
        account = await self._accounts.account(user)
        if account is None:
            raise Unknown("user")
        return account

    async def add(
        self,
        by: User,
        login: str,
        password: str,
        name: str,
        role: Role,
        agent: str,
        language: str,
        teams: frozenset[str],
        sip: tuple[str, str] | None = None,
    ) -> Account:
        """`sip`: name and password of the user's browser phone. Raises Refused, NotPossibleNow."""
        check_password(password, login, self._shipped)
        accounts = await self._accounts.all()
        check_agent(None, role, agent, accounts)
        _check_login(login, accounts)
        await self._audit(by, "user.added", f"{login}: {rights(role, agent, teams)}")
        user = await self._accounts.add(
            login, password, name, role, AgentId(agent) if agent else None, language, sip, teams
        )
        await self._teams.refresh()
        return await self.get(user.id)

    async def change(self, by: User, user: str, wish: Changes) -> Account:
        before = await self.get(user)
        wish = _differing(before, wish)
        role = before.user.role if wish.role is None else wish.role
        agent = (before.user.agent or "") if wish.agent is None else wish.agent
        if user == by.id and (wish.active is False or role is not before.user.role):
            raise NotPossibleNow(
                "Nobody deactivates himself or changes his own role; ask another administrator."
            )
        if wish.role is not None or wish.agent is not None or wish.active:
            check_agent(user, role, agent, await self._accounts.all())
        if wish.login is not None:
            _check_login(wish.login, await self._accounts.all())
        if wish.password is not None:
            if before.external:
                raise NotPossibleNow("The password is kept by the identity provider.")
            check_password(wish.password, before.user.login, self._shipped)
        await self._audit(by, "user.changed", f"{before.user.login}: {_told(wish)}")
        fields: dict[str, Any] = {
            name: value
            for name, value in (
                ("login", wish.login),
                ("name", wish.name),
                ("role", wish.role),
                ("agent", None if wish.agent is None else AgentId(wish.agent)),
                ("language", wish.language),
            )
            if value is not None
        }
        if wish.agent == "":
            fields["agent"] = None
        if wish.active is not None:
            fields["deactivated_at"] = None if wish.active else self._clock.now()
        await self._accounts.change(user, fields, wish.teams)
        if wish.password is not None:
            await self._accounts.set_password(user, wish.password)
        if wish.password is not None or wish.active is False:
            await self._entrances.end_sessions(user)
            await self._entrances.revoke_tokens(user)
        await self._teams.refresh()
        return await self.get(user)

    async def sessions(self, user: str) -> Sequence[SessionLine]:
        return await self._entrances.sessions((await self.get(user)).user.id, self._clock.now())

    async def end_session(self, by: User, user: str, session: str) -> None:
        account = await self.get(user)
        if all(line.id != session for line in await self.sessions(user)):
            raise Unknown("session")
        await self._audit(by, "session.ended", f"{account.user.login} {session}")
        await self._entrances.end_session(user, session)

    async def end_sessions(self, by: User, user: str) -> None:
        account = await self.get(user)
        await self._audit(by, "session.all_ended", account.user.login)
        await self._entrances.end_sessions(user)

    async def tokens(self, user: str) -> Sequence[TokenLine]:
        return await self._entrances.tokens((await self.get(user)).user.id)

    async def revoke_token(self, by: User, user: str, token: str) -> None:
        login, name = (await self.get(user)).user.login, token_named(token, await self.tokens(user))
        await self._audit(by, "token.revoked", f"{login}: {name}")
        await self._entrances.revoke_token(user, token)

    async def take_second_factor(self, by: User, user: str) -> None:
        """For somebody who lost the phone and the recovery codes."""
        account = await self.get(user)
        await self._audit(by, "second_factor.taken", account.user.login)
        await self._accounts.change(user, {"totp_secret": None, "totp_since": None, "totp_step": None}, None)
        await self._accounts.set_recovery_codes(user, ())


def _check_login(login: str, accounts: Sequence[Account]) -> None:
    """Raises NotPossibleNow, before anything is written down of it."""
    if any(one.user.login == login for one in accounts):
        raise NotPossibleNow(f"the login {login!r} is taken")


def _differing(account: Account, wish: Changes) -> Changes:
    """Of what is wished that which is not so already."""
    user = account.user
    so = {
        "login": user.login,
        "name": user.name,
        "role": user.role,
        "agent": user.agent or "",
        "language": user.language,
        "teams": user.teams,
        "active": account.active,
    }
    return wish._replace(**{name: None for name, value in so.items() if getattr(wish, name) == value})


def rights(role: Role, agent: str, teams: frozenset[str]) -> str:
    """As the audit log tells them."""
    return ", ".join(
        [role, *([f"agent {agent}"] if agent else []), *(f"team {team}" for team in sorted(teams))]
    )


def _told(wish: Changes) -> str:
    """What was asked for, without the password."""
    told = []
    for name, value in wish._asdict().items():
        if name == "password" and value is not None:
            told.append("new password")
        elif isinstance(value, frozenset):
            told.append(f"teams {', '.join(sorted(value)) or 'none'}")
        elif value is not None:
            told.append(f"{name} {'none' if value == '' else value}")
    return "; ".join(told) or "nothing"
