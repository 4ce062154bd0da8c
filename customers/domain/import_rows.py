"""The rules of a customer file: which columns there are, and what a row must hold."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cti.domain.identifiers import Tier
from customers.domain.csv_text import Cell, rows
from customers.domain.customer import MOST_NUMBERS, objection, tier_named
from customers.domain.problems import Problem

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("customer_id", "customer id", "编号", "客户编号"),
    "name": ("customer", "customer_name", "customer name", "姓名", "名称", "客户", "客户姓名", "客户名称"),
    "company": ("organisation", "organization", "公司", "单位", "公司名称"),
    "tier": ("level", "class", "等级", "级别", "层级", "客户等级", "客户层级"),
    "numbers": (
        "number", "phone", "phones", "phone number", "phone_number", "phone numbers", "telephone", "tel", "mobile",
        "号码", "电话", "手机", "电话号码", "手机号", "手机号码", "联系电话",
    ),
    "language": ("lang", "语言"),
    "owner": ("agent", "owner agent", "owner_agent", "account manager", "负责人", "客户经理", "专属坐席"),
    "note": ("notes", "remark", "remarks", "备注"),
    "value_note": ("value note", "value", "价值", "价值说明"),
}  # fmt: skip
_FIELDS: Final = {name: field for field, others in HEADERS.items() for name in (field, *others)}
_BETWEEN_NUMBERS: Final = re.compile(r"[;|/、,;,\n]+")


class CustomerRow(NamedTuple):
    """A row whose own fields are in order; whether its numbers are free is not its to say. None: no such column."""

    id: Cell | None
    name: str
    tier: Tier
    numbers: tuple[Cell, ...]  # as written
    company: str | None
    language: str | None
    owner: str | None
    note: str | None
    value_note: str | None


def read(text: str) -> Iterator[CustomerRow | Problem]:
    """Rows and problems in the order of the file. Problems in the header end the reading: no row can be trusted."""
    lines = rows(text)
    header = next(lines, None)
    if header is None:
        yield Problem(
            1, 1, "header", "the file is empty; the first line names the columns: name,tier,numbers,…"
        )
        return
    if isinstance(header, Problem):
        yield header
        return
    fields, problems = _columns(header)
    if problems:
        yield from problems
        return
    for cells in lines:
        if isinstance(cells, Problem):
            yield cells
        else:
            yield from _row(cells, fields)


def _columns(header: Sequence[Cell]) -> tuple[list[str], list[Problem]]:
    fields: list[str] = []
    problems: list[Problem] = []
    for cell in header:
        written = cell.text.strip()
        field = _FIELDS.get(written.casefold())
        if field is None:
            known = ", ".join(HEADERS)
            problems.append(
                Problem(cell.line, cell.column, "header", f'"{written[:40]}" is no known column; use {known}')
            )
        elif field in fields and field != "numbers":
            problems.append(
                Problem(cell.line, cell.column, "header", f'"{written[:40]}": a second column for {field}')
            )
        fields.append(field or "")
    if not problems:
        first = header[0]
        problems += [
            Problem(
                first.line, first.column, "header", f'no column "{field}"; name one of the columns {field}'
            )
            for field in ("name", "tier", "numbers")
            if field not in fields
        ]
    return fields, problems


def _row(cells: Sequence[Cell], fields: Sequence[str]) -> Iterator[CustomerRow | Problem]:
    if len(cells) != len(fields):
        odd = cells[min(len(fields), len(cells) - 1)]
        yield Problem(
            odd.line,
            odd.column,
            "line",
            f"has {len(cells)} fields where the header has {len(fields)}; quote commas",
        )
        return
    by_field: dict[str, Cell] = {}
    numbers: list[Cell] = []
    for field, cell in zip(fields, cells, strict=True):
        if field == "numbers":
            numbers += _numbers(cell)
        else:
            by_field[field] = cell._replace(text=cell.text.strip())
    problems = [
        Problem(cell.line, cell.column, field, sentence)
        for field, cell in by_field.items()
        if (cell.text or field in {"name", "tier"}) and (sentence := objection(field, cell.text)) is not None
    ]
    if len(numbers) > MOST_NUMBERS:
        odd = numbers[MOST_NUMBERS]
        problems.append(
            Problem(odd.line, odd.column, "numbers", f"more than {MOST_NUMBERS} numbers in one row")
        )
    if problems:
        yield from problems
        return

    def told(field: str) -> str | None:
        return by_field[field].text if field in by_field else None

    yield CustomerRow(
        id=by_field["id"] if told("id") else None,
        name=by_field["name"].text,
        tier=tier_named(by_field["tier"].text) or Tier.IRON,
        numbers=tuple(numbers),
        company=told("company"),
        language=told("language"),
        owner=told("owner"),
        note=told("note"),
        value_note=told("value_note"),
    )


def _numbers(cell: Cell) -> Iterator[Cell]:
    for part in _BETWEEN_NUMBERS.split(cell.text):
        if part.strip():
            yield cell._replace(text=part.strip())
