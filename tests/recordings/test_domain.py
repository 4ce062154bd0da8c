"""The tables and decisions, without a disk."""

import io
import itertools
import wave

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recordings.domain.errors import NoSuchStep, NotWhole
from recordings.domain.finding import bridge_seconds
from recordings.domain.naming import parse
from recordings.domain.policy import RecordingPolicy
from recordings.domain.recording import LIFE, Reason, RecordingState, Step, expect, length_note, take_step
from recordings.domain.verdict import FileFacts, Watch, covers, judge
from recordings.domain.wav import head_of, read_head

ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine too

ENDS = {RecordingState.STORED, RecordingState.MISSING, RecordingState.EXCLUDED}


def sound(seconds: float, rate: int = 8000, channels: int = 1) -> bytes:
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(bytes(2 * channels) * int(rate * seconds))
    return memory.getvalue()


@ANY_SPEED
@given(st.lists(st.sampled_from(Step), max_size=8))
def test_a_recording_ends_once_and_only_a_late_file_changes_that(calls, steps):
    recording, ends = expect(calls.visit()), []
    for step in steps:
        try:
            recording, change = take_step(recording, step, 1.0)
        except NoSuchStep:
            continue
        assert change.was is not change.became
        if change.became is RecordingState.ERASED:
            assert change.was is RecordingState.STORED  # only sound can be erased, and then nothing follows
        elif change.became in ENDS:
            ends.append(change.became)
    assert ends[:-1] in ([], [RecordingState.MISSING])
    assert len(ends) < 2 or ends == [RecordingState.MISSING, RecordingState.STORED]
    assert (recording.settled_at is not None) == (recording.state in ENDS | {RecordingState.ERASED})


def test_every_unsettled_state_can_reach_every_end():
    for state, end in itertools.product(set(RecordingState) - ENDS - {RecordingState.ERASED}, ENDS):
        assert end in {LIFE.get((state, step)) for step in Step}


@pytest.mark.parametrize(("seconds", "rate", "channels"), [(1, 8000, 1), (2.5, 16000, 2), (0, 8000, 1)])
def test_a_whole_file_tells_its_shape(seconds, rate, channels):
    content = sound(seconds, rate, channels)
    wav = read_head(content[:4096], len(content))
    assert (wav.rate, wav.channels, wav.seconds) == (rate, channels, seconds)


@ANY_SPEED
@given(st.integers(0, 16_043))
def test_a_file_cut_anywhere_is_not_whole(size):
    content = sound(1)
    with pytest.raises(NotWhole):
        read_head(content[: min(size, 4096)], size)


@ANY_SPEED
@given(st.binary(max_size=200), st.integers(0, 1 << 40))
def test_garbage_is_not_whole_and_never_anything_worse(content, size):
    for head in (content, b"RIFF" + content[:4] + b"WAVE" + content[8:]):
        try:
            wav = read_head(head, size)
        except NotWhole:
            continue
        assert wav.sound_bytes <= size


@pytest.mark.parametrize(
    ("frames", "rate", "channels"), [(0, 8000, 1), (12_345, 8000, 2), (44_100, 44_100, 2)]
)
def test_the_header_we_make_is_the_usual_one(frames, rate, channels):
    content = sound(frames / rate, rate, channels)
    assert head_of(rate, channels, frames) == content[:44]


def test_what_no_wav_file_can_hold_is_refused():
    assert len(head_of(8000, 2, ((1 << 32) - 44) // 4)) == 44
    with pytest.raises(NotWhole, match="longer than"):
        head_of(8000, 2, 1 << 30)


def test_a_header_from_before_the_end_is_not_whole():
    content = bytearray(sound(1))
    content[4:8], content[40:44] = (36).to_bytes(4, "little"), bytes(4)  # as left by a killed switch
    with pytest.raises(NotWhole):
        read_head(bytes(content), len(content))


class TestVerdict:
    def facts(self, content: bytes, *, done: float | None = None) -> FileFacts:
        return FileFacts(len(content), 0.0, done, regular=True, head=content[:4096])

    @ANY_SPEED
    @given(
        now=st.floats(0, 40_000),
        cleared=st.none() | st.floats(0, 20_000),
        size=st.none() | st.integers(0, 60_000),
        done=st.none() | st.floats(0, 40_000),
        since=st.none() | st.floats(0, 40_000),
        talk=st.none() | st.floats(0, 100),
    )
    def test_never_stored_unless_whole_and_final(self, calls, now, cleared, size, done, since, talk):
        content = sound(4)
        facts = None if size is None else self.facts(content[:size], done=done)
        recording = expect(calls.visit(joined=0, wait=0))._replace(cleared_at=cleared, bridge_seconds=talk)
        watch = None if since is None or facts is None else Watch(facts.size, since)
        verdict = judge(recording, facts, watch, RecordingPolicy(), now)
        if verdict.step is Step.STORE:
            assert facts is not None
            assert facts.size == len(content)
            assert done is not None or (watch is not None and now >= watch.since + 5)
            assert cleared is not None or done is not None or now >= 4 * 3600
        if verdict.step is Step.MISS:
            assert now >= 60 + (4 * 3600 if cleared is None else cleared)
        assert (verdict.reason is Reason.NONE) == (verdict.step in {None, Step.SEE, Step.STORE})

    @ANY_SPEED
    @given(
        talk=st.none() | st.floats(0, 100),
        cleared=st.none() | st.floats(0, 20_000),
        content=st.binary(max_size=60),
    )
    def test_patience_ends(self, calls, talk, cleared, content):
        recording = expect(calls.visit(joined=0, wait=0))._replace(cleared_at=cleared, bridge_seconds=talk)
        for facts in (None, self.facts(content), self.facts(content, done=1.0)):
            watch = None if facts is None else Watch(facts.size, 0.0)
            assert judge(recording, facts, watch, RecordingPolicy(), 50_000).step not in {None, Step.SEE}

    def test_what_may_not_be_read_says_so(self, calls):
        recording = expect(calls.visit(joined=0, wait=0))._replace(cleared_at=0.0)
        facts = FileFacts(100, 0.0, 1.0, regular=True, head=None)
        verdict = judge(recording, facts, None, RecordingPolicy(), 61)
        assert (verdict.step, verdict.reason) == (Step.MISS, Reason.UNREADABLE)
        assert "permissions" in verdict.detail

    def test_an_earlier_file_must_have_been_written_to_since_the_answer(self, calls):
        recording = expect(calls.visit(uniqueid="1.1", joined=100, wait=10))
        facts = self.facts(b"")
        assert covers(parse("1.1-99.wav"), facts._replace(changed_at=0), recording)
        assert not covers(parse("1.1-50.wav"), facts._replace(changed_at=100), recording)
        assert covers(parse("1.1-50.wav"), facts._replace(changed_at=109), recording)


class TestBridgeTime:
    def test_spans_that_overlap_count_once_and_holds_count(self, calls):
        visit = calls.visit(joined=0, wait=0, talk=100)
        segments = [
            calls.segment(0, 60, held=20),
            calls.segment(50, 80, "102"),
            calls.segment(90, 100, "103"),
        ]
        assert bridge_seconds(calls.record(visit, segments=segments), 0, None) == 90

    def test_what_belongs_to_other_visits_is_left_out(self, calls):
        visit = calls.visit(joined=0, wait=0, talk=100)
        segments = [calls.segment(0, 20), calls.segment(50, 80)]
        record = calls.record(visit, segments=segments)
        assert bridge_seconds(record, 0, 50) == 20
        assert bridge_seconds(record, 50, None) == 30
        assert bridge_seconds(calls.record(visit, segments=[]), 0, None) is None

    @pytest.mark.parametrize(
        ("sound", "bridge", "noted"), [(10, 10.9, 0), (10, 11.1, 1), (12, 10, 1), (10, None, 0)]
    )
    def test_a_second_is_forgiven(self, sound, bridge, noted):
        assert bool(length_note(sound, bridge)) == noted
