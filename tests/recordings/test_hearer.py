"""A stored recording is heard once its call's story is written, or after a while without it; what was missed is asked for."""

import pytest

from cti.domain.jobs import Job
from recordings.adapters.signal_store import SqlHearings
from recordings.domain.errors import AudioGone, HearingFailed
from recordings.domain.events import RecordingHeard, told
from recordings.domain.hearing import HEAR_RECORDING, STORY_PATIENCE_SECONDS
from recordings.domain.recording import RecordingState
from recordings.domain.signals import Fault, Thresholds
from recordings.domain.speech import Heard, Lane, Span
from recordings.service.hearer import Hearer

SILENT = Lane((), (), None, -90.0, 0.0)
TALKS = Lane((Span(1.0, 15.0),), (Span(0.0, 20.0),), -20.0, -60.0, 0.0)


class Ear:
    def __init__(self) -> None:
        self.heard, self.asked, self.fault = Heard(20.0, (TALKS, SILENT)), [], None

    async def hear(self, path):
        self.asked.append(path)
        if self.fault:
            raise self.fault
        return self.heard


class Asked:
    def __init__(self) -> None:
        self.subjects = []

    def ask(self, kind, subject, payload=None):
        assert kind == HEAR_RECORDING
        self.subjects.append(subject)


@pytest.fixture
async def scene(stage, calls):
    """One recording in the store, and a hearer with a false ear."""

    class Scene:
        clock, stories, told, ear, jobs, book = stage.clock, {}, [], Ear(), Asked(), SqlHearings(stage.engine)
        pauses = ()

        async def story(self, call):
            return self.stories.get(call)

        async def pauses_of(self, file):
            return self.pauses

        def job(self, subject=None):
            return Job(HEAR_RECORDING, subject or self.recording.id, {}, 0.0, 0.0)

    await stage.talked(20.0)
    stage.wav("tierline-1800000000.7-1800000000.wav", 20.0)
    await stage.after(1)
    scene = Scene()
    scene.recording = await stage.row()
    assert scene.recording.state is RecordingState.STORED
    scene.hearer = Hearer(
        scene.ear, stage.catalogue, scene.book, (scene.story, scene.pauses_of), Thresholds(), scene.jobs, scene.told.append, stage.clock
    )  # fmt: skip
    return scene


def story(recording):
    return {
        "ended_at": recording.cleared_at,
        "segments": [{"began_at": recording.started_at, "ended_at": recording.cleared_at}],
        "visits": [{"uniqueid": recording.uniqueid, "joined_at": recording.joined_at, "ended_by": "agent"}],
        "timeline": [
            {"at": recording.started_at + 5, "what": "CallHeld", "detail": "101"},
            {"at": recording.started_at + 9, "what": "CallRetrieved", "detail": "101"},
        ],
    }


async def test_heard_with_what_the_story_knows(scene):
    scene.hearer.recording_stored(told(scene.recording))
    assert scene.jobs.subjects == [scene.recording.id]
    scene.stories[scene.recording.call] = story(scene.recording)
    assert await scene.hearer.hear(scene.job()) is None
    kept = await scene.hearer.heard(scene.recording.id)
    assert kept.signals.hold == (1, 4.0, 4.0, 4.0, 4.0)
    assert kept.signals.faults == (Fault.ONE_WAY_AUDIO,)
    [event] = scene.told
    assert isinstance(event, RecordingHeard)
    assert (event.recording, event.technical_fault, event.signals) == (
        scene.recording.id,
        Fault.ONE_WAY_AUDIO,
        kept.signals,
    )
    assert scene.hearer.fault_counts() == {"one_way_audio": 1}


async def test_a_story_is_waited_for_and_not_for_ever(scene):
    again = await scene.hearer.hear(scene.job())
    assert scene.clock.time < again <= scene.clock.time + 10
    assert scene.ear.asked == []
    scene.clock.time = scene.recording.settled_at + STORY_PATIENCE_SECONDS
    assert await scene.hearer.hear(scene.job()) is None
    kept = await scene.book.of(scene.recording.id)
    assert (kept.signals.hold.times, kept.signals.ended_by, kept.signals.abrupt_end) == (0, None, None)


async def test_a_sound_that_is_gone_is_no_failure_and_a_dead_process_is(scene):
    scene.stories[scene.recording.call] = story(scene.recording)
    scene.ear.fault = AudioGone()
    assert await scene.hearer.hear(scene.job()) is None
    scene.ear.fault = HearingFailed()
    with pytest.raises(HearingFailed):
        await scene.hearer.hear(scene.job())
    assert scene.told == []


async def test_nothing_to_hear(scene, stage):
    assert await scene.hearer.hear(scene.job("nobody's")) is None
    await stage.catalogue.save([scene.recording._replace(state=RecordingState.MISSING, path=None)], [])
    assert await scene.hearer.hear(scene.job()) is None
    assert scene.ear.asked == []


async def test_what_was_missed_is_asked_for(scene):
    await scene.hearer.hear_missed(scene.job("all"))
    assert scene.jobs.subjects == [scene.recording.id]
    scene.stories[scene.recording.call] = story(scene.recording)
    await scene.hearer.hear(scene.job())
    await scene.hearer.hear_missed(scene.job("all"))
    assert scene.jobs.subjects == [scene.recording.id]
