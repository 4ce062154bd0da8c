"""Agreement against the published figures, against another program, and against what must hold for any answers."""

import math
import warnings

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qa.domain.agreement import Level, agreement, alpha, gwet, kappa, percent, positive

YES_NO = ("no", "yes")
SCALE = (0, 1, 2, 3, 4)
GOLDEN = [
    ((90, 5, 4, 1), 0.910, 0.1346, 0.1385, 0.8996),
    ((40, 9, 6, 45), 0.850, 0.6995, 0.7008, 0.7007),
    ((118, 5, 2, 0), 0.944, -0.0234, -0.0247, 0.9408),
]
"""Both yes, only the first, only the second, both no; agreement, kappa, alpha, AC1."""


def cells(yy, yn, ny, nn):
    pairs = [("yes", "yes")] * yy + [("yes", "no")] * yn + [("no", "yes")] * ny + [("no", "no")] * nn
    return [{"ann": first, "ben": second} for first, second in pairs]


@pytest.mark.parametrize(("counts", "agreed", "cohen", "krippendorffs", "ac1"), GOLDEN)
def test_published_figures(counts, agreed, cohen, krippendorffs, ac1):
    found = agreement(cells(*counts), YES_NO, Level.NOMINAL, failing="no")
    assert found.agreement == pytest.approx(agreed)
    assert found.kappa == pytest.approx(cohen, abs=5e-5)
    assert found.alpha == pytest.approx(krippendorffs, abs=5e-5)
    assert found.gwet == pytest.approx(ac1, abs=5e-5)
    _, yn, ny, nn = counts
    assert found.positive == pytest.approx(2 * nn / (2 * nn + yn + ny))
    assert (found.calls, found.reviewers) == (sum(counts), 2)


def test_krippendorffs_own_example():
    """Four observers, twelve units, missing cells: 0.743 nominal, 0.815 ordinal (Krippendorff 2011, example C)."""
    table = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]
    rows = [line.split() for line in table]
    units = [{str(who): int(row[n]) for who, row in enumerate(rows) if row[n] != "."} for n in range(12)]
    assert alpha(units, range(1, 6), Level.NOMINAL) == pytest.approx(0.743, abs=5e-4)
    assert alpha(units, range(1, 6), Level.ORDINAL) == pytest.approx(0.815, abs=5e-4)
    # Gwet (2014) gives AC1 = 0.77544 for the same table.
    assert gwet(units, range(1, 6), Level.NOMINAL) == pytest.approx(0.77544, abs=5e-5)


@pytest.mark.parametrize("level", Level)
def test_what_cannot_be_known_is_not_told(level):
    alone = [{"ann": "yes"}, {"ann": "no"}]
    alike = [{"ann": "yes", "ben": "yes"}] * 9
    for units in ([], alone, [{}], alike):
        assert alpha(units, YES_NO, level) is None
        assert gwet(units, YES_NO, level) is None
        assert kappa(units) is None
    assert percent(alone) is None
    assert percent(alike) == 1  # raw agreement is what it is
    assert positive(alike, "no") is None
    assert kappa([{"ann": "yes", "ben": "no"}, {"ann": "yes", "cid": "no"}]) is None  # three reviewers


answers = st.lists(
    st.dictionaries(st.sampled_from(("ann", "ben", "cid", "dan")), st.sampled_from(SCALE), max_size=4),
    min_size=1,
    max_size=25,
)


@given(answers, st.sampled_from(Level))
def test_another_program_finds_the_same_alpha(units, level):
    ours = alpha(units, SCALE, level)
    used = {value for unit in units if len(unit) > 1 for value in unit.values()}
    assume(len(used) > 1)
    table = [[unit.get(who, np.nan) for unit in units] for who in ("ann", "ben", "cid", "dan")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = krippendorff.alpha(
            reliability_data=table, value_domain=SCALE, level_of_measurement=level.value
        )
    assert ours == pytest.approx(theirs, abs=1e-9)


@given(answers, st.permutations(SCALE), st.permutations(("ann", "ben", "cid", "dan")))
def test_names_of_answers_and_of_reviewers_do_not_matter(units, labels, names):
    raters = dict(zip(("ann", "ben", "cid", "dan"), names, strict=True))
    other = [{raters[who]: labels[value] for who, value in unit.items()} for unit in reversed(units)]
    for told, again in zip(
        agreement(units, SCALE, Level.NOMINAL), agreement(other, SCALE, Level.NOMINAL), strict=True
    ):
        assert told == again or math.isclose(told, again, rel_tol=1e-12, abs_tol=1e-12)


@given(answers)
def test_an_order_read_backwards_is_the_same_order(units):
    other = [{who: 4 - value for who, value in unit.items()} for unit in units]
    for told, again in zip(
        agreement(units, SCALE, Level.ORDINAL), agreement(other, SCALE, Level.ORDINAL), strict=True
    ):
        assert told == again or math.isclose(told, again, rel_tol=1e-12, abs_tol=1e-12)


@given(answers, st.sampled_from(Level))
def test_nothing_is_above_one(units, level):
    found = agreement(units, SCALE, level, failing=0)
    for share in (found.agreement, found.positive):
        assert share is None or 0 <= share <= 1
    for coefficient in (found.alpha, found.gwet, found.kappa):
        assert coefficient is None or coefficient <= 1
