"""Every route and every socket: without a sign-in 401, with the wrong role 403, for another team 404. A new one needs a rule here."""

import asyncio
import hashlib
import re

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute

from config.guard import named
from config.server import create_app
from cti.domain.access import GRANTS, Permission, Role
from cti.domain.identifiers import AgentId
from cti.domain.signing_in import LOGIN_FAILURES
from recordings.adapters.note_store import SqlRecordingNotes
from recordings.domain.naming import RecordingId
from recordings.domain.notes import Share
from tests.config.house import PASSWORD, client, open_house, until

P = Permission
SELF_OR_OTHERS = {P.USE_DESK, P.CONTROL_AGENTS}
OPEN, ANYBODY, PERSON, OWN = "open", "anybody", "person", "own"
"""To everybody; to whoever is signed in, a program's token included; to people alone; to agents about themselves and to
whoever controls agents."""

RULES = {
    "post /session": OPEN, "delete /session": OPEN, "get /session/ways": OPEN,
    "get /session": ANYBODY, "post /session/ticket": ANYBODY,
    "post /account/password": PERSON, "get /account/second-factor": PERSON, "post /account/second-factor": PERSON,
    "post /account/second-factor/confirm": PERSON, "post /account/second-factor/end": PERSON,
    "get /account/sessions": PERSON, "delete /account/sessions": PERSON, "delete /account/sessions/{session}": PERSON,
    "get /account/tokens": PERSON, "post /account/tokens": PERSON, "delete /account/tokens/{token}": PERSON,
    "get /users": P.ADMINISTER, "post /users": P.ADMINISTER, "patch /users/{user}": P.ADMINISTER,
    "get /users/{user}/sessions": P.ADMINISTER, "delete /users/{user}/sessions": P.ADMINISTER,
    "delete /users/{user}/sessions/{session}": P.ADMINISTER, "delete /users/{user}/second-factor": P.ADMINISTER,
    "get /users/{user}/tokens": P.ADMINISTER, "delete /users/{user}/tokens/{token}": P.ADMINISTER,
    "get /audit": P.ADMINISTER, "get /audit/chain": P.ADMINISTER,
    "get /calls": P.SEE_CALLS, "get /calls/{call}": P.SEE_CALLS, "get /calls/{call_id}/decision": P.SEE_CALLS,
    "get /routing/decisions": P.SEE_CALLS, "get /reconciliation/calls/{call}": P.SEE_CALLS,
    "get /reconciliation": P.SEE_FLOOR, "get /floor": P.SEE_FLOOR, "get /queues": P.SEE_FLOOR, "get /kpi": P.SEE_FLOOR,
    "get /agents": P.SEE_FLOOR, "post /agents/{agent}/ready": OWN, "post /agents/{agent}/not-ready": OWN,
    "post /agents/{agent}/wrap-up": OWN,
    "get /customers": P.SEE_CUSTOMERS, "get /customers/lookup": P.SEE_CUSTOMERS, "get /tiers": P.SEE_CUSTOMERS,
    "get /customers/{customer_id}": P.SEE_CUSTOMERS, "get /customers/{customer_id}/timeline": P.SEE_CUSTOMERS,
    "post /customers": P.EDIT_CUSTOMERS, "patch /customers/{customer_id}": P.EDIT_CUSTOMERS,
    "post /customers/import": P.EDIT_CUSTOMERS,
    "get /recordings": P.LISTEN, "get /recordings/{recording_id}": P.LISTEN, "get /recordings/{recording_id}/peaks": P.LISTEN,
    "get /recordings/orphans": P.SEE_OPERATIONS,
    "get /recordings/{recording_id}/audio": P.LISTEN, "head /recordings/{recording_id}/audio": P.LISTEN,
    "get /recordings/{recording_id}/signals": P.LISTEN, "get /recordings/{recording_id}/notes": P.LISTEN,
    "get /recordings/{recording_id}/transcript": P.LISTEN,
    "post /recordings/{recording_id}/notes": P.LISTEN, "delete /recordings/{recording_id}/notes/{note}": P.LISTEN,
    "post /recordings/{recording_id}/share": P.LISTEN, "get /recordings/shared/{recording_share}": P.LISTEN,
    "get /scorecards": P.REVIEW, "get /scorecards/{scorecard_id}": P.REVIEW, "get /reviews": P.REVIEW, "get /satisfaction": P.REVIEW,
    "get /scorecards/{scorecard_id}/versions": P.REVIEW, "get /scorecards/{scorecard_id}/export": P.REVIEW,
    "post /scorecards/read": P.EDIT_SCORECARDS, "post /scorecards/try": P.EDIT_SCORECARDS,
    "post /scorecards/{scorecard_id}/withdraw": P.EDIT_SCORECARDS, "get /scorecard-drafts": P.EDIT_SCORECARDS,
    "put /scorecard-drafts": P.EDIT_SCORECARDS, "get /scorecard-drafts/{scorecard_id}": P.EDIT_SCORECARDS,
    "delete /scorecard-drafts/{scorecard_id}": P.EDIT_SCORECARDS,
    "post /scorecard-drafts/{scorecard_id}/publish": P.EDIT_SCORECARDS,
    "get /quality/reports": P.REVIEW, "get /quality/reports/file": P.REVIEW,
    "get /quality/report-schedules": P.SCHEDULE_REPORTS, "post /quality/report-schedules": P.SCHEDULE_REPORTS,
    "put /quality/report-schedules/{schedule_id}": P.SCHEDULE_REPORTS,
    "delete /quality/report-schedules/{schedule_id}": P.SCHEDULE_REPORTS,
    "get /reviews/{review_id}": P.REVIEW, "post /reviews/{review_id}/claim": P.REVIEW,
    "post /reviews/{review_id}/release": P.REVIEW, "post /reviews/{review_id}/preview": P.REVIEW,
    "post /reviews/{review_id}/score": P.REVIEW,
    "post /reviews/{review_id}/heartbeat": P.REVIEW, "put /reviews/{review_id}/draft": P.REVIEW,
    "post /reviews/{review_id}/assign": P.LEAD_QUALITY, "post /reviews/{review_id}/exclude": P.LEAD_QUALITY,
    "post /reviews/{review_id}/coaching": P.LEAD_QUALITY, "get /reviewers": P.REVIEW, "get /coaching": P.REVIEW,
    "get /own-coaching": P.USE_DESK, "post /own-coaching/{own_task}/acknowledge": P.USE_DESK,
    "get /own-reviews/{review_id}/audio": P.USE_DESK, "get /own-reviews/{review_id}/peaks": P.USE_DESK,
    "get /own-reviews/{review_id}/scorecard": P.USE_DESK, "get /own-reviews/{review_id}/standing": P.USE_DESK, "post /own-reviews/{review_id}/acknowledge": P.USE_DESK,
    "post /own-reviews/{review_id}/dispute": P.USE_DESK, "post /own-reviews/{review_id}/withdraw": P.USE_DESK,
    "get /disputes": P.REVIEW, "get /disputes/{dispute_id}": P.LEAD_QUALITY,
    "post /disputes/{dispute_id}/decide": P.LEAD_QUALITY,
    "get /calibrations": P.REVIEW, "post /calibrations": P.LEAD_QUALITY, "get /calibrations/agreement": P.REVIEW,
    "get /calibrations/{calibration_id}": P.REVIEW, "post /calibrations/{calibration_id}/close": P.LEAD_QUALITY,
    "get /sampling/plans": P.REVIEW, "get /sampling/draws": P.REVIEW, "get /sampling/draws/{draw_id}": P.REVIEW,
    "get /sampling/draws/{draw_id}/proof": P.REVIEW, "get /sampling/coverage": P.REVIEW, "get /quality": P.REVIEW,
    "get /operations": P.SEE_OPERATIONS, "get /jobs": P.SEE_OPERATIONS, "post /jobs/retry": P.SEE_OPERATIONS,
    "get /webhooks": P.SEE_OPERATIONS, "get /webhooks/{webhook}/put-aside": P.SEE_OPERATIONS,
    "post /webhooks": P.ADMINISTER, "delete /webhooks/{webhook}": P.ADMINISTER, "post /webhooks/{webhook}/replay": P.ADMINISTER,
    "post /agents/{agent}/force-logoff": P.SUPERVISE, "get /notes/teams": P.SUPERVISE, "get /notes": P.USE_DESK, "post /notes": P.SUPERVISE,
    "post /notes/{note}/read": P.USE_DESK, "post /waiting/{call}/first": P.SUPERVISE, "post /waiting/{call}/move": P.SUPERVISE,
    "post /waiting/{call}/take": P.SUPERVISE, "post /control/spy": P.SUPERVISE, "delete /control/spy/{spied}": P.SUPERVISE,
    "get /control/calls": P.USE_DESK, "post /control/make": P.USE_DESK, "post /control/answer": P.USE_DESK,
    "post /control/hold": P.USE_DESK, "post /control/retrieve": P.USE_DESK, "post /control/clear": P.USE_DESK,
    "post /control/transfer": P.USE_DESK, "post /control/consult": P.USE_DESK, "post /control/conference": P.USE_DESK,
    "post /control/pause-recording": P.USE_DESK, "post /control/resume-recording": P.USE_DESK,
    "get /keeping/holds": P.ADMINISTER, "post /keeping/holds": P.ADMINISTER, "post /keeping/holds/{hold}/lift": P.ADMINISTER,
    "get /keeping/retention": P.ADMINISTER, "get /keeping/reports": P.ADMINISTER, "post /keeping/erasures": P.ADMINISTER,
    "post /control/tones": P.USE_DESK, "get /desk/directory": P.USE_DESK,
    "get /desk/links": P.USE_DESK, "get /calls/{call}/quality": P.SEE_CALLS, "post /calls/{call}/quality": P.USE_DESK,
    "get /dispositions": P.SEE_CALLS, "put /dispositions": P.SEE_FLOOR, "get /dispositions/asked": P.SEE_FLOOR,
    "get /dispositions/owed/{agent}": OWN, "get /own-reviews": P.USE_DESK, "get /own-reviews/{review_id}": P.USE_DESK,
    "post /shift/{agent}/begin": OWN, "post /shift/{agent}/end": OWN, "post /shift/{agent}/log-on": OWN,
    "post /shift/{agent}/log-off": OWN, "get /shift/{agent}/queues": OWN,
    "get /desk/agents/{agent}": OWN, "get /desk/agents/{agent}/day": OWN,
    "post /desk/agents/{agent}/extend": OWN, "post /desk/agents/{agent}/reachable": OWN,
    "get /desk/alerts": P.CONTROL_AGENTS, "get /desk/reasons": P.SEE_FLOOR,
    "get /callbacks": P.CARE, "post /callbacks": P.CARE, "get /callbacks/mine": P.CARE, "get /callbacks/{callback}": P.CARE,
    "post /callbacks/{callback}/cancel": P.CARE, "post /callbacks/{callback}/claim": P.CARE,
    "post /callbacks/{callback}/release": P.CARE, "post /callbacks/{callback}/reschedule": P.CARE,
    "get /rescues": P.CARE, "get /rescues/{rescue}": P.CARE, "post /rescues/{rescue}/call": P.CARE,
    "post /rescues/{rescue}/claim": P.CARE, "post /rescues/{rescue}/close": P.CARE, "post /rescues/{rescue}/release": P.CARE,
    "get /surveys": P.CARE,
    "get /routing/estimates": P.SEE_ROUTING, "get /routing/policy": P.SEE_ROUTING, "post /routing/policy": P.EDIT_ROUTING,
    "post /routing/policy/check": P.SEE_ROUTING, "get /routing/policy/{number}": P.SEE_ROUTING,
    "get /routing/surges": P.SEE_ROUTING, "post /routing/surges/{pbx}/{queue}": P.SUPERVISE,
    "delete /routing/surges/{pbx}/{queue}": P.SUPERVISE,
    "post /routing/policy/{number}/dry-run": P.SEE_ROUTING, "post /routing/policy/{number}/live": P.EDIT_ROUTING,
}  # fmt: skip
IN_PERSON = {name for name in RULES if "/users" in name and not name.startswith("get ")}
"""What a token does not open, whatever its scopes: it could give its owner a new password."""

BODIES = {
    "post /agents/{agent}/not-ready": {"reason": "lunch"},
    "post /agents/{agent}/wrap-up": {"done": True},
    "post /shift/{agent}/log-on": {"queue": "support"},
    "post /shift/{agent}/log-off": {"queue": "support"},
}
"""What a route must be sent before it looks at who asks."""

OF_NOBODY = {
    "hold",
    "session",
    "token",
    "user",
    "customer_id",
    "scorecard_id",
    "draw_id",
    "own_task",
    "schedule_id",
    "webhook",
    "note",
    "callback",
    "rescue",
    "number",
    "pbx",
    "queue",
}
"""Parameters that name something no agent's team bounds; all others must be known to the guard."""

SOCKETS = {"/stream"}
UNDESCRIBED = {"/health/live", "/health/ready", "/metrics", "/{path:path}"}
"""Outside the API: health, metrics and the browser pages, for everybody."""

OTHERS = {
    "call": "pbx1:a.1",
    "call_id": "pbx1:a.1",
    "agent": "102",
    "spied": "102",
    "recording_id": "r-1",
    "recording_share": "a-link",
    "review_id": "v-1",
    "dispute_id": "d-1",
    "calibration_id": "c-1",
}
"""What in this house is agent 102's, who is in another team than the supervisor."""


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        yield opened


def routes(house):
    return {
        f"{method} {path.removeprefix('/api/v1')}": (method, path)
        for path, methods in create_app(house).openapi()["paths"].items()
        for method in methods
    }


def walked(some):
    """Routes of routers in routers."""
    for one in some:
        inner = getattr(one, "original_router", None)
        if inner is None:
            yield one
        else:
            yield from walked(inner.routes)


def filled(path, values=None):
    return re.sub(r"\{(\w+)\}", lambda found: (values or {}).get(found[1], "nothing"), path)


async def test_every_route_and_socket_has_a_rule(house):
    assert set(routes(house)) == set(RULES)
    every = list(walked(create_app(house).routes))
    undescribed = {one.path for one in every if isinstance(one, APIRoute) and not one.include_in_schema}
    assert undescribed == UNDESCRIBED  # with an identity provider two more, to which everybody may come
    assert {one.path for one in every if isinstance(one, APIWebSocketRoute)} == SOCKETS
    parameters = {name for path in RULES for name in re.findall(r"\{(\w+)\}", path)}
    assert parameters == OF_NOBODY | set(named(house)) == OF_NOBODY | set(OTHERS)


def granted(rule, permissions):
    return not SELF_OR_OTHERS.isdisjoint(permissions) if rule == OWN else rule in permissions


async def test_nobody_comes_in_without_signing_in(house):
    async with client(house) as browser:
        for name, (method, path) in routes(house).items():
            for headers in ({}, {"authorization": "Bearer tierline_made-up"}, {"authorization": "Bearer x"}):
                answer = await browser.request(method, filled(path), headers=headers)
                assert (answer.status_code == 401) == (RULES[name] != OPEN), (name, answer.status_code)


@pytest.mark.parametrize("role", Role)
async def test_a_role_opens_what_it_is_granted_and_nothing_else(house, role):
    async with client(house, role) as browser:
        for name, (method, path) in routes(house).items():
            rule = RULES[name]
            if rule in (OPEN, PERSON, ANYBODY):
                continue
            answer = await browser.request(method, filled(path, {"agent": "101"}), json=BODIES.get(name))
            assert (answer.status_code == 403) != granted(rule, GRANTS[role]), (name, answer.text)


async def test_a_token_opens_its_scopes_and_never_its_owners_account(house):
    async with client(house, Role.ADMINISTRATOR) as browser:
        for scopes in ([P.SEE_FLOOR, P.CONTROL_AGENTS], [P.SEE_CALLS, P.LISTEN], [P.ADMINISTER]):
            made = await browser.post(
                "/api/v1/account/tokens", json={"name": "wall", "scopes": scopes, "password": PASSWORD}
            )
            headers = {"authorization": f"Bearer {made.json()['token']}"}
            async with client(house) as program:
                for name, (method, path) in routes(house).items():
                    rule = RULES[name]
                    if rule == OPEN:
                        continue
                    answer = await program.request(method, filled(path), headers=headers)
                    closed = (
                        rule == PERSON or name in IN_PERSON or (rule != ANYBODY and not granted(rule, scopes))
                    )
                    assert (answer.status_code == 403) == closed, (name, scopes, answer.text)


async def furnished(house):
    """Agents 101 in emea and 102 in apac, and one call with a recording and a review of each."""
    users = {one.user.login: one.user for one in await house.accounts.all()}
    await house.accounts.change(users["agent"].id, {}, ["emea"])
    for role in ("supervisor", "reviewer"):
        await house.accounts.change(users[role].id, {}, ["emea"])
    await house.accounts.add("ben", PASSWORD, "Ben", Role.AGENT, AgentId("102"), "en", teams=["apac"])
    await house.teams.refresh()
    async with house.engine.begin() as connection:
        for number, agent in ((1, "102"), (2, "101"), (3, None)):
            call = f"pbx1:a.{number}"
            await connection.exec_driver_sql(
                "INSERT INTO calls (id, pbx, direction, agent, started_at, story, source, version) "
                f"VALUES ('{call}', 'pbx1', 'inbound', {agent or 'NULL'}, {number}, '{{\"segments\": []}}', 'live', 1)"
            )
            if agent:
                await connection.exec_driver_sql(
                    "INSERT INTO segments (call, channel, pbx, agent, began_at, talk_seconds, hold_seconds, hold_count, "
                    f"transferred, direction) VALUES ('{call}', 'c', 'pbx1', '{agent}', 1, 1, 0, 0, 0, 'inbound')"
                )
    for name, table in (("r", "recordings"), ("v", "reviews")):
        await _insert(house.engine, table, name)
    await _insert(house.engine, "qa_disputes", "d", "disputed")
    await _insert(house.engine, "qa_calibrations", "c", "scoring")
    link = hashlib.sha256(b"a-link").hexdigest()
    await SqlRecordingNotes(house.engine).share(Share(link, RecordingId("r-1"), None, "eve", 1.0, 4e9))


async def _insert(engine, name, prefix, state="open"):
    from cti.adapters.database import METADATA

    table = METADATA.tables[name]
    known = {
        "state": "stored" if name == "recordings" else state, "reason": "", "detail": "", "started_at": 1.0, "tier": None,
        "settled_at": None, "file": None, "scorecard": "service-call", "scorecard_version": 1, "claimed_until": None,
        "reviewer": None, "result": None, "score": None, "critical_errors": "",
        "purpose": "score", "exclusion": "", "forbidden": "", "rescore": "v-1", "outcome": None, "items": "{}",
        "participants": "[]", "review": "v-1", "recording": "r-1",
    }  # fmt: skip
    rows = []
    for number, agent in ((1, "102"), (2, "101"), (3, None)):
        whose = agent or ("101" if name == "qa_disputes" else None)  # somebody disputes
        row = {"id": f"{prefix}-{number}", "agent": whose, "call": f"pbx1:a.{number}"}
        for column in table.columns:
            if column.name not in row:
                kind = column.type.python_type
                made = f"{column.name}{number}" if kind is str else kind(number)
                told = known.get(column.name)
                row[column.name] = made if told is None and not column.nullable else told
        rows.append(row)
    async with engine.begin() as connection:
        await connection.execute(table.insert(), rows)


async def test_what_another_team_has_is_not_there(house):
    await furnished(house)
    for role in (Role.SUPERVISOR, Role.REVIEWER):
        async with client(house, role) as browser:
            for name, (method, path) in routes(house).items():
                theirs = set(re.findall(r"\{(\w+)\}", path)) & set(OTHERS)
                if not theirs or not granted(RULES[name], GRANTS[role]):
                    continue
                answer = await browser.request(method, filled(path, OTHERS), json={})
                assert answer.status_code == 404, (role, name, answer.text)
            lists = ("/recordings", "id"), ("/reviews", "id"), ("/disputes", "id"), ("/calibrations", "id")
            for path, key in (("/calls", "call_id"), *lists):
                page = (await browser.get(f"/api/v1{path}")).json()
                shown = sorted(item[key][-1] for item in page["items"])
                assert (shown, page["total"]) == (["2", "3"], 2), path
    lines = (await house.audit.page(500, 0, action="denied")).items
    assert ("supervisor", "GET /api/v1/calls/pbx1:a.1") in {(one["login"], one["subject"]) for one in lines}
    async with client(house, Role.SUPERVISOR) as browser:
        assert (await browser.get("/api/v1/calls/pbx1:a.2")).status_code == 200
        assert (await browser.post("/api/v1/agents/101/ready")).status_code == 404  # not logged on to a queue
    async with client(house, Role.ADMINISTRATOR) as browser:
        assert (await browser.get("/api/v1/calls")).json()["total"] == 3


async def test_other_sites_use_nobodys_cookie(house):
    async with client(house, Role.SUPERVISOR) as browser:
        path = "/api/v1/agents/101/ready"
        for headers in (
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site", "origin": "http://tierline"},
        ):
            answer = await browser.post(path, headers=headers)
            assert (answer.status_code, answer.json()["kind"]) == (403, "OtherSite"), headers
        same = {"origin": "http://tierline", "sec-fetch-site": "same-origin"}
        assert (await browser.post(path, headers=same)).json()["kind"] == "Unknown"
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            answer = await browser.post(path, headers={"content-type": kind}, content=b"{}")
            assert (answer.status_code, answer.json()["kind"]) == (422, "Refused")


async def test_a_login_that_is_guessed_at_closes_and_says_for_how_long(house):
    async with client(house) as browser:
        for _ in range(LOGIN_FAILURES):
            wrong = await browser.post("/api/v1/session", json={"login": "agent", "password": "guess"})
            assert wrong.status_code == 401
        answer = await browser.post("/api/v1/session", json={"login": "agent", "password": PASSWORD})
    assert (answer.status_code, answer.json()["kind"]) == (429, "TooMany")
    assert 290 < int(answer.headers["retry-after"]) <= 300
    assert answer.json()["until"] == pytest.approx(house.clock.now() + 300, abs=20)


async def test_who_asks_too_much_is_slowed_down_and_health_never_is(tmp_path):
    async with (
        open_house(tmp_path, http={"requests_a_minute": 60}) as house,
        client(house, Role.OPERATOR) as browser,
    ):
        codes = [(await browser.get("/api/v1/jobs")).status_code for _ in range(130)]
        assert codes.count(429) >= 10  # a minute may end meanwhile, once
        answer = await browser.get("/api/v1/jobs")
        if answer.status_code == 429:
            assert 1 <= int(answer.headers["retry-after"]) <= 60
        for path in ("/health/live", "/metrics"):
            assert {(await browser.get(path)).status_code for _ in range(100)} == {200}


async def test_browsers_are_told_to_be_careful(tmp_path):
    async with open_house(tmp_path, http={"secure_cookies": True}) as house, client(house) as browser:
        for path in ("/", "/api/v1/session", "/health/live", "/api/v1/nothing"):
            headers = (await browser.get(path)).headers
            policy = dict(
                part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";")
            )
            assert policy["script-src"] == "'self'"
            assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
            assert headers["strict-transport-security"].startswith("max-age=")
            assert "microphone=(self)" in headers["permissions-policy"]


async def test_what_is_changed_or_refused_is_written_down(house):
    async with client(house, Role.SUPERVISOR) as browser:
        assert (
            await browser.post("/api/v1/customers", json={"name": "Li", "tier": "gold"})
        ).status_code == 201
        assert (await browser.get("/api/v1/users")).status_code == 403
        assert (await browser.post("/api/v1/customers", json={"tier": "diamond"})).status_code == 422
        assert (await browser.delete("/api/v1/session")).status_code == 204
    lines = (await house.audit.page(10, 0)).items
    assert [(one["login"], one["action"], one["subject"]) for one in lines] == [
        ("supervisor", "session.sign_out", "DELETE /api/v1/session"),
        ("supervisor", "denied", "GET /api/v1/users"),
        ("supervisor", "customers.add", "POST /api/v1/customers"),
        ("supervisor", "session.sign_in", "POST /api/v1/session"),
    ]


async def test_an_administrator_adds_changes_and_deactivates(house):
    async with client(house, Role.ADMINISTRATOR) as browser, client(house) as other:
        form = {
            "login": "zoe",
            "password": "a long password",
            "name": "Zoé",
            "role": "agent",
            "agent": "109",
            "teams": ["emea"],
        }
        zoe = (await browser.post("/api/v1/users", json=form)).json()
        assert (zoe["teams"], zoe["active"]) == (["emea"], True)
        assert house.agent_names[AgentId("109")] == "Zoé"
        for bad, said in (
            ({**form, "login": "y", "password": "short"}, "10 characters"),
            ({**form, "login": "y"}, "belongs to somebody else"),
            ({**form, "login": "y", "agent": ""}, "needs the name"),
        ):
            answer = await browser.post("/api/v1/users", json=bad)
            assert (answer.status_code, said in answer.json()["error"]) == (422, True), answer.text
        credentials = {"login": "zoe", "password": "a long password"}
        assert (await other.post("/api/v1/session", json=credentials)).status_code == 200
        assert (await browser.get(f"/api/v1/users/{zoe['id']}/sessions")).json()["total"] == 1
        renamed = await browser.patch(f"/api/v1/users/{zoe['id']}", json={"login": "administrator"})
        assert (renamed.status_code, "taken" in renamed.json()["error"]) == (409, True)
        assert (await browser.patch(f"/api/v1/users/{zoe['id']}", json={"login": "zoë"})).json()[
            "login"
        ] == "zoë"
        credentials["login"] = "zoë"
        assert (await browser.patch(f"/api/v1/users/{zoe['id']}", json={"active": False})).json()[
            "active"
        ] is False
        assert (await other.get("/api/v1/session")).status_code == 401
        assert (await other.post("/api/v1/session", json=credentials)).status_code == 401
        own = next(
            one
            for one in (await browser.get("/api/v1/users")).json()["items"]
            if one["login"] == "administrator"
        )
        assert (await browser.patch(f"/api/v1/users/{own['id']}", json={"active": False})).status_code == 409


class Socket:
    """The browser's end of one WebSocket, on the application itself."""

    def __init__(self, app, query="", **headers):
        self.told, said = [], asyncio.Queue()
        said.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket", "path": "/api/v1/stream", "raw_path": b"/api/v1/stream", "root_path": "", "scheme": "ws",
            "query_string": query.encode(), "client": ("127.0.0.1", 5), "server": ("tierline", 80), "subprotocols": [],
            "headers": [(b"host", b"tierline"), *((name.encode(), text.encode()) for name, text in headers.items())],
        }  # fmt: skip

        async def send(message):
            self.told.append(message)
            if message["type"] == "websocket.close":
                said.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

        self.task = asyncio.ensure_future(app(scope, said.get, send))

    @property
    def closed(self):
        return next((one["code"] for one in self.told if one["type"] == "websocket.close"), None)


@pytest.mark.parametrize("how", ["cookie", "ticket", "token"])
async def test_a_socket_opens_with_and_ends_with_what_opened_it(house, how):
    app = create_app(house)
    async with client(house, Role.SUPERVISOR) as browser, client(house, Role.OPERATOR) as other:
        if how == "cookie":
            way = {"cookie": f"cti_session={browser.cookies['cti_session']}", "origin": "http://tierline"}
            socket = Socket(app, **way)
        elif how == "ticket":
            ticket = (await browser.post("/api/v1/session/ticket")).json()["ticket"]
            socket = Socket(app, f"ticket={ticket}", origin="https://wallboard.example")
            again = Socket(app, f"ticket={ticket}")
            await until(lambda: again.closed == 4401)
        else:
            made = await browser.post(
                "/api/v1/account/tokens",
                json={"name": "wall", "scopes": ["see_floor"], "password": PASSWORD},
            )
            socket = Socket(app, authorization=f"Bearer {made.json()['token']}")
        bystander = Socket(app, cookie=f"cti_session={other.cookies['cti_session']}")
        await until(lambda: len(socket.told) >= 3 and bystander.told)
        assert [one["type"] for one in socket.told[:2]] == ["websocket.accept", "websocket.send"]
        await asyncio.sleep(1.2)
        assert socket.closed is None
        user = next(one.user for one in await house.accounts.all() if one.user.login == "supervisor")
        await house.accounts.change(user.id, {"deactivated_at": house.clock.now()}, None)
        await until(lambda: socket.closed)
        assert socket.closed == 4401
        assert bystander.closed is None
        await other.delete("/api/v1/session")
        await until(lambda: bystander.closed == 4401)
        await asyncio.gather(socket.task, bystander.task)


async def test_no_socket_opens_without_a_way_in_or_for_another_sites_page(house):
    app = create_app(house)
    async with client(house, Role.SUPERVISOR) as browser:
        cookie = f"cti_session={browser.cookies['cti_session']}"
        sockets = [
            Socket(app),
            Socket(app, "ticket=made-up"),
            Socket(app, "ticket=made-up", cookie=cookie),
            Socket(app, authorization="Bearer tierline_made-up"),
            Socket(app, cookie=cookie, origin="https://evil.example"),
        ]
        await asyncio.gather(*(one.task for one in sockets))
    assert [one.closed for one in sockets] == [4401] * 5
