"""Webhooks: receivers of changes, what they are behind by, and telling them again."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from cti.domain.access import Guard, Permission, User
from cti.domain.webhooks import Webhook
from cti.service.webhook_desk import WebhookDesk

Audit = Callable[[User, str, str], Awaitable[None]]


class WebhookForm(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    url: str = Field(min_length=8, max_length=500)
    events: list[str] = Field(default_factory=list, max_length=50, description="Names of events; none: all.")


class WebhookView(BaseModel):
    id: str
    name: str
    url: str
    events: list[str]
    active: bool
    behind: int
    problem: str


class NewWebhookView(WebhookView):
    """`secret` is shown this once: with it receivers check the `Tierline-Signature` header."""

    secret: str


class WebhooksView(BaseModel):
    items: list[WebhookView]
    total: int


class PutAsideView(BaseModel):
    sequence: int
    at: float
    attempts: int
    problem: str
    change: str


class PutAsidesView(BaseModel):
    items: list[PutAsideView]
    total: int


class Replay(BaseModel):
    after: int = Field(ge=0, description="Everything behind this sequence number is told again.")


def routes(desk: WebhookDesk, guard: Guard, audit: Audit) -> APIRouter:
    may_see = Depends(guard(Permission.SEE_OPERATIONS))
    administrator = Depends(guard(Permission.ADMINISTER))
    router = APIRouter(prefix="/webhooks", tags=["webhooks"])

    async def view(webhook: Webhook) -> dict[str, Any]:
        return {
            "id": webhook.id,
            "name": webhook.name,
            "url": webhook.url,
            "events": sorted(webhook.events),
            "active": webhook.active,
            "behind": await desk.behind(webhook.id),
            "problem": desk.problems.get(webhook.id, ""),
        }

    @router.get("", dependencies=[may_see])
    async def webhooks() -> WebhooksView:
        items = [WebhookView(**await view(webhook)) for webhook in await desk.all()]
        return WebhooksView(items=items, total=len(items))

    @router.post("", status_code=201)
    async def add(form: WebhookForm, user: Annotated[User, administrator]) -> NewWebhookView:
        webhook = await desk.add(form.name, form.url, form.events)
        await audit(user, "webhook.added", webhook.id)
        return NewWebhookView(**await view(webhook), secret=webhook.secret)

    @router.delete("/{webhook}", status_code=204)
    async def remove(webhook: str, user: Annotated[User, administrator]) -> None:
        await desk.remove(webhook)
        await audit(user, "webhook.removed", webhook)

    @router.post("/{webhook}/replay", status_code=204)
    async def replay(webhook: str, wish: Replay, user: Annotated[User, administrator]) -> None:
        await audit(user, "webhook.replayed", webhook)
        await desk.replay(webhook, wish.after)

    @router.get("/{webhook}/put-aside", dependencies=[may_see])
    async def put_aside(
        webhook: str,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> PutAsidesView:
        page = await desk.put_aside(webhook, limit, offset)
        items = [PutAsideView(**given._asdict()) for given in page.items]
        return PutAsidesView(items=items, total=page.total)

    return router
