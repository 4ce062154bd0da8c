"""What customers said, over HTTP: newest first, by number, as far as one may see the agent; and on the pop of the next call."""

from care.adapters.survey_store import SqlSurveys
from care.domain.satisfaction import SurveyId, SurveyResponse
from cti.domain.access import Role
from cti.domain.events import CallDelivered
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, PhoneNumber, QueueName, call_id
from tests.config.house import client, open_house, until

ANN, BEN = PhoneNumber("+8613800000001"), PhoneNumber("+8613800000002")


def said(house, name, number, score, ago):
    return SurveyResponse(
        SurveyId(name), number, CallId("pbx1:a.1"), AgentId("101"), QueueName("support"), score, 5,
        house.clock.now() - ago, "Nobody called back.",
    )  # fmt: skip


async def test_answers_are_listed_newest_first_and_by_number(tmp_path):
    async with open_house(tmp_path) as house:
        await SqlSurveys(house.engine).add(
            [said(house, "s-1", ANN, 2, 60.0), said(house, "s-2", BEN, 5, 30.0)]
        )
        async with client(house, Role.SUPERVISOR) as browser:
            page = (await browser.get("/api/v1/surveys", params={"limit": 1})).json()
            assert ([one["id"] for one in page["items"]], page["total"]) == (["s-2"], 2)
            page = (await browser.get("/api/v1/surveys", params={"number": "138 0000 0001"})).json()
            [only] = page["items"]
            assert only.pop("answered_at") < house.clock.now() - 59
            assert only == {
                "id": "s-1", "number": ANN, "call": "pbx1:a.1", "agent": "101", "queue": "support", "score": 2, "scale": 5,
                "low": True, "comment": "Nobody called back.",
            }  # fmt: skip
            refused = await browser.get("/api/v1/surveys", params={"number": "nobody"})
            assert (refused.status_code, refused.json()["kind"]) == (422, "NumberUnreadable")


async def test_the_last_answer_comes_into_the_pop_that_is_open(tmp_path):
    async with open_house(tmp_path) as house:
        await SqlSurveys(house.engine).add(
            [said(house, "s-1", ANN, 2, 60.0), said(house, "s-2", ANN, 5, 90.0)]
        )
        call, bus, at = call_id(PbxName("pbx1"), ChannelId("b.1")), house.first.bus, house.clock.now()
        bus.publish(CallDelivered(at, call, AgentId("101"), ChannelId("b.2"), None, None, ANN, None, None))
        [pop] = house.popper.open_pops(AgentId("101"))
        assert pop["satisfaction"] is None
        await until(lambda: house.popper.open_pops(AgentId("101"))[0]["satisfaction"])
        told = house.popper.open_pops(AgentId("101"))[0]["satisfaction"]
        assert (told["score"], told["scale"], told["low"], told["comment"]) == (
            2,
            5,
            True,
            "Nobody called back.",
        )
