"""Holds our records against the switch's ledger, all the time: repairs what was missed, and says what nobody can explain.

A round is bounded: some of the ledger is read, some settled visits are judged, some of our own that the ledger does not
know are looked for, gaps are closed where the evidence is there. Everything a round finds is written in one transaction,
so a crash between two steps repeats a step and never half of one.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from math import inf

from cti.domain.casework import Case, Finding, Span
from cti.domain.causes import Cause
from cti.domain.events import CallCorrected
from cti.domain.identifiers import CallId, PbxName
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.reconciliation import SECOND, DifferenceState, DriftKind
from cti.domain.records import CallRecord, Lasting, VisitRecord
from cti.domain.verification import Verification, verified
from cti.ports import CaseBook, Clock, Introduce, NamedLegs, Publish, ReconciliationNumbers, Witnesses
from cti.service.gap_keeper import GapKeeper
from cti.service.ledger_keeper import LedgerKeeper

log = logging.getLogger(__name__)

BATCH = 200
"""Visits judged in one transaction."""
ROUND = 1.0
"""Seconds between two rounds when there is nothing more to do."""
RETRY = 5.0
"""Seconds after which a visit is judged again whose call still lasts."""
LOOK_BACK, FIRST_LOOK_BACK = 3_600.0, 172_800.0
"""How far back calls of ours are looked through for visits the ledger does not know; further at the start."""
ASKED_BEFORE = 300.0
"""How long before a gap, in seconds, an agent may have asked another queue who is connected to it in the gap."""
FLUSH = 10.0
"""Seconds that records on their way to the store are waited for."""


class Reconciler:
    """One switch's. `ledger` None: there is none, and nothing is ever verified."""

    def __init__(
        self,
        pbx: PbxName,
        ledger: LedgerKeeper | None,
        book: CaseBook,
        gaps: GapKeeper,
        clock: Clock,
        publish: Publish,
        introduce: Introduce,
        *,
        live: Callable[[], Mapping[CallId, Lasting]] = dict,
        flush: Callable[[], Awaitable[None]] | None = None,
        witnesses: Witnesses | None = None,
        settle_seconds: float = 5.0,
    ) -> None:
        """`flush` returns when the records of calls that ended before it was asked are kept."""
        self.pbx, self.ledger, self._book, self.gaps = pbx, ledger, book, gaps
        self._clock, self._publish, self._introduce = clock, publish, introduce
        self._live, self._flush = live, flush
        self._witnesses, self.settle_seconds = witnesses, settle_seconds
        self._numbers = ReconciliationNumbers({}, None, None)
        self._looked_through: float | None = None  # our calls that ended before have no unknown strangers
        self._kept_until = 0.0  # records of calls that ended before are in the store
        self._lasted: Mapping[CallId, Lasting] = {}  # calls that lasted then: their records may be missing
        self._repaired: Counter[str] = Counter()
        self._published: set[tuple[CallId, int]] = set()  # corrections on their way to the outbox
        self.judged = 0
        self.began_at: float | None = (
            None  # since when we listen to this switch; the ledger's cursor says it otherwise
        )

    # what is known --------------------------------------------------------------------------------------------

    @property
    def read_until(self) -> float | None:
        return None if self.ledger is None else self.ledger.read_until

    def verification(self) -> Verification:
        """How far the numbers are proven, and since when a gap is open."""
        numbers = self._numbers
        return verified(
            self.pbx,
            has_ledger=self.ledger is not None,
            read_until=self.read_until,
            settle_seconds=self.settle_seconds,
            looked_through=self._looked_through,
            waiting_since=numbers.waiting_since,
            drifting_since=numbers.drifting_since,
            gap_since=self.gaps.open_since,
        )

    def drift(self) -> Mapping[tuple[str, str], int]:
        """(pbx, kind) → differences that nothing explains, every kind named."""
        told = {(str(self.pbx), kind.value): self._numbers.drift.get(kind.value, 0) for kind in DriftKind}
        told[str(self.pbx), DriftKind.UNEXPLAINED.value] = sum(self._numbers.drift.values())
        return told

    def repaired(self) -> Mapping[tuple[str, str], int]:
        """(pbx, cause) → differences repaired since the process began."""
        return {(str(self.pbx), cause): count for cause, count in self._repaired.items()}

    # what is done ---------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Round after round until cancelled; a failing one is logged and repeated."""
        pause = ROUND
        while True:
            more = False
            try:
                more = await self.round()
                pause = ROUND
            except Exception as problem:  # noqa: BLE001  whatever it is, the next round may do better
                log.warning("%s: a round of reconciliation failed: %s", self.pbx, type(problem).__name__)
                pause = min(pause * 2, 30.0)
            await asyncio.sleep(0.0 if more else pause)

    async def round(self) -> bool:
        """One bounded round; True when there is more to do at once."""
        await self.gaps.step()
        more = False
        if self.ledger is not None:
            more = await self.ledger.step()
            await self._settle_records()
            if not more or self.ledger.read_until is not None:
                more = await self._judge() or more
            if not more:
                more = await self._look_for_strangers()
            await self.close_gaps()
        await self._tell()
        self._numbers = await self._book.numbers()
        return more

    async def catch_up(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Read the ledger to its end and judge all that is settled there: for the command line."""
        if self.ledger is not None:
            while await self.ledger.step():
                progress(self.judged)
        await self.judge_all(progress)
        while self.ledger is not None and await self._look_for_strangers():
            pass
        self._numbers = await self._book.numbers()

    async def close_gaps(self) -> None:
        """Close what the evidence closes."""
        await self._measure_unheard()
        await self.gaps.close(self._book, self.read_until, self.settle_seconds)

    async def _measure_unheard(self) -> None:
        """Conversations of no queue that a gap touched: the ledger tells nothing of them, the switch's bridges may."""
        if self._witnesses is None or self.read_until is None:
            return
        for gap in self.gaps.behind:
            if gap.until is None or self.read_until < gap.until + self.settle_seconds:
                continue
            await self._witnesses.refresh()
            after = CallId("")
            while calls := await self._book.unqueued(gap.since, gap.until, BATCH, after):
                case = Case(calls, [(gap.since, gap.until)], 0.0, leg=self._witnesses.leg, missed=set(calls))
                case.measure()
                now = self._clock.now()
                await self._book.keep(now, (), (), case.corrected(now), now)
                after = max(calls)

    async def judge_all(
        self, progress: Callable[[int], None] = lambda _: None, span: tuple[float, float] | None = None
    ) -> None:
        """Judge every settled visit that was not judged yet; `span` of joining when only some are wanted."""
        self._kept_until = self._clock.now()
        while await self._judge(span):
            progress(self.judged)
        self._numbers = await self._book.numbers()

    async def _settle_records(self) -> None:
        """Records on their way to the store come first: what is not there yet must not look like missed."""
        asked_at = self._clock.now()
        due = await self._book.due(asked_at - self.settle_seconds, asked_at, 1)
        lasting = self._live() if due else {}
        if self._flush is not None:
            try:
                async with asyncio.timeout(FLUSH):
                    await self._flush()
            except TimeoutError:
                return
        self._kept_until, self._lasted = asked_at, lasting

    async def _judge(self, span: tuple[float, float] | None = None) -> bool:
        now = self._clock.now()
        await self._book.overwritten(now - LOOK_BACK)
        kept_until = self._kept_until
        entries = await self._book.due(kept_until - self.settle_seconds, kept_until, BATCH, span)
        if not entries:
            return False
        if self._witnesses is not None:
            await self._witnesses.refresh()
        meant = await self._book.calls_for(entries)
        numbers = sorted({entry.caller_number for entry in entries if entry.caller_number})
        gaps = await self._gaps_around(entries)
        case = Case(
            calls=meant.calls,
            gaps=gaps,
            began_at=self.began_at or (self.ledger.began_at if self.ledger else None) or now,
            live={**self._lasted, **self._just_ended(meant.calls), **self._live()},
            taken=meant.taken,
            known_ids=meant.known_ids,
            stays=meant.stays,
            named={*(await self._named(meant.calls.values(), gaps)).all},
            stale=meant.stale,
            callers=await self._introduce(numbers),
        )
        if self._witnesses is not None:
            case.seen, case.bridged = self._witnesses.seen, self._witnesses.bridged
            case.leg, case.in_bridge = self._witnesses.leg, self._witnesses.in_bridge
        await asyncio.to_thread(case.judge, entries)
        kept = await self._book.keep(now, case.findings, (), case.corrected(now), now + RETRY)
        if kept:
            self._count(case.findings)
        return len(entries) == BATCH and self._any_settled(case.findings)

    def _just_ended(self, calls: Mapping[CallId, CallRecord]) -> dict[CallId, Lasting]:
        """Calls whose last lines may still be on their way to the ledger."""
        since = self._kept_until - self.settle_seconds
        return {
            call.call: Lasting(call.visits, [segment.channel for segment in call.segments])
            for call in calls.values()
            if call.ended_at is not None and call.ended_at > since
        }

    async def _named(self, calls: Iterable[CallRecord], gaps: Sequence[Span]) -> NamedLegs:
        """Legs in the ledger of the time of these calls, where it is that of a gap.

        A visit that nobody heard of may speak of their legs under an id that no call of ours has: that of the leg by which
        an agent asked another queue.
        """
        times = [at for call in calls for at in (call.started_at, call.ended_at) if at is not None]
        if not times or not gaps:
            return NamedLegs()
        since = max(min(times) - SECOND, min(since for since, _ in gaps) - ASKED_BEFORE)
        heard_again = max(inf if until is None else until for _, until in gaps)
        return await self._book.legs(since, min(max(times), heard_again + SECOND))

    @staticmethod
    def _any_settled(findings: Sequence[Finding]) -> bool:
        return any(finding.call is not None for finding in findings)

    async def _gaps_around(self, entries: Sequence[LedgerEntry]) -> list[Span]:
        since = min(entry.joined_at for entry in entries) - self.settle_seconds
        until = max(entry.settled_at or entry.joined_at for entry in entries) + self.settle_seconds
        return [(gap.since, gap.until) for gap in await self.gaps.between(since, until)]

    async def _look_for_strangers(self) -> bool:
        """Visits of ours that the ledger should know and does not."""
        ledger = self.ledger
        if ledger is None or ledger.read_until is None or ledger.last_line_at is None:
            return False
        waiting = (await self._book.numbers()).waiting_since
        until = min(ledger.read_until, self._kept_until, waiting or ledger.read_until) - self.settle_seconds
        back = FIRST_LOOK_BACK if self._looked_through is None else LOOK_BACK
        since = max((self._looked_through or until) - back, ledger.began_at or 0.0)
        calls, found = await self._book.strangers(since, until, BATCH)
        visits: Sequence[VisitRecord] = ()
        if found:
            gaps = await self.gaps.between(min(v.joined_at for v in found) - 1, until)
            spans = [(gap.since, gap.until) for gap in gaps]
            visits = await self._told_by_no_other(calls, found, spans)
            case = Case(calls, spans, 0.0)
            case.judge_extras(visits)
            now = self._clock.now()
            await self._book.keep(now, (), case.extras, case.corrected(now), now)
            self._repaired[Cause.UNHEARD.value] += sum(
                one.state is DifferenceState.REPAIRED for _, one in case.extras
            )
        if len(found) < BATCH:
            self._looked_through = max(until, self._looked_through or until)
        return len(found) == BATCH and len(visits) > 0

    async def _told_by_no_other(
        self, calls: Mapping[CallId, CallRecord], visits: Sequence[VisitRecord], gaps: Sequence[Span]
    ) -> Sequence[VisitRecord]:
        """Without those of calls that a visit speaks of which is to be compared: it may be the same one, under another id."""
        legs = (await self._named(calls.values(), gaps)).open
        spoken_of = {call.call for call in calls.values()
                     if legs.intersection(one.channel for one in call.segments)}  # fmt: skip
        return [visit for visit in visits if visit.call not in spoken_of]

    def _count(self, findings: Sequence[Finding]) -> None:
        self.judged += len(findings)
        for finding in findings:
            for one in finding.differences:
                if one.state is DifferenceState.REPAIRED and one.cause is not None:
                    self._repaired[one.cause.value] += 1

    async def _tell(self) -> None:
        """Publish corrections whose event is not known to have been told; twice, after a crash, rather than never."""
        untold = await self._book.untold(BATCH)
        for version, call, record, cause, at in untold:
            if (call, version) not in self._published:
                self._publish(CallCorrected(at, call, record, cause.value))
                self._published.add((call, version))
        if untold:
            if self._flush is not None:
                await self._flush()  # in the outbox, or told once more by who comes after us
            await self._book.told([(call, version) for version, call, *_ in untold])
            self._published.clear()
