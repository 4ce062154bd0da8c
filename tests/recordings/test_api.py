import asyncio
import hashlib

import httpx
import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from cti.domain.access import GRANTS, Permission, Role, User
from cti.domain.errors import CtiError, NotPossibleNow, Unknown
from recordings.api import audio, recordings
from recordings.api.sound import asked_range
from recordings.service.listeners import AT_ONCE, ONE_LISTENING_SECONDS, Listeners

UID = "tierline-1800000000.7"
NAME = f"{UID}-1800000000.wav"
ID = f"tierline:{UID}-1800000000"
AUDIO = f"/recordings/{ID}/audio"


class Signed:
    login, entrance, role = "sue", "session 1", Role.SUPERVISOR


class Audits:
    """As the real one: what is asked waits for a connection, which is there while `free` is set."""

    def __init__(self) -> None:
        self.written: list[tuple[str, str, str]] = []
        self.broken = False
        self.free = asyncio.Event()
        self.free.set()
        self.waiting, self.asked = 0, asyncio.Event()

    async def __call__(self, user: User, action: str, subject: str) -> None:
        self.waiting += 1
        self.asked.set()
        try:
            await self.free.wait()
        finally:
            self.waiting -= 1
        if self.broken:
            raise ConnectionError
        self.written.append((user.login, action, subject))


@pytest.fixture
def audits() -> Audits:
    return Audits()


@pytest.fixture
def signed() -> Signed:
    return Signed()


@pytest.fixture
async def http(stage, audits, signed):
    def guard(permission: Permission):
        def user(request: Request) -> User:
            if permission not in GRANTS[signed.role]:
                raise HTTPException(403)
            request.state.entrance = request.headers.get("entrance", signed.entrance)
            return User(signed.login, signed.login, signed.login.title(), signed.role, None, "zh")

        return user

    app = FastAPI()
    app.include_router(recordings.routes(stage.archivist, guard), prefix="/api/v1")
    app.include_router(audio.routes(stage.archivist, Listeners(audits, stage.clock), guard), prefix="/api/v1")

    @app.exception_handler(CtiError)
    async def refused(_, error):
        code = 404 if isinstance(error, Unknown) else 409 if isinstance(error, NotPossibleNow) else 400
        return JSONResponse({"error": str(error), "kind": type(error).__name__}, code)

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/api/v1") as client:
        yield client


@pytest.fixture
async def content(stage, calls) -> bytes:
    """One stored recording, one missing, one still growing."""
    stored, missing, growing = (
        calls.visit(uniqueid=UID),
        calls.visit(uniqueid="tierline-1800000000.8", joined=calls.T0 + 1, queue="sales"),
        calls.visit(uniqueid="tierline-1800000000.9", joined=calls.T0 + 2),
    )
    for visit in (stored, missing):
        stage.cleared(calls.record(visit))
    stage.answered(growing)
    stage.clock.time = calls.T0 + 31
    content = stage.wav(NAME, 20).read_bytes()
    stage.wav("tierline-1800000000.9-1800000002.wav", 5, done=False)
    await stage.after(1)
    await stage.after(61)
    return content


async def test_lists_with_filters(http, content, stage):
    answer = (await http.get("/recordings")).json()
    assert answer["total"] == 3
    assert [(r["state"], r["reason_code"]) for r in answer["items"]] == [
        ("expected", "growing"),
        ("missing", "never_appeared"),
        ("stored", ""),
    ]
    stored = answer["items"][2]
    assert stored == {
        "id": ID, "call": f"tierline:{UID}", "visit_uniqueid": UID, "queue": "support", "agent": "101", "tier": "gold",
        "state": "stored", "reason": "", "reason_code": "", "note": "", "file": NAME, "started_at": 1800000010.0,
        "duration_seconds": stored["duration_seconds"], "size_bytes": len(content), "settled_at": 1800000032.0,
        "review": None,
    }  # fmt: skip
    for query, expected in [
        ("state=expected", 1),
        ("state=stored", 1),
        ("queue=sales", 1),
        ("agent=101", 3),
        ("tier=iron", 0),
        ("from=1800000011", 2),
        ("until=1800000011", 1),
        (f"call=tierline:{UID}", 1),
    ]:
        assert (await http.get(f"/recordings?{query}")).json()["total"] == expected, query
    page = (await http.get("/recordings?limit=1&offset=2")).json()
    assert (page["items"], page["total"]) == ([stored], 3)
    for query in ("state=growing", "limit=0", "limit=9999", "from=nan", "tier=gold'", "queue=a%00b"):
        assert (await http.get(f"/recordings?{query}")).status_code == 422, query


async def test_one_with_its_history(http, content):
    answer = (await http.get(f"/recordings/{ID}")).json()
    assert answer["sha256"] == hashlib.sha256(content).hexdigest()
    assert [(c["was"], c["became"]) for c in answer["history"]] == [
        (None, "expected"),
        ("expected", "stored"),
    ]
    assert (await http.get("/recordings/no-such")).status_code == 404


async def test_the_whole_sound(http, content, audits):
    answer = await http.get(AUDIO)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["etag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert audits.written == [("sue", "recording.listened", ID)]


@pytest.mark.parametrize(
    ("asked", "first", "stop"),
    [("0-", 0, None), ("0-0", 0, 1), ("100-199", 100, 200), ("-500", -500, None), ("44-99999999", 44, None), ("-99999999", 0, None)],
)  # fmt: skip
async def test_ranges(http, content, asked, first, stop):
    answer = await http.get(AUDIO, headers={"Range": f"bytes={asked}"})
    part = content[first:stop]
    assert (answer.status_code, answer.content) == (206, part)
    start = first if first >= 0 else len(content) + first
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(part) - 1}/{len(content)}"
    assert answer.headers["content-length"] == str(len(part))


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
async def test_ranges_that_cannot_be(http, content, audits, asked):
    answer = await http.get(AUDIO, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(content)}"
    assert audits.written == []


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=-", "lines=1-2", "bytes=1-2,5-6", "bytes=a-b", "bytes=１-2"]
)
async def test_ranges_that_mean_nothing_get_the_whole(http, content, asked):
    answer = await http.get(AUDIO, headers={"Range": asked.encode()})
    assert (answer.status_code, answer.content) == (200, content)


async def test_conditions(http, content, audits):
    etag = (await http.head(AUDIO)).headers["etag"]
    assert (await http.get(AUDIO, headers={"If-None-Match": etag})).status_code == 304
    assert audits.written == []
    same = await http.get(AUDIO, headers={"Range": "bytes=0-9", "If-Range": etag})
    other = await http.get(AUDIO, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)


async def test_head_sends_no_sound_and_writes_nothing_down(http, content, audits):
    answer = await http.head(AUDIO)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(content))
    assert audits.written == []


async def test_what_cannot_be_written_down_is_not_heard(http, content, audits):
    audits.broken = True
    answer = await http.get(AUDIO)
    assert answer.status_code == 500
    assert content[:100] not in answer.content


async def test_a_players_many_ranges_are_one_listening_for_a_while(http, content, audits, signed, stage):
    async def listen() -> int:
        parts = [http.get(AUDIO, headers={"Range": f"bytes={at}-{at + 99}"}) for at in range(0, 3000, 100)]
        assert [answer.status_code for answer in await asyncio.gather(*parts)] == [206] * 30
        return len(audits.written)

    assert await listen() == 1
    stage.clock.time += ONE_LISTENING_SECONDS - 1
    assert await listen() == 1
    stage.clock.time += 1  # since the line was written, however much was heard meanwhile
    assert await listen() == 2
    signed.entrance = "session 2"
    assert await listen() == 3
    signed.login = "tom"
    assert await listen() == 4
    stage.clock.time -= 3600  # a clock put back
    assert await listen() == 5
    assert audits.written == [("sue", "recording.listened", ID)] * 3 + [("tom", "recording.listened", ID)] * 2


async def test_nothing_is_served_before_the_line_stands_to_whoever_asks_meanwhile(http, content, audits):
    audits.free.clear()
    asked = [asyncio.ensure_future(http.get(AUDIO)) for _ in range(3)]
    await audits.asked.wait()
    done, _ = await asyncio.wait(asked, timeout=0.2)
    assert (len(done), audits.waiting, audits.written) == (0, 1, [])
    asked[0].cancel()  # whose line it was; the next one writes it
    await asyncio.wait(asked[:1])
    audits.free.set()
    assert [answer.content for answer in await asyncio.gather(*asked[1:])] == [content] * 2
    assert audits.written == [("sue", "recording.listened", ID)]


async def test_what_could_not_be_written_down_is_written_down_next_time(http, content, audits):
    audits.broken = True
    answers = await asyncio.gather(*[http.get(AUDIO) for _ in range(3)])
    assert [answer.status_code for answer in answers] == [500] * 3
    audits.broken = False
    assert (await http.get(AUDIO)).content == content
    assert audits.written == [("sue", "recording.listened", ID)]


async def test_a_flood_of_listeners_waits_outside_the_database(http, content, audits):
    audits.free.clear()
    asked = [
        asyncio.ensure_future(http.get(AUDIO, headers={"Entrance": f"session {number}"}))
        for number in range(50)
    ]
    async with asyncio.timeout(30):
        while audits.waiting < AT_ONCE:
            await asyncio.sleep(0.01)
    done, _ = await asyncio.wait(asked, timeout=0.2)
    assert (len(done), audits.waiting) == (0, AT_ONCE)
    for one in asked[:10]:
        one.cancel()  # who leaves gives his turn back
    await asyncio.wait(asked[:10])
    audits.free.set()
    assert [answer.content for answer in await asyncio.gather(*asked[10:])] == [content] * 40
    assert len(audits.written) == 40


async def test_what_is_not_there(http, content, stage):
    missing = "tierline:tierline-1800000000.8-1800000001"
    for path in ("audio", "peaks"):
        assert (await http.get(f"/recordings/{missing}/{path}")).status_code == 409
        assert (await http.get(f"/recordings/none/{path}")).status_code == 404
    next(stage.root.rglob("*.flac")).unlink()
    answer = await http.get(AUDIO)
    assert (answer.status_code, answer.json()["kind"]) == (404, "AudioGone")


@pytest.mark.parametrize("id_", ["..%2F..%2Fetc%2Fpasswd", "%2e%2e", "a%00b", "' or 1=1 --", "x" * 3000])
async def test_ids_a_stranger_made_up(http, content, id_):
    for path in ("", "/audio", "/peaks"):
        assert (await http.get(f"/recordings/{id_}{path}")).status_code == 404


async def test_peaks(http, content):
    answer = (await http.get(f"/recordings/{ID}/peaks")).json()
    assert len(answer["points"]) == 800
    assert answer["duration_seconds"] == pytest.approx(20, abs=0.05)
    assert all(-1 <= low <= high <= 1 for low, high in answer["points"])
    assert answer["lanes"] == [answer["points"]]


async def test_peaks_of_two_voices(http, stage, calls):
    stage.cleared(calls.record(calls.visit(uniqueid=UID)))
    stage.clock.time = calls.T0 + 31
    stage.pair(NAME, (20, 10))
    await stage.after(1)
    answer = (await http.get(f"/recordings/{ID}/peaks")).json()
    customer, agent = answer["lanes"]
    assert [len(customer), len(agent)] == [800, 800]
    assert agent[500:] == [[0.0, 0.0]] * 300
    assert answer["points"] == [
        [min(one[0], other[0]), max(one[1], other[1])] for one, other in zip(customer, agent, strict=True)
    ]
    assert (await http.get(f"/recordings/{ID}")).json()["channels"] == 2


async def test_orphans_are_for_operators(http, signed):
    assert (await http.get("/recordings/orphans")).status_code == 403
    signed.role = Role.OPERATOR
    assert (await http.get("/recordings/orphans")).json() == {"items": [], "total": 0, "looked_at": None}


@pytest.mark.parametrize("role", [Role.AGENT, Role.OPERATOR])
async def test_agents_may_not_listen(http, content, audits, signed, role):
    signed.role = role
    for path in ("", f"/{ID}", f"/{ID}/audio", f"/{ID}/peaks"):
        assert (await http.get(f"/recordings{path}")).status_code == 403
    assert (await http.head(AUDIO)).status_code == 403
    assert audits.written == []


def test_a_range_of_nothing():
    assert asked_range(None, 0) == (0, 0, False)
    assert asked_range("bytes=0-", 0) is None
