import asyncio

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse

from cti.adapters.database import METADATA, connect
from cti.domain.access import GRANTS, Permission, Role, User
from cti.domain.errors import CtiError
from cti.domain.identifiers import Tier
from routing.adapters.decision_store import DECISIONS, SqlDecisions
from routing.api.decisions import routes
from routing.domain.decision import describe
from routing.domain.sentences import TIER_NAMES


@pytest.fixture
async def store(tmp_path, monkeypatch):
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'routing.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    store = SqlDecisions(engine, newest=20)
    task = asyncio.get_running_loop().create_task(store.run())
    yield store
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await engine.dispose()


@pytest.fixture
async def decided(stage, store):
    """Two calls: a platinum one that was moved, an unknown one in another queue."""
    stage.router._store = stage.router.decisions._store = store
    stage.people.add("100", Tier.PLATINUM)
    stage.queued("1.1", "100", position=1)
    stage.clock.time += 7
    stage.router.decide_at_once(stage.question("1.2", None, queue="sales"))
    stage.queued("1.2", None, queue="sales", position=1)
    await stage.settle()
    live = [describe(stage.decision(f"pbx:1.{n}"), TIER_NAMES) for n in (2, 1)]
    await store.flush()
    return live


async def test_what_was_live_is_what_is_kept(stage, store, decided):
    assert await store.of_call("pbx:1.1") == decided[1]
    assert await store.of_call("pbx:none") is None
    assert await store.page(10, 0, {}) == (decided, 2)
    assert await store.page(10, 1, {}) == (decided[1:], 2)
    assert await store.page(10, 0, {"queue": "sales"}) == (decided[:1], 1)
    assert await store.page(10, 0, {"tier": "platinum", "result": "baseline"}) == (decided[1:], 1)
    assert (decided[1]["result"], len(decided[1]["corrections"])) == ("baseline", 1)


async def test_only_the_newest_are_kept(stage, store, monkeypatch):
    monkeypatch.setattr("routing.adapters.decision_store.PRUNE_EVERY", 10)
    stage.router._store = store
    for n in range(60):
        stage.clock.time += 1
        stage.router.decide_at_once(stage.question(f"1.{n}", None))
        if n % 15 == 0:
            await store.flush()
    await store.flush()
    page = await store.page(100, 0, {})
    assert 20 <= page.total <= 35
    assert page.items[0]["uniqueid"] == "1.59"


@pytest.fixture
async def http(stage, store, decided):
    user = {"role": Role.SUPERVISOR, "language": "en"}

    def guard(permission: Permission):
        def checked() -> User:
            if permission not in GRANTS[user["role"]]:
                raise HTTPException(403)
            return User("1", "sue", "Sue", user["role"], None, user["language"])

        return checked

    app = FastAPI()
    app.include_router(routes(stage.router.decisions, guard), prefix="/api/v1")
    app.add_exception_handler(CtiError, lambda _, e: JSONResponse({"kind": type(e).__name__}, 404))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test/api/v1") as client:
        client.user = user
        yield client


async def test_over_http(http, stage, decided):
    kept = [
        one.pop("variables") for one in decided
    ]  # for the dialplan, and for who is taken up after a restart
    assert kept == [[], []]
    assert (await http.get("/calls/pbx:1.1/decision")).json() == decided[1]
    stage.cleared("pbx:1.1")  # from memory to the shelf: the same
    assert (await http.get("/calls/pbx:1.1/decision")).json() == decided[1]
    assert (await http.get("/calls/pbx:9/decision")).json() == {"kind": "UnknownDecision"}
    assert (await http.get("/routing/decisions")).json() == {"items": decided, "total": 2}
    assert (await http.get("/routing/decisions", params={"tier": "gold"})).json() == {"items": [], "total": 0}
    assert (await http.get("/routing/decisions", params={"result": "x"})).status_code == 422
    http.user["language"] = "zh"
    chinese = (await http.get("/calls/pbx:1.1/decision")).json()
    assert chinese["reasons"][0] == "铂金客户（导入）。"
    assert chinese["corrections"][0]["why"] == "交换机排队前未询问，发现其等候后调整位置：铂金。"


@pytest.mark.parametrize("role", [Role.AGENT, Role.OPERATOR])
async def test_not_for_everybody(http, role):
    http.user["role"] = role
    for path in ("/calls/pbx:1.1/decision", "/routing/decisions"):
        assert (await http.get(path)).status_code == 403


async def test_decisions_of_calls_are_read_again(store, decided):
    found = await store.of_calls(["pbx:1.1", "pbx:1.2", "pbx:none"])
    assert sorted((describe(one, TIER_NAMES) for one in found), key=lambda one: -one["at"]) == decided
    async with store._transactions._engine.begin() as connection:
        await connection.execute(
            DECISIONS.update().where(DECISIONS.c.call_id == "pbx:1.1").values(document="{}")
        )
    assert [one.call for one in await store.of_calls(["pbx:1.1", "pbx:1.2"])] == ["pbx:1.2"]
