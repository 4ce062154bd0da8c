"""Pauses: from the switch's word to the book, ended by nobody, over another file, over a restart, and listened to."""

import asyncio
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from cti.adapters.database import METADATA, connect
from cti.domain import events, signals
from cti.domain.access import Role, User
from cti.domain.calls import Calls
from cti.domain.errors import NotPossibleNow, SwitchRefused
from cti.domain.events import RecordingPaused, RecordingResumed
from cti.domain.jobs import Job
from cti.domain.own_calls import RecordedLeg
from recordings.adapters.audio_store import KeepingStore
from recordings.adapters.folder import Folder
from recordings.adapters.key_ring import KeyRing
from recordings.adapters.pause_book import SqlPauses
from recordings.adapters.sound import SoundFiles
from recordings.adapters.spool import Spool
from recordings.domain.errors import NotRecorded
from recordings.domain.pauses import (
    RESUME_RECORDING,
    Pause,
    PauseState,
    Silence,
    Span,
    Why,
    judged,
    span,
)
from recordings.domain.recording import RecordingState
from recordings.service.pause_desk import PauseDesk
from recordings.service.silence_check import SilenceCheck

T0 = 1_800_000_000.0
CALL, CHANNEL, NAME = "p:p-1800000000.7", "p-1800000000.7", "PJSIP/trunk-00000007"
FILE = f"{CHANNEL}-1800000000.wav"
ANNA = User("a", "anna", "Anna", Role.AGENT, "101", "en")


class NoKeys:
    """What is in the store was kept before there were keys."""

    async def get(self, _):
        return None


class Clock:
    time = T0

    def now(self):
        return self.time


class Line:
    """A switch whose words about what it did come as the test says."""

    def __init__(self):
        self.asked, self.legs, self.says, self.refuses = (
            [],
            [RecordedLeg(CALL, CHANNEL, NAME, None)],
            None,
            False,
        )

    def of_agent(self, agent):
        return self.legs if agent == "101" else []

    def of_channel(self, channel):
        return [leg for leg in self.legs if leg.channel == channel]

    async def mute(self, name, muted):
        if self.refuses:
            raise SwitchRefused
        self.asked.append((name, muted))
        if self.says is not None:
            self.says(muted)


class World:
    def __init__(self, book):
        self.line, self.clock, self.book = Line(), Clock(), book
        self.jobs, self.audit, self.alerts, self.tasks = {}, [], [], []
        self.line.says = self.tell

    def make(self):
        self.desk = PauseDesk(
            {"p": self.line}, 120.0, self.book, self.record, self.clock, self, self.spawn, self.alert
        )
        return self

    def tell(self, muted):
        leg = self.line.legs[0]
        self.line.legs = [leg._replace(paused_at=self.clock.time if muted else None)]
        if muted:
            self.desk.paused(RecordingPaused(self.clock.time, CALL, CHANNEL, FILE, 5.0))
        else:
            self.desk.resumed(RecordingResumed(self.clock.time, CALL, CHANNEL, FILE, 9.0, False))

    def ask(self, kind, subject, payload=None, *, at=None):
        self.jobs[kind, subject] = at

    def drop(self, kind, subject):
        self.jobs.pop((kind, subject), None)

    async def record(self, user, action, subject):
        self.audit.append((user.login, action))

    def spawn(self, work):
        self.tasks.append(asyncio.ensure_future(work))

    def alert(self, what, pause):
        self.alerts.append((what, pause.agent))


@pytest.fixture
async def world(tmp_path):
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    book = SqlPauses(engine)
    writing = asyncio.ensure_future(book.run())
    yield World(book).make()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await engine.dispose()


async def test_a_button_is_confirmed_by_the_switch_and_kept_with_who_and_why(world):
    assert await world.desk.pause(ANNA, "card_data") == T0
    assert world.line.asked == [(NAME, True)]
    assert list(world.jobs.values()) == [T0 + 120]
    world.clock.time += 4
    await world.desk.resume(ANNA)
    assert world.jobs == {}
    (kept,) = await world.book.of_file(FILE)
    assert (kept.by, kept.agent, kept.why, kept.state) == ("anna", "101", Why.CARD, PauseState.RESUMED)
    assert (kept.since, kept.until, kept.sound_since, kept.sound_until) == (T0, T0 + 4, 5.0, 9.0)
    assert world.audit == [("anna", "recording.pause"), ("anna", "recording.resume")]
    with pytest.raises(NotPossibleNow):
        await world.desk.resume(ANNA)


async def test_the_line_for_events_is_down_and_the_pause_is_kept_all_the_same(world, monkeypatch):
    monkeypatch.setattr("recordings.service.pause_desk.CONFIRM_SECONDS", 0.01)
    world.line.says = None
    assert await world.desk.pause(ANNA, "private") == T0
    (kept,) = await world.book.unsettled(0.0)
    assert (kept.state, kept.sound_since) == (PauseState.OPEN, None)


async def test_nobody_pauses_what_is_not_recorded_or_not_his(world):
    world.line.legs = []
    with pytest.raises(NotRecorded):
        await world.desk.pause(ANNA, "card_data")
    with pytest.raises(NotPossibleNow):
        await world.desk.pause(ANNA._replace(agent=None), "card_data")
    assert world.audit == []


async def test_a_forgotten_pause_ends_by_itself_and_says_so(world):
    await world.desk.pause(ANNA, "card_data")
    ((kind, subject),) = world.jobs
    world.clock.time += 120
    assert await world.desk.end_overdue(Job(kind, subject, {}, T0, T0)) is None
    assert world.line.asked[-1] == (NAME, False)
    assert world.alerts == [("resumed_by_itself", "101")]
    (kept,) = await world.book.of_file(FILE)
    assert kept.state is PauseState.RESUMED_BY_ITSELF
    assert world.desk.counts()["resumed_by_itself"] == 1
    assert await world.desk.end_overdue(Job(kind, subject, {}, T0, T0)) is None  # told again: nothing
    assert len(world.alerts) == 1


async def test_it_survives_another_file_of_the_same_leg(world):
    """Re-queued while paused: the new file begins paused, in the same name, and the time runs on."""
    await world.desk.pause(ANNA, "card_data")
    world.clock.time += 10
    world.line.legs = [RecordedLeg(CALL, CHANNEL, NAME, None)]
    world.desk.resumed(RecordingResumed(world.clock.time, CALL, CHANNEL, FILE, 15.0, True))
    world.desk.started(events.RecordingStarted(world.clock.time, CALL, CHANNEL, "second.wav"))
    await asyncio.gather(*world.tasks)
    assert world.line.asked == [(NAME, True)] * 2
    assert list(world.jobs.values()) == [T0 + 120]
    first, second = sorted(await world.book.unsettled(0.0), key=lambda one: one.since)
    assert (first.state, second.state) == (PauseState.ENDED, PauseState.OPEN)
    assert (second.by, second.why) == ("anna", Why.CARD)


async def test_a_payment_step_of_the_dialplan(world):
    world.desk.asked(events.RecordingPauseAsked(T0, CALL, CHANNEL, NAME, True))
    await asyncio.gather(*world.tasks)
    (kept,) = await world.book.unsettled(0.0)
    assert (kept.by, kept.why) == ("dialplan", Why.PAYMENT)
    world.line.refuses = True  # a call that is gone: no exception out of a task
    world.desk.asked(events.RecordingPauseAsked(T0, CALL, CHANNEL, NAME, False))
    await asyncio.gather(*world.tasks)


async def test_a_restart_takes_up_what_stands_and_ends_what_nobody_knows_the_end_of(world):
    await world.desk.pause(ANNA, "card_data")
    (before,) = await world.book.of_file(FILE)
    after = World(world.book)
    after.line.legs = world.line.legs
    await after.make().desk.open()
    after.desk.taken_up()
    assert after.desk.counts()["open"] == 1
    after.line.legs = []
    after.desk.taken_up()
    (kept,) = await after.book.of_file(FILE)
    assert (kept.id, kept.state, kept.sound_since) == (before.id, PauseState.ENDED, None)


async def test_the_end_of_the_call_ends_it(world):
    await world.desk.pause(ANNA, "card_data")
    world.desk.cleared(SimpleNamespace(call=CALL, at=T0 + 30, record=SimpleNamespace(ended_at=T0 + 20)))
    (kept,) = await world.book.of_file(FILE)
    assert (kept.state, kept.until) == (PauseState.ENDED, T0 + 20)


def pause(**given):
    values = {
        "id": "x", "call": CALL, "pbx": "p", "channel": CHANNEL, "file": FILE, "agent": "101", "by": "anna",
        "why": Why.CARD, "since": T0, "until": T0 + 2, "sound_since": 1.0, "sound_until": 3.0,
        "state": PauseState.RESUMED, "silence": Silence.UNCHECKED, "loudest": None,
    }  # fmt: skip
    return Pause(**values | given)


def test_where_in_a_file_it_must_be_silent():
    assert span(pause(), 10.0) == Span(1.1, 2.9)
    assert span(pause(sound_until=None), 10.0) == Span(1.1, 9.9)
    assert span(pause(sound_until=99.0), 2.0) == Span(1.1, 1.9)
    assert span(pause(sound_since=None), 10.0) is None
    assert span(pause(sound_until=1.05), 10.0) is None
    assert judged(pause(sound_since=None), None).silence is Silence.UNKNOWN
    assert judged(pause(sound_until=1.05), None).silence is Silence.SILENT  # nothing of it is in the file
    assert judged(pause(), 0.2).silence is Silence.NOT_SILENT


@pytest.mark.parametrize(
    ("lane", "silence"), [(None, Silence.SILENT), (0, Silence.NOT_SILENT), (1, Silence.NOT_SILENT)]
)
async def test_either_lane_betrays_a_pause(world, tmp_path, lane, silence):
    """Two seconds of tone, two of silence, two of tone, stereo; `lane` goes on sounding through the pause."""
    rate = 8000
    tone = 0.4 * np.sin(2 * np.pi * 440 * np.arange(6 * rate) / rate)
    sound = np.stack([tone, tone], axis=1)
    for one in (0, 1):
        if one != lane:
            sound[2 * rate : 4 * rate, one] = 0
    spool, root = tmp_path / "spool", tmp_path / "root"
    spool.mkdir()
    root.mkdir()
    soundfile.write(root / "kept.wav", sound, rate)
    store = KeepingStore([Spool(spool)], Folder(root), SoundFiles(), KeyRing(NoKeys(), None))
    row = SimpleNamespace(file=FILE, path="kept.wav", state=RecordingState.STORED, duration_seconds=6.0)

    class Catalogue:
        async def get(self, _):
            return row

    check = SilenceCheck(world.desk, world.book, Catalogue(), store, world.clock, world)
    world.book.keep(pause(sound_since=2.0, sound_until=4.0))
    assert await check.check(Job("check_pauses", "r", {}, T0, T0)) is None
    (kept,) = await check.of(FILE)
    assert kept.silence is silence
    assert world.alerts == ([] if lane is None else [("not_silent", "101")])


def test_the_model_counts_only_time_in_bridges_into_the_file():
    """Recorded from T0, bridged at 1, held out of the bridge from 4 to 9, paused at 10: four seconds are in the file."""
    calls = Calls("p")
    told = []
    for signal in (
        signals.ChannelOpened(T0, CHANNEL, NAME, CHANNEL, "+15550150", None, "5550100"),
        signals.RecordingNamed(T0, CHANNEL, FILE),
        signals.BridgeJoined(T0 + 1, CHANNEL, NAME, CHANNEL, "b", None),
        signals.BridgeLeft(T0 + 4, CHANNEL, "b"),
        signals.BridgeJoined(T0 + 9, CHANNEL, NAME, CHANNEL, "c", None),
        signals.RecordingMuted(T0 + 10, CHANNEL, True),
        signals.RecordingMuted(T0 + 11, CHANNEL, True),
        signals.RecordingMuted(T0 + 12, CHANNEL, False),
        signals.PauseAsked(T0 + 13, CHANNEL, True),
        signals.RecordingMuted(T0 + 13, CHANNEL, True),
        signals.RecordingNamed(T0 + 14, CHANNEL, "second.wav"),
        signals.RecordingMuted(T0 + 15, CHANNEL, True),
        signals.ChannelClosed(T0 + 16, CHANNEL, NAME, CHANNEL, 16),
    ):
        told += calls.hear(signal)
    pauses = [event for event in told if isinstance(event, RecordingPaused | RecordingResumed)]
    call = f"p:{CHANNEL}"
    assert pauses == [
        RecordingPaused(T0 + 10, call, CHANNEL, FILE, 4.0),
        RecordingResumed(T0 + 12, call, CHANNEL, FILE, 6.0, False),
        RecordingPaused(T0 + 13, call, CHANNEL, FILE, 7.0),
        RecordingResumed(T0 + 14, call, CHANNEL, FILE, 8.0, True),
        RecordingPaused(T0 + 15, call, CHANNEL, "second.wav", 1.0),
        RecordingResumed(T0 + 16, call, CHANNEL, "second.wav", 2.0, True),
    ]
    assert [event.paused for event in told if isinstance(event, events.RecordingPauseAsked)] == [True]
    assert RESUME_RECORDING
