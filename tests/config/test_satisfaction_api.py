"""Quality against satisfaction over HTTP: a call is reviewed, its customer answers, and the two are put together."""

from care.adapters.survey_store import SqlSurveys
from care.domain.satisfaction import SurveyId, SurveyResponse
from cti.domain.access import Role
from cti.domain.identifiers import AgentId, CallId, ChannelId, PhoneNumber, QueueName, Tier
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId
from tests.config.house import client, open_house, sampled, until

API = "/api/v1"


async def reviewed(house, browser, number, value, scale_value):
    """A scored review of the call `pbx1:number`."""
    now = house.clock.now()
    stored = RecordingStored(
        now, RecordingId(f"pbx1:{number}-1"), CallId(f"pbx1:{number}"), ChannelId(str(number)), QueueName("support"),
        AgentId("101"), Tier.GOLD, now - 60 + number, 50.0, corrects=False,
    )  # fmt: skip
    house.bus.publish(stored)
    review = f"{stored.recording}-r1"
    await until(lambda: house.review_desk.backlog == 0)
    assert (await browser.post(f"{API}/reviews/{review}/claim")).status_code == 200
    card = (await browser.get(f"{API}/scorecards/service-call")).json()
    items = [item for section in card["sections"] for item in section["items"]]
    answers = {
        item["id"]: {"value": value if item["kind"] == "yes_no" else scale_value, "comment": "heard it"}
        for item in items
    }
    scored = await browser.post(f"{API}/reviews/{review}/score", json={"answers": answers})
    assert scored.status_code == 200, scored.text
    return review


def said(number, score, at):
    return SurveyResponse(
        SurveyId(f"s-{number}"), PhoneNumber("+8613800000001"), CallId(f"pbx1:{number}"), None, None, score, 5, at, "没人回电",
    )  # fmt: skip


async def test_a_call_that_passed_and_left_somebody_dissatisfied(tmp_path):
    everything = sampled(tmp_path, "everything: false", "everything: true")
    async with open_house(tmp_path, policies=everything) as house, client(house, Role.REVIEWER) as browser:
        empty = (await browser.get(f"{API}/satisfaction")).json()
        assert (empty["reviews"], empty["answered"], empty["correlation"]) == (0, 0, None)
        passed = await reviewed(house, browser, 1, "yes", 4)
        await reviewed(house, browser, 2, "no", 0)
        await reviewed(house, browser, 3, "yes", 4)
        now = house.clock.now()
        await SqlSurveys(house.engine).add([said(1, 1, now), said(2, 5, now)])
        told = (await browser.get(f"{API}/satisfaction", params={"from": now - 3600})).json()
        assert (told["reviews"], told["answered"], told["beyond"], told["fewest"]) == (3, 2, 0, 30)
        assert told["quadrants"] == {
            "passed_satisfied": 0, "passed_dissatisfied": 1, "failed_satisfied": 1, "failed_dissatisfied": 0,
        }  # fmt: skip
        [call] = told["passed_and_dissatisfied"]
        assert (call["review"], call["said"], call["scale"], call["comment"]) == (passed, 1, 5, "没人回电")
        assert (call["agent"], call["score"]) == ("101", 100.0)
        assert {item["answers"] for item in told["items"]} == {2}
        assert all(item["text"]["zh"] and item["coefficient"] is None for item in told["items"])
        for nothing in ({"agent": "102"}, {"tier": "lead"}, {"queue": "sales"}, {"until": now - 3600}):
            assert (await browser.get(f"{API}/satisfaction", params=nothing)).json()["reviews"] == 0
