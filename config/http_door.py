"""What every request passes before its route, and every answer after it.

Other sites' pages may not use a browser's cookie (CSRF), nobody may ask too much or send too much, whatever was changed or
refused is written down, and the answer tells the browser to be careful. It is one plain ASGI layer: a socket passes through untouched.
"""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cti.adapters.audit import SqlAudit, written
from cti.domain import errors
from cti.domain.access import User

log = logging.getLogger(__name__)

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})
"""What a form of any page can send without asking us first."""

LARGEST_BODY = 1024 * 1024
"""Bytes. A body is read and parsed before it is asked who sends it."""

LARGER_BODIES = {"/api/v1/customers/import": 33 * 1024 * 1024}
"""Paths that read their body piece by piece, after they know who sends it; beyond 32 MB this one refuses by itself."""

CHANGING_NOTHING = frozenset(
    {
        "reviews.preview",
        "reviews.heartbeat",
        "reviews.keep_draft",
        "scorecards.read_card",
        "scorecards.try_card",
        "routing.check",
        "routing.dry_run",
        "calls.keep",
        "control.tones",
    }
)
"""Deeds that only look like changes, keys pressed in one's own call, how each call sounded, and pages that say they are open."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=(), usb=(), display-capture=()",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "media-src 'self' blob:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
}
BROKEN = {"error": "Something broke here; the server's log says what.", "kind": "Broken"}

STRICT_TRANSPORT = "max-age=31536000"
"""A year; said where cookies are for TLS alone."""


class Limits:
    """How often somebody may ask, counted by the minute."""

    def __init__(self, requests: int, sign_ins: int, now: Callable[[], float]) -> None:
        """`requests`: of one user or token; `sign_ins`: of one address."""
        self._now = now
        self._counter = FixedWindowRateLimiter(MemoryStorage())
        self._requests, self._sign_ins = RateLimitItemPerMinute(requests), RateLimitItemPerMinute(sign_ins)

    def request(self, who: str) -> None:
        """Raises TooMany."""
        self._count(self._requests, who, "ask less often.")

    async def sign_in(self, request: Request) -> None:
        """Raises TooMany."""
        self._count(
            self._sign_ins,
            request.client.host if request.client else "",
            "wait a moment, then sign in again.",
        )

    def _count(self, limit: RateLimitItemPerMinute, who: str, advice: str) -> None:
        if not self._counter.hit(limit, who):
            window = self._counter.get_window_stats(limit, who)
            raise errors.TooMany(advice, max(1.0, window.reset_time - self._now()))


class Door:
    """The layer."""

    def __init__(
        self,
        app: ASGIApp,
        audit: SqlAudit,
        status: Callable[[Exception], int],
        *,
        secure: bool,
    ) -> None:
        """`secure`: browsers reach us over TLS alone."""
        self._app, self._audit, self._status = app, audit, status
        self._headers = HEADERS | ({"Strict-Transport-Security": STRICT_TRANSPORT} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told: list[str] = []
        written.set(told)
        scope.setdefault("state", {})
        begun = False

        async def careful(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)
            begun = True

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._write_down(scope, message["status"], told)
            await careful(message)

        try:
            await self._let_through(scope, receive, tell)
        except Exception:
            if not begun:
                await JSONResponse(BROKEN, 500)(scope, receive, careful)
            raise  # into the server's log

    async def _let_through(self, scope: Scope, receive: Receive, tell: Send) -> None:
        most = LARGER_BODIES.get(scope["path"], LARGEST_BODY)
        try:
            check_size(scope, most)
            check_origin(scope)
        except HTTPException as problem:
            await too_large(Request(scope), problem)(scope, receive, tell)
        except errors.CtiError as problem:  # nobody is asked for yet, so it is no line of the audit log
            log.warning("%s %s refused: %s", scope["method"], action_of(scope), type(problem).__name__)
            answer = JSONResponse(
                {"error": str(problem), "kind": type(problem).__name__}, self._status(problem)
            )
            await answer(scope, receive, tell)
        else:
            await self._app(scope, counted(receive, most), tell)

    async def _write_down(self, scope: Scope, status: int, told: list[str]) -> None:
        """Before the answer is shown: what was refused, and what was changed unless the route told it in its own words."""
        user: User | None = scope["state"].get("user")
        if user is None:
            return
        asked = f"{scope['method']} {scope['path']}"
        if status == 403 or scope["state"].get("out_of_reach"):
            await self._audit(user, "denied", asked)
        elif (
            scope["method"] not in SAFE
            and status < 400
            and not told
            and action_of(scope) not in CHANGING_NOTHING
        ):
            await self._audit(user, action_of(scope), asked)


def action_of(scope: Scope) -> str:
    """`calls.transfer` of POST /api/v1/calls/{call}/transfer: the part of the API, and the name of what it does."""
    part = scope["path"].removeprefix("/api/v1/").partition("/")[0]
    route: Any = scope.get("route")
    return f"{part}.{getattr(route, 'name', scope['method'].lower())}"


def check_size(scope: Scope, most: int) -> None:
    """Raises HTTPException for a body that is said to have more bytes."""
    said = Headers(scope=scope).get("content-length", "0")
    if said.isdecimal() and int(said[:20]) > most:
        raise HTTPException(413)


def counted(receive: Receive, most: int) -> Receive:
    """Raises HTTPException, while the body is read, when it has more bytes, whatever was said of it."""
    taken = 0

    async def counting() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413)
        return message

    return counting


def too_large(request: Request, _problem: Exception) -> JSONResponse:
    """The answer to a body with too many bytes."""
    most = LARGER_BODIES.get(request.url.path, LARGEST_BODY) // (1024 * 1024)
    return JSONResponse({"error": f"That is too large: send at most {most} MB.", "kind": "TooLarge"}, 413)


def same_host(origin: str, host: str | None) -> bool:
    """What cannot be read is another one."""
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False


def check_origin(scope: Scope) -> None:
    """Raises OtherSite, or Refused for what is not JSON.

    Browsers say where an unsafe request comes from, and pages cannot change what they say. A program with an API token is
    not let in by a cookie, so it need not say it; a password for the proxy in front (Basic) comes along with any page.
    """
    if scope["method"] in SAFE or not scope["path"].startswith("/api/"):
        return
    headers = Headers(scope=scope)
    if headers.get("authorization", "").partition(" ")[0].lower() != "bearer":
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site not in (None, "same-origin", "none"):
            raise errors.OtherSite
        if origin is not None and not same_host(origin, headers.get("host")):
            raise errors.OtherSite
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in FORMS:
        raise errors.Refused("send JSON, with `Content-Type: application/json`.")
