"""Files of a site's own survey tool: every answer once, all rows or none, and each problem with its place."""

from zoneinfo import ZoneInfo

import pytest

from care.adapters.survey_store import SqlSurveys
from care.service.surveys import SurveyDesk, SurveyImport
from cti.adapters.database import METADATA, connect
from customers.adapters.csv_file import CsvFiles
from customers.adapters.numbering import NumberingPlan
from customers.domain.errors import FileUnreadable, ImportRefused

NOW = 1_800_000_000.0  # 2027-01-15
HEADER = "number,score,scale,answered_at,id,call,agent,queue,comment\n"
ONE = "13800000001,2,5,2026-11-12T09:30:00,s-1,pbx1:1.1,101,support,没人回电\n"


class Clock:
    def now(self):
        return NOW


@pytest.fixture
async def desk(tmp_path):
    engine = connect(f"sqlite+aiosqlite:///{tmp_path / 'care.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield SurveyDesk(SqlSurveys(engine), CsvFiles(), NumberingPlan("CN"), Clock(), ZoneInfo("Asia/Shanghai"))
    await engine.dispose()


@pytest.fixture
def taken_over(desk, tmp_path):
    async def taken_over(text, encoding="utf-8"):
        file = tmp_path / "said.csv"
        file.write_bytes(text.encode(encoding))
        return await desk.import_file(file)

    return taken_over


async def everything(desk):
    return (await desk.page(None, 500, 0, None)).items


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
async def test_an_answer_with_all_that_is_known_of_it(desk, taken_over, encoding):
    assert await taken_over(HEADER + ONE, encoding) == SurveyImport(1, 0)
    [said] = await everything(desk)
    assert tuple(said) == (
        "s-1", "+8613800000001", "pbx1:1.1", "101", "support", 2, 5, 1_794_447_000.0, "没人回电"
    )  # fmt: skip


async def test_the_same_file_again_changes_nothing(desk, taken_over):
    text = HEADER + ONE + "13800000001,5,5,2026-11-12T09:30:00,,,,support,\n"
    assert await taken_over(text) == SurveyImport(2, 0)
    before = await everything(desk)
    assert await taken_over(text) == SurveyImport(0, 2)
    assert await everything(desk) == before


async def test_without_an_id_it_is_the_number_the_time_the_score_and_the_queue(desk, taken_over):
    columns = "scale,number,answered_at,score,queue\n"
    first = "5,13800000001,2026-11-12T09:30:00,2,support\n"
    others = (
        "5,13800000002,2026-11-12T09:30:00,2,support\n5,13800000001,2026-11-12T09:30:01,2,support\n"
        "5,13800000001,2026-11-12T09:30:00,3,support\n5,13800000001,2026-11-12T09:30:00,2,sales\n"
    )
    same = "5,+86 138 0000 0001,2026-11-12T01:30:00Z,2,support\n"
    assert await taken_over(columns + first + same) == SurveyImport(1, 1)
    assert await taken_over(columns + others + first) == SurveyImport(4, 1)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("x,2,5,2026-11-12T09:30:00,,,,,\n", '3:1: number: "x" is no telephone number'),
        (",2,5,2026-11-12T09:30:00,,,,,\n", "3:1: number: is missing; take the row out"),
        ("13800000002,6,5,2026-11-12T09:30:00,,,,,\n", '3:13: score: "6" is no score; write a whole number from 1 to 5'),
        ("13800000002,0,5,2026-11-12T09:30:00,,,,,\n", '3:13: score: "0" is no score'),
        ("13800000002,4.5,5,2026-11-12T09:30:00,,,,,\n", '3:13: score: "4.5" is no score'),
        ("13800000002,-1,10,2026-11-12T09:30:00,,,,,\n", '3:13: score: "-1" is no score; write a whole number from 0 to 10'),
        ("13800000002,1,1,2026-11-12T09:30:00,,,,,\n", '3:15: scale: "1" is no scale; write the highest score'),
        ("13800000002,1,101,2026-11-12T09:30:00,,,,,\n", '3:15: scale: "101" is no scale'),
        ("13800000002,1,,2026-11-12T09:30:00,,,,,\n", '3:15: scale: "" is no scale'),
        ("13800000002,2,5,12/11/2026,,,,,\n", '3:17: answered_at: "12/11/2026" is no time; write it as'),
        ("13800000002,2,5,0001-01-01T00:00:00,,,,,\n", '3:17: answered_at: "0001-01-01T00:00:00" is no time'),
        ("13800000002,2,5,2027-03-01,,,,,\n", '3:17: answered_at: "2027-03-01" has not come yet'),
        ("13800000002,2,5,2026-11-12,a\x07,,,,\n", "3:28: id: holds a control character; type it again"),
        (f"13800000002,2,5,2026-11-12,,,,,{'x' * 4001}\n", "3:32: comment: has 4001 characters, 4000 are the most"),
        ("13800000002,2,5\n", "3:15: line: has 3 fields where the header has 9; quote commas"),
        ('13800000002,2,5,2026-11-12,,,,,"open\n', "3:32: line: a quote is opened here and never closed"),
        ("13800000001,3,5,2026-11-12T09:30:00,s-1,,,,\n", "3:37: id: this answer stands in line 2 already"),
    ],
)  # fmt: skip
async def test_a_bad_row_is_named_with_its_place_and_nothing_is_taken_over(desk, taken_over, row, problem):
    with pytest.raises(ImportRefused) as refused:
        await taken_over(HEADER + ONE + row)
    assert f"\nsaid.csv:{problem}" in str(refused.value)
    assert refused.value.total == 1
    assert await everything(desk) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: header: the file is empty; the first line names the columns: number,score,"),
        ("number,score,scale\n", '1:1: header: no column "answered_at"; every row needs one'),
        ("number,score,scale,answered_at,mood\n", '1:32: header: "mood" is no known column; take it out'),
        ("number,score,scale,answered_at,Score\n", '1:32: header: "Score" stands there twice; take one out'),
        ('"number\n', "1:1: line: a quote is opened here and never closed"),
    ],
)
async def test_a_broken_header_is_one_clear_message(desk, taken_over, text, problem):
    with pytest.raises(ImportRefused) as refused:
        await taken_over(text)
    assert f"said.csv:{problem}" in str(refused.value)
    assert refused.value.total == 1


async def test_what_is_no_text_or_too_large_is_refused_with_its_name(desk, tmp_path, monkeypatch):
    file = tmp_path / "said.csv"
    file.write_bytes(b"PK\0\0")
    with pytest.raises(FileUnreadable, match=r"said\.csv.*a NUL"):
        await desk.import_file(file)
    monkeypatch.setattr("customers.adapters.csv_file.LARGEST", 3)
    with pytest.raises(FileUnreadable, match=r"said\.csv.*split it"):
        await desk.import_file(file)


async def test_many_answers_come_in_and_only_the_new_ones_count(desk, taken_over):
    def rows(count):
        return "".join(f"13800000001,4,5,2026-11-12T09:30:00,s-{n},,,,\n" for n in range(count))

    assert await taken_over(HEADER + rows(1200)) == SurveyImport(1200, 0)
    assert await taken_over(HEADER + rows(1201)) == SurveyImport(1, 1200)
