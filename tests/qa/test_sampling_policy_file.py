"""The sampling policy: the shipped file, and one clear sentence for each mistake."""

from pathlib import Path

import pytest

from qa.adapters.sampling_policy_file import parse, read_policy
from qa.domain.errors import PolicyRefused
from qa.domain.sampling import Every, Trait

SHIPPED = Path(__file__).parents[2] / "config/policies/sampling.yaml"
TEXT = SHIPPED.read_text(encoding="utf-8")


def test_the_shipped_one():
    policy = read_policy(SHIPPED)
    assert not policy.everything
    assert (policy.random.every, policy.random.share, policy.random.margin) == (Every.CALL, 0.25, None)
    assert (policy.stratified.every, policy.stratified.by) == (Every.WEEK, (Trait.AGENT, Trait.TIER))
    assert (policy.risk.rules.hold_seconds, policy.risk.rules.transfers) == (180, 2)
    assert (policy.double_share, policy.dispute_days) == (0.1, 5)
    assert (policy.work.due_seconds, policy.work.lease_seconds) == (72 * 3600, 20 * 60)


def test_plans_and_signs_that_are_off():
    text = TEXT.replace("hold_seconds: 180", "hold_seconds: off")
    assert parse(text, "s").risk.rules.hold_seconds is None
    start, end = TEXT.index("stratified:"), TEXT.index("# Calls worth")
    assert parse(TEXT[:start] + "stratified: off\n" + TEXT[end:], "s").stratified is None


def test_a_margin_for_a_period():
    policy = parse(TEXT.replace("every: call\n  share: 0.25", "every: day\n  margin: 0.05"), "s")
    assert (policy.random.every, policy.random.margin) == (Every.DAY, 0.05)


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("everything: false", "everything: perhaps", "everything: use true or false."),
        ("  share: 0.25", "  share: 25", "random.share: must be a number from 0.0001 to 1."),
        ("  share: 0.25", "  margin: 0.05", "random.margin: goes with every: day or week"),
        ("every: call", "every: day", "random.share: goes with every: call"),
        ("every: week", "every: call", "stratified.every: strata are known once a period is over"),
        (
            "[agent, tier]",
            "[agent, shoes]",
            "stratified.by: must be one of tier, reason, agent, hour, queue.",
        ),
        ("[agent, tier]", "agent", "stratified.by: must be a list of words."),
        ("size: 40", "size: yes", "stratified.size: must be a number from 1 to 100000."),
        ("transfers: 2", "transfer: 2", "risk: transfer: no such field"),
        ("languages: {}", "languages: {support: fr}", "work.languages: must say en or zh of queues"),
        ("languages: {}", "languages: [zh]", "work.languages: must say en or zh of queues"),
        ("working_days: 5", "working_days: 0", "disputes.working_days: must be a number from 1 to 60."),
        (
            "double_scoring:\n  share: 0.1",
            "double_scoring: 1",
            "double_scoring: fields with values are expected",
        ),
        ("everything: false", "- all", "this is not YAML in line"),
    ],
)
def test_mistakes(was, becomes, told):
    assert was in TEXT
    with pytest.raises(PolicyRefused) as refused:
        parse(TEXT.replace(was, becomes), "sampling.yaml")
    assert told in str(refused.value)
    assert "sampling.yaml: " in str(refused.value)


@pytest.mark.parametrize("text", ["", "[]", "a: &a [*a]", "{" * 3000, "x" * 300_000, "everything: false"])
def test_what_is_no_policy_at_all(text):
    with pytest.raises(PolicyRefused):
        parse(text, "sampling.yaml")


def test_all_mistakes_are_told_at_once():
    with pytest.raises(PolicyRefused) as refused:
        parse(TEXT.replace("share: 0.25", "share: 9").replace("size: 40", "size: 0"), "s")
    assert str(refused.value).count("must be a number") == 2
