"""Rules for what was published: each change once by number, in order per call, and in the end what the export says."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.faults.findings import Finding
from tests.faults.told import Change, Export


def changes_against(changes: list[Change], unnumbered: list[str], export: Export) -> Iterator[Finding]:
    if unnumbered:
        yield Finding(
            "wrong", f"{len(unnumbered)} messages about calls carry no id and no seq, {unnumbered[0]} first"
        )
    yield from _numbers(changes)
    yield from _order(changes)
    yield from _against_the_export(changes, export)


def _numbers(changes: list[Change]) -> Iterator[Finding]:
    by_id: dict[str, Change] = {}
    content: dict[str, str] = {}
    ids: dict[int, str] = {}  # by sequence number: of the installation, whatever its switches
    for change in changes:
        told = change.payload
        first = by_id.setdefault(told["id"], change)
        if (first.topic, first.payload) != (change.topic, told):
            yield Finding("wrong", f"change {told['id']}: two different messages have this id")
        other_id = ids.setdefault(told["seq"], told["id"])
        if other_id != told["id"]:
            yield Finding("wrong", f"change {told['id']}: its seq {told['seq']} is that of {other_id}")
        same = json.dumps([change.topic, {**told, "id": "", "seq": 0}], sort_keys=True)
        other = content.setdefault(same, told["id"])
        if other != told["id"] and "/calls/" in change.topic:
            yield Finding("duplicated", f"change {told['id']}: says what {other} said ({told.get('event')})")
    missing = sorted(set(range(1, max(ids, default=0) + 1)) - ids.keys())
    if missing:
        some = ", ".join(map(str, missing[:10])) + (" …" if len(missing) > 10 else "")
        yield Finding("lost", f"{len(missing)} changes were never published: {some}")


def _order(changes: list[Change]) -> Iterator[Finding]:
    """The first arrivals of each call's changes come in the order of their numbers; later ones are repeats."""
    seen: set[str] = set()
    highest: dict[str, Change] = {}
    for change in changes:
        if change.payload["id"] in seen:
            continue
        seen.add(change.payload["id"])
        before = highest.get(change.topic)
        if before and before.payload["seq"] > change.payload["seq"]:
            yield Finding(
                "wrong", f"change {change.payload['id']}: came after {before.payload['id']} of the same call"
            )
        else:
            highest[change.topic] = change


def _against_the_export(changes: list[Change], export: Export) -> Iterator[Finding]:
    newest: dict[str, Change] = {}
    heard_of: set[str] = set()
    wrapped_up: dict[
        tuple[str, str], float
    ] = {}  # after-call work ends after the call, as a change of its own
    for change in changes:
        told = change.payload
        if "/calls/" not in change.topic:
            continue
        heard_of.add(told["call"])
        if told["event"] == "WrapUpEnded":
            wrapped_up[told["call"], told["channel"]] = round(told["seconds"], 3)
        if told["event"] in {"CallCleared", "CallCorrected"}:
            before = newest.get(told["call"])
            if before is None or told["seq"] > before.payload["seq"]:
                newest[told["call"]] = change
    calls = {call["call_id"]: call for call in export.calls}
    absorbed = {
        change.payload.get("absorbed") for change in changes if change.payload.get("event") == "CallsMerged"
    }
    for call_id in sorted(heard_of - calls.keys() - absorbed):
        yield Finding("extra", f"call {call_id}: published, and not in the export")
    for call_id, call in sorted(calls.items()):
        change = newest.get(call_id)
        if change is None:
            if call["state"] == "cleared":
                yield Finding(
                    "lost", f"call {call_id}: cleared in the export, and its end was never published"
                )
            continue
        record = change.payload.get("record") or {}
        for segment in record.get("segments", ()):
            later = wrapped_up.get((call_id, segment["channel"]))
            segment["wrap_up_seconds"] = later if later is not None else segment["wrap_up_seconds"]
        differing = sorted(key for key in record if record[key] != call.get(key))
        if differing or not record:
            what = ", ".join(differing) or "no record"
            yield Finding(
                "wrong", f"change {change.payload['id']} of call {call_id}: not as in the export ({what})"
            )
