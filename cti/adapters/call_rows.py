"""Finished calls as rows: one a call with its whole story, and rows for what is counted."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, update

from cti.adapters.call_tables import AGENT_STATES, BLOCKED, CALLS, OFFERS, SEGMENTS, VISITS
from cti.adapters.database import put
from cti.domain.export import call_json
from cti.domain.identifiers import CallId
from cti.domain.records import CallRecord, SegmentRecord, VisitRecord
from cti.ports import AgentStateRow, WrapUpRow


class Stories:
    """Calls as JSON text, each made once: it is kept with the call, and is part of the change that tells its end."""

    def __init__(self) -> None:
        self._texts: dict[CallId, tuple[CallRecord, bytes]] = {}

    def text(self, record: CallRecord) -> bytes:
        known = self._texts.get(record.call)
        if known is not None and known[0] is record:
            return known[1]
        text = orjson.dumps(call_json(record))
        self._texts[record.call] = (record, text)
        return text

    def fragment(self, record: CallRecord) -> orjson.Fragment:
        """As part of a greater text."""
        return orjson.Fragment(self.text(record))


def write_calls(
    connection: Connection, records: Sequence[CallRecord], stories: Stories | None = None
) -> None:
    """`stories`: for whoever needs the same texts again."""
    stories = stories or Stories()
    put(connection, CALLS, [_call_row(record, stories.text(record).decode()) for record in records])
    put(connection, VISITS, [_visit_row(visit) for record in records for visit in record.visits])
    put(connection, SEGMENTS, [_segment_row(s) for record in records for s in record.segments])
    put(
        connection,
        OFFERS,
        [
            {
                "call": record.call,
                "number_in_call": number,
                "queue": offer.queue,
                "agent": offer.agent,
                "rung_at": offer.rung_at,
                "result": offer.result,
                "ring_seconds": offer.ring_seconds,
            }
            for record in records
            for number, offer in enumerate(record.offers, 1)
        ],
    )
    put(
        connection,
        BLOCKED,
        [
            {
                "call": record.call,
                "number_in_call": number,
                "at": blocked.at,
                "queue": blocked.queue,
                "tier": record.tier,
                "reason": blocked.reason,
            }
            for record in records
            for number, blocked in enumerate(record.blocked, 1)
        ],
    )


def write_wrap_ups(connection: Connection, wrap_ups: Sequence[WrapUpRow]) -> None:
    for row in wrap_ups:
        of_it = (SEGMENTS.c.call == row.call, SEGMENTS.c.channel == row.channel)
        connection.execute(update(SEGMENTS).where(*of_it).values(wrap_up_seconds=row.seconds))


def write_states(connection: Connection, states: Sequence[AgentStateRow]) -> None:
    put(connection, AGENT_STATES, [state._asdict() for state in states])


def _call_row(record: CallRecord, story: str) -> dict[str, Any]:
    last = record.visits[-1] if record.visits else None
    answered = next((visit for visit in reversed(record.visits) if visit.agent), last)
    return {
        "id": record.call,
        "pbx": record.pbx,
        "direction": record.direction,
        "caller_number": record.caller_number,
        "caller_name": record.caller_name,
        "customer": record.customer,
        "tier": record.tier,
        "queue": record.last_queue,
        "outcome": last.outcome if last else ("blocked" if record.blocked else None),
        "agent": answered.agent if answered else None,
        "wait_seconds": answered.wait_seconds if answered else None,
        "talk_seconds": sum(segment.talk_seconds for segment in record.segments),
        "hold_seconds": sum(segment.hold_seconds for segment in record.segments),
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "story": story,
        "source": "live",
        "version": 1,
    }


def _visit_row(visit: VisitRecord) -> dict[str, Any]:
    return visit._asdict()


def _segment_row(segment: SegmentRecord) -> dict[str, Any]:
    return {**segment._asdict(), "transferred": int(segment.transferred)}
