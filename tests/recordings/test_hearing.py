"""What is planted in a sound is found where it was planted, to a tenth of a second."""

import io

import numpy as np
import pytest

from recordings.adapters.folder import FolderPlace
from recordings.adapters.hearing import hear
from recordings.adapters.hearing_pool import HearingPool
from recordings.domain.errors import AudioGone, HearingFailed, NotWhole
from recordings.domain.signals import AGENT, CUSTOMER, Facts, Fault, Thresholds, signals_of
from recordings.domain.speech import Heard, Span
from tests.recordings.speaking import file_of, tones, voice

NEAR = 0.1
LIMITS = Thresholds()

# 65 s of the agent and 35 s of the customer with 2 s together, and 12 s in which nobody speaks.
CUSTOMER_SPEAKS = [(0.0, 4.0), (12.0, 22.0), (40.0, 48.0), (60.0, 73.0)]
AGENT_SPEAKS = [(4.5, 11.5), (22.5, 39.5), (46.0, 47.0 + 12.5), (73.5, 88.0), (100.0, 112.5), (113.0, 113.5)]
DEAD_AIR = (88.0, 100.0)
SECONDS = 114.0


def near(spans, planted) -> bool:
    return len(spans) == len(planted) and np.allclose([[*span] for span in spans], planted, atol=NEAR)


@pytest.mark.parametrize("form", ["WAV", "FLAC"])
@pytest.mark.parametrize("noise", [None, -60.0, -45.0])
def test_bursts_of_a_tone(noise, form):
    heard = hear(file_of(tones(SECONDS, CUSTOMER_SPEAKS, noise=noise), tones(SECONDS, AGENT_SPEAKS, noise=noise, seed=2),
                         form=form))  # fmt: skip
    assert heard.seconds == SECONDS
    assert near(heard.lanes[CUSTOMER].speech, CUSTOMER_SPEAKS)
    assert near(heard.lanes[AGENT].speech, AGENT_SPEAKS)
    found = signals_of(heard, Facts(ended_by="agent"), LIMITS)
    assert near(found.spans["silence"], [DEAD_AIR])
    assert near(found.spans["talk_over"], [(46.0, 48.0)])
    signals = found.signals
    assert (signals.dead_air.times, signals.silence.times, signals.faults) == (1, 1, ())
    assert signals.dead_air.longest == pytest.approx(12.0, abs=NEAR)
    assert signals.talk_over.total == pytest.approx(2.0, abs=NEAR)
    assert (signals.agent_interruptions, signals.customer_interruptions) == (1, 0)
    agent, customer = (sum(b - a for a, b in lane) for lane in (AGENT_SPEAKS, CUSTOMER_SPEAKS))
    assert (agent, customer) == (65.0, 35.0)
    assert signals.agent_speech_seconds == pytest.approx(65.0, abs=NEAR * len(AGENT_SPEAKS))
    assert signals.agent_talk_share == pytest.approx(0.65, abs=0.005)
    assert signals.first_response_seconds == pytest.approx(4.5, abs=NEAR)
    assert signals.quiet_end_seconds == pytest.approx(0.5, abs=NEAR)
    assert signals.abrupt_end is True
    assert signals.agent_level == pytest.approx(-20.0, abs=0.5)


@pytest.mark.parametrize("above", [10.0, 15.0, 20.0])
@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_voices_on_a_noisy_line(above, rate, seed):
    """Speech is `above` dB louder than the noise."""
    given = {"level": -22.0, "noise": -22.0 - above, "rate": rate}
    heard = hear(file_of(voice(SECONDS, CUSTOMER_SPEAKS, seed=seed, **given), voice(SECONDS, AGENT_SPEAKS, seed=seed + 50, **given),
                         rate=rate))  # fmt: skip
    assert near(heard.lanes[CUSTOMER].speech, CUSTOMER_SPEAKS)
    assert near(heard.lanes[AGENT].speech, AGENT_SPEAKS)
    found = signals_of(heard, Facts(), LIMITS)
    assert near(found.spans["silence"], [DEAD_AIR])
    assert near(found.spans["talk_over"], [(46.0, 48.0)])
    assert found.signals.agent_talk_share == pytest.approx(0.65, abs=0.01)
    assert found.signals.faults == ()


def test_noise_that_grows_and_falls_is_not_speech():
    """A street behind the customer from the second minute on."""
    loud = np.random.default_rng(3).normal(0, 10 ** (-40 / 20), 8000 * 400)
    loud[: 8000 * 130] *= 0.05
    loud[8000 * 300 :] *= 0.05
    spoken = [(10.0, 20.0), (150.0, 162.0), (250.0, 258.0), (350.0, 360.0)]
    heard = hear(file_of(tones(400, spoken, level=-20) + loud, tones(400, [(30.0, 60.0)], seed=4)))
    covered = sum(span.seconds for span in heard.lanes[CUSTOMER].speech)
    assert covered == pytest.approx(40.0, abs=2.0)


def test_one_voice_file_has_one_lane():
    heard = hear(file_of(tones(30, [(1.0, 5.0), (20.0, 25.0)])))
    assert not heard.apart
    signals = signals_of(heard, Facts(ended_by="caller"), LIMITS).signals
    assert signals.dead_air.longest == pytest.approx(15.0, abs=NEAR)
    assert signals.talk_over is signals.agent_talk_share is signals.first_response_seconds is None
    assert signals.turns_a_minute is signals.agent_interruptions is signals.agent_monologue_seconds is None
    assert signals.abrupt_end is False


def test_the_same_sound_on_both_sides_is_one_lane():
    both = tones(30, [(1.0, 5.0)])
    assert len(hear(file_of(both, both)).lanes) == 1


def test_an_echo_is_not_an_interruption():
    speaks = [(1.0, 9.0), (15.0, 24.0)]
    agent = tones(30, speaks, level=-12.0, noise=None)
    heard = hear(file_of(agent * 10 ** (-32 / 20) + tones(30, [(10.0, 14.0)], noise=-70.0, seed=2), agent))
    assert near(heard.lanes[CUSTOMER].speech, [(10.0, 14.0)])


def test_clicks_are_not_words():
    samples = tones(20, [(5.0, 9.0)])
    samples[8000 * 15 : 8000 * 15 + 30] = 0.9
    assert near(hear(file_of(samples)).lanes[0].speech, [(5.0, 9.0)])


class TestFaults:
    def faults(self, *lanes):
        return signals_of(hear(file_of(*lanes)), Facts(), LIMITS).signals.faults

    def test_one_side_carries_nothing(self):
        silent = np.zeros(8000 * 60)
        assert self.faults(tones(60, [(5.0, 30.0)]), silent) == (Fault.ONE_WAY_AUDIO,)
        assert self.faults(silent, tones(60, [(5.0, 30.0)])) == (Fault.ONE_WAY_AUDIO,)

    def test_who_listens_for_long_is_no_fault(self):
        agent = tones(60, [(0.0, 50.0)], noise=None)
        assert (
            self.faults(tones(60, [(51.0, 53.0)], noise=None), agent) == ()
        )  # a telephone that sends no silence
        assert self.faults(tones(60, [(51.0, 51.8)], noise=-60.0), agent) == ()  # a quiet room is to be heard

    def test_distorted(self):
        loud = tones(60, [(5.0, 30.0)], level=6.0)
        assert self.faults(loud, tones(60, [(31.0, 50.0)])) == (Fault.CLIPPED,)
        just_loud = tones(60, [(5.0, 30.0)], level=-4.0)
        assert self.faults(just_loud, tones(60, [(31.0, 50.0)])) == ()

    def test_hardly_to_be_heard(self):
        faint = voice(60, [(5.0, 30.0)], level=-48.0, noise=-75.0)
        assert self.faults(faint, tones(60, [(31.0, 50.0)])) == (Fault.TOO_QUIET,)

    def test_nothing_but_silence(self):
        hiss = tones(60, [], noise=-62.0)
        assert self.faults(hiss, tones(60, [], noise=-62.0, seed=9)) == (Fault.NO_SPEECH,)
        assert self.faults(np.zeros(80_000)) == (Fault.NO_SPEECH,)


@pytest.mark.parametrize("content", [b"", b"RIFF????WAVEnonsense", b"\0" * 5000])
def test_what_is_no_sound(content):
    with pytest.raises(NotWhole):
        hear(io.BytesIO(content))


def test_an_empty_sound():
    assert hear(file_of(np.zeros(0))) == Heard(0.0, ())


@pytest.mark.parametrize("count", [1, 79, 80, 81, 8001])
def test_odd_lengths(count):
    heard = hear(file_of(np.full(count, 0.3) * np.resize([1, -1], count)))
    assert heard.seconds == count / 8000
    assert all(0 <= span.began < span.ended <= heard.seconds for span in heard.lanes[0].speech)


class Stuck:
    def open(self):
        import time

        time.sleep(60)


async def itself(place):
    return place


class Deadly:
    def open(self):
        import os

        os._exit(3)


class TestProcesses:
    @pytest.fixture
    def pool(self):
        pool = HearingPool(1, itself)
        yield pool
        pool.close()

    async def test_heard_elsewhere_like_here(self, pool, tmp_path):
        file = tmp_path / "a.wav"
        file.write_bytes(file_of(tones(20, [(1.0, 5.0)])).getvalue())
        with file.open("rb") as sound:
            assert await pool.hear(FolderPlace(str(tmp_path), "a.wav")) == hear(sound)
        with pytest.raises(AudioGone):
            await pool.hear(FolderPlace(str(tmp_path), "gone.wav"))
        file.write_bytes(b"nonsense")
        with pytest.raises(NotWhole):
            await pool.hear(FolderPlace(str(tmp_path), "a.wav"))

    async def test_a_process_that_dies_or_hangs_takes_nothing_along(self, pool, tmp_path):
        file = tmp_path / "a.wav"
        file.write_bytes(file_of(tones(20, [(1.0, 5.0)])).getvalue())
        with pytest.raises(HearingFailed):
            await pool.hear(Deadly())
        assert (await pool.hear(FolderPlace(str(tmp_path), "a.wav"))).seconds == 20
        pool._processes._seconds = 1.0
        with pytest.raises(HearingFailed):
            await pool.hear(Stuck())
        pool._processes._seconds = 60.0
        assert (await pool.hear(FolderPlace(str(tmp_path), "a.wav"))).lanes[0].speech[0] == pytest.approx(
            Span(1.0, 5.0), abs=NEAR
        )
