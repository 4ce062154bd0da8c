import httpx
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse

from cti.domain.access import GRANTS, Permission, Role, User
from cti.domain.errors import CtiError, Unknown
from cti.domain.identifiers import Tier
from customers.api import routes
from customers.service.desk import CustomerFields


@pytest.fixture
def role() -> dict:
    return {"role": Role.SUPERVISOR}


@pytest.fixture
async def http(desk, role):
    def guard(permission: Permission):
        def user() -> User:
            if permission not in GRANTS[role["role"]]:
                raise HTTPException(403)
            return User("1", "sue", "Sue", role["role"], None, "zh")

        return user

    app = FastAPI()
    app.include_router(routes(desk, guard), prefix="/api/v1")

    @app.exception_handler(CtiError)
    async def refused(_, error):
        code = 404 if isinstance(error, Unknown) else 400
        return JSONResponse({"error": str(error), "kind": type(error).__name__}, code)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/api/v1") as client:
        yield client


async def test_lists_lookup_one_timeline(http, desk):
    ann = await desk.add(CustomerFields(name="Ann", tier=Tier.GOLD, numbers=("13800000001",)), "admin")
    expected = {
        "id": ann.id, "name": "Ann", "company": "", "tier": "gold", "tier_source": "manual",
        "numbers": ["+8613800000001"], "language": "", "owner": None, "note": "", "value_note": "",
        "created_at": 1_800_000_000.0,
    }  # fmt: skip
    assert (await http.get("/customers", params={"search": "ann"})).json() == {
        "items": [expected],
        "total": 1,
    }
    assert (await http.get("/customers", params={"tier": "lead"})).json() == {"items": [], "total": 0}
    assert (await http.get("/customers/lookup", params={"number": "013800000001"})).json() == expected
    assert (await http.get(f"/customers/{ann.id}")).json() == expected
    timeline = (await http.get(f"/customers/{ann.id}/timeline")).json()
    assert [item["kind"] for item in timeline["items"]] == ["tier", "contact"]
    nobody = await http.get("/customers/lookup", params={"number": "13800000002"})
    assert (nobody.status_code, nobody.json()) == (
        404,
        {"error": "No such customer.", "kind": "UnknownCustomer"},
    )
    assert (await http.get("/customers", params={"tier": "x"})).status_code == 422
    assert (await http.get("/customers", params={"limit": 100000})).status_code == 422


async def test_tiers(http):
    items = (await http.get("/tiers")).json()["items"]
    assert [(t["tier"], t["credit_seconds"], t["name"]["zh"]) for t in items] == [
        ("platinum", 600, "铂金"), ("gold", 300, "黄金"), ("iron", 0, "钢铁"), ("lead", 0, "重铅"),
    ]  # fmt: skip


async def test_add_change_import(http, desk):
    made = (await http.post("/customers", json={"name": "Bob", "numbers": ["101"], "tier": "iron"})).json()
    refused = await http.patch(f"/customers/{made['id']}", json={"tier": "platinum"})
    assert refused.json() == {"error": "A field cannot be accepted: reason: a change of tier needs one.",
                              "kind": "FieldRefused"}  # fmt: skip
    changed = await http.patch(f"/customers/{made['id']}", json={"tier": "platinum", "reason": "grown"})
    assert changed.json() == made | {"tier": "platinum"}
    assert (await http.post("/customers", json={"name": "Bob", "shoe": 1})).status_code == 422
    body = "name,tier,numbers\nCid,gold,102\n"
    assert (await http.post("/customers/import", content=body)).json() == {
        "added": 1,
        "changed": 0,
        "unchanged": 0,
    }
    assert (await http.post("/customers/import", content=body)).json()["kind"] == "ImportRefused"


@pytest.mark.parametrize("outsider", [Role.OPERATOR])
async def test_nobody_else_sees(http, role, outsider):
    role["role"] = outsider
    for path in (
        "/customers",
        "/customers/lookup?number=1",
        "/customers/x",
        "/customers/x/timeline",
        "/tiers",
    ):
        assert (await http.get(path)).status_code == 403, path


async def test_agents_see_but_do_not_write(http, role):
    role["role"] = Role.AGENT
    assert (await http.get("/customers")).status_code == 200
    assert (await http.post("/customers", json={"name": "X"})).status_code == 403
    assert (await http.patch("/customers/x", json={"name": "X"})).status_code == 403
    assert (await http.post("/customers/import", content="x")).status_code == 403
