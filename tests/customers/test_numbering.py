import pytest

from customers.adapters.numbering import NumberingPlan


@pytest.mark.parametrize(
    ("region", "written", "number"),
    [
        ("CN", "13800138000", "+8613800138000"),
        ("CN", "013800138000", "+8613800138000"),
        ("CN", "8613800138000", "+8613800138000"),
        ("CN", "008613800138000", "+8613800138000"),
        ("CN", "+86 138-0013-8000", "+8613800138000"),
        ("CN", "13800138000", "+8613800138000"),
        ("CN", "\u202a+8613800138000\u202c", "+8613800138000"),  # as address books copy it
        ("CN", "020-12345678", "+862012345678"),
        ("CN", "(020)1234 5678", "+862012345678"),
        ("CN", "sip:+8613800138000@192.0.2.1;user=phone", "+8613800138000"),
        ("CN", "tel:+8613800138000", "+8613800138000"),
        ("US", "2012345678", "+12012345678"),
        ("US", "008613800138000", "+8613800138000"),  # 00 is not the prefix there, but trunks send it
        ("US", "0118613800138000", "+8613800138000"),
        ("DE", "030 1234567", "+49301234567"),
        ("CN", "101", "101"),
        ("CN", "95588", "95588"),
        ("US", "+15550100", "+15550100"),  # no plan explains it
        ("CN", "anonymous", None),
        ("CN", "Unknown", None),
        ("CN", "<unknown>", None),
        ("CN", "", None),
        ("CN", None, None),
        ("CN", "1", None),
        ("CN", "1" * 21, None),
        ("CN", "1" * 100_000, None),
        ("CN", "0800-FLOWERS", None),
        ("CN", "138001380\n00", None),
        ("CN", "'; drop table customers", None),
    ],
)
def test_one_number_however_it_is_written(region, written, number):
    assert NumberingPlan(region).normalise(written) == number


@pytest.mark.parametrize(
    "number", ["+8613800138000", "101", "+15550100", "13800138000", "008613800138000", "5550100"]
)
def test_normal_stays_normal(number):
    plan = NumberingPlan("CN")
    assert plan.normalise(plan.normalise(number)) == plan.normalise(number)


def test_a_typing_error_is_named():
    plan = NumberingPlan("CN")
    assert plan.objection("138001380001234") is not None
    assert plan.objection("not a number") == '"not a number" is no telephone number'
    assert plan.objection("13800138000") is None
    assert plan.objection("101") is None


def test_a_region_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="XX"):
        NumberingPlan("XX")
