"""Calls, live and past."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from cti.domain.access import Guard, Permission, User, Visible, everybody
from cti.domain.counted import Each, Fate, Waited, Wanted
from cti.domain.errors import QuestionRefused, Unknown
from cti.domain.export import call_json
from cti.domain.identifiers import AgentId, CallId, QueueName, Tier
from cti.domain.records import CallRecord, Outcome
from cti.service.call_finder import CallFinder
from cti.service.several import CallMonitors


class CallLine(BaseModel):
    call_id: str
    started_at: float
    ended_at: float | None
    state: str
    direction: str
    caller_number: str | None
    caller_name: str | None
    customer: str | None
    tier: Tier | None
    queue: str | None
    outcome: str | None
    agent: str | None
    wait_seconds: float | None
    talk_seconds: float | None
    hold_seconds: float | None
    source: str = "live"  # ledger: we never heard it, the switch's ledger told
    version: int = 1  # one more with every correction


class CallsView(BaseModel):
    items: list[CallLine]
    total: int


class Search(BaseModel):
    """Filters of the list; `from` and `until` are seconds since 1970."""

    limit: int = Query(50, ge=1, le=500)
    offset: int = Query(0, ge=0)
    queue: str = ""
    agent: str = ""
    tier: Tier | Literal["unknown"] | None = None
    outcome: Outcome | None = None
    each: Each | None = Query(None, description="what a row stands for, in place of a call: as figures count")
    fate: Fate | None = Query(None, description="with each=visit: what became of it, as figures count it")
    waited: Waited | None = Query(None, description="with each=visit: within or beyond its target")
    disposition: str = Query("", max_length=40, pattern=r"^[^\x00]*$")
    since: float | None = Query(None, alias="from")
    until: float | None = None
    search: str = Query("", max_length=100)

    def check(self) -> None:
        """Raises QuestionRefused."""
        if self.each is not Each.VISIT and (self.fate or self.waited):
            raise QuestionRefused("`fate` and `waited` are of visits: add each=visit.")
        if self.each is not None and self.search:
            raise QuestionRefused("`search` looks for whole calls: leave out `each`.")
        if self.each is not None and self.disposition:
            raise QuestionRefused("`disposition` is of whole calls: leave out `each`.")

    def wanted(self) -> Wanted:
        queue, agent = (
            QueueName(self.queue) if self.queue else None,
            AgentId(self.agent) if self.agent else None,
        )
        return Wanted(queue, agent, self.tier, self.outcome, self.fate, self.waited)

    def terms(self) -> dict[str, str]:
        told = {
            "queue": self.queue,
            "agent": self.agent,
            "tier": self.tier,
            "outcome": self.outcome,
            "disposition": self.disposition,
            "from": self.since,
            "until": self.until,
            "search": self.search,
        }
        return {name: str(value) for name, value in told.items() if value not in (None, "")}


def unkept_line(record: CallRecord) -> CallLine:
    last = record.visits[-1] if record.visits else None
    return CallLine(
        call_id=record.call,
        started_at=record.started_at,
        ended_at=record.ended_at,
        state=record.state,
        direction=record.direction,
        caller_number=record.caller_number,
        caller_name=record.caller_name,
        customer=record.customer,
        tier=record.tier,
        queue=record.last_queue,
        outcome=last.outcome if last else None,
        agent=last.agent if last else None,
        wait_seconds=last.wait_seconds if last else None,
        talk_seconds=sum(segment.talk_seconds for segment in record.segments),
        hold_seconds=sum(segment.hold_seconds for segment in record.segments),
    )


def routes(
    monitor: CallMonitors, finder: CallFinder, guard: Guard, visible: Visible = everybody
) -> APIRouter:
    may_see = guard(Permission.SEE_CALLS)
    router = APIRouter(prefix="/calls", tags=["calls"], dependencies=[Depends(may_see)])

    @router.get("")
    async def calls(search: Annotated[Search, Query()], user: Annotated[User, Depends(may_see)]) -> CallsView:
        """Finished calls, newest first; on the first page of an unfiltered list the live ones stand above.

        With `each` a row is a visit, a conversation or a refusal, of live calls too: as many as the figures count,
        without `from` those of today. `started_at` is then when it joined, began or was refused.
        """
        search.check()
        if search.each is not None:
            counted = await finder.find(
                search.each,
                search.wanted(),
                search.since,
                search.until,
                search.limit,
                search.offset,
                visible(user),
            )
            return CallsView(items=[CallLine(**line) for line in counted.items], total=counted.total)
        found = await finder.newest(search.limit, search.offset, search.terms(), visible(user))
        kept = [
            CallLine(call_id=row["id"], state="cleared", **{k: row[k] for k in row if k != "id"})
            for row in found.kept
        ]
        return CallsView(items=[*map(unkept_line, found.unkept), *kept], total=found.total)

    @router.get("/{call}")
    async def call(call: str) -> dict[str, Any]:
        """The whole story of one call, in the shape `cti replay` prints."""
        live = monitor.record(CallId(call))
        story = call_json(live) if live is not None else await finder.story(CallId(call))
        if story is None:
            raise Unknown(f"call {call}")
        return dict(story)

    return router
