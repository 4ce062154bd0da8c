"""Retention: what is over its time goes, what a hold keeps stays, a dry run deletes nothing, and figures stand."""

import json

import pytest

from config.command_keeping import _retention
from cti.adapters.retention_policy_file import read_policy
from cti.domain.access import Role
from cti.domain.errors import PolicyRefused
from cti.domain.jobs import Job
from cti.domain.retention import DAY, Rule
from cti.service.retention import RETENTION
from recordings.domain.recording import RecordingState, Search
from tests.config.house import client
from tests.config.test_erasing import EPOCH, NAME, NUMBER, found, kpi, lived_in


def policies(house, **classes):
    """The rules of this house from here on."""
    house.keeping.retention.policy = dict.fromkeys(house.keeping.retention.policy, Rule()) | classes


class Later:
    """A clock that stands so many days after the call."""

    def __init__(self, days):
        self.days = days

    def now(self):
        return EPOCH + self.days * DAY


async def test_what_is_over_its_time_goes_and_figures_stand(tmp_path):
    async with lived_in(tmp_path) as (house, browser, call), client(house, Role.ADMINISTRATOR) as admin:
        retention = house.keeping.retention
        retention._clock = Later(100)
        counted = await kpi(browser)
        before = found(tmp_path)
        policies(
            house, recordings=Rule(200.0, queues={"support": 90.0}), calls=Rule(99.0), surveys=Rule(99.0)
        )
        looked = await retention.look()
        assert {name: one.deleted for name, one in looked.items()} == {
            "recordings": 1, "calls": 1, "reviews": 0, "surveys": 1, "promises": 0,
        }  # fmt: skip
        assert found(tmp_path) == before  # a dry run
        hold = await admin.post(
            "/api/v1/keeping/holds", json={"kind": "number", "subject": NUMBER, "reason": "court case"}
        )
        kept = await retention.look()
        assert (kept["recordings"], kept["calls"]) == ((0, 1), (0, 1))
        await admin.post(f"/api/v1/keeping/holds/{hold.json()['id']}/lift", json={"reason": "case closed"})
        await retention.daily(Job(RETENTION, "all", {}, 0.0, 0.0))
        assert await kpi(browser) == counted
        search = Search(states=frozenset({RecordingState.ERASED}))
        assert (await house.archivist.search(search, 1, 0)).items[0].reason == "time_over"
        assert list(house.settings.recordings.store.rglob("*.wav")) == []
        one = (await browser.get(f"/api/v1/calls/{call}")).json()
        assert NUMBER not in json.dumps(one)
        assert NAME not in json.dumps(one)
        assert (await retention.look())["calls"] == (0, 0)
        report = (await admin.get("/api/v1/keeping/reports")).json()["items"][0]
        assert json.loads(report["report"])["classes"]["recordings"] == {"deleted": 1, "held": 0}
        page = await admin.get("/metrics")
        assert 'cti_retention_deleted_total{class="recordings"} 1.0' in page.text


async def test_too_young_stays_and_the_longest_of_a_queue_counts(tmp_path):
    async with lived_in(tmp_path) as (house, _, _):
        house.keeping.retention._clock = Later(100)
        policies(
            house, recordings=Rule(10.0, queues={"support": 101.0}), calls=Rule(10.0, tiers={"gold": None})
        )
        looked = await house.keeping.retention.look()
        assert looked["recordings"] == (0, 0)


async def test_the_command_says_what_would_go(tmp_path):
    async with lived_in(tmp_path) as (house, _, _):
        found_ = await _retention(house.settings, dry_run=True)  # shipped: everything stays
        assert set(found_) == {"recordings", "calls", "reviews", "surveys", "promises"}
        assert all(one == {"deleted": 0, "held": 0} for one in found_.values())


def test_the_shipped_policy_keeps_everything():
    from pathlib import Path

    policy = read_policy(Path("config/policies/retention.yaml"))
    assert all(rule.shortest is None for rule in policy.values())


def test_a_rule_reads_queue_before_tier_before_all(tmp_path):
    file = tmp_path / "retention.yaml"
    file.write_text(
        "recordings: {days: 30, tiers: {platinum: for ever}, queues: {complaints: 1095}}\ncalls: 400\n"
    )
    rule = read_policy(file)["recordings"]
    assert rule.days_of("complaints", "platinum") == 1095
    assert rule.days_of("support", "platinum") is None
    assert rule.days_of("support", None) == 30
    assert read_policy(file)["calls"].days_of(None, None) == 400


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "fields with values"),
        ("tapes: 3", "1: tapes: no such field"),
        ("calls: never", "must be a number of days"),
        ("calls: 0", "must be a number of days"),
        ("calls: 1\ncalls: 2", "2: calls: stands there twice"),
        ("calls: {tiers: {tin: 3}}", "no such field; known are platinum"),
        ("calls: {queues: 3}", "fields with values"),
        ("calls: [", "not valid YAML"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path, text, said):
    file = tmp_path / "retention.yaml"
    file.write_text(text)
    with pytest.raises(PolicyRefused) as refusal:
        read_policy(file)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
