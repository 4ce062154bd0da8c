"""Who may say how a call sounded, and what is taken."""

from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI

from config.server import _refused
from cti.api.quality import routes
from cti.domain.access import Role, User
from cti.domain.errors import CtiError
from cti.domain.identifiers import AgentId
from cti.service.quality_desk import QualityDesk

SAID = {
    "jitter_ms": 3.5, "jitter_worst_ms": 12, "loss_percent": 0.25, "rtt_ms": 41, "mos": 4.35, "mos_worst": 4.1,
    "codec": "opus", "device": "usb", "seconds": 312,
}  # fmt: skip


class Book:
    def __init__(self) -> None:
        self.rows: dict[Any, Any] = {}

    async def keep(self, quality: Any) -> bool:
        new = (quality.call, quality.agent) not in self.rows
        self.rows[quality.call, quality.agent] = quality
        return new

    async def of(self, call: str) -> list[Any]:
        return [row for (known, _), row in self.rows.items() if known == call]


class Kept:
    async def call(self, call: str) -> Any:
        return {"segments": [{"agent": "101"}]} if call == "pbx:kept" else None


def app(agent: str | None) -> tuple[FastAPI, QualityDesk]:
    def live(call: str) -> Any:
        return SimpleNamespace(segments=[SimpleNamespace(agent="102")]) if call == "pbx:live" else None

    desk = QualityDesk(
        cast("Any", Book()), live, cast("Any", Kept()), cast("Any", SimpleNamespace(now=lambda: 5.0))
    )
    user = User("u", "anna", "Anna", Role.AGENT, AgentId(agent) if agent else None, "en")
    made = FastAPI()
    made.include_router(routes(desk, lambda _: lambda: user))
    made.add_exception_handler(CtiError, _refused)
    return made, desk


@pytest.mark.parametrize(
    ("agent", "call", "status"),
    [
        ("101", "pbx:kept", 204),
        ("102", "pbx:live", 204),
        ("102", "pbx:kept", 403),
        ("101", "pbx:live", 403),
        ("101", "pbx:none", 404),
        (None, "pbx:kept", 403),
    ],
)
async def test_only_who_talked_may_say(agent: str | None, call: str, status: int) -> None:
    made, desk = app(agent)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://page") as browser:
        said = await browser.post(f"/calls/{call}/quality", json=SAID)
        assert said.status_code == status, said.text
        read = (await browser.get(f"/calls/{call}/quality")).json()
    if status == 204:
        assert read == {"items": [{**SAID, "agent": agent, "at": 5.0}], "total": 1}
    else:
        assert read == {"items": [], "total": 0}
    assert desk.scores.count == (status == 204)


async def test_told_twice_it_is_counted_once() -> None:
    made, desk = app("101")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://page") as browser:
        for _ in range(2):
            assert (await browser.post("/calls/pbx:kept/quality", json=SAID)).status_code == 204
    assert desk.scores.count == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"mos": 4.6}, {"mos": 0.5}, {"loss_percent": 101}, {"jitter_ms": -1}, {"codec": "<b>"}, {"device": "toaster"},
        {"seconds": 10**9}, {"rtt_ms": float("1e9")}, {"codec": "x" * 21},
    ],
)  # fmt: skip
async def test_what_no_call_can_sound_like_is_refused(wrong: dict[str, Any]) -> None:
    made, _ = app("101")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(made), base_url="http://page") as browser:
        assert (await browser.post("/calls/pbx:kept/quality", json=SAID | wrong)).status_code == 422
