"""What the fake server answers over HTTP."""

import time
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from tests.web import fake_access as access
from tests.web import fake_calls as recorded
from tests.web import fake_care as care
from tests.web import fake_control as control
from tests.web import fake_keeping as keeping
from tests.web import fake_quality as quality
from tests.web import fake_reports, fake_work
from tests.web import fake_stories as stories
from tests.web import fake_supervision as supervision
from tests.web.fake_routing import policy_routes

GRANTS = {
    "agent": ["use_desk", "see_floor", "see_customers", "care"],
    "reviewer": ["listen", "review", "see_calls", "see_customers"],
    "supervisor": [
        "see_floor", "see_calls", "control_agents", "supervise", "see_customers", "edit_customers", "listen", "review", "lead_quality", "care", "see_routing",
        "edit_scorecards", "schedule_reports",
    ],
    "operator": ["see_floor", "see_operations"],
    "administrator": [
        "see_floor", "see_calls", "control_agents", "supervise", "see_customers", "listen", "review", "lead_quality", "see_operations", "administer",
        "see_routing", "edit_routing", "edit_scorecards", "schedule_reports",
    ],
}  # fmt: skip


def session_of(fake: Any, login: str) -> dict[str, Any]:
    agent = "101" if login == "agent" else None
    phone = {
        "websocket_url": f"ws://127.0.0.1:{fake.port}/sip",
        "sip_uri": "sip:101@127.0.0.1",
        "password": "secret",
        "display_name": "陈晓东",
    }
    names = {"agent": "陈晓东", "reviewer": "周雅婷", "supervisor": "Grace O'Connor-Villanueva"}
    user = {
        "id": f"u-{login}", "login": login, "name": names.get(login, login.title()), "role": login,
        "agent": agent, "language": "en", "permissions": GRANTS[login], "teams": ["华东一组", "VIP"] if login == "supervisor" else [],
    }  # fmt: skip
    return {"user": user, "phone": phone if fake.phone and agent else None}


def refused(status: int, error: str, kind: str) -> JSONResponse:
    return JSONResponse({"error": error, "kind": kind}, status)


def page_of(items: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    query = request.query_params
    for name in ("queue", "agent", "tier", "outcome", "state", "call"):
        if query.get(name):
            items = [item for item in items if item.get(name) == query[name]]
    search = query.get("search", "").casefold()
    if search:
        items = [item for item in items if search in str(item).casefold()]
    offset, limit = int(query.get("offset", 0)), int(query.get("limit", 50))
    return {"items": items[offset : offset + limit], "total": len(items)}


def routes(app: FastAPI, root: str, fake: Any) -> None:
    policy_routes(app, root)
    fake_reports.routes(app, root, fake)

    @app.get(f"{root}/floor")
    async def floor() -> Any:
        return fake.floor()

    @app.get(f"{root}/queues")
    async def queues() -> Any:
        return {"items": [{"queue": "sales"}, {"queue": "support"}], "total": 2}

    @app.get(f"{root}/agents")
    async def agents() -> Any:
        return {
            "items": [{"agent": a[0], "name": a[1]} for a in stories.AGENTS],
            "total": len(stories.AGENTS),
        }

    supervision.routes(app, root, fake, refused)
    control.routes(app, root, fake)

    @app.post(root + "/agents/{agent}/{change}")
    async def change(agent: str, change: str, request: Request) -> Response:
        said = await request.json()
        state = "not_ready" if change == "not-ready" else "ready"
        fake.agent_states[agent] = (state, said.get("reason", ""), time.time())
        await fake.tell({"type": "floor", "floor": fake.floor()})
        return Response(status_code=204)

    @app.get(f"{root}/calls")
    async def calls(request: Request) -> Any:
        lines = [] if fake.empty else recorded.calls(time.time())
        if request.query_params.get("fate") == "waiting":
            lines = [line for line in lines if line["outcome"] is None]
        elif fate := request.query_params.get("fate"):
            lines = [line for line in lines if line["outcome"] == fate]
        return page_of(lines, request)

    @app.get(root + "/calls/{call}/quality")
    async def sounded(call: str) -> Any:
        return {"items": fake.quality, "total": len(fake.quality)}

    @app.post(root + "/calls/{call}/quality")
    async def keep_sounded(call: str, request: Request) -> Response:
        fake.told_quality.append((call, await request.json()))
        return Response(status_code=204)

    @app.get(f"{root}/desk/links")
    async def links() -> Any:
        return {"items": fake.links, "total": len(fake.links)}

    @app.get(root + "/calls/{call}/decision")
    async def decision(call: str) -> Any:
        line = next((row for row in recorded.calls(time.time()) if row["call_id"] == call), None)
        if line is None or line["tier"] is None:
            return refused(404, "No decision is stored for this call.", "Unknown")
        return recorded.decision(line)

    @app.get(root + "/calls/{call}")
    async def call(call: str) -> Any:
        line = next((row for row in recorded.calls(time.time()) if row["call_id"] == call), None)
        return recorded.call(line) if line else refused(404, f"There is no call {call}.", "Unknown")

    @app.get(f"{root}/customers")
    async def customers(request: Request) -> Any:
        return page_of([] if fake.empty else stories.CUSTOMERS, request)

    @app.get(root + "/customers/{customer}/timeline")
    async def history(customer: str) -> Any:
        now = time.time()
        return {"items": quality.customer_history(now), "total": 4}

    @app.get(root + "/customers/{customer}")
    async def one(customer: str) -> Any:
        found = next((row for row in stories.CUSTOMERS if row["id"] == customer), None)
        return found or refused(404, "There is no such customer.", "UnknownCustomer")

    fake_work.routes(app, root, fake)
    care.routes(app, root, fake, time.time)
    quality.routes(app, root, fake, page_of, refused)
    access.routes(app, root, fake, page_of, refused)
    keeping.routes(app, root, fake, page_of)

    @app.get(root + "/own-reviews/{recording}/audio")
    @app.get(root + "/recordings/{recording}/audio")
    async def audio(recording: str, request: Request) -> Response:
        asked = request.headers.get("range", "")
        fake.ranges.append(asked)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        if not asked:
            return Response(fake.sound, media_type="audio/wav", headers={"Accept-Ranges": "bytes"})
        start, stop = int(first), int(last) + 1 if last else len(fake.sound)
        head = {"Accept-Ranges": "bytes", "Content-Range": f"bytes {start}-{stop - 1}/{len(fake.sound)}"}
        return Response(fake.sound[start:stop], 206, head, "audio/wav")
