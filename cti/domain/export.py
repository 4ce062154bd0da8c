"""A call as JSON: one shape for `cti replay`, the API and the journal.

Times are seconds since 1970 (UTC) as numbers named `*_at`, durations seconds named `*_seconds`, both to the millisecond.
"""

from typing import Any

from cti.domain.agents import Agent
from cti.domain.own_calls import OwnCall
from cti.domain.records import CallRecord, OfferRecord, SegmentRecord, TransferRecord, VisitRecord


def milliseconds(value: float | None) -> float | None:
    """To the millisecond. Dividing a whole number gives the nearest float too, in a third of the time of `round(…, 3)`."""
    return None if value is None else round(value * 1000) / 1000


def visit_json(visit: VisitRecord) -> dict[str, Any]:
    return {
        "queue": visit.queue,
        "uniqueid": visit.uniqueid,
        "joined_at": milliseconds(visit.joined_at),
        "outcome": visit.outcome,
        "wait_seconds": milliseconds(visit.wait_seconds),
        "original_position": visit.original_position,
        "agent": visit.agent,
        "talk_seconds": milliseconds(visit.talk_seconds),
        "hold_seconds": milliseconds(visit.hold_seconds),
        "ended_at": milliseconds(visit.ended_at),
        "ended_by": visit.ended_by,
    }


def offer_json(offer: OfferRecord) -> dict[str, Any]:
    return {
        "queue": offer.queue,
        "agent": offer.agent,
        "rung_at": milliseconds(offer.rung_at),
        "result": offer.result,
        "ring_seconds": milliseconds(offer.ring_seconds),
    }


def segment_json(segment: SegmentRecord) -> dict[str, Any]:
    return {
        "agent": segment.agent,
        "channel": segment.channel,
        "queue": segment.queue,
        "began_at": milliseconds(segment.began_at),
        "ended_at": milliseconds(segment.ended_at),
        "talk_seconds": milliseconds(segment.talk_seconds),
        "hold_seconds": milliseconds(segment.hold_seconds),
        "wrap_up_seconds": milliseconds(segment.wrap_up_seconds),
        "transferred": segment.transferred,
    }


def transfer_json(transfer: TransferRecord) -> dict[str, Any]:
    return {
        "at": milliseconds(transfer.at),
        "kind": transfer.kind,
        "from": transfer.from_agent,
        "to": transfer.to,
        "result": transfer.result,
    }


def call_json(call: CallRecord) -> dict[str, Any]:
    return {
        "call_id": call.call,
        "uniqueid": call.uniqueid,
        "caller_number": call.caller_number,
        "caller_name": call.caller_name,
        "direction": call.direction,
        "state": call.state,
        "started_at": milliseconds(call.started_at),
        "ended_at": milliseconds(call.ended_at),
        "customer": call.customer,
        "tier": call.tier,
        "visits": [visit_json(visit) for visit in call.visits],
        "offers": [offer_json(offer) for offer in call.offers],
        "segments": [segment_json(segment) for segment in call.segments],
        "transfers": [transfer_json(transfer) for transfer in call.transfers],
        "blocked": [
            {"at": milliseconds(blocked.at), "queue": blocked.queue, "reason": blocked.reason}
            for blocked in call.blocked
        ],
        "recordings": list(call.recordings),
        "timeline": [
            {"at": milliseconds(entry.at), "what": entry.what, "detail": entry.detail}
            for entry in call.timeline
        ],
    }


def own_call_json(own: OwnCall) -> dict[str, Any]:
    return {
        "call": own.call,
        "state": own.state.value,
        "number": own.number,
        "name": own.caller_name,
        "made": own.made,
        "since": own.since,
        "recorded": own.recorded,
        "paused_since": own.paused_since,
    }


def agent_json(agent: Agent) -> dict[str, Any]:
    return {
        "agent": agent.id,
        "state": agent.state.value,
        "reason": agent.reason,
        "since": milliseconds(agent.since),
        "queues": sorted(agent.memberships),
    }
