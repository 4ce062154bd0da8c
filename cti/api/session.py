"""Signing in."""

from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, Response
from pydantic import BaseModel, Field

from cti.domain.access import GRANTS, Permission, Role, User
from cti.service.front_door import FrontDoor

COOKIE = "cti_session"


class Credentials(BaseModel):
    login: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class UserView(BaseModel):
    id: str
    login: str
    name: str
    role: Role
    agent: str | None
    language: str
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


def view(user: User, phone: dict[str, str] | None, websocket_url: str, sip_domain: str) -> SessionView:
    softphone = None
    if phone is not None and websocket_url:
        softphone = PhoneView(
            websocket_url=websocket_url,
            sip_uri=f"sip:{phone['sip_user']}@{sip_domain}",
            password=phone["password"],
            display_name=user.name,
        )
    described = UserView(**user._asdict(), permissions=sorted(GRANTS[user.role]))
    return SessionView(user=described, phone=softphone)


def routes(
    door: FrontDoor, signed_in: Any, websocket_url: str, sip_domain: str, *, secure_cookies: bool
) -> APIRouter:
    """`signed_in` is the dependency that yields the User of a request."""
    router = APIRouter(prefix="/session", tags=["session"])

    @router.post("")
    async def sign_in(credentials: Credentials, response: Response) -> SessionView:
        user, token = await door.sign_in(credentials.login, credentials.password)
        response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure_cookies, path="/")
        return view(user, await door.phone(user), websocket_url, sip_domain)

    @router.get("")
    async def who(user: Annotated[User, Depends(signed_in)]) -> SessionView:
        return view(user, await door.phone(user), websocket_url, sip_domain)

    @router.delete("", status_code=204)
    async def sign_out(response: Response, cti_session: Annotated[str | None, Cookie()] = None) -> None:
        await door.sign_out(cti_session)
        response.delete_cookie(COOKIE, path="/")

    return router
