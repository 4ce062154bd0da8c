"""What the comparison came to, as rows: a visit of the ledger that was judged, and each difference."""

from collections.abc import Mapping
from typing import Any

import orjson

from cti.adapters.ledger_store import entry_row
from cti.domain.casework import Finding
from cti.domain.identifiers import CallId
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.reconciliation import Difference
from cti.domain.records import VisitRecord


def judged_row(
    at: float, finding: Finding, versions: Mapping[CallId, int], retry_at: float
) -> dict[str, Any]:
    judged = finding.call is not None
    return entry_row(finding.entry) | {
        "state": finding.state,
        "checked_at": at if judged else None,
        "retry_at": 0.0 if judged else retry_at,
        "our_call": finding.call,
        "our_number": finding.number_in_call,
        "our_version": versions.get(finding.call) if finding.call else None,
    }


def visit_id(entry: LedgerEntry) -> str:
    uniqueid, second, nth = entry.key
    return f"{entry.pbx}:{uniqueid}:{second}:{nth}"


def extra_id(visit: VisitRecord) -> str:
    return f"{visit.pbx}:{visit.call}:{visit.number_in_call}:extra"


def _value(value: str | float | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def difference_row(
    at: float, entry: LedgerEntry, call: CallId | None, difference: Difference
) -> dict[str, Any]:
    return {
        "id": f"{visit_id(entry)}:{difference.kind.value}",
        "pbx": entry.pbx,
        "kind": difference.kind.value,
        "state": difference.state.value,
        "cause": difference.cause.value if difference.cause else None,
        "queue": entry.queue,
        "uniqueid": entry.uniqueid,
        "joined_at": entry.joined_at,
        "ended_at": entry.settled_at,
        "call": call,
        "ours": _value(difference.ours),
        "ledger": _value(difference.ledger),
        "found_at": at,
    }


def extra_row(at: float, visit: VisitRecord, difference: Difference) -> dict[str, Any]:
    return {
        "id": extra_id(visit),
        "pbx": visit.pbx,
        "kind": difference.kind.value,
        "state": difference.state.value,
        "cause": difference.cause.value if difference.cause else None,
        "queue": visit.queue,
        "uniqueid": visit.uniqueid,
        "joined_at": visit.joined_at,
        "ended_at": visit.ended_at or visit.outcome_at,
        "call": visit.call,
        "ours": _value(difference.ours),
        "ledger": None,
        "found_at": at,
    }
