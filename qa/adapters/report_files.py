"""A report as a file, made beside the event loop: a workbook of many lines takes a second."""

import asyncio
from collections.abc import Callable, Mapping

from qa.adapters.report_csv import write_csv
from qa.adapters.report_pdf import write_pdf
from qa.adapters.report_xlsx import write_xlsx
from qa.domain.report_document import Document
from qa.domain.report_schedule import Format

_WRITERS: Mapping[Format, Callable[[Document], bytes]] = {
    Format.CSV: write_csv,
    Format.XLSX: write_xlsx,
    Format.PDF: write_pdf,
}


class ReportFiles:
    """One at a time: two cores have calls to look after."""

    def __init__(self) -> None:
        self._writing = asyncio.Lock()

    async def write(self, document: Document, format_: Format) -> bytes:
        async with self._writing:
            return await asyncio.to_thread(_WRITERS[format_], document)
