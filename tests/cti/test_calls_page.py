"""A page of the list of calls holds what its pager says, also while calls are live or on their way to the store."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

from cti.adapters.clock import SystemClock
from cti.api.calls import routes
from cti.domain.targets import KpiPolicy
from cti.ports import CallPage
from cti.service.call_finder import CallFinder

ROW: dict[str, Any] = {
    "ended_at": 50.0, "direction": "inbound", "caller_number": None, "caller_name": None, "customer": None, "tier": None,
    "queue": "support", "outcome": "answered", "agent": "101", "wait_seconds": 3.0, "talk_seconds": 20.0, "hold_seconds": 0.0,
}  # fmt: skip


def live(number: int, ended_at: float | None = None) -> SimpleNamespace:
    return SimpleNamespace(
        call=f"live-{number}", started_at=100.0 + number, ended_at=ended_at, state="queued", direction="inbound",
        caller_number=None, caller_name=None, customer=None, tier=None, last_queue="support", visits=(), segments=(), offers=(),
    )  # fmt: skip


class Live:
    """Two calls that last."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def started(self) -> dict[str, float]:
        return {"live-0": 100.0, "live-2": 102.0}

    def record(self, call: str) -> SimpleNamespace | None:
        self.asked.append(call)
        return live(int(call.removeprefix("live-"))) if call in self.started() else None


class Kept:
    """Four finished calls, newest first, and one of which it is not known yet that it is kept."""

    async def calls(
        self, limit: int, offset: int, search: Mapping[str, str], seen: object, without: Sequence[str]
    ) -> CallPage:
        rows = [{**ROW, "id": f"kept-{number}", "started_at": 40.0 - number} for number in range(4)]
        rows = [
            row for row in ({**ROW, "id": "live-1", "started_at": 101.0}, *rows) if row["id"] not in without
        ]
        return CallPage(rows[offset : offset + limit], len(rows))


@pytest.mark.parametrize(
    ("asked", "found", "total"),
    [
        ("limit=4", ["live-2", "live-1", "live-0", "kept-0"], 7),
        ("limit=4&offset=4", ["kept-1", "kept-2", "kept-3"], 7),
        ("limit=2&offset=2", ["live-0", "kept-0"], 7),
        ("limit=2&offset=6", ["kept-3"], 7),
        ("limit=4&queue=support", ["live-1", "kept-0", "kept-1", "kept-2"], 5),
    ],
)
async def test_live_and_finished_calls_are_one_list(asked: str, found: list[str], total: int) -> None:
    lasting = Live()
    finder = CallFinder(
        cast("Any", Kept()),
        cast("Any", lasting),
        lambda: [cast("Any", live(1, ended_at=105.0))],
        KpiPolicy(),
        SystemClock(),
        ZoneInfo("UTC"),
    )
    app = FastAPI()
    app.include_router(routes(cast("Any", None), finder, lambda _: lambda: None))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://page") as browser:
        said = (await browser.get(f"/calls?{asked}")).json()
    assert ([line["call_id"] for line in said["items"]], said["total"]) == (found, total)
    lines = [] if "queue" in asked else [call for call in found if call.startswith("live")]
    assert lasting.asked == lines, "a record is made for a line of the page alone"
