"""What the list of a call's versions says each correction changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cti.domain.records import CallRecord

_OF_A_CALL = ("caller_number", "customer", "tier", "started_at", "ended_at")
_OF_A_VISIT = (
    "outcome",
    "agent",
    "wait_seconds",
    "talk_seconds",
    "hold_seconds",
    "joined_at",
    "ended_at",
    "ended_by",
)
_OF_A_SEGMENT = ("agent", "queue", "began_at", "ended_at", "talk_seconds", "hold_seconds", "transferred")


def changes(before: CallRecord | None, after: CallRecord) -> dict[str, Any]:
    """What a correction changed, as the list of versions shows it: field: [as it was, as it is].

    Visits stand under their numbers, conversations under `segments` by their channel, the call's own fields under `call`;
    `transfers` are told as a whole.
    """
    visits = _compared(
        {str(visit.number_in_call): visit for visit in before.visits} if before else {},
        {str(visit.number_in_call): visit for visit in after.visits},
        _OF_A_VISIT,
        whole=("visit", "outcome"),
    )
    segments = _compared(
        {segment.channel: segment for segment in before.segments} if before else {},
        {segment.channel: segment for segment in after.segments},
        _OF_A_SEGMENT,
        whole=("segment", "agent"),
    )
    parts: dict[str, Any] = {
        "segments": segments,
        "call": _differing(before, after, _OF_A_CALL) if before else {},
    }
    passed_on = [_passed_on(before), _passed_on(after)]
    if passed_on[0] != passed_on[1]:
        parts["transfers"] = passed_on
    return {**visits, **{name: told for name, told in parts.items() if told}}


def _passed_on(call: CallRecord | None) -> list[str]:
    """Who passed the customer on to whom, in order."""
    transfers = call.transfers if call else ()
    return [f"{one.kind}: {one.from_agent or '?'} → {one.to or '?'}" for one in transfers]


def _compared(
    old: Mapping[str, Any], new: Mapping[str, Any], names: Sequence[str], whole: tuple[str, str]
) -> dict[str, dict[str, list[Any]]]:
    """`whole`: what one that came or went is called, and the field that stands for it."""
    name, stands_for = whole
    told: dict[str, dict[str, list[Any]]] = {}
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        if was is None or now is None:
            told[key] = {name: [was and getattr(was, stands_for), now and getattr(now, stands_for)]}
        elif differing := _differing(was, now, names):
            told[key] = differing
    return told


def _differing(was: object, now: object, names: Iterable[str]) -> dict[str, list[Any]]:
    pairs = ((name, [getattr(was, name), getattr(now, name)]) for name in names)
    return {name: pair for name, pair in pairs if pair[0] != pair[1]}
