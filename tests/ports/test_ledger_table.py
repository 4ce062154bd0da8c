"""The ledger as the table that Asterisk's realtime writes, on the real PostgreSQL."""

import asyncio
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from cti.adapters.database import connect
from cti.adapters.ledger_table import ROWS, LedgerTable
from cti.domain.ledger_reader import LedgerReader
from cti.domain.ledger_rows import line, moment
from tests.cti.reconciling import PBX, entries
from tests.cti.replaying import SCENARIOS, TRACES

BERLIN = ZoneInfo("Europe/Berlin")
# as contrib/ast-db-manage makes it, and as many sites write it by hand
TABLES = {
    "timestamp": "time timestamp without time zone",
    "text": "time varchar(26)",
}
LATER = 2_000_000_000.0


@pytest.fixture
async def engine(postgres_url):
    engine = connect(postgres_url)
    yield engine
    await engine.dispose()


async def make(engine, kind: str) -> None:
    columns = ", ".join(f"{name} varchar(256)" for name in ("callid", "queuename", "agent", "event"))
    data = ", ".join(f"data{number} varchar(100)" for number in range(1, 6))
    async with engine.begin() as connection:
        await connection.execute(
            text(f"create table queue_log (id bigserial primary key, {TABLES[kind]}, {columns}, {data})")
        )


def rows_of(scenario: str, zone=BERLIN) -> list[dict]:
    """The file's lines as realtime writes them: local time, and the fifth datum swallows the rest."""
    rows = []
    for told in (TRACES / scenario / "queue_log").read_text(errors="replace").splitlines():
        at, callid, queue, agent, event, *data = told.split("|")
        data = [*data[:4], "|".join(data[4:])] if len(data) > 5 else data
        when = datetime.fromtimestamp(int(at), zone).replace(tzinfo=None, microsecond=123)
        row = {"callid": callid, "queuename": queue, "agent": agent, "event": event, "time": when}
        rows.append(row | {f"data{number}": (data + [""] * 5)[number - 1] for number in range(1, 6)})
    return rows


INSERT = text(
    "insert into queue_log (time, callid, queuename, agent, event, data1, data2, data3, data4, data5) "
    "values (:time, :callid, :queuename, :agent, :event, :data1, :data2, :data3, :data4, :data5)"
)


async def insert(engine, rows, kind: str = "timestamp") -> None:
    if kind == "text":
        rows = [{**row, "time": str(row["time"])} for row in rows]
    async with engine.begin() as connection:
        await connection.execute(INSERT, rows)


async def read_all(table: LedgerTable, place=None, now: float = LATER):
    lines = []
    while True:
        reading = await table.read(place, now)
        place = json.loads(json.dumps(reading.place))
        lines += [text for text, _ in reading.lines]
        if reading.complete:
            return lines, place, reading


@pytest.mark.parametrize("kind", TABLES)
async def test_every_golden_ledger_reads_as_its_file(engine, kind):
    await make(engine, kind)
    table = LedgerTable(engine, "queue_log", BERLIN)
    rows = [row for scenario in SCENARIOS for row in rows_of(scenario)]
    rows.sort(key=lambda row: row["time"])
    await insert(engine, rows, kind)
    lines, _, _ = await read_all(table)
    reader = LedgerReader(PBX)
    for told in lines:
        reader.feed(told)
    found = {
        entry.key: entry._replace(joined_at=int(entry.joined_at), offers=(), callids=())
        for entry in reader.take()
    }
    for scenario in SCENARIOS:
        for entry in entries(scenario):
            there = found[entry.key]
            assert (there.outcome, there.agent, there.wait_seconds, there.talk_seconds, there.ended_by) == (
                entry.outcome, entry.agent, entry.wait_seconds, entry.talk_seconds, entry.ended_by,
            )  # fmt: skip
    assert (reader.malformed, reader.orphans) == (0, 0)


async def test_rows_that_are_committed_late_are_read_once(engine):
    await make(engine, "timestamp")
    table = LedgerTable(engine, "queue_log", BERLIN)
    first, *rest = rows_of("answered_caller_ends")
    async with engine.connect() as slow:
        await slow.execute(INSERT, [first])  # numbered, and not to be seen yet
        await insert(engine, rest)
        lines, place, _ = await read_all(table)
        assert len(lines) == len(rest)
        await slow.commit()
    late, place, _ = await read_all(table, place)
    assert [told.split("|")[4] for told in late] == ["ENTERQUEUE"]
    assert (await read_all(table, place))[0] == []


async def test_the_newest_rows_rest_a_moment(engine):
    await make(engine, "timestamp")
    table = LedgerTable(engine, "queue_log", BERLIN)
    rows = rows_of("answered_caller_ends")
    await insert(engine, rows)
    last = rows[-1]["time"].replace(tzinfo=BERLIN).timestamp()
    lines, place, reading = await read_all(table, now=last + 1)
    assert (len(lines), reading.behind) == (len(rows) - 1, 1)
    assert len((await read_all(table, place, now=last + 3))[0]) == 1


async def test_a_large_history_is_read_in_steps_and_the_place_stays_small(engine):
    await make(engine, "timestamp")
    table = LedgerTable(engine, "queue_log", UTC)
    begin = datetime(2026, 1, 1)
    row = rows_of("answered_caller_ends")[0]
    rows = [
        {**row, "time": datetime.fromtimestamp(begin.timestamp() + number), "callid": f"c{number}"}
        for number in range(ROWS * 2 + 10)
    ]
    await insert(engine, rows)
    steps, place, seen = 0, None, []
    while True:
        reading = await table.read(place, LATER)
        place, steps = reading.place, steps + 1
        seen += [told.split("|")[1] for told, _ in reading.lines]
        if reading.complete:
            break
    assert steps >= 2  # at most two steps' worth at once: the overlap is read again
    assert seen == [one["callid"] for one in rows]
    assert len(json.dumps(place)) < 10_000


async def test_a_table_that_is_not_there_is_a_state(engine, postgres_url):
    table = LedgerTable(engine, "queue_log", BERLIN)
    reading = await table.read(None, LATER)
    assert (reading.state, reading.complete, list(reading.lines)) == ("unreadable", False, [])
    await make(engine, "timestamp")
    await insert(engine, rows_of("holds"))
    assert len((await read_all(table))[0]) == len(rows_of("holds"))
    host_that_is_not = connect("postgresql+asyncpg://nobody@127.0.0.1:9/none")
    async with asyncio.timeout(10):
        assert (await LedgerTable(host_that_is_not, "queue_log", UTC).read(None, LATER)).state == "unreadable"
    await host_that_is_not.dispose()


@pytest.mark.parametrize("name", ["queue_log; drop table x", "a.b.c", "", "x-y"])
def test_a_name_that_is_no_table_is_refused(name):
    with pytest.raises(ValueError, match="no table's name"):
        LedgerTable(None, name, UTC)


@pytest.mark.parametrize(
    ("written", "zone", "newest", "expected"),
    [
        ("2026-11-22 10:00:00.250000", UTC, None, 1_795_341_600.25),
        ("2026-11-22 11:00:00.250000", BERLIN, None, 1_795_341_600.25),
        (datetime(2026, 11, 22, 11), BERLIN, None, 1_795_341_600.0),
        (datetime(2026, 11, 22, 10, tzinfo=UTC), BERLIN, None, 1_795_341_600.0),
        (1_795_341_600, BERLIN, None, 1_795_341_600.0),
        ("1795341600", BERLIN, None, 1_795_341_600.0),
        # the hour that comes twice: the order of the rows tells which
        ("2026-10-25 02:30:00", BERLIN, None, 1_792_888_200.0),
        ("2026-10-25 02:30:00", BERLIN, 1_792_888_100.0, 1_792_888_200.0),
        ("2026-10-25 02:30:00", BERLIN, 1_792_891_790.0, 1_792_891_800.0),
        ("yesterday", UTC, None, None),
        (None, UTC, None, None),
    ],
)
def test_times(written, zone, newest, expected):
    assert moment(written, zone, newest) == expected


def test_a_row_is_a_line():
    row = {
        "callid": "c1", "queuename": "support", "agent": "101", "event": "ATTENDEDTRANSFER", "data1": "LINK", "data2": "a",
        "data3": "b", "data4": "1", "data5": "9|1",
    }  # fmt: skip
    assert line(row, 12.5) == "12.500000|c1|support|101|ATTENDEDTRANSFER|LINK|a|b|1|9|1"
    bare = {**dict.fromkeys(row, None), "callid": "c1\r\nc2", "event": "ABANDON"}
    assert line(bare, 1.0) == "1.000000|c1 c2|||ABANDON"
