"""Scorecards that are written, and reports, invented."""

import time
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from tests.web.fake_quality import SCORECARD

NEEDED = {"en": "Says why, and what can be done instead", "zh": "说明原因，并给出替代办法"}


def figure(value: float | None, reach: float, n: int, most: float = 1.0) -> dict[str, Any]:
    if value is None:
        return {"n": n, "value": None, "low": None, "high": None}
    return {"n": n, "value": value, "low": max(0.0, value - reach), "high": min(most, value + reach)}


def line(
    since: float, until: float, group: str | None, label: str | None, n: int, shift: float
) -> dict[str, Any]:
    told = n >= 10

    def share(value: float) -> dict[str, Any]:
        return figure(value if told else None, 0.06, n)

    return {
        "from": since, "until": until, "group": group, "label": label, "calls": n,
        "customer": share(0.94 - shift / 100), "business": share(0.97), "compliance": share(0.89 + shift / 100), "passed": share(0.81),
        "score": figure(86.4 + shift if told else None, 3.2, n, 100.0),
    }  # fmt: skip


GROUPS = {
    "none": [(None, None)],
    "team": [("华东一组", "华东一组"), ("VIP", "VIP"), (None, None)],
    "agent": [("101", "陈晓东"), ("102", "Maximiliane Featherstonehaugh-Wolkenstein"), ("103", "王芳")],
    "queue": [("sales", "sales"), ("support", "support")],
    "tier": [("platinum", "platinum"), ("gold", "gold"), ("iron", "iron"), ("lead", "lead")],
    "question": [(None, None)],
}


def report(query: Any, empty: bool) -> dict[str, Any]:
    now = time.time() // 86400 * 86400
    weeks = [now - 7 * 86400 * back for back in range(4, 0, -1)]
    steps = (
        [(now - 28 * 86400, now)]
        if query.get("interval", "none") == "none"
        else [(at, at + 7 * 86400) for at in weeks]
    )
    groups = GROUPS[query.get("group_by", "none")]
    lines = [
        line(since, until, group, label, 4 if number == 2 else 24 + place * 3, place - number * 2.0)
        for number, (group, label) in enumerate(groups)
        for place, (since, until) in enumerate(steps)
    ]
    items = [item for section in SCORECARD["sections"] for item in section["items"]]

    def asked(since: float, until: float, shift: float) -> list[dict[str, Any]]:
        return [
            {
                "from": since, "until": until, "scorecard": "inbound", "item": item["id"], "text": item["text"],
                "answers": 96 - 4 * place, "not_applicable": 4 * place,
                "reached": figure(min(1.0, 0.52 + 0.08 * place + shift / 50), 0.07, 96),
            }
            for place, item in enumerate(items)
        ]  # fmt: skip

    return {
        "from": steps[0][0], "until": steps[-1][1], "fewest": 10, "calls": 0 if empty else 131, "beyond": 0,
        "basis": query.get("basis", "random"), "drawn": None if query.get("basis") == "all" else 150,
        "whole": line(steps[0][0], steps[-1][1], None, None, 131, 0.0), "items": lines, "total": len(lines),
        "questions": asked(steps[0][0], steps[-1][1], 0.0),
        "question_steps": [one for place, (a, b) in enumerate(steps) for one in asked(a, b, place)] if query.get("group_by") == "question" else [],
    }  # fmt: skip


class Writing:
    """Drafts, what was published, and schedules."""

    def __init__(self) -> None:
        now = time.time()
        self.drafts: dict[str, dict[str, Any]] = {}
        self.versions = [
            {
                "version": 1,
                "published_at": None,
                "published_by": "",
                "note": "",
                "withdrawn_at": None,
                "in_force": True,
            }
        ]
        self.mail = True
        self.schedules: list[dict[str, Any]] = [
            {
                "id": "s-1", "name": "每周质检报告 · 华东一组与 VIP 班组合并版", "every": "week", "at_minute": 450,
                "recipients": ["lead@example.com", "wang@example.com"], "format": "pdf", "language": "zh", "group_by": "team",
                "filter": {"queue": None, "agent": None, "tier": None, "team": None, "scorecard": None, "basis": "random"}, "active": True,
                "next_at": now + 200_000, "sent_at": now - 400_000, "sent_until": now - 400_000,
                "problem": "The mail server did not take the message. (1 of 2 have not got it: (SMTPConnectTimeoutError))",
            }
        ]  # fmt: skip


def faults_of(card: dict[str, Any]) -> list[dict[str, str]]:
    found = []
    total = sum(section["weight"] for section in card["sections"])
    if total != 100:
        found.append(
            {
                "place": "sections",
                "sentence": f"the weights of the sections make {total:g}, they must make 100.",
            }
        )
    for number, section in enumerate(card["sections"], 1):
        for position, item in enumerate(section["items"], 1):
            if not item["text"]["zh"]:
                place = f"sections.{number}.items.{position}.text.zh"
                found.append({"place": place, "sentence": "a text is expected."})
    return found


def draft_view(card: dict[str, Any], revision: int) -> dict[str, Any]:
    return {
        "card": card,
        "author": "administrator",
        "saved_at": time.time(),
        "revision": revision,
        "faults": faults_of(card),
    }


def routes(app: FastAPI, root: str, fake: Any) -> None:
    written: Writing = fake.writing
    _scorecards(app, root, written)

    @app.get(f"{root}/quality/reports")
    async def reports(request: Request) -> Any:
        return report(request.query_params, fake.empty)

    @app.get(f"{root}/quality/reports/file")
    async def file(request: Request) -> Any:
        name = f"quality-report.{request.query_params['format']}"
        return Response(b"%PDF-1.4", headers={"Content-Disposition": f'attachment; filename="{name}"'})

    @app.get(f"{root}/quality/report-schedules")
    async def schedules() -> Any:
        return {"items": written.schedules, "total": len(written.schedules), "mail": written.mail}

    @app.post(f"{root}/quality/report-schedules")
    async def add(request: Request) -> Any:
        form = await request.json()
        if "@" not in form["recipients"][0]:
            return JSONResponse(
                {
                    "error": "The report cannot be made. recipients.1: is no e-mail address.",
                    "kind": "ReportRefused",
                },
                422,
            )
        told = {
            "id": f"s-{len(written.schedules) + 1}",
            "next_at": time.time() + 9000,
            "sent_at": None,
            "sent_until": None,
            "problem": "",
        }
        written.schedules.append(form | told)
        return written.schedules[-1]

    @app.put(root + "/quality/report-schedules/{schedule}")
    async def change(schedule: str, request: Request) -> Any:
        found = next(one for one in written.schedules if one["id"] == schedule)
        found |= await request.json()
        found["next_at"] = found["next_at"] if found["active"] else None
        return found

    @app.delete(root + "/quality/report-schedules/{schedule}", status_code=204)
    async def remove(schedule: str) -> None:
        written.schedules = [one for one in written.schedules if one["id"] != schedule]


def _scorecards(app: FastAPI, root: str, written: Writing) -> None:
    @app.get(f"{root}/scorecards")
    async def cards() -> Any:
        return {"items": [SCORECARD | {"queues": None}], "total": 1}

    @app.get(root + "/scorecards/{card}/versions")
    async def versions(card: str) -> Any:
        return {"items": written.versions, "total": len(written.versions)}

    @app.post(f"{root}/scorecards/read")
    async def read(request: Request) -> Any:
        text = (await request.json())["text"]
        if "sections" not in text:
            return JSONResponse(
                {
                    "error": "A scorecard cannot be used. scorecard:1: sections: is missing.",
                    "kind": "ScorecardRefused",
                },
                422,
            )
        return {"card": SCORECARD | {"id": "imported", "queues": ["sales"]}, "faults": []}

    @app.post(f"{root}/scorecards/try")
    async def trial(request: Request) -> Any:
        asked = await request.json()
        faults = faults_of(asked["card"])
        score = {"score": 75.0, "result": "fail", "sections": [], "critical_errors": [], "unanswered": []}
        return {"faults": faults, "asked": [], "score": None if faults or not asked["answers"] else score}

    @app.get(f"{root}/scorecard-drafts")
    async def drafts() -> Any:
        return {"items": list(written.drafts.values()), "total": len(written.drafts)}

    @app.put(f"{root}/scorecard-drafts")
    async def save(request: Request) -> Any:
        form = await request.json()
        card = form["card"]
        known = written.drafts.get(card["id"], {"revision": 0})
        if known["revision"] != form["revision"]:
            said = "Somebody else saved this draft meanwhile: look at theirs first."
            return JSONResponse({"error": said, "kind": "DraftMoved"}, 409)
        written.drafts[card["id"]] = draft_view(card, form["revision"] + 1)
        return written.drafts[card["id"]]

    @app.delete(root + "/scorecard-drafts/{card}", status_code=204)
    async def drop(card: str) -> None:
        del written.drafts[card]

    @app.post(root + "/scorecard-drafts/{card}/publish")
    async def publish(card: str, request: Request) -> Any:
        form = await request.json()
        del written.drafts[card]
        for one in written.versions:
            one["in_force"] = False
        told = {
            "published_at": time.time(),
            "published_by": "administrator",
            "withdrawn_at": None,
            "in_force": True,
        }
        written.versions.insert(0, {"version": len(written.versions) + 1, "note": form["note"]} | told)
        return written.versions[0]
