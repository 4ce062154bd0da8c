"""Signals on plain spans, and what the story of a call says of its sound."""

import pytest

from recordings.domain.hearing import facts_of
from recordings.domain.recording import expect
from recordings.domain.signals import Facts, Thresholds, signals_of
from recordings.domain.speech import Heard, Lane, Span

LIMITS = Thresholds()


def lane(*speech) -> Lane:
    spans = tuple(Span(*span) for span in speech)
    return Lane(spans, spans, -20.0 if spans else None, -60.0, 0.0)


def of(customer, agent, seconds=60.0, **facts):
    return signals_of(Heard(seconds, (lane(*customer), lane(*agent))), Facts(**facts), LIMITS)


def test_the_four_numbers_of_silence():
    signals = of([(0, 5), (10, 20)], [(24, 30), (45, 60)]).signals
    assert signals.silence == (3, 24.0, 15.0, 4.0, 8.0)
    assert signals.dead_air == (1, 15.0, 15.0, 15.0, 15.0)
    assert signals.silence_share == pytest.approx(24 / 60)


def test_who_breaks_in():
    """At 9 the agent into the customer, at 29 the customer into the agent, at 50 both at once; 0.4 s are none."""
    signals = of([(0, 10), (29, 33), (40, 41.4), (50, 52)], [(9, 30), (41, 45), (50, 53)]).signals
    assert signals.talk_over == (3, 4.0, 2.0, 1.0, pytest.approx(4 / 3))
    assert (signals.agent_interruptions, signals.customer_interruptions) == (1, 1)


def test_a_short_word_of_the_other_ends_no_monologue():
    signals = of([(10, 10.6), (20, 25)], [(0, 9.9), (10.7, 19), (26, 30)]).signals
    assert signals.agent_monologue_seconds == pytest.approx(19.0)
    assert signals.customer_monologue_seconds == pytest.approx(5.0)
    assert signals.turns_a_minute == pytest.approx(3.0)


def test_a_pause_ends_a_monologue():
    assert of([], [(0, 10), (12.9, 20), (23, 30)]).signals.agent_monologue_seconds == pytest.approx(20.0)


def test_hold_is_no_dead_air():
    found = of([(0, 5)], [(6, 10), (35, 60)], holds=(Span(10, 30),))
    assert found.signals.hold == (1, 20.0, 20.0, 20.0, 20.0)
    assert [*found.spans["silence"]] == [Span(30, 35)]
    assert found.signals.listened_seconds == 40.0


def test_a_pause_on_purpose_is_neither_talk_nor_silence():
    found = of([(0, 5)], [(6, 10), (35, 60)], pauses=(Span(10, 35),))
    assert (found.signals.silence.times, found.signals.hold.times) == (0, 0)


@pytest.mark.parametrize(
    ("ended_by", "last", "abrupt"),
    [("agent", 59.2, True), ("agent", 58.9, False), ("caller", 59.9, False), (None, 59.9, None)],
)
def test_an_abrupt_end(ended_by, last, abrupt):
    assert of([(0, 5)], [(6, last)], ended_by=ended_by).signals.abrupt_end is abrupt


def test_the_first_answer_is_counted_from_the_answer():
    assert of([(0, 5)], [(0.5, 1.0), (12, 20)], answered_at=10.0).signals.first_response_seconds == 2.0


def test_nobody_says_anything():
    signals = of([], []).signals
    assert (signals.agent_talk_share, signals.first_response_seconds, signals.quiet_end_seconds) == (
        None,
    ) * 3
    assert signals.silence_share == 1.0


class TestStories:
    T0 = 1_800_000_000.0

    @pytest.fixture
    def recording(self, calls):
        return expect(calls.visit())._replace(
            file="tierline-1800000000.7-1800000000.wav", duration_seconds=20.0, cleared_at=self.T0 + 30
        )

    def story(self, *timeline, segments=((10, 30, "101"),), ended_by="agent"):
        return {
            "ended_at": self.T0 + 30,
            "segments": [
                {"began_at": self.T0 + began, "ended_at": self.T0 + ended, "agent": agent} for began, ended, agent in segments
            ],
            "visits": [{"uniqueid": "tierline-1800000000.7", "joined_at": self.T0, "ended_by": ended_by}],
            "timeline": [{"at": self.T0 + at, "what": what, "detail": who} for at, what, who in timeline],
        }  # fmt: skip

    def test_the_sound_runs_while_somebody_talks(self, recording):
        facts = facts_of(recording, self.story((15, "CallHeld", "101"), (22, "CallRetrieved", "101")))
        assert facts == Facts(0.0, "agent", (Span(5.0, 12.0),))

    def test_a_hold_that_a_hang_up_ends(self, recording):
        assert facts_of(recording, self.story((25, "CallHeld", "101"), (30, "CallCleared", ""))).holds == (
            Span(15, 20),
        )

    def test_between_two_agents_the_sound_stands_still(self, recording):
        recording = recording._replace(duration_seconds=18.0)
        story = self.story(
            (24, "CallHeld", "102"), (26, "CallRetrieved", "102"), segments=((10, 20, "101"), (22, 30, "102"))
        )
        assert facts_of(recording, story).holds == (Span(12.0, 14.0),)

    def test_a_sound_that_runs_from_the_beginning(self, recording):
        recording = recording._replace(duration_seconds=29.5)  # without the switch's option b
        facts = facts_of(recording, self.story((15, "CallHeld", "101"), (22, "CallRetrieved", "101")))
        assert facts == Facts(9.5, "agent", (Span(14.5, 21.5),))

    def test_no_story(self, recording):
        assert facts_of(recording, None) == Facts()
