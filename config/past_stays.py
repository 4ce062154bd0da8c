"""A past day's visits as routing plays them again."""

import asyncio
from collections.abc import Sequence

from cti.adapters.call_store import SqlCallStore
from cti.domain.identifiers import Tier
from cti.domain.records import Outcome, VisitRecord
from routing.domain.dry_run import Stay


async def past_stays(calls: SqlCallStore, start: float, end: float, unknown_tier: Tier) -> Sequence[Stay]:
    """Visits that joined in [start, end) and are over."""
    return await asyncio.to_thread(_stays, await calls.visits(start, end), unknown_tier)


def _stays(visits: Sequence[VisitRecord], unknown_tier: Tier) -> Sequence[Stay]:
    return [
        Stay(
            visit.queue,
            visit.tier or unknown_tier,
            visit.joined_at,
            visit.outcome_at,
            visit.outcome is Outcome.ANSWERED,
        )
        for visit in visits
        if visit.outcome is not None and visit.outcome_at is not None
    ]
