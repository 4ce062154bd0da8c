"""What the fake server knows of accounts, users and the audit log."""

import time
from collections.abc import Callable
from typing import Any

import segno
from fastapi import FastAPI, Request, Response

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CODES = [f"abc{n}e-fgh{n}k" for n in range(2, 10)] + ["mnpq2-rstu3", "vwxy4-zabc5"]


def user(
    number: int, login: str, name: str, role: str, agent: str | None, teams: list[str], **more: Any
) -> dict[str, Any]:
    plain = {"language": "zh", "active": True, "second_factor": False, "external": False}
    return {
        "id": f"u-{number}",
        "login": login,
        "name": name,
        "role": role,
        "agent": agent,
        "teams": teams,
        **plain,
        **more,
    }


class Access:
    """Changes with what a page asks for."""

    def __init__(self) -> None:
        now = time.time()
        self.factor = False
        self.broken: int | None = None
        self.sessions = [
            {"id": "s-1", "opened_at": now - 3000, "seen_at": now - 5, "address": "10.20.0.41", "browser": CHROME, "current": True},
            {"id": "s-2", "opened_at": now - 90_000, "seen_at": now - 40_000, "address": "2001:db8:85a3::8a2e:370:7334",
             "browser": FIREFOX, "current": False},
            {"id": "s-3", "opened_at": now - 7000, "seen_at": now - 600, "address": "10.20.0.99", "browser": "curl/8.5.0", "current": False},
        ]  # fmt: skip
        self.tokens = [
            {"id": "t-1", "name": "Wallboard in the lobby", "scopes": ["see_floor"], "created_at": now - 9e5,
             "expires_at": now + 4e6, "used_at": now - 60},
            {"id": "t-2", "name": "一个名字非常非常长的夜间报表导出程序(华东数据中心)", "scopes": ["see_calls", "see_customers", "listen", "review"],
             "created_at": now - 9e6, "expires_at": now - 4e5, "used_at": None},
        ]  # fmt: skip
        self.users = [
            user(1, "admin", "Ines Costa", "administrator", None, [], second_factor=True),
            user(2, "anna", "Anna Aalto", "agent", "101", ["VIP"], language="en"),
            user(3, "chenxd", "陈晓东", "agent", "102", ["华东一组", "VIP"]),
            user(
                4,
                "goconnor",
                "Grace O'Connor-Villanueva de la Cruz",
                "supervisor",
                None,
                ["华东一组", "华东二组", "VIP", "Night shift"],
            ),
            user(5, "zhouyt", "周雅婷", "reviewer", None, [], external=True),
            user(6, "old.agent", "Ben Carter", "agent", "104", ["VIP"], active=False),
        ]
        deeds = [
            ("goconnor", "agents.not_ready", "POST /api/v1/agents/102/not-ready"),
            ("goconnor", "denied", "GET /api/v1/users"),
            ("admin", "user.changed", "chenxd: role agent; teams VIP, 华东一组"),
            ("zhouyt", "recording.listened", "pbx1-1767224806.2-1"),
            ("zhouyt", "reviews.score", "POST /api/v1/reviews/v-2/score"),
            ("goconnor (token)", "denied", "GET /api/v1/recordings/pbx1-1767224806.2-1/audio"),
            ("admin", "session.all_ended", "old.agent"),
            ("chenxd", "password.changed", "chenxd"),
        ]
        self.lines = [
            {"id": 900 - n, "at": now - 400 * n, "user": "u", "login": deeds[n % 8][0], "action": deeds[n % 8][1],
             "subject": deeds[n % 8][2], "seal": f"{n:02x}9f4c81" * 8}
            for n in range(40)
        ]  # fmt: skip


def routes(
    app: FastAPI, root: str, fake: Any, page_of: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    _account(app, f"{root}/account", fake, refused)
    _users(app, f"{root}/users", fake)

    @app.get(f"{root}/audit")
    async def audit(request: Request) -> Any:
        wanted = {name: request.query_params.get(name, "") for name in ("login", "action", "subject")}
        lines = [] if fake.empty else fake.access.lines
        lines = [line for line in lines if all(text in line[name] for name, text in wanted.items())]
        offset, limit = int(request.query_params.get("offset", 0)), int(request.query_params.get("limit", 50))
        return {"items": lines[offset : offset + limit], "total": len(lines)}

    @app.get(f"{root}/audit/chain")
    async def chain() -> Any:
        return {"lines": 40, "broken": fake.access.broken, "last": "9f4c81" * 10}


def _account(app: FastAPI, root: str, fake: Any, refused: Callable[..., Any]) -> None:
    said: Access = fake.access

    @app.post(f"{root}/password")
    async def password(request: Request) -> Response:
        if (await request.json())["current"] != "demo":
            return refused(422, "That cannot be taken: your present password is not this one.", "Refused")
        return Response(status_code=204)

    @app.get(f"{root}/second-factor")
    async def factor() -> Any:
        return {"on": said.factor, "password": True}

    @app.post(f"{root}/second-factor")
    async def begin() -> Any:
        uri = "otpauth://totp/Tierline:supervisor?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Tierline"
        picture = segno.make(uri, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff")
        return {"key": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "uri": uri, "picture": picture}

    @app.post(f"{root}/second-factor/confirm")
    async def confirm(request: Request) -> Any:
        form = await request.json()
        if form["password"] != "demo":
            return refused(422, "That cannot be taken: your present password is not this one.", "Refused")
        if form["code"] != "123456":
            return refused(422, "That cannot be taken: that is not the code your app shows now.", "Refused")
        said.factor = True
        return {"codes": CODES}

    @app.post(f"{root}/second-factor/end")
    async def end_factor() -> Response:
        said.factor = False
        return Response(status_code=204)

    @app.get(f"{root}/sessions")
    async def sessions() -> Any:
        items = [{**one, "ends_at": one["opened_at"] + 43_200} for one in said.sessions]
        return {"items": items, "total": len(items)}

    @app.delete(f"{root}/sessions")
    async def end_others() -> Response:
        said.sessions = [one for one in said.sessions if one["current"]]
        return Response(status_code=204)

    @app.delete(root + "/sessions/{session}")
    async def end(session: str) -> Response:
        said.sessions = [one for one in said.sessions if one["id"] != session]
        return Response(status_code=204)

    @app.get(f"{root}/tokens")
    async def tokens() -> Any:
        return {"items": said.tokens, "total": len(said.tokens)}

    @app.post(f"{root}/tokens", status_code=201)
    async def add(request: Request) -> Any:
        form = await request.json()
        if form["password"] != "demo":
            return refused(422, "That cannot be taken: your present password is not this one.", "Refused")
        now = time.time()
        until = now + form["days"] * 86_400 if form["days"] else None
        token = {
            "id": f"t-{now}",
            "name": form["name"],
            "scopes": form["scopes"],
            "created_at": now,
            "expires_at": until,
            "used_at": None,
        }
        said.tokens.insert(0, token)
        return {**token, "token": "tierline_8Jx2mYq0fT7cWvB4nKzR5sD1hLpG9aEu6oXiQyVwN3k"}

    @app.delete(root + "/tokens/{token}")
    async def revoke(token: str) -> Response:
        said.tokens = [one for one in said.tokens if one["id"] != token]
        return Response(status_code=204)


def _users(app: FastAPI, root: str, fake: Any) -> None:
    said: Access = fake.access

    @app.get(root)
    async def users() -> Any:
        items = [] if fake.empty else said.users
        return {
            "items": items,
            "total": len(items),
            "teams": sorted({team for one in items for team in one["teams"]}),
        }

    @app.post(root, status_code=201)
    async def add(request: Request) -> Any:
        form = await request.json()
        made = user(
            len(said.users) + 1,
            form["login"],
            form["name"],
            form["role"],
            form["agent"] or None,
            form["teams"],
        )
        said.users.append(made)
        return made

    @app.patch(root + "/{one}")
    async def change(one: str, request: Request) -> Any:
        found = next(row for row in said.users if row["id"] == one)
        found.update(
            {
                name: value
                for name, value in (await request.json()).items()
                if value is not None and name != "password"
            }
        )
        return found

    @app.delete(root + "/{one}/sessions")
    async def end(one: str) -> Response:
        return Response(status_code=204)

    @app.get(root + "/{one}/tokens")
    async def tokens(one: str) -> Any:
        items = said.tokens if one == "u-2" else []
        return {"items": items, "total": len(items)}

    @app.delete(root + "/{one}/tokens/{token}")
    async def revoke(one: str, token: str) -> Response:
        said.tokens = [line for line in said.tokens if line["id"] != token]
        return Response(status_code=204)

    @app.delete(root + "/{one}/second-factor")
    async def take(one: str) -> Response:
        next(row for row in said.users if row["id"] == one)["second_factor"] = False
        return Response(status_code=204)
