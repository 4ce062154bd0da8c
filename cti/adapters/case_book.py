"""Our kept calls beside the ledger's visits, in SQL: what is due, what may be meant, what it came to."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cti.adapters.call_tables import CALLS, SEGMENTS, VISITS
from cti.adapters.case_rows import difference_row, extra_id, extra_row, judged_row, visit_id
from cti.adapters.database import Transactions, reading, upsert
from cti.adapters.kept_calls import records, rewrite, visit_record
from cti.adapters.ledger_store import entry_of
from cti.adapters.ledger_tables import CALL_VERSIONS, LEDGER_DIFFERENCES, LEDGER_VISITS
from cti.domain.casework import Finding
from cti.domain.causes import Cause
from cti.domain.corrections import homes
from cti.domain.identifiers import CallId, ChannelId, PbxName
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.matching import JOINED_AFTER, JOINED_BEFORE
from cti.domain.reconciliation import (
    Difference,
    DifferenceState,
    DriftKind,
)
from cti.domain.records import CallRecord, VisitRecord
from cti.ports import Meant, NamedLegs, ReconciliationNumbers

LONGEST_VISIT = 86_400.0
"""How far back, in seconds, a visit may have joined that is looked for in a stretch of time."""
UNEXPLAINED = DifferenceState.UNEXPLAINED.value

L, D = LEDGER_VISITS.c, LEDGER_DIFFERENCES.c

# asked for in every round, so they are put together once
_OPEN = D.pbx == bindparam("pbx"), D.state == UNEXPLAINED
_DRIFT = select(D.kind, func.count()).where(*_OPEN).group_by(D.kind)
_WAITING = select(func.min(L.settled_at)).where(L.pbx == bindparam("pbx"), L.state == "waiting")
_DRIFTING = select(func.min(func.coalesce(D.ended_at, D.joined_at))).where(*_OPEN)


def _numbers(of: Mapping[str, PbxName], connection: Connection) -> ReconciliationNumbers:
    drift = {kind: int(count) for kind, count in connection.execute(_DRIFT, of)}
    return ReconciliationNumbers(drift, connection.scalar(_WAITING, of), connection.scalar(_DRIFTING, of))


def _legs(query: Select[Any], connection: Connection) -> NamedLegs:
    named: set[ChannelId] = set()
    unjudged: set[ChannelId] = set()
    for text, our_call in connection.execute(query).all():
        entry = entry_of(text)
        legs = {*entry.callids, *filter(None, (entry.agent_channel,))}
        named |= legs
        if our_call is None:
            unjudged |= legs
    return NamedLegs(frozenset(named), frozenset(unjudged))


class SqlCaseBook:
    """One switch's."""

    def __init__(self, engine: AsyncEngine, pbx: PbxName) -> None:
        self._engine, self._read, self._pbx = engine, reading(engine), pbx
        self._transactions = Transactions(engine)

    async def due(
        self, settled_before: float, now: float, limit: int, span: tuple[float, float] | None = None
    ) -> Sequence[LedgerEntry]:
        wanted = [L.pbx == self._pbx, L.settled_at <= settled_before, L.retry_at <= now]
        if span is not None:
            wanted += [L.joined_at >= span[0], L.joined_at < span[1]]
        found: list[LedgerEntry] = []
        async with self._read.connect() as connection:
            for state in ("waiting", "live"):
                query = select(L.entry).where(*wanted, L.state == state).order_by(L.settled_at).limit(limit)
                found += [entry_of(text) for text in (await connection.execute(query)).scalars()]
        return found[:limit]

    async def calls_for(self, entries: Sequence[LedgerEntry]) -> Meant:
        callids = {callid for entry in entries for callid in entry.callids}
        wanted: set[CallId] = {home for entry in entries for home in homes(entry)}
        mine = VISITS.c.pbx == self._pbx
        async with self._read.connect() as connection:
            for condition in (VISITS.c.uniqueid.in_(callids), or_(*_windows(entries))):
                found = await connection.execute(select(VISITS.c.call).distinct().where(mine, condition))
                wanted.update(CallId(call) for call in found.scalars())
            legs = {entry.agent_channel for entry in entries if entry.agent_channel is not None}
            talked = select(SEGMENTS.c.call).where(SEGMENTS.c.pbx == self._pbx, SEGMENTS.c.channel.in_(legs))
            wanted.update(CallId(call) for call in (await connection.execute(talked)).scalars())
            calls = await records(connection, wanted)
            keys = {entry.key for entry in entries}
            linked = await connection.execute(
                select(
                    L.uniqueid, L.joined_second, L.nth_in_second, L.our_call, L.our_number, L.our_version
                ).where(L.our_call.in_(list(calls)))
            )
            taken: set[tuple[CallId, int]] = set()
            stale: set[CallId] = set()
            for row in linked:
                if (row.uniqueid, row.joined_second, row.nth_in_second) in keys:
                    if row.our_version is not None and row.our_number is None:
                        stale.add(CallId(row.our_call))
                elif row.our_number is not None:
                    taken.add((CallId(row.our_call), int(row.our_number)))
            ours = {visit.uniqueid for call in calls.values() for visit in call.visits}
            known = await connection.execute(
                select(L.uniqueid).distinct().where(L.pbx == self._pbx, L.uniqueid.in_(ours))
            )
            known_ids = set(known.scalars()) | {entry.uniqueid for entry in entries}
            joined = await connection.execute(
                select(L.uniqueid, L.queue, L.joined_at).where(L.pbx == self._pbx, L.uniqueid.in_(callids))
            )
            stays: dict[tuple[str, str], set[float]] = {}
            for uniqueid, queue, joined_at in joined.all():
                stays.setdefault((uniqueid, queue.casefold()), set()).add(joined_at)
        return Meant(calls, taken, known_ids, stale, stays)

    async def legs(self, since: float, until: float) -> NamedLegs:
        query = select(L.entry, L.our_call).where(L.pbx == self._pbx, L.joined_at.between(since, until))
        return await self._transactions.read(partial(_legs, query))

    async def strangers(
        self, since: float, until: float, limit: int
    ) -> tuple[dict[CallId, CallRecord], Sequence[VisitRecord]]:
        linked = and_(L.our_call == VISITS.c.call, L.our_number == VISITS.c.number_in_call)
        other, sibling = LEDGER_VISITS.alias(), VISITS.alias()
        # While the ledger's word on any visit of a call is to be compared, it may be the word on this one: in a transfer
        # a caller takes the place of another leg in line, and the ledger goes on under that leg's id.
        not_judged_yet = exists().where(
            sibling.c.call == VISITS.c.call,
            other.c.pbx == sibling.c.pbx,
            other.c.uniqueid == sibling.c.uniqueid,
            other.c.our_call.is_(None),
        )
        query = (
            select(VISITS)
            .join(CALLS, CALLS.c.id == VISITS.c.call)
            .outerjoin(LEDGER_VISITS, linked)
            .where(
                VISITS.c.pbx == self._pbx,
                CALLS.c.ended_at >= since,
                CALLS.c.ended_at < until,
                L.uniqueid.is_(None),
                ~not_judged_yet,
            )
            .order_by(CALLS.c.ended_at)
            .limit(limit)
        )
        async with self._read.connect() as connection:
            visits = [visit_record(row) for row in (await connection.execute(query)).mappings()]
            known = await self._known_extras(connection, visits)
            fresh = [visit for visit in visits if extra_id(visit) not in known]
            return await records(connection, {visit.call for visit in fresh}), fresh

    async def unqueued(
        self, since: float, until: float, limit: int, after: CallId
    ) -> dict[CallId, CallRecord]:
        query = (
            select(SEGMENTS.c.call)
            .distinct()
            .where(
                SEGMENTS.c.pbx == self._pbx,
                SEGMENTS.c.call > after,
                SEGMENTS.c.began_at >= since - LONGEST_VISIT,
                SEGMENTS.c.began_at <= until,
                SEGMENTS.c.ended_at >= since,
                ~exists().where(VISITS.c.call == SEGMENTS.c.call),
            )
            .order_by(SEGMENTS.c.call)
            .limit(limit)
        )
        async with self._read.connect() as connection:
            found = (await connection.execute(query)).scalars().all()
            return await records(connection, [CallId(call) for call in found])

    @staticmethod
    async def _known_extras(connection: AsyncConnection, visits: Sequence[VisitRecord]) -> set[str]:
        ids = [extra_id(visit) for visit in visits]
        query = select(D.id).where(D.id.in_(ids), D.state == UNEXPLAINED)
        return set((await connection.execute(query)).scalars())

    async def keep(
        self,
        at: float,
        findings: Sequence[Finding],
        extras: Sequence[tuple[VisitRecord, Difference]],
        corrected: Sequence[tuple[CallRecord, Cause]],
        retry_at: float,
    ) -> bool:
        async with self._engine.begin() as connection:
            if not await self._still_due(connection, findings):
                return False
            versions = await rewrite(connection, at, corrected)
            judged = [judged_row(at, finding, versions, retry_at) for finding in findings]
            await upsert(connection, LEDGER_VISITS, judged)
            await self._resolve(connection, findings)
            rows = [
                difference_row(at, finding.entry, finding.call, one)
                for finding in findings
                for one in finding.differences
                if one.cause is not Cause.BEFORE_US
            ]
            rows += [extra_row(at, visit, difference) for visit, difference in extras]
            await upsert(connection, LEDGER_DIFFERENCES, rows)
        return True

    async def _still_due(self, connection: AsyncConnection, findings: Sequence[Finding]) -> bool:
        """Nobody else has judged one of them since they were read; on PostgreSQL the rows are ours until the end."""
        if not findings:
            return True
        keys = {finding.entry.key for finding in findings}
        query = (
            select(L.uniqueid, L.joined_second, L.nth_in_second, L.state)
            .where(L.pbx == self._pbx, L.uniqueid.in_({key[0] for key in keys}))
            .order_by(L.uniqueid, L.joined_second, L.nth_in_second)
            .with_for_update()
        )
        states = {tuple(row[:3]): row.state for row in await connection.execute(query)}
        return all(states.get(key) in {"waiting", "live"} for key in keys)

    async def _resolve(self, connection: AsyncConnection, findings: Sequence[Finding]) -> None:
        """What was unexplained about these visits before, and is no difference any more."""
        gone: list[str] = []
        for finding in findings:
            kinds = {one.kind for one in finding.differences}
            gone += [f"{visit_id(finding.entry)}:{kind.value}" for kind in DriftKind if kind not in kinds]
            if finding.call is not None:
                gone.append(f"{self._pbx}:{finding.call}:{finding.number_in_call}:extra")
        if gone:
            await connection.execute(
                update(LEDGER_DIFFERENCES)
                .where(D.id.in_(gone), D.state == UNEXPLAINED)
                .values(state=DifferenceState.RESOLVED.value)
            )

    async def overwritten(self, since: float) -> int:
        """A live record came after the repair and knows nothing of it: its version began anew."""
        async with self._engine.begin() as connection:
            stale = (
                select(L.our_call)
                .join(CALLS, CALLS.c.id == L.our_call)
                .where(
                    L.pbx == self._pbx,
                    L.settled_at >= since,
                    L.state == "repaired",
                    CALLS.c.version < L.our_version,
                )
            )
            calls = set((await connection.execute(stale)).scalars())
            if not calls:
                return 0
            done = await connection.execute(
                update(LEDGER_VISITS)
                .where(L.our_call.in_(calls))
                .values(state="waiting", retry_at=0.0, our_number=None)
            )
            return int(done.rowcount)

    async def untold(self, limit: int) -> Sequence[tuple[int, CallId, CallRecord, Cause, float]]:
        versions = CALL_VERSIONS.c
        query = (
            select(versions.call, versions.version, versions.cause, versions.at)
            .where(versions.pbx == self._pbx, versions.told == 0)
            .order_by(versions.at)
            .limit(limit)
        )
        async with self._read.connect() as connection:
            rows = (await connection.execute(query)).all()
            found = await records(connection, {CallId(row.call) for row in rows})
        return [
            (row.version, CallId(row.call), found[CallId(row.call)], Cause(row.cause), row.at)
            for row in rows
            if row.call in found
        ]

    async def told(self, corrections: Sequence[tuple[CallId, int]]) -> None:
        versions = CALL_VERSIONS.c
        async with self._engine.begin() as connection:
            for call, version in corrections:
                await connection.execute(
                    update(CALL_VERSIONS)
                    .where(versions.call == call, versions.version == version)
                    .values(told=1)
                )

    async def numbers(self) -> ReconciliationNumbers:
        return await self._transactions.read(partial(_numbers, {"pbx": self._pbx}))

    async def around(self, since: float, until: float) -> Mapping[str, int]:
        looked_at = and_(L.state == "waiting", L.retry_at > 0)  # … and found missing in a call that lasts
        state = case((looked_at, "live"), else_=L.state)
        query = (
            select(state, func.count())
            .where(
                L.pbx == self._pbx,
                L.joined_at <= until,
                L.joined_at >= since - LONGEST_VISIT,
                or_(L.settled_at.is_(None), L.settled_at >= since),
            )
            .group_by(state)
        )
        async with self._read.connect() as connection:
            found = {state: int(count) for state, count in (await connection.execute(query)).all()}
            extras = select(func.count()).where(
                D.pbx == self._pbx,
                D.kind == DriftKind.EXTRA.value,
                D.state == UNEXPLAINED,
                D.joined_at <= until,
                D.joined_at >= since - LONGEST_VISIT,
                or_(D.ended_at.is_(None), D.ended_at >= since),
            )
            found["extra"] = int((await connection.execute(extras)).scalar_one())
        return found


def _windows(entries: Sequence[LedgerEntry]) -> list[ColumnElement[bool]]:
    """When visits of ours may have joined that these entries tell of; near ones share a window."""
    spans: list[list[float]] = []
    for at in sorted({entry.joined_at for entry in entries}):
        since, until = at - JOINED_BEFORE - 1.0, at + JOINED_AFTER + 1.0
        if spans and since <= spans[-1][1]:
            spans[-1][1] = until
        else:
            spans.append([since, until])
    return [VISITS.c.joined_at.between(since, until) for since, until in spans]
