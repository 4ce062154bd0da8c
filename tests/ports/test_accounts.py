"""Accounts, sessions, tokens, lock-outs and the audit log, on SQLite and on the real PostgreSQL."""

import asyncio
import hashlib
import json
from contextlib import asynccontextmanager

import pyotp
import pytest

from config.schema import upgrade
from cti.adapters.accounts import SqlAccounts
from cti.adapters.audit import SqlAudit
from cti.adapters.database import connect
from cti.adapters.entrances import SqlEntrances
from cti.adapters.second_factor import Totp
from cti.domain.access import Permission, Role
from cti.domain.errors import CodeNeeded, NotPossibleNow, NotSignedIn, Refused, TooMany
from cti.domain.identifiers import AgentId
from cti.domain.signing_in import ADDRESS_FAILURES, CLOSED_SECONDS, LOGIN_FAILURES, SESSION_SECONDS, Caller
from cti.service.front_door import FrontDoor
from cti.service.own_account import OwnAccount

PASSWORD = "correct horse"


class Clock:
    at = 1_000_000.0

    def now(self):
        return self.at


class House:
    def __init__(self, engine):
        self.engine, self.clock = engine, Clock()
        self.accounts, self.entrances = SqlAccounts(engine), SqlEntrances(engine)
        self.audit = SqlAudit(engine, self.clock)
        factor = Totp("Tierline")
        self.door = FrontDoor(self.accounts, self.entrances, factor, self.audit, self.clock)
        self.own = OwnAccount(self.accounts, self.entrances, factor, self.door, self.audit, self.clock)


@asynccontextmanager
async def house_on(url):
    engine = connect(url)
    await upgrade(engine)
    house = House(engine)
    try:
        await house.accounts.add(
            "anna", PASSWORD, "Anna", Role.AGENT, AgentId("101"), "zh", ("101", "sip"), teams=["emea", "vip"]
        )
        yield house
    finally:
        await engine.dispose()


@pytest.fixture
async def house(database_url):
    async with house_on(database_url) as opened:
        yield opened


async def test_signing_in_and_out(house):
    user, token = await house.door.sign_in("anna", PASSWORD)
    assert (user.name, user.role, user.agent, user.language) == ("Anna", Role.AGENT, "101", "zh")
    assert user.teams == {"emea", "vip"}
    assert (await house.door.enter(token)).user == user
    assert await house.door.phone(user) == {"sip_user": "101", "password": "sip"}
    await house.door.sign_out(token)
    with pytest.raises(NotSignedIn):
        await house.door.enter(token)


@pytest.mark.parametrize(("login", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("", "")])
async def test_wrong_credentials_all_sound_the_same(house, login, password):
    with pytest.raises(NotSignedIn, match="Login or password is wrong"):
        await house.door.sign_in(login, password)


async def test_guesses_at_once_are_no_more_than_guesses_one_after_another_and_a_restart_forgets_none(house):
    tries = [house.door.sign_in("anna", "wrong") for _ in range(LOGIN_FAILURES + 5)]
    told = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(one) for one in told].count(TooMany) == 5
    again = House(house.engine)
    again.clock.at = house.clock.at + 100
    with pytest.raises(TooMany) as refused:
        await again.door.sign_in("anna", PASSWORD)
    assert refused.value.wait == CLOSED_SECONDS - 100
    again.clock.at = house.clock.at + CLOSED_SECONDS + 1
    await again.door.sign_in("anna", PASSWORD)
    with pytest.raises(NotSignedIn):
        await again.door.sign_in("anna", "wrong")  # and it is counted from the beginning


async def test_an_address_that_tries_many_logins_is_closed_and_others_are_not(house):
    thief, desk = Caller("192.0.2.7", "curl"), Caller("192.0.2.8", "Chromium")
    for number in range(ADDRESS_FAILURES):
        with pytest.raises(NotSignedIn):
            await house.door.sign_in(f"login{number}", "wrong", caller=thief)
    with pytest.raises(TooMany):
        await house.door.sign_in("anna", PASSWORD, caller=thief)
    await house.door.sign_in("anna", PASSWORD, caller=desk)


async def test_a_session_ends_with_the_working_day_and_forged_ones_never_begin(house):
    _, token = await house.door.sign_in("anna", PASSWORD)
    house.clock.at += SESSION_SECONDS + 1
    for forged in (token, "", None, "0" * 43, "' OR 1=1 --"):
        with pytest.raises(NotSignedIn):
            await house.door.enter(forged)


async def test_a_taken_login_is_refused_and_nothing_secret_is_stored_in_clear(house):
    with pytest.raises(NotPossibleNow, match="taken"):
        await house.accounts.add("anna", "other horse", "A", Role.AGENT, None, "en")
    _, token = await house.door.sign_in("anna", PASSWORD)
    entrance = await house.door.enter(token)
    _, secret = await house.own.add_token(entrance, "wall", [Permission.SEE_FLOOR], 30, PASSWORD)
    async with house.engine.connect() as connection:
        rows = [
            str(row)
            for table in ("users", "sessions", "api_tokens", "sign_in_failures", "audit")
            for row in (await connection.exec_driver_sql(f"SELECT * FROM {table}")).all()
        ]
    assert not any(PASSWORD in row or token in row or secret in row for row in rows)


async def test_codes_are_asked_for_once_confirmed_and_none_is_taken_twice(house):
    _, token = await house.door.sign_in("anna", PASSWORD)
    entrance = await house.door.enter(token)
    key, uri, picture = await house.own.begin_second_factor(entrance.user)
    assert uri.startswith("otpauth://totp/Tierline:anna?secret=" + key)
    assert picture.startswith("data:image/svg+xml")
    await house.door.sign_in("anna", PASSWORD)  # not confirmed yet
    app = pyotp.TOTP(key)
    with pytest.raises(Refused):
        await house.own.confirm_second_factor(
            entrance, "000000" if app.at(house.clock.at) != "000000" else "1", PASSWORD
        )
    with pytest.raises(Refused, match="present password"):  # whoever found the session open does not know it
        await house.own.confirm_second_factor(entrance, app.at(house.clock.at), "a guess")
    codes = await house.own.confirm_second_factor(entrance, app.at(house.clock.at), PASSWORD)
    assert len(set(codes)) == 10
    with pytest.raises(CodeNeeded):
        await house.door.sign_in("anna", PASSWORD)
    with pytest.raises(NotSignedIn, match="used before"):
        await house.door.sign_in("anna", PASSWORD, app.at(house.clock.at))
    house.clock.at += 30
    await house.door.sign_in("anna", PASSWORD, app.at(house.clock.at))
    await house.door.sign_in("anna", PASSWORD, codes[0])
    with pytest.raises(NotSignedIn):
        await house.door.sign_in("anna", PASSWORD, codes[0])
    with pytest.raises(NotSignedIn):
        await house.door.sign_in("anna", PASSWORD, app.at(house.clock.at - 120))
    for _ in range(LOGIN_FAILURES - 2):  # two were wrong since the last that was right
        with pytest.raises(CodeNeeded):  # which forgives no guess
            await house.door.sign_in("anna", PASSWORD)
        with pytest.raises(NotSignedIn):
            await house.door.sign_in("anna", PASSWORD, "no code")
    with pytest.raises(TooMany):
        await house.door.sign_in("anna", PASSWORD, codes[1])
    house.clock.at += CLOSED_SECONDS + 1
    await house.own.end_second_factor(entrance, PASSWORD)
    await house.door.sign_in("anna", PASSWORD)


async def test_a_token_does_what_it_is_for_until_it_expires_and_never_more_than_its_owner(house):
    user, session = await house.door.sign_in("anna", PASSWORD)
    entrance = await house.door.enter(session)
    with pytest.raises(Refused, match="administer"):
        await house.own.add_token(entrance, "too much", [Permission.ADMINISTER], 1, PASSWORD)
    with pytest.raises(Refused, match="present password"):
        await house.own.add_token(entrance, "a thief's", [Permission.SEE_FLOOR], None, "a guess")
    line, secret = await house.own.add_token(
        entrance, "wall", [Permission.SEE_FLOOR, Permission.SEE_CUSTOMERS], 1, PASSWORD
    )
    found = (await house.door.enter(None, secret)).user
    assert found.permissions == {Permission.SEE_FLOOR, Permission.SEE_CUSTOMERS}
    await house.accounts.change(user.id, {"role": "operator", "agent": None}, None)
    assert (await house.door.enter(None, secret)).user.permissions == {Permission.SEE_FLOOR}
    await house.entrances.write_seen()
    assert (await house.own.tokens(user))[0].used_at == house.clock.at
    house.clock.at += 86_401
    with pytest.raises(NotSignedIn):
        await house.door.enter(None, secret)
    await house.own.revoke_token(user, line.id)
    assert await house.own.tokens(user) == []


async def test_a_new_password_ends_the_other_sessions_and_the_tokens(house):
    _, here = await house.door.sign_in("anna", PASSWORD, caller=Caller("192.0.2.1", "Chromium"))
    _, there = await house.door.sign_in("anna", PASSWORD)
    entrance = await house.door.enter(here)
    _, secret = await house.own.add_token(entrance, "wall", [Permission.SEE_FLOOR], None, PASSWORD)
    for bad in ("short", "anna", "aaaaaaaaaaaa"):
        with pytest.raises(Refused):
            await house.own.change_password(entrance, PASSWORD, bad)
    with pytest.raises(Refused, match="present password"):
        await house.own.change_password(entrance, "not mine", "a better password")
    await house.own.change_password(entrance, PASSWORD, "a better password")
    assert (await house.door.enter(here)).user.login == "anna"
    for ended in (house.door.enter(there), house.door.enter(None, secret)):
        with pytest.raises(NotSignedIn):
            await ended
    (left,) = await house.own.sessions(entrance.user)
    assert (left.address, left.browser) == ("192.0.2.1", "Chromium")
    await house.door.sign_in("anna", "a better password")


async def test_a_ticket_opens_once_and_not_for_long(house):
    _, token = await house.door.sign_in("anna", PASSWORD)
    entrance = await house.door.enter(token)
    ticket = house.door.ticket(entrance)
    assert house.door.use_ticket(ticket) == entrance
    late = house.door.ticket(entrance)
    house.clock.at += 31
    for spent in (ticket, late, "made up"):
        with pytest.raises(NotSignedIn):
            house.door.use_ticket(spent)


async def test_whoever_is_deactivated_comes_in_no_more(house):
    user, token = await house.door.sign_in("anna", PASSWORD)
    entrance = await house.door.enter(token)
    _, secret = await house.own.add_token(entrance, "wall", [Permission.SEE_FLOOR], None, PASSWORD)
    key = (await house.door.enter(None, secret)).key
    keys = {entrance.key, key}
    still = await house.entrances.still_open(keys, house.clock.at)
    assert still == {entrance.key: user, key: user._replace(scopes=frozenset({Permission.SEE_FLOOR}))}
    await house.accounts.change(user.id, {"deactivated_at": house.clock.at}, None)
    assert await house.entrances.still_open(keys, house.clock.at) == {}
    for attempt in (
        house.door.sign_in("anna", PASSWORD),
        house.door.enter(token),
        house.door.enter(None, secret),
    ):
        with pytest.raises(NotSignedIn):
            await attempt


async def test_lines_of_the_audit_log_stay_in_order_and_are_found(house):
    user, _ = await house.door.sign_in("anna", PASSWORD)
    for subject in ("one", "two"):
        await house.audit(user, "listen", subject)
    rows, total = await house.audit.page(10, 0)
    assert total == 2
    assert [(row["login"], row["action"], row["subject"]) for row in rows] == [
        ("anna", "listen", "two"),
        ("anna", "listen", "one"),
    ]
    assert (await house.audit.page(10, 0, login="ann", subject="w")).total == 1
    assert (await house.audit.page(10, 0, action="den")).total == 0


async def test_many_writers_make_one_chain_and_a_changed_line_is_found(house, database_url):
    user, _ = await house.door.sign_in("anna", PASSWORD)
    others = [connect(database_url) for _ in range(3)]
    try:
        logs = [SqlAudit(engine, house.clock) for engine in (house.engine, *others)]
        await asyncio.gather(*(log(user, "deed", f"第{number}") for log in logs for number in range(10)))
    finally:
        for engine in others:
            await engine.dispose()
    verifier, broken = await house.audit.verify()
    assert (verifier.count, broken) == (40, None)
    newest = (await house.audit.page(1, 0)).items[0]
    content = [newest[name] for name in ("previous", "at", "user", "login", "action", "subject")]
    by_hand = hashlib.sha256(
        json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()
    assert by_hand == newest["seal"] == verifier.last
    async with house.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE audit SET subject = 'nothing' WHERE id = 7")
    verifier, broken = await house.audit.verify()
    assert (verifier.count, broken.id) == (6, 7)
    async with house.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM audit WHERE id = 7")
    assert (await house.audit.verify())[1].id == 8


async def test_who_is_an_agent_now_has_his_teams_and_name_and_a_leavers_stay_until_then(house):
    anna = (await house.accounts.all())[0].user
    await house.accounts.change(anna.id, {"deactivated_at": 5.0}, None)
    assert await house.accounts.agent_teams() == {"101": {"emea", "vip"}}
    assert await house.accounts.names() == {"101": "Anna"}
    for login, gone in (("ben", 9.0), ("chloe", None)):
        user = await house.accounts.add(
            login, PASSWORD, login.title(), Role.AGENT, AgentId("101"), "en", teams=[login]
        )
        assert await house.accounts.agent_teams() == {"101": {login}}
        assert await house.accounts.names() == {"101": login.title()}
        await house.accounts.change(user.id, {"deactivated_at": gone}, None)
    await house.accounts.change(user.id, {}, [])
    assert await house.accounts.agent_teams() == {}  # nobody else's are his


async def test_refusals_are_written_down_and_what_is_not_looked_at_closes_nothing_more(house):
    thief, anna = Caller("192.0.2.7", "curl"), Caller("192.0.2.8", "Chromium")
    for number in range(ADDRESS_FAILURES):
        with pytest.raises(NotSignedIn):
            await house.door.sign_in(f"login{number}", "wrong", caller=thief)
    for _ in range(LOGIN_FAILURES + 1):
        with pytest.raises(TooMany):
            await house.door.sign_in("anna", PASSWORD, caller=thief)
    await house.door.sign_in("anna", PASSWORD, caller=anna)
    refused = await house.audit.page(1, 0, action="session.refused")
    assert refused.total == ADDRESS_FAILURES - 1
    assert refused.items[0]["login"] == "(not signed in)"
    (closed,) = (await house.audit.page(9, 0, action="session.closed")).items
    assert closed["subject"] == f"login{ADDRESS_FAILURES - 1} from 192.0.2.7: Login or password is wrong."
