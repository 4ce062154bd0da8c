"""Finds calls, live and finished: a story, a page of the list, and the rows that stand behind a number of the floor.

A call that ended is in the store a moment later. In between its record is on its way, and no less a call.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, NamedTuple, Protocol

from cti.domain.access import is_seen
from cti.domain.counted import Each, Fate, Wanted
from cti.domain.errors import QuestionRefused
from cti.domain.export import call_json
from cti.domain.identifiers import AgentId, CallId, Tier
from cti.domain.intervals import DAY, midnight
from cti.domain.records import CallRecord, Direction, SegmentRecord, VisitRecord, agents_of
from cti.domain.targets import KpiPolicy
from cti.ports import CallPage, CallStore, Clock
from cti.service.kpi_desk import in_steps

LONGEST_SPAN = 31.0 * DAY + 3600.0
"""Seconds; a month with a clock that is put back. Each row of the span is read for one page of it."""


class Found(NamedTuple):
    """One row. `at`: when the visit joined, the conversation began, the call was refused."""

    at: float
    call: CallId
    row: Mapping[str, Any]


class CallsFound(NamedTuple):
    """A part of the list: calls the store has not (yet), and kept ones below them. `total`: of all."""

    unkept: Sequence[CallRecord]
    kept: Sequence[Mapping[str, Any]]
    total: int


class LiveCalls(Protocol):
    """Calls as they stand. A record is made when it is asked for, and ten thousand take a fifth of a second."""

    def started(self) -> dict[CallId, float]:
        """When each began."""
        ...

    def record(self, call: CallId) -> CallRecord | None: ...


class CallFinder:
    """Where the store and the live calls both know a call, the live one speaks."""

    def __init__(
        self,
        calls: CallStore,
        live: LiveCalls,
        unwritten: Callable[[], Sequence[CallRecord]],
        policy: KpiPolicy,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._calls, self._live, self._unwritten, self._policy = calls, live, unwritten, policy
        self._clock, self._zone = clock, zone

    async def story(self, call: CallId) -> Mapping[str, Any] | None:
        """Of a call that is over, in the shape `cti replay` prints; None when nobody knows it."""
        on_its_way = next((record for record in self._unwritten() if record.call == call), None)
        kept = await self._calls.call(call)
        return call_json(on_its_way) if kept is None and on_its_way is not None else kept

    async def newest(
        self, limit: int, offset: int, terms: Mapping[str, str], seen: frozenset[AgentId] | None = None
    ) -> CallsFound:
        """Whole calls; only where nothing is searched for, those that last stand above the kept ones. `seen` as below."""
        started: dict[CallId, float] = {}
        written: Mapping[CallId, CallRecord] = {}
        if not terms and seen is None:
            written = {record.call: record for record in self._unwritten()}
            started = {call: record.started_at for call, record in written.items()} | self._live.started()
        elif not terms:
            written = await self._unkept()
            started = {call: one.started_at for call, one in written.items() if is_seen(agents_of(one), seen)}
        newest = sorted(started, key=lambda call: -started[call])
        shown = [
            one
            for call in newest[offset : offset + limit]
            if (one := self._live.record(call) or written.get(call)) is not None
        ]
        ended = [call for call in newest if (one := written.get(call)) and one.ended_at is not None]
        # A call may end, and be kept, while the store is asked.
        not_again = {*ended, *(one.call for one in shown)}
        below = max(0, offset - len(newest))
        page = await self._calls.calls(limit - len(shown), below, terms, seen, sorted(not_again))
        return CallsFound(shown, page.items, page.total + len(newest))

    async def _unkept(self) -> dict[CallId, CallRecord]:
        found: dict[CallId, CallRecord] = {}

        def take(call: CallId) -> None:
            if (record := self._live.record(call)) is not None:
                found[call] = record

        await in_steps(list(self._live.started()), take)
        for record in self._unwritten():  # now, for some have ended meanwhile
            found.setdefault(record.call, record)
        return found

    async def find(
        self,
        each: Each,
        wanted: Wanted,
        start: float | None,
        end: float | None,
        limit: int,
        offset: int,
        seen: frozenset[AgentId] | None = None,
    ) -> CallPage:
        """Rows of [start, end), newest first; without a start those of today, and who waits now whenever they came.

        `seen`: of these agents, and of nobody; None: all. Raises QuestionRefused.
        """
        now = self._clock.now()
        waiting = wanted.fate is Fate.WAITING
        if start is None:
            start = 0.0 if waiting else midnight(now, self._zone)
        end = now + DAY if end is None else end
        if not waiting and min(end, now) - start > LONGEST_SPAN:
            raise QuestionRefused("`each` counts 31 days at most: ask for a shorter time.")
        live = await self._unkept()
        found: list[Found] = []

        def take(row: Found) -> None:
            agent = row.row["agent"]
            if start <= row.at < end and is_seen([agent] if agent else [], seen):
                found.append(row)

        await in_steps(self._of_live(each, wanted, live.values(), now), take)
        if not waiting:
            kept = await self._kept(each, wanted, start, end, now)
            await in_steps((row for row in kept if row.call not in live), take)
        found.sort(key=lambda row: (-row.at, row.call))
        page = found[offset : offset + limit]
        known = await self._calls.lines({row.call for row in page} - live.keys())
        return CallPage([_line(row, live.get(row.call), known.get(row.call, {})) for row in page], len(found))

    def _of_live(
        self, each: Each, wanted: Wanted, records: Iterable[CallRecord], now: float
    ) -> Iterable[Found]:
        for record in records:
            if each is Each.VISIT:
                yield from self._visits(record.visits, wanted, now)
            elif each is Each.SEGMENT:
                yield from _segments(record.segments, wanted)
            else:
                yield from (
                    _blocked(one.at, record.call, one.queue, record.tier)
                    for one in record.blocked
                    if wanted.place(one.queue, record.tier)
                )

    async def _kept(
        self, each: Each, wanted: Wanted, start: float, end: float, now: float
    ) -> Iterable[Found]:
        if each is Each.VISIT:
            return self._visits(await self._calls.visits(start, end), wanted, now)
        if each is Each.SEGMENT:
            return _segments(await self._calls.segments(start, end), wanted)
        refused = await self._calls.refused(start, end)
        return [_blocked(*one) for one in refused if wanted.place(one.queue, one.tier)]

    def _visits(self, visits: Iterable[VisitRecord], wanted: Wanted, now: float) -> Iterable[Found]:
        for visit in visits:
            if wanted.visit(visit, self._policy, now):
                yield Found(
                    visit.joined_at,
                    visit.call,
                    {
                        "queue": visit.queue,
                        "tier": visit.tier,
                        "outcome": visit.outcome,
                        "agent": visit.agent,
                        "wait_seconds": visit.wait_seconds
                        if visit.outcome is not None
                        else now - visit.joined_at,
                        "talk_seconds": visit.talk_seconds,
                        "hold_seconds": visit.hold_seconds,
                        "ended_at": visit.ended_at,
                    },
                )


def _segments(segments: Iterable[SegmentRecord], wanted: Wanted) -> Iterable[Found]:
    for segment in segments:
        if wanted.segment(segment):
            yield Found(
                segment.began_at,
                segment.call,
                {
                    "queue": segment.queue,
                    "tier": segment.tier,
                    "outcome": None,
                    "agent": segment.agent,
                    "wait_seconds": None,
                    "talk_seconds": segment.talk_seconds,
                    "hold_seconds": segment.hold_seconds,
                    "ended_at": segment.ended_at,
                },
            )


def _blocked(at: float, call: CallId, queue: str | None, tier: Tier | None) -> Found:
    nothing = dict.fromkeys(("agent", "wait_seconds", "talk_seconds", "hold_seconds"))
    return Found(at, call, {"queue": queue, "tier": tier, "outcome": "blocked", "ended_at": at, **nothing})


def _line(found: Found, live: CallRecord | None, kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row, with who called from the call itself."""
    whose = kept
    if live is not None:
        names = ("direction", "caller_number", "caller_name", "customer")
        whose = {name: getattr(live, name) for name in names}
    return {
        "call_id": found.call,
        "started_at": found.at,
        "state": "cleared" if live is None else live.state,
        "direction": whose.get("direction", Direction.INBOUND),
        "caller_number": whose.get("caller_number"),
        "caller_name": whose.get("caller_name"),
        "customer": whose.get("customer"),
        "source": whose.get("source", "live"),
        "version": whose.get("version", 1),
        **found.row,
    }
