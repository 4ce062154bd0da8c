"""Accounts and the front door on SQLite and on the real PostgreSQL."""

from contextlib import asynccontextmanager

import pytest

from config.schema import upgrade
from cti.adapters.accounts import SESSION_SECONDS, SqlAccounts
from cti.adapters.audit import SqlAudit
from cti.adapters.database import connect
from cti.domain.access import Role
from cti.domain.errors import NotPossibleNow, NotSignedIn
from cti.domain.identifiers import AgentId
from cti.service.front_door import ATTEMPTS, FrontDoor


class Clock:
    at = 1_000_000.0

    def now(self):
        return self.at


@asynccontextmanager
async def door_on(url):
    engine = connect(url)
    await upgrade(engine)
    accounts, clock = SqlAccounts(engine), Clock()
    try:
        await accounts.add("anna", "correct horse", "Anna", Role.AGENT, AgentId("101"), "zh", ("101", "sip"))
        yield FrontDoor(accounts, clock), accounts, clock, engine
    finally:
        await engine.dispose()


async def test_signing_in_and_out(database_url):
    async with door_on(database_url) as (door, _, _, _):
        user, token = await door.sign_in("anna", "correct horse")
        assert (user.name, user.role, user.agent, user.language) == ("Anna", Role.AGENT, "101", "zh")
        assert await door.who(token) == user
        assert await door.phone(user) == {"sip_user": "101", "password": "sip"}
        await door.sign_out(token)
        with pytest.raises(NotSignedIn):
            await door.who(token)


@pytest.mark.parametrize(("login", "password"), [("anna", "wrong"), ("nobody", "correct horse"), ("", "")])
async def test_wrong_credentials_all_sound_the_same(database_url, login, password):
    async with door_on(database_url) as (door, _, _, _):
        with pytest.raises(NotSignedIn, match="Login or password is wrong"):
            await door.sign_in(login, password)


async def test_guessing_is_slowed_down_and_forgiven(tmp_path):
    async with door_on(f"sqlite+aiosqlite:///{tmp_path}/a.db") as (door, _, clock, _):
        for _ in range(ATTEMPTS):
            with pytest.raises(NotSignedIn):
                await door.sign_in("anna", "wrong")
        with pytest.raises(NotPossibleNow):
            await door.sign_in("anna", "correct horse")
        clock.at += 301
        await door.sign_in("anna", "correct horse")


async def test_a_session_ends_with_the_working_day_and_forged_ones_never_begin(database_url):
    async with door_on(database_url) as (door, _, clock, _):
        _, token = await door.sign_in("anna", "correct horse")
        clock.at += SESSION_SECONDS + 1
        for forged in (token, "", None, "0" * 43, "' OR 1=1 --"):
            with pytest.raises(NotSignedIn):
                await door.who(forged)


async def test_a_taken_login_is_refused_and_nothing_secret_is_stored_in_clear(database_url):
    async with door_on(database_url) as (door, accounts, _, engine):
        with pytest.raises(NotPossibleNow, match="taken"):
            await accounts.add("anna", "other horse", "A", Role.AGENT, None, "en")
        _, token = await door.sign_in("anna", "correct horse")
        async with engine.connect() as connection:
            rows = [
                str(row)
                for table in ("users", "sessions")
                for row in (await connection.exec_driver_sql(f"SELECT * FROM {table}")).all()
            ]
        assert not any("correct horse" in row or token in row for row in rows)


async def test_audit_rows_stay_in_order(database_url):
    async with door_on(database_url) as (door, _, clock, engine):
        user, _ = await door.sign_in("anna", "correct horse")
        audit = SqlAudit(engine, clock)
        for subject in ("one", "two"):
            await audit(user, "listen", subject)
        rows, total = await audit.page(10, 0)
        assert total == 2
        assert [(row["login"], row["action"], row["subject"]) for row in rows] == [
            ("anna", "listen", "two"),
            ("anna", "listen", "one"),
        ]
