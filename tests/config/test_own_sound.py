"""An agent hears the recording of an own scored review, written down before its first byte, and no other."""

import pytest

from cti.adapters.audit import SqlAudit
from cti.domain.access import Role
from cti.domain.identifiers import AgentId
from qa.adapters.review_store import REVIEWS
from recordings.adapters.catalogue import RECORDINGS
from tests.config.house import PASSWORD, client, open_house, sampled
from tests.config.test_recordings_api import row
from tests.recordings.speaking import file_of, tones

API = "/api/v1"


async def furnished(house, folder, **states):
    """A recording of agent 101 and its review in each of these states."""
    sound = file_of(tones(3.0, [(0.0, 2.0)]), tones(3.0, [(1.0, 3.0)], seed=2)).getvalue()
    (folder / "recordings").mkdir(exist_ok=True)
    now = house.clock.now()
    async with house.engine.begin() as connection:
        for name, state in states.items():
            (folder / "recordings" / f"{name}.wav").write_bytes(sound)
            await connection.execute(RECORDINGS.insert().values(row(
                RECORDINGS, id=name, call=f"pbx1:{name}", pbx="pbx1", uniqueid=name, queue="support", agent="101",
                joined_at=now - 65, started_at=now - 60, state="stored", duration_seconds=3.0, path=f"{name}.wav",
                cleared_at=now, sha256="0" * 64, file=f"{name}.wav", settled_at=now,
            )))  # fmt: skip
            await connection.execute(REVIEWS.insert().values(row(
                REVIEWS, id=f"{name}-r1", recording=name, call=f"pbx1:{name}", state=state, agent="101", score=90.0,
                purpose="score", scorecard="service-call", scorecard_version=1,
            )))  # fmt: skip
    return sound


async def listened(house):
    return [line for line in (await house.audit.page(500, 0)).items if line["action"] == "recording.listened"]


async def test_an_own_scored_review_and_no_other(tmp_path):
    async with (
        open_house(tmp_path) as house,
        client(house, Role.AGENT) as agent,
        client(house, Role.REVIEWER) as reviewer,
    ):
        sound = await furnished(house, tmp_path, done="scored", waiting="claimed")
        await house.accounts.add("ben", PASSWORD, "Ben", Role.AGENT, AgentId("102"), "zh")
        own = f"{API}/own-reviews/done-r1"
        assert (await agent.get(f"{own}/peaks")).json()["duration_seconds"] == 3.0
        whole = await agent.get(f"{own}/audio")
        assert (whole.status_code, whole.content) == (200, sound)
        part = await agent.get(f"{own}/audio", headers={"range": "bytes=4-7"})
        assert (part.status_code, part.content) == (206, sound[4:8])
        assert [(line["login"], line["subject"]) for line in await listened(house)] == [("agent", "done")]
        async with client(house) as other:
            await other.post(f"{API}/session", json={"login": "ben", "password": PASSWORD})
            refused = [(await other.get(f"{own}/{what}")).status_code for what in ("audio", "peaks")]
        assert refused == [404, 404], "a colleague's"
        for path, code in (
            ("own-reviews/waiting-r1/audio", 404),  # not scored yet
            ("own-reviews/waiting-r1/peaks", 404),
            ("own-reviews/done/audio", 404),  # a recording's id is no review's
            ("own-reviews/..%2Fdone-r1/audio", 404),
            ("recordings/done/audio", 403),
            ("recordings/done/peaks", 403),
            ("recordings/waiting/audio", 403),
        ):
            answer = await agent.get(f"{API}/{path}")
            assert (answer.status_code, b"RIFF" in answer.content) == (code, False), path
        assert (await reviewer.get(f"{own}/audio")).status_code == 403, "who is no agent has no own reviews"
        assert len(await listened(house)) == 1


async def test_nothing_is_heard_that_cannot_be_written_down(tmp_path, monkeypatch):
    async with open_house(tmp_path) as house, client(house, Role.AGENT) as agent:
        await furnished(house, tmp_path, done="scored")

        async def broken(*_):
            raise ConnectionError

        monkeypatch.setattr(SqlAudit, "__call__", broken)
        answer = await agent.get(f"{API}/own-reviews/done-r1/audio")
        assert answer.status_code >= 500
        assert b"RIFF" not in answer.content


@pytest.mark.parametrize(("says", "code"), [("true", 200), ("false", 403)])
async def test_a_house_may_not_want_it(tmp_path, says, code):
    policies = sampled(tmp_path, "hear_own: true", f"hear_own: {says}")
    async with open_house(tmp_path, policies=policies) as house, client(house, Role.AGENT) as agent:
        await furnished(house, tmp_path, done="scored")
        own = f"{API}/own-reviews/done-r1"
        for what in ("audio", "peaks"):
            assert (await agent.get(f"{own}/{what}")).status_code == code
        assert (await agent.get(own)).status_code == 200
