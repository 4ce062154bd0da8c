"""Recordings over HTTP on a whole house: found by what others know of them, heard, written notes to, and shared."""

import asyncio
import logging
from datetime import datetime
from importlib.util import find_spec
from zoneinfo import ZoneInfo

import pytest

from config.running import running
from cti.adapters.call_tables import CALLS, VISITS
from cti.adapters.work_store import DISPOSITIONS
from cti.domain.access import Role
from qa.adapters.review_store import REVIEWS
from recordings.adapters.catalogue import RECORDINGS
from recordings.adapters.signal_store import SIGNALS
from recordings.adapters.whisper import WhisperTranscriber
from recordings.domain.errors import ShareUnknown, TranscriptionRefused
from recordings.domain.hearing import HEAR_MISSED, HEAR_RECORDING
from recordings.domain.transcript import Line
from tests.config.house import PASSWORD, client, open_house, settings, until
from tests.recordings.speaking import file_of, tones

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        yield opened


def at(text: str, zone=SHANGHAI) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def row(table, **given):
    made = {}
    for column in table.columns:
        if not column.nullable and column.server_default is None:
            made[column.name] = column.type.python_type()
    return made | given


async def furnished(house, kept):
    """Each of `kept`: a name, and what differs in its recording, call, visit, signals, disposition and score."""
    rows = {table: [] for table in (RECORDINGS, CALLS, VISITS, SIGNALS, DISPOSITIONS, REVIEWS)}
    for name, given in kept.items():
        started, call = given.get("started", 1_700_000_000.0), f"pbx1:{name}"
        rows[RECORDINGS].append(row(
            RECORDINGS, id=name, call=call, pbx="pbx1", uniqueid=name, queue="support", agent="101", joined_at=started - 5,
            started_at=started, state="stored", duration_seconds=given.get("seconds", 60.0), path=given.get("path"),
            cleared_at=started + 60, sha256="0" * 64, file=given.get("file"), settled_at=started,
        ))  # fmt: skip
        story = '{"segments": [], "visits": [], "timeline": [], "ended_at": %f}' % (started + 60)
        rows[CALLS].append(row(
            CALLS, id=call, caller_number=given.get("number"), customer=given.get("customer"), started_at=started,
            story=story, outcome=given.get("outcome", "answered"), source="live", version=1,
        ))  # fmt: skip
        rows[VISITS].append(row(
            VISITS, call=call, number_in_call=1, pbx="pbx1", uniqueid=name, queue="support", joined_at=started - 5,
            ended_by=given.get("ended_by"),
        ))  # fmt: skip
        if "signals" in given:
            rows[SIGNALS].append(row(SIGNALS, recording=name, call=call, **given["signals"]))
        for version, code in enumerate(given.get("codes", []), 1):
            rows[DISPOSITIONS].append(row(DISPOSITIONS, call=call, channel="c", version=version, code=code))
        if "score" in given:
            rows[REVIEWS].append(
                row(REVIEWS, id=f"{name}-r1", recording=name, call=call, state="scored", score=given["score"])
            )
    async with house.engine.begin() as connection:
        for table, some in rows.items():
            for one in some:
                await connection.execute(table.insert().values(one))


async def found(browser, **query) -> str:
    answer = await browser.get("/api/v1/recordings", params=query)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    names = "".join(sorted(item["id"] for item in page["items"]))
    assert page["total"] == len(names)
    return names


KEPT = {
    "a": {"number": "13800000001", "customer": "C-1", "seconds": 30.0, "ended_by": "agent", "codes": ["solved"], "score": 95.0,
          "signals": {"dead_air_longest": 12.0, "talk_over_seconds": 0.0, "silence_share": 0.4, "agent_talk_share": 0.3}},
    "b": {"number": "+8613800000001", "customer": "C-1", "seconds": 90.0, "ended_by": "caller", "codes": ["solved", "complaint"],
          "signals": {"dead_air_longest": None, "talk_over_seconds": 4.5, "silence_share": 0.1, "agent_talk_share": 0.8, "hold_seconds": 70.0}},
    "c": {"number": "008613800000001", "outcome": "lost", "score": 60.0, "signals": {"fault": "one_way_audio"}},
    "d": {"number": "13900000001"},
    "e": {"number": None},
}  # fmt: skip


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "abcde"),
        ({"number": "138 0000 0001"}, "abc"),
        ({"number": "+86 138-0000-0001"}, "abc"),
        ({"number": "１３８００００００１"}, ""),  # one digit short
        ({"number": ""}, "abcde"),
        ({"customer": "C-1"}, "ab"),
        ({"ended_by": "agent"}, "a"),
        ({"outcome": "lost"}, "c"),
        ({"disposition": "solved"}, "a"),  # of b a later version holds
        ({"disposition": "complaint"}, "b"),
        ({"shortest_seconds": 60, "longest_seconds": 89.9}, "cde"),
        ({"score_from": 60}, "ac"),
        ({"score_from": 60, "score_until": 94}, "c"),
        ({"dead_air_seconds": 10}, "a"),
        ({"talk_over_seconds": 2}, "b"),
        ({"silence_share": 0.4}, "a"),
        ({"agent_talk_share": 0.5}, "b"),
        ({"hold_seconds": 60}, "b"),
        ({"faulty": True}, "c"),
        ({"faulty": False}, "ab"),
        ({"number": "13800000001", "customer": "C-1", "talk_over_seconds": 1}, "b"),
    ],
)
async def test_what_others_know_finds_recordings(house, query, names):
    await furnished(house, KEPT)
    async with client(house, Role.SUPERVISOR) as browser:
        assert await found(browser, **query) == names


async def test_what_cannot_be_asked(house, caplog):
    caplog.set_level(logging.INFO)
    await furnished(house, KEPT)
    async with client(house, Role.SUPERVISOR) as browser:
        refused = await browser.get("/api/v1/recordings", params={"number": "call me"})
        assert (refused.status_code, refused.json()["error"]) == (422, "That is no telephone number.")
        for wrong in ({"time_from": "9:30"}, {"time_from": "24:00"}, {"score_from": 101}, {"silence_share": 1.5},
                      {"dead_air_seconds": -1}, {"ended_by": "nobody"}, {"number": "1" * 61}, {"customer": "a\0b"}):  # fmt: skip
            assert (await browser.get("/api/v1/recordings", params=wrong)).status_code == 422, wrong
        await found(browser, number="13800000001")
    said = [
        record.getMessage() for record in caplog.records if record.name != "httpx"
    ]  # that is the test's own browser
    assert [line for line in said if "13800000001" in line or "call me" in line] == []


async def test_the_clock_on_the_wall(tmp_path):
    """In Berlin the clocks were put back in the night to 27 October 2024, and forward on 30 March 2025."""
    async with open_house(tmp_path, timezone="Europe/Berlin") as house:
        times = {
            "a": "2024-10-26T08:30", "b": "2024-10-27T08:30", "c": "2025-03-29T08:30", "d": "2025-03-30T08:30",
            "e": "2025-03-30T07:59:59", "f": "2025-03-30T10:00", "g": "2025-06-01T23:30", "h": "2025-06-02T00:30",
        }  # fmt: skip
        await furnished(house, {name: {"started": at(text, BERLIN)} for name, text in times.items()})
        async with client(house, Role.SUPERVISOR) as browser:
            assert await found(browser, time_from="08:00", time_until="10:00") == "abcd"
            assert (
                await found(
                    browser, time_from="08:00", time_until="09:00", **{"from": at("2025-01-01", BERLIN)}
                )
                == "cd"
            )
            assert await found(browser, time_from="23:00", time_until="01:00") == "gh"
            assert await found(browser, time_until="08:00") == "eh"
            assert await found(browser, time_from="10:00") == "fg"


async def test_a_stored_recording_is_heard_and_its_signals_are_shown(house, tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir(exist_ok=True)
    sound = file_of(tones(40.0, [(0.0, 10.0)]), tones(40.0, [(9.0, 15.0), (28.0, 35.0)], seed=2))
    (folder / "a.wav").write_bytes(sound.getvalue())
    await furnished(house, {"a": {"path": "a.wav", "started": house.clock.now() - 500, "seconds": 40.0}})
    async with client(house, Role.SUPERVISOR) as browser:
        before = (await browser.get("/api/v1/recordings/a/signals")).json()
        assert (before["signals"], before["spans"]["silence"]) == (None, [])
        [stored] = await house.archivist.stored_since(0.0)
        told = []
        house.listening.hearer._publish = told.append
        house.listening.hearer.recording_stored(stored)
        await until(lambda: told, 60.0)
        heard = (await browser.get("/api/v1/recordings/a/signals")).json()
        assert heard["signals"]["dead_air"]["longest"] == pytest.approx(13.0, abs=0.1)
        assert heard["spans"]["talk_over"] == [pytest.approx([9.0, 10.0], abs=0.1)]
        assert (heard["signals"]["agent_interruptions"], heard["limits"]["dead_air_seconds"]) == (1, 10.0)
        assert await found(browser, dead_air_seconds=12) == "a"
        metrics = (await browser.get("/metrics")).text
        assert "cti_recording_dead_air_seconds_count 1.0" in metrics
        assert 'cti_recording_silence_ratio_bucket{le="0.5"} 1.0' in metrics
    assert (told[0].recording, told[0].technical_fault) == ("a", None)


async def test_each_session_listens_once_however_many_parts_its_player_asks_for(house, tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir(exist_ok=True)
    (folder / "a.wav").write_bytes(file_of(tones(4.0, [(0.0, 4.0)])).getvalue())
    await furnished(house, {"a": {"path": "a.wav", "file": "a.wav"}})
    async with client(house, Role.REVIEWER) as desk, client(house, Role.REVIEWER) as home:
        for browser in (desk, home):
            ranges = [{"Range": f"bytes={start}-{start + 99}"} for start in range(0, 2000, 100)]
            asked = [browser.get("/api/v1/recordings/a/audio", headers=one) for one in ranges]
            assert {answer.status_code for answer in await asyncio.gather(*asked)} == {206}
    lines = (await house.audit.page(50, 0, action="recording.listened")).items
    assert [(one["login"], one["subject"]) for one in lines] == [("reviewer", "a")] * 2


async def test_what_was_stored_in_the_moment_of_a_crash_is_heard_after_the_next_start(tmp_path):
    """The look that comes round every quarter of an hour has just been."""

    async def asked(house):
        return {
            job.subject
            for job in (await house.job_desk.page(None, 50, 0)).items
            if job.kind == HEAR_RECORDING
        }

    async with open_house(tmp_path) as house:
        await until(lambda: house.job_desk.attempts()[HEAR_MISSED, "done"] >= 2)
        await furnished(house, {"lost": {"path": "lost.wav", "started": house.clock.now() - 90.0}})
        assert await asked(house) == set()
    async with running(settings(tmp_path)) as house, asyncio.timeout(10):
        while await asked(house) != {"lost"}:
            await asyncio.sleep(0.02)


async def test_a_transcript_where_there_is_an_engine(house):
    """The engine is a fake; without one nothing is asked for."""
    await furnished(house, KEPT | {"f": {"path": "f.wav"}})
    scribe = house.listening.scribe
    [stored] = [event for event in await house.archivist.stored_since(0.0) if event.recording == "f"]
    scribe.recording_stored(stored)
    assert "transcribe_recording" not in {job.kind for job in (await house.job_desk.page(None, 50, 0)).items}

    class Engine:
        async def transcribe(self, path):
            return [Line(0, 0.5, 2.0, f"Where is {path}?"), Line(1, 2.5, 3.0, "100 % 没有问题")]

    scribe._transcriber = Engine()
    scribe.recording_stored(stored)
    async with client(house, Role.REVIEWER) as rita:
        async with asyncio.timeout(10):
            while not (told := (await rita.get("/api/v1/recordings/f/transcript")).json())["total"]:
                await asyncio.sleep(0.05)
        assert [(line["side"], line["text"]) for line in told["items"]] == [
            ("customer", "Where is f.wav?"), ("agent", "100 % 没有问题"),
        ]  # fmt: skip
        assert (await rita.get("/api/v1/recordings/a/transcript")).json()["total"] == 0
        for said, names in (("where IS", "f"), ("没有", "f"), ("100 %", "f"), ("0%", ""), ("_", "")):
            assert await found(rita, said=said) == names, said


def test_a_model_that_is_not_there_is_one_clear_line(tmp_path):
    with pytest.raises(TranscriptionRefused, match="holds no model"):
        WhisperTranscriber(tmp_path, "zh", None)
    (tmp_path / "model.bin").touch()
    if find_spec("faster_whisper") is None:
        with pytest.raises(TranscriptionRefused, match="not installed"):
            WhisperTranscriber(tmp_path, "zh", None)


async def test_notes_and_who_may_take_them_back(house):
    await furnished(house, KEPT)
    async with client(house, Role.REVIEWER) as rita, client(house, Role.SUPERVISOR) as sue:
        path = "/api/v1/recordings/a/notes"
        written = await rita.post(path, json={"at_seconds": 12.5, "text": " 问候语 missing "})
        assert written.status_code == 201
        mark = await rita.post(path, json={"at_seconds": 3})
        for wrong in ({"at_seconds": 32, "text": "x"}, {"at_seconds": -1}, {"at_seconds": 1, "text": "a\x07b"},
                      {"at_seconds": 1, "text": "x" * 1001}, {"text": "x"}):  # fmt: skip
            assert (await rita.post(path, json=wrong)).status_code == 422, wrong
        items = (await sue.get(path)).json()["items"]
        assert [(one["at_seconds"], one["text"], one["author"]) for one in items] == [
            (3.0, "", "reviewer"), (12.5, "问候语 missing", "reviewer"),
        ]  # fmt: skip
        assert (await sue.delete(f"{path}/{mark.json()['id']}")).status_code == 403
        assert (await rita.delete(f"/api/v1/recordings/b/notes/{mark.json()['id']}")).status_code == 404
        assert (await rita.delete(f"{path}/{mark.json()['id']}")).status_code == 204
        assert (await rita.delete(f"{path}/{mark.json()['id']}")).status_code == 404
        assert len((await sue.get(path)).json()["items"]) == 1
    lines = (await house.audit.page(50, 0, action="recording.noted")).items
    assert [(one["login"], one["subject"]) for one in lines] == [("reviewer", "a")] * 2


async def test_a_link_leads_those_who_may_hear_and_expires(house):
    await furnished(house, KEPT)
    await house.accounts.add("bob", PASSWORD, "Bob", Role.SUPERVISOR, None, "en", teams=["apac"])
    users = {one.user.login: one.user for one in await house.accounts.all()}
    await house.accounts.change(users["agent"].id, {}, ["emea"])
    await house.teams.refresh()
    async with client(house, Role.REVIEWER) as rita, client(house) as bob:
        made = (
            await rita.post("/api/v1/recordings/a/share", json={"lasts_seconds": 3600, "at_seconds": 5})
        ).json()
        secret = made["path"].removeprefix("/recordings/shared/")
        path = f"/api/v1/recordings/shared/{secret}"
        shared = (await rita.get(path)).json()
        assert (shared["recording"], shared["at_seconds"], shared["expires_at"]) == (
            "a",
            5.0,
            made["expires_at"],
        )
        assert (await rita.get(path + "x")).status_code == 404
        assert (await bob.get(path)).status_code == 401
        assert (
            await bob.post("/api/v1/session", json={"login": "bob", "password": PASSWORD})
        ).status_code == 200
        assert (await bob.get(path)).status_code == 404  # another team's
        for wrong in ({"lasts_seconds": 10}, {"lasts_seconds": 1e9}, {"at_seconds": 900}):
            assert (await rita.post("/api/v1/recordings/a/share", json=wrong)).status_code == 422, wrong
    async with client(house, Role.AGENT) as agent:
        assert (await agent.get(path)).status_code == 403
    lines = (await house.audit.page(50, 0)).items
    assert ("reviewer", "recording.share_opened", "a") in {
        (one["login"], one["action"], one["subject"]) for one in lines
    }
    assert all(secret not in f"{one}" for one in lines if one["action"].startswith("recording"))
    desk, clock = house.listening.desk, house.clock
    desk._clock = type("Later", (), {"now": lambda _: clock.now() + 3601})()
    with pytest.raises(ShareUnknown):
        await desk.shared(secret)
