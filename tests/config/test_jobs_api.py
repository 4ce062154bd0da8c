"""Jobs over HTTP, in a whole installation: listed, tried again, written down; and what must run by itself is asked for."""

import pytest

from cti.domain.access import Role
from cti.domain.jobs import Retries
from cti.domain.signing_in import SESSION_SECONDS, Caller
from tests.config.house import client, open_house, until


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        yield opened


async def test_an_operator_sees_what_was_given_up_and_has_it_tried_again(house):
    full = True

    async def deliver(job):
        if full and job.subject == "once":  # the hourly one may be in hand just then
            raise OSError(28, "No space left on device")

    house.job_desk._lines["forget_sessions"] = house.job_desk._lines["forget_sessions"]._replace(
        handler=deliver, retries=Retries(attempts=1)
    )
    house.job_desk.ask("forget_sessions", "once")
    await until(lambda: house.job_desk.attempts()["forget_sessions", "dead"] == 1)
    async with client(house, Role.OPERATOR) as browser:
        page = (await browser.get("/api/v1/jobs", params={"state": "dead", "limit": 10})).json()
        (dead,) = page["items"]
        assert page["total"] == 1
        assert (dead["id"], dead["state"], dead["attempts"], dead["error"], dead["next_at"]) == (
            "forget_sessions:once",
            "dead",
            1,
            "No space left on device",
            None,
        )
        full = False
        assert (await browser.post("/api/v1/jobs/retry", json={"id": dead["id"]})).status_code == 204
        await until(lambda: house.job_desk.attempts()["forget_sessions", "done"] >= 1)
        assert (await browser.get("/api/v1/jobs", params={"state": "dead"})).json()["total"] == 0
        refused = await browser.post("/api/v1/jobs/retry", json={"id": dead["id"]})
        assert (refused.status_code, refused.json()["kind"]) == (404, "Unknown")
        waiting = await browser.post("/api/v1/jobs/retry", json={"id": "forget_sessions:all"})
        assert waiting.status_code == 409
        assert (await browser.post("/api/v1/jobs/retry", json={"id": "\0"})).status_code in {404, 422}
        metrics = (await browser.get("/metrics")).text
    assert 'cti_job_attempts_total{kind="forget_sessions",result="dead"} 1.0' in metrics
    assert 'cti_jobs{kind="finish_recording",state="dead"} 0.0' in metrics
    entries = (await house.audit.page(10, 0)).items
    assert ("job.retry", "forget_sessions:once") in {(line["action"], line["subject"]) for line in entries}


async def test_only_operators_see_them(house):
    for role in Role:
        async with client(house, role) as browser:
            allowed = (await browser.get("/api/v1/jobs")).status_code
        assert allowed == (200 if role in {Role.OPERATOR, Role.ADMINISTRATOR} else 403)


async def test_ended_sessions_are_forgotten_hour_by_hour(house):
    async with client(house, Role.OPERATOR) as browser:
        items = (await browser.get("/api/v1/jobs")).json()["items"]
    (recurring,) = [job for job in items if job["kind"] == "forget_sessions"]
    assert (recurring["subject"], recurring["every_seconds"]) == ("all", 3600.0)
    user = await house.accounts.verify("operator", "a long password")
    old = await house.entrances.open_session(user, 1000.0, Caller())
    new = await house.entrances.open_session(user, 1001.0, Caller())
    await house.entrances.forget_ended(1000.5 + SESSION_SECONDS)
    assert await house.entrances.session(old, 1001.0) is None
    entrance = await house.entrances.session(new, 1001.0)
    assert entrance is not None
    assert entrance.user == user
