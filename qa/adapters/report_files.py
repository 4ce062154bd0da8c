"""A report as a file, made beside the event loop: a workbook of many lines takes a second."""

import asyncio
from collections.abc import Callable

from qa.adapters.report_csv import write_csv
from qa.domain.report_document import Document
from qa.domain.report_schedule import Format


def _writer(format_: Format) -> Callable[[Document], bytes]:
    """What draws pages takes a tenth of a second to load: a start after a kill does without."""
    if format_ is Format.PDF:
        from qa.adapters.report_pdf import write_pdf

        return write_pdf
    if format_ is Format.XLSX:
        from qa.adapters.report_xlsx import write_xlsx

        return write_xlsx
    return write_csv


class ReportFiles:
    """One at a time: two cores have calls to look after."""

    def __init__(self) -> None:
        self._writing = asyncio.Lock()

    async def write(self, document: Document, format_: Format) -> bytes:
        async with self._writing:
            return await asyncio.to_thread(lambda: _writer(format_)(document))
