"""A report as a workbook: a sheet for each table. Texts are written as texts, whatever they begin with."""

import io
from collections.abc import Mapping
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from qa.domain.report_document import Document, Kind, Table

_FORMATS = {Kind.COUNT: "#,##0", Kind.PERCENT: "0.0%", Kind.SCORE: "0.0"}


def write_xlsx(document: Document) -> bytes:
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": document.title})
        styles = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
        faint, title = (
            book.add_format({"font_color": "#6b7280"}),
            book.add_format({"bold": True, "font_size": 14}),
        )
        for number, table in enumerate(document.tables):
            sheet = book.add_worksheet(_sheet_name(table.title, number))
            top = 0
            if number == 0:
                sheet.write_string(0, 0, document.title, title)
                for top, note in enumerate(document.notes, 1):
                    sheet.write_string(top, 0, note, faint)
                top += 2
            _write_table(sheet, table, top, document.few, head, faint, styles)
    return file.getvalue()


def _write_table(
    sheet: Worksheet, table: Table, top: int, few: str, head: Any, faint: Any, styles: Mapping[Kind, Any]
) -> None:
    for place, column in enumerate(table.columns):
        sheet.write_string(top, place, column.title, head)
        sheet.set_column(place, place, max(column.width, 8))
    for line, row in enumerate(table.rows, top + 1):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, place, cell)
            elif cell is None:
                sheet.write_string(line, place, few, faint)
            else:
                sheet.write_number(line, place, cell, styles[table.columns[place].kind])
    sheet.freeze_panes(top + 1, 0)


def _sheet_name(title: str, number: int) -> str:
    r"""Of what a workbook takes: 31 characters, none of []:*?/\\, and no two alike."""
    clean = "".join(" " if letter in "[]:*?/\\'" else letter for letter in title)
    return f"{number + 1} {clean}"[:31]
