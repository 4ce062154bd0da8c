"""People, queues and calls of a call centre that never was: long names, two languages, every tier and outcome."""

import time
from typing import Any

BEGAN = time.time()
PEOPLE: list[tuple[str, str, str, str, str]] = [
    ("c-1", "王丽华", "华东国际贸易有限公司", "platinum", "+8613812345678"),
    (
        "c-2",
        "Sir Bartholomew Featherstonehaugh-Cholmondeley III",
        "Featherstonehaugh, Cholmondeley & Partners International Holdings",
        "platinum",
        "+442079460018",
    ),
    (
        "c-3",
        "欧阳娜娜·阿依古丽·买买提江·吐尔逊",
        "新疆维吾尔自治区乌鲁木齐市天山区丝绸之路跨境电子商务服务有限责任公司",
        "gold",
        "+8613998765432",
    ),
    ("c-4", "Ana Souza", "", "gold", "+5511987654321"),
    ("c-5", "李明", "", "iron", "+8615011112222"),
    ("c-6", "Jürgen Müller", "Müller & Söhne GmbH", "iron", "+4930123456"),
    ("c-7", "赵敏", "", "lead", "+8617733334444"),
]
AGENTS: list[tuple[str, str, str, str, int]] = [
    ("101", "陈晓东", "ready", "", 40),
    ("102", "Maria Fernandes", "busy", "", 312),
    ("103", "Aleksandra Wiśniewska-Brzęczyszczykiewicz", "ringing", "", 6),
    ("104", "刘伟", "working_after_call", "ACW", 18),
    ("105", "Tom Becker", "not_ready", "lunch", 1250),
    ("106", "司马相如", "unreachable", "", 95),
    ("107", "Priya Natarajan", "logged_off", "", 9000),
]


def customer(entry: tuple[str, str, str, str, str]) -> dict[str, Any]:
    identity, name, company, tier, number = entry
    return {
        "id": identity,
        "name": name,
        "company": company,
        "tier": tier,
        "tier_source": "import",
        "numbers": [number] if identity != "c-2" else [number, "+442079460019", "+12125550123"],
        "language": "zh" if any("一" <= c <= "鿿" for c in name) else "en",
        "owner": "101" if tier == "platinum" else None,
        "note": "Prefers a call back in the afternoon." if identity == "c-2" else "",
        "value_note": "年消费 120 万元，续约在即" if identity == "c-1" else "",
        "created_at": BEGAN - 86400 * 400,
    }


CUSTOMERS = [customer(entry) for entry in PEOPLE]
SATISFACTION: dict[str, dict[str, Any]] = {
    "c-1": {"score": 5, "scale": 5, "low": False, "answered_at": BEGAN - 86400 * 3, "comment": ""},
    "c-2": {
        "score": 2,
        "scale": 5,
        "low": True,
        "answered_at": BEGAN - 86400 * 14,
        "comment": "Nobody could tell me where my order was.",
    },
}


def counts(line: list[dict[str, Any]], now: float, offered: int, answered: int) -> dict[str, Any]:
    """What tiles, queues and tiers have in common."""
    since = min((row["joined_at"] for row in line), default=None)
    in_target = round(answered * 0.93)
    lost = offered - len(line) - answered
    return {
        "waiting": len(line),
        "longest_wait_seconds": 0 if since is None else now - since,
        "longest_since": since,
        "offered": offered,
        "answered": answered,
        "answered_in_target": in_target,
        "abandoned": max(0, lost - 2),
        "flowed_out": min(2, max(0, lost)),
        "blocked": 0,
        "answer_rate": answered / offered if offered else None,
        "service_level": round(in_target / offered, 3) if offered else None,
    }


TARGETS = {"platinum": 10.0, "gold": 15.0, "iron": 20.0, "lead": 30.0, "unknown": 20.0}
OFFERED = {"platinum": 48, "gold": 212, "iron": 530, "lead": 0, "unknown": 0}


def tier_rows(line: list[dict[str, Any]], now: float, *, empty: bool) -> dict[str, Any]:
    return {
        tier: counts(
            [row for row in line if (row["tier"] or "unknown") == tier],
            now,
            0 if empty else OFFERED[tier],
            0 if empty else round(OFFERED[tier] * 0.95),
        )
        | {"target_seconds": target}
        for tier, target in TARGETS.items()
    }


def trend(now: float) -> list[dict[str, Any]]:
    """Eight hours of quarters, all queues together before each."""
    rows = []
    for place in range(32):
        begin = int(now // 900) * 900 - (31 - place) * 900
        for queue, most in ((None, 60), ("sales", 22), ("support", 38)):
            came = round(most * (0.35 + 0.65 * abs((place * 7 % 32) / 16 - 1)))
            rows.append(
                {
                    "from": begin,
                    "queue": queue,
                    "offered": came,
                    "answered": came - came // 8,
                    "abandoned": came // 8,
                    "service_level": round(0.95 - place % 5 * 0.06, 2),
                    "longest_waited_seconds": 12.0 + came,
                }
            )
    return rows


def waiting_line(now: float) -> list[dict[str, Any]]:
    rows = [
        (
            "support",
            0,
            95,
            600,
            "Platinum: 10:00 head start; served as if joined at 10:02. Two gold callers stand behind.",
        ),
        ("support", 2, 240, 300, "Gold: 5:00 head start; served as if joined earlier."),
        ("support", 4, 410, 0, "No head start: in order of arrival."),
        ("support", 6, 70, 0, "No head start: in order of arrival."),
        ("sales", 1, 30, 600, "Platinum: 10:00 head start."),
        ("sales", None, 12, 0, "Unknown caller: in order of arrival."),
    ]
    line: list[dict[str, Any]] = []
    for queue, person, waited, credit, why in rows:
        entry = PEOPLE[person] if person is not None else None
        line.append(
            {
                "call": f"pbx:{1767225600 + len(line)}.{len(line)}",
                "pbx": "pbx",
                "uniqueid": f"{1767225600 + len(line)}.{len(line)}",
                "queue": queue,
                "position": sum(row["queue"] == queue for row in line) + 1,
                "tier": entry[3] if entry else None,
                "name": entry[1] if entry else None,
                "number": entry[4] if entry else None,
                "joined_at": now - waited,
                "credit_seconds": credit,
                "promised_at": now - waited + 360 if credit == 0 else now + 45,
                "why": {"en": why, "zh": "排队说明：" + why},
            }
        )
    return line


def floor(now: float, *, empty: bool = False, link_up: bool = True) -> dict[str, Any]:
    line = [] if empty else waiting_line(now)
    agents = [
        {
            "agent": number,
            "pbx": "pbx",
            "name": name,
            "state": state,
            "reason": reason,
            "since": now - seconds,
            "queues": ["sales", "support"] if number < "104" else ["support"],
            "call": "pbx:1767225599.9" if state in ("busy", "ringing") else None,
            "customer": {"busy": PEOPLE[5][1], "ringing": PEOPLE[1][1]}.get(state),
            "tier": {"busy": "iron", "ringing": "platinum"}.get(state),
            "paused": state in ("not_ready", "working_after_call"),
            "handled": 3 + index * 4,
            "aht_seconds": 180.4 + index * 13,
        }
        for index, (number, name, state, reason, seconds) in enumerate(AGENTS)
    ]
    return {
        "at": now,
        "pbx": {"pbx": {"up": link_up, "since": now - 3600, "reason": "" if link_up else "connection reset"}},
        "tiles": {
            **counts(line, now, 0 if empty else 1284, 0 if empty else 1187),
            "blocked": 0 if empty else 4,
            "answer_rate": None if empty else 0.9244,
            "abandon_rate": None if empty else 0.0553,
            "service_level": None if empty else 0.8113,
            "service_level_formula": "strict",
            "service_level_target_seconds": 20,
            "asa_seconds": None if empty else 11.72,
            "aht_seconds": None if empty else 214.6,
            "talking": 1,
            "agents_ready": 1,
            "agents_on": 6,
        },
        "queues": [
            {
                "queue": queue,
                **counts(
                    [row for row in line if row["queue"] == queue],
                    now,
                    0 if empty else offered,
                    0 if empty else answered,
                ),
                "abandon_rate": None if empty else 0.06,
                "agents_ready": 1,
                "agents_busy": 2,
                "agents_on": 5,
                "surge_since": now - 95 if queue == "support" else None,
                "tiers": tier_rows([row for row in line if row["queue"] == queue], now, empty=empty),
            }
            for queue, offered, answered in (("support", 790, 731), ("sales", 494, 456))
        ],
        "waiting": line,
        "agents": [] if empty else agents,
        "trend": [] if empty else trend(now),
    }


def pop(
    now: float, person: int = 1, state: str = "ringing", agent: str = "101", call: str = "pbx:1767225700.1"
) -> dict[str, Any]:
    entry = CUSTOMERS[person]
    return {
        "id": f"{call}/{agent}",
        "call": call,
        "agent": agent,
        "state": state,
        "reason": "",
        "at": now,
        "known": True,
        "unreadable": False,
        "tier": entry["tier"],
        "tier_source": "customer",
        "tier_reason": {"at": now - 86400, "reason": "two years of orders"},
        "customer": {key: entry[key] for key in ("id", "name", "company", "language", "value_note", "note")},
        "name": entry["name"],
        "number": entry["numbers"][0],
        "queue": "support",
        "dialled": "+442079460000",
        "promised_at": now - 7.2,
        "callee": "101",
        "matters": [
            {
                "kind": "callback",
                "id": "cb-1",
                "queue": "sales",
                "due_at": now + 900,
                "reason": "wants an invoice",
            }
        ],
        "satisfaction": SATISFACTION.get(entry["id"]),
        "waited_seconds": 37.2,
        "position_note": {
            "en": "Platinum: a head start of 10:00 put this caller before three others.",
            "zh": "铂金客户享有 10 分钟优先，排在三位来电者之前。",
        },
        "passed_by": None,
        "contacts": [
            {
                "at": now - 3 * 3600,
                "queue": "support",
                "agent": "104",
                "outcome": "answered",
                "talk_seconds": 312.0,
                "code": "solved",
                "note": "Sent the new password.",
            },
            {
                "at": now - 26 * 3600,
                "queue": "sales",
                "agent": None,
                "outcome": "abandoned",
                "talk_seconds": None,
                "code": None,
                "note": None,
            },
            {
                "at": now - 9 * 86400,
                "queue": "support",
                "agent": "101",
                "outcome": "answered",
                "talk_seconds": 95.0,
                "code": "call_back",
                "note": None,
            },
        ],
    }
