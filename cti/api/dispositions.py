"""How calls ended: what each queue asks for, what agents gave, and what they still owe."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from cti.domain.access import Guard, Permission, User, own_agent
from cti.domain.desk_states import LONGEST_NOTE, Code, DeskStates
from cti.domain.dispositions import Disposition
from cti.domain.identifiers import CallId, ChannelId, QueueName
from cti.service.disposition_desk import DispositionDesk

NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps none


class CodeWords(BaseModel):
    en: str
    zh: str


class CodeView(BaseModel):
    """With codes below it, it is a heading, and not chosen itself."""

    code: str
    name: CodeWords
    codes: list["CodeView"]


class EndingView(BaseModel):
    """What a queue asks for after a call."""

    queue: str
    required: bool
    note_required: bool
    codes: list[CodeView]


class EndingsView(BaseModel):
    items: list[EndingView]
    total: int


class DispositionView(BaseModel):
    """One version of how a conversation ended."""

    call: str
    channel: str
    version: int
    agent: str
    queue: str
    ended_at: float
    code: str
    note: str
    given_at: float
    given_by: str


class DispositionsView(BaseModel):
    items: list[DispositionView]
    total: int


class Given(BaseModel):
    """`version`: the one that was seen, 0 for none."""

    call: str = Field(max_length=200, pattern=NO_NUL)
    channel: str = Field(max_length=150, pattern=NO_NUL)
    code: str = Field(min_length=1, max_length=40, pattern=NO_NUL)
    note: str = Field(default="", max_length=LONGEST_NOTE, pattern=NO_NUL)
    version: int = Field(default=0, ge=0)


def _code(code: Code) -> CodeView:
    return CodeView(
        code=code.code, name=CodeWords(**code.name._asdict()), codes=[_code(one) for one in code.below]
    )


def _listed(found: Iterable[Disposition]) -> DispositionsView:
    items = [DispositionView(**one._asdict()) for one in found]
    return DispositionsView(items=items, total=len(items))


def routes(policy: DeskStates, desk: DispositionDesk, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/dispositions", tags=["dispositions"])
    anybody = guard(Permission.SEE_FLOOR)

    @router.get("/asked", dependencies=[Depends(anybody)])
    async def asked() -> EndingsView:
        """What each queue asks for after a call; the queue `default` stands for all that are not named."""
        every = {**policy.endings, QueueName("default"): policy.other_ending}
        items = [
            EndingView(
                queue=queue,
                required=one.required,
                note_required=one.note_required,
                codes=[_code(code) for code in one.codes],
            )
            for queue, one in every.items()
        ]
        return EndingsView(items=items, total=len(items))

    @router.put("")
    async def give(given: Given, user: Annotated[User, Depends(anybody)]) -> DispositionView:
        call, channel = CallId(given.call), ChannelId(given.channel)
        kept = await desk.give(user, call, channel, given.code, given.note, given.version)
        return DispositionView(**kept._asdict())

    @router.get("")
    async def of_call(
        call: Annotated[str, Query(max_length=200, pattern=NO_NUL)],
        user: Annotated[User, Depends(guard(Permission.SEE_CALLS))],
    ) -> DispositionsView:
        """All versions of a call's dispositions, the oldest first."""
        return _listed(await desk.of_call(user, CallId(call)))

    @router.get("/owed/{agent}")
    async def owed(agent: str, user: Annotated[User, Depends(anybody)]) -> DispositionsView:
        """Calls that still need a disposition, the last first."""
        return _listed(await desk.owed(own_agent(user, agent)))

    return router
