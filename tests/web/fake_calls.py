"""Past calls, their stories and why they stood where they stood, invented."""

import math
from typing import Any

from tests.web.fake_stories import PEOPLE


def calls(now: float) -> list[dict[str, Any]]:
    outcomes = [
        "answered",
        "answered",
        "abandoned",
        "answered",
        "timeout",
        "answered",
        "leave_empty",
        "key_exit",
        "lost",
    ]
    lines = []
    for index in range(60):
        entry = PEOPLE[index % 7] if index % 8 else None
        outcome = outcomes[index % len(outcomes)]
        through = outcome == "answered"
        lines.append(
            {
                "call_id": f"pbx:{1767225000 - index * 97}.{index}",
                "started_at": now - 200 - index * 611,
                "ended_at": now - index * 600,
                "state": "cleared",
                "direction": "inbound",
                "caller_number": entry[4] if entry else None,
                "caller_name": entry[1] if entry else None,
                "customer": entry[0] if entry else None,
                "tier": entry[3] if entry else None,
                "queue": "support" if index % 3 else "sales",
                "outcome": outcome,
                "agent": f"10{1 + index % 6}" if through else None,
                "wait_seconds": 4.2 + (index * 7) % 90,
                "talk_seconds": 60.0 + (index * 37) % 400 if through else None,
                "hold_seconds": 0.0,
                "recording": f"r-{index}" if through else None,
            }
        )
    lines[0] |= {"ended_at": None, "state": "waiting", "outcome": None, "agent": None, "recording": None}
    return lines


def call(line: dict[str, Any]) -> dict[str, Any]:
    at = line["started_at"]
    visit = {
        "queue": "sales", "uniqueid": "1.1", "joined_at": at + 2, "outcome": "timeout", "wait_seconds": 30.0,
        "original_position": 3, "agent": None, "talk_seconds": None, "hold_seconds": None, "ended_at": at + 32, "ended_by": None,
    }  # fmt: skip
    second = visit | {
        "queue": "support", "joined_at": at + 33, "outcome": "answered", "wait_seconds": 14.6, "original_position": 2,
        "agent": "103", "talk_seconds": 151.2, "hold_seconds": 31.0, "ended_at": at + 230, "ended_by": "transfer",
    }  # fmt: skip
    entries = [
        (0, "CallOffered", "inbound"), (2, "CallQueued", "sales"), (2.1, "CallerRecognised", f"{line['tier']} (customer)"),
        (32, "VisitEnded", "timeout"), (33, "CallQueued", "support"), (36, "CallDelivered", "102"),
        (44, "CallDiverted", "102 ring_no_answer"), (44.2, "CallDelivered", "103"), (47.6, "CallEstablished", "103"),
        (90, "CallHeld", "103"), (121, "CallRetrieved", "103"), (229, "CallTransferred", "blind 103 → 105"),
        (231, "CallEstablished", "105"), (300, "SegmentEnded", "105"), (301, "CallCleared", ""),
    ]  # fmt: skip
    return line | {
        "uniqueid": line["call_id"].split(":")[1],
        "visits": [visit, second],
        "offers": [
            {
                "queue": "support",
                "agent": "102",
                "rung_at": at + 36,
                "result": "ring_no_answer",
                "ring_seconds": 8.0,
            },
            {
                "queue": "support",
                "agent": "103",
                "rung_at": at + 44,
                "result": "connected",
                "ring_seconds": 3.4,
            },
        ],
        "segments": [
            {
                "agent": "103",
                "channel": "PJSIP/103-1",
                "talk_seconds": 151.2,
                "hold_seconds": 31.0,
                "wrap_up_seconds": 30.0,
            },
            {
                "agent": "105",
                "channel": "PJSIP/105-2",
                "talk_seconds": 69.0,
                "hold_seconds": 0.0,
                "wrap_up_seconds": None,
            },
        ],
        "transfers": [{"at": at + 229, "kind": "blind", "from": "103", "to": "105", "result": "success"}],
        "blocked": [],
        "recordings": [],
        "timeline": [{"at": at + after, "what": what, "detail": detail} for after, what, detail in entries],
    }


REASONS = [
    {
        "key": "tier",
        "parameters": {},
        "en": "Gold by the customer list (import).",
        "zh": "按客户名单（导入）为黄金。",
    },
    {
        "key": "credit",
        "parameters": {},
        "en": "A head start of 5:00, so served as if joined at 10:02:11.",
        "zh": "提前 5:00，视同 10:02:11 入队。",
    },
    {
        "key": "place",
        "parameters": {},
        "en": "Stood behind one platinum caller, before three iron callers.",
        "zh": "排在一位铂金客户之后、三位钢铁客户之前。",
    },
]


def decision(line: dict[str, Any]) -> dict[str, Any]:
    at = line["started_at"] + 2
    return {
        "call": line["call_id"], "queue": "support", "at": at, "tier": line["tier"], "tier_source": "customer",
        "customer": line["customer"], "credit_seconds": 300, "joined_at": at, "virtual_arrival_at": at - 300,
        "priority": 1999999123, "result": "answered_in_time",
        "corrections": [{"at": at + 9, "from": "iron", "to": "gold", "why": "the customer was found late",
                         "explanation": {"key": "late", "parameters": {}, "en": "the customer was found late", "zh": "客户识别较晚"}}],
        "position_at_join": 2, "ahead": ["pbx:1.1"],
        "reasons": [sentence["en"] for sentence in REASONS],
        "explanations": REASONS,
        "took_seconds": 0.0013,
    }  # fmt: skip


def peaks() -> list[list[float]]:
    points = []
    for index in range(600):
        loud = abs(math.sin(index / 9.0) * math.sin(index / 47.0)) * (0.25 if 200 < index < 260 else 0.9)
        points.append([-loud * 0.8 - 0.01, loud + 0.01])
    return points
