"""What the fake server tells of agents' work."""

import time
from typing import Any

from fastapi import FastAPI, Request, Response

REASONS = [
    {"code": code, "name": {"en": en, "zh": zh}, "stay_seconds": stay, "day_seconds": day, "paid": True}
    for code, en, zh, stay, day in (
        ("break", "Break", "小休", 900, 2700),
        ("lunch", "Lunch", "用餐", 3600, 3600),
        ("meeting", "Meeting", "会议", 7200, None),
        ("training", "Training", "培训", None, None),
        ("other", "Other", "其他", 1800, 3600),
    )
]
CODES = [
    {"code": "solved", "name": {"en": "Solved", "zh": "已解决"}, "codes": []},
    {
        "code": "follow_up",
        "name": {"en": "Follow-up", "zh": "需跟进"},
        "codes": [{"code": "call_back", "name": {"en": "Call back", "zh": "需回电"}, "codes": []}],
    },
]


class Work:
    """What a test can set and see."""

    def __init__(self) -> None:
        self.unreachable: dict[str, Any] | None = None
        self.limits: list[dict[str, Any]] = []
        self.after_call: dict[str, Any] | None = None
        self.given: list[dict[str, Any]] = []
        self.owed: list[dict[str, Any]] = []
        self.on = {"sales": True, "support": False}
        self.asked: list[str] = []
        self.required = True
        self.reasons = REASONS

    def wrap_up(self, seconds: float = 30) -> None:
        self.after_call = {
            "until": time.time() + seconds, "extensions_left": 2, "extension_seconds": 60, "call": "pbx1:1.1",
            "channel": "1.2", "queue": "sales",
        }  # fmt: skip


def page(items: list[Any]) -> dict[str, Any]:
    return {"items": items, "total": len(items)}


def routes(app: FastAPI, root: str, fake: Any) -> None:
    work: Work = fake.work

    @app.get(f"{root}/desk/reasons")
    async def reasons() -> Any:
        return page(work.reasons)

    @app.get(f"{root}/desk/alerts")
    async def alerts() -> Any:
        return {"limits": work.limits, "unreachable": [work.unreachable] if work.unreachable else []}

    @app.get(root + "/desk/agents/{agent}/day")
    async def day(agent: str) -> Any:
        return {
            "handled": 23, "talk_seconds": 5025.0, "hold_seconds": 60.0, "wrap_up_seconds": 560.0, "aht_seconds": 245.0,
            "occupancy": 0.74, "outbound_handled": 1,
        }  # fmt: skip

    @app.get(root + "/desk/agents/{agent}")
    async def now(agent: str) -> Any:
        return {
            "agent": agent, "at": time.time(), "reasons_today": {"break": 1320.0, "lunch": 2400.0},
            "limits": work.limits, "unreachable": work.unreachable, "after_call": work.after_call,
        }  # fmt: skip

    @app.post(root + "/desk/agents/{agent}/{deed}")
    async def deed(agent: str, deed: str) -> Response:
        work.asked.append(deed)
        if deed == "extend" and work.after_call:
            work.after_call["until"] += 60
            work.after_call["extensions_left"] -= 1
        if deed == "reachable":
            work.unreachable = None
        return Response(status_code=204)

    @app.get(f"{root}/dispositions/asked")
    async def asked() -> Any:
        return page([{"queue": "default", "required": work.required, "note_required": False, "codes": CODES}])

    @app.get(root + "/dispositions/owed/{agent}")
    async def owed(agent: str) -> Any:
        return page(work.owed)

    @app.put(f"{root}/dispositions")
    async def give(request: Request) -> Any:
        said = await request.json()
        work.given.append(said)
        work.owed = [one for one in work.owed if one["call"] != said["call"]]
        return version(said["call"], said["version"] + 1, said["code"], said["note"])

    @app.get(f"{root}/dispositions")
    async def of_call(call: str) -> Any:
        return page(
            [
                version(call, 1, "none_given", ""),
                version(call, 2, "call_back", "Ring after six. 六点后回电。"),
            ]
        )

    @app.get(root + "/shift/{agent}/queues")
    async def queues(agent: str) -> Any:
        rows = [
            {"queue": queue, "on": on, "penalty": 3 if on else 0, "own": True}
            for queue, on in work.on.items()
        ]
        return page(
            [*rows, {"queue": "vault-of-a-very-long-queue-name", "on": True, "penalty": 0, "own": False}]
        )

    @app.post(root + "/shift/{agent}/{wish}")
    async def shift(agent: str, wish: str, request: Request) -> Any:
        said = await request.json() if wish.startswith("log") else {}
        for queue in [said["queue"]] if said else list(work.on):
            work.on[queue] = wish in {"log-on", "begin"}
        return {"problems": []} if not said else Response(status_code=204)

    @app.get(f"{root}/own-reviews")
    async def reviews() -> Any:
        shown = [
            {"id": f"r{number}", "started_at": time.time() - 86_400 * number, "queue": "sales", "score": score, "result": result}
            for number, score, result in ((1, 91.4, "pass"), (2, 58.0, "fail"))
        ]  # fmt: skip
        return page([] if fake.empty else shown)


def version(call: str, number: int, code: str, note: str) -> dict[str, Any]:
    at = time.time() - 300 + number
    return {
        "call": call, "channel": "1.2", "version": number, "agent": "101", "queue": "sales", "ended_at": at,
        "code": code, "note": note, "given_at": at, "given_by": "agent",
    }  # fmt: skip
