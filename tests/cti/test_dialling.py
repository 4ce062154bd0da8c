"""Which numbers may be dialled: the shipped policy on numbers of the world, and a file with mistakes."""

from pathlib import Path

import pytest

from cti.adapters.dialling_policy_file import read_policy
from cti.domain.dialling import Goal, Purpose, Refusal, goal, is_extension, masked, too_many, written
from cti.domain.errors import PolicyRefused
from customers.adapters.dialling_plan import DiallingPlan

SHIPPED = Path("config/policies/dialling.yaml")
POLICY = read_policy(SHIPPED, "CN")
PLAN = DiallingPlan("CN")


def verdict(number, purpose=Purpose.MAKE, policy=POLICY):
    if not written(number):
        return Refusal.NOT_A_NUMBER
    found = goal(policy, PLAN.explain(number), purpose)
    return found.digits if isinstance(found, Goal) else found


@pytest.mark.parametrize(
    ("region", "number", "expected"),
    [
        ("CN", "+8613800138000", "8613800138000"),
        ("US", "+12025550123", "12025550123"),
        (
            "US",
            "+18765550123",
            Refusal.ABROAD,
        ),  # whoever calls from there and asks to be called back is paid for it
        ("US", "+18095550123", Refusal.ABROAD),
        ("GB", "+441534610000", Refusal.ABROAD),  # Jersey
        ("CN", "101", Refusal.NO_EXTENSION),
        ("CN", "+8613800138001", Refusal.NEVER),
    ],
)
def test_a_caller_is_called_back_by_the_rules_of_click_to_dial(region, number, expected):
    policy = read_policy(SHIPPED, region)._replace(never=frozenset({"8613800138001"}))
    found = goal(policy, DiallingPlan(region).explain(number), Purpose.CALL_BACK)
    assert (found.digits if isinstance(found, Goal) else found) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("101", "101"),
        ("200", "200"),
        ("107", Refusal.NO_EXTENSION),
        ("800", Refusal.NO_EXTENSION),
        ("95588", Refusal.NO_EXTENSION),
        ("138 0013 8000", "8613800138000"),
        ("+86 138-0013-8000", "8613800138000"),
        ("(021) 6123 4567", "862161234567"),
        ("400 812 3123", "864008123123"),
        ("110", Refusal.EMERGENCY),
        ("119", Refusal.EMERGENCY),
        ("120", Refusal.EMERGENCY),
        ("+1 202 555 0123", Refusal.ABROAD),
        ("00852 2123 4567", Refusal.ABROAD),
        ("+1 876 555 0123", Refusal.ABROAD),  # Jamaica: looks like any American number
        ("+1 900 555 0123", Refusal.PREMIUM),
        ("+44 871 234 5678", Refusal.PREMIUM),
        ("16812345", Refusal.PREMIUM),
        ("+881 6 1234 5678", Refusal.SATELLITE),
        ("+870 301 234 567", Refusal.SATELLITE),
        ("+979 1 2345 6789", Refusal.SATELLITE),
        ("+86 1349 123 4567", Refusal.LISTED),  # China's own satellites, mobiles by the plan
        ("174 0123 4567", Refusal.LISTED),
        ("+86 1", Refusal.UNKNOWN),
        ("+999 1234 5678", Refusal.UNKNOWN),
        ("101&102", Refusal.NOT_A_NUMBER),
        ("Local/101@cti-dial", Refusal.NOT_A_NUMBER),
        ("${CHANNEL}", Refusal.NOT_A_NUMBER),
        ("101\r\nContext: from-trunk", Refusal.NOT_A_NUMBER),
        ("101\n", Refusal.NOT_A_NUMBER),
        ("１０１", Refusal.NOT_A_NUMBER),
        ("", Refusal.NOT_A_NUMBER),
        ("1", Refusal.NOT_A_NUMBER),
        ("1" * 41, Refusal.NOT_A_NUMBER),
    ],
)
def test_the_shipped_policy(number, expected):
    assert verdict(number) == expected


def test_callers_are_passed_on_inside_only():
    assert verdict("800", Purpose.TRANSFER) == "800"
    assert verdict("13800138000", Purpose.TRANSFER) is Refusal.OUTSIDE
    opened = POLICY._replace(transfer_outside=True)
    assert verdict("13800138000", Purpose.TRANSFER, opened) == "8613800138000"


def test_lists_go_before_countries_and_premium_before_lists():
    hong_kong = POLICY._replace(allowed=("852", "1900"), refused=("86138",))
    assert verdict("+852 2123 4567", policy=hong_kong) == "85221234567"
    assert verdict("13800138000", policy=hong_kong) is Refusal.LISTED
    assert verdict("+1 900 555 0123", policy=hong_kong) is Refusal.PREMIUM


def test_prefixes_alone_may_be_open(tmp_path):
    """Shanghai and one customer abroad; not the rest of the own country, and not what else begins like them."""
    text = SHIPPED.read_text(encoding="utf-8").replace("prefixes_only: false", "prefixes_only: true", 1)
    file = tmp_path / "dialling.yaml"
    file.write_text(
        text.replace("allowed_prefixes: []", 'allowed_prefixes: ["8621", "85221234567"]', 1), "utf-8"
    )
    only = read_policy(file, "CN")
    assert verdict("(021) 6123 4567", policy=only) == "862161234567"
    assert verdict("+852 2123 4567", policy=only) == "85221234567"
    assert verdict("138 0013 8000", policy=only) is Refusal.ABROAD
    assert verdict("+852 2123 4568", policy=only) is Refusal.ABROAD
    assert verdict("102", policy=only) == "102"
    file.write_text(file.read_text("utf-8").replace("regions: []", "regions: [CN]", 1), "utf-8")
    with pytest.raises(PolicyRefused, match="regions: must be empty with prefixes_only"):
        read_policy(file, "CN")


def test_limits():
    assert too_many(POLICY, 5, 0, 49) is None
    assert too_many(POLICY, 6, 0, 0) is Refusal.TOO_OFTEN
    assert too_many(POLICY, 0, 1, 0) is Refusal.TOO_MANY_OWN
    assert too_many(POLICY, 0, 0, 50) is Refusal.TOO_MANY


def test_extensions_have_the_length_of_their_range():
    assert is_extension(POLICY, "106")
    assert not any(is_extension(POLICY, digits) for digits in ("1016", "10", "", "201", "1a1"))


def test_what_the_audit_keeps_of_a_number():
    assert masked("+86 138 0013 8000") == "861…00"
    assert masked("101") == "101"
    assert masked("x\r\n") == ""


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("per_minute: 6", "per_minute: 0", "per_minute: must be a whole number from 1 to 600"),
        ("regions: []", "regions: [China]", "'China' is no country"),
        ("prefixes_only: false", "prefixes_only: maybe", "must be true or false"),
        ("[fixed, mobile", "[premium", "'premium' is no kind"),
        ("[101-106", "[106-101", "'106-101' is no range"),
        ("transfer_outside: false", "transfer_outside: perhaps", "must be true or false"),
        ("allowed_prefixes: []", "allowed_prefixes: ['+852']", "is not digits"),
        ("at_once: 50", "", "at_once: must be given"),
        ("at_once: 50", "at_twice: 50", "no such field"),
        ("at_once: 50", "at_once: [", "not valid YAML"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path, before, after, says):
    text = SHIPPED.read_text(encoding="utf-8")
    assert before in text
    file = tmp_path / "dialling.yaml"
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PolicyRefused, match=says):
        read_policy(file, "CN")
