"""Signals hold together whatever was said: sides swap with the lanes, time on hold counts for nothing, times add up."""

from hypothesis import given
from hypothesis import strategies as st

from recordings.domain.signals import Facts, Thresholds, signals_of
from recordings.domain.speech import Heard, Lane, Span, common, outside, total, united, without

LENGTH = 120.0
LIMITS = Thresholds()

moments = st.integers(0, int(LENGTH * 10)).map(lambda tenth: tenth / 10)
spans = st.lists(st.tuples(moments, moments).map(sorted).map(lambda both: Span(*both)), max_size=12).map(
    united
)


def lane(speech, level=-20.0) -> Lane:
    return Lane(tuple(speech), tuple(speech), level if speech else None, -60.0, 0.0)


def of(customer, agent, holds=(), **facts):
    heard = Heard(LENGTH, (lane(customer), lane(agent, -25.0)))
    return signals_of(heard, Facts(holds=tuple(holds), **facts), LIMITS)


SIDES = {
    "agent_interruptions": "customer_interruptions",
    "agent_speech_seconds": "customer_speech_seconds",
    "agent_monologue_seconds": "customer_monologue_seconds",
    "agent_level": "customer_level",
}
SWAPPED = SIDES | {theirs: ours for ours, theirs in SIDES.items()}
ONE_SIDED = {"agent_talk_share", "first_response_seconds", *SWAPPED}


@given(spans, spans, spans)
def test_swapping_the_lanes_swaps_the_sides_and_nothing_else(one, other, holds):
    heard = Heard(LENGTH, (lane(one), lane(other, -25.0)))
    there = signals_of(heard, Facts(holds=tuple(holds)), LIMITS).signals._asdict()
    back = signals_of(Heard(LENGTH, heard.lanes[::-1]), Facts(holds=tuple(holds)), LIMITS).signals._asdict()
    for name, value in there.items():
        if name in SWAPPED:
            assert back[SWAPPED[name]] == value, name
        elif name not in ONE_SIDED:
            assert back[name] == value, name
    if there["agent_talk_share"] is not None:
        assert abs(there["agent_talk_share"] + back["agent_talk_share"] - 1) < 1e-9


@given(spans, spans, spans)
def test_what_is_said_on_hold_changes_nothing(customer, agent, holds):
    quiet = of(without(customer, holds), without(agent, holds), holds)
    music = of(customer, united([*without(agent, holds), *holds]), holds)
    shown = [
        {kind: found.spans[kind] for kind in ("hold", "silence", "talk_over")} for found in (quiet, music)
    ]
    assert shown[0] == shown[1]
    left_out = {"faults", "agent_level", "customer_level"}
    told = [
        {k: v for k, v in found.signals._asdict().items() if k not in left_out} for found in (quiet, music)
    ]
    assert told[0] == told[1]


@given(spans, spans, spans)
def test_times_add_up(customer, agent, holds):
    signals = of(customer, agent, holds).signals
    assert abs(signals.listened_seconds + signals.hold.total - LENGTH) < 1e-6
    if signals.listened_seconds > 0:
        talked = total(without(united([*customer, *agent]), holds))
        assert (
            abs(signals.silence_share * signals.listened_seconds + talked - signals.listened_seconds) < 1e-6
        )
    for kind in (signals.silence, signals.dead_air, signals.talk_over, signals.hold):
        assert (kind.times == 0) == (kind.longest is None)
        if kind.times:
            assert kind.shortest <= kind.mean + 1e-9 and kind.mean <= kind.longest + 1e-9
            assert abs(kind.mean * kind.times - kind.total) < 1e-6
    assert signals.dead_air.times <= signals.silence.times
    assert signals.agent_interruptions + signals.customer_interruptions <= signals.talk_over.times


@given(spans, spans, st.sampled_from([None, "agent", "caller"]))
def test_in_one_lane_what_needs_two_is_unknown(customer, agent, ended_by):
    both = lane(united([*customer, *agent]))
    one = signals_of(Heard(LENGTH, (both,)), Facts(ended_by=ended_by), LIMITS).signals
    two = of(customer, agent, ended_by=ended_by).signals
    assert {getattr(one, name) for name in ONE_SIDED} | {one.talk_over, one.turns_a_minute} == {None}
    assert (one.silence, one.dead_air, one.silence_share) == (two.silence, two.dead_air, two.silence_share)
    assert one.abrupt_end == two.abrupt_end


@given(spans, spans)
def test_spans_are_sets_of_moments(some, others):
    for tenth in range(0, int(LENGTH * 10), 7):
        at = tenth / 10 + 0.05
        inside = [any(span.began <= at < span.ended for span in found)
                  for found in (some, others, common(some, others), without(some, others), outside(some, 0.0, LENGTH))]  # fmt: skip
        assert inside[2:] == [inside[0] and inside[1], inside[0] and not inside[1], not inside[0]]
