"""Signing in at an identity provider: a real one in a process of its own, its keys changed, its word forged, its clock wrong."""

import base64
import hashlib
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from cti.adapters.oidc import OpenIdProvider
from cti.domain.access import Role
from cti.domain.errors import NotPossibleNow, NotSignedIn
from tests.config.house import client, open_house
from tests.servers import Server

CALLBACK = "http://tierline/api/v1/session/provider/callback"
RULES = {
    "client_id": "tierline", "client_secret": "secret", "redirect_uri": CALLBACK, "name": "Example Corp",
    "role_claim": "realm.groups", "roles": {"cc-leads": "supervisor", "cc-agents": "agent", "cc-admins": "administrator"},
    "team_claim": "realm.groups", "teams": {"emea": "EMEA", "house": ""},
}  # fmt: skip


class Provider(Server):
    """oidc-provider-mock: Authlib's server side. Each start signs with a new key and knows nobody."""

    def command(self):
        return [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "oidc_provider_mock",
            "--port",
            str(self.port),
            "--require-nonce",
        ]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def knows(self, sub, **claims):
        assert httpx.put(f"{self.url}/users/{sub}", json=claims).status_code == 204

    def lets_in(self, address, sub):
        """What the person does there: the address the browser is sent back to."""
        answer = httpx.post(address, data={"sub": sub})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


@pytest.fixture(scope="module")
def provider():
    with Provider() as running:
        yield running


@pytest.fixture
async def house(provider, tmp_path):
    async with open_house(tmp_path, oidc={"issuer": provider.url, **RULES}) as opened:
        yield opened


async def sign_in(browser, provider, sub):
    leaving = await browser.get("/api/v1/session/provider")
    assert leaving.status_code == 303
    return await browser.get(provider.lets_in(leaving.headers["location"], sub))


async def test_role_and_teams_come_from_the_claims_at_each_sign_in(house, provider):
    provider.knows(
        "s1", preferred_username="grace", name="Grace", realm={"groups": ["cc-leads", "emea", "staff"]}
    )
    async with client(house) as browser:
        assert (await browser.get("/api/v1/session/ways")).json() == {"provider": "Example Corp"}
        back = await sign_in(browser, provider, "s1")
        assert (back.status_code, back.headers["location"]) == (303, "/")
        user = (await browser.get("/api/v1/session")).json()["user"]
        assert (user["login"], user["name"], user["role"], user["teams"]) == (
            "grace",
            "Grace",
            "supervisor",
            ["EMEA"],
        )
        answer = await browser.post("/api/v1/session", json={"login": "grace", "password": ""})
        assert answer.status_code == 401  # there is no password
    provider.knows(
        "s1", preferred_username="grace", name="Grace", realm={"groups": ["cc-agents", "house"]}, agent="109"
    )
    async with client(house) as browser:
        await sign_in(browser, provider, "s1")
        changed = (await browser.get("/api/v1/session")).json()["user"]
    assert (changed["id"], changed["role"], changed["agent"], changed["teams"]) == (
        user["id"],
        "agent",
        "109",
        [],
    )


async def test_who_has_no_role_or_a_local_users_login_stays_outside(house, provider):
    provider.knows("s2", preferred_username="hanna", realm={"groups": ["staff"]})
    provider.knows("s3", preferred_username="administrator", realm={"groups": ["cc-leads", "emea"]})
    provider.knows("s4", preferred_username="ida", realm={"groups": ["cc-leads", "emea"]})
    async with client(house) as browser:
        for sub in ("s2", "s3"):
            assert (await sign_in(browser, provider, sub)).headers["location"] == "/?refused=NotAllowed"
        await sign_in(browser, provider, "s4")
        account = next(one for one in await house.accounts.all() if one.user.login == "ida")
        assert account.user.role is Role.SUPERVISOR
        await house.accounts.change(account.user.id, {"deactivated_at": 1.0}, None)
        assert (await browser.get("/api/v1/session")).status_code == 401
        assert (await sign_in(browser, provider, "s4")).headers["location"] == "/?refused=NotAllowed"


async def test_no_team_or_somebody_elses_agent_is_no_way_to_see_more(house, provider):
    provider.knows("t1", preferred_username="nora", realm={"groups": ["cc-leads", "emea-renamed"]})
    provider.knows("t2", preferred_username="olaf", realm={"groups": ["cc-agents", "emea"]}, agent="101")
    provider.knows("t3", preferred_username="pia", realm={"groups": ["cc-admins"]})
    async with client(house) as browser:
        for sub in ("t1", "t2"):
            assert (await sign_in(browser, provider, sub)).headers["location"] == "/?refused=NotAllowed"
        assert (await sign_in(browser, provider, "t3")).headers["location"] == "/"  # whom no team binds
    assert not {"nora", "olaf"} & {one.user.login for one in await house.accounts.all()}


async def test_who_has_no_password_here_turns_no_codes_on_and_makes_no_endless_token(house, provider):
    provider.knows("t4", preferred_username="rosa", realm={"groups": ["cc-leads", "emea"]})
    async with client(house) as browser:
        await sign_in(browser, provider, "t4")
        factor = (await browser.get("/api/v1/account/second-factor")).json()
        assert factor == {"on": False, "password": False}
        assert (await browser.post("/api/v1/account/second-factor")).status_code == 409
        form = {"name": "wall", "scopes": ["see_floor"], "days": None}
        assert (await browser.post("/api/v1/account/tokens", json=form)).status_code == 422
        assert (await browser.post("/api/v1/account/tokens", json=form | {"days": 30})).status_code == 201
        async with house.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE sessions SET opened_at = opened_at - 3600")
        assert (await browser.post("/api/v1/account/tokens", json=form | {"days": 30})).status_code == 409


async def test_coming_back_is_good_once_and_for_the_browser_that_left(house, provider):
    provider.knows("s5", preferred_username="jan", realm={"groups": ["cc-leads", "emea"]})
    async with client(house) as browser, client(house) as thief:
        leaving = await browser.get("/api/v1/session/provider")
        back = provider.lets_in(leaving.headers["location"], "s5")
        assert (await thief.get(back)).headers["location"] == "/?refused=NotSignedIn"
        assert (await browser.get(back)).headers[
            "location"
        ] == "/?refused=NotSignedIn"  # used up by the attempt
        leaving = await browser.get("/api/v1/session/provider")
        back = provider.lets_in(leaving.headers["location"], "s5")
        assert (await browser.get(back)).headers["location"] == "/"
        assert (await browser.get(back)).headers["location"] == "/?refused=NotSignedIn"
        denied = await browser.get("/api/v1/session/provider/callback?error=access_denied")
        assert denied.headers["location"] == "/?refused=NotSignedIn"


async def test_the_provider_may_change_its_keys(house, provider):
    provider.knows("s6", preferred_username="kim", realm={"groups": ["cc-leads", "emea"]})
    async with client(house) as browser:
        assert (await sign_in(browser, provider, "s6")).headers["location"] == "/"
        provider.halt()
        refused = await browser.get("/api/v1/session/provider")
        assert refused.status_code == 303  # what it says of itself is known
        provider.start_again()
        provider.knows("s6", preferred_username="kim", realm={"groups": ["cc-leads", "emea"]})
        assert (await sign_in(browser, provider, "s6")).headers["location"] == "/"


@pytest.fixture
async def asked(provider):
    """Our side alone."""
    ours = OpenIdProvider(provider.url, "tierline", "secret", CALLBACK, ["openid", "profile"])
    yield ours
    await ours.close()


async def coming(ours, provider):
    provider.knows("s7", preferred_username="lea")
    left = await ours.leave()
    back = urlsplit(provider.lets_in(left.address, "s7"))
    told = parse_qs(back.query)
    assert told["state"] == [left.state]
    return told["code"][0], left


@pytest.mark.parametrize(
    ("wrong", "trusted"), [(0, True), (-45, True), (3600 + 45, True), (-300, False), (3600 + 300, False)]
)
async def test_clocks_may_differ_by_a_minute(asked, provider, wrong, trusted):
    code, left = await coming(asked, provider)
    if trusted:
        claims = await asked.claims(code, left, time.time() + wrong)
        assert (claims["sub"], claims["preferred_username"]) == ("s7", "lea")
    else:
        with pytest.raises(NotSignedIn, match="cannot be trusted"):
            await asked.claims(code, left, time.time() + wrong)


async def test_another_nonce_and_a_forged_signature_are_refused(asked, provider):
    code, left = await coming(asked, provider)
    with pytest.raises(NotSignedIn, match="cannot be trusted"):
        await asked.claims(code, left._replace(nonce="other"), time.time())
    now = int(time.time())
    told = {"iss": provider.url, "aud": "tierline", "sub": "s7", "nonce": "n", "iat": now, "exp": now + 60}
    for header, key in (
        ({"alg": "RS256"}, RSAKey.generate_key(2048)),
        ({"alg": "HS256"}, OctKey.import_key("secret" * 8)),
    ):
        with pytest.raises(NotSignedIn, match="cannot be trusted"):
            await asked._checked(jwt.encode(header, told, key), "n", now)
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = jwt.encode({"alg": "RS256"}, told, RSAKey.generate_key(2048)).split(".")[1]
    with pytest.raises(NotSignedIn, match="cannot be trusted"):
        await asked._checked(f"{none}.{body}.", "n", now)


async def test_the_code_is_bound_to_a_secret_that_never_travels_with_it(asked):
    left = await asked.leave()
    told = parse_qs(urlsplit(left.address).query)
    digest = hashlib.sha256(left.verifier.encode()).digest()
    assert told["code_challenge"] == [base64.urlsafe_b64encode(digest).rstrip(b"=").decode()]
    assert told["code_challenge_method"] == ["S256"]
    assert left.verifier not in left.address


async def test_a_provider_that_is_not_there_or_is_another_is_said_so(provider):
    nobody = OpenIdProvider("http://127.0.0.1:9", "tierline", "", CALLBACK, ["openid"])
    with pytest.raises(NotPossibleNow, match="does not answer"):
        await nobody.leave()
    other = OpenIdProvider(f"http://localhost:{provider.port}/", "tierline", "", CALLBACK, ["openid"])
    described = await other.leave()  # the mock calls itself as it is called
    assert described.address.startswith("http://localhost")
    for one in (nobody, other):
        await one.close()


def test_the_provider_stands_alone():
    """The server never imports what plays the provider."""
    told = subprocess.run(
        [sys.executable, "-c", "import sys, config.server; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"authlib", "oidc_provider_mock", "flask"} & {
        name.partition(".")[0] for name in told.stdout.split()
    }
