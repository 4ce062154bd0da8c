"""The desk's policy: what is shipped loads, and each wrong link is refused in one sentence with its line."""

import json
from pathlib import Path

import pytest

from cti.adapters.desk_policy_file import MOST, read_links
from cti.domain.desk_links import DeskLink, objection
from cti.domain.errors import PolicyRefused

SHIPPED = Path(__file__).parents[2] / "config/policies/desk.yaml"


def test_the_shipped_one_offers_nothing_and_a_missing_one_is_none(tmp_path: Path) -> None:
    assert read_links(SHIPPED) == ()
    assert read_links(tmp_path / "desk.yaml") == ()


def test_the_example_in_the_shipped_file_is_right(tmp_path: Path) -> None:
    example = [
        line[2:] for line in SHIPPED.read_text("utf-8").splitlines() if line.startswith(("#   -", "#     "))
    ]
    file = tmp_path / "desk.yaml"
    file.write_text("links:\n" + "\n".join(example), "utf-8")
    [link] = read_links(file)
    assert link == DeskLink(
        "Open in CRM", "在 CRM 中打开", "https://crm.example/contacts?phone={number}&queue={queue}"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example/c/{customer_id}", "https://crm.example:8443?x={number}#{call_id}", "https://crm.example",
        "tel:{number}",
    ],
)  # fmt: skip
def test_good_addresses(url: str) -> None:
    assert objection(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/", "javascript:alert(1)", "data:text/html,x", "//crm.example/", "HTTPS://crm.example/{nunber}",
        "https://{queue}.example/", "https://crm.example@evil.example/", "https://crm.example/{name}", "https://crm.example/{",
        "https://crm.example/a b", "https://", "https://crm.example/\u202e",
    ],
)  # fmt: skip
def test_others_are_refused_with_file_and_line(url: str, tmp_path: Path) -> None:
    assert objection(url)
    file = tmp_path / "desk.yaml"
    file.write_text(f"links:\n  - en: CRM\n    zh: 系统\n    url: {json.dumps(url)}\n", "utf-8")
    with pytest.raises(PolicyRefused, match=r"desk\.yaml:4: url: .*\.$"):
        read_links(file)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("links:\n  - en: CRM\n    url: https://crm.example/\n", r":2: zh: is missing"),
        ("links:\n  - {en: A, zh: B, url: 'tel:1', colour: red}\n", r":2: colour: no such field"),
        ("buttons: []\n", r":1: buttons: no such field"),
        ("links: crm\n", r":1: links: must be a list"),
        (
            "links:\n" + "  - {en: A, zh: B, url: 'tel:1'}\n" * (MOST + 1),
            r"links: must be a list of at most 8",
        ),
        ("links: [", "cannot be read"),
    ],
)
def test_mistakes_are_named(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(PolicyRefused, match=says):
        read_links(file)
