"""Scored reviews and what was said of their calls, on SQLite and on the real PostgreSQL."""

from pathlib import Path

import pytest

from care.adapters.survey_store import SqlSurveys
from care.domain.satisfaction import SurveyId, SurveyResponse
from config.schema import upgrade
from cti.adapters.database import connect
from cti.domain.access import Role, User
from cti.domain.identifiers import AgentId, CallId, ChannelId, PhoneNumber, QueueName, Tier
from qa.adapters.review_store import SqlReviews
from qa.adapters.scorecard_files import ScorecardFolder
from qa.domain.review import Evaluation, ReviewSearch, claimed, proposed, scored
from qa.domain.scorecard import ItemId
from qa.domain.scoring import Answer, Result, Score
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId

NOW = 1_800_000_000.0
RITA = User("rita", "rita", "Rita", Role.REVIEWER, None, "en")
SCORE = Score("service-call", 1, 90.0, Result.PASS, (), (), ())


@pytest.fixture
async def engine(database_url):
    engine = connect(database_url)
    await upgrade(engine)
    yield engine
    await engine.dispose()


def review_of(number, agent, began, card):
    event = RecordingStored(
        began + 100, RecordingId(f"pbx:{number}-1"), CallId(f"pbx:{number}"), ChannelId(f"{number}"), QueueName("support"),
        agent, Tier.GOLD, began, 50.0, corrects=False,
    )  # fmt: skip
    return proposed(event, card)


async def test_scored_reviews_of_a_time_newest_first(engine):
    store = SqlReviews(engine)
    card = next(iter(ScorecardFolder(Path("config/policies/scorecards")).cards()))
    agents = [AgentId("101"), AgentId("102"), None, AgentId("101")]
    reviews = [review_of(n, agent, NOW + n, card) for n, agent in enumerate(agents)]
    assert await store.add(reviews) == 4
    answers = {ItemId("need"): Answer(4, "好", 2.5)}
    for review in reviews[:3]:  # the fourth is still open
        held = claimed(review, RITA, NOW, 60.0)
        done = scored(held, RITA, SCORE, NOW)
        assert await store.replace(held)
        assert await store.replace(done, Evaluation(review.id, "rita", NOW, answers, "", SCORE))

    async def asked(search=ReviewSearch(), since=None, until=None, limit=10):  # noqa: B008  it does not change
        found, total = await store.evaluations(search, since, until, limit)
        assert all(evaluation.review == review.id for review, evaluation in found)
        assert all(evaluation.answers == answers for _, evaluation in found)
        return [review.call for review, _ in found], total

    assert await asked() == (["pbx:2", "pbx:1", "pbx:0"], 3)
    assert await asked(limit=1) == (["pbx:2"], 3)
    assert await asked(since=NOW + 1, until=NOW + 2) == (["pbx:1"], 1)
    assert await asked(ReviewSearch(agent=AgentId("101"))) == (["pbx:0"], 1)
    assert await asked(ReviewSearch(visible=frozenset({AgentId("102")}))) == (["pbx:2", "pbx:1"], 2)
    assert await asked(ReviewSearch(queue=QueueName("none"))) == ([], 0)


async def test_what_was_said_of_calls(engine):
    store = SqlSurveys(engine)

    def said(name, call):
        return SurveyResponse(
            SurveyId(name), PhoneNumber("+86138"), None if call is None else CallId(call), None, None, 4, 5, NOW, ""
        )  # fmt: skip

    many = [said(f"m-{n}", f"pbx:{n}") for n in range(700)]
    await store.add([said("a", "pbx:1"), said("b", None), *many])
    found = await store.of_calls({CallId("pbx:1"), CallId("pbx:none")})
    assert {call: [one.id for one in answers] for call, answers in found.items()} == {"pbx:1": ["a", "m-1"]}
    assert len(await store.of_calls({CallId(f"pbx:{n}") for n in range(700)})) == 700
    assert await store.of_calls(set()) == {}
