"""Callbacks and rescues, invented."""

from typing import Any

from fastapi import FastAPI, Request


def callback(now: float, ident: str, state: str = "waiting", **more: Any) -> dict[str, Any]:
    return {
        "id": ident, "queue": "support", "number": "+8613812345678", "name": "王小明", "customer": "c-1",
        "tier": "platinum", "state": state, "source": "key", "reason": "", "why": "", "joined_at": now - 700,
        "created_at": now - 600, "not_before": now - 600, "due_at": now + 3000, "changed_at": now - 60,
        "attempts": 0, "agent": None, "call": None, "first_call": "pbx:1767224806.2", **more,
    }  # fmt: skip


def callbacks(now: float) -> list[dict[str, Any]]:
    long = "Maximiliane Freifrau von Hohenstein-Wittgenbach und Söhne"
    return [
        callback(now, "a1", due_at=now - 125, attempts=2, why="no_answer"),
        callback(now, "a2", "ringing_customer", agent="101", call="pbx:cb-a2-1", tier="gold", name=long),
        callback(now, "a3", tier="iron", number="+12025550134", name=None, source="api", queue="sales"),
        callback(now, "a4", "kept", agent="101", attempts=1),
        callback(now, "a5", "expired", why="not_in_time", tier="gold"),
    ]


def rescues(now: float) -> list[dict[str, Any]]:
    one = {
        "id": "pbx:1767224806.2.1", "queue": "support", "number": "+8613812345678", "name": "王小明",
        "customer": "c-1", "tier": "platinum", "state": "open", "why": "", "abandoned_at": now - 400,
        "waited": 95.0, "created_at": now - 400, "due_at": now + 1400, "changed_at": now - 400, "times": 2,
        "attempts": 0, "overdue": False, "agent": None, "claimed_by": None, "call": None,
        "first_call": "pbx:1767224806.2",
    }  # fmt: skip
    nobody = {"id": "pbx:2.1", "state": "not_reachable", "number": None, "name": None, "tier": "gold"}
    return [one, {**one, **nobody, "due_at": now - 90, "overdue": True}]


def routes(app: FastAPI, root: str, fake: Any, now: Any) -> None:
    def listed(kind: str, request: Request) -> Any:
        rows = [] if fake.empty else {"callbacks": callbacks, "rescues": rescues}[kind](now())
        states = request.query_params.getlist("state")
        rows = [row | fake.cared.get(row["id"], {}) for row in rows]
        rows = [row for row in rows if row["state"] in states or not states]
        tier = request.query_params.get("tier")
        rows = [row for row in rows if tier in (None, row["tier"])]
        return {"items": rows, "total": len(rows)}

    @app.get(root + "/callbacks/mine")
    async def mine() -> Any:
        return {"callback": fake.own_callback}

    for kind in ("callbacks", "rescues"):

        def routes_of(kind: str) -> None:
            @app.get(f"{root}/{kind}")
            async def items(request: Request) -> Any:
                return listed(kind, request)

            @app.get(root + f"/{kind}" + "/{subject}")
            async def one(subject: str) -> Any:
                rows = {"callbacks": callbacks, "rescues": rescues}[kind](now())
                row = next(row for row in rows if row["id"] == subject)
                first = "ask" if kind == "callbacks" else "abandon"
                told = {"agent": None, "by": None, "call": None, "why": "", "state": "waiting"}
                story = [
                    {**told, "at": now() - 600, "step": first},
                    {
                        **told,
                        "at": now() - 300,
                        "step": "ring" if kind == "callbacks" else "claim",
                        "agent": "101",
                    },
                    {**told, "at": now() - 280, "step": "miss", "why": "no_answer"},
                ]
                return row | {"story": story}

            @app.post(root + f"/{kind}" + "/{subject}/{act}")
            async def act(subject: str, act: str) -> Any:
                fake.cared_for.append((kind, subject, act))
                fake.cared[subject] = (
                    {"state": "claimed", "agent": "101", "claimed_by": "agent"}
                    if act == "claim"
                    else {"state": "cancelled" if kind == "callbacks" else "closed"}
                )
                return {}

        routes_of(kind)
