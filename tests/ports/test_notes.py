"""Notes on both databases: kept until read, and each agent's own."""

import pytest

from config.schema import upgrade
from cti.adapters.database import connect
from cti.adapters.note_store import SqlNotes
from cti.domain.identifiers import AgentId
from cti.domain.notes import Note


def note(name, agent, at):
    return Note(name, AgentId(agent), "Sam", f"text of {name}\n第二行", at)


@pytest.fixture
async def notes(database_url):
    engine = connect(database_url)
    await upgrade(engine)
    yield SqlNotes(engine)
    await engine.dispose()


async def test_kept_until_read(notes):
    await notes.keep([note("b", "101", 2.0), note("a", "101", 1.0), note("c", "102", 1.0)])
    assert [one.id for one in await notes.unread(AgentId("101"))] == ["a", "b"]
    assert await notes.unread(AgentId("101")) == [note("a", "101", 1.0), note("b", "101", 2.0)]
    assert not await notes.read("a", AgentId("102"), 3.0)  # somebody else's
    assert await notes.read("a", AgentId("101"), 3.0)
    assert not await notes.read("a", AgentId("101"), 3.0)  # read already
    assert [one.id for one in await notes.unread(AgentId("101"))] == ["b"]
