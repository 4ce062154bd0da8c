"""Every decision record has the form that the first of them decides."""

import re
from pathlib import Path

import pytest

from tests.servers import REPOSITORY

RECORDS = sorted((REPOSITORY / "docs/decisions").glob("*.md"))
SECTIONS = ["Context", "Decision", "Consequences", "Alternatives", "References"]
ONE_PAGE = 60  # lines


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_follows_the_form(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    title, *rest = re.split(r"(?m)^## (.+)\n", text)
    number = record.name[:4]
    assert re.match(
        rf"# {number}\. .+\n\n- Status: (accepted|superseded by \d{{4}})\n- Area: .+\n- Date: \d{{4}}-\d\d-\d\d\n",
        title,
    )
    assert rest[::2] == SECTIONS
    assert all(section.strip() for section in rest[1::2]), "a section is empty"
    assert len(text.splitlines()) <= ONE_PAGE


def test_numbers_have_no_holes() -> None:
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


def test_what_superseded_a_record_exists() -> None:
    numbers = {record.name[:4] for record in RECORDS}
    for record in RECORDS:
        assert set(re.findall(r"superseded by (\d{4})", record.read_text(encoding="utf-8"))) <= numbers
