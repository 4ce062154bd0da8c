"""What supervisors do with waiting callers and with agents, and the notes they write, over HTTP."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel

from cti.domain.access import Audit, Guard, Permission, User
from cti.domain.identifiers import AgentId, CallId, QueueName
from cti.domain.notes import LONGEST_NOTE, LONGEST_REASON, Addressees, plain
from cti.service.note_desk import NoteDesk
from cti.service.shift_desk import ShiftDesk
from cti.service.supervision import SupervisionDesk
from cti.service.waiting_desk import WaitingDesk


def _plain(longest: int) -> AfterValidator:
    def check(text: str) -> str:
        found = plain(text, longest)
        if found is None:
            raise ValueError(f"write 1 to {longest} characters of plain text")
        return found

    return AfterValidator(check)


Reason = Annotated[str, _plain(LONGEST_REASON)]


class Why(BaseModel):
    reason: Reason


class Move(Why):
    queue: str


class Take(Why):
    agent: str | None = None


class NewNote(BaseModel):
    """To one agent, to those of a queue, of a team, of both, or, with none of them, to everybody who is logged on."""

    text: Annotated[str, _plain(LONGEST_NOTE)]
    agent: str | None = None
    queue: str | None = None
    team: str | None = None


class TeamsView(BaseModel):
    """Whose agents the user may write to."""

    items: list[str]
    total: int


class SentView(BaseModel):
    agents: int


class NoteView(BaseModel):
    id: str
    by: str
    text: str
    at: float


class NotesView(BaseModel):
    items: list[NoteView]
    total: int


def routes(
    waiting: WaitingDesk,
    supervision: SupervisionDesk,
    notes: NoteDesk,
    shift: ShiftDesk,
    guard: Guard,
    audit: Audit,
    teams: Callable[[User], list[str]],
) -> APIRouter:
    """`teams` are those whose agents a user reaches, by name."""
    router = APIRouter(tags=["supervision"])
    supervisor = Depends(guard(Permission.SUPERVISE))
    desk = Depends(guard(Permission.USE_DESK))

    @router.post("/waiting/{call}/first", status_code=204)
    async def first(call: str, wish: Why, user: Annotated[User, supervisor]) -> None:
        await waiting.put_first(user, CallId(call), wish.reason)

    @router.post("/waiting/{call}/move", status_code=204)
    async def move(call: str, wish: Move, user: Annotated[User, supervisor]) -> None:
        await waiting.move(user, CallId(call), QueueName(wish.queue), wish.reason)

    @router.post("/waiting/{call}/take", status_code=204)
    async def take(call: str, wish: Take, user: Annotated[User, supervisor]) -> None:
        whom = AgentId(wish.agent) if wish.agent else None
        await waiting.take(user, CallId(call), whom, wish.reason)

    @router.post("/agents/{agent}/force-logoff", status_code=204)
    async def force_logoff(agent: str, wish: Why, user: Annotated[User, supervisor]) -> None:
        supervision.must_reach(user, AgentId(agent))
        await audit(user, "agent.force_logoff", f"agent {agent}: {wish.reason}")
        await shift.force_off(AgentId(agent))

    @router.post("/notes", status_code=201)
    async def send(wish: NewNote, user: Annotated[User, supervisor]) -> SentView:
        agent = AgentId(wish.agent) if wish.agent else None
        queue = QueueName(wish.queue) if wish.queue else None
        to = Addressees(agent, queue, wish.team or None)
        return SentView(agents=await notes.send(user, wish.text, to))

    @router.get("/notes/teams")
    async def groups(user: Annotated[User, supervisor]) -> TeamsView:
        items = teams(user)
        return TeamsView(items=items, total=len(items))

    @router.get("/notes")
    async def unread(user: Annotated[User, desk]) -> NotesView:
        found = await notes.unread(user.agent) if user.agent else []
        items = [NoteView(id=note.id, by=note.by, text=note.text, at=note.at) for note in found]
        return NotesView(items=items, total=len(items))

    @router.post("/notes/{note}/read", status_code=204)
    async def read(note: str, user: Annotated[User, desk]) -> None:
        await notes.read(user.agent or AgentId(""), note)

    return router
