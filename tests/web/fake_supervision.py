"""What the fake server answers to a supervisor."""

from typing import Any

from fastapi import FastAPI, Request, Response


def routes(app: FastAPI, root: str, fake: Any, refused: Any) -> None:
    async def deed(request: Request) -> Response:
        fake.deeds.append((request.url.path.removeprefix(root), await request.json()))
        return Response(status_code=204)

    @app.post(root + "/control/spy")
    async def spy(request: Request) -> Response:
        if not fake.telephone:
            text = "Not possible in this state. Your account has no telephone: have one set for it, then try again."
            return refused(409, text, "NotPossibleNow")
        return await deed(request)

    @app.delete(root + "/control/spy/{agent}")
    async def leave(agent: str) -> Response:
        fake.deeds.append((f"/control/spy/{agent}", {}))
        return Response(status_code=204)

    @app.post(root + "/waiting/{call}/{what}")
    async def waiting(call: str, what: str, request: Request) -> Response:
        return await deed(request)

    @app.post(root + "/agents/{agent}/force-logoff")
    async def logoff(agent: str, request: Request) -> Response:
        return await deed(request)

    @app.post(root + "/notes")
    async def send(request: Request) -> Any:
        fake.deeds.append(("/notes", await request.json()))
        return {"agents": 1}

    @app.get(root + "/notes/teams")
    async def teams() -> Any:
        return {"items": ["day shift", "night shift"], "total": 2}

    @app.get(root + "/notes")
    async def notes() -> Any:
        return {"items": fake.notes, "total": len(fake.notes)}

    @app.post(root + "/notes/{note}/read")
    async def read(note: str) -> Response:
        fake.notes = [one for one in fake.notes if one["id"] != note]
        return Response(status_code=204)
