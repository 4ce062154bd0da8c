"""Signals, notes and links on SQLite and on the real PostgreSQL."""

import pytest

from config.schema import upgrade
from cti.adapters.database import connect
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName
from cti.domain.records import Outcome, VisitRecord
from recordings.adapters.catalogue import SqlRecordingCatalogue
from recordings.adapters.note_store import SqlRecordingNotes
from recordings.adapters.signal_store import SqlHearings
from recordings.adapters.transcript_store import SqlTranscripts
from recordings.domain.hearing import Hearing
from recordings.domain.naming import RecordingId
from recordings.domain.notes import Note, Share
from recordings.domain.recording import RecordingState, expect
from recordings.domain.signals import Facts, Fault, Thresholds, signals_of
from recordings.domain.speech import Heard, Lane, Span
from recordings.domain.transcript import Line

NOW = 1_800_000_000.0
LIMITS = Thresholds()
ONE, TWO = RecordingId("pbx1:a.1-1"), RecordingId("pbx1:a.2-1")


@pytest.fixture
async def engine(database_url):
    engine = connect(database_url)
    await upgrade(engine)
    yield engine
    await engine.dispose()


def hearing(recording, *lanes, limits=LIMITS, **facts):
    spoken = tuple(Lane(tuple(lane), tuple(lane), -20.0, -60.0, 0.0) for lane in lanes)
    found = signals_of(Heard(60.0, spoken), Facts(**facts), limits)
    return Hearing(recording, CallId("pbx1:a.1"), NOW, found.signals, found.spans, limits)


async def test_what_was_heard_comes_back_as_it_was(engine):
    book = SqlHearings(engine)
    assert await book.of(ONE) is None
    limits = Thresholds(dead_air_seconds=12.0)
    whole = hearing(
        ONE, [Span(0, 5)], [Span(4, 20)], limits=limits, ended_by="agent", holds=(Span(30.0, 35.5),)
    )
    mono = hearing(TWO, [Span(0, 0.5)])
    for one in (mono, whole):
        await book.keep(one)
    assert await book.of(ONE) == whole._replace(
        spans={kind: tuple(spans) for kind, spans in whole.spans.items()}
    )
    assert (await book.of(ONE)).limits.dead_air_seconds == 12.0
    found = await book.of(TWO)
    assert (found.signals.talk_over, found.signals.agent_talk_share, found.technical_fault) == (
        None,
        None,
        Fault.NO_SPEECH,
    )
    await book.keep(whole._replace(at=NOW + 5))  # heard again: the newest stands
    assert (await book.of(ONE)).at == NOW + 5


def visit(number):
    return VisitRecord(
        CallId(f"pbx1:a.{number}"), PbxName("pbx1"), ChannelId(f"a.{number}"), 1, QueueName("support"), None, NOW, 1,
        Outcome.ANSWERED, NOW, 0.0, AgentId("101"), 5.0, 0.0, NOW + 5, "caller", None,
    )  # fmt: skip


async def test_what_was_not_heard_yet(engine):
    catalogue, book = SqlRecordingCatalogue(engine), SqlHearings(engine)
    rows = [
        expect(visit(n))._replace(state=state, settled_at=settled)
        for n, (state, settled) in enumerate(
            [(RecordingState.STORED, NOW + 2), (RecordingState.STORED, NOW + 1), (RecordingState.STORED, NOW - 9),
             (RecordingState.MISSING, NOW + 3), (RecordingState.STORED, NOW + 4)]
        )
    ]  # fmt: skip
    await catalogue.save(rows, [])
    await book.keep(hearing(rows[4].id, [Span(0, 5)]))
    assert await book.unheard(NOW, 10) == [rows[1].id, rows[0].id]
    assert await book.unheard(NOW, 1) == [rows[1].id]


async def test_notes_in_the_order_of_the_sound(engine):
    book = SqlRecordingNotes(engine)
    late, early = (
        Note(id_, ONE, at, '听 "so"', "rita", "Rita", NOW) for id_, at in (("b", 9.5), ("a", 1.25))
    )
    for note in (late, early, early._replace(id="c", recording=TWO)):
        await book.add(note)
    assert await book.notes(ONE) == [early, late]
    assert await book.note(TWO, "a") is None
    assert not await book.remove(TWO, "a")
    assert await book.remove(ONE, "a")
    assert not await book.remove(ONE, "a")
    assert await book.notes(ONE) == [late]


async def test_links_go_when_they_have_expired(engine):
    book = SqlRecordingNotes(engine)
    old, new = (
        Share(key * 64, ONE, 5.0, "rita", at, at + 100.0) for key, at in (("a", NOW), ("b", NOW + 100.0))
    )
    await book.share(old)
    assert await book.shared(old.key) == old
    await book.share(new._replace(at_seconds=None))
    assert await book.shared(old.key) is None
    assert await book.shared(new.key) == new._replace(at_seconds=None)


async def test_a_transcript_is_replaced_as_a_whole(engine):
    book = SqlTranscripts(engine)
    lines = [Line(0, 0.5, 2.0, "您好"), Line(1, 2.5, 4.0, "50 % off_"), Line(None, 5.0, 6.0, "a\0b")]
    await book.keep(ONE, lines)
    await book.keep(TWO, lines[:1])
    assert await book.of(ONE) == [*lines[:2], Line(None, 5.0, 6.0, "ab")]
    await book.keep(ONE, lines[1:2])
    assert await book.of(ONE) == lines[1:2]
    await book.keep(ONE, [])
    assert (await book.of(ONE), await book.of(TWO)) == ([], lines[:1])
