"""A surge of a whole installation: by hand over HTTP, on the floor, in the metrics, and still there after a restart."""

import shutil
from pathlib import Path

from config.running import running
from cti.domain.access import Role
from cti.domain.identifiers import ChannelId, QueueName
from routing.domain.decision import Question
from tests.config.house import PASSWORD, client, settings

POLICIES = Path(__file__).parents[2] / "config" / "policies"
RULES = """surge:
  support:
    enter: {per_ten_agents: 30, seconds: 30}
    leave: {per_ten_agents: 10, seconds: 120}
    credits: {iron: 240}
"""


def given(folder):
    policies = folder / "policies"
    if not policies.exists():
        shutil.copytree(POLICIES, policies)
        file = policies / "routing.yaml"
        text = file.read_text("utf-8")
        assert text.endswith("surge: {}\n")
        file.write_text(text.removesuffix("surge: {}\n") + RULES, "utf-8")
    return settings(folder, policies={"folder": policies})


def credit(house, channel):
    question = Question(ChannelId(channel), "PJSIP/trunk-1", QueueName("support"), None, None)
    return house.first.router.decide_at_once(question).credit.seconds


async def test_a_surge_by_hand_is_seen_everywhere_and_outlives_the_server(tmp_path):
    async with running(given(tmp_path)) as house:
        await house.accounts.add("supervisor", PASSWORD, "Sue", Role.SUPERVISOR, None, "en")
        assert credit(house, "a.1") == 0
        async with client(house, Role.SUPERVISOR) as browser:
            calm = (await browser.get("/api/v1/routing/surges")).json()
            assert calm["items"] == [
                {
                    "pbx": "pbx1", "queue": "support", "state": "calm", "since": None, "by": None, "until": None, "load": None,
                    "enter": {"per_ten_agents": 30, "longest_wait": None, "seconds": 30},
                    "leave": {"per_ten_agents": 10, "longest_wait": None, "seconds": 120},
                }
            ]  # fmt: skip
            path = "/api/v1/routing/surges/pbx1/support"
            for wrong in ({"minutes": 0}, {"minutes": 61}):
                assert (await browser.post(path, json=wrong)).status_code == 422
            for nowhere in ("pbx1/sales", "other/support"):
                answer = await browser.post(f"/api/v1/routing/surges/{nowhere}", json={"minutes": 5})
                assert answer.status_code == 404
            assert (await browser.post(path, json={"minutes": 5})).status_code == 204
            (surge,) = (await browser.get("/api/v1/routing/surges")).json()["items"]
            assert (surge["state"], surge["by"]) == ("surge", "supervisor")
            assert surge["until"] == surge["since"] + 300
            written = [line["action"] for line in (await house.audit.page(10, 0)).items]
            assert "surge.begin" in written
        assert credit(house, "a.2") == 240
        assert 'cti_surge{pbx="pbx1",queue="support"} 1.0' in (await house.metrics())[0].decode()
        await house.surge_store.flush()
    async with running(given(tmp_path)) as house:
        assert house.first.surges.since() == {"support": surge["since"]}
        assert credit(house, "a.3") == 240
        async with client(house, Role.SUPERVISOR) as browser:
            assert (await browser.delete(path)).status_code == 204
        assert credit(house, "a.4") == 0
        await house.surge_store.flush()
        assert await house.surge_store.all("pbx1") == {}
