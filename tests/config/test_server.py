"""The HTTP side: every route asks who is there, every refusal is one sentence, nothing outside the pages is served."""

import re

import pytest

from config.server import PAGES, create_app, status_of
from cti.domain import errors
from cti.domain.access import Role
from tests.config.house import PASSWORD, client, open_house

OPEN = {("post", "/api/v1/session"), ("delete", "/api/v1/session"), ("get", "/api/v1/session/ways")}


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        yield opened


def operations(house):
    return [
        (method, re.sub(r"\{[^}]+\}", "nothing", path))
        for path, methods in create_app(house).openapi()["paths"].items()
        for method in methods
    ]


async def test_every_route_wants_a_session(house):
    async with client(house) as browser:
        for method, path in operations(house):
            if (method, path) not in OPEN:
                answer = await browser.request(method, path)
                assert answer.status_code == 401, (method, path)
                assert method == "head" or answer.json() == {"error": "Sign in first.", "kind": "NotSignedIn"}


async def test_no_role_may_do_everything_and_none_breaks_anything(house):
    """Whatever a role asks for is answered, refused or not found, never broken."""
    allowed = {}
    for role in Role:
        async with client(house, role) as browser:
            codes = {}
            for method, path in operations(house):
                if (method, path) not in OPEN:
                    codes[method, path] = (await browser.request(method, path)).status_code
            assert not [key for key, code in codes.items() if code >= 500 and code != 503]
            allowed[role] = {key for key, code in codes.items() if code != 403}
            assert len(allowed[role]) < len(codes) or role is Role.ADMINISTRATOR
    assert ("get", "/api/v1/calls") not in allowed[Role.AGENT]
    assert ("get", "/api/v1/recordings/nothing/audio") not in allowed[Role.AGENT]
    assert ("get", "/api/v1/recordings/nothing/audio") not in allowed[Role.OPERATOR]
    assert ("get", "/api/v1/customers") not in allowed[Role.OPERATOR]
    assert ("post", "/api/v1/reviews/nothing/claim") not in allowed[Role.OPERATOR]
    assert ("get", "/api/v1/operations") not in allowed[Role.SUPERVISOR]


async def test_an_agent_changes_nobody_elses_state(house):
    async with client(house, Role.AGENT) as browser:
        assert (await browser.post("/api/v1/agents/102/ready")).status_code == 403
        assert (await browser.post("/api/v1/agents/101/ready")).status_code == 404  # not logged on to a queue


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/calls?limit=0", "limit"),
        ("/api/v1/calls?limit=x", "limit"),
        ("/api/v1/calls?tier=diamond", "tier"),
        ("/api/v1/kpi?interval=7", "interval"),
        ("/api/v1/recordings?limit=100000", "limit"),
    ],
)
async def test_a_wrong_question_is_refused_in_one_sentence_that_names_the_field(house, path, field):
    async with client(house, Role.SUPERVISOR) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 422
    assert field in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


async def test_the_cookie_is_for_the_browser_alone(house):
    async with client(house) as browser:
        answer = await browser.post("/api/v1/session", json={"login": "agent", "password": PASSWORD})
        cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/..%2f..%2fpyproject.toml", "/assets/../../../pyproject.toml"]
)
async def test_nothing_outside_the_pages_is_served(house, path):
    async with client(house) as browser:
        answer = await browser.get(path)
    assert "[project]" not in answer.text


async def test_pages_health_and_metrics_are_there(house):
    assert PAGES.is_dir(), "the pages are not built: run `make web`"
    async with client(house) as browser:
        assert "<div id" in (await browser.get("/calls/anything")).text
        assert (await browser.get("/api/v1/nothing")).status_code == 404
        assert (await browser.get("/health/live")).json() == {"status": "live"}
        ready = await browser.get("/health/ready")
        assert ready.status_code == 503  # no switch and no broker in this house
        assert len(ready.json()["reasons"]) == 2
        assert ready.json()["gaps"] == []
        metrics = await browser.get("/metrics")
        assert 'cti_ami_up{pbx="pbx1"} 0.0' in metrics.text


def test_an_error_becomes_the_status_of_its_nearest_class():
    assert status_of(errors.SwitchUnreachable()) == 503
    assert status_of(errors.SwitchRefused()) == 409
    assert status_of(errors.CtiError()) == 422
    assert status_of(ValueError()) == 500
