"""Users: argon2 passwords, teams and second factors, in SQL."""

import asyncio
import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from pwdlib import PasswordHash
from sqlalchemy import RowMapping, Select, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cti.adapters.access_tables import RECOVERY_CODES, TEAMS, USERS
from cti.adapters.database import reading
from cti.domain.access import Role, User
from cti.domain.errors import NotPossibleNow, Unknown
from cti.domain.identifiers import AgentId
from cti.domain.signing_in import Account

HASHED_TOGETHER = 2
"""Passwords; each takes 64 MB meanwhile."""

T = TypeVar("T")


def digest(secret: str) -> str:
    """Of secrets with more than 100 bits of chance: nothing slower is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class SqlAccounts:
    """Passwords are checked in threads of their own: argon2 takes tens of milliseconds and megabytes on purpose.

    Whatever many sign in at once, no more are checked at a time than `HASHED_TOGETHER`, and nothing else waits for them.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)
        self._hash = PasswordHash.recommended()
        self._threads = ThreadPoolExecutor(HASHED_TOGETHER, "password")
        self._nobody = self._hash.hash(
            secrets.token_hex()
        )  # checked for unknown logins: same time, same answer

    async def verify(self, login: str, password: str) -> User | None:
        """The active user of that login and password."""
        wanted = select(USERS).where(USERS.c.login == login, USERS.c.deactivated_at.is_(None))
        async with self._read.connect() as connection:
            row = (await connection.execute(wanted)).mappings().first()
            teams = await teams_of(connection, [row["id"]] if row else [])
        stored = (row["password"] if row else "") or self._nobody
        fits = await self._apart(self._hash.verify, password, stored)
        return user_of(row, teams) if row is not None and fits else None

    async def _apart(self, work: Callable[..., T], *given: str) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

    async def add(
        self,
        login: str,
        password: str,
        name: str,
        role: Role,
        agent: AgentId | None,
        language: str,
        sip: tuple[str, str] | None = None,
        teams: Collection[str] = (),
        external: str | None = None,
    ) -> User:
        """`external`: names the user at the identity provider, and there is no password. Raises NotPossibleNow."""
        user = User(secrets.token_hex(8), login, name, role, agent, language, frozenset(teams))
        row = {
            "id": user.id,
            "login": login,
            "name": name,
            "role": role,
            "agent": agent,
            "language": language,
            "password": "" if external else await self._apart(self._hash.hash, password),
            "sip_user": sip[0] if sip else None,
            "sip_password": sip[1] if sip else None,
            "external": external,
        }
        try:
            async with self._engine.begin() as connection:
                await connection.execute(USERS.insert().values(row))
                await _put_teams(connection, user.id, teams)
        except IntegrityError:
            raise NotPossibleNow(f"the login {login!r} is taken") from None
        return user

    async def change(self, user: str, fields: Mapping[str, Any], teams: Collection[str] | None) -> None:
        """Columns of the user's row, and the teams when given. Raises Unknown, NotPossibleNow."""
        async with self._engine.begin() as connection:
            if (await connection.execute(select(USERS.c.id).where(USERS.c.id == user))).first() is None:
                raise Unknown("user")
            try:
                if fields:
                    await connection.execute(update(USERS).where(USERS.c.id == user).values(**fields))
            except IntegrityError:
                raise NotPossibleNow(f"the login {fields.get('login')!r} is taken") from None
            if teams is not None:
                await connection.execute(delete(TEAMS).where(TEAMS.c.user == user))
                await _put_teams(connection, user, teams)

    async def set_password(self, user: str, password: str) -> None:
        hashed = await self._apart(self._hash.hash, password)
        await self.change(user, {"password": hashed}, None)

    async def all(self) -> Sequence[Account]:
        """By login."""
        return await self._accounts(select(USERS).order_by(USERS.c.login))

    async def account(self, user: str) -> Account | None:
        found = await self._accounts(select(USERS).where(USERS.c.id == user))
        return found[0] if found else None

    async def by_login(self, login: str) -> Account | None:
        found = await self._accounts(select(USERS).where(USERS.c.login == login))
        return found[0] if found else None

    async def by_external(self, external: str) -> Account | None:
        found = await self._accounts(select(USERS).where(USERS.c.external == external))
        return found[0] if found else None

    async def _accounts(self, wanted: Select[Any]) -> list[Account]:
        async with self._read.connect() as connection:
            rows = (await connection.execute(wanted)).mappings().all()
            teams = await teams_of(connection, [row["id"] for row in rows])
        return [
            Account(
                user_of(row, teams),
                row["deactivated_at"] is None,
                row["totp_since"] is not None,
                row["external"] is not None,
            )
            for row in rows
        ]

    async def second_factor(self, user: str) -> tuple[str, float | None, int] | None:
        """The key, since when it is confirmed, and the step of the last code taken (0: none)."""
        wanted = select(USERS.c.totp_secret, USERS.c.totp_since, USERS.c.totp_step).where(USERS.c.id == user)
        async with self._read.connect() as connection:
            row = (await connection.execute(wanted)).first()
        return None if row is None or row[0] is None else (row[0], row[1], row[2] or 0)

    async def take_step(self, user: str, step: int) -> bool:
        """A code of this step is used up; False when it, or a later one, was before."""
        newer = (USERS.c.totp_step.is_(None)) | (USERS.c.totp_step < step)
        async with self._engine.begin() as connection:
            taken = await connection.execute(
                update(USERS).where(USERS.c.id == user, newer).values(totp_step=step)
            )
        return taken.rowcount == 1

    async def set_recovery_codes(self, user: str, codes: Collection[str]) -> None:
        """These and no earlier ones."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(RECOVERY_CODES).where(RECOVERY_CODES.c.user == user))
            if codes:
                rows = [{"user": user, "code": digest(code)} for code in codes]
                await connection.execute(RECOVERY_CODES.insert(), rows)

    async def take_recovery_code(self, user: str, code: str) -> bool:
        """True once for each code."""
        this = (RECOVERY_CODES.c.user == user, RECOVERY_CODES.c.code == digest(code))
        async with self._engine.begin() as connection:
            return (await connection.execute(delete(RECOVERY_CODES).where(*this))).rowcount == 1

    async def phone(self, user: User) -> Mapping[str, str] | None:
        wanted = select(USERS.c.sip_user, USERS.c.sip_password).where(USERS.c.id == user.id)
        async with self._read.connect() as connection:
            row = (await connection.execute(wanted)).first()
        if row is None or not row.sip_user:
            return None
        return {"sip_user": row.sip_user, "password": row.sip_password}

    async def names(self) -> Mapping[AgentId, str]:
        """The people behind the agent ids, for screens: of each that `_holders` names."""
        async with self._read.connect() as connection:
            return {agent: name for agent, (_, name) in (await _holders(connection)).items()}

    async def agent_teams(self) -> Mapping[AgentId, frozenset[str]]:
        """Each agent's teams; agents without any, or without an account, are left out."""
        async with self._read.connect() as connection:
            holders = await _holders(connection)
            teams = await teams_of(connection, [user for user, _ in holders.values()])
        return {agent: teams[user] for agent, (user, _) in holders.items() if user in teams}

    async def empty(self) -> bool:
        async with self._read.connect() as connection:
            return (await connection.execute(select(USERS.c.id).limit(1))).first() is None


async def _holders(connection: AsyncConnection) -> Mapping[AgentId, tuple[str, str]]:
    """Who each agent is: id and name of the active user, or of the last who was, whose calls stay with his teams."""
    wanted = select(USERS.c.agent, USERS.c.deactivated_at, USERS.c.id, USERS.c.name)
    rows = (await connection.execute(wanted.where(USERS.c.agent.is_not(None)))).all()
    last = sorted(rows, key=lambda row: (row.deactivated_at is None, row.deactivated_at or 0.0, row.id))
    return {AgentId(row.agent): (row.id, row.name) for row in last if row.agent}


async def _put_teams(connection: AsyncConnection, user: str, teams: Collection[str]) -> None:
    if teams:
        await connection.execute(
            TEAMS.insert(), [{"user": user, "team": team} for team in sorted(set(teams))]
        )


async def teams_of(connection: AsyncConnection, users: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """The teams of these users."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    wanted = select(TEAMS).where(TEAMS.c.user.in_(users)) if len(users) <= 100 else select(TEAMS)
    for row in (await connection.execute(wanted)).all() if users else ():
        found[row.user].add(row.team)
    return {user: frozenset(teams) for user, teams in found.items()}


def user_of(row: RowMapping, teams: Mapping[str, frozenset[str]]) -> User:
    agent, id_ = row["agent"], str(row["id"])
    return User(
        id_,
        str(row["login"]),
        str(row["name"]),
        Role(str(row["role"])),
        AgentId(agent) if agent else None,
        str(row["language"]),
        teams.get(id_, frozenset()),
    )
