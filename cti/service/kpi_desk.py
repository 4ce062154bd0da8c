"""Answers questions about the key figures, from the finished calls and those still live."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import tzinfo
from itertools import islice
from typing import Any, TypeVar

from cti.domain.errors import QuestionRefused
from cti.domain.identifiers import QueueName, Tier
from cti.domain.intervals import DAY, LENGTHS, count_upper_bound, grid, midnight
from cti.domain.kpi import FORMULA_TEXTS, FORMULA_VERSION, SERVICE_LEVELS, figures
from cti.domain.records import OfferRecord, SegmentRecord, VisitRecord
from cti.domain.sheets import Grouping, ReadySpan, Sheet, View
from cti.domain.tallies import Tally
from cti.domain.targets import KpiPolicy, KpiRules
from cti.domain.verification import Verification, mark
from cti.ports import CallStore, Clock

MOST_ROWS = 5_000
STEP = 100
"""Rows counted before other work gets its turn: about a millisecond."""

LONGEST_VISIT = float(DAY)
"""How far back a visit may have joined whose outcome is posted now, in seconds."""

Row = TypeVar("Row")


class KpiDesk:
    """One question, one report. Where the store and the live calls both know a visit or segment, the live one counts."""

    def __init__(
        self,
        calls: CallStore,
        live: Callable[[], tuple[Sequence[VisitRecord], Sequence[SegmentRecord]]],
        policy: KpiPolicy,
        clock: Clock,
        zone: tzinfo,
        *,
        offers: Callable[[float, float], Awaitable[Sequence[OfferRecord]]] | None = None,
        ready: Callable[[float, float], Awaitable[Sequence[ReadySpan]]] | None = None,
        proof: Callable[[], Sequence[Verification]] = tuple,
    ) -> None:
        """`offers` (rung in [start, end)) gives the agent answer rate, `ready` (overlapping it) the occupancy.

        `proof` tells how far each switch's records are proven by its ledger.
        """
        self._calls, self._live, self._policy = calls, live, policy
        self._clock, self.zone = clock, zone
        self._offers, self._ready, self._proof = offers, ready, proof

    async def report(
        self,
        start: float | None = None,
        end: float | None = None,
        interval: int | None = None,
        group_by: Grouping = Grouping.NONE,
        view: View = View.BY_ARRIVAL,
        formula: str | None = None,
    ) -> dict[str, Any]:
        """The figures of [start, end), from today's midnight to now unless said. Raises QuestionRefused."""
        now = self._clock.now()
        start = midnight(now, self.zone) if start is None else start
        end = now if end is None else end
        rules = self._policy.at(max(start, end - 0.001))
        formula = formula or rules.formula
        self._check(start, end, interval, formula)
        sheet = await self._sheet(start, end, interval, group_by, view, now)
        items = await self._items(sheet, group_by, view, formula, now)
        return {
            "items": items,
            "total": len(items),
            "from": start,
            "until": end,
            "interval": interval,
            "group_by": group_by.value,
            "view": view.value,
            "formula": formula,
            "formulas": dict(FORMULA_TEXTS),
            "version": FORMULA_VERSION,
            "policy_versions": [used.version for used in self._policy.between(start, end)],
            **mark(self._proof()),
        }

    @staticmethod
    def _check(start: float, end: float, interval: int | None, formula: str) -> None:
        if not start < end:
            raise QuestionRefused("`from` must lie before `until`.")
        if interval is not None and interval not in LENGTHS:
            raise QuestionRefused(f"`interval` is one of {', '.join(map(str, LENGTHS))} or none.")
        if formula not in SERVICE_LEVELS:
            raise QuestionRefused(f"`formula` is one of {', '.join(SERVICE_LEVELS)}.")
        if count_upper_bound(start, end, interval) > MOST_ROWS:
            raise QuestionRefused("too many intervals: ask for a shorter time or a longer interval.")

    async def _sheet(
        self, start: float, end: float, interval: int | None, group_by: Grouping, view: View, now: float
    ) -> Sheet:
        sheet = Sheet(
            grid(start, end, interval, self.zone),
            self._policy,
            view,
            group_by,
            now,
            occupancy=self._ready is not None,
        )
        since = start - LONGEST_VISIT if view is View.AS_POSTED else start
        kept_visits = await self._calls.visits(since, end)
        # after-call work is counted behind the segment's own end
        kept_segments = await self._calls.segments(start - self._policy.settle_seconds, end)
        live_visits, live_segments = self._live()
        await in_steps(_merged(kept_visits, live_visits, _visit_key), sheet.visit)
        await in_steps(_merged(kept_segments, live_segments, _segment_key), sheet.segment)
        for at, queue, tier in await self._calls.blocked(start, end):
            sheet.blocked(at, queue, Tier(tier) if tier else None)
        if self._offers is not None:
            await in_steps(await self._offers(start, end), sheet.offer)
        if self._ready is not None:
            await in_steps(await self._ready(start, end), sheet.ready)
        return sheet

    async def _items(
        self, sheet: Sheet, group_by: Grouping, view: View, formula: str, now: float
    ) -> list[dict[str, Any]]:
        found: set[str | None] = {group for _, group in sheet.cells}
        groups = sorted(found, key=lambda group: (group is None, group or ""))
        if group_by is Grouping.NONE:
            groups = [None]
        if len(groups) * len(sheet.grid.edges) > MOST_ROWS:
            raise QuestionRefused("too many rows: ask for a shorter time, a longer interval or fewer groups.")
        items: list[dict[str, Any]] = []

        def add(row: tuple[int, float, float, str | None]) -> None:
            index, begin, finish, group = row
            tally = sheet.cells.get((index, group)) or Tally()
            if not tally.targets_ms:
                tally.aim({_target_ms(self._policy.at(begin), group_by, group)})
            item = figures(tally, formula)
            if view is View.CLIPPED:
                item["aht_seconds"] = item["outbound_aht_seconds"] = None
            provisional = finish > now or index in sheet.provisional
            frame = {"from": begin, "until": finish, "group": group, "provisional": provisional}
            items.append(frame | item)

        rows = (
            (index, begin, finish, group)
            for index, (begin, finish) in enumerate(sheet.grid)
            for group in groups
        )
        await in_steps(rows, add)
        return items


def _target_ms(rules: KpiRules, group_by: Grouping, group: str | None) -> int:
    queue = QueueName(group) if group_by is Grouping.QUEUE and group else None
    tier = Tier(group) if group_by is Grouping.TIER and group else None
    return rules.target_ms(queue, tier)


def _visit_key(visit: VisitRecord) -> tuple[object, ...]:
    return visit.call, visit.uniqueid, visit.number_in_call


def _segment_key(segment: SegmentRecord) -> tuple[object, ...]:
    return segment.call, segment.agent, segment.channel


def _merged(
    kept: Sequence[Row], live: Sequence[Row], key: Callable[[Row], tuple[object, ...]]
) -> Iterable[Row]:
    known = {key(row) for row in live}
    yield from live
    yield from (row for row in kept if key(row) not in known)


async def in_steps(rows: Iterable[Row], count: Callable[[Row], None]) -> None:
    """Count all rows, letting other work have its turn in between."""
    remaining = iter(rows)
    while step := list(islice(remaining, STEP)):
        for row in step:
            count(row)
        await asyncio.sleep(0)
