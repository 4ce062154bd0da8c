"""Golden traces reconciled without a database: what AMI told, held against the queue_log beside it."""

from collections.abc import Iterable

from cti.domain.casework import Case
from cti.domain.identifiers import PbxName
from cti.domain.ledger_reader import read_ledger
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.records import CallRecord
from tests.cti.replaying import TRACES


def entries(scenario: str) -> list[LedgerEntry]:
    """What the ledger of a trace tells, as one reader takes it."""
    text = (TRACES / scenario / "queue_log").read_text(encoding="utf-8", errors="replace")
    return read_ledger(text.splitlines(keepends=True), PbxName("pbx1")).take()


def judged(
    records: Iterable[CallRecord],
    told: Iterable[LedgerEntry],
    gaps: Iterable[tuple[float, float | None]] = (),
    **given,
) -> Case:
    """As the reconciler does it: the ledger's visits first, then those of ours that none of them matched."""
    case = Case({record.call: record for record in records}, list(gaps), 0.0, **given)
    settled = [entry for entry in told if entry.settled_at is not None]
    case.judge(settled)
    case.judge_extras(
        [
            visit
            for call in list(case.calls.values())
            for visit in call.visits
            if (call.call, visit.number_in_call) not in case.taken
        ]
    )
    return case
