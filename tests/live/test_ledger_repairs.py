"""The server dies, calls come and go, it comes back: the switch's own ledger makes the records whole, and proves it."""

import asyncio
import json
import os
import signal
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.scenario import EndedBy, ScriptedCall
from tests.live.house.installation import OPERATOR, SUPERVISOR, House, agent, everything, get
from tests.live.house.ledgers import witness
from tests.live.house.line import BOOK
from tests.live.switch import Stage
from tools.pbx import Pbx

pytestmark = pytest.mark.timeout(300)
SETTLE = 2.0
WHOLE = 10.0
"""Seconds after the settle time in which all is repaired, compared and proven."""


def visits_of(client: httpx.Client) -> list[dict[str, Any]]:
    calls = [get(client, f"/calls/{call['call_id']}") for call in everything(client, "/calls")]
    return [{**visit, "call": call["call_id"]} for call in calls for visit in call["visits"]]


async def eventually(look, seconds: float) -> Any:
    """The first answer that is not None."""
    deadline = time.monotonic() + seconds
    while (answer := await asyncio.to_thread(look)) is None:
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.1)
    return answer


def state(client: httpx.Client) -> dict[str, Any]:
    [switch] = get(client, "/reconciliation")["switches"]
    return switch


async def test_calls_of_a_dead_server_are_whole_again(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'tierline.db'}"
    settings = {"CTI_LEDGER__SETTLE_SECONDS": str(SETTLE)}
    people = [agent("101"), SUPERVISOR, OPERATOR]
    house = House(tmp_path, url, people, customers=BOOK, settings=settings, ledger=True)
    await asyncio.to_thread(house.__enter__)
    try:
        await _die_and_come_back(house, house.pbx)
        assert house.server.complaints() == []
    finally:
        await asyncio.to_thread(house.__exit__)


def script(number: int, **given: Any) -> ScriptedCall:
    return ScriptedCall(0.0, f"+155501{number:02}", "support", f"Caller {number}", **given)


async def _die_and_come_back(house: House, pbx: Pbx) -> None:
    async with Stage(pbx) as stage:
        await stage.agent("101", answers_after=0.5)
        await stage.call(script(1, patience=30, talk=2, ended_by=EndedBy.CALLER))  # heard from end to end

        lasting = asyncio.ensure_future(stage.call(script(2, patience=30, talk=9, ended_by=EndedBy.AGENT)))
        await asyncio.sleep(2.5)  # … talks when the server dies, and when it comes back
        os.kill(house.server.pid, signal.SIGKILL)
        await asyncio.to_thread(house.server.kill)
        unheard = [
            script(3, patience=2),  # gives up while 101 is busy
            script(4, patience=3),
        ]
        await asyncio.gather(*(stage.call(one) for one in unheard))
        await lasting
        await stage.call(script(5, patience=30, talk=3, ended_by=EndedBy.AGENT))
        waiting = asyncio.ensure_future(stage.call(script(6, patience=30, talk=8, ended_by=EndedBy.CALLER)))
        await asyncio.sleep(2.0)  # talks when the server comes back
        await asyncio.to_thread(house.server.start_again)
        await waiting
        await stage.call(script(7, patience=30, talk=2, ended_by=EndedBy.CALLER))

    ended = time.monotonic()
    with closing(house.client(SUPERVISOR)) as client:

        def proven() -> dict[str, Any] | None:
            told = state(client)
            return told if told["gap_since"] is None and (told["verified_until"] or 0) > last_end else None

        switch = witness(pbx, [])
        last_end = max(visit["ended"] for visit in switch.visits)
        told = await eventually(proven, SETTLE + WHOLE)
        assert time.monotonic() - ended < SETTLE + WHOLE
        _agrees(visits_of(client), switch.visits)
        assert set(told["drift"].values()) == {0}
        assert told["repaired"]["unheard"] >= 4
        assert told["gaps"] == []
        assert await asyncio.to_thread(house.server.not_ready) == []
        listed = get(client, "/reconciliation", kind="lost")
        assert {(one["state"], one["cause"]) for one in listed["items"]} == {("repaired", "unheard")}
        first = min(visit["entered"] for visit in switch.visits)  # they may have begun yesterday
        report = get(client, "/kpi", **{"from": first - 1})
        assert report["items"][0]["offered"] == len(switch.visits)
        assert report["items"][0]["answered"] == sum(v["outcome"] == "answered" for v in switch.visits)
        assert report["verified_until"] is not None
        # today's figures on the floor follow
        midnight = get(client, "/kpi")["items"][0]["from"]
        today = sum(visit["entered"] >= midnight for visit in switch.visits)
        await eventually(lambda: True if get(client, "/floor")["tiles"]["offered"] == today else None, 5)
        # Who gave up while nobody heard; a call that lasted when we came back may have had a story before its visit was found.
        gone = next(visit["call"] for visit in visits_of(client) if visit["outcome"] == "abandoned")
        versions = get(client, f"/reconciliation/calls/{gone}")["items"]
        assert (versions[0]["cause"], versions[0]["story"]) == ("unheard", None)
    said = await asyncio.to_thread(house.server.cti, "reconcile", "--json")
    [there] = json.loads(said.splitlines()[-1])["summary"]
    assert set(there["drift"].values()) == {0}


def _agrees(ours: list[dict[str, Any]], ledger: list[dict[str, Any]]) -> None:
    """Every visit of the ledger has exactly one record of ours, with the right outcome, agent, wait and talk."""
    by_id = {visit["uniqueid"]: visit for visit in ours}
    assert sorted(visit["uniqueid"] for visit in ours) == sorted(visit["callid"] for visit in ledger)
    for there in ledger:
        visit = by_id[there["callid"]]
        assert (visit["outcome"], visit["agent"]) == (there["outcome"], there.get("agent")), visit
        assert visit["wait_seconds"] == pytest.approx(there.get("hold", there.get("wait")), abs=1.1), visit
        assert visit["joined_at"] == pytest.approx(there["entered"], abs=1.1)
        if there["outcome"] == "answered":
            talked = visit["talk_seconds"] + (visit["hold_seconds"] or 0.0)
            assert talked == pytest.approx(there["talk"], abs=1.1), visit
