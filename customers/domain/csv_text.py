"""Comma-separated text into cells that know where they stand (RFC 4180; also semicolons and tabs)."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from customers.domain.problems import Problem

_QUOTED: Final = re.compile(r'"([^"]*(?:""[^"]*)*)"')
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_PLAIN: Final = {delimiter: re.compile(rf"[^\r\n{delimiter}]*") for delimiter in (",", ";", "\t")}


class Cell(NamedTuple):
    """`line` and `column` count from 1."""

    line: int
    column: int
    text: str


def delimiter_of(text: str) -> str:
    """The one of comma, semicolon and tab that the first line uses most."""
    first = next((line for line in _LINE_END.split(text[:100_000]) if line.strip()), "")
    return max(_PLAIN, key=first.count)


def rows(text: str) -> Iterator[list[Cell] | Problem]:
    """Lines that hold something. A broken quote is a Problem in place of its line; reading goes on where it can."""
    scan = _Scan(text)
    while scan.position < len(text):
        cells: list[Cell] = [scan.cell()]
        while scan.took_delimiter():
            cells.append(scan.cell())
        if scan.broken is not None:
            yield scan.broken
        elif any(cell.text.strip() for cell in cells):
            yield cells
        scan.take_line_end()


class _Scan:
    """A place in the text that moves on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.delimiter = delimiter_of(text)
        self.plain = _PLAIN[self.delimiter]
        self.position = self.line_began = 0
        self.line = 1
        self.broken: Problem | None = None

    def cell(self) -> Cell:
        line, column = self.line, self._column()
        if not self.text.startswith('"', self.position):
            return Cell(line, column, self._plain())
        quoted = _QUOTED.match(self.text, self.position)
        if quoted is None:
            self.broken = Problem(line, column, "line", "a quote is opened here and never closed")
            self.position = len(self.text)
            return Cell(line, column, "")
        self.position = quoted.end()
        for end in _LINE_END.finditer(self.text, quoted.start(1), quoted.end(1)):
            self.line, self.line_began = self.line + 1, end.end()
        if self.broken is None:
            here = Problem(
                self.line, self._column(), "line", "text follows a closing quote; double the quotes inside"
            )
            self.broken = here if self._plain().strip() else None
        else:
            self._plain()
        return Cell(line, column, quoted[1].replace('""', '"'))

    def took_delimiter(self) -> bool:
        there = self.text.startswith(self.delimiter, self.position)
        self.position += there
        return there

    def take_line_end(self) -> None:
        self.broken = None
        if (end := _LINE_END.match(self.text, self.position)) is not None:
            self.position, self.line, self.line_began = end.end(), self.line + 1, end.end()

    def _plain(self) -> str:
        match = self.plain.match(self.text, self.position)
        plain = "" if match is None else match[0]
        self.position += len(plain)
        return plain

    def _column(self) -> int:
        return self.position - self.line_began + 1
