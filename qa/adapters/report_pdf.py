"""A report on paper. Its letters are taken from a font of this machine that has Chinese, and go into the file.

Without such a font the file names Adobe's Chinese one, which most readers of PDF can put in its place.
"""

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid

from qa.adapters.report_chart import draw_trend
from qa.domain.report_document import Cell, Document, Kind, Table

FONTS = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/google-droid-sans-fonts/DroidSansFallbackFull.ttf",
)
"""Where Debian and its likes keep fonts with Chinese whose outlines can be put into a PDF."""

_INK, _FAINT, _LINE = colors.HexColor("#1f2933"), colors.HexColor("#5b6672"), colors.HexColor("#d5dae1")
_WIDE = landscape(A4)
_MARGIN = 14 * mm


def write_pdf(document: Document, fonts: Sequence[str] = FONTS) -> bytes:
    font, file = _font(tuple(fonts)), io.BytesIO()
    text = ParagraphStyle("text", fontName=font, fontSize=8, leading=10.5, textColor=_INK, wordWrap="CJK")
    faint = ParagraphStyle("faint", parent=text, textColor=_FAINT)
    title = ParagraphStyle("title", parent=text, fontSize=17, leading=22, spaceAfter=4)
    heading = ParagraphStyle("heading", parent=text, fontSize=11, leading=14, spaceBefore=12, spaceAfter=5)
    story: list[Any] = [Paragraph(escape(document.title), title)]
    story += [Paragraph(escape(note), faint) for note in document.notes]
    if document.trend is not None:
        chart = draw_trend(document.trend, _WIDE[0] - 2 * _MARGIN, font)
        told = [Paragraph(escape(line), faint) for line in document.trend.told]
        story += [KeepTogether([Paragraph(escape(document.trend.title), heading), chart]), *told]
    for table in document.tables:
        story.append(Paragraph(escape(table.title), heading))
        story.append(_grid(table, document.few, font, text, faint) if table.rows else Paragraph("–", faint))
    story.append(Spacer(1, 6))

    def page_number(canvas: Any, _: Any) -> None:
        canvas.setFont(font, 7)
        canvas.setFillColor(_FAINT)
        canvas.drawRightString(_WIDE[0] - _MARGIN, 8 * mm, str(canvas.getPageNumber()))

    SimpleDocTemplate(
        file,
        pagesize=_WIDE,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=document.title,
        author="Tierline",
        lang="zh-CN" if document.language == "zh" else "en",
    ).build(story, onFirstPage=page_number, onLaterPages=page_number)
    return file.getvalue()


def _grid(table: Table, few: str, font: str, text: ParagraphStyle, faint: ParagraphStyle) -> Grid:
    whole = sum(column.width for column in table.columns)
    space = _WIDE[0] - 2 * _MARGIN
    widths = [space * column.width / whole for column in table.columns]
    rows: list[list[Any]] = [[Paragraph(escape(column.title), faint) for column in table.columns]]
    for row in table.rows:
        kinds = [column.kind for column in table.columns]
        rows.append([_cell(cell, kind, few, text) for cell, kind in zip(row, kinds, strict=True)])
    style: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, -1), font, 8),
        ("TEXTCOLOR", (0, 0), (-1, -1), _INK),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, _FAINT),
        ("LINEBELOW", (0, 1), (-1, -1), 0.3, _LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    style += [
        ("ALIGN", (place, 1), (place, -1), "RIGHT")
        for place, column in enumerate(table.columns)
        if column.kind is not Kind.TEXT
    ]
    return Grid(rows, colWidths=widths, repeatRows=1, style=style)


def _cell(cell: Cell, kind: Kind, few: str, text: ParagraphStyle) -> Any:
    if isinstance(cell, str):
        return Paragraph(escape(cell), text)
    if cell is None:
        return few
    if kind is Kind.PERCENT:
        return f"{100 * cell:.1f} %"
    return f"{cell:.1f}" if kind is Kind.SCORE else f"{cell:,}"


@cache
def _font(places: tuple[str, ...]) -> str:
    for place in places:
        if Path(place).is_file():
            try:
                pdfmetrics.registerFont(TTFont("report", place))
            except TTFError:
                continue
            return "report"
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    return "STSong-Light"
