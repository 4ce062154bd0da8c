"""Sampling, calibration, disputes and coaching, invented."""

import time
from typing import Any

from fastapi import FastAPI, Request

DAY = 86_400.0
LONG = "张三丰-欧阳上官司马诸葛亮的客服团队"


def told(value: float, reach: float, n: int) -> dict[str, Any]:
    return {"value": value, "low": value - reach, "high": value + reach, "n": n, "effective": float(n)}


def figures(by: str) -> dict[str, Any]:
    keys = {
        "nothing": [""],
        "agent": ["101", "104"],
        "team": ["华东一组", "VIP"],
        "queue": ["sales", "support"],
        "tier": ["gold", "iron"],
    }[by]
    groups = [
        {
            "key": key, "drawn": 60, "scored": 55 if n == 0 else 12, "complete": n == 0,
            "score": told(86.4 - n, 3.1 + 5 * n, 55), "passed": told(0.82, 0.09, 55), "customer": told(0.96, 0.04, 55),
            "business": told(0.98, 0.02, 55), "compliance": told(0.91, 0.07, 55) if n == 0 else None,
        }
        for n, key in enumerate(keys)
    ]  # fmt: skip
    return {"plan": "random", "since": 0.0, "until": time.time(), "groups": groups, "ranked": None}


def draws(now: float) -> list[dict[str, Any]]:
    def draw(plan: str, period: str, frame: int, members: int, rule: str, closed: bool) -> dict[str, Any]:
        return {
            "id": f"{plan}-{period}", "plan": plan, "period": period, "begin": now - DAY, "end": now, "drawn_at": now,
            "closed": closed, "frame": frame, "members": members, "digest": "ab" * 32 if closed else "", "rule": rule,
        }  # fmt: skip

    return [
        draw("random", "2026-11-27", 412, 104, "share 0.25", False),
        draw("risk", "2026-11-27", 412, 20, "at most 20", False),
        draw("stratified", "2026-W47", 2310, 44, "size 40, at least 1, by agent tier", True),
    ]


def question(
    item: str, verdict: str, agreed: float, gwet: float | None, alpha: float | None
) -> dict[str, Any]:
    return {
        "scorecard": "inbound", "item": item, "critical": item in ("identity", "right", "promise"), "verdict": verdict,
        "calls": 24, "reviewers": 3, "agreement": agreed, "alpha": alpha, "gwet": gwet, "kappa": None, "positive": 0.5,
    }  # fmt: skip


REPORT = {
    "calls": 24,
    "questions": [
        question("listening", "unclear", 0.46, 0.41, 0.22),
        question("next", "tentative", 0.75, 0.71, 0.64),
        question("identity", "reliable", 0.96, 0.95, 0.31),
        question("thanks", "reliable", 1.0, None, None),
        question("promise", "too_few", 1.0, None, None),
    ],
    "leanings": [
        {"reviewer": "reviewer", "calls": 24, "bias": 0.08, "severity": -4.2},
        {"reviewer": LONG, "calls": 24, "bias": -0.08, "severity": 4.2},
        {"reviewer": "supervisor", "calls": 3, "bias": None, "severity": None},
    ],
    "fewest": 10,
    "reliable": 0.8,
    "tentative": 0.667,
}


class Judging:
    """What was decided, disputed and asked in this fake."""

    def __init__(self) -> None:
        now = time.time()
        self.drafts: dict[str, Any] = {}
        self.standing: dict[str, Any] = {
            "until": now + 5 * DAY,
            "open": True,
            "acknowledged_at": None,
            "dispute": None,
            "may_hear": True,
        }
        self.closed = False
        self.tasks = [
            {
                "id": f"t-{n}", "review": "v-3", "item": "next", "agent": "101", "coach": "supervisor",
                "behaviour": "No time was named. 客户问了两次什么时候能修好，都没有得到明确的答复。" * (1 + n),
                "target": "Names what happens next, and when", "least": 3, "clip": {"begin": 3.0, "end": 9.0},
                "asked_at": now - 9 * DAY, "recheck_at": now + (5 - 7 * n) * DAY, "state": state, "acknowledged_at": None,
                "seen_calls": n, "met_by": "v-7" if state == "met" else None, "ended_at": now if state == "met" else None,
            }
            for n, state in enumerate(("asked", "acknowledged", "met"))
        ]  # fmt: skip
        self.disputes = {
            f"v-{review}-d1": {
                "id": f"v-{review}-d1", "review": f"v-{review}", "agent": "104", "reviewer": "u-other",
                "items": {"next": "I said it at 0:09. 我在 0:09 已经说明了时间。", "listening": "He did not let me speak."},
                "comment": "Please listen to the end.", "raised_at": now - 3600 * review, "state": "disputed", "outcome": None,
                "decided_by": None, "decided_at": None, "note": "", "rescored": review == 3, "rescore": f"v-{review}-again",
            }
            for review in (3, 7)
        }  # fmt: skip

    def draft(self, review: str) -> Any:
        return self.drafts.get(review)


def routes(app: FastAPI, root: str, fake: Any, page_of: Any, refused: Any) -> None:
    judging: Judging = fake.judging
    _work(app, root, fake)
    _sampling(app, root, fake, page_of)
    _calibration(app, root, fake, page_of)
    _disputes(app, root, fake, page_of, refused)

    @app.get(f"{root}/coaching")
    async def tasks(request: Request) -> Any:
        rows = [] if fake.empty else judging.tasks
        wanted = request.query_params.get("open")
        return page_of([one for one in rows if not wanted or one["state"] != "met"], request)

    @app.post(root + "/reviews/{review}/coaching")
    async def coach(review: str, request: Request) -> Any:
        said = await request.json()
        judging.tasks.append(
            {**judging.tasks[0], **said, "id": f"t-{len(judging.tasks)}", "review": review, "state": "asked"}
        )
        return judging.tasks[-1]

    @app.get(f"{root}/own-coaching")
    async def own(request: Request) -> Any:
        return page_of([] if fake.empty else judging.tasks[:1], request)

    @app.post(root + "/own-coaching/{task}/acknowledge")
    async def read(task: str) -> Any:
        judging.tasks[0] |= {"state": "acknowledged"}
        return judging.tasks[0]


def _work(app: FastAPI, root: str, fake: Any) -> None:
    judging: Judging = fake.judging

    @app.post(root + "/reviews/{review}/heartbeat")
    async def heartbeat(review: str) -> Any:
        return {"claimed_until": time.time() + 1200}

    @app.put(root + "/reviews/{review}/draft")
    async def keep(review: str, request: Request) -> Any:
        judging.drafts[review] = {"at": time.time(), **await request.json()}
        fake.reviews.rows[review]["draft"] = judging.drafts[review]
        return {"claimed_until": time.time() + 1200}

    @app.get(f"{root}/reviewers")
    async def reviewers() -> Any:
        row = {"assigned": 7, "claimed": 1, "late": 0, "scored": 41, "disputed": 6, "decided": 6, "overturned": 0, "dispute_rate": 0.15, "overturn_rate": 0.0, "must_calibrate": False, "calibration": None}  # fmt: skip
        late = {
            "late": 3,
            "overturned": 2,
            "overturn_rate": 0.33,
            "must_calibrate": True,
            "calibration": "c-2",
        }
        items = [] if fake.empty else [{"reviewer": "reviewer", **row}, {"reviewer": LONG, **row, **late}]
        return {
            "items": items,
            "total": len(items),
            "may_take": ["reviewer", LONG, "supervisor"],
            "alarm": 0.15,
        }


def _sampling(app: FastAPI, root: str, fake: Any, page_of: Any) -> None:
    @app.get(f"{root}/quality")
    async def quality(request: Request) -> Any:
        told_ = figures(request.query_params.get("group_by", "nothing"))
        return told_ | {"groups": []} if fake.empty else told_

    @app.get(f"{root}/sampling/plans")
    async def plans() -> Any:
        items = [
            {"plan": "everything", "on": False, "every": None, "rule": "", "feeds_figures": True},
            {"plan": "random", "on": True, "every": "call", "rule": "share 0.25", "feeds_figures": True},
            {
                "plan": "stratified",
                "on": True,
                "every": "week",
                "rule": "size 40, at least 1, by agent tier",
                "feeds_figures": True,
            },
            {"plan": "risk", "on": True, "every": None, "rule": "at most 20", "feeds_figures": False},
            {"plan": "manual", "on": True, "every": None, "rule": "", "feeds_figures": False},
        ]
        return {"items": items, "total": 5, "double_share": 0.1, "dispute_days": 5, "lease_seconds": 1200.0}

    @app.get(f"{root}/sampling/draws")
    async def drawn(request: Request) -> Any:
        return page_of([] if fake.empty else draws(time.time()), request)

    @app.get(root + "/sampling/draws/{draw}/proof")
    async def proof(draw: str) -> Any:
        fine = draw.startswith("random")
        return {
            "draw": draw,
            "proven": fine,
            "same_frame": True,
            "same_rule": fine,
            "missing": [],
            "extra": [],
        }

    @app.get(f"{root}/sampling/coverage")
    async def coverage() -> Any:
        weeks = [
            {
                "week": f"2026-W{48 - n}", "begin": 0.0, "end": 0.0,
                "agents": [] if fake.empty else [
                    {"agent": f"10{agent}", "eligible": 60 - agent, "drawn": 12, "scored": 0 if agent == 4 else 9 - n, "excluded": 1}
                    for agent in range(1, 7)
                ],
            }
            for n in range(3)
        ]  # fmt: skip
        return {"weeks": weeks}


def _calibration(app: FastAPI, root: str, fake: Any, page_of: Any) -> None:
    judging: Judging = fake.judging

    def opened() -> dict[str, Any]:
        """One that nobody called."""
        return session() | {
            "id": "c-2", "called_by": "", "reference": "supervisor", "participants": [LONG, "supervisor"], "state": "scoring",
        }  # fmt: skip

    def session() -> dict[str, Any]:
        return {
            "id": "c-1", "recording": "r-3", "agent": "104", "scorecard": "inbound", "scorecard_version": 1,
            "called_by": "supervisor", "called_at": time.time() - DAY, "reference": "supervisor",
            "participants": ["reviewer", LONG, "supervisor"], "state": "compared" if judging.closed else "scoring",
            "closed_at": None, "note": "",
        }  # fmt: skip

    @app.get(f"{root}/calibrations")
    async def page(request: Request) -> Any:
        return page_of([] if fake.empty else [session(), opened()], request)

    @app.post(f"{root}/calibrations")
    async def call(request: Request) -> Any:
        fake.called = await request.json()
        return session()

    @app.get(f"{root}/calibrations/agreement")
    async def agreement() -> Any:
        return REPORT | {"questions": [], "leanings": [], "calls": 0} if fake.empty else REPORT

    def shown() -> dict[str, Any]:
        reviews = [
            {"login": login, "review": f"c-1-{n}", "state": "open" if n == 1 else "scored", "score": 80.0 + n if judging.closed and n != 1 else None}
            for n, login in enumerate(("reviewer", LONG, "supervisor"))
        ]  # fmt: skip
        return {**session(), "reviews": reviews, "report": REPORT if judging.closed else None}

    @app.get(f"{root}/calibrations/c-1")
    async def one() -> Any:
        return shown()

    @app.post(f"{root}/calibrations/c-1/close")
    async def close() -> Any:
        judging.closed = True
        return shown()


def _disputes(app: FastAPI, root: str, fake: Any, page_of: Any, refused: Any) -> None:
    judging: Judging = fake.judging

    @app.get(f"{root}/disputes")
    async def page(request: Request) -> Any:
        return page_of([] if fake.empty else list(judging.disputes.values()), request)

    def side(review: str) -> dict[str, Any]:
        row = fake.reviews.rows[review]
        return {
            **row,
            "breakdown": {
                "score": row["score"],
                "result": row["result"],
                "sections": [],
                "critical_errors": [],
                "unanswered": [],
            },
        }

    @app.get(root + "/disputes/{dispute}")
    async def one(dispute: str) -> Any:
        found = judging.disputes[dispute]
        again = side("v-7") if found["rescored"] else None
        return {**found, "first": side("v-3"), "again": again}

    @app.post(root + "/disputes/{dispute}/decide")
    async def decide(dispute: str, request: Request) -> Any:
        said = await request.json()
        outcome = "changed" if said["changed"] else "upheld"
        judging.disputes[dispute] |= {
            "state": "decided",
            "outcome": outcome,
            "note": said["note"],
            "decided_at": time.time(),
        }
        return await one(dispute)

    @app.get(root + "/own-reviews/{review}")
    async def own(review: str) -> Any:
        return (
            {**side("v-3"), "id": review}
            if review == "r1"
            else refused(404, "No such review.", "ReviewUnknown")
        )

    @app.get(root + "/own-reviews/{review}/scorecard")
    async def card(review: str) -> Any:
        return fake.scorecard

    @app.get(root + "/own-reviews/{review}/standing")
    async def standing(review: str) -> Any:
        return judging.standing

    @app.post(root + "/own-reviews/{review}/{act}")
    async def step(review: str, act: str, request: Request) -> Any:
        now = time.time()
        if act == "acknowledge":
            judging.standing |= {"acknowledged_at": now}
        elif act == "dispute":
            said = await request.json()
            judging.standing |= {
                "open": False,
                "dispute": {**judging.disputes["v-3-d1"], **said, "raised_at": now},
            }
        else:
            judging.standing["dispute"] |= {"outcome": "withdrawn", "state": "decided"}
        return judging.standing
