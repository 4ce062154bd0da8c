"""By what people and programs come in: sessions, API tokens, and the count of those who guessed, in SQL."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Double,
    Select,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.access_tables import API_TOKENS, FAILURES, SESSIONS, USERS
from cti.adapters.accounts import digest, teams_of, user_of
from cti.adapters.database import Transactions, put, reading
from cti.domain.access import Permission, User
from cti.domain.signing_in import (
    CLOSED_SECONDS,
    ID_CHARACTERS,
    SESSION_SECONDS,
    TOKEN_PREFIX,
    WINDOW_SECONDS,
    Caller,
    Entrance,
    Failures,
    SessionLine,
    TokenLine,
    session_id,
)

log = logging.getLogger(__name__)

FORGET_SESSIONS = "forget_sessions"
"""The kind of job that removes ended sessions."""

FORGET_EVERY_SECONDS = 3600.0

SEEN_EVERY_SECONDS = 60.0
"""How exactly it is kept when a session or a token was used last."""

ONE_COUNTS_AT_A_TIME = 7_401_003
"""PostgreSQL's advisory lock of whoever counts a guess; SQLite has one writer anyway."""

ASKED_TOGETHER = 500
"""Keys in one question."""


class SqlEntrances:
    """Sessions and tokens. Whoever was deactivated has none that opens anything."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)
        self._transactions = Transactions(engine)
        self._seen: dict[str, float] = {}  # what was used since the last time it was written down

    async def open_session(self, user: User, at: float, caller: Caller) -> str:
        token = secrets.token_urlsafe(32)
        row = {"token": digest(token), "user": user.id, "opened_at": at, "seen_at": at, **caller._asdict()}
        async with self._engine.begin() as connection:
            await connection.execute(delete(SESSIONS).where(SESSIONS.c.opened_at < at - SESSION_SECONDS))
            await connection.execute(SESSIONS.insert().values(row))
        return token

    async def session(self, token: str, at: float) -> Entrance | None:
        """Who holds a session's secret, while it lasts."""
        key = digest(token)
        async with self._read.connect() as connection:
            row = (await connection.execute(_ONE_SESSION, {"key": key, "at": at})).mappings().first()
            teams = await teams_of(connection, [row["id"]] if row else [])
        if row is None:
            return None
        self._seen[key] = at
        return Entrance(user_of(row, teams), key)

    async def token(self, token: str, at: float) -> Entrance | None:
        """Whose API token it is, while it lasts; the user has the scopes the token has."""
        key = digest(token)
        async with self._read.connect() as connection:
            row = (await connection.execute(_ONE_TOKEN, {"key": key, "at": at})).mappings().first()
            teams = await teams_of(connection, [row["id"]] if row else [])
        if row is None:
            return None
        self._seen[key] = at
        return Entrance(user_of(row, teams)._replace(scopes=_scopes(row["scopes"])), key, is_token=True)

    async def keep_seen(self) -> None:
        """Write down, once a minute, what was used: whoever comes in never waits for another writer."""
        while True:
            await asyncio.sleep(SEEN_EVERY_SECONDS)
            await self.write_seen()

    async def write_seen(self) -> None:
        """What cannot be written now is written the next time."""
        seen, self._seen = self._seen, {}
        if not seen:
            return
        rows = [{"key": key, "at": at} for key, at in seen.items()]
        try:
            async with self._engine.begin() as connection:
                for column, used in ((SESSIONS.c.token, "seen_at"), (API_TOKENS.c.digest, "used_at")):
                    change = update(column.table).where(column == bindparam("key"))
                    await connection.execute(change.values({used: bindparam("at")}), rows)
        except SQLAlchemyError as problem:
            log.warning("when sessions were used last is written later: %s", type(problem).__name__)
            self._seen = seen | self._seen

    async def still_open(self, keys: Collection[str], at: float) -> Mapping[str, User]:
        """Of these keys those that still open something, each with its user as he is now."""
        found: dict[str, User] = {}
        listed = sorted(keys)
        async with self._read.connect() as connection:
            for start in range(0, len(listed), ASKED_TOGETHER):
                some = listed[start : start + ASKED_TOGETHER]
                sessions = _of_sessions(at).where(SESSIONS.c.token.in_(some))
                tokens = _of_tokens(at).where(API_TOKENS.c.digest.in_(some))
                rows = [
                    *(await connection.execute(sessions)).mappings().all(),
                    *(await connection.execute(tokens)).mappings().all(),
                ]
                teams = await teams_of(connection, [row["id"] for row in rows])
                for row in rows:
                    user = user_of(row, teams)
                    found[row["key"]] = (
                        user._replace(scopes=_scopes(row["scopes"])) if "scopes" in row else user
                    )
        return found

    async def sessions(self, user: str, at: float) -> Sequence[SessionLine]:
        """Open ones, the newest first."""
        lasting = (SESSIONS.c.user == user, SESSIONS.c.opened_at >= at - SESSION_SECONDS)
        async with self._read.connect() as connection:
            wanted = select(SESSIONS).where(*lasting).order_by(SESSIONS.c.opened_at.desc())
            rows = (await connection.execute(wanted)).all()
        return [
            SessionLine(
                session_id(row.token),
                row.opened_at,
                max(row.seen_at, row.opened_at),
                row.opened_at + SESSION_SECONDS,
                row.address,
                row.browser,
            )
            for row in rows
        ]

    async def end_session(self, user: str, session: str) -> bool:
        """By its id; False when the user has none such."""
        this = (SESSIONS.c.user == user, func.substr(SESSIONS.c.token, 1, ID_CHARACTERS) == session)
        async with self._engine.begin() as connection:
            return (await connection.execute(delete(SESSIONS).where(*this))).rowcount > 0

    async def end_sessions(self, user: str, but: str = "") -> None:
        """All of a user, but the one with this key."""
        these = (SESSIONS.c.user == user, SESSIONS.c.token != but)
        async with self._engine.begin() as connection:
            await connection.execute(delete(SESSIONS).where(*these))

    async def close_session(self, token: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(SESSIONS).where(SESSIONS.c.token == digest(token)))

    async def forget_ended(self, at: float) -> None:
        """Remove every session that has run out by then, and guesses that count no more."""
        past = at - WINDOW_SECONDS - CLOSED_SECONDS
        async with self._engine.begin() as connection:
            await connection.execute(delete(SESSIONS).where(SESSIONS.c.opened_at < at - SESSION_SECONDS))
            await connection.execute(
                delete(FAILURES).where(FAILURES.c.since < past, FAILURES.c.closed_until < at)
            )

    async def add_token(
        self, user: str, name: str, scopes: Collection[Permission], at: float, expires_at: float | None
    ) -> tuple[TokenLine, str]:
        """The token's line, and its secret, which nobody can tell again."""
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        line = TokenLine(secrets.token_hex(8), name, sorted(scopes), at, expires_at, None)
        row = {**line._asdict(), "user": user, "digest": digest(secret), "scopes": " ".join(line.scopes)}
        async with self._engine.begin() as connection:
            await connection.execute(API_TOKENS.insert().values(row))
        return line, secret

    async def tokens(self, user: str) -> Sequence[TokenLine]:
        """Newest first; those that have run out too, until they are revoked."""
        wanted = select(API_TOKENS).where(API_TOKENS.c.user == user).order_by(API_TOKENS.c.created_at.desc())
        async with self._read.connect() as connection:
            rows = (await connection.execute(wanted)).all()
        return [
            TokenLine(
                row.id, row.name, sorted(_scopes(row.scopes)), row.created_at, row.expires_at, row.used_at
            )
            for row in rows
        ]

    async def revoke_token(self, user: str, token: str) -> bool:
        this = (API_TOKENS.c.user == user, API_TOKENS.c.id == token)
        async with self._engine.begin() as connection:
            return (await connection.execute(delete(API_TOKENS).where(*this))).rowcount == 1

    async def revoke_tokens(self, user: str) -> None:
        """All of a user."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(API_TOKENS).where(API_TOKENS.c.user == user))

    async def count_failures(
        self, change: Mapping[str, Callable[[Failures], Failures]]
    ) -> Mapping[str, Failures]:
        """Change the counts of these in one transaction, and give what stood before."""
        by_key = {digest(who): (who, step) for who, step in change.items()}

        def work(connection: Connection) -> Mapping[str, Failures]:
            if connection.dialect.name == "postgresql":  # rows that are not there yet cannot be locked
                connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_COUNTS_AT_A_TIME})"))
            wanted = select(FAILURES).where(FAILURES.c.who.in_(by_key))
            stood = {row.who: Failures(*row[1:]) for row in connection.execute(wanted)}
            before = {who: stood.get(key, Failures()) for key, (who, _) in by_key.items()}
            after = {key: step(before[who]) for key, (who, step) in sorted(by_key.items())}
            put(connection, FAILURES, [{"who": key, **one._asdict()} for key, one in after.items()])
            return before

        return await self._transactions.write(work)


Moment = float | BindParameter[float]


def _of_sessions(at: Moment) -> Select[Any]:
    """Users with the key of each session that lasts."""
    return (
        select(USERS, SESSIONS.c.token.label("key"))
        .join(SESSIONS, SESSIONS.c.user == USERS.c.id)
        .where(SESSIONS.c.opened_at >= at - SESSION_SECONDS, USERS.c.deactivated_at.is_(None))
    )


def _of_tokens(at: Moment) -> Select[Any]:
    lasts = API_TOKENS.c.expires_at.is_(None) | (API_TOKENS.c.expires_at > at)
    return (
        select(USERS, API_TOKENS.c.digest.label("key"), API_TOKENS.c.scopes)
        .join(API_TOKENS, API_TOKENS.c.user == USERS.c.id)
        .where(lasts, USERS.c.deactivated_at.is_(None))
    )


# asked at every request, so they are put together once
_AT = bindparam("at", type_=Double)
_ONE_SESSION = _of_sessions(_AT).where(SESSIONS.c.token == bindparam("key"))
_ONE_TOKEN = _of_tokens(_AT).where(API_TOKENS.c.digest == bindparam("key"))


def _scopes(words: str) -> frozenset[Permission]:
    """A scope that this version does not know opens nothing."""
    known = set(Permission)
    return frozenset(Permission(word) for word in words.split() if word in known)
