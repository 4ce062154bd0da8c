"""The switch's ledger (`queue_log`) as `cti ledger` prints it: visits and their summary, from the file alone."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from cti.domain.export import visit_json
from cti.domain.identifiers import PbxName
from cti.domain.kpi import figures
from cti.domain.ledger_reader import read_ledger
from cti.domain.records import Direction, Outcome, SegmentRecord, VisitRecord
from cti.domain.tallies import tally
from cti.domain.targets import KpiRules


def ledger(lines: Iterable[str], threshold: float) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The visits of a ledger and their summary, as `cti ledger` prints them. `threshold` in seconds."""
    reader = read_ledger(lines, PbxName("ledger"))
    visits = reader.visits
    rules = KpiRules(target_seconds=threshold)
    outcomes = Counter(visit.outcome for visit in visits if visit.outcome is not None)
    summary = {
        "lines": reader.lines,
        "malformed": reader.malformed,
        "unknown_events": dict(reader.unknown),
        "orphans": reader.orphans,
        "rebound": reader.rebound,
        "calls": len({visit.uniqueid for visit in visits}),
        "visits": len(visits),
        "open": sum(visit.outcome is None for visit in visits),
        "outcomes": {outcome.value: outcomes[outcome] for outcome in Outcome if outcomes[outcome]},
        "kpi": figures(tally(visits, segments(visits), offers=reader.offers, rules=rules)),
    }
    return [visit_json(visit) for visit in visits], summary


def segments(visits: Iterable[VisitRecord]) -> list[SegmentRecord]:
    """Conversations as the ledger knows them: hold is inside talk, after-call work is unknown."""
    return [
        SegmentRecord(
            call=visit.call,
            pbx=visit.pbx,
            agent=visit.agent,
            channel=visit.uniqueid,
            queue=visit.queue,
            tier=visit.tier,
            began_at=visit.outcome_at,
            ended_at=visit.ended_at,
            talk_seconds=visit.talk_seconds,
            hold_seconds=0.0,
            hold_count=0,
            transferred=visit.ended_by == "transfer",
            wrap_up_seconds=None,
            direction=Direction.INBOUND,
        )
        for visit in visits
        if visit.agent is not None
        and visit.outcome_at is not None
        and visit.ended_at is not None
        and visit.talk_seconds is not None
    ]
