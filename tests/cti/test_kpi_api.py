"""The report over HTTP."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from cti.api.kpi import routes
from cti.domain.access import Permission
from cti.domain.errors import QuestionRefused
from cti.domain.records import Outcome
from tests.cti.kpi_records import visit
from tests.cti.test_kpi_desk import MIDNIGHT, NOON, desk


def client(asked: list[Permission] | None = None) -> httpx.AsyncClient:
    def guard(permission: Permission) -> Callable[..., Any]:
        def allow() -> None:
            if asked is not None:
                asked.append(permission)

        return allow

    app = FastAPI()
    rows = [visit(NOON - 4000), visit(NOON - 60, Outcome.ABANDONED)]
    app.include_router(routes(desk(rows), guard), prefix="/api/v1")

    @app.exception_handler(QuestionRefused)
    async def refused(_: Request, fault: QuestionRefused) -> JSONResponse:
        return JSONResponse({"error": str(fault)}, 422)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here")


async def test_the_day_at_a_glance() -> None:
    asked: list[Permission] = []
    async with client(asked) as http:
        answer = await http.get("/api/v1/kpi")
    assert answer.status_code == 200
    report = answer.json()
    assert (report["items"][0]["offered"], report["items"][0]["answer_rate"]) == (2, 0.5)
    assert report["formulas"]["answer_rate"] == "A / (A+B+F+K)"
    assert asked == [Permission.SEE_FLOOR]


@pytest.mark.parametrize(
    ("since", "begins"),
    [
        (str(MIDNIGHT), MIDNIGHT),
        ("2026-11-22", MIDNIGHT),
        ("2026-11-22T01:00", MIDNIGHT + 3600),
        ("2026-11-22T01:00:00+08:00", MIDNIGHT + 3600),
        ("2026-11-21T16:00:00Z", MIDNIGHT),
    ],
)
async def test_times_as_seconds_or_as_people_write_them(since: str, begins: float) -> None:
    async with client() as http:
        plus_lost = await http.get(f"/api/v1/kpi?from={since}&interval=3600")  # a bare + arrives as a space
        answer = await http.get("/api/v1/kpi", params={"from": since, "interval": "3600"})
    assert answer.json()["items"][0]["from"] == begins
    assert plus_lost.json() == answer.json()


async def test_all_parameters_together() -> None:
    asked = {
        "from": str(NOON - 7200),
        "until": str(NOON),
        "interval": "3600",
        "group_by": "queue",
        "view": "as_posted",
        "formula": "answered_only",
    }
    async with client() as http:
        report = (await http.get("/api/v1/kpi", params=asked)).json()
    assert [(item["group"], item["answered"]) for item in report["items"]] == [("support", 1), ("support", 0)]
    assert report["items"][0]["service_level"]["formula"] == "answered_only"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("from=soon", "`from` is a time"),
        ("until=nan", "`until` is a time"),
        ("from=-5", "`from` is a time"),
        ("from=1e300", "`from` is a time"),
        ("from=20&until=10", "must lie before"),
        ("interval=60", "'900', '3600', '86400' or 'none'"),
        ("group_by=team", "'none', 'queue', 'agent' or 'tier'"),
        ("view=posted", "'by_arrival', 'clipped' or 'as_posted'"),
        ("formula=best", "strict, abandons_positive"),
        ("from=0&interval=900", "too many intervals"),
        (f"from={'9' * 41}", "at most 40"),
    ],
)
async def test_bad_questions_get_one_clear_answer(query: str, says: str) -> None:
    async with client() as http:
        answer = await http.get(f"/api/v1/kpi?{query}")
    assert answer.status_code == 422
    assert says in str(answer.json())


async def test_the_schema_describes_what_is_sent() -> None:
    async with client() as http:
        schema = (await http.get("/openapi.json")).json()
        item = (await http.get("/api/v1/kpi")).json()["items"][0]
    described = schema["components"]["schemas"]["KpiItem"]
    assert set(described["properties"]) == set(described["required"]) == set(item)
