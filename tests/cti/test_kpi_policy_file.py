"""The KPI policy file: what is shipped loads, and each mistake is named with its line."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cti.adapters.kpi_policy_file import read_policy
from cti.domain.errors import PolicyRefused
from cti.domain.identifiers import QueueName, Tier

SHIPPED = Path(__file__).parents[2] / "config/policies/kpi.yaml"
ZONE = ZoneInfo("Asia/Shanghai")

GOOD = """\
settle_seconds: 300
versions:
  - version: a
    valid_from: 2026-01-01
    targets:
      - {seconds: 20}
  - version: b
    valid_from: 2026-07-01
    formula: short_excluded
    short_abandon_seconds: 3.5
    targets:
      - {seconds: 25}
      - {queue: sales, tier: platinum, seconds: 8}
    self_service_queues: [support]
"""


def test_the_shipped_policy_is_strict_twenty_seconds() -> None:
    policy = read_policy(SHIPPED, ZONE)
    (rules,) = policy.versions
    assert (rules.formula, rules.target_seconds, rules.short_abandon_seconds) == ("strict", 20.0, 5.0)
    assert rules.valid_from == datetime(2026, 1, 1, tzinfo=ZONE).timestamp()


def test_the_shipped_examples_are_good_once_uncommented(tmp_path: Path) -> None:
    file = tmp_path / "kpi.yaml"
    file.write_text(SHIPPED.read_text(encoding="utf-8").replace("# - {", "- {"), encoding="utf-8")
    (rules,) = read_policy(file, ZONE).versions
    assert rules.exact_targets == {
        (None, Tier.PLATINUM): 10.0,
        ("sales", None): 30.0,
        ("sales", Tier.PLATINUM): 15.0,
    }


def test_versions(tmp_path: Path) -> None:
    file = tmp_path / "kpi.yaml"
    file.write_text(GOOD, encoding="utf-8")
    policy = read_policy(file, ZONE)
    assert policy.settle_seconds == 300
    first, second = policy.versions
    assert (first.version, first.formula) == ("a", "strict")
    assert second.formula == "short_excluded"
    assert second.self_service_queues == {QueueName("support")}
    assert second.target_ms(QueueName("sales"), Tier.PLATINUM) == 8000
    july = datetime(2026, 7, 1, tzinfo=ZONE).timestamp()
    assert (policy.at(july - 1), policy.at(july)) == (first, second)


@pytest.mark.parametrize(
    ("right", "wrong", "line", "field", "says"),
    [
        ("settle_seconds: 300", "settle_second: 300", 1, "settle_second", "no such field"),
        ("settle_seconds: 300", "settle_seconds: soon", 1, "settle_seconds", "from 0 to 86400, not 'soon'"),
        ("settle_seconds: 300", "settle_seconds: -1", 1, "settle_seconds", "not -1"),
        ("settle_seconds: 300", "settle_seconds: .nan", 1, "settle_seconds", "not"),
        ("version: a", "name: a", 3, "name", "no such field"),
        ("version: b", "version: a", 7, "version", "stands there twice"),
        ("2026-07-01", "2025-07-01", 7, "valid_from", "later than"),
        ("2026-07-01", "yesterday", 8, "valid_from", "a day such as"),
        ("short_excluded", "best", 9, "formula", "strict, abandons_positive"),
        ("short_abandon_seconds: 3.5", "short_abandon_seconds: [3]", 10, "short_abandon_seconds", "number"),
        ("      - {seconds: 25}\n", "", 12, "targets", "the general target"),
        ("{seconds: 25}", "{second: 25}", 12, "second", "no such field"),
        ("{seconds: 25}", "{seconds: 25, seconds: 26}", 12, "seconds", "twice"),
        ("tier: platinum", "tier: silver", 13, "tier", "platinum, gold, iron, lead"),
        ("{queue: sales, tier: platinum, seconds: 8}", "{seconds: 8}", 13, "targets", "twice"),
        ("[support]", "support", 14, "self_service_queues", "must be a list"),
        ("[support]", "[[support]]", 14, "self_service_queues", "must be a word"),
        ("      - {seconds: 20}", "      - {seconds: 20", 7, "", "not valid YAML"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(
    tmp_path: Path, right: str, wrong: str, line: int, field: str, says: str
) -> None:
    assert right in GOOD
    file = tmp_path / "kpi.yaml"
    file.write_text(GOOD.replace(right, wrong), encoding="utf-8")
    with pytest.raises(PolicyRefused) as refused:
        read_policy(file, ZONE)
    sentence = str(refused.value)
    assert f"{file}:{line}: {field}" in sentence
    assert says in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"versions: []\n", "at least one version"),
        (b"settle_seconds: 5\n", "versions: is missing"),
        (b"- 1\n", "fields are expected"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"a: \x00\n", "not valid YAML"),
    ],
)
def test_files_that_are_no_policy(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "kpi.yaml"
    file.write_bytes(content)
    with pytest.raises(PolicyRefused, match=says):
        read_policy(file, ZONE)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PolicyRefused, match="cannot be read"):
        read_policy(tmp_path / "none.yaml", ZONE)
