"""A report as people read it on paper and in a spreadsheet: titles and tables, in one language."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final, NamedTuple

from qa.domain.report import FEWEST, Breakdown, Figure, ItemLine, Line, Report
from qa.domain.report_words import word

MOST_SERIES: Final = 5
"""Lines that can still be told apart."""
_FEWEST_STEPS: Final = 2

Cell = str | int | float | None
"""None: too few calls to tell."""


class Kind(StrEnum):
    """How the cells of a column are written."""

    TEXT = "text"
    COUNT = "count"
    PERCENT = "percent"  # 0 to 1
    SCORE = "score"  # 0 to 100


class Column(NamedTuple):
    title: str
    kind: Kind
    width: int  # in characters, for paper


class Table(NamedTuple):
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


class Trend(NamedTuple):
    """Scores (0 to 100) step by step; None where too few calls tell. `told`: the same as sentences, for who cannot see it."""

    title: str
    steps: Sequence[str]
    series: Sequence[tuple[str, Sequence[float | None]]]
    told: Sequence[str]


class Document(NamedTuple):
    """`tables[main]` is the one for programs that take a single table. `few` stands in cells that are not told."""

    title: str
    notes: Sequence[str]
    tables: Sequence[Table]
    main: int
    few: str
    language: str
    trend: Trend | None = None


class Names(NamedTuple):
    """What things are called: a group by how the report is broken down, a question by its card."""

    group: Callable[[Breakdown, str], str]
    question: Callable[[ItemLine], str]


def document(
    report: Report, grouping: Breakdown, asked: Mapping[str, str], names: Names, language: str, zone: tzinfo
) -> Document:
    """`asked`: the filters that were set, by their words."""

    def say(key: str) -> str:
        return word(language, key)

    notes = [
        f"{say('period')}: {_day(report.since, zone)} – {_day(report.until, zone, last=True)}",
        *(f"{say(name)}: {value}" for name, value in asked.items()),
        say(f"basis.{report.basis}").format(n=report.calls, drawn=report.drawn),
        say("note.accuracy"),
        say("note.few").format(n=FEWEST),
    ]
    if report.beyond:
        notes.append(say("note.beyond").format(n=report.beyond))
    by_question = grouping is Breakdown.QUESTION
    items = report.item_steps if by_question else report.items
    tables = [
        Table(say("whole"), _columns(say, None), [_cells(report.whole, ())]),
        Table(
            say(f"by.{grouping}"),
            _columns(say, grouping),
            [_cells(line, _heading(line, grouping, names, say, zone)) for line in report.lines],
        ),
        Table(
            say("questions"),
            _question_columns(say),
            [_question_cells(line, names, zone) for line in items],
        ),
    ]
    trend = _trend(report, grouping, names, say, zone)
    return Document(say("title"), notes, tables, 2 if by_question else 1, say("few"), language, trend)


def _trend(
    report: Report, grouping: Breakdown, names: Names, say: Callable[[str], str], zone: tzinfo
) -> Trend | None:
    """Of the groups with most calls; None of a report that is not told in steps."""
    edges = sorted({line.since for line in report.lines})
    if len(edges) < _FEWEST_STEPS:
        return None
    groups: dict[str | None, dict[float, Line]] = {}
    for line in report.lines:
        groups.setdefault(line.group, {})[line.since] = line
    most = sorted(groups, key=lambda group: (-sum(one.calls for one in groups[group].values()), group or ""))
    steps = [_day(edge, zone) for edge in edges]
    series, told = [], []
    for group in most[:MOST_SERIES]:
        values = [_score(groups[group].get(edge)) for edge in edges]
        name = _group_name(group, grouping, names, say)
        series.append((name, values))
        said = [
            f"{step} {say('few') if value is None else f'{value:.1f}'}"
            for step, value in zip(steps, values, strict=True)
        ]
        told.append(f"{name}: {' · '.join(said)}")
    return Trend(say("trend"), steps, series, told)


def _score(line: Line | None) -> float | None:
    return None if line is None else line.score.value


def _group_name(group: str | None, grouping: Breakdown, names: Names, say: Callable[[str], str]) -> str:
    if grouping in {Breakdown.NONE, Breakdown.QUESTION}:
        return say("score")
    return say("nobody") if group is None else names.group(grouping, group)


def _columns(say: Callable[[str], str], grouping: Breakdown | None) -> list[Column]:
    first = []
    if grouping is not None:
        first = [Column(say("from"), Kind.TEXT, 11), Column(say("until"), Kind.TEXT, 11)]
        if grouping not in {Breakdown.NONE, Breakdown.QUESTION}:
            first.append(Column(say(grouping), Kind.TEXT, 18))
    figures = [("customer", Kind.PERCENT), ("business", Kind.PERCENT), ("compliance", Kind.PERCENT)]
    figures += [("passed", Kind.PERCENT), ("score", Kind.SCORE)]
    return [
        *first,
        Column(say("calls"), Kind.COUNT, 7),
        *(
            column
            for name, kind in figures
            for column in (
                Column(say(name), kind, 9),
                Column(say("low"), kind, 6),
                Column(say("high"), kind, 6),
            )
        ),
    ]


def _heading(
    line: Line, grouping: Breakdown, names: Names, say: Callable[[str], str], zone: tzinfo
) -> list[Cell]:
    days: list[Cell] = [_day(line.since, zone), _day(line.until, zone, last=True)]
    if grouping in {Breakdown.NONE, Breakdown.QUESTION}:
        return days
    return [*days, _group_name(line.group, grouping, names, say)]


def _cells(line: Line, heading: Sequence[Cell]) -> list[Cell]:
    figures = (line.customer, line.business, line.compliance, line.passed, line.score)
    return [*heading, line.calls, *(cell for figure in figures for cell in _figure(figure))]


def _figure(figure: Figure) -> list[Cell]:
    return [None, "", ""] if figure.value is None else [figure.value, figure.low, figure.high]


def _question_columns(say: Callable[[str], str]) -> list[Column]:
    return [
        Column(say("from"), Kind.TEXT, 11),
        Column(say("until"), Kind.TEXT, 11),
        Column(say("scorecard"), Kind.TEXT, 14),
        Column(say("question"), Kind.TEXT, 44),
        Column(say("answers"), Kind.COUNT, 8),
        Column(say("not_applicable"), Kind.COUNT, 8),
        Column(say("reached"), Kind.PERCENT, 9),
        Column(say("low"), Kind.PERCENT, 6),
        Column(say("high"), Kind.PERCENT, 6),
    ]


def _question_cells(line: ItemLine, names: Names, zone: tzinfo) -> list[Cell]:
    days = [_day(line.since, zone), _day(line.until, zone, last=True)]
    told: list[Cell] = [*days, line.scorecard, names.question(line), line.answers, line.not_applicable]
    return [*told, *_figure(line.reached)]


def _day(at: float, zone: tzinfo, *, last: bool = False) -> str:
    """The local day; `last`: of a period that ends at `at`, the last one within it."""
    local = datetime.fromtimestamp(at, UTC).astimezone(zone)
    return (local - timedelta(seconds=1) if last else local).date().isoformat()
