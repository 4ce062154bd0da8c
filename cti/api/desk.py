"""What an agent's desk shows beside the caller."""

from collections.abc import Sequence

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from cti.domain.access import Guard, Permission
from cti.domain.desk_links import DeskLink


class LinkName(BaseModel):
    en: str
    zh: str


class LinkView(BaseModel):
    """`url` holds places in braces, which the page fills in percent-encoded."""

    name: LinkName
    url: str


class LinksView(BaseModel):
    items: list[LinkView]
    total: int


def routes(links: Sequence[DeskLink], guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/desk", tags=["desk"], dependencies=[Depends(guard(Permission.USE_DESK))])

    @router.get("/links")
    async def of_the_card() -> LinksView:
        """The site's own buttons on the card of a caller (config/policies/desk.yaml)."""
        items = [LinkView(name=LinkName(en=link.en, zh=link.zh), url=link.url) for link in links]
        return LinksView(items=items, total=len(items))

    return router
