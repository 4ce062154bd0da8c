import httpx
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse

from cti.domain.access import GRANTS, Permission, Role, User
from cti.domain.errors import CtiError, NotAllowed, NotPossibleNow, Unknown
from qa.api.reviews import routes
from qa.domain.review import review_of


class Signed:
    role, login = Role.REVIEWER, "rita"


@pytest.fixture
def signed() -> Signed:
    return Signed()


@pytest.fixture
async def http(stage, make, signed):
    def guard(permission: Permission):
        def user() -> User:
            if permission not in GRANTS[signed.role]:
                raise HTTPException(403)
            return make.user(signed.login, signed.role)

        return user

    app = FastAPI()
    app.include_router(routes(stage.desk, stage.work, guard), prefix="/api/v1")

    @app.exception_handler(CtiError)
    async def refused(_, error):
        codes = {Unknown: 404, NotPossibleNow: 409, NotAllowed: 403}
        code = next((code for kind, code in codes.items() if isinstance(error, kind)), 422)
        return JSONResponse({"error": str(error), "kind": type(error).__name__}, code)

    await stage.laid_out()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/api/v1") as client:
        yield client


@pytest.fixture
def url(make) -> str:
    return f"/reviews/{review_of(make.stored().recording)}"


@pytest.fixture
async def full(http) -> dict:
    card = (await http.get("/scorecards/service-call")).json()
    items = [item for section in card["sections"] for item in section["items"]]
    return {item["id"]: {"value": "yes" if item["kind"] == "yes_no" else 4} for item in items}


async def test_scorecards(http, card):
    answer = (await http.get("/scorecards")).json()
    assert [one["id"] for one in answer["items"]] == ["complaint-call", "sales-call", "service-call"]
    shown = answer["items"][-1]
    assert shown == (await http.get("/scorecards/service-call?version=1")).json()
    assert (shown["id"], shown["version"], shown["pass_mark"]) == ("service-call", 1, 80)
    assert sum(section["weight"] for section in shown["sections"]) == 100
    need = shown["sections"][0]["items"][0]
    assert (need["kind"], need["critical"], len(need["anchors"]), need["comment_when"]) == (
        "scale",
        None,
        5,
        [0, 1],
    )
    assert set(need["text"]) == {"en", "zh"}
    for missing in ("/scorecards/none", "/scorecards/service-call?version=2"):
        assert (await http.get(missing)).status_code == 404


async def test_from_claim_to_score(http, url, full, make):
    (shown,) = (await http.get("/reviews?state=open")).json()["items"]
    assert shown == {
        "id": url.removeprefix("/reviews/"), "recording": make.stored().recording, "call": make.stored().call,
        "queue": "support", "agent": "101", "tier": "gold", "state": "open", "reviewer": None, "claimed_until": None,
        "score": None, "result": None, "critical_errors": [], "scorecard": "service-call", "scorecard_version": 1,
        "started_at": make.T0 - 60, "duration_seconds": 50.0, "created_at": make.T0, "scored_at": None,
        "purpose": "score", "plan": "everything", "due_at": None, "assigned_to": None, "own_team": False,
        "changed": False, "acknowledged_at": None, "exclusion": "",
    }  # fmt: skip
    assert (await http.post(f"{url}/score", json={"answers": full})).status_code == 409
    assert (await http.post(f"{url}/claim")).json()["reviewer"] == "rita"
    assert (await http.get("/reviews?mine=true")).json()["total"] == 1
    answers = full | {
        "need": {"value": 2, "comment": "慢", "at_seconds": 3.5},
        "privacy": {"value": "no", "comment": "!"},
    }
    preview = (await http.post(f"{url}/preview", json={"answers": answers})).json()
    assert (preview["score"], preview["result"]) == (95.0, "fail")
    assert preview["critical_errors"] == [{"item": "privacy", "kind": "compliance"}]
    scored = (await http.post(f"{url}/score", json={"answers": answers, "comment": "总评"})).json()
    assert (scored["state"], scored["score"], scored["result"]) == ("scored", 95.0, "fail")
    assert scored["answers"]["need"] == answers["need"]
    assert scored["breakdown"] == preview
    assert (await http.get(url)).json() == scored
    again = await http.post(f"{url}/score", json={"answers": full})
    assert (again.status_code, again.json()["kind"]) == (409, "AlreadyScored")


async def test_somebody_elses(http, url, signed):
    await http.post(f"{url}/claim")
    signed.login = "omar"
    assert (await http.post(f"{url}/claim")).json()["kind"] == "ClaimedByAnother"
    assert (await http.post(f"{url}/release")).json()["kind"] == "NotClaimed"
    assert (await http.get("/reviews?mine=true")).json()["total"] == 0
    signed.login = "rita"
    assert (await http.post(f"{url}/release")).json()["state"] == "open"


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"answers": []},
        {"answers": {"need": 3}},
        {"answers": {"need": {"value": "maybe"}}},
        {"answers": {"need": {"value": 5}}},
        {"answers": {"need": {"value": True}}},
        {"answers": {"need": {"value": 2.5}}},
        {"answers": {"need": {"value": "3"}}},
        {"answers": {"need": {"value": "yes"}}},
        {"answers": {"unheard_of": {"value": "yes"}}},
        {"answers": {"need": {"value": 1, "comment": "a\0b"}}},
        {"answers": {"need": {"value": 1, "comment": "x" * 2001}}},
        {"answers": {"need": {"value": 1, "at_seconds": -1}}},
        {"answers": {"need": {"value": 1, "at_seconds": 1e9}}},
        {"answers": {"need": {"value": 1, "colour": "red"}}},
        {"answers": {}, "grade": 100},
    ],
)
async def test_bodies_that_are_refused(http, url, body):
    await http.post(f"{url}/claim")
    for path in ("preview", "score"):
        assert (await http.post(f"{url}/{path}", json=body)).status_code == 422, path
    assert (await http.get(url)).json()["state"] == "claimed"


@pytest.mark.parametrize("id_", ["none", "a%00b", "' or 1=1 --", "..%2F..%2Fetc"])
async def test_reviews_that_are_not_there(http, id_, full):
    assert (await http.get(f"/reviews/{id_}")).status_code == 404
    for path in ("claim", "release"):
        assert (await http.post(f"/reviews/{id_}/{path}")).status_code == 404
    for path in ("preview", "score"):
        assert (await http.post(f"/reviews/{id_}/{path}", json={"answers": full})).status_code == 404


@pytest.mark.parametrize("role", [Role.AGENT, Role.OPERATOR])
async def test_who_may_not(http, url, signed, role):
    signed.role = role
    for path in ("/reviews", url, "/scorecards", "/scorecards/service-call"):
        assert (await http.get(path)).status_code == 403
    for path in ("claim", "release", "score", "preview"):
        assert (await http.post(f"{url}/{path}", json={"answers": {}})).status_code == 403
