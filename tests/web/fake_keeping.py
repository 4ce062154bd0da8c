"""What the fake server keeps, holds and erases."""

import json
import time
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response

HOLD = {
    "id": "h-1", "kind": "customer", "subject": "c-4711-of-a-very-long-customer-id-from-another-system-0001",
    "reason": "Court case 17 of the Hamburg district court; ask Grace before anything is lifted.", "by": "grace.oconnor-villanueva",
    "at": time.time() - 9e5, "lifted_at": None, "lifted_by": None, "lifted_because": None,
}  # fmt: skip
RULES = [
    {"name": "recordings", "days": 180.0, "tiers": {"platinum": 365.0}, "queues": {"complaints": 1095.0}, "due": 12, "held": 2},
    {"name": "calls", "days": None, "tiers": {}, "queues": {}, "due": 0, "held": 0},
    {"name": "reviews", "days": None, "tiers": {}, "queues": {}, "due": 0, "held": 0},
    {"name": "surveys", "days": 400.0, "tiers": {}, "queues": {}, "due": 3, "held": 0},
    {"name": "promises", "days": None, "tiers": {}, "queues": {}, "due": 0, "held": 0},
]  # fmt: skip


def report(nth: int, kind: str, by: str, **told: Any) -> dict[str, Any]:
    return {
        "id": f"r-{nth}", "kind": kind, "at": time.time() - 4e4 * nth, "by": by, "report": json.dumps(told), "seal": "9f4c81ab" * 8,
    }  # fmt: skip


class Keeping:
    """Changes with what a page asks for."""

    def __init__(self) -> None:
        self.holds = [dict(HOLD)]
        self.reports = [
            report(
                1, "retention", "server", classes={"recordings": {"deleted": 40}, "calls": {"deleted": 0}}
            ),
            report(2, "erasure", "admin", number="861…00", calls=7, recordings=4),
            report(3, "retention", "server", classes={"recordings": {"deleted": 0}}),
        ]


def routes(app: FastAPI, root: str, fake: Any, page_of: Callable[..., Any]) -> None:
    del page_of
    kept = Keeping()
    fake.keeping = kept

    def page(items: list[Any]) -> Any:
        items = [] if fake.empty else items
        return {"items": items, "total": len(items)}

    @app.get(f"{root}/keeping/retention")
    async def retention() -> Any:
        return page(RULES)

    @app.get(f"{root}/keeping/holds")
    async def holds() -> Any:
        return page(kept.holds)

    @app.get(f"{root}/keeping/reports")
    async def reports() -> Any:
        return page(kept.reports)

    @app.post(f"{root}/keeping/holds")
    async def put(request: Request) -> Any:
        said = await request.json()
        kept.holds.insert(0, {**HOLD, **said, "id": "h-2", "by": "admin", "at": time.time()})
        return kept.holds[0]

    @app.post(f"{root}/keeping/holds/{{hold}}/lift")
    async def lift(hold: str, request: Request) -> Response:
        for one in kept.holds:
            if one["id"] == hold:
                because = (await request.json())["reason"]
                one.update(lifted_at=time.time(), lifted_by="admin", lifted_because=because)
        return Response(status_code=204)

    @app.post(f"{root}/keeping/erasures")
    async def erase(request: Request) -> Any:
        said = await request.json()
        if any(one["lifted_at"] is None and one["kind"] == "number" for one in kept.holds):
            why = "A legal hold forbids to delete this. number hold h-2, put by admin: Court case 18"
            return Response(
                json.dumps({"error": why, "kind": "HeldByLaw"}), 409, media_type="application/json"
            )
        kept.reports.insert(
            0, report(0, "erasure", "admin", number=said["number"][:4], calls=1, recordings=1)
        )
        return kept.reports[0]
