"""Quality against satisfaction: against published figures, counts by hand, and another way to reckon the same."""

import random
from fractions import Fraction
from statistics import correlation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.domain.satisfaction import SurveyId, SurveyResponse
from cti.domain.identifiers import AgentId, CallId, PhoneNumber
from qa.domain.review import Evaluation, ReviewSearch, proposed
from qa.domain.satisfaction_link import (
    FEWEST,
    Coefficient,
    item_links,
    paired,
    passed_and_dissatisfied,
    quadrants,
    rank_correlation,
    ranks,
)
from qa.domain.scorecard import ItemId
from qa.domain.scoring import Answer, Result, Score
from qa.service.satisfaction_report import SatisfactionDesk

QA = (95, 92, 97, 60, 88, 99, 55, 91)
CSAT = (2, 5, 1, 4, 5, 2, 3, 4)


def said(number, score, scale=5, agent=None, at=10.0, name="s"):
    return SurveyResponse(
        SurveyId(f"{name}-{number}"), PhoneNumber("+86138"), CallId(f"pbx:{number}"), agent, None, score, scale, at, ""
    )  # fmt: skip


@pytest.fixture
def scored(make, card):
    """A scored review of the call `pbx:number`."""

    def one(number, mark, *, passed=None, answers=None):
        review = proposed(make.stored(number)._replace(call=CallId(f"pbx:{number}")), card)
        passed = mark >= 90 if passed is None else passed
        result = Result.PASS if passed else Result.FAIL
        review = review._replace(score=float(mark), result=result, started_at=float(number))
        told = {ItemId(item): Answer(value) for item, value in (answers or {}).items()}
        score = Score(card.id, card.version, float(mark), result, (), (), ())
        return review, Evaluation(review.id, "rita", 20.0, told, "", score)

    return one


@pytest.fixture
def golden(scored):
    reviews = [scored(number, mark) for number, mark in enumerate(QA, 1)]
    return paired(reviews, {CallId(f"pbx:{n}"): [said(n, score)] for n, score in enumerate(CSAT, 1)})


def test_the_calls_that_passed_and_left_somebody_dissatisfied(golden):
    assert [pair.review.call for pair in passed_and_dissatisfied(golden)] == ["pbx:6", "pbx:3", "pbx:1"]
    assert quadrants(golden) == (2, 3, 3, 0)
    assert sum(quadrants(golden)) == len(QA)


def test_spearman_of_a_published_table():
    """Intelligence and hours of television of ten people: ρ = -29/165."""
    iq = (106, 100, 86, 101, 99, 103, 97, 113, 112, 110)
    hours = (7, 27, 2, 50, 28, 29, 20, 12, 6, 17)
    assert rank_correlation(iq, hours) == pytest.approx(float(Fraction(-29, 165)))


values = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=30)


def counted_ranks(numbers):
    """Each by counting: those below, and half of those beside."""
    return [
        sum(other < one for other in numbers) + (sum(other == one for other in numbers) + 1) / 2
        for one in numbers
    ]


@given(values)
def test_ranks_and_correlation_the_slow_way(some):
    xs, ys = zip(*some, strict=True)
    assert ranks(xs) == counted_ranks(xs)
    found = rank_correlation(xs, ys)
    if len(set(xs)) == 1 or len(set(ys)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(correlation(counted_ranks(xs), counted_ranks(ys)))
        assert found == pytest.approx(rank_correlation(ys, xs))
        assert found == pytest.approx(-rank_correlation(xs, [-y for y in ys]))


def test_an_answer_goes_to_the_agent_it_names_and_the_newest_counts(scored):
    review = scored(1, 95)
    assert review[0].agent == "101"
    about = [
        said(1, 1, agent=AgentId("102"), at=40.0, name="other"),
        said(1, 2, agent=AgentId("101"), at=20.0, name="early"),
        said(1, 5, at=30.0, name="late"),
    ]
    [pair] = paired([review], {CallId("pbx:1"): about})
    assert pair.said.id == "late-1"
    assert paired([review], {CallId("pbx:1"): about[:1]}) == []
    assert paired([review], {}) == []


def test_what_could_not_be_scored_is_left_out(scored):
    review, evaluation = scored(1, 0)
    unscored = review._replace(result=Result.NOT_SCORABLE, score=None)
    assert paired([(unscored, evaluation)], {CallId("pbx:1"): [said(1, 5)]}) == []


@pytest.mark.parametrize(("score", "scale", "content"), [(1, 5, 0.0), (5, 5, 1.0), (3, 5, 0.5), (0, 10, 0.0), (5, 10, 0.5)])  # fmt: skip
def test_scales_are_put_on_one(scored, score, scale, content):
    [pair] = paired([scored(1, 95)], {CallId("pbx:1"): [said(1, score, scale)]})
    assert pair.content == content


def many(scored, count, answers, score):
    reviews = [scored(n, 90, answers=answers(n)) for n in range(count)]
    return paired(reviews, {CallId(f"pbx:{n}"): [said(n, score(n))] for n in range(count)})


def test_questions_that_go_with_satisfaction_and_those_that_move_nothing(scored):
    luck = random.Random(5)
    pairs = many(
        scored,
        200,
        lambda n: {
            "solved": "yes" if n % 2 else "no",
            "greeted": "yes" if n % 4 < 2 else "no",
            "always": "yes",
            "tone": 4 if n % 2 else luck.choice([0, 4]),
            "seldom": "yes" if n < 10 else "na",
        },
        lambda n: 5 if n % 2 else 1,
    )
    links = {link.item: link for link in item_links(pairs)}
    assert links["solved"].coefficient == Coefficient(1.0, 1.0, 1.0)
    tone = links["tone"].coefficient
    assert 0.3 < tone.low < tone.value < tone.high < 0.8
    assert tone.says_something
    greeted = links["greeted"].coefficient
    assert (greeted.value, greeted.says_something) == (pytest.approx(0), False)
    assert links["always"].coefficient is None, "answers that are all alike"
    assert (links["seldom"].answers, links["seldom"].coefficient) == (10, None)
    assert [link.item for link in item_links(pairs)][:2] == ["solved", "tone"]
    assert item_links(pairs[::-1]) == item_links(pairs)


class Kept:
    """Reviews and answers at hand."""

    def __init__(self, pairs):
        self.pairs = pairs

    async def evaluations(self, search, since, until, limit):
        scored = [(pair.review, pair.evaluation) for pair in self.pairs][:limit]
        return scored, len(self.pairs)

    async def said_of(self, calls):
        return {pair.review.call: [pair.said] for pair in self.pairs if pair.review.call in calls}


@pytest.mark.parametrize("count", [FEWEST, 60, 1200])
async def test_the_interval_holds_the_coefficient_and_is_the_same_each_time(scored, count):
    luck = random.Random(count)
    reviews = [scored(n, luck.randrange(40, 101)) for n in range(count)]
    told = {
        review.call: [said(n, max(1, min(5, round(review.score / 25 + luck.gauss(0, 1)))))]
        for n, (review, _) in enumerate(reviews)
    }
    kept = Kept(paired(reviews, told))
    desk = SatisfactionDesk(kept, kept.said_of)
    report = await desk.report(ReviewSearch(), None, None)
    assert report.correlation.low <= report.correlation.value <= report.correlation.high
    assert report.correlation == (await desk.report(ReviewSearch(), None, None)).correlation
    # The usual large-sample width, 2 * 1.96 / sqrt(n - 3), within a half.
    assert 0.5 < (report.correlation.high - report.correlation.low) / (3.92 / (count - 3) ** 0.5) < 1.5


async def test_too_few_have_no_coefficient(golden):
    kept = Kept(golden)
    report = await SatisfactionDesk(kept, kept.said_of).report(ReviewSearch(), None, None)
    assert (report.reviews, len(report.pairs), report.beyond, report.correlation) == (8, 8, 0, None)
