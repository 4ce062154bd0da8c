"""Signing in."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Cookie, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from cti.domain.access import Permission, Role, User
from cti.domain.errors import CtiError, NotSignedIn
from cti.domain.signing_in import Caller, Entrance
from cti.service.front_door import TICKET_SECONDS, FrontDoor
from cti.service.single_sign_on import LEFT_SECONDS, SingleSignOn

COOKIE = "cti_session"
STATE_COOKIE = "cti_signing_in"
BROWSER_CHARACTERS = 300


class Credentials(BaseModel):
    """`code`: of the authenticator app, or a recovery code; asked for with the error `CodeNeeded`."""

    login: str = Field(max_length=200)
    password: str = Field(max_length=1000)
    code: str = Field(default="", max_length=40)


class UserView(BaseModel):
    id: str
    login: str
    name: str
    role: Role
    agent: str | None
    language: str
    teams: list[str]
    permissions: list[Permission]


class PhoneView(BaseModel):
    """How a browser reaches the switch as this agent's telephone."""

    websocket_url: str
    sip_uri: str
    password: str
    display_name: str


class SessionView(BaseModel):
    user: UserView
    phone: PhoneView | None


class WaysView(BaseModel):
    """How people may sign in. `provider` is what stands on the button; null: with a password alone."""

    provider: str | None


class TicketView(BaseModel):
    """For `/api/v1/stream?ticket=`; good once, within `seconds`."""

    ticket: str
    seconds: float


class Phones(NamedTuple):
    """Where browser phones reach the switch; an empty URL: nowhere."""

    websocket_url: str
    sip_domain: str


class Cookies(NamedTuple):
    """`secure`: over TLS alone."""

    secure: bool


def user_view(user: User) -> UserView:
    told = {name: getattr(user, name) for name in ("id", "login", "name", "role", "agent", "language")}
    return UserView(**told, teams=sorted(user.teams), permissions=sorted(user.permissions))


def view(user: User, phone: dict[str, str] | None, phones: Phones) -> SessionView:
    softphone = None
    if phone is not None and phones.websocket_url:
        softphone = PhoneView(
            websocket_url=phones.websocket_url,
            sip_uri=f"sip:{phone['sip_user']}@{phones.sip_domain}",
            password=phone["password"],
            display_name=user.name,
        )
    return SessionView(user=user_view(user), phone=softphone)


def caller_of(request: Request) -> Caller:
    address = request.client.host if request.client else ""
    return Caller(address, request.headers.get("user-agent", "")[:BROWSER_CHARACTERS])


def routes(
    door: FrontDoor,
    signed_in: Any,
    entered: Any,
    signing_in: Callable[..., Any],
    phones: Phones,
    sign_on: SingleSignOn | None,
    provider: str,
    cookies: Cookies,
) -> APIRouter:
    """`signed_in` and `entered` are the dependencies that yield a request's User and Entrance; `signing_in` slows guessing."""
    router = APIRouter(prefix="/session", tags=["session"])

    def let_in(response: Response, token: str) -> None:
        response.set_cookie(
            COOKIE,
            token,
            httponly=True,
            samesite="strict",
            secure=cookies.secure,
            path="/",
        )

    @router.post("", dependencies=[Depends(signing_in)])
    async def sign_in(credentials: Credentials, request: Request, response: Response) -> SessionView:
        user, token = await door.sign_in(
            credentials.login, credentials.password, credentials.code.strip(), caller_of(request)
        )
        request.state.user = user  # who is written down
        let_in(response, token)
        return view(user, await door.phone(user), phones)

    @router.get("")
    async def who(user: Annotated[User, Depends(signed_in)]) -> SessionView:
        return view(user, await door.phone(user), phones)

    @router.delete("", status_code=204)
    async def sign_out(
        request: Request, response: Response, cti_session: Annotated[str | None, Cookie()] = None
    ) -> None:
        request.state.user = await door.sign_out(cti_session)
        response.delete_cookie(COOKIE, path="/")

    @router.post("/ticket")
    async def ticket(entrance: Annotated[Entrance, Depends(entered)]) -> TicketView:
        return TicketView(ticket=door.ticket(entrance), seconds=TICKET_SECONDS)

    @router.get("/ways")
    async def ways() -> WaysView:
        return WaysView(provider=provider if sign_on is not None else None)

    if sign_on is not None:
        _provider(router, sign_on, signing_in, let_in, cookies)
    return router


def _provider(
    router: APIRouter,
    sign_on: SingleSignOn,
    signing_in: Callable[..., Any],
    let_in: Callable[[Response, str], None],
    cookies: Cookies,
) -> None:
    """There and back by the browser itself, so refusals lead to the sign-in page, which says them."""
    limited = [Depends(signing_in)]

    @router.get("/provider", dependencies=limited, include_in_schema=False)
    async def leave() -> Response:
        try:
            leaving = await sign_on.leave()
        except CtiError as problem:
            return _refused(problem)
        response = RedirectResponse(leaving.address, 303)
        response.set_cookie(
            STATE_COOKIE,
            leaving.state,
            max_age=int(LEFT_SECONDS),
            httponly=True,
            samesite="lax",  # it must come along when the other site sends the browser back
            secure=cookies.secure,
            path="/api/v1/session/provider",
        )
        return response

    @router.get("/provider/callback", dependencies=limited, include_in_schema=False)
    async def come_back(
        request: Request,
        state: Annotated[str, Query(max_length=200)] = "",
        code: Annotated[str, Query(max_length=4000)] = "",
        cti_signing_in: Annotated[str, Cookie()] = "",
    ) -> Response:
        try:
            if not code:
                raise NotSignedIn("The identity provider did not let you in.")
            _, token = await sign_on.come_back(state, cti_signing_in, code, caller_of(request))
        except CtiError as problem:
            return _refused(problem)
        response = RedirectResponse("/", 303)
        let_in(response, token)
        response.delete_cookie(STATE_COOKIE, path="/api/v1/session/provider")
        return response


def _refused(problem: CtiError) -> Response:
    return RedirectResponse(f"/?refused={type(problem).__name__}", 303)
