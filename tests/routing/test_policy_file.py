from pathlib import Path

import pytest

from cti.domain.identifiers import Tier
from routing.adapters.policy_file import load, parse
from routing.domain.errors import PolicyRefused
from routing.domain.priority import DEFAULT_POLICY, Credit

SHIPPED = Path(__file__).parents[2] / "config" / "policies" / "routing.yaml"
GOOD = """tiers:
  platinum: {credit: strict}
  gold: {credit: strict, name: {zh: 金牌}}
  iron: {credit: 60}
  lead: {credit: 0}
unknown_tier: lead
queues:
  sales: {iron: 120, gold: 30}
dialplan_sets_baseline: false
"""


def test_the_shipped_policy_is_the_default():
    policy = load(SHIPPED)
    assert policy._replace(names=DEFAULT_POLICY.names) == DEFAULT_POLICY
    assert policy.names["gold"] == {"en": "Gold", "zh": "黄金"}


def test_everything_that_can_be_said():
    policy = parse(GOOD, "routing.yaml")
    assert policy.credits == {Tier.PLATINUM: None, Tier.GOLD: None, Tier.IRON: 60, Tier.LEAD: 0}
    assert (policy.unknown_tier, policy.dialplan_sets_baseline) == (Tier.LEAD, False)
    assert policy.names["gold"] == {"en": "gold", "zh": "金牌"}
    credit = policy.credit
    assert credit("support", Tier.PLATINUM) == Credit(20_000_000, strict=True)
    assert credit("support", Tier.GOLD) == Credit(10_000_000, strict=True)
    assert credit("sales", Tier.PLATINUM) == Credit(10_000_000, strict=True)
    assert credit("sales", Tier.GOLD) == Credit(30, strict=False)
    assert credit("sales", Tier.IRON) == Credit(120, strict=False)
    assert policy.bound("sales", credit("sales", Tier.PLATINUM)) == 0
    assert policy.bound("sales", credit("sales", Tier.IRON)) is None
    shipped = load(SHIPPED)
    assert [shipped.bound("support", shipped.credit("support", tier)) for tier in Tier] == [0, 300, 600, 600]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("credit: 60", "credit: -60", "r.yaml:4: tiers.iron.credit: use whole seconds from 0 to 86400, or strict."),
        ("credit: 60", "credit: 1e3", "r.yaml:4: tiers.iron.credit: use whole seconds from 0 to 86400, or strict."),
        ("credit: 60", "credit: true", "r.yaml:4: tiers.iron.credit: use whole seconds from 0 to 86400, or strict."),
        ("credit: 60", "credit: .inf", "r.yaml:4: tiers.iron.credit: use whole seconds from 0 to 86400, or strict."),
        ("credit: 60", "credit: 86401", "r.yaml:4: tiers.iron.credit: use whole seconds from 0 to 86400, or strict."),
        ("credit: 60", "credit: [60]", "r.yaml:4: tiers.iron.credit: use whole seconds from 0 to 86400, or strict."),
        ("{credit: 60}", "60", "r.yaml:4: tiers.iron: must be a mapping of names to values."),
        ("{credit: 60}", "{}", "r.yaml:4: tiers.iron.credit: is missing."),
        ("  iron: {credit: 60}\n", "", "r.yaml:2: tiers.iron: is missing."),
        ("  iron:", "  silver:", "r.yaml:4: tiers.silver: is not known here; remove it or correct its name."),
        ("  iron:", "  gold:", "r.yaml:4: tiers.gold: stands here twice."),
        ("credit: 60", "credits: 60", "r.yaml:4: tiers.iron.credits: is not known here; remove it or correct its name."),
        ("unknown_tier: lead", "unknown_tier: vip",
         'r.yaml:6: unknown_tier: "vip" is no tier; use platinum, gold, iron or lead.'),
        ("unknown_tier", "unkown_tier", "r.yaml:6: file.unkown_tier: is not known here; remove it or correct its name."),
        ("iron: 120", "iron: soon", "r.yaml:8: queues.sales.iron: use whole seconds from 0 to 86400, or strict."),
        ("sales: {iron: 120, gold: 30}", "- sales", "r.yaml:8: queues: must be a mapping of names to values."),
        ("baseline: false", "baseline: perhaps", "r.yaml:9: dialplan_sets_baseline: use true or false."),
        ("金牌", '"\\e[2J"', "r.yaml:3: tiers.gold.name.zh: use 1 to 40 printable characters."),
        ("zh: 金牌", "fr: or", "r.yaml:3: tiers.gold.name.fr: is not known here; remove it or correct its name."),
        ("tiers:", "tiers: {", "r.yaml:3: yaml: "),
        (GOOD, "", "r.yaml:1: tiers: the file is empty."),
        (GOOD, "hello", "r.yaml:1: file: must be a mapping of names to values."),
        (GOOD, "\x00", "r.yaml:1: yaml: "),
        (GOOD, "[" * 5000, "r.yaml:1: yaml: "),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_file_line_and_field(old, new, message):
    with pytest.raises(PolicyRefused) as refused:
        parse(GOOD.replace(old, new, 1), "r.yaml")
    assert message in str(refused.value).split("correct it: ", 1)[1]


def test_all_mistakes_are_told_at_once():
    with pytest.raises(PolicyRefused) as refused:
        parse(GOOD.replace("60", "x").replace("lead\n", "x\n"), "r.yaml")
    assert str(refused.value).count("r.yaml:") == 2


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(PolicyRefused, match="No such file"):
        load(tmp_path / "none.yaml")
