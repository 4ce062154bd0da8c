"""Figures as a table for people, in the terminal and in docs/benchmarks.md, and the gates that must hold."""

import os
import platform
import re
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.children import REPOSITORY

PAGE = REPOSITORY / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- end of figures -->"


class Row(NamedTuple):
    """One line. `holds` is None where nothing depends on it: a goal that is missed is shown, a gate fails the run."""

    what: str
    figure: str
    beside: str = ""  # what it is compared with
    goal: str = ""
    reached: bool | None = None
    gate: str = ""
    holds: bool | None = None


def share(sorted_or_not: Iterable[float], part: float) -> float:
    """A percentile, `part` from 0 to 1."""
    numbers = sorted(sorted_or_not)
    return numbers[min(len(numbers) - 1, int(len(numbers) * part))] if numbers else float("nan")


def latency(seconds: Sequence[float]) -> str:
    return f"{share(seconds, 0.5) * 1e3:.2f} / {share(seconds, 0.99) * 1e3:.2f} ms"


def spread(numbers: Sequence[float], form: str = ".1f") -> str:
    """Median, and between what the rounds lay."""
    return f"{median(numbers):{form}} ({min(numbers):{form}} to {max(numbers):{form}})"


def show(rows: Sequence[Row]) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("", "measured", "beside", "goal", "gate"):
        table.add_column(column)
    for row in rows:
        table.add_row(row.what, row.figure, row.beside, _goal(row), _gate(row))
    Console(width=170).print(table)


def write_some(rows: Sequence[Row]) -> None:
    """Into the table there is: each in the place of the line that tells the same, or at the table's end."""
    lines = PAGE.read_text(encoding="utf-8").split("\n")
    for row in rows:
        table = [
            place for place, line in enumerate(lines) if line.startswith("| ") and len(line.split("|")) == 7
        ]
        there = [place for place in table if lines[place].startswith(f"| {row.what} |")]
        if there:
            lines[there[0]] = _line(row)
        else:
            lines.insert(table[-1] + 1, _line(row))
    PAGE.write_text("\n".join(lines), encoding="utf-8")


def write(rows: Sequence[Row], shares: Sequence[tuple[str, float]], quick: bool) -> None:
    """Into the page, between its marks; what people wrote around them stays."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, CPython {platform.python_version()}"
    lines = [
        f"Machine: {machine}.{' A quick run: fewer and shorter rounds.' if quick else ''}",
        "",
        "| | measured | beside | goal | gate |",
        "| --- | --- | --- | --- | --- |",
        *(_line(row) for row in rows),
        "",
        "Where a microsecond of the whole server goes, by the stack sampled every millisecond of processor time:",
        "",
        "| place | share | µs an event |",
        "| --- | ---: | ---: |",
        *(f"| {place} | {part:.0%} | {cost:.1f} |" for place, part, cost in _top(shares)),
    ]
    text = PAGE.read_text(encoding="utf-8")
    figures = f"{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}"
    PAGE.write_text(
        re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: figures, text, flags=re.DOTALL), "utf-8"
    )


def _line(row: Row) -> str:
    return f"| {row.what} | {row.figure} | {row.beside} | {_goal(row)} | {_gate(row)} |"


def _top(shares: Sequence[tuple[str, float]]) -> Iterable[tuple[str, float, float]]:
    whole = sum(cost for _, cost in shares) or 1.0
    return ((place, cost / whole, cost) for place, cost in shares if cost / whole >= 0.005)


def _goal(row: Row) -> str:
    return row.goal if row.reached is None else f"{row.goal}: {'reached' if row.reached else 'missed'}"


def _gate(row: Row) -> str:
    return row.gate if row.holds is None else f"{row.gate}: {'holds' if row.holds else 'FAILS'}"
