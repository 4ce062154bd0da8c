"""Sampling, work, disputes, coaching and calibration over HTTP, on a whole house."""

import pytest

from cti.domain.access import Role
from cti.domain.identifiers import AgentId, CallId, ChannelId, QueueName, Tier
from recordings.domain.events import RecordingStored
from recordings.domain.naming import RecordingId
from tests.config.house import client, open_house, sampled, until

API = "/api/v1"


@pytest.fixture
async def house(tmp_path):
    """Every random call is drawn, and none twice."""
    policy = sampled(tmp_path, "  share: 0.25", "  share: 1")
    text = (policy["folder"] / "sampling.yaml").read_text(encoding="utf-8")
    (policy["folder"] / "sampling.yaml").write_text(text.replace("share: 0.1", "share: 0"), encoding="utf-8")
    async with open_house(tmp_path, policies=policy) as opened:
        yield opened


async def stored(house, *numbers):
    now = house.clock.now()
    for number in numbers:
        house.bus.publish(
            RecordingStored(
                now,
                RecordingId(f"pbx1:{number}-1"),
                CallId(f"pbx1:{number}"),
                ChannelId(str(number)),
                QueueName("support"),
                AgentId("101"),
                Tier.GOLD,
                now - 60 + number,
                50.0,
                corrects=False,
            )
        )
    await until(lambda: house.review_desk.backlog == 0)
    await house.quality.turn(None)
    return [f"pbx1:{number}-1-r1" for number in numbers]


async def answers(browser, **changes):
    card = (await browser.get(f"{API}/scorecards/service-call")).json()
    items = [item for section in card["sections"] for item in section["items"]]
    good = {item["id"]: {"value": "yes" if item["kind"] == "yes_no" else 4} for item in items}
    return good | {item: {"value": value, "comment": "heard it"} for item, value in changes.items()}


async def score(browser, review, **changes):
    claimed = await browser.post(f"{API}/reviews/{review}/claim")
    assert claimed.status_code == 200, claimed.text
    body = {"answers": await answers(browser, **changes), "comment": "总评"}
    told = await browser.post(f"{API}/reviews/{review}/score", json=body)
    assert told.status_code == 200, told.text
    return told.json()


async def test_from_draw_to_figure(house):
    async with client(house, Role.REVIEWER) as browser, client(house, Role.SUPERVISOR) as lead:
        first, second = await stored(house, 1, 2)
        page = (
            await browser.get(f"{API}/reviews", params={"state": "open", "assigned": True, "by_due": True})
        ).json()
        assert {one["id"] for one in page["items"]} == {first, second}
        assert {(one["plan"], one["assigned_to"]) for one in page["items"]} == {("random", "reviewer")}
        [draw] = (await browser.get(f"{API}/sampling/draws")).json()["items"]
        assert (draw["plan"], draw["frame"], draw["members"], draw["rule"]) == ("random", 2, 2, "share 1")
        detail = (await browser.get(f"{API}/sampling/draws/{draw['id']}")).json()
        assert {(one["review"], one["probability"]) for one in detail["drawn"]} == {
            (first, 1.0),
            (second, 1.0),
        }
        assert (await browser.get(f"{API}/sampling/draws/{draw['id']}/proof")).json()["proven"]
        assert (await browser.get(f"{API}/sampling/draws/none")).status_code == 404
        await score(browser, first)
        await score(browser, second, need=0)
        told = (await browser.get(f"{API}/quality", params={"group_by": "agent"})).json()
        [group] = told["groups"]
        assert (told["plan"], group["key"], group["drawn"], group["scored"], group["complete"]) == (
            "random",
            "101",
            2,
            2,
            True,
        )
        assert (group["score"]["value"], group["score"]["n"], told["ranked"]) == (95.0, 2, None)
        assert group["passed"]["low"] < 0.9 < group["passed"]["value"] == 1.0
        assert (await browser.get(f"{API}/quality", params={"plan": "risk"})).json()["groups"] == []
        covered = (await browser.get(f"{API}/sampling/coverage", params={"weeks": 1})).json()["weeks"][0][
            "agents"
        ]
        assert covered == [{"agent": "101", "eligible": 2, "drawn": 2, "scored": 2, "excluded": 0}]
        plans = {one["plan"]: one["on"] for one in (await lead.get(f"{API}/sampling/plans")).json()["items"]}
        assert plans == {
            "everything": False,
            "random": True,
            "stratified": True,
            "risk": True,
            "manual": True,
        }
        people = (await lead.get(f"{API}/reviewers")).json()
        assert [(one["reviewer"], one["scored"]) for one in people["items"]] == [("reviewer", 2)]
        assert people["may_take"] == ["administrator", "reviewer", "supervisor"]


async def test_a_draft_over_http(house):
    async with client(house, Role.REVIEWER) as browser:
        [review] = await stored(house, 1)
        url, draft = (
            f"{API}/reviews/{review}",
            {"answers": {"need": {"comment": "hm", "at_seconds": 3.5}}, "comment": "half"},
        )
        assert (await browser.put(f"{url}/draft", json=draft)).json()["kind"] == "NotClaimed"
        await browser.post(f"{url}/claim")
        assert (await browser.put(f"{url}/draft", json=draft)).status_code == 200
        assert (await browser.post(f"{url}/heartbeat")).json()["claimed_until"] > house.clock.now() + 1100
        kept = (await browser.get(url)).json()["draft"]
        assert kept["comment"] == "half"
        assert kept["answers"] == {"need": {"value": None, "comment": "hm", "at_seconds": 3.5}}
        for bad in (
            {},
            {"answers": []},
            {"answers": {"need": {"value": 9}}},
            {"answers": {}, "comment": "a\0"},
            {"answers": {"need": {"colour": 1}}},
        ):
            assert (await browser.put(f"{url}/draft", json=bad)).status_code == 422, bad
    lines = (await house.audit.page(100, 0)).items
    assert not [line for line in lines if "draft" in line["action"] or "heartbeat" in line["action"]]


async def test_a_dispute_over_http(house):
    async with (
        client(house, Role.REVIEWER) as reviewer,
        client(house, Role.SUPERVISOR) as lead,
        client(house, Role.ADMINISTRATOR) as judge,
        client(house, Role.AGENT) as agent,
    ):
        [review] = await stored(house, 1)
        await score(reviewer, review, need=0)
        own = f"{API}/own-reviews/{review}"
        told = (await agent.get(f"{own}/standing")).json()
        assert (told["open"], told["dispute"], told["acknowledged_at"]) == (True, None, None)
        assert told["until"] > house.clock.now() + 4 * 86_400
        assert (await agent.post(f"{own}/acknowledge")).json()["acknowledged_at"] is not None
        assert (await agent.get(f"{own}/scorecard")).json()["id"] == "service-call"
        for bad in ({}, {"items": {}}, {"items": {"need": " "}}, {"items": {"colour": "x"}}):
            assert (await agent.post(f"{own}/dispute", json=bad)).status_code == 422, bad
        told = (await agent.post(f"{own}/dispute", json={"items": {"need": "我问了"}})).json()
        dispute = told["dispute"]["id"]
        assert (await agent.post(f"{own}/dispute", json={"items": {"need": "x"}})).json()[
            "kind"
        ] == "AlreadyDisputed"
        [listed] = (await lead.get(f"{API}/disputes", params={"state": "disputed"})).json()["items"]
        assert (listed["id"], listed["items"]) == (dispute, {"need": "我问了"})
        shown = (await judge.get(f"{API}/disputes/{dispute}")).json()
        assert (shown["rescored"], shown["again"], shown["first"]["breakdown"]["score"]) == (
            False,
            None,
            90.0,
        )
        assert (await lead.get(f"{API}/reviews/{review}")).json()["score"] is None  # could sway him
        assert (await reviewer.get(f"{API}/reviews/{review}")).json()["score"] == 90.0
        again = shown["rescore"]
        assert (await reviewer.post(f"{API}/reviews/{again}/claim")).json()["kind"] in (
            "ScoredAlready",
            "AssignedToAnother",
        )
        decision = {"changed": True, "note": "asked at 0:07"}
        early = await judge.post(f"{API}/disputes/{dispute}/decide", json=decision)
        assert (early.status_code, early.json()["kind"]) == (409, "NotRescored")
        await score(lead, again)
        mine = await lead.post(f"{API}/disputes/{dispute}/decide", json=decision)
        assert (mine.status_code, mine.json()["kind"]) == (403, "OwnJudgement")
        ended = (await judge.post(f"{API}/disputes/{dispute}/decide", json=decision)).json()
        assert (ended["outcome"], ended["decided_by"], ended["again"]["score"]) == (
            "changed",
            "administrator",
            100.0,
        )
        counts = (await agent.get(own)).json()
        assert (counts["score"], counts["changed"], counts["breakdown"]["score"]) == (100.0, True, 100.0)
        assert (await agent.get(f"{API}/own-reviews")).json()["total"] == 1
    deeds = {line["action"] for line in (await house.audit.page(500, 0)).items}
    assert {"own-reviews.acknowledge", "own-reviews.dispute", "disputes.decide"} <= deeds


async def test_coaching_over_http(house):
    async with (
        client(house, Role.REVIEWER) as reviewer,
        client(house, Role.SUPERVISOR) as lead,
        client(house, Role.AGENT) as agent,
    ):
        [review] = await stored(house, 1)
        await score(reviewer, review, need=1)
        now = house.clock.now()
        body = {
            "item": "need",
            "behaviour": "asked nothing",
            "target": "sums up",
            "clip": {"begin": 3, "end": 9},
            "recheck_at": now + 86_400,
        }
        for bad in (
            {"item": "privacy"},
            {"recheck_at": 1},
            {"clip": {"begin": 9, "end": 3}},
            {"target": ""},
            {"clip": {"begin": 0, "end": 1e9}},
        ):
            refused = await lead.post(f"{API}/reviews/{review}/coaching", json=body | bad)
            assert refused.status_code == 422, bad
        task = (await lead.post(f"{API}/reviews/{review}/coaching", json=body)).json()
        assert (task["agent"], task["state"], task["least"], task["clip"]) == (
            "101",
            "asked",
            3,
            {"begin": 3.0, "end": 9.0},
        )
        assert (await lead.post(f"{API}/reviews/{review}/coaching", json=body)).status_code == 409
        [own] = (await agent.get(f"{API}/own-coaching")).json()["items"]
        assert (await agent.post(f"{API}/own-coaching/{own['id']}/acknowledge")).json()[
            "state"
        ] == "acknowledged"
        assert (await agent.post(f"{API}/own-coaching/none/acknowledge")).status_code == 404
        [later] = await stored(house, 100)  # began after it was asked
        await score(reviewer, later)
        await house.quality.turn(None)
        [met] = (await lead.get(f"{API}/coaching")).json()["items"]
        assert (met["state"], met["met_by"]) == ("met", later)
        assert (await lead.get(f"{API}/coaching", params={"open": True})).json()["total"] == 0


async def test_a_calibration_over_http(house):
    async with client(house, Role.REVIEWER) as reviewer, client(house, Role.SUPERVISOR) as lead:
        [review] = await stored(house, 1)
        await score(reviewer, review)
        form = {
            "review": review,
            "participants": ["reviewer", "supervisor"],
            "reference": "supervisor",
            "note": "privacy",
        }
        for bad in (
            {"participants": ["reviewer"]},
            {"reference": "nobody"},
            {"participants": ["reviewer", "nobody"]},
        ):
            assert (await lead.post(f"{API}/calibrations", json=form | bad)).status_code in (404, 422), bad
        called = (await lead.post(f"{API}/calibrations", json=form)).json()
        url = f"{API}/calibrations/{called['id']}"
        told = (await lead.get(url)).json()
        assert (told["state"], told["report"]) == ("scoring", None)
        mine = {one["login"]: one["review"] for one in told["reviews"]}
        await score(reviewer, mine["reviewer"], need=4)
        await score(lead, mine["supervisor"], need=2)
        assert {one["score"] for one in (await lead.get(url)).json()["reviews"]} == {None}
        closed = (await lead.post(f"{url}/close")).json()
        assert (closed["state"], closed["report"]["calls"]) == ("compared", 1)
        assert {one["score"] for one in closed["reviews"]} == {100.0, 95.0}
        leaning = {one["reviewer"]: one["bias"] for one in closed["report"]["leanings"]}
        assert leaning["reviewer"] > 0
        assert leaning["supervisor"] is None
        assert (await lead.post(f"{url}/close")).json()["kind"] == "CalibrationClosed"
        assert (await reviewer.get(f"{API}/calibrations")).json()["total"] == 1
        assert (await reviewer.get(f"{API}/calibrations/agreement")).json()["fewest"] == 10
