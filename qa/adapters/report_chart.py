"""The trend of scores as a drawing for paper: a line for each group, with a break where too few calls tell."""

from typing import Any, Final, Literal

from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, String
from reportlab.lib import colors

from qa.domain.report_document import Trend

HEIGHT: Final = 150.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 24.0, 8.0, 20.0, 16.0
_INK, _LINE = colors.HexColor("#5b6672"), colors.HexColor("#d5dae1")
_PALETTE = [colors.HexColor(code) for code in ("#0f766e", "#b7791f", "#4338ca", "#6b7684", "#c2553a")]
_MOST_LABELS: Final = 12
_LETTERS: Final = 16
"""Of a group's name in the legend."""


def draw_trend(trend: Trend, width: float, font: str) -> Drawing:
    """In points, `width` wide."""
    drawing = Drawing(width, HEIGHT)
    room = HEIGHT - _TOP - _BOTTOM

    def x(step: int) -> float:
        return _LEFT + (width - _LEFT - _RIGHT) * (step + 0.5) / len(trend.steps)

    def y(score: float) -> float:
        return _BOTTOM + room * score / 100

    def write(text: str, at: float, above: float, anchor: Literal["start", "middle", "end"]) -> None:
        drawing.add(String(at, above, text, fontName=font, fontSize=7, fillColor=_INK, textAnchor=anchor))

    for mark in range(0, 101, 20):
        drawing.add(Line(_LEFT, y(mark), width - _RIGHT, y(mark), strokeColor=_LINE, strokeWidth=0.4))
        write(str(mark), _LEFT - 4, y(mark) - 2.5, "end")
    for step in range(0, len(trend.steps), -(-len(trend.steps) // _MOST_LABELS)):
        write(trend.steps[step], x(step), 3, "middle")
    for place, (name, values) in enumerate(trend.series):
        colour = _PALETTE[place % len(_PALETTE)]
        across = _LEFT + place * (width - _LEFT) / len(_PALETTE)
        drawing.add(Line(across, HEIGHT - 6.5, across + 8, HEIGHT - 6.5, strokeColor=colour, strokeWidth=5))
        write(name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…", across + 12, HEIGHT - 9, "start")
        run: list[float] = []
        for step, value in enumerate([*values, None]):
            if value is not None:
                run += [x(step), y(value)]
                drawing.add(Circle(x(step), y(value), 2, fillColor=colour, strokeColor=None))
            elif run:
                _join(drawing, run, colour)
                run = []
    return drawing


def _join(drawing: Drawing, run: list[float], colour: Any) -> None:
    if len(run) > 2:  # one point is no line
        drawing.add(PolyLine(run, strokeColor=colour, strokeWidth=1.4))
