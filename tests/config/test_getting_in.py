"""What lets people and programs in, what does not, and what is left in the log of it."""

import asyncio
import contextlib
import io
import sqlite3
from types import SimpleNamespace

import httpx
import pytest

import config.running
from config import demo
from config.guard import named
from config.running import running
from config.server import create_app
from config.settings import Settings
from cti.api.stream import LiveStream
from cti.domain.access import Role, User
from cti.domain.errors import Refused
from cti.domain.identifiers import AgentId
from cti.domain.records import OfferRecord
from cti.service.screens import Screens
from tests.config.house import PASSWORD, client, open_house, settings, until
from tests.config.test_access import Socket

SESSION = "/api/v1/session"


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        yield opened


async def test_the_demos_password_opens_nothing_outside_the_demo(tmp_path):
    async with open_house(tmp_path, demo=False) as house, client(house, Role.ADMINISTRATOR) as browser:
        await house.accounts.add("admin", demo.PASSWORD, "Ines", Role.ADMINISTRATOR, None, "en")
        answer = await browser.post(SESSION, json={"login": "admin", "password": demo.PASSWORD})
        assert (answer.status_code, answer.json()["kind"]) == (401, "NotSignedIn")
        form = {"login": "zoe", "password": demo.PASSWORD, "name": "Zoé", "role": "operator"}
        answer = await browser.post("/api/v1/users", json=form)
        assert (answer.status_code, "everybody knows it" in answer.json()["error"]) == (422, True)
        change = {"current": PASSWORD, "new": demo.PASSWORD}
        assert (await browser.post("/api/v1/account/password", json=change)).status_code == 422


async def test_the_demo_shows_its_password_and_keeps_files_of_its_own(house, tmp_path, monkeypatch):
    await house.accounts.add("admin", demo.PASSWORD, "Ines", Role.ADMINISTRATOR, None, "en")
    async with client(house) as browser:
        answer = await browser.post(SESSION, json={"login": "admin", "password": demo.PASSWORD})
    assert answer.status_code == 200
    for name in ("CTI_DATABASE__URL", "CTI_JOURNAL__FOLDER"):
        monkeypatch.delenv(name, raising=False)
    given, usual = demo._given(tmp_path), Settings(demo=True)
    assert given["database"]["url"].rpartition("/")[2] != usual.database.url.rpartition("/")[2]
    assert given["journal"]["folder"].name != usual.journal.folder.name


class Flood:
    """The server's end of one request, whose body never ends."""

    def __init__(self, path, *, said=None):
        self.bytes, self.status, self.headers, self.told = 0, None, {}, b""
        length = [(b"content-length", str(said).encode())] if said else []
        self.scope = {
            "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "root_path": "", "scheme": "http",
            "query_string": b"", "client": ("127.0.0.1", 5), "server": ("tierline", 80), "http_version": "1.1",
            "headers": [(b"host", b"tierline"), (b"content-type", b"application/json"), *length],
        }  # fmt: skip

    async def receive(self):
        self.bytes += 65_536
        return {"type": "http.request", "body": b"[" * 65_536, "more_body": self.bytes < 8_000_000}

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.told += message["body"]


@pytest.mark.parametrize("said", [None, 200_000_000])
async def test_nobody_fills_the_memory_before_he_is_asked_who_he_is(house, said):
    flood = Flood(SESSION, said=said)
    await create_app(house)(flood.scope, flood.receive, flood.send)
    assert (flood.status, b"TooLarge" in flood.told) == (413, True)
    assert flood.bytes <= 1_200_000
    assert b"content-security-policy" in flood.headers


async def test_a_customer_file_may_be_larger(house):
    async with client(house, Role.SUPERVISOR) as browser:
        rows = "name,tier,numbers\n" + f"{'x' * 100_000},gold,\n" * 20
        answer = await browser.post(
            "/api/v1/customers/import", content=rows, headers={"content-type": "text/csv"}
        )
        assert answer.status_code != 413
    async with client(house) as browser:
        assert (await browser.post("/api/v1/customers/import", content=rows)).status_code == 401


async def test_what_breaks_is_answered_as_carefully_as_the_rest(house, monkeypatch):
    async def broken():
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(house.accounts, "all", broken)
    async with client(house, Role.ADMINISTRATOR) as browser:
        answer = await browser.get("/api/v1/users")
    assert (answer.status_code, answer.json()["kind"]) == (500, "Broken")
    assert "disk" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_administrator_sees_and_revokes_a_persons_tokens(house):
    supervisor = next(one.user for one in await house.accounts.all() if one.user.login == "supervisor")
    form = {"scopes": ["see_floor"], "days": None, "password": PASSWORD}
    async with (
        client(house, Role.SUPERVISOR) as owner,
        client(house, Role.ADMINISTRATOR) as browser,
        client(house) as program,
    ):

        async def works(token):
            headers = {"authorization": f"Bearer {token}"}
            return (await program.get("/api/v1/floor", headers=headers)).status_code == 200

        tokens = [
            (await owner.post("/api/v1/account/tokens", json={"name": f"wall {number}", **form})).json()
            for number in range(3)
        ]
        path = f"/api/v1/users/{supervisor.id}"
        listed = (await browser.get(f"{path}/tokens")).json()
        assert {one["name"] for one in listed["items"]} == {"wall 0", "wall 1", "wall 2"}
        assert (await browser.delete(f"{path}/tokens/{tokens[0]['id']}")).status_code == 204
        assert (await browser.delete(f"{path}/tokens/{tokens[0]['id']}")).status_code == 404
        assert [await works(one["token"]) for one in tokens] == [False, True, True]
        for change in ({"active": False}, {"active": True}):
            assert (await browser.patch(path, json=change)).status_code == 200
        assert [await works(one["token"]) for one in tokens] == [False] * 3
    (line,) = (await house.audit.page(9, 0, action="token.revoked")).items
    assert (line["login"], line["subject"]) == ("administrator", "supervisor: wall 0")


async def test_the_command_line_keeps_to_the_rules_of_the_users_page(tmp_path):
    from config.errands import add_user, change_user
    from cti.service.people import Changes

    given = settings(tmp_path)

    async def add(login, role, agent):
        await add_user(given, login, PASSWORD, login, role, agent, "en", ("101", "sip"), ["emea"])

    await add("anna", Role.AGENT, "101")
    for login, role, agent in (
        ("ben", Role.AGENT, None),
        ("ben", Role.SUPERVISOR, "102"),
        ("ben", Role.AGENT, "101"),
    ):
        with pytest.raises(ExceptionGroup) as refused:
            await add(login, role, agent)
        assert refused.group_contains(Refused)
    await change_user(given, "anna", Changes(login="anna.aalto"))
    async with running(given) as house:
        (account,) = await house.accounts.all()
        assert (account.user.login, account.user.teams) == ("anna.aalto", {"emea"})
        assert await house.accounts.phone(account.user) == {"sip_user": "101", "password": "sip"}


async def test_another_writer_shuts_nobody_out(house, tmp_path):
    async with client(house, Role.SUPERVISOR) as browser:
        with contextlib.closing(sqlite3.connect(tmp_path / "tierline.db", isolation_level=None)) as other:
            other.execute("UPDATE sessions SET seen_at = 1")  # long ago
            other.execute("BEGIN IMMEDIATE")
            async with asyncio.timeout(4):  # a second less than a writer waits
                assert (await browser.get(SESSION)).status_code == 200
            other.execute("ROLLBACK")
        await house.entrances.write_seen()
        (line,) = (await browser.get("/api/v1/account/sessions")).json()["items"]
        assert line["seen_at"] > line["opened_at"] - 1


async def test_a_caller_whom_nobody_took_is_everybodys_though_it_rang_at_somebody(house, monkeypatch):
    rung = OfferRecord(None, AgentId("102"), 1.0, 16.0, None, 15.0)
    waiting = SimpleNamespace(segments=(), offers=(rung,))
    monkeypatch.setattr(house.monitor, "record", lambda _call: waiting)
    assert not await named(house)["call"]("pbx1:a.1")
    waiting.offers = (rung._replace(ended_at=None),)
    assert await named(house)["call"]("pbx1:a.1") == {"102"}


async def test_listening_to_another_teams_agent_is_refused_and_written_down(house, monkeypatch):
    supervisor = next(one.user for one in await house.accounts.all() if one.user.login == "supervisor")
    await house.accounts.change(supervisor.id, {}, ["emea"])
    monkeypatch.setattr(house.first.monitor, "agent", lambda _agent: object())
    async with client(house, Role.SUPERVISOR) as browser:
        answer = await browser.post("/api/v1/control/spy", json={"agent": "102", "mode": "listen"})
    assert (answer.status_code, answer.json()["kind"]) == (404, "Unknown")
    (line,) = (await house.audit.page(9, 0, action="denied")).items
    assert (line["login"], line["subject"]) == ("supervisor", "POST /api/v1/control/spy")


async def test_pages_of_other_sites_are_refused_behind_a_proxy_with_a_password_too(house):
    async with client(house, Role.SUPERVISOR) as browser:
        for authorization in ("Basic dXNlcjpwYXNz", "Digest x", ""):
            for origin in ("https://evil.example", "http://["):
                headers = {"origin": origin, "authorization": authorization}
                answer = await browser.post("/api/v1/agents/101/ready", headers=headers)
                assert (answer.status_code, answer.json()["kind"]) == (403, "OtherSite")


async def test_the_stream_counts_as_asking(tmp_path):
    async with open_house(tmp_path, http={"requests_a_minute": 60}) as house:
        app = create_app(house)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://tierline"
        ) as browser:
            await browser.post(SESSION, json={"login": "operator", "password": PASSWORD})
            while (await browser.get(SESSION)).status_code == 200:
                pass
            cookie = f"cti_session={browser.cookies['cti_session']}"
            socket = Socket(app, cookie=cookie)
            await until(lambda: socket.closed)
            await socket.task
    assert socket.closed == 1013


async def test_a_page_that_wants_to_catch_up_without_end_waits_for_its_turn(monkeypatch):
    monkeypatch.setattr("cti.api.stream.PAUSE_SECONDS", 3600.0)
    screens = Screens()
    live = LiveStream(screens, None, dict, None, None, None)
    screen = screens.open(User("1", "op", "Op", Role.OPERATOR, None, "en"))
    await live._hear(screen, '{"type": "resume"}')
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await live._hear(screen, '{"type": "resume"}')


async def test_a_proxys_word_is_believed_where_the_settings_name_it(tmp_path, monkeypatch):
    given = {}

    class Uvicorn:
        def Config(self, _app, **config):
            given.update(config)

        def Server(self, _config):
            return self

        async def serve(self):
            return None

    monkeypatch.setattr(config.running, "_http_side", lambda: (Uvicorn(), lambda _house: None))
    for http, believed in (({}, "127.0.0.1"), ({"proxies": "10.0.0.0/8"}, "10.0.0.0/8")):
        await config.running.run_server(SimpleNamespace(settings=settings(tmp_path, http=http)))
        assert given["forwarded_allow_ips"] == believed


async def test_the_chain_of_the_audit_log_is_shown_to_hold_and_to_break(house):
    async with client(house, Role.ADMINISTRATOR) as browser:
        for login in ("one", "two", "three"):
            await browser.post(SESSION, json={"login": login, "password": "a guess"})
        chain = (await browser.get("/api/v1/audit/chain")).json()
        newest = (await house.audit.page(1, 0)).items[0]
        assert chain == {"lines": newest["id"], "broken": None, "last": newest["seal"]}
        async with house.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE audit SET login = 'somebody' WHERE id = 2")
        assert (await browser.get("/api/v1/audit/chain")).json()["broken"] == 2


async def test_a_token_changes_no_user_whatever_its_scopes(house):
    async with client(house, Role.ADMINISTRATOR) as browser, client(house) as program:
        form = {"name": "hr", "scopes": ["administer"], "password": PASSWORD}
        token = (await browser.post("/api/v1/account/tokens", json=form)).json()["token"]
        headers = {"authorization": f"Bearer {token}"}
        users = (await program.get("/api/v1/users", headers=headers)).json()["items"]
        answers = [
            await program.patch(
                f"/api/v1/users/{users[0]['id']}", json={"password": "another password"}, headers=headers
            ),
            await program.delete(f"/api/v1/users/{users[0]['id']}/second-factor", headers=headers),
        ]
        assert [one.status_code for one in answers] == [403, 403]


async def test_each_export_is_written_down(tmp_path):
    from config.errands import export

    given, out = settings(tmp_path), io.BytesIO()
    await export(given, "2026-01-01", None, out, heard=False)
    async with running(given) as house:
        (line,) = (await house.audit.page(9, 0)).items
    assert (line["login"], line["action"]) == ("command line", "calls.exported")
    assert line["subject"] == "2026-01-01 until now"
