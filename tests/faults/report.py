"""The results as tables in docs/reliability.md, between marks; what people wrote around them stays."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from typing import NamedTuple

from tests.servers import REPOSITORY

PAGE = REPOSITORY / "docs" / "reliability.md"


class Row(NamedTuple):
    """One fault, all its runs. `notes` in the words of whoever reads the page."""

    fault: str
    where: str
    runs: int
    passed: int
    notes: str
    seed: str


class Figure(NamedTuple):
    """One measurement, beside its goal."""

    what: str
    figure: str
    goal: str
    reached: bool | None


def known() -> list[Row]:
    """The rows that stand on the page."""
    rows = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(Row._fields) and cells[2].isdigit():
            rows.append(Row(cells[0], cells[1], int(cells[2]), int(cells[3]), cells[4], cells[5].strip("`")))
    return rows


def merged(before: Sequence[Row], now: Sequence[Row], order: Sequence[tuple[str, str]]) -> list[Row]:
    """Each fault's newest row, in the order of the table of faults; what is no fault of the table any more is left out."""
    rows = {(row.fault, row.where): row for row in (*before, *now)}
    return [rows[key] for key in order if key in rows]


def write(part: str, lines: Sequence[str], by: str = "make faults") -> None:
    """Between `<!-- {part}: written by `make faults` -->` and `<!-- end of {part} -->`."""
    begin, end = f"<!-- {part}: written by `{by}` -->", f"<!-- end of {part} -->"
    text = PAGE.read_text(encoding="utf-8")
    assert begin in text, f"{PAGE.name} has no marks for {part}"
    assert end in text, f"{PAGE.name} has no end for {part}"
    told = f"{begin}\n\n" + "\n".join(lines) + f"\n\n{end}"
    PAGE.write_text(
        re.sub(f"{re.escape(begin)}.*{re.escape(end)}", lambda _: told, text, flags=re.DOTALL), "utf-8"
    )


def faults(rows: Sequence[Row]) -> list[str]:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, CPython {platform.python_version()}"
    runs, passed = sum(row.runs for row in rows), sum(row.passed for row in rows)
    return [
        f"{runs} runs, {passed} passed. Machine: {machine}.",
        "",
        "| fault | where | runs | passed | notes | seed |",
        "| --- | --- | ---: | ---: | --- | --- |",
        *(
            f"| {row.fault} | {row.where} | {row.runs} | {row.passed} | {row.notes} | `{row.seed}` |"
            for row in rows
        ),
    ]


def figures(rows: Sequence[Figure]) -> list[str]:
    return [
        "| | measured | goal |",
        "| --- | --- | --- |",
        *(
            f"| {row.what} | {row.figure} | {row.goal}{'' if row.reached is None else ': reached' if row.reached else ': missed'} |"
            for row in rows
        ),
    ]
