"""The stream is what a switch prints: it replays without a surprise, and every call comes to what was planned."""

from collections import Counter

import pytest

from cti.adapters.ami.trace import Replay
from cti.domain.identifiers import PbxName
from tests.benchmarks.stream import SCENES, Stream, disabled, scene


@pytest.fixture(scope="module")
def played():
    return Stream(live=60, seed=7).play(300)


def replayed(frames, piece=65536):
    replay = Replay(PbxName("pbx1"))
    whole = b"".join(frame.data for frame in frames)
    for start in range(0, len(whole), piece):
        replay.feed(whole[start : start + piece])
    return replay.finish()


def test_nothing_in_it_surprises(played):
    _, frames = played
    _, summary = replayed(frames)
    assert summary["messages"] == len(frames)
    surprises = ("malformed", "quarantined", "unknown_events", "missed", "unexpected_signals")
    assert {name: summary[name] for name in surprises} == dict.fromkeys(surprises, 0)


def test_every_call_comes_to_what_was_planned(played):
    planned, frames = played
    records, _ = replayed(frames)
    seen = {
        record.uniqueid: (
            [(visit.queue, visit.outcome.value, visit.agent) for visit in record.visits],
            [offer.agent for offer in record.offers],
            record.caller_number,
        )
        for record in records
    }
    assert seen == {
        plan.uniqueid: ([(plan.queue, plan.outcome, plan.agent)], list(plan.rung), plan.number)
        for plan in planned
    }


def test_an_agent_serves_one_call_at_a_time(played):
    _, frames = played
    records, _ = replayed(frames)
    busy: dict[str, float] = {}
    for segment in sorted((s for record in records for s in record.segments), key=lambda s: s.began_at):
        assert segment.began_at >= busy.get(segment.agent, 0)
        busy[segment.agent] = segment.ended_at


def test_it_is_numbered_without_a_hole_in_order_of_time(played):
    _, frames = played
    for number, frame in enumerate(frames):
        assert b"\r\nTimestamp: %.6f\r\nSequenceNumber: %d\r\n" % (frame.at, number) in frame.data
    times = [frame.at for frame in frames]
    assert times == sorted(times)


def test_it_goes_on_where_it_stopped():
    stream = Stream(live=60, seed=7)
    first, second = stream.play(50), stream.play(50)
    records, summary = replayed(first[1] + second[1])
    assert len(records) == 100
    assert summary["missed"] == summary["unexpected_signals"] == 0


def test_no_name_or_number_of_the_captures_is_left(played):
    _, frames = played
    whole = b"".join(frame.data for frame in frames)
    for captured in (b"tierline-1", b"PJSIP/101-", b"PJSIP/101\r", b"MemberName: 101\r", b"+1555010", b"%("):
        assert captured not in whole


def test_what_the_shipped_configuration_takes_out_is_not_in_it(played):
    _, frames = played
    names = Counter(frame.data.partition(b"\r\n")[0] for frame in frames)
    assert not disabled() & names.keys()
    assert names[b"Event: QueueCallerJoin"] == 300


def test_about_as_many_events_a_call_as_a_real_switch_sends(played):
    _, frames = played
    assert 45 <= len(frames) / 300 <= 60


@pytest.mark.parametrize("name", SCENES)
def test_each_scene_is_one_whole_call(name):
    cut = scene(name)
    assert cut.events["QueueCallerJoin"] == 1
    assert cut.events["Newchannel"] == cut.events["Hangup"] == cut.channels
    assert cut.outcome == ("answered" if cut.events["AgentConnect"] else "abandoned")


def test_introduced_agents_are_ready_and_rung_first():
    stream = Stream(live=30, seed=3)
    shown = stream.introduce(200, at=1_779_999_000.0)
    planned, frames = stream.play(40)
    _, summary = replayed(shown + frames)
    assert summary["unexpected_signals"] == summary["missed"] == 0
    assert len(shown) == 600
    assert {agent for plan in planned for agent in plan.rung} <= {str(1001 + n) for n in range(200)}
