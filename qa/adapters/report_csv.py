"""A report's main table as CSV. A cell that a spreadsheet would run as a formula is given an apostrophe in front."""

import csv
import io

from qa.domain.report_document import Cell, Document

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(document: Document) -> bytes:
    """UTF-8 with its mark, without which spreadsheets take Chinese for something else."""
    table, text = document.tables[document.main], io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.title for column in table.columns])
    writer.writerows([_safe(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def _safe(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_RUNS) else cell
    if isinstance(cell, float):
        return f"{cell:.4f}"
    return "" if cell is None else str(cell)
