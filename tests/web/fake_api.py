"""A server with the shapes of the real one and no call centre behind it: for looking at pages, and for testing them.

`python tests/web/fake_api.py [PORT]` serves the built page with it.
"""

import asyncio
import contextlib
import io
import math
import struct
import sys
import threading
import time
import wave
from mimetypes import guess_type
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cti.service.floor_feed import FloorFeed
from tests.web import fake_access as access
from tests.web import fake_judging, fake_work
from tests.web import fake_listening as listening
from tests.web import fake_quality as quality
from tests.web import fake_reports as reports
from tests.web import fake_stories as stories
from tests.web.fake_routes import GRANTS, refused, routes, session_of
from tests.web.fake_sip import FakeSwitch

DIST = Path(__file__).resolve().parents[2] / "web" / "dist"


HEADERS = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
}
"""What the real server allows its pages."""


def tone(seconds: float = 12.0) -> bytes:
    """A WAV file that can be heard."""
    rate = 8000
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(
            b"".join(struct.pack("<h", int(9000 * math.sin(i / 8))) for i in range(int(rate * seconds)))
        )
    return out.getvalue()


class FakeServer:
    """What a test can set and see. All of it lives in the server's thread; `call` runs something there."""

    def __init__(self) -> None:
        self.empty = False
        self.link_up = True
        self.proof: dict[str, Any] = {
            "ledger": True,
            "verified_until": time.time() // 60 * 60 - 60,
            "gap_since": None,
            "switches": [],
        }
        self.broken: set[str] = set()  # parts of the API that answer 503
        self.phone = False
        self.closed_seconds = 0.0  # signing in is closed for so long
        self.code = ""  # that signing in asks for
        self.provider: str | None = None
        self.access = access.Access()
        self.deeds: list[tuple[str, dict[str, Any]]] = []  # what a supervisor asked for
        self.own_calls: list[dict[str, Any]] = []  # at the agent's desk phone
        self.pressed: list[tuple[str, dict[str, Any]]] = []  # buttons of the agent's telephone
        self.notes: list[dict[str, Any]] = []
        self.telephone = True  # the supervisor has one
        self.agent_states: dict[str, tuple[str, str, float]] = {}
        self.acks: list[tuple[str, float]] = []
        self.heard: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.retried: list[str] = []
        self.cared: dict[str, dict[str, Any]] = {}  # what became of callbacks and rescues
        self.cared_for: list[tuple[str, str, str]] = []
        self.own_callback: dict[str, Any] | None = None
        self.quality: list[dict[str, Any]] = [
            {
                "agent": "102", "at": 1.0, "jitter_ms": 6.2, "jitter_worst_ms": 41.0, "loss_percent": 0.31, "rtt_ms": 38.0,
                "mos": 4.32, "mos_worst": 3.4, "codec": "opus", "device": "usb", "seconds": 312,
            }
        ]  # fmt: skip
        self.told_quality: list[tuple[str, dict[str, Any]]] = []
        self.links: list[dict[str, Any]] = []
        self.ranges: list[str] = []
        self.recording_notes: list[dict[str, Any]] = listening.notes(time.time())
        self.searched: list[dict[str, str]] = []  # for recordings
        self.one_voice = False  # recordings of one channel
        self.technical_faults: list[str] = []
        self.open_pops: dict[str, dict[str, Any]] = {}
        self.reviews = quality.Reviews()
        self.writing = reports.Writing()
        self.work = fake_work.Work()
        self.judging, self.scorecard = fake_judging.Judging(), quality.SCORECARD
        self.sockets: dict[WebSocket, str | None] = {}
        self.seq = 0
        self.feed = FloorFeed()
        self.switch = FakeSwitch()
        self.sound = tone()
        self.refuse_stream = False
        self.loop: asyncio.AbstractEventLoop | None = None
        self.port = 0

    def floor(self) -> dict[str, Any]:
        floor = {**stories.floor(time.time(), empty=self.empty, link_up=self.link_up), **self.proof}
        for row in floor["agents"]:
            if row["agent"] in self.agent_states:
                row["state"], row["reason"], row["since"] = self.agent_states[row["agent"]]
        return floor

    async def tell(self, message: dict[str, Any], agent: str | None = None) -> None:
        """A floor goes out as the change it is to those who have the one before."""
        if message["type"] == "floor":
            frame = self.feed.next(message["floor"])
            if frame is None:
                return
            message = frame
        self.seq += 1
        for socket, whose in list(self.sockets.items()):
            if agent is None or whose == agent:
                with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # a page that is just going
                    await socket.send_json({**message, "seq": self.seq})

    async def pop(self, pop: dict[str, Any]) -> None:
        if pop["state"] in ("ringing", "answered"):
            self.open_pops[pop["id"]] = pop
        else:
            self.open_pops.pop(pop["id"], None)
        await self.tell({"type": "pop", "pop": pop}, pop["agent"])

    async def drop_streams(self) -> None:
        for socket in list(self.sockets):
            await socket.close(1012)

    def call(self, work: Any) -> Any:
        assert self.loop is not None
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def start(self, port: int = 0) -> "FakeServer":
        self._server = uvicorn.Server(
            uvicorn.Config(
                application(self),
                host="127.0.0.1",
                port=port,
                log_level="warning",
                ws="websockets-sansio",
                lifespan="off",
            )
        )

        def run() -> None:
            with asyncio.Runner() as runner:
                self.loop = runner.get_loop()
                runner.run(self._server.serve())

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            assert time.monotonic() < deadline, "the fake server does not start"
            time.sleep(0.02)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def pressed_by_now(self, number: int) -> list[tuple[str, dict[str, Any]]]:
        """The buttons pressed, as soon as there are so many: what a page has sent may still be on its way."""
        deadline = time.monotonic() + 20
        while len(self.pressed) < number and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.pressed

    def stop(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(10)


def application(fake: FakeServer) -> FastAPI:
    app = FastAPI()
    root = "/api/v1"

    @app.middleware("http")
    async def gate(request: Request, following: Any) -> Response:
        path = request.url.path
        if not path.startswith(root):
            return await following(request)
        fake.asked.append(f"{request.method} {path.removeprefix(root)}?{request.url.query}".rstrip("?"))
        part = path.removeprefix(root).split("/")[1]
        if part != "session" and request.cookies.get("cti_session") not in GRANTS:
            return refused(401, "Sign in first.", "NotSignedIn")
        if part in fake.broken:
            return refused(503, "The database does not answer; try again in a minute.", "Unavailable")
        return await following(request)

    @app.post(f"{root}/session")
    async def sign_in(request: Request) -> Response:
        said = await request.json()
        if fake.closed_seconds:
            told = {
                "error": "Too many attempts: wait.",
                "kind": "TooMany",
                "wait_seconds": fake.closed_seconds,
            }
            return JSONResponse(told, 429)
        if said["login"] in GRANTS and said["password"] == "demo" and fake.code not in ("", said.get("code")):
            kind = "NotSignedIn" if said.get("code") else "CodeNeeded"
            return refused(401, "Enter the code your authenticator app shows.", kind)
        if said["login"] not in GRANTS or said["password"] != "demo":
            return refused(401, "Login or password is wrong.", "WrongCredentials")
        response = JSONResponse(session_of(fake, said["login"]))
        response.set_cookie("cti_session", said["login"], httponly=True, samesite="strict")
        return response

    @app.get(f"{root}/session")
    async def who(request: Request) -> Response:
        login = request.cookies.get("cti_session")
        return (
            JSONResponse(session_of(fake, login))
            if login in GRANTS
            else refused(401, "Sign in first.", "NotSignedIn")
        )

    @app.get(f"{root}/session/ways")
    async def ways() -> Any:
        return {"provider": fake.provider}

    @app.delete(f"{root}/session")
    async def sign_out() -> Response:
        response = Response(status_code=204)
        response.delete_cookie("cti_session")
        return response

    routes(app, root, fake)

    @app.websocket(f"{root}/stream")
    async def stream(socket: WebSocket) -> None:
        login = socket.cookies.get("cti_session")
        if login not in GRANTS or fake.refuse_stream:
            await socket.close(4401)
            return
        await socket.accept()
        agent = "101" if login == "agent" else None

        async def say(message: dict[str, Any]) -> None:
            fake.seq += 1
            await socket.send_json({**message, "seq": fake.seq})

        async def catch_up() -> None:
            await fake.tell({"type": "floor", "floor": fake.floor()})
            await say(fake.feed.whole())
            for pop in list(fake.open_pops.values()):
                if pop["agent"] == agent:
                    await say({"type": "pop", "pop": pop})

        await say({"type": "hello"})
        await catch_up()
        fake.sockets[socket] = agent
        try:
            while True:
                said = await socket.receive_json()
                fake.heard.append(said)
                if said["type"] == "ack":
                    fake.acks.append((said["pop"], time.time()))
                elif said["type"] == "resume":
                    await catch_up()
                elif said["type"] == "floor":
                    await say(fake.feed.whole())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            fake.sockets.pop(socket, None)

    @app.websocket("/sip")
    async def sip(socket: WebSocket) -> None:
        await fake.switch.serve(socket)

    @app.get("/{path:path}")
    async def page(path: str) -> Response:
        file = (DIST / path).resolve()
        if not (file.is_file() and file.is_relative_to(DIST)):
            file = DIST / "index.html"
        # As a whole: a page that is left while a file is on its way would leave the file open.
        return Response(file.read_bytes(), media_type=guess_type(file)[0], headers=HEADERS)

    return app


if __name__ == "__main__":
    server = FakeServer().start(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(f"http://127.0.0.1:{server.port}  logins {', '.join(GRANTS)}, password demo", flush=True)
    threading.Event().wait()
