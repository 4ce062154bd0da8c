"""What the server says of a fault: a sentence where that is all there is to say, else where it stood."""

import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from config.logs import in_a_sentence
from cti.adapters.database import connect


@pytest.fixture
def said(caplog):
    caplog.handler.addFilter(in_a_sentence)
    yield lambda: caplog.text
    caplog.handler.removeFilter(in_a_sentence)


def tell(fault: Exception) -> None:
    try:
        raise fault
    except Exception:
        logging.getLogger("cti").exception("books: a batch of %d could not be written: 100%% full", 3)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "ConnectionRefusedError: [Errno 111] Connection refused"),
        (TimeoutError(), "TimeoutError"),
        (OperationalError("SELECT 1", {}, Exception("database is locked\nmore")), "Exception: database is locked"),
        (DBAPIError("SELECT 1", {}, Exception("gone"), connection_invalidated=True), "Exception: gone"),
    ],
)  # fmt: skip
def test_what_is_out_of_reach_is_told_in_one_line(said, fault, sentence):
    tell(fault)
    [line] = said().splitlines()
    assert line.endswith(f"books: a batch of 3 could not be written: 100% full: {sentence}")


def test_a_fault_of_ours_is_told_with_where_we_stood(said):
    tell(KeyError("visit"))
    assert "Traceback" in said()
    assert "KeyError: 'visit'" in said()


async def test_a_real_database_that_is_away_is_out_of_reach(said):
    engine = connect("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception:
        logging.getLogger("cti").exception("the day could not be read")
    finally:
        await engine.dispose()
    [line] = said().splitlines()
    assert "the day could not be read: " in line
    assert "refused" in line or "Connect call failed" in line
