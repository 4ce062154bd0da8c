"""How content a caller was last, on SQLite and on the real PostgreSQL: the newest answer of any of his numbers, if it is not old."""

import asyncio

from care.adapters.last_satisfaction import SqlSatisfaction
from care.adapters.survey_store import SqlSurveys
from care.domain.satisfaction import SAID_LATELY, SurveyId, SurveyResponse
from config.schema import upgrade
from cti.adapters.database import connect
from cti.domain.identifiers import AgentId, PhoneNumber
from customers.domain.customer import Satisfaction

NOW = 1_800_000_000.0
HOME, WORK, OLD, NOBODY = map(PhoneNumber, ("+8613800000001", "+8613800000002", "+8613800000003", "+86138"))


class Clock:
    def now(self):
        return NOW


def said(name, number, score, ago, *, agent=None, comment=""):
    return SurveyResponse(SurveyId(name), number, None, agent, None, score, 5, NOW - ago, comment)


ANSWERS = [
    said("s-1", HOME, 5, 300.0),
    said("s-2", WORK, 2, 200.0, agent=AgentId("101"), comment="没人回电"),
    said("s-3", WORK, 4, 400.0, agent=AgentId("102")),
    said("s-4", OLD, 1, SAID_LATELY + 1),
]


async def test_the_newest_answer_of_any_of_his_numbers(database_url):
    engine = connect(database_url)
    await upgrade(engine)
    store, satisfaction = SqlSurveys(engine), SqlSatisfaction(engine, Clock())
    assert await satisfaction.last([HOME, WORK]) is None
    assert await store.add(ANSWERS) == 4
    assert await satisfaction.last([HOME, WORK]) == Satisfaction(2, 5, True, NOW - 200.0, "没人回电")
    assert await satisfaction.last([HOME, OLD]) == Satisfaction(5, 5, False, NOW - 300.0, "")
    assert [await satisfaction.last(numbers) for numbers in ([OLD], [NOBODY], [])] == [None, None, None]
    await engine.dispose()


async def test_two_imports_at_once_take_over_each_answer_once(database_url):
    engines = [connect(database_url) for _ in range(2)]
    await upgrade(engines[0])
    many = [said(f"s-{n}", HOME, 5, float(n)) for n in range(700)]
    new = await asyncio.gather(SqlSurveys(engines[0]).add(many), SqlSurveys(engines[1]).add(many[::-1]))
    assert sum(new) == 700
    assert (await SqlSurveys(engines[0]).page(None, 1, 0)).total == 700
    for engine in engines:
        await engine.dispose()


async def test_an_answer_is_kept_once_and_read_newest_first(database_url):
    engine = connect(database_url)
    await upgrade(engine)
    store = SqlSurveys(engine)
    assert await store.add(ANSWERS[:2]) == 2
    assert await store.add([ANSWERS[1]._replace(score=1), *ANSWERS[2:]]) == 2
    everything = await store.page(None, 10, 0)
    assert everything == ([ANSWERS[1], ANSWERS[0], *ANSWERS[2:]], 4)
    assert await store.page(None, 1, 1) == ([ANSWERS[0]], 4)
    assert await store.page(WORK, 10, 0) == ([ANSWERS[1], ANSWERS[2]], 2)
    mine = await store.page(WORK, 10, 0, frozenset({AgentId("102")}))
    assert mine == ([ANSWERS[2]], 1)
    await engine.dispose()
