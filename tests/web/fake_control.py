"""The buttons of a telephone over HTTP, as far as pages press them."""

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from tests.web import fake_stories as stories


def routes(app: FastAPI, root: str, fake: Any) -> None:
    @app.get(root + "/control/calls")
    async def calls() -> Any:
        return {"items": fake.own_calls, "total": len(fake.own_calls)}

    @app.get(root + "/desk/directory")
    async def directory() -> Any:
        items = [{"agent": a[0], "name": a[1], "extension": a[0], "state": "ready"} for a in stories.AGENTS]
        items.append({"agent": "771", "name": "Ingrid Elsewhere", "extension": "106", "state": "ready"})
        return {"items": items, "total": len(items), "queue_numbers": ["800", "801"]}

    @app.post(root + "/control/{button}")
    async def press(button: str, request: Request) -> Response:
        """Noted. A call that is to be made rings the agent's own telephone first."""
        said = await request.json()
        fake.pressed.append((button, said))
        if button == "answer":
            why = "The switch cannot make this telephone answer: lift its handset."
            return JSONResponse({"error": why, "kind": "NotPossibleNow"}, 409)
        if button != "make":
            return Response(status_code=204)
        if fake.phone:
            await fake.switch.ring(f"<sip:{said['number']}@127.0.0.1>")
        return Response('{"call": "pbx:1"}', 202, media_type="application/json")
