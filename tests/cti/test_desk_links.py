"""The desk's policy: what is shipped loads, and each wrong link is refused in one sentence with its line."""

import json
from pathlib import Path

import pytest

from cti.adapters.desk_policy_file import MOST, DeskPolicyFile, read_policy
from cti.domain.desk_links import DeskLink, objection
from cti.domain.errors import PolicyRefused
from cti.domain.pop_hooks import Hook

SHIPPED = Path(__file__).parents[2] / "config/policies/desk.yaml"


def test_the_shipped_one_offers_nothing_and_a_missing_one_is_none(tmp_path: Path) -> None:
    assert read_policy(SHIPPED) == ((), None)
    assert read_policy(tmp_path / "desk.yaml") == ((), None)


def test_the_example_in_the_shipped_file_is_right(tmp_path: Path) -> None:
    example = [
        line[2:]
        for line in SHIPPED.read_text("utf-8").splitlines()
        if line.startswith(("#   - en", "#     "))
    ]
    file = tmp_path / "desk.yaml"
    hook = [line[2:] for line in SHIPPED.read_text("utf-8").split("# hook:")[1].splitlines() if line]
    file.write_text("links:\n" + "\n".join(example) + "\nhook:\n" + "\n".join(hook), "utf-8")
    (link,), hook = read_policy(file)
    assert hook == Hook("https://crm.example/tierline/ring", "at-least-sixteen-characters", 2.0)
    assert link == DeskLink(
        "Open in CRM", "在 CRM 中打开", "https://crm.example/contacts?phone={number}&queue={queue}"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example/{name}/{agent}/{tier}/{dialled}/{language}/{callee}",
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
        "https://{queue}.example/", "https://crm.example@evil.example/", "https://crm.example/{surname}", "https://crm.example/{",
        "https://crm.example/a b", "https://", "https://crm.example/\u202e",
    ],
)  # fmt: skip
def test_others_are_refused_with_file_and_line(url: str, tmp_path: Path) -> None:
    assert objection(url)
    file = tmp_path / "desk.yaml"
    file.write_text(f"links:\n  - en: CRM\n    zh: 系统\n    url: {json.dumps(url)}\n", "utf-8")
    with pytest.raises(PolicyRefused, match=r"desk\.yaml:4: url: .*\.$"):
        read_policy(file)


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
        ("links: [", "not valid YAML"),
        ("hook: {url: 'https://crm.example/'}\n", r":1: secret: is missing"),
        ("hook: {url: 'crm.example', secret: 0123456789abcdef}\n", r":1: url: is an address"),
        ("hook: {url: 'https://a:b@crm/', secret: 0123456789abcdef}\n", r":1: url: is an address"),
        ("hook: {url: 'https://crm/', secret: short}\n", r":1: secret: has at least 16"),
        ("hook: {url: 'https://crm/', secret: 0123456789abcdef, seconds: 60}\n", r":1: seconds: is more"),
        (
            "hook: {url: 'https://crm/', secret: 0123456789abcdef, seconds: soon}\n",
            r":1: seconds: is a number",
        ),
        ("hook: {url: 'https://crm/', secret: 0123456789abcdef, retry: 3}\n", r":1: retry: no such field"),
    ],
)
def test_mistakes_are_named(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(PolicyRefused, match=says):
        read_policy(file)


def test_what_changes_in_the_file_holds_from_then_on_and_a_mistake_changes_nothing(
    tmp_path: Path, caplog
) -> None:
    file = tmp_path / "desk.yaml"
    policy = DeskPolicyFile(file)
    assert policy.now().links == ()
    file.write_text("links:\n  - {en: CRM, zh: 系统, url: 'https://crm.example/'}\n", "utf-8")
    policy.look()
    assert [link.en for link in policy.now().links] == ["CRM"]
    file.write_text("links: nonsense\n", "utf-8")
    policy.look()
    assert [link.en for link in policy.now().links] == ["CRM"]
    assert "desk.yaml:1: links" in caplog.text
