"""`cti erase`, on both databases: afterwards no file and no table has the number in any form, and every count is as it was."""

import asyncio
import contextlib
import json
import shutil
import struct
import wave
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import Connection, inspect, select

from config import errands
from config.command import _expected
from config.command_keeping import _erase
from config.schema import upgrade
from cti.adapters.aged_rows import AGED, AgedRows, SqlHeldThings
from cti.adapters.ami.framing import Framer
from cti.adapters.ami.message import Message
from cti.adapters.ami.translation import translate
from cti.adapters.call_tables import CALLS
from cti.adapters.database import connect
from cti.adapters.journal_files import Tail
from cti.adapters.sweep import SqlSweep
from cti.domain.access import Role
from cti.domain.erasing import Blanking, Number, Person
from cti.domain.errors import HeldByLaw
from cti.domain.keeping import Hold, HoldKind
from cti.domain.retention import Rule
from qa.adapters.fairness_store import DISPUTES
from qa.adapters.review_store import EVALUATIONS
from qa.domain.errors import ReviewUnknown
from qa.domain.review import review_of
from qa.domain.scoring import Answer
from recordings.domain.recording import RecordingState, Search
from tests.config.house import client, open_house, settings, until
from tests.cti.replaying import LIST_ITEMS, TRACES, raw

SCENARIO = "answered_agent_ends_varset"
NUMBER = "+15550140"
NAME = "Wilhelmine Sonnenschein"
FORMS = ("15550140", "5550140", "555-0140", "555 0140", NAME)
EPOCH = 1795318806
SAID_AT = "2026-11-22T12:00:00+00:00"
UNIQUEID = "tierline-1795318806.2"


def tell(house, scenario=SCENARIO):
    """As the line does: journal first, then the model."""
    branch, last = house.first, 0.0
    for frame in Framer().feed(raw(scenario)):
        message = Message.of(frame)
        if message is None or not message.name or message.name in LIST_ITEMS:
            continue
        last = message.at or last
        branch.journal.message(bytes(frame), last)
        for signal in translate(message, last):
            branch.monitor.hear(signal)
    branch.monitor._calls.finish(last)


def sound(folder):
    with wave.open(str(folder / f"{UNIQUEID}-{EPOCH}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(struct.pack("<h", 9000) * 8000 * 4)
    (folder / f"{UNIQUEID}-{EPOCH}.wav.done").touch()


@asynccontextmanager
async def lived_in(folder, url=None):
    """A customer called, was recorded, reviewed, and said what he thought."""
    database = {} if url is None else {"database": {"url": url}}
    given = settings(folder, **database)
    sound(given.recordings.incoming)
    async with open_house(folder, **database) as house:
        csv = folder / "customers.csv"
        csv.write_text(f"name,numbers,tier\n{NAME},{NUMBER},gold\n")
        await house.customers.import_file(csv, "test")
        csv.unlink()
        tell(house)
        await house.books.flush()
        stored = Search(states=frozenset({RecordingState.STORED}))
        async with asyncio.timeout(30):
            while not (await house.archivist.search(stored, 1, 0)).total:
                await asyncio.sleep(0.1)
        recording = (await house.archivist.search(stored, 1, 0)).items[0]
        call, review = recording.call, review_of(recording.id)
        async with asyncio.timeout(30):
            while await house.quality.reviews.evaluation(review) or not await laid_out(house, review):
                await asyncio.sleep(0.1)
        async with house.engine.begin() as connection:
            comment = f"{NAME} wants to be called at 555-0140"
            answers = json.dumps({"greeting": Answer(1, comment, 12.5)})
            row = {
                "review": review,
                "reviewer": "u",
                "at": 1.0,
                "answers": answers,
                "comment": comment,
                "score": "{}",
            }
            await connection.execute(EVALUATIONS.insert().values(row))
            objection = {
                "id": "d", "review": review, "agent": "101", "reviewer": "u", "items": json.dumps({"greeting": comment}),
                "comment": comment, "raised_at": 1.0, "rescore": "s", "state": "disputed", "note": comment,
            }  # fmt: skip
            await connection.execute(DISPUTES.insert().values(objection))
        async with client(house, Role.SUPERVISOR) as browser:
            said = folder / "said.csv"
            said.write_text(
                f"number,score,scale,answered_at,comment,call\n{NUMBER},2,5,{SAID_AT},555 0140!,{call}\n"
            )
            await house.care.surveys.import_file(said)
            said.unlink()
            yield house, browser, call


def found(folder):
    """Every file that has the number, in any form, or the name."""
    wanted = [form.encode() for form in FORMS]
    return sorted(
        f"{file.relative_to(folder)}: {form.decode()}"
        for file in folder.rglob("*")
        if file.is_file()
        for form in wanted
        if form in file.read_bytes()
    )


async def left(folder, url):
    """The same, and of a database that keeps no files here, every cell of every table, the jobs' own too."""
    if url.startswith("sqlite"):
        return found(folder)
    engine = connect(url)
    async with engine.connect() as connection:
        cells = await connection.run_sync(_cells)
    await engine.dispose()
    return found(folder) + cells


def _cells(connection: Connection):
    looked, reader = [], inspect(connection)
    for schema in set(reader.get_schema_names()) - {"information_schema"}:
        for table in reader.get_table_names(schema):
            for row in connection.exec_driver_sql(f'SELECT * FROM "{schema}"."{table}"').mappings():
                for column, value in row.items():
                    told = value if isinstance(value, bytes) else str(value).encode()
                    looked += [f"{table}.{column}: {form}" for form in FORMS if form.encode() in told]
    return sorted(looked)


async def laid_out(house, review):
    with contextlib.suppress(ReviewUnknown):
        return await house.quality.reviews.get(review)


async def words_left(house):
    """Of what a reviewer and an agent wrote about the call."""
    async with house.engine.connect() as connection:
        written = select(EVALUATIONS.c.answers, EVALUATIONS.c.comment)
        objected = select(DISPUTES.c["items"], DISPUTES.c.comment, DISPUTES.c.note)
        rows = [*await connection.execute(written), *await connection.execute(objected)]
    return [text for row in rows for text in row if "wants to be" in text]


async def kpi(browser: httpx.AsyncClient):
    answers = []
    for group in ("queue", "agent", "tier"):
        span = {"from": EPOCH - 3600, "until": EPOCH + 3600, "group_by": group}
        answer = await browser.get("/api/v1/kpi", params=span)
        assert answer.status_code == 200, answer.text
        answers.append(answer.json())
    return answers


@pytest.fixture
def again_url(database_url, tmp_path, request):
    """Another empty database of the same kind."""
    if database_url.startswith("sqlite"):
        return f"sqlite+aiosqlite:///{tmp_path / 'again.db'}"
    return request.getfixturevalue("postgres").new_database()


async def test_nothing_of_somebody_is_left_and_every_count_is_as_it_was(tmp_path, database_url, again_url):
    async with lived_in(tmp_path, database_url) as (house, browser, call):
        before, counted = await left(tmp_path, database_url), await kpi(browser)
        assert any(line.startswith("journal") for line in before)
        assert any(line.startswith(("tierline.db", "calls.caller_number")) for line in before)
        async with client(house, Role.ADMINISTRATOR) as admin:
            answer = await admin.post("/api/v1/keeping/erasures", json={"number": NUMBER})
            assert answer.status_code == 201, answer.text
            told = json.loads(answer.json()["report"])
            assert told["found_again"] == {}
            assert (told["customers"], told["calls"], told["recordings"]) == (1, 1, 1)
            assert told["erased"]["recordings"] == 1
            assert await left(tmp_path, database_url) == []
            assert await words_left(house) == []
            assert await kpi(browser) == counted
            again = json.loads(
                (await admin.post("/api/v1/keeping/erasures", json={"number": NUMBER})).json()["report"]
            )
            assert again["erased"] == {}
            lines = (await admin.get("/api/v1/audit", params={"action": "person.erase"})).json()
            assert lines["total"] == 2
            assert "5550140" not in json.dumps(lines)
            (row,) = (await admin.get("/api/v1/recordings", params={"state": "erased"})).json()["items"]
            assert (row["reason_code"], row["call"]) == ("on_request", call)
            assert (await admin.get(f"/api/v1/recordings/{row['id']}/audio")).status_code == 409
        assert list(house.settings.recordings.store.rglob("*.wav")) == []
    assert await left(tmp_path, database_url) == []
    # a server that comes back tells its journal again
    async with open_house_again(tmp_path, database_url) as house:
        await house.books.flush()
        async with client(house, Role.SUPERVISOR) as browser:
            assert await kpi(browser) == counted
    assert await left(tmp_path, database_url) == []
    # the same ledger, imported; the same journal, told to an empty database
    given = settings(tmp_path, database={"url": database_url})
    ledger = tmp_path.parent / f"{tmp_path.name}-queue_log"
    shutil.copy(TRACES / SCENARIO / "queue_log", ledger)
    await errands.import_ledger(given, [ledger], "pbx1", lambda _: None, lambda _: None)
    assert await left(tmp_path, database_url) == []
    await errands.rebuild(given, again_url)
    assert await left(tmp_path, again_url) == []
    engine = connect(again_url)
    async with engine.connect() as connection:
        (one,) = (await connection.execute(select(CALLS.c.caller_number, CALLS.c.outcome))).all()
    await engine.dispose()
    assert tuple(one) == ("+xxxxxxxx", "answered")


@asynccontextmanager
async def open_house_again(folder, url):
    from config.running import running

    async with running(settings(folder, database={"url": url})) as house:
        yield house


async def test_the_command_does_the_same_beside_a_running_server(tmp_path, database_url):
    async with lived_in(tmp_path, database_url) as (house, browser, _):
        counted = await kpi(browser)
        text = await _erase(house.settings, NUMBER)
        assert json.loads(text)["found_again"] == {}
        assert await left(tmp_path, database_url) == []
        assert await kpi(browser) == counted
        await until(lambda: not house.outbox._recent)  # what it remembers goes too


async def test_a_legal_hold_forbids_it_in_one_line(tmp_path, database_url):
    async with (
        lived_in(tmp_path, database_url) as (house, browser, call),
        client(house, Role.ADMINISTRATOR) as admin,
    ):
        del browser
        for kind, subject in (("number", "+1 555 0140"), ("call", call)):
            wish = {"kind": kind, "subject": subject, "reason": "court case 17"}
            hold = (await admin.post("/api/v1/keeping/holds", json=wish)).json()
            before = found(tmp_path)
            refused = await admin.post("/api/v1/keeping/erasures", json={"number": NUMBER})
            assert refused.status_code == 409
            assert "court case 17" in refused.json()["error"]
            with pytest.raises(BaseExceptionGroup) as refusal:
                await _erase(house.settings, NUMBER)
            assert isinstance(_expected(refusal.value), HeldByLaw)  # one line of the command
            assert before
            lift = await admin.post(
                f"/api/v1/keeping/holds/{hold['id']}/lift", json={"reason": "case closed"}
            )
            assert lift.status_code == 204
        actions = {line["action"] for line in (await admin.get("/api/v1/audit")).json()["items"]}
        assert {"hold.put", "hold.lift"} <= actions
        assert (
            await admin.post("/api/v1/keeping/holds/none/lift", json={"reason": "no such"})
        ).status_code == 404
        for wrong in ({"number": "anonymous"}, {"number": "+86"}, {"number": "12"}):
            assert (await admin.post("/api/v1/keeping/erasures", json=wrong)).status_code == 422
        assert (await admin.post("/api/v1/keeping/erasures", json={"number": NUMBER})).status_code == 201


async def test_a_search_keeps_nobody_from_writing(tmp_path):
    """It may take minutes in a table of years; whoever searches waits for no writer, and no writer for him."""
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}")
    await upgrade(engine)
    person = Person((Number("1", "5550140"),))
    hold = Hold("h", HoldKind.NUMBER, NUMBER, "court", "u", 1.0)
    rule = Rule(30.0)
    async with engine.begin():  # somebody writes all the while
        assert await SqlSweep(engine).learn(person) == person.knowing("call", ()).knowing("channel", ())
        assert await SqlSweep(engine).erase(Blanking(person)) == {}
        held = await SqlHeldThings(engine, lambda _: person.numbers[0]).by([hold])
        for shelf in AGED:
            assert await AgedRows(engine, shelf).expire(rule, 1e9, held, dry=True) == (0, 0)
    await engine.dispose()


def test_other_people_lose_nothing():
    blanking = Blanking(Person((Number("1", "5550140"),), frozenset({NAME}), {"call": frozenset({"p:1.2"})}))
    for text in ("15550141", "25550140", "55501401", "1795318806.5550140", "p:1.22"):
        assert blanking.numbers(text) == text
    other = b"Uniqueid: 9.9\r\nCallerIDName: " + NAME.encode()
    assert blanking.frame(other) == other  # the same name in a call of somebody else


def test_positions_of_a_journal_stay(tmp_path):
    """Same records, same length, readable to the end: told through the real reader."""
    from cti.adapters.journal_erasure import JournalPlace
    from cti.adapters.journal_files import Kind, SegmentWriter, record

    folder = tmp_path / "journal"
    folder.mkdir()
    writer = SegmentWriter(folder, 400)
    frames = [
        f"Event: X{n}\r\nCallerIDNum: {'+15550140' if n % 3 == 0 else '+15550999'}".encode()
        for n in range(12)
    ]
    for n in range(0, 12, 2):
        writer.write(record(Kind.MESSAGE, 1.0, frames[n : n + 2]), n + 1, n + 2, 1.0 + n)
    sizes = {file.name: file.stat().st_size for file in folder.iterdir()}
    assert len(sizes) > 1
    place = JournalPlace(folder)
    counts = place._erase(Blanking(Person((Number("1", "5550140"),))))
    assert counts == {"journal records": 4}
    assert {file.name: file.stat().st_size for file in folder.iterdir()} == sizes
    writer.write(record(Kind.MESSAGE, 2.0, [b"Event: last"]), 13, 13, 20.0)  # the server writes on
    told = list(Tail(folder).new())
    assert [entry.position for entry in told] == list(range(1, 14))
    assert [b"+xxxxxxxx" in entry.payload for entry in told] == [n % 3 == 0 for n in range(12)] + [False]
