"""From the rows of a file to what is written: whose numbers they are, who is new, what changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from cti.domain.identifiers import AgentId, CustomerId, PhoneNumber
from customers.domain.csv_text import Cell
from customers.domain.customer import Customer, TierChange
from customers.domain.import_rows import CustomerRow
from customers.domain.problems import Problem


class Claim(NamedTuple):
    """A row says that a number is its customer's."""

    row: int
    cell: Cell
    customer: CustomerId | None  # None: somebody new


class Claims(NamedTuple):
    by_number: Mapping[PhoneNumber, Claim]
    problems: tuple[Problem, ...]


class Plan(NamedTuple):
    customers: tuple[Customer, ...]
    changes: tuple[TierChange, ...]
    added: int
    unchanged: int


def claims(
    rows: Sequence[CustomerRow],
    normalise: Callable[[str], PhoneNumber | None],
    objection: Callable[[str], str | None],
) -> Claims:
    """Every number once, every id once."""
    by_number: dict[PhoneNumber, Claim] = {}
    line_of_id: dict[str, int] = {}
    problems: list[Problem] = []
    for index, row in enumerate(rows):
        if row.id is not None:
            first_line = line_of_id.setdefault(row.id.text, row.id.line)
            if first_line != row.id.line:
                problems.append(
                    Problem(
                        row.id.line,
                        row.id.column,
                        "id",
                        f'"{row.id.text}" stands in line {first_line} already',
                    )
                )
        customer = CustomerId(row.id.text) if row.id is not None else None
        for cell in row.numbers:
            number = normalise(cell.text)
            if (sentence := objection(cell.text)) is not None or number is None:
                problems.append(
                    Problem(cell.line, cell.column, "numbers", sentence or "is no telephone number")
                )
                continue
            earlier = by_number.setdefault(number, Claim(index, cell, customer))
            if earlier.row != index:
                problems.append(
                    Problem(cell.line, cell.column, "numbers", f"stands in line {earlier.cell.line} already")
                )
    return Claims(by_number, tuple(problems))


def taken(
    claimed: Mapping[PhoneNumber, Claim],
    holders: Mapping[PhoneNumber, CustomerId],
    rewritten: Iterable[CustomerId],
) -> list[Problem]:
    """Numbers of customers whom this file does not rewrite. Those it does give theirs away, or claim them again."""
    given_up = set(rewritten)
    return [
        Problem(
            claim.cell.line,
            claim.cell.column,
            "numbers",
            f"belongs to customer {holder}; to change that customer, put {holder} into the column id",
        )
        for number, claim in claimed.items()
        if (holder := holders.get(number)) is not None and holder != claim.customer and holder not in given_up
    ]


def plan(
    rows: Sequence[CustomerRow],
    claimed: Mapping[PhoneNumber, Claim],
    existing: Mapping[CustomerId, Customer],
    new_id: Callable[[], CustomerId],
    *,
    at: float,
    reason: str,
    actor: str,
) -> Plan:
    numbers: dict[int, list[PhoneNumber]] = {}
    for number, claim in claimed.items():
        numbers.setdefault(claim.row, []).append(number)
    customers: list[Customer] = []
    changes: list[TierChange] = []
    added = 0
    for index, row in enumerate(rows):
        before = None if row.id is None else existing.get(CustomerId(row.id.text))
        after = _customer(row, before, tuple(numbers.get(index, ())), new_id, at)
        if after == before:
            continue
        customers.append(after)
        added += before is None
        if before is None or before.tier is not after.tier:
            old = None if before is None else before.tier
            changes.append(TierChange(at, after.id, old, after.tier, reason, actor))
    return Plan(tuple(customers), tuple(changes), added, len(rows) - len(customers))


def _customer(
    row: CustomerRow,
    before: Customer | None,
    numbers: tuple[PhoneNumber, ...],
    new_id: Callable[[], CustomerId],
    at: float,
) -> Customer:
    """A column that is not in the file leaves what is there."""

    def told(value: str | None, kept: str) -> str:
        return kept if value is None else value

    if before is None:
        customer = CustomerId(row.id.text) if row.id is not None else new_id()
        before = Customer(customer, "", "", row.tier, "import", (), "", None, "", "", at)
    owner = told(row.owner, before.owner or "")
    return before._replace(
        name=row.name,
        company=told(row.company, before.company),
        tier=row.tier,
        tier_source=before.tier_source if before.tier is row.tier else "import",
        numbers=numbers,
        language=told(row.language, before.language),
        owner=AgentId(owner) if owner else None,
        note=told(row.note, before.note),
        value_note=told(row.value_note, before.value_note),
    )
