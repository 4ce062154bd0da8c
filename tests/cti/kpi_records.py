"""Records for tests of figures: all fields have a plain default, a test names those it is about."""

from typing import Any

from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName
from cti.domain.records import Direction, OfferRecord, OfferResult, Outcome, SegmentRecord, VisitRecord

PBX = PbxName("hub")
SUPPORT, SALES = QueueName("support"), QueueName("sales")
A101, A102 = AgentId("101"), AgentId("102")


def visit(
    joined_at: float = 0.0, outcome: Outcome | None = Outcome.ANSWERED, wait: float | None = 5.0, **given: Any
) -> VisitRecord:
    wait = None if outcome is None else wait
    uniqueid = ChannelId(given.pop("uniqueid", f"hub-{joined_at}"))
    plain: dict[str, Any] = {
        "call": CallId(f"hub:{uniqueid}"),
        "pbx": PBX,
        "uniqueid": uniqueid,
        "number_in_call": 1,
        "queue": SUPPORT,
        "tier": None,
        "joined_at": joined_at,
        "original_position": 1,
        "outcome": outcome,
        "outcome_at": None if wait is None else joined_at + wait,
        "wait_seconds": wait,
        "agent": A101 if outcome is Outcome.ANSWERED else None,
        "talk_seconds": None,
        "hold_seconds": None,
        "ended_at": None,
        "ended_by": None,
        "caller_number": None,
    }
    return VisitRecord(**(plain | given))


def segment(began_at: float, ended_at: float | None, **given: Any) -> SegmentRecord:
    hold = given.get("hold_seconds", 0.0)
    plain: dict[str, Any] = {
        "call": CallId(f"hub:{began_at}"),
        "pbx": PBX,
        "agent": A101,
        "channel": ChannelId(f"leg-{began_at}"),
        "queue": SUPPORT,
        "tier": None,
        "began_at": began_at,
        "ended_at": ended_at,
        "talk_seconds": 0.0 if ended_at is None else ended_at - began_at - hold,
        "hold_seconds": hold,
        "hold_count": 1 if hold else 0,
        "transferred": False,
        "wrap_up_seconds": None,
        "direction": Direction.INBOUND,
    }
    return SegmentRecord(**(plain | given))


def offer(agent: AgentId, rung_at: float, ended_at: float | None, result: OfferResult | None) -> OfferRecord:
    rang = None if ended_at is None else ended_at - rung_at
    return OfferRecord(SUPPORT, agent, rung_at, ended_at, result, rang)
