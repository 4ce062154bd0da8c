"""Recordings, a scorecard, reviews, figures and the server's own state, invented."""

import time
from typing import Any

from fastapi import FastAPI, Request

from tests.web import fake_judging
from tests.web import fake_listening as listening
from tests.web import fake_stories as stories


def _item(
    name: str, en: str, zh: str, kind: str = "yes_no", critical: str | None = None, help_en: str = ""
) -> dict[str, Any]:
    anchors = [
        {"en": "Not at all", "zh": "完全没有"},
        {"en": "Hardly", "zh": "很少"},
        {"en": "Partly: the customer had to ask", "zh": "部分：客户需要追问"},
        {"en": "Mostly", "zh": "大部分"},
        {"en": "Fully, in the customer's own words", "zh": "完全做到，并用客户的语言"},
    ]
    return {
        "id": name,
        "text": {"en": en, "zh": zh},
        "kind": kind,
        "critical": critical,
        "anchors": anchors if kind == "scale" else [],
        "help": {"en": help_en, "zh": "评分说明"} if help_en else None,
        "weight": 1,
        "comment_when": [0, 1] if kind == "scale" else ["no"] if critical else [],
    }


SCORECARD: dict[str, Any] = {
    "id": "inbound",
    "version": 1,
    "title": {"en": "Inbound service call", "zh": "呼入服务通话"},
    "pass_mark": 80,
    "sections": [
        {
            "id": "opening", "title": {"en": "Opening", "zh": "开场"}, "weight": 20,
            "items": [
                _item("greeting", "Greets with company and own name", "报公司名与本人姓名问候"),
                _item("identity", "Verifies who the customer is before telling anything personal", "在透露个人信息之前核实客户身份", critical="compliance", help_en="Two facts, or a call back to the number on file."),
            ],
        },
        {
            "id": "solving", "title": {"en": "Solving", "zh": "解决问题"}, "weight": 50,
            "items": [
                _item("listening", "Listens and sums up the matter", "倾听并复述问题", "scale"),
                _item("right", "The answer is right and complete", "答复正确完整", critical="customer"),
                _item("promise", "Makes no promise the company does not keep", "不作公司无法兑现的承诺", critical="business"),
            ],
        },
        {
            "id": "closing", "title": {"en": "Closing", "zh": "收尾"}, "weight": 30,
            "items": [
                _item("next", "Names what happens next, and when", "说明下一步及时间", "scale"),
                _item("thanks", "Thanks and says goodbye", "致谢并道别"),
            ],
        },
    ],
}  # fmt: skip


def scored(answers: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Weight x mean of its items, N/A left out; a critical No fails the whole."""
    total = weight = 0.0
    failed = False
    for section in SCORECARD["sections"]:
        values = []
        for item in section["items"]:
            value = answers.get(item["id"], {}).get("value", "na")
            if value == "na":
                continue
            failed |= bool(item["critical"]) and value == "no"
            values.append(value / 4 if isinstance(value, int) else float(value == "yes"))
        if values:
            total += section["weight"] * sum(values) / len(values)
            weight += section["weight"]
    score = round(100 * total / weight, 1) if weight else None
    good = score is not None and score >= SCORECARD["pass_mark"] and not failed
    return {"score": score, "result": "not_scorable" if score is None else "pass" if good else "fail"}


class Reviews:
    """Open ones, claimed ones, scored ones."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        now = time.time()
        for index in range(9):
            entry = stories.PEOPLE[index % 7]
            state = ("open", "open", "claimed", "scored")[index % 4]
            mine = index % 8 == 2
            answers = {"greeting": {"value": "yes"}, "identity": {"value": "yes", "comment": "核实了两项信息", "at_seconds": 3.5},
                       "listening": {"value": 3}, "right": {"value": "yes"}, "promise": {"value": "na"},
                       "next": {"value": 1, "comment": "No time was named.", "at_seconds": 9.0}, "thanks": {"value": "yes"}}  # fmt: skip
            self.rows[f"v-{index}"] = {
                "id": f"v-{index}", "recording": f"r-{index}", "call": f"pbx:{1767225000 - index * 97}.{index}",
                "queue": "support" if index % 3 else "sales", "agent": f"10{1 + index % 6}", "tier": entry[3],
                "state": state, "reviewer": None if state == "open" else "u-reviewer" if mine else "u-other",
                "scorecard": "inbound", "scorecard_version": 1,
                "created_at": now - 4000 * (index + 1), "scored_at": now - 600 if state == "scored" else None,
                "score": 81.3 if state == "scored" else None, "result": "pass" if state == "scored" else None,
                "started_at": now - 4100 * (index + 1), "duration_seconds": 12.0, "claimed_until": None, "critical_errors": [],
                "purpose": "double" if index == 5 else "score", "plan": ("random", "risk", "stratified", "random")[index % 4],
                "due_at": now + 3600 * (20 - 9 * index), "assigned_to": ("reviewer", None, "reviewer")[index % 3],
                "own_team": index == 6, "changed": index == 7, "acknowledged_at": None, "exclusion": "",
                "breakdown": None if state != "scored" else {"score": 81.3, "result": "pass", "sections": [], "critical_errors": [], "unanswered": []},
                "answers": answers if state == "scored" else {}, "comment": "Calm and clear.\n下次请说明时间。" if state == "scored" else "",
            }  # fmt: skip


def satisfaction(now: float, empty: bool) -> dict[str, Any]:
    """A month in which the card goes with satisfaction, two of its questions do not."""
    said = [
        ("v-3", "101", "platinum", 96.0, 1, "问题没有解决，客服只是照本宣科，说了很多遍流程，最后也没有人告诉我什么时候能修好。"),
        ("v-7", "104", "gold", 92.5, 2, "Polite, but nobody called back."),
        ("v-9", None, None, 90.0, 1, ""),
    ]  # fmt: skip
    links = {
        "listening": (0.41, 0.24, 0.56), "next": (0.33, 0.15, 0.49), "right": (0.28, 0.09, 0.45),
        "identity": (0.05, -0.14, 0.24), "thanks": (-0.21, -0.39, -0.02), "promise": None, "old_greeting": None,
    }  # fmt: skip
    texts = {item["id"]: item["text"] for section in SCORECARD["sections"] for item in section["items"]}
    return {
        "reviews": 0 if empty else 412, "beyond": 0, "answered": 0 if empty else 104, "fewest": 30,
        "quadrants": {"passed_satisfied": 61, "passed_dissatisfied": 3, "failed_satisfied": 22, "failed_dissatisfied": 18},
        "correlation": {"value": 0.37, "low": 0.19, "high": 0.53, "says_something": True},
        "passed_and_dissatisfied": [
            {
                "review": review, "call": f"pbx:1767225{n}.1", "queue": "support", "agent": agent, "tier": tier,
                "started_at": now - 86400.0 * n, "score": score, "said": stars, "scale": 5, "comment": comment,
            }
            for n, (review, agent, tier, score, stars, comment) in enumerate(said)
        ],
        "items": [
            {
                "scorecard": "inbound", "item": name, "text": texts.get(name), "answers": 104 if found else 12,
                "coefficient": None if found is None else {
                    "value": found[0], "low": found[1], "high": found[2], "says_something": found[1] > 0 or found[2] < 0,
                },
            }
            for name, found in links.items()
        ],
    }  # fmt: skip


def recordings(now: float) -> list[dict[str, Any]]:
    rows = []
    for index in range(14):
        entry = stories.PEOPLE[index % 7]
        state = ("stored", "stored", "expected", "stored", "missing", "stored", "excluded")[index % 7]
        rows.append(
            {
                "id": f"r-{index}", "call": f"pbx:{1767225000 - index * 97}.{index}", "visit_uniqueid": f"{index}.1",
                "queue": "support" if index % 3 else "sales", "agent": f"10{1 + index % 6}", "tier": entry[3], "state": state,
                "reason": {"missing": "The switch announced a file that never came.", "excluded": "The queue's policy excludes it."}.get(state, ""),
                "file": f"{index}.wav", "started_at": now - 700 * (index + 1),
                "duration_seconds": 12.0 if state == "stored" else None, "size_bytes": 192044 if state == "stored" else None,
                "review": f"v-{index}" if state == "stored" and index < 9 else None,
            }
        )  # fmt: skip
    return rows


def customer_history(now: float) -> list[dict[str, Any]]:
    contact = {
        "kind": "contact",
        "call": "pbx:1767225000.0",
        "queue": "support",
        "agent": "104",
        "outcome": "answered",
    }
    return [
        {**contact, "at": now - 9000, "talk_seconds": 312.0},
        {**contact, "at": now - 90000, "outcome": "abandoned", "agent": None, "talk_seconds": None},
        {"kind": "tier", "at": now - 86400 * 40, "from_tier": "gold", "to_tier": "platinum", "reason": "Yearly review: 1.2 M revenue", "actor": "grace"},
        {"kind": "tier", "at": now - 86400 * 400, "from_tier": None, "to_tier": "gold", "reason": "import", "actor": "import"},
    ]  # fmt: skip


def kpi_rows(query: Any) -> list[dict[str, Any]]:
    now = time.time()
    interval = query.get("interval", "3600")
    step = int(interval) if interval != "none" else 86400
    start = now // 86400 * 86400 if step < 86400 else now // 86400 * 86400 - 6 * 86400
    slots = [start] if interval == "none" else [start + n * step for n in range(12 if step < 86400 else 7)]
    groups = {
        "queue": ["sales", "support"],
        "agent": ["101", "102", "103", None],
        "tier": ["platinum", "gold", "iron", "lead"],
    }
    rows = []
    for n, at in enumerate(slots):
        for g, group in enumerate(groups.get(query.get("group_by", "none"), [None])):
            offered = 20 + (n * 7 + g * 11) % 40
            answered = offered - (n + g) % 6
            level = None if n == 3 and len(slots) > 1 else (answered - 3) / offered
            rows.append(
                {
                    "from": at, "until": at + step, "group": group, "provisional": n == len(slots) - 1,
                    "offered": offered, "answered": answered, "abandoned": offered - answered, "short_abandoned": 1,
                    "flow_out": n % 2, "blocked": 0, "answer_rate": answered / offered, "net_answer_rate": answered / offered,
                    "abandon_rate": 1 - answered / offered,
                    "service_level": {"formula": query.get("formula", "strict"), "threshold_seconds": 20, "value": level},
                    "service_levels": {"strict": level}, "asa_seconds": 8.4 + n, "time_to_abandon_seconds": 30.0,
                    "aht_seconds": 205.3 + n * 5, "talk_seconds": 150.0, "hold_seconds": 20.0, "wrap_up_seconds": 35.3,
                    "handled": answered, "transfer_rate": 0.04, "occupancy": 0.71, "agent_answer_rate": 0.97,
                }
            )  # fmt: skip
    return rows


def operations(now: float, link_up: bool) -> dict[str, Any]:
    return {
        "version": "0.1.0",
        "reasons": [] if link_up else ["switch pbx: connecting (connection reset)"],
        "journal_backlog": 0,
        "unexpected_signals": 3,
        "uptime_seconds": 86400 * 3 + 4123,
        "links": [{"pbx": "pbx", "state": "up" if link_up else "down", "since_at": now - 3600, "reason": "", "lag_seconds": 0.004}],
        "books": {"backlog": 0, "lost": 0},
        "gaps": [
            {"pbx": "pbx", "from_sequence": 1201, "to_sequence": 1290, "opened_at": now - 7000, "closed_at": now - 6980, "state": "closed"},
            {"pbx": "pbx", "from_sequence": 5530, "to_sequence": 5534, "opened_at": now - 60, "closed_at": None, "state": "open"},
        ],
        "preflight": [
            {
                "key": "longest_free",
                "level": "warning",
                "subject": "support, sales",
                "sentence": {"en": "force_longest_waiting_caller is not set.", "zh": "未设置 force_longest_waiting_caller。"},
                "remedy": {
                    "en": "Set force_longest_waiting_caller=prio in queues.conf, [general].",
                    "zh": "请在 queues.conf 的 [general] 中设置 force_longest_waiting_caller=prio。",
                },
            },
            {
                "key": "events_read",
                "level": "error",
                "subject": "",
                "sentence": {"en": "The events account cannot read class agent.", "zh": "事件账号没有 agent 类权限。"},
                "remedy": {"en": "Add agent to read= in manager.conf.", "zh": "请在 manager.conf 的 read= 中加入 agent。"},
            },
        ],
        "missing_secrets": [],
    }  # fmt: skip


def jobs_of(now: float, fake: Any) -> list[dict[str, Any]]:
    def job(
        kind: str, subject: str, state: str, attempts: int, error: str, next_at: float | None
    ) -> dict[str, Any]:
        return {
            "id": f"{kind}:{subject}", "kind": kind, "subject": subject, "state": state, "attempts": attempts,
            "error": error, "asked_at": now - 4000, "next_at": next_at,
            "every_seconds": 3600.0 if kind == "forget_sessions" else None,
        }  # fmt: skip

    full, name = "No space left on device", "pbx:tierline-1795640000.41-1795640000"
    dead = job("finish_recording", name, "dead", 12, full, None)
    if dead["id"] in fake.retried:
        dead |= {"state": "running", "attempts": 1}
    return [
        dead,
        job("finish_recording", "pbx:tierline-1795640100.44-1795640100", "waiting", 3, full, now + 8),
        job("end_after_call_work", "101", "waiting", 0, "", now + 21),
        job("forget_sessions", "all", "waiting", 0, "", now + 2400),
    ]


def routes(app: FastAPI, root: str, fake: Any, page_of: Any, refused: Any) -> None:
    @app.get(f"{root}/recordings")
    async def found(request: Request) -> Any:
        fake.searched.append(dict(request.query_params))
        return page_of([] if fake.empty else recordings(time.time()), request)

    listening.routes(app, root, fake, refused, lambda: recordings(time.time()))

    @app.get(root + "/scorecards/{card}")
    async def card(card: str) -> Any:
        return SCORECARD

    @app.get(f"{root}/satisfaction")
    async def against_satisfaction() -> Any:
        return satisfaction(time.time(), fake.empty)

    @app.get(f"{root}/reviews")
    async def reviews(request: Request) -> Any:
        rows = [] if fake.empty else list(fake.reviews.rows.values())
        if request.query_params.get("mine"):
            rows = [row for row in rows if row["reviewer"] == f"u-{request.cookies['cti_session']}"]
        if request.query_params.get("assigned"):
            rows = [row for row in rows if row["assigned_to"] == request.cookies["cti_session"]]
        return page_of(rows, request)

    @app.get(root + "/reviews/{review}")
    async def review(review: str) -> Any:
        return fake.reviews.rows.get(review) or refused(404, "There is no such review.", "Unknown")

    fake_judging.routes(app, root, fake, page_of, refused)

    @app.post(root + "/reviews/{review}/{act}")
    async def act(review: str, act: str, request: Request) -> Any:
        row = fake.reviews.rows[review]
        said = await request.json()
        if act == "preview":
            return scored(said["answers"])
        if act == "claim":
            if row["state"] != "open":
                return refused(409, "Somebody else has claimed this review.", "AlreadyClaimed")
            row |= {"state": "claimed", "reviewer": f"u-{request.cookies['cti_session']}"}
        elif act == "assign":
            row |= {"assigned_to": said["reviewer"]}
        elif act == "exclude":
            row |= {"state": "excluded", "exclusion": said["reason"]}
        elif act == "release":
            row |= {"state": "open", "reviewer": None}
        elif act == "score":
            row |= {"state": "scored", "scored_at": time.time(), **said, **scored(said["answers"])}
        return row

    @app.get(f"{root}/kpi")
    async def kpi(request: Request) -> Any:
        rows = [] if fake.empty else kpi_rows(request.query_params)
        names = [
            "strict",
            "answered_only",
            "abandons_positive",
            "abandons_after_T",
            "short_positive",
            "short_excluded",
        ]
        return {
            "items": rows,
            "formulas": {f"service_level.{name}": "A_T / A" for name in names} | {"offered": "A+B"},
            "version": "1",
            **fake.proof,
        }

    @app.get(f"{root}/jobs")
    async def jobs(request: Request) -> Any:
        return page_of([] if fake.empty else jobs_of(time.time(), fake), request)

    @app.post(f"{root}/jobs/retry", status_code=204)
    async def retry(request: Request) -> None:
        fake.retried.append((await request.json())["id"])

    @app.get(f"{root}/operations")
    async def state() -> Any:
        return operations(time.time(), fake.link_up)
