"""What was heard in recordings, notes to them and links, invented."""

import time
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request

from tests.web import fake_calls as recorded

NEVER = {"times": 0, "total": 0.0, "longest": None, "shortest": None, "mean": None}
SPANS = {
    "hold": [(7.0, 9.0)],
    "silence": [(3.2, 4.6)],
    "talk_over": [(2.0, 2.8), (10.2, 10.9)],
    "customer": [(0.0, 2.8), (4.6, 6.5), (10.0, 10.9)],
    "agent": [(2.0, 3.2), (5.0, 7.0), (10.2, 12.0)],
}
LONG = "The customer asks a third time when the technician will come; nobody names a day. 客户第三次询问上门时间，坐席没有给出明确答复。"


def times(*lengths: float) -> dict[str, Any]:
    if not lengths:
        return NEVER
    return {
        "times": len(lengths), "total": sum(lengths), "longest": max(lengths), "shortest": min(lengths),
        "mean": sum(lengths) / len(lengths),
    }  # fmt: skip


def signals(one_voice: bool, faults: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "listened_seconds": 10.0, "silence_share": 0.14, "silence": times(1.4), "dead_air": times(), "talk_over": times(0.8, 0.7),
        "agent_interruptions": 2, "customer_interruptions": 0, "agent_talk_share": 0.47, "agent_speech_seconds": 5.0,
        "customer_speech_seconds": 5.6, "agent_monologue_seconds": 2.0, "customer_monologue_seconds": 2.8, "turns_a_minute": 31.2,
        "first_response_seconds": 2.0, "hold": times(2.0), "ended_by": "agent", "quiet_end_seconds": 0.1, "abrupt_end": True,
        "agent_level": -21.4, "customer_level": -27.9, "clipped_share": 0.0, "faults": faults,
    }  # fmt: skip
    if one_voice:
        two = ("talk_over", "agent_interruptions", "customer_interruptions", "agent_talk_share", "agent_speech_seconds",
               "customer_speech_seconds", "agent_monologue_seconds", "customer_monologue_seconds", "turns_a_minute",
               "first_response_seconds", "agent_level", "customer_level")  # fmt: skip
        told |= dict.fromkeys(two)
    return told


def notes(now: float) -> list[dict[str, Any]]:
    return [
        {"id": "n1", "at_seconds": 2.0, "text": "", "author": "supervisor", "author_name": "Grace O’Connor", "written_at": now - 500},
        {"id": "n2", "at_seconds": 8.5, "text": LONG, "author": "rita", "author_name": "周雨桐", "written_at": now - 90_000},
    ]  # fmt: skip


def routes(
    app: FastAPI, root: str, fake: Any, refused: Any, rows: Callable[[], list[dict[str, Any]]]
) -> None:
    @app.get(root + "/recordings/shared/{secret}")
    async def shared(secret: str) -> Any:
        if secret != "good":
            return refused(
                404, "The link leads nowhere: it has expired, was taken back, or never was.", "ShareUnknown"
            )
        return {"recording": "r-1", "at_seconds": 4.5, "expires_at": time.time() + 60}

    @app.get(root + "/recordings/{recording}")
    async def recording(recording: str) -> Any:
        found = next((row for row in rows() if row["id"] == recording), None)
        if found is None:
            return refused(404, "No such recording.", "RecordingUnknown")
        return {**found, "history": [], "pauses": []}

    @app.get(root + "/own-reviews/{recording}/peaks")
    @app.get(root + "/recordings/{recording}/peaks")
    async def peaks(recording: str) -> Any:
        points = recorded.peaks()
        apart = None
        if not fake.one_voice:
            said = [[(low if any(a <= n * 12 / len(points) < b for a, b in SPANS[side]) else low / 40,
                      high if any(a <= n * 12 / len(points) < b for a, b in SPANS[side]) else high / 40)
                     for n, (low, high) in enumerate(points)] for side in ("customer", "agent")]  # fmt: skip
            apart = said
        return {"recording": recording, "duration_seconds": 12.0, "points": points, "lanes": apart}

    @app.get(root + "/recordings/{recording}/signals")
    async def heard(recording: str) -> Any:
        spans = {**SPANS, **({"talk_over": [], "customer": [], "agent": []} if fake.one_voice else {})}
        if fake.empty:
            return {
                "recording": recording,
                "heard_at": None,
                "signals": None,
                "spans": {kind: [] for kind in SPANS},
                "limits": {},
            }
        told = signals(fake.one_voice, fake.technical_faults)
        return {"recording": recording, "heard_at": 1.0, "signals": told, "spans": spans, "limits": {}}

    @app.get(root + "/recordings/{recording}/notes")
    async def written(recording: str) -> Any:
        items = [] if fake.empty else sorted(fake.recording_notes, key=lambda note: note["at_seconds"])
        return {"items": items, "total": len(items)}

    @app.post(root + "/recordings/{recording}/notes", status_code=201)
    async def write(recording: str, request: Request) -> Any:
        said = await request.json()
        who = request.cookies["cti_session"]
        note = {
            "id": f"n{len(fake.recording_notes) + 1}",
            **said,
            "author": who,
            "author_name": who.title(),
            "written_at": time.time(),
        }
        fake.recording_notes.append(note)
        return note

    @app.delete(root + "/recordings/{recording}/notes/{note}", status_code=204)
    async def remove(recording: str, note: str) -> None:
        fake.recording_notes[:] = [one for one in fake.recording_notes if one["id"] != note]

    @app.post(root + "/recordings/{recording}/share", status_code=201)
    async def share(recording: str, request: Request) -> Any:
        said = await request.json()
        fake.deeds.append(("share", said))
        return {"path": "/recordings/shared/good", "expires_at": time.time() + said["lasts_seconds"]}
