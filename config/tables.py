"""What commands print for people."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from cti.domain.records import CallRecord


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _print(title: str, columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*("–" if cell is None else str(cell) for cell in row))
    Console().print(table)


def calls_table(calls: Iterable[CallRecord]) -> None:
    rows = [
        (
            call.uniqueid,
            call.caller_number,
            visit.queue if visit else None,
            visit.outcome if visit else ("blocked" if call.blocked else None),
            _seconds(visit.wait_seconds if visit else None),
            visit.agent if visit else None,
            _seconds(visit.talk_seconds if visit else None),
        )
        for call in calls
        for visit in (call.visits or (None,))
    ]
    _print("Calls", ("call", "caller", "queue", "outcome", "wait", "agent", "talk"), rows)


def visits_table(visits: Iterable[Mapping[str, Any]]) -> None:
    columns = ("uniqueid", "queue", "outcome", "wait_seconds", "agent", "talk_seconds", "ended_by")
    _print("Visits", columns, ([visit.get(column) for column in columns] for visit in visits))


def summary_table(summary: Mapping[str, Any]) -> None:
    flat = [(name, value) for name, value in summary.items() if not isinstance(value, Mapping)]
    flat += [(f"outcome {name}", count) for name, count in summary.get("outcomes", {}).items()]
    figures = summary.get("kpi", {})
    flat += [(name, value) for name, value in figures.items() if not isinstance(value, Mapping)]
    flat += [(f"service level {name}", value) for name, value in figures.get("service_levels", {}).items()]
    _print("Summary", ("", ""), flat)


def findings_table(findings: Iterable[Any]) -> None:
    rows = [(finding.level, finding.sentence, finding.advice) for finding in findings]
    _print("Preflight", ("", "what was found", "what to do"), rows)


def differences_table(differences: Iterable[Mapping[str, Any]]) -> None:
    columns = ("pbx", "uniqueid", "queue", "kind", "state", "cause", "ours", "ledger")
    _print("Differences", columns, ([one.get(column) for column in columns] for one in differences))


def reconciliation_table(summaries: Iterable[Mapping[str, Any]]) -> None:
    rows = []
    for one in summaries:
        gaps = [f"{gap['kind']} since {gap['since']:.0f}" for gap in one["gaps"]]
        rows.append(
            (
                one["pbx"],
                one["ledger_lines"],
                _counts(one["drift"]) or "none",
                _counts(one["repaired"]) or "none",
                ", ".join(gaps) or "none",
            )
        )
    _print("Reconciliation", ("switch", "lines read", "drift", "repaired", "open gaps"), rows)


def _counts(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in numbers.items() if count)


def retention_table(classes: Mapping[str, Mapping[str, Any]], *, dry_run: bool) -> None:
    rows = [(name, one["deleted"], one["held"]) for name, one in classes.items()]
    _print("Retention", ("what", "would go" if dry_run else "deleted", "held by law"), rows)
