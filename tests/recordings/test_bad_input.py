"""Files and requests that mean no good: one clear error, nothing lost, nothing served, and the next call is recorded as ever."""

import os
import struct

import pytest

from recordings.domain.errors import NotWhole
from recordings.domain.recording import Reason, RecordingState
from recordings.domain.wav import EMPTY_FILE_BYTES, head_of, read_head
from tests.recordings.test_api import AUDIO, ID, NAME, UID, audits, content, http, signed

__all__ = ["audits", "content", "http", "signed"]  # fixtures

RATE = 8000
NEXT = "tierline-1800000000.77"


def wav(data: bytes, *, form=1, channels=1, rate=RATE, bits=16, told=None, data_told=None) -> bytes:
    """A WAV file whose head may say whatever is wanted."""
    frame = channels * bits // 8
    head = struct.pack(
        "<4sIHHIIHH", b"fmt ", 16, form, channels, rate, rate * frame & 0xFFFFFFFF, frame & 0xFFFF, bits
    )
    size = len(data) if data_told is None else data_told
    body = b"WAVE" + head + struct.pack("<4sI", b"data", size & 0xFFFFFFFF) + data
    return b"RIFF" + struct.pack("<I", (len(body) if told is None else told) & 0xFFFFFFFF) + body


NOISE = bytes(range(256)) * 1250  # 20 s

CORRUPT = {
    "text": b"<html>404</html>" * 1000,
    "only the first letters": b"RIFF",
    "letters and noise": b"RIFF" + os.urandom(5000),
    "another container": b"OggS" + NOISE,
    "a head cut in two": wav(NOISE)[:20],
    "sound longer than the file": wav(NOISE, data_told=len(NOISE) * 9),
    "sound of 4 GB in a small file": wav(NOISE, data_told=0xFFFFFFFE),
    "a head that tells of 4 GB": wav(NOISE, told=0xFFFFFFF0),
    "no channels": wav(NOISE, channels=0),
    "no rate": wav(NOISE, rate=0),
    "a format nobody knows": wav(NOISE, form=0x5A5A),
    "65535 channels": wav(NOISE, channels=65535),
    "4 GHz": wav(NOISE, rate=0xFFFFFFFF),
    "a chunk of 4 GB before the sound": b"RIFF\x00\x10\x00\x00WAVE" + struct.pack("<4sI", b"junk", 0xFFFFFFFF) + NOISE,
}  # fmt: skip


async def settled(stage):
    for _ in range(4):
        await stage.after(61)
    return await stage.row()


async def still_records(stage, calls):
    """Whatever it was, the next recording is stored and heard."""
    visit = calls.visit(uniqueid=NEXT, joined=stage.clock.time)
    stage.answered(visit)
    stage.cleared(calls.record(visit))
    stage.clock.time += 31
    name = f"{NEXT}-{int(visit.joined_at)}.wav"
    stage.wav(name, 20)
    await stage.after(1)
    [kept] = [path for path in stage.kept_files() if NEXT in path]
    assert (await stage.heard(kept)).startswith(b"RIFF")


@pytest.mark.parametrize("what", CORRUPT)
async def test_what_is_no_sound_is_missing_with_its_reason_and_stays_where_it_is(
    stage, calls, http, audits, what
):
    visit = calls.visit(uniqueid=UID)
    stage.answered(visit)
    stage.cleared(calls.record(visit))
    stage.clock.time = calls.T0 + 31
    file = stage.spool / NAME
    file.write_bytes(CORRUPT[what])
    stage.mark(NAME)
    row = await settled(stage)
    assert (row.state, row.reason) in {
        (RecordingState.MISSING, Reason.DAMAGED),
        (RecordingState.EXCLUDED, Reason.TOO_SHORT),
    }, (row, what)
    assert row.detail
    assert "\n" not in row.detail
    if row.state is RecordingState.MISSING and len(CORRUPT[what]) > EMPTY_FILE_BYTES:
        assert file.read_bytes() == CORRUPT[what]
    assert stage.kept_files() == []
    for path in (AUDIO, f"/recordings/{ID}/peaks"):
        answer = await http.get(path)
        assert (answer.status_code, answer.json()["error"] != "") == (409, True)
    assert audits.written == []
    await still_records(stage, calls)


@pytest.mark.parametrize("size", [(1 << 31) + 4096, (1 << 32) + 4096], ids=["2 GiB", "4 GiB"])
async def test_a_huge_file_that_is_not_what_it_says(stage, calls, http, size):
    """Sparse: its head tells of twenty seconds."""
    visit = calls.visit(uniqueid=UID)
    stage.answered(visit)
    stage.cleared(calls.record(visit))
    stage.clock.time = calls.T0 + 31
    file = stage.spool / NAME
    file.write_bytes(wav(NOISE))
    os.truncate(file, size)
    stage.mark(NAME)
    row = await settled(stage)
    assert (row.state, row.reason) == (RecordingState.MISSING, Reason.DAMAGED)
    assert f"the file has {size}" in row.detail
    assert file.stat().st_size == size
    assert (await http.get(AUDIO)).status_code == 409
    await still_records(stage, calls)


def test_sizes_beyond_two_gigabytes_are_numbers_as_others():
    frames = (1 << 31) // 2 + 1000
    head = head_of(RATE, 1, frames)
    told = read_head(head, len(head) + 2 * frames)
    assert (told.sound_bytes, told.seconds) == (2 * frames, frames / RATE)
    with pytest.raises(NotWhole):
        read_head(head, len(head) + 2 * frames - 2000)
    with pytest.raises(NotWhole, match="longer than a WAV file can be"):
        head_of(RATE, 1, 1 << 31)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(8000)), 200),  # a list may be answered with the whole
        ("bytes=" + ",".join(["0-"] * 10_000), 200),
        ("bytes=9-3", 200),
        ("bytes=320044-", 416),
        ("bytes=320044-320050", 416),
        ("bytes=9223372036854775807-", 416),
        ("bytes=18446744073709551616-18446744073709551617", 416),
        ("bytes=" + "9" * 60 + "-", 416),
        ("bytes=0-" + "9" * 60, 206),
        ("bytes=-" + "9" * 60, 206),
        ("bytes=" + "9" * 5000 + "-", 200),  # no number any more
        ("bytes=-1-2", 200),
        ("bytes=0x10-0x20", 200),
        ("bytes=1e3-", 200),
    ],
)
async def test_ranges_that_ask_too_much(http, content, audits, asked, code):
    answer = await http.get(AUDIO, headers={"Range": asked})
    assert answer.status_code == code
    assert answer.content == (b"" if code == 416 else content), "once, however often it is asked for"
    assert len(audits.written) == (code != 416)


async def test_a_link_in_the_place_of_a_stored_sound_is_not_followed(http, content, stage, tmp_path):
    secret = tmp_path / "secret.wav"
    secret.write_bytes(wav(NOISE))
    place = next(stage.root.rglob("*.flac"))
    kept = place.rename(tmp_path / "kept")
    for target in (secret, kept):
        place.symlink_to(target)
        for path in (AUDIO, f"/recordings/{ID}/peaks"):
            answer = await http.get(path)
            assert (answer.status_code, answer.json()["kind"]) == (404, "AudioGone")
        place.unlink()
    folder = place.parent.rename(tmp_path / "elsewhere")
    kept.rename(folder / place.name)
    place.parent.symlink_to(folder)
    assert (await http.get(AUDIO)).status_code == 404
    place.parent.unlink()
    folder.rename(place.parent)
    assert (await http.get(AUDIO)).content == content, "and nothing was lost"


@pytest.mark.parametrize("harm", ["noise", "cut", "one bit", "empty", "plain letters"])
async def test_a_stored_sound_that_was_changed_is_an_error_and_never_half_a_sound(http, content, stage, harm):
    place = next(stage.root.rglob("*.flac"))
    sealed = place.read_bytes()
    place.write_bytes(
        {
            "noise": os.urandom(len(sealed)),
            "cut": sealed[: len(sealed) // 2],
            "one bit": sealed[:200] + bytes([sealed[200] ^ 1]) + sealed[201:],
            "empty": b"",
            "plain letters": b"RIFF" + sealed[4:],
        }[harm]
    )
    for path in (AUDIO, f"/recordings/{ID}/peaks"):
        answer = await http.get(path)
        assert (answer.status_code, answer.json()["kind"]) in {(409, "AudioDamaged"), (404, "AudioGone")}, (
            path
        )
    place.write_bytes(sealed)
    assert (await http.get(AUDIO)).content == content
