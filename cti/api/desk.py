"""What an agent's desk shows beside the caller."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from cti.domain.access import Guard, Permission
from cti.domain.agents import AgentState
from cti.domain.desk_links import DeskLink
from cti.domain.identifiers import AgentId
from cti.service.control_desk import ControlDesk


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


class ColleagueView(BaseModel):
    """`extension` is what is dialled; None where this switch cannot ring the telephone."""

    agent: str
    name: str
    extension: str | None
    state: AgentState


class DirectoryView(BaseModel):
    items: list[ColleagueView]
    total: int
    queue_numbers: list[str]


def routes(
    links: Callable[[], Sequence[DeskLink]],
    control: ControlDesk,
    name_of: Callable[[AgentId], str],
    guard: Guard,
) -> APIRouter:
    router = APIRouter(prefix="/desk", tags=["desk"], dependencies=[Depends(guard(Permission.USE_DESK))])

    @router.get("/links")
    async def of_the_card() -> LinksView:
        """The site's own buttons on the card of a caller (config/policies/desk.yaml)."""
        items = [LinkView(name=LinkName(en=link.en, zh=link.zh), url=link.url) for link in links()]
        return LinksView(items=items, total=len(items))

    @router.get("/directory")
    async def directory() -> DirectoryView:
        """Whom a call can go to: every agent of the house, of whatever team, and the numbers of queues."""
        found = [
            ColleagueView(agent=one.id, name=name_of(one.id), extension=extension, state=one.state)
            for one, extension in control.telephones()
        ]
        return DirectoryView(items=found, total=len(found), queue_numbers=list(control.queue_numbers))

    return router
