"""A wallboard on the floor of a plain day, and the events of plain calls."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cti.domain import events
from cti.domain.identifiers import CallId, ChannelId, CustomerId, QueueName, Tier
from cti.domain.records import CallRecord, Direction, Outcome, SegmentRecord, VisitRecord
from cti.domain.targets import KpiPolicy
from cti.service.floor_picture import PlaceInLine, picture
from cti.service.wallboard import Wallboard
from tests.cti.kpi_records import A101, A102, PBX, SUPPORT, segment, visit

ZONE = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 11, 22, tzinfo=ZONE).timestamp()
NOON = MIDNIGHT + 12 * 3600


def cleared_record(call: CallId, at: float) -> CallRecord:
    return CallRecord(
        call,
        PBX,
        ChannelId(call),
        Direction.INBOUND,
        "cleared",
        None,
        None,
        None,
        None,
        at,
        at,
        (),
        (),
        (),
        (),
        (),
        (),
        (),
    )


class Floor:
    """A wallboard, and the events of plain calls."""

    def __init__(self, policy: KpiPolicy | None = None) -> None:
        self.lines: dict[QueueName, Sequence[PlaceInLine]] = {}
        self.board = Wallboard(
            PBX, policy or KpiPolicy(), ZONE, lambda queue: self.lines.get(queue, ()), {A101: "Li Lei"}.get
        )
        for agent in (A101, A102):
            self.board.agent_logged_on(events.AgentLoggedOn(NOON, agent, SUPPORT))
            self.board.agent_ready(events.AgentReady(NOON, agent))

    def recognise(self, name: str, tier: Tier, at: float = NOON) -> None:
        self.board.caller_recognised(
            events.CallerRecognised(at, CallId(name), CustomerId("c"), f"Customer {name}", tier, "customer")
        )

    def join(self, name: str, at: float, queue: QueueName = SUPPORT) -> None:
        event = events.CallQueued(
            at, CallId(name), ChannelId(name), f"PJSIP/{name}", queue, 1, "+861", f"Caller {name}"
        )
        self.board.call_queued(event)

    def end(
        self, name: str, joined: float, at: float, outcome: Outcome, queue: QueueName = SUPPORT
    ) -> VisitRecord:
        record = visit(
            joined, outcome, at - joined, uniqueid=name, call=CallId(name), queue=queue, tier=self.tier(name)
        )
        self.board.visit_ended(events.VisitEnded(at, CallId(name), record))
        return record

    def tier(self, name: str) -> Tier | None:
        return next((row["tier"] for row in self.show()["waiting"] if row["call"] == name), None)

    def answer(self, name: str, joined: float, at: float) -> VisitRecord:
        leg = ChannelId(f"leg-{name}")
        call = CallId(name)
        self.board.call_delivered(
            events.CallDelivered(at - 2, call, A101, leg, SUPPORT, 1.0, None, None, None)
        )
        record = self.end(name, joined, at, Outcome.ANSWERED)
        self.board.call_established(events.CallEstablished(at, call, A101, leg, SUPPORT, 1.0, 2.0, None))
        return record

    def finish(self, name: str, began: float, at: float, **given: Any) -> SegmentRecord:
        record = segment(began, at, call=CallId(name), channel=ChannelId(f"leg-{name}"), **given)
        self.board.segment_ended(events.SegmentEnded(at, CallId(name), record))
        return record

    def wrap_up(self, name: str, at: float, seconds: float) -> None:
        leg = ChannelId(f"leg-{name}")
        self.board.wrap_up_ended(events.WrapUpEnded(at, CallId(name), A101, leg, SUPPORT, None, seconds))

    def clear(self, name: str, at: float) -> None:
        self.board.call_cleared(events.CallCleared(at, CallId(name), cleared_record(CallId(name), at)))

    def show(self, at: float = NOON + 100) -> dict[str, Any]:
        return picture([self.board.floor(at)])

    def agent(self, agent: str = A101, at: float = NOON + 100) -> dict[str, Any]:
        return next(row for row in self.show(at)["agents"] if row["agent"] == agent)
