"""Agents' work over HTTP and the stream, in a whole installation."""

import pytest

from config.wiring import restored
from cti.adapters.call_tables import AGENT_STATES, SEGMENTS
from cti.domain.access import Role
from cti.domain.events import (
    AgentBusy,
    AgentNotReady,
    AgentReady,
    AgentRinging,
    AgentUnreachable,
    AgentWorkingAfterCall,
)
from cti.domain.identifiers import AgentId, QueueName
from cti.domain.reachability import Cause, Standing, Watched
from cti.domain.signals import MemberSeen
from tests.config.house import client, open_house, until

AGENT = AgentId("101")
API = "/api/v1"


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        yield opened


def seen(house, *, paused=False, reason="", status=1):
    now = house.clock.now()
    house.first.monitor.hear(
        MemberSeen(now, QueueName("sales"), AGENT, "PJSIP/101", "PJSIP/101", status, paused, reason, False, 0)
    )


async def test_only_reasons_of_the_policy(house):
    async with client(house, Role.AGENT) as browser:
        told = (await browser.get(f"{API}/desk/reasons")).json()
        assert [one["code"] for one in told["items"]] == ["break", "lunch", "meeting", "training", "other"]
        for wrong in ("nap", "unreachable"):
            refused = await browser.post(f"{API}/agents/101/not-ready", json={"reason": wrong})
            assert refused.status_code == 409
            assert "Choose one of these reasons: break" in refused.json()["error"]


async def test_the_time_of_a_reason_survives_the_server_and_is_warned_of_once(tmp_path):
    async with open_house(tmp_path) as house:
        began = house.clock.now() - 1000
        async with house.engine.begin() as connection:
            await connection.execute(
                AGENT_STATES.insert().values(
                    agent=AGENT, at=began, state="not_ready", reason="break", pbx=house.first.pbx
                )
            )
    async with open_house_again(tmp_path) as house, client(house, Role.SUPERVISOR) as browser:
        work = (await browser.get(f"{API}/desk/agents/101")).json()
        assert 0 < work["reasons_today"]["break"] < 1060
        alerts = (await browser.get(f"{API}/desk/alerts")).json()
        assert [(one["agent"], one["reason"], one["limit"]) for one in alerts["limits"]] == [
            ("101", "break", "stay")
        ]
        assert house.work.reasons.warnings == {}  # the server before this one warned of it
        house.work.reasons._warned.clear()
        await until(lambda: house.work.reasons.warnings == {("break", "stay"): 1})
        metrics = (await browser.get("/metrics")).text
        assert 'cti_not_ready_limit_warnings_total{limit="stay",reason="break"} 1.0' in metrics
        seen(house)
        assert (await browser.get(f"{API}/desk/alerts")).json()["limits"] == []


def open_house_again(folder):
    """The same installation after a restart; its people are there already."""
    from config.running import running
    from tests.config.house import settings

    return running(settings(folder))


async def test_a_break_that_ended_just_before_the_server_died_runs_no_further(house):
    """The books may still say that he rests; what was restored knows better."""
    now = house.clock.now()
    house.work.reasons.not_ready(AgentNotReady(now - 600, AGENT, "break"))
    table = restored(house, house.first)
    for state in (AgentReady, AgentRinging, AgentBusy, AgentWorkingAfterCall, AgentUnreachable):
        assert house.work.reasons.left in table[state]
    for reaction in table[AgentReady]:
        reaction(AgentReady(now - 100, AGENT))
    assert house.work.reasons.today(AGENT) == {"break": 500.0}


async def test_no_client_makes_a_trunk_a_member(house):
    async with client(house, Role.ADMINISTRATOR) as browser:
        for name in ("trunk", "%2B88161234567@trunk", "101%0D%0AInterface: trunk", "999"):
            refused = await browser.post(f"{API}/shift/{name}/log-on", json={"queue": "sales"})
            assert (refused.status_code, "No extension" in refused.text) == (409, True), refused.text


async def test_dispositions_are_given_corrected_found_and_counted(house):
    now = house.clock.now()
    call = f"{house.first.pbx}:77.1"
    async with house.engine.begin() as connection:
        await connection.execute(
            SEGMENTS.insert().values(
                call=call, channel="77.2", pbx=house.first.pbx, agent=AGENT, queue="sales", began_at=now - 60,
                ended_at=now, talk_seconds=60.0, hold_seconds=0.0, hold_count=0, transferred=0, direction="inbound",
            )
        )  # fmt: skip
    given = {"call": call, "channel": "77.2", "code": "solved", "note": "confidential words", "version": 0}
    async with client(house, Role.AGENT) as browser:
        first = await browser.put(f"{API}/dispositions", json=given)
        assert (first.status_code, first.json()["version"]) == (200, 1)
        again = await browser.put(f"{API}/dispositions", json=given)
        assert again.status_code == 409
        assert "meanwhile" in again.json()["error"]
        heading = await browser.put(f"{API}/dispositions", json=given | {"code": "follow_up", "version": 1})
        assert heading.status_code == 422
        assert (await browser.get(f"{API}/dispositions", params={"call": call})).status_code == 403
        assert (await browser.get(f"{API}/desk/agents/102")).status_code == 403
        day = (await browser.get(f"{API}/desk/agents/101/day")).json()
        assert (day["handled"], day["talk_seconds"]) == (1, 60.0)
    async with client(house, Role.SUPERVISOR) as browser:
        await browser.put(f"{API}/dispositions", json=given | {"code": "complaint", "version": 1})
        versions = (await browser.get(f"{API}/dispositions", params={"call": call})).json()["items"]
        assert [(one["version"], one["code"], one["given_by"]) for one in versions] == [
            (1, "solved", "agent"),
            (2, "complaint", "supervisor"),
        ]
        metrics = (await browser.get("/metrics")).text
    assert 'cti_dispositions_total{code="complaint",queue="sales"} 1.0' in metrics
    assert "confidential" not in metrics


async def test_who_is_bound_by_teams_sees_and_hears_of_nobody_elses_work(house):
    """The call stands in the body and in the query, where no guard of addresses looks."""
    now, call = house.clock.now(), f"{house.first.pbx}:78.1"
    async with house.engine.begin() as connection:
        await connection.execute(
            SEGMENTS.insert().values(
                call=call, channel="78.2", pbx=house.first.pbx, agent=AGENT, queue="sales", began_at=now - 60,
                ended_at=now, talk_seconds=60.0, hold_seconds=0.0, hold_count=0, transferred=0, direction="inbound",
            )
        )  # fmt: skip
    given = {"call": call, "channel": "78.2", "code": "solved", "note": "confidential words", "version": 0}
    async with client(house, Role.AGENT) as browser:
        assert (await browser.put(f"{API}/dispositions", json=given)).status_code == 200
    house.work.reasons.not_ready(AgentNotReady(now - 10_000, AGENT, "break"))
    house.work.guard._watched[AGENT] = Watched(Standing.TAKEN_OUT, now, Cause.DEVICE)
    users = {one.user.login: one.user for one in await house.accounts.all()}
    seen = {}
    for team, status in (("emea", 404), ("apac", 200)):
        await house.accounts.change(users["agent"].id, {}, ["apac"])
        await house.accounts.change(users["supervisor"].id, {}, [team])
        await house.teams.refresh()
        async with client(house, Role.SUPERVISOR) as browser:
            found = await browser.get(f"{API}/dispositions", params={"call": call})
            changed = await browser.put(
                f"{API}/dispositions", json=given | {"code": "complaint", "version": 1}
            )
            assert (found.status_code, changed.status_code) == (status, status)
            assert ("confidential" in found.text) == (status == 200)
            alerts = (await browser.get(f"{API}/desk/alerts")).json()
            # One break runs past the limit of a stay, and past that of a day unless the day has just begun.
            seen[team] = [
                sorted({one["agent"] for one in alerts[kind]}) for kind in ("limits", "unreachable")
            ]
        screen = house.screens.open(users["supervisor"]._replace(teams=frozenset({team})))
        before = screen.behind
        house.screens.work_changed(AGENT)
        assert screen.behind - before == (status == 200)
        house.screens.close(screen)
    assert seen == {"emea": [[], []], "apac": [["101"], ["101"]]}


async def test_day_figures_are_those_of_the_key_figures(house):
    async with client(house, Role.AGENT) as browser:
        day = (await browser.get(f"{API}/desk/agents/101/day")).json()
        assert day == {
            "handled": 0, "talk_seconds": 0, "hold_seconds": 0, "wrap_up_seconds": 0, "aht_seconds": None,
            "occupancy": None, "outbound_handled": 0,
        }  # fmt: skip


async def test_own_reviews_are_for_agents(house):
    for role in Role:
        async with client(house, role) as browser:
            answer = await browser.get(f"{API}/own-reviews")
            assert answer.status_code == (200 if role is Role.AGENT else 403)
            if role is Role.AGENT:
                assert answer.json() == {"items": [], "total": 0}
                assert (await browser.get(f"{API}/own-reviews/none")).status_code == 404
