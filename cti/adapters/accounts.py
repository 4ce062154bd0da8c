"""Who may sign in: users with argon2 passwords and their sessions, in SQL."""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping

from pwdlib import PasswordHash
from sqlalchemy import Column, Double, ForeignKey, RowMapping, Table, Text, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, reading
from cti.domain.access import Role, User
from cti.domain.errors import NotPossibleNow
from cti.domain.identifiers import AgentId

SESSION_SECONDS = 12 * 3600
"""A working day: then people sign in again."""

USERS = Table(
    "users",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("agent", Text),
    Column("language", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("sip_user", Text),
    Column("sip_password", Text),
)

FORGET_SESSIONS = "forget_sessions"
"""The kind of job that removes ended sessions."""

FORGET_EVERY_SECONDS = 3600.0

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token", Text, primary_key=True),  # SHA-256 of the secret the browser holds
    Column("user", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("opened_at", Double, nullable=False),
)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class SqlAccounts:
    """Passwords are checked in a thread: argon2 takes tens of milliseconds on purpose."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)
        self._hash = PasswordHash.recommended()
        self._nobody = self._hash.hash(
            secrets.token_hex()
        )  # checked for unknown logins: same time, same answer

    async def verify(self, login: str, password: str) -> User | None:
        async with self._read.connect() as connection:
            row = (await connection.execute(select(USERS).where(USERS.c.login == login))).mappings().first()
        stored = self._nobody if row is None else row["password"]
        fits = await asyncio.to_thread(self._hash.verify, password, stored)
        return _user(row) if row is not None and fits else None

    async def open_session(self, user: User, at: float) -> str:
        token = secrets.token_urlsafe(32)
        async with self._engine.begin() as connection:
            await connection.execute(delete(SESSIONS).where(SESSIONS.c.opened_at < at - SESSION_SECONDS))
            await connection.execute(
                SESSIONS.insert().values(token=_digest(token), user=user.id, opened_at=at)
            )
        return token

    async def session(self, token: str, at: float) -> User | None:
        wanted = (
            select(USERS)
            .join(SESSIONS, SESSIONS.c.user == USERS.c.id)
            .where(SESSIONS.c.token == _digest(token), SESSIONS.c.opened_at >= at - SESSION_SECONDS)
        )
        async with self._read.connect() as connection:
            row = (await connection.execute(wanted)).mappings().first()
        return None if row is None else _user(row)

    async def forget_ended(self, at: float) -> None:
        """Remove every session that has run out by then."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(SESSIONS).where(SESSIONS.c.opened_at < at - SESSION_SECONDS))

    async def close_session(self, token: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(SESSIONS).where(SESSIONS.c.token == _digest(token)))

    async def add(
        self,
        login: str,
        password: str,
        name: str,
        role: Role,
        agent: AgentId | None,
        language: str,
        sip: tuple[str, str] | None = None,
    ) -> User:
        user = User(secrets.token_hex(8), login, name, role, agent, language)
        row = {
            **user._asdict(),
            "password": await asyncio.to_thread(self._hash.hash, password),
            "sip_user": sip[0] if sip else None,
            "sip_password": sip[1] if sip else None,
        }
        try:
            async with self._engine.begin() as connection:
                await connection.execute(USERS.insert().values(row))
        except IntegrityError:
            raise NotPossibleNow(f"the login {login!r} is taken") from None
        return user

    async def phone(self, user: User) -> Mapping[str, str] | None:
        wanted = select(USERS.c.sip_user, USERS.c.sip_password).where(USERS.c.id == user.id)
        async with self._read.connect() as connection:
            row = (await connection.execute(wanted)).first()
        if row is None or not row.sip_user:
            return None
        return {"sip_user": row.sip_user, "password": row.sip_password}

    async def names(self) -> Mapping[AgentId, str]:
        """The people behind the agent ids, for screens."""
        async with self._read.connect() as connection:
            rows = (await connection.execute(select(USERS.c.agent, USERS.c.name))).all()
        return {AgentId(row.agent): row.name for row in rows if row.agent}

    async def empty(self) -> bool:
        async with self._read.connect() as connection:
            return (await connection.execute(select(USERS.c.id).limit(1))).first() is None


def _user(row: RowMapping) -> User:
    agent = row["agent"]
    return User(
        str(row["id"]),
        str(row["login"]),
        str(row["name"]),
        Role(str(row["role"])),
        AgentId(agent) if agent else None,
        str(row["language"]),
    )
