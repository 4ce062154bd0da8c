"""The routing policy of the fake server: three versions, of which the shipped text is the first."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from routing.adapters.policy_file import parse
from routing.domain.errors import PolicyRefused
from routing.domain.versions import difference, mistakes_of
from tests.servers import REPOSITORY

TEXT = (REPOSITORY / "config" / "policies" / "routing.yaml").read_text("utf-8")
NOTE = "双十一活动期间黄金客户优先时长加倍；活动结束后请恢复。Twice the head start for gold while the campaign lasts."
AT = 1_767_224_000.0
TIERS = [
    ("platinum", 12, 12, 12, 9.0, 9.0, 41.0, 41.0, 0, 0, 0, 0),
    ("gold", 64, 63, 64, 34.0, 19.0, 190.0, 88.0, 11, 4, 2, 38),
    ("iron", 803, 741, 741, 61.0, 68.0, 420.0, 511.0, 120, 149, 210, 61),
    ("lead", 0, 0, 0, None, None, None, None, 0, 0, 0, 0),
]
FIELDS = [
    "tier",
    "callers",
    "answered_before",
    "answered_after",
    "median_before",
    "median_after",
    "p95_before",
    "p95_after",
    "overtaken_before",
    "overtaken_after",
    "longer",
    "shorter",
]


class FakePolicy:
    def __init__(self) -> None:
        self.live = 2
        self.texts = {
            1: TEXT,
            2: TEXT.replace("credit: 300", "credit: 240"),
            3: TEXT.replace("credit: 300", "credit: 600"),
        }
        self.told = {
            1: ("routing.yaml", "As shipped or edited in the file."),
            2: ("Anna Öztürk-Weißenberger", "Less for gold."),
            3: ("周雅婷", NOTE),
        }

    def view(self, number: int) -> dict[str, Any]:
        author, note = self.told[number]
        return {
            "number": number, "at": AT + 3600 * number, "author": author, "note": note, "live": number == self.live,
            "live_at": AT if number == self.live else None,
        }  # fmt: skip


def policy_routes(app: FastAPI, root: str) -> None:
    policy = FakePolicy()

    @app.get(f"{root}/routing/policy")
    async def versions() -> Any:
        items = [policy.view(number) for number in sorted(policy.texts, reverse=True)]
        return {"items": items, "total": len(items), "live": policy.live}

    @app.get(root + "/routing/policy/{number}")
    async def version(number: int) -> Any:
        text = policy.texts[number]
        return {
            **policy.view(number),
            "text": text,
            "difference": difference(policy.texts[policy.live], text),
        }

    @app.post(f"{root}/routing/policy/check")
    async def check(request: Request) -> Any:
        text = (await request.json())["text"]
        try:
            parse(text, "routing.yaml")
            items = []
        except PolicyRefused as refused:
            items = [mistake._asdict() for mistake in mistakes_of(refused.detail)]
        changes = difference(policy.texts[policy.live], text)
        return {"items": items, "total": len(items), "difference": changes}

    @app.post(f"{root}/routing/policy")
    async def keep(request: Request) -> Any:
        said = await request.json()
        number = max(policy.texts) + 1
        policy.texts[number], policy.told[number] = said["text"], ("Administrator", said["note"])
        return JSONResponse(policy.view(number), 201)

    @app.post(root + "/routing/policy/{number}/dry-run")
    async def dry_run(number: int) -> Any:
        tiers = [dict(zip(FIELDS, row, strict=True)) for row in TIERS]
        return {"callers": 879, "fidelity_seconds": 2.0, "tiers": tiers}

    @app.post(root + "/routing/policy/{number}/live")
    async def live(number: int) -> Any:
        policy.live = number
        return policy.view(number)

    @app.get(f"{root}/routing/estimates")
    async def estimates() -> Any:
        items = [
            {"queue": "support", "callers": 412, "median": 3.4, "low": -21.0, "high": 48.2},
            {"queue": "sales", "callers": 7, "median": None, "low": None, "high": None},
        ]
        return {"items": items, "total": 2}
