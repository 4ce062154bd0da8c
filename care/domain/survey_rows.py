"""The rules of a file of survey answers: which columns there are, and what a row must hold."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final, NamedTuple

from care.domain.satisfaction import HIGHEST_SCALE, SurveyId, SurveyResponse, lowest
from cti.domain.identifiers import AgentId, CallId, PhoneNumber, QueueName
from customers.domain.csv_text import Cell, rows
from customers.domain.problems import Problem

NEEDED: Final = ("number", "score", "scale", "answered_at")
COLUMNS: Final = (*NEEDED, "id", "call", "agent", "queue", "comment")
LONGEST: Final[Mapping[str, int]] = {"id": 80, "call": 200, "agent": 80, "queue": 128, "comment": 4000}
AHEAD: Final = 86400.0
"""Seconds by which another clock, or another zone, may be ahead of ours."""
_WHOLE: Final = re.compile(r"[0-9]{1,3}")


class Rules(NamedTuple):
    """What the house adds: its numbering plan, the zone of times without an offset, and now in seconds since 1970."""

    normalise: Callable[[str], PhoneNumber | None]
    objection: Callable[[str], str | None]
    zone: tzinfo
    now: float


class Reading(NamedTuple):
    responses: Sequence[SurveyResponse]
    repeated: int  # lines that say what an earlier one said
    problems: Sequence[Problem]


def read(text: str, rules: Rules) -> Reading:
    """Every answer once. Problems in the header end the reading: no row can be trusted."""
    found: dict[SurveyId, tuple[int, SurveyResponse]] = {}
    problems: list[Problem] = []
    repeated = 0
    for told in _rows(text, rules):
        if isinstance(told, Problem):
            problems.append(told)
            continue
        cell, response = told
        line, earlier = found.setdefault(response.id, (cell.line, response))
        if earlier is response:
            continue
        repeated += 1
        if earlier != response:
            sentence = f"this answer stands in line {line} already, but says something else there; keep one"
            problems.append(Problem(cell.line, cell.column, "id", sentence))
    return Reading([response for _, response in found.values()], repeated, sorted(problems))


def _rows(text: str, rules: Rules) -> Iterator[tuple[Cell, SurveyResponse] | Problem]:
    lines = rows(text)
    header = next(lines, None)
    if header is None:
        names = ",".join(COLUMNS)
        yield Problem(1, 1, "header", f"the file is empty; the first line names the columns: {names}")
        return
    if isinstance(header, Problem):
        yield header
        return
    fields = [cell.text.strip().casefold() for cell in header]
    problems = list(_wrong_columns(header, fields))
    if problems:
        yield from problems
        return
    for cells in lines:
        if isinstance(cells, Problem):
            yield cells
        else:
            yield from _row(cells, fields, rules)


def _wrong_columns(header: Sequence[Cell], fields: Sequence[str]) -> Iterator[Problem]:
    for place, (cell, field) in enumerate(zip(header, fields, strict=True)):
        written = f'"{cell.text.strip()[:40]}"'
        if field not in COLUMNS:
            sentence = f"{written} is no known column; take it out, or use {', '.join(COLUMNS)}"
            yield Problem(cell.line, cell.column, "header", sentence)
        elif field in fields[:place]:
            yield Problem(cell.line, cell.column, "header", f"{written} stands there twice; take one out")
    for field in NEEDED:
        if field not in fields:
            first = header[0]
            yield Problem(first.line, first.column, "header", f'no column "{field}"; every row needs one')


def _row(
    cells: Sequence[Cell], fields: Sequence[str], rules: Rules
) -> Iterator[tuple[Cell, SurveyResponse] | Problem]:
    if len(cells) != len(fields):
        odd = cells[min(len(fields), len(cells) - 1)]
        sentence = f"has {len(cells)} fields where the header has {len(fields)}; quote commas"
        yield Problem(odd.line, odd.column, "line", sentence)
        return
    cell = {field: cell._replace(text=cell.text.strip()) for field, cell in zip(fields, cells, strict=True)}
    told = {field: one.text for field, one in cell.items()}
    at = _moment(told["answered_at"], rules.zone)
    problems = [
        Problem(cell[field].line, cell[field].column, field, sentence)
        for field, sentence in _objections(told, at, rules)
        if sentence is not None
    ]
    yield from problems
    number = rules.normalise(told["number"])
    if problems or number is None or at is None:
        return
    response = SurveyResponse(
        id=SurveyId(told.get("id", "")),
        number=number,
        call=CallId(told["call"]) if told.get("call") else None,
        agent=AgentId(told["agent"]) if told.get("agent") else None,
        queue=QueueName(told["queue"]) if told.get("queue") else None,
        score=int(told["score"]),
        scale=int(told["scale"]),
        answered_at=at,
        comment=told.get("comment", ""),
    )
    yield cell["id" if response.id else "number"], response if response.id else _named(response)


def _named(response: SurveyResponse) -> SurveyResponse:
    """With an id made of what it says, so that the same answer has the same one in every file."""
    says = f"{response.number}|{response.answered_at!r}|{response.score}|{response.queue or ''}"
    return response._replace(id=SurveyId("sha256-" + hashlib.sha256(says.encode()).hexdigest()[:32]))


def _objections(told: Mapping[str, str], at: float | None, rules: Rules) -> Iterator[tuple[str, str | None]]:
    """Each column, and what speaks against its value, as a sentence."""
    yield "number", _wrong_number(told["number"], rules)
    scale = int(told["scale"]) if _WHOLE.fullmatch(told["scale"]) else 0
    if 2 <= scale <= HIGHEST_SCALE:
        yield "score", _wrong_score(told["score"], scale)
    else:
        sentence = (
            f'"{told["scale"][:40]}" is no scale; write the highest score there is, 2 to {HIGHEST_SCALE}'
        )
        yield "scale", sentence
    yield "answered_at", _wrong_time(told["answered_at"], at, rules)
    for field, longest in LONGEST.items():
        yield field, _wrong_text(told.get(field, ""), longest, "\n\r\t" if field == "comment" else "")


def _wrong_number(text: str, rules: Rules) -> str | None:
    if not text:
        return "is missing; take the row out, or write whose answer it is"
    if (sentence := rules.objection(text)) is not None:
        return sentence
    return None if rules.normalise(text) is not None else f'"{text[:40]}" is no telephone number'


def _wrong_score(text: str, scale: int) -> str | None:
    if _WHOLE.fullmatch(text) and lowest(scale) <= int(text) <= scale:
        return None
    return f'"{text[:40]}" is no score; write a whole number from {lowest(scale)} to {scale}'


def _wrong_time(text: str, at: float | None, rules: Rules) -> str | None:
    if at is None:
        return f'"{text[:40]}" is no time; write it as 2026-11-12T09:30:00+08:00, or in our own time without +08:00'
    if at > rules.now + AHEAD:
        return f'"{text[:40]}" has not come yet; correct the time'
    return None


def _wrong_text(text: str, longest: int, allowed: str) -> str | None:
    if len(text) > longest:
        return f"has {len(text)} characters, {longest} are the most; shorten it"
    # Cc: controls; Cs: lone surrogates, which no database takes.
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in allowed for sign in text):
        return "holds a control character; type it again"
    return None


def _moment(text: str, zone: tzinfo) -> float | None:
    """Seconds since 1970; None of what is no time after that."""
    try:
        told = datetime.fromisoformat(text)
        at = (told if told.tzinfo else told.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        return None
    return at if at >= 0 else None
