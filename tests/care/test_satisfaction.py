"""What is a low score: the bottom two of five, and what that is on other scales."""

import pytest

from care.domain.satisfaction import SurveyId, SurveyResponse, low, lowest
from cti.domain.identifiers import PhoneNumber


@pytest.mark.parametrize(
    ("scale", "dissatisfied"),
    [
        (2, [1]),
        (3, [1]),
        (4, [1]),
        (5, [1, 2]),
        (6, [1, 2]),
        (7, [1, 2]),
        (9, [1, 2, 3]),
        (10, [0, 1, 2, 3]),
        (100, list(range(1, 26))),
    ],
)
def test_the_low_scores_of_a_scale(scale, dissatisfied):
    assert [score for score in range(lowest(scale), scale + 1) if low(score, scale)] == dissatisfied


def test_neither_number_nor_words_reach_a_log():
    said = SurveyResponse(
        SurveyId("s-1"), PhoneNumber("+12025550101"), None, None, None, 2, 5, 90.0, "Never again."
    )
    assert (repr(said), said.low) == ("SurveyResponse(s-1)", True)
