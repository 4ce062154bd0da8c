"""One's own account: password, second factor, sessions, API tokens. For people alone: a token changes none of it."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from cti.domain.access import Permission
from cti.domain.signing_in import Entrance, SessionLine, TokenLine, session_id
from cti.service.own_account import OwnAccount

MOST_DAYS = 3650


class SessionLineView(BaseModel):
    """`browser` is the User-Agent header as it came."""

    id: str
    opened_at: float
    seen_at: float
    ends_at: float
    address: str
    browser: str
    current: bool


class SessionsView(BaseModel):
    items: list[SessionLineView]
    total: int


class NewPassword(BaseModel):
    current: str = Field(max_length=1000)
    new: str = Field(max_length=1000)


class SecondFactorView(BaseModel):
    """`password`: whether one is kept here, which deeds ask for again."""

    on: bool
    password: bool


class NewSecondFactor(BaseModel):
    """`picture` is a QR code as a `data:` URI, `key` what to type where no camera is."""

    key: str
    uri: str
    picture: str


class Code(BaseModel):
    code: str = Field(min_length=1, max_length=40)
    password: str = Field(default="", max_length=1000)


class Password(BaseModel):
    password: str = Field(default="", max_length=1000)


class RecoveryCodes(BaseModel):
    """Shown this once; each signs in once in place of a code."""

    codes: list[str]


class TokenForm(BaseModel):
    name: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")
    scopes: list[Permission] = Field(min_length=1, max_length=50)
    days: int | None = Field(default=90, ge=1, le=MOST_DAYS, description="Until it expires; null: never.")
    password: str = Field(default="", max_length=1000, description="The owner's, where one is kept here.")


class TokenView(BaseModel):
    id: str
    name: str
    scopes: list[Permission]
    created_at: float
    expires_at: float | None
    used_at: float | None


class NewTokenView(TokenView):
    """`token` is shown this once: sent as `Authorization: Bearer …`."""

    token: str


class TokensView(BaseModel):
    items: list[TokenView]
    total: int


def sessions_view(lines: list[SessionLine], current: str = "") -> SessionsView:
    items = [SessionLineView(**line._asdict(), current=line.id == current) for line in lines]
    return SessionsView(items=items, total=len(items))


def tokens_view(lines: Sequence[TokenLine]) -> TokensView:
    items = [TokenView(**line._asdict()) for line in lines]
    return TokensView(items=items, total=len(items))


def routes(desk: OwnAccount, in_person: Any) -> APIRouter:
    """`in_person` is the dependency that yields the Entrance of somebody who signed in himself."""
    router = APIRouter(prefix="/account", tags=["account"])
    _secrets(router, desk, in_person)
    _entrances(router, desk, in_person)
    return router


def _secrets(router: APIRouter, desk: OwnAccount, in_person: Any) -> None:
    @router.post("/password", status_code=204)
    async def change_password(form: NewPassword, entrance: Annotated[Entrance, Depends(in_person)]) -> None:
        await desk.change_password(entrance, form.current, form.new)

    @router.get("/second-factor")
    async def second_factor(entrance: Annotated[Entrance, Depends(in_person)]) -> SecondFactorView:
        user = entrance.user
        return SecondFactorView(on=await desk.has_second_factor(user), password=await desk.has_password(user))

    @router.post("/second-factor")
    async def begin(entrance: Annotated[Entrance, Depends(in_person)]) -> NewSecondFactor:
        key, uri, picture = await desk.begin_second_factor(entrance.user)
        return NewSecondFactor(key=key, uri=uri, picture=picture)

    @router.post("/second-factor/confirm")
    async def confirm(form: Code, entrance: Annotated[Entrance, Depends(in_person)]) -> RecoveryCodes:
        return RecoveryCodes(codes=await desk.confirm_second_factor(entrance, form.code, form.password))

    @router.post("/second-factor/end", status_code=204)
    async def end(form: Password, entrance: Annotated[Entrance, Depends(in_person)]) -> None:
        await desk.end_second_factor(entrance, form.password)


def _entrances(router: APIRouter, desk: OwnAccount, in_person: Any) -> None:
    @router.get("/sessions")
    async def sessions(entrance: Annotated[Entrance, Depends(in_person)]) -> SessionsView:
        return sessions_view(list(await desk.sessions(entrance.user)), session_id(entrance.key))

    @router.delete("/sessions", status_code=204)
    async def end_others(entrance: Annotated[Entrance, Depends(in_person)]) -> None:
        """All but the one that asks."""
        await desk.end_other_sessions(entrance)

    @router.delete("/sessions/{session}", status_code=204)
    async def end_one(session: str, entrance: Annotated[Entrance, Depends(in_person)]) -> None:
        await desk.end_session(entrance.user, session)

    @router.get("/tokens")
    async def tokens(entrance: Annotated[Entrance, Depends(in_person)]) -> TokensView:
        return tokens_view(await desk.tokens(entrance.user))

    @router.post("/tokens", status_code=201)
    async def add_token(form: TokenForm, entrance: Annotated[Entrance, Depends(in_person)]) -> NewTokenView:
        line, token = await desk.add_token(entrance, form.name, form.scopes, form.days, form.password)
        return NewTokenView(**line._asdict(), token=token)

    @router.delete("/tokens/{token}", status_code=204)
    async def revoke_token(token: str, entrance: Annotated[Entrance, Depends(in_person)]) -> None:
        await desk.revoke_token(entrance.user, token)
