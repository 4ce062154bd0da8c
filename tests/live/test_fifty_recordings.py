"""Fifty recorded calls on the real switch, with known speech, tones and silences, and all that may go wrong around them.

What was planted stands in the plan (`house/fifty_day.py`); what happened is told by the switch's own queue_log, CEL, events, and
by its own sound files, which are kept under a second name.
"""

import asyncio
import hashlib
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.faults.report import figures, write
from tests.live.house.dialogues import DIALOGUES, LOUD, expected, pitch, speech_in
from tests.live.house.fifty import EXCLUDE, PITCH, SITE
from tests.live.house.fifty_books import PEOPLE, Books, played
from tests.live.house.fifty_day import small_disk
from tests.live.house.installation import House
from tests.recordings.speaking import RATE
from tests.servers import REPOSITORY

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1200)]

TENTH = 0.1  # seconds: so exactly what was planted must be found


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    folder = tmp_path_factory.mktemp("fifty")
    policies = folder / "policies"
    shutil.copytree(REPOSITORY / "config" / "policies", policies)
    rules = policies / "recordings.yaml"
    shipped = rules.read_text(encoding="utf-8")
    assert "\nexclude: []\n" in shipped
    rules.write_text(shipped.replace("\nexclude: []\n", EXCLUDE), encoding="utf-8")
    url = f"sqlite+aiosqlite:///{folder / 'tierline.db'}"
    with small_disk(folder / "recordings"), House(
        folder, url, PEOPLE, site=SITE, ledger=True, settings={"CTI_POLICIES__FOLDER": str(policies)}
    ) as house:  # fmt: skip
        return asyncio.run(played(house))


def test_each_answered_visit_has_one_recording_in_its_right_state(books: Books) -> None:
    rows = [one.row for kept in books.kept.values() for one in kept]
    states = Counter(row["state"] for row in rows)
    told = ", ".join(f"{count} {state}" for state, count in states.items())
    ours = Counter((row["visit_uniqueid"], row["queue"], row["agent"]) for row in rows)
    assert ours == Counter(books.connects)
    assert {call.uniqueid for call in books.day.calls} == {uniqueid for uniqueid, *_ in books.connects}
    assert len(books.day.calls) == 50
    wrong = [
        (call.number, call.does, one.row["state"], one.row["reason_code"], one.row["reason"])
        for call in books.day.calls
        for one in books.of(call)
        if (one.row["state"], one.row["reason_code"]) != (call.state, call.reason)
    ]
    assert wrong == []
    assert books.complaints == []
    books.note(
        f"{len(books.day.calls)} calls, {len(books.connects)} answered visits; full disk, server killed twice: how their recordings end",
        told, "each once, as it should", reached=True,
    )  # fmt: skip


def test_every_leg_is_tied_to_the_call(books: Books) -> None:
    """All that were passed on: one call, one story, its recordings and whoever talked."""
    for call in books.day.calls:
        kept = books.of(call)
        (story,) = {one.row["call"] for one in kept}
        told = books.stories[story]
        assert story.endswith(call.uniqueid)
        if call not in books.day.plan["unheard"]:  # the ledger knows nothing of files
            assert set(call.files) <= set(told["recordings"]), call
        assert {one.row["file"] for one in kept if one.row["state"] == "stored"} <= set(call.files)
        assert len(kept) == (2 if call.does == "goes_into_another_queue" else 1)
        assert {segment["agent"] for segment in told["segments"]} == set(call.agents), call
    assert sum(len(call.agents) > 1 for call in books.day.calls) == 7


def test_what_is_kept_is_what_the_switch_wrote(books: Books) -> None:
    """Size, digest, rate and duration; the customer left and the agent right; as long as they were in a bridge."""
    lengths = []
    for call in books.day.calls:
        kept = books.of(call)
        for place, one in enumerate(kept):
            if one.row["state"] != "stored" or one.row["reason_code"]:
                continue
            row = one.row
            assert hashlib.sha256(one.served).hexdigest() == row["sha256"]
            assert (len(one.served), row["channels"], row["sample_rate"]) == (row["size_bytes"], 2, RATE)
            assert len(one.sound) / RATE == row["duration_seconds"]
            assert one.lanes is not None
            assert np.array_equal(one.sound, one.lanes), call
            begun = [other.row["started_at"] - 1 for other in kept] + [float("inf")]
            bridged = books.truth.bridge_seconds(call.uniqueid, begun[place], begun[place + 1])
            lengths.append(row["duration_seconds"] - bridged)
            if abs(lengths[-1]) > 1.0 + TENTH:
                assert row["note"], row  # a busy switch drops what comes too late: then the row says so
            elif abs(lengths[-1]) < 1.0 - TENTH and call not in books.day.half_heard:
                assert not row["note"], row
    books.note(
        "kept sample by sample as the switch wrote them",
        f"{len(lengths)} of {len(lengths)}",
        "all",
        reached=True,
    )
    books.note(
        "… longer than the customer was in a bridge by",
        f"{min(lengths):.2f} to {max(lengths):.2f} s",
        "± 1 s",
        reached=max(map(abs, lengths)) <= 1.0,
    )


def test_each_voice_is_in_its_lane(books: Books) -> None:
    off = []
    for call in books.day.calls:
        kept = [one for one in books.of(call) if one.row["state"] == "stored"]
        for one in kept:
            speakers = [call.hertz, *(PITCH[agent] for agent in call.agents)]
            lanes = one.sound.T
            if one.row["reason_code"] == "customer_alone":
                assert len(lanes) == 1
                off.append(abs(_pitches(lanes[0])[0] - call.hertz))
                continue
            customer, agents = lanes
            off += [abs(hertz - call.hertz) for hertz in _pitches(customer)]
            heard = _pitches(agents)
            wanted = speakers[1:] if len(kept) == 1 else [PITCH[one.row["agent"]]]
            # an agent who asks a colleague first leaves the customer with music
            assert all(any(abs(hertz - of) < 3 for hertz in heard) for of in wanted), (call, heard)
    assert max(off) < 3


def _pitches(lane: np.ndarray) -> list[float]:
    return [
        pitch(lane[round(began * RATE) : round(ended * RATE)])
        for began, ended in speech_in(lane)
        if ended - began > 0.4
    ]


def test_a_paused_window_is_silent_in_both_lanes_and_nothing_else_is(books: Books) -> None:
    worst, shifted = 0.0, 0
    paused = books.stored("is_paused")
    assert len(paused) == 7
    for call, one in paused:
        (bridged,) = [stay for stay in books.truth.bridged if stay.channel == call.uniqueid]
        (mute,) = call.mutes
        start, stop = (moment - bridged.since for moment in mute)
        # what a busy switch dropped before the pause brings it forward in the file, by so much at most
        lost = max(0.0, bridged.until - bridged.since - one.row["duration_seconds"])
        loud = np.abs(one.sound)
        assert loud[round((start + TENTH) * RATE) : round((stop - lost - TENTH) * RATE)].max() == 0, call
        talks = [round((start - lost - 0.8) * RATE), round((start - lost - TENTH) * RATE)]
        again = [round((stop + TENTH) * RATE), round((stop + 0.8) * RATE)]
        for began, ended in (talks, again):
            assert loud[began:ended].max(axis=0).min() > LOUD, call
        (pause,) = one.row["pauses"]
        shifted += lost > TENTH
        assert pause["state"] == "resumed", call
        assert pause["silence"] == "silent" or lost > TENTH, call
        worst = max(worst, abs(pause["start"] - start), abs(pause["stop"] - stop))
    assert worst < TENTH
    books.note(
        f"{len(paused)} paused windows, {shifted} in files that lack sound a busy switch dropped: not one sample in either "
        "lane; where they lie is off by at most",
        f"{worst:.3f} s", "0.1 s", reached=True,
    )  # fmt: skip


def test_what_was_planted_is_found(books: Books) -> None:
    """Dead air, talk-over and who talked how much, and each stretch of speech where it was planted."""
    worst: dict[str, float] = dict.fromkeys(("dead air", "talk-over", "share", "where"), 0.0)
    late, wrong = 0, []
    heard = [pair for pair in books.stored("talks") if not pair[1].row["reason_code"]]
    for call, one in heard:
        planted = DIALOGUES[call.dialogue]
        found = {side: [tuple(span) for span in one.spans[side]] for side in ("customer", "agent")}
        written = dict(zip(("customer", "agent"), map(speech_in, one.lanes.T), strict=True))
        zero = written["customer"][0][0] - planted.customer[0][0]
        plan = {
            side: [(began + zero, ended + zero) for began, ended in getattr(planted, side)] for side in found
        }
        off = _apart(plan, written)
        if off > TENTH / 2:
            late += 1  # telephones of a busy machine stumble: then what was written is what was planted
            plan = written
        whole = one.row["duration_seconds"]
        wanted, signals = expected(plan["customer"], plan["agent"], whole), one.signals
        assert signals is not None
        errors = {
            "dead air": abs((signals["dead_air"]["longest"] or 0.0) - wanted.dead_air),
            "talk-over": abs(signals["talk_over"]["total"] - wanted.talk_over),
            "share": abs(signals["agent_talk_share"] - wanted.share) / wanted.share_leeway * TENTH,
            "where": _apart(plan, found),
        }
        worst = {name: max(error, errors[name]) for name, error in worst.items()}
        if max(errors.values()) > TENTH:
            wrong.append((call.number, call.dialogue, errors, off, plan, found, whole))
    assert wrong == []
    assert late < len(heard)
    told = ", ".join(f"{name} {error:.3f}" for name, error in worst.items())
    books.note(
        f"speech, dead air, talk-over and share of {len(heard)} conversations, {late} of them against the switch's files "
        "because telephones stumbled: largest error",
        f"{told} s", "0.1 s", reached=True,
    )  # fmt: skip


def _apart(one: dict[str, Any], other: dict[str, Any]) -> float:
    """The largest distance between ends of the same stretches of speech, seconds."""
    if any(len(one[side]) != len(other[side]) for side in one):
        return float("inf")
    pairs = [pair for side in one for pair in zip(one[side], other[side], strict=True)]
    return max(abs(a - b) for ours, theirs in pairs for a, b in zip(ours, theirs, strict=True))


def test_nothing_lies_about_unexplained(books: Books) -> None:
    """In the switch's folder only what no recording took; in the store one file for each that is stored."""
    mine = {"is_truncated": 2, "is_promised_more": 2, "loses_his_recording": 0, "loses_one_voice": 0}
    explained = {
        half
        for call in books.day.calls
        if mine.get(call.does)
        for half in books.day.shift.halves(call.files[0])
    }
    markers = {f"{call.files[0]}.done" for call in books.day.calls if call.does in mine}
    assert explained <= set(books.left)
    assert set(books.left) - explained - markers == set()
    stored = [one.row["file"] for kept in books.kept.values() for one in kept if one.row["state"] == "stored"]
    assert sorted(Path(name).name for name in books.store) == sorted(file[:-4] + ".flac" for file in stored)


def test_the_figures_are_told(books: Books, update_golden: bool) -> None:
    for what, seconds in books.day.figures.items():
        books.note(what, f"{seconds:.1f} s")
    table = figures(books.figures)
    print("\n" + "\n".join(table))
    if update_golden:
        write("recordings", table, "make proof")
