"""The buttons of a telephone over HTTP, as far as pages press them."""

from typing import Any

from fastapi import FastAPI, Request, Response


def routes(app: FastAPI, root: str, fake: Any) -> None:
    @app.post(root + "/control/{button}")
    async def press(button: str, request: Request) -> Response:
        """Noted. A call that is to be made rings the agent's own telephone first."""
        said = await request.json()
        fake.pressed.append((button, said))
        if button != "make":
            return Response(status_code=204)
        if fake.phone:
            await fake.switch.ring(f"<sip:{said['number']}@127.0.0.1>")
        return Response('{"call": "pbx:1"}', 202, media_type="application/json")
