"""Reports as files, read back by other programs: Chinese stays Chinese, and no name becomes a formula."""

import csv
import io

import openpyxl
import pytest
from pypdf import PdfReader

from qa.adapters.report_csv import write_csv
from qa.adapters.report_files import ReportFiles
from qa.adapters.report_pdf import FONTS, write_pdf
from qa.adapters.report_xlsx import write_xlsx
from qa.domain.report_document import Column, Document, Kind, Table, Trend
from qa.domain.report_schedule import Format

NAMES = [
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "王小明 <b>&",
    "O'Neil; [x]:*?/\\ team",
]
COLUMNS = [
    Column("坐席", Kind.TEXT, 18), Column("通话数", Kind.COUNT, 7), Column("合格率", Kind.PERCENT, 9), Column("得分", Kind.SCORE, 9),
]  # fmt: skip


@pytest.fixture
def document():
    rows = [[name, 12 + place, 0.5 + place / 100, 80.0 + place] for place, name in enumerate(NAMES)]
    rows.append(["少", 3, None, None])
    tables = [
        Table("总体", COLUMNS[1:], [[99, 0.9, 88.8]]),
        Table("按坐席 [:*?/\\]", COLUMNS, rows),
        Table("空", COLUMNS, []),
    ]
    return Document(
        "质检报告 <1> & =2", ["通话时间: 2026-11-01 – 2026-11-30", "注 <&>"], tables, 1, "样本不足", "zh"
    )


def test_csv(document):
    text = write_csv(document)
    assert text.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""))
    assert head == ["坐席", "通话数", "合格率", "得分"]
    assert [row[0] for row in rows[:5]] == [f"'{name}" for name in NAMES[:5]]
    assert rows[5] == ["王小明 <b>&", "17", "0.5500", "85.0000"]
    assert rows[-1] == ["少", "3", "", ""]


def test_workbook(document):
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(document)))
    first, second, empty = book.worksheets
    assert first["A1"].value == "质检报告 <1> & =2"
    lines = list(second.iter_rows(values_only=True))
    assert [line[0] for line in lines[1:8]] == NAMES
    assert lines[1][1:] == (12, 0.5, 80.0)
    assert lines[-1] == ("少", 3, "样本不足", "样本不足")
    assert {cell.data_type for row in second.iter_rows() for cell in row} <= {"s", "n"}, "no formula"
    assert len(list(empty.iter_rows())) == 1


@pytest.mark.parametrize("fonts", [FONTS, ()], ids=["with a font of the machine", "with none"])
def test_paper(document, fonts, monkeypatch):
    content = write_pdf(document, fonts)
    pages = PdfReader(io.BytesIO(content)).pages
    text = "".join(page.extract_text() for page in pages).replace("\n", "")
    for words in ("质检报告", "王小明", "样本不足", "HYPERLINK", "55.0 %"):
        assert words in text
    embedded = b"/FontFile2" in content
    assert embedded or not fonts


@pytest.mark.parametrize("fonts", [FONTS, ()], ids=["with a font of the machine", "with none"])
def test_a_trend_is_drawn_and_told(document, fonts):
    steps = [f"2026-11-{day:02}" for day in range(1, 31)]
    trend = Trend(
        "得分趋势",
        steps,
        [("王小明 <b>& 的很长很长很长很长的班组名称", [80.0, None, 82.5] * 10), ("none", [None] * 30)],
        ["王小明 <b>&: 2026-11-01 80.0 · 2026-11-02 样本不足"],
    )
    plain = write_pdf(document, fonts)
    pages = PdfReader(io.BytesIO(write_pdf(document._replace(trend=trend), fonts))).pages
    text = "".join(page.extract_text() for page in pages).replace("\n", "")
    for words in ("得分趋势", "2026-11-02 样本不足", "2026-11-28", "100"):
        assert words in text
    drawn, before = (
        sum(
            page.get_contents().get_data().count(b" l S") + page.get_contents().get_data().count(b" c")
            for page in some
        )
        for some in (pages, PdfReader(io.BytesIO(plain)).pages)
    )
    assert drawn > before + 20, "a mark for each score"


def test_a_long_report_has_many_pages_each_with_its_head(document):
    rows = [[f"坐席 {n}", n, 0.5, 80.0] for n in range(300)]
    long = document._replace(tables=[Table("按坐席", COLUMNS, rows)], main=0)
    pages = PdfReader(io.BytesIO(write_pdf(long))).pages
    assert len(pages) > 5
    assert all("合格率" in page.extract_text().replace("\n", "") for page in pages)


async def test_every_format_is_written(document):
    files = ReportFiles()
    begins = {Format.CSV: b"\xef\xbb\xbf", Format.XLSX: b"PK", Format.PDF: b"%PDF-"}
    for format_ in Format:
        assert (await files.write(document, format_)).startswith(begins[format_])
