"""One call through everything, on the simulated PBX: tier, place in line, pop, answer, handle time, recording, review, numbers."""

import asyncio
import re

import httpx
import orjson
import pytest
import uvicorn
import websockets

from config.server import create_app
from cti.domain.access import Role
from simulator.scenario import EndedBy, Scenario, ScriptedAgent, ScriptedCall, ScriptedQueue, ScriptedTransfer
from simulator.switch import SimulatedSwitch
from tests.config.house import PASSWORD, client, open_house, sampled, until
from tools.ledger_truth import visits as ledger_visits
from tools.pbx import free_port

BOOK = """name,tier,numbers,company
Petra Platinum,platinum,+12025550101,Northgate
李铁,iron,+12025550102,
"""


@pytest.fixture
async def stage(tmp_path):
    """A server and the simulated PBX, linked; the PBX asks the server who goes first."""
    port = free_port()
    async with SimulatedSwitch(tmp_path / "pbx", fastagi=("127.0.0.1", port), systemname="sim") as switch:
        given = {
            "ami": {"host": "127.0.0.1", "port": switch.ami_port},
            "fastagi": {"port": port},
            "recordings": {"incoming": switch.monitor, "store": tmp_path / "recordings"},
            "after_call_work_seconds": 1.0,
        }
        given["policies"] = sampled(tmp_path, "everything: false", "everything: true")
        async with open_house(tmp_path, **given) as house:
            await house.customers.import_bytes("book.csv", BOOK.encode(), "test")
            await until(lambda: house.first.link.state == "up")
            yield switch, house


ANNA = ScriptedAgent("101", ("support",), answers_after=0.5)


def scenario(*calls, agents=(ANNA,), length=9.0):
    return Scenario((ScriptedQueue("support", ring=3.0),), agents, calls, length)


@pytest.fixture
async def address(stage):
    """The HTTP side on a real port, for WebSockets."""
    _, house = stage
    port = free_port()
    config = uvicorn.Config(
        create_app(house), port=port, log_config=None, ws="websockets-sansio", lifespan="off"
    )
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())
    await until(lambda: server.started)
    yield f"127.0.0.1:{port}"
    server.should_exit = True
    await serving


async def sign_in(address, role):
    async with httpx.AsyncClient(base_url=f"http://{address}") as browser:
        answer = await browser.post("/api/v1/session", json={"login": role.value, "password": PASSWORD})
        return {"Cookie": f"cti_session={answer.cookies['cti_session']}"}


@pytest.mark.timeout(60)
async def test_one_call_all_the_way(stage, address):
    switch, house = stage
    headers = await sign_in(address, Role.AGENT)
    seen = []
    async with websockets.connect(f"ws://{address}/api/v1/stream", additional_headers=headers) as page:

        async def watch():
            async for text in page:
                frame = orjson.loads(text)
                if frame["type"] == "pop":
                    pop = frame["pop"]
                    seen.append((pop["state"], pop["tier"], pop["name"]))
                    if pop["state"] == "ringing":
                        await page.send(orjson.dumps({"type": "ack", "pop": pop["id"]}).decode())

        watching = asyncio.ensure_future(watch())
        await switch.play(
            scenario(ScriptedCall(0.1, "+12025550101", "support", talk=4.0, ended_by=EndedBy.AGENT))
        )
        await until(lambda: ("ended", "platinum", "Petra Platinum") in seen)
        watching.cancel()
    assert [state for state, *_ in dict.fromkeys(seen)] == ["ringing", "answered", "ended"]
    assert set(seen) == {(state, "platinum", "Petra Platinum") for state in ("ringing", "answered", "ended")}
    assert house.popper.results["acknowledged"] == 1
    assert house.popper.seconds.total < 1.0

    await until(lambda: house.recorder.counts().get("stored") == 1, 20)
    await until(lambda: house.review_desk.counts().get("open") == 1, 20)
    await house.books.flush()
    async with client(house, Role.ADMINISTRATOR) as browser:
        (line,) = (await browser.get("/api/v1/calls")).json()["items"]
        (truth,) = ledger_visits(switch.queue_log.read_text())
        assert (line["outcome"], line["agent"], line["tier"]) == ("answered", "101", "platinum")
        assert line["wait_seconds"] == pytest.approx(truth["hold"], abs=1)
        story = (await browser.get(f"/api/v1/calls/{line['call_id']}")).json()
        assert story["visits"][0]["talk_seconds"] == pytest.approx(4.0, abs=0.6)
        assert story["visits"][0]["ended_by"] == truth["ended_by"] == "agent"
        decision = (await browser.get(f"/api/v1/calls/{line['call_id']}/decision")).json()
        assert (decision["tier"], decision["credit_seconds"]) == ("platinum", 600)
        assert decision["priority"] == 2_000_000_000 - (decision["joined_at"] - 1_767_225_600) + 600
        (recording,) = (await browser.get("/api/v1/recordings")).json()["items"]
        assert recording["state"] == "stored"
        assert recording["duration_seconds"] == pytest.approx(4.0, abs=1)
        audio = await browser.get(
            f"/api/v1/recordings/{recording['id']}/audio", headers={"Range": "bytes=0-3"}
        )
        assert (audio.status_code, audio.content) == (206, b"RIFF")
        (review,) = (await browser.get("/api/v1/reviews")).json()["items"]
        assert (review["state"], review["agent"]) == ("open", "101")
        kpi = (await browser.get("/api/v1/kpi")).json()["items"][0]
        assert (kpi["offered"], kpi["answered"], kpi["service_level"]["value"]) == (1, 1, 1.0)
        metrics = (await browser.get("/metrics")).text
    assert re.search(
        r'cti_visits_total\{outcome="answered",pbx="pbx1",queue="support",tier="platinum"\} 1\.0', metrics
    )
    assert re.search(r'cti_calls_offered_total\{pbx="pbx1",queue="support",tier="platinum"\} 1\.0', metrics)


@pytest.mark.timeout(60)
async def test_platinum_overtakes_iron_and_the_decision_says_so(stage):
    switch, house = stage
    await switch.play(
        scenario(
            ScriptedCall(0.0, "+15550199", "support", talk=3.0),
            ScriptedCall(0.6, "+12025550102", "support", talk=1.0),
            ScriptedCall(1.8, "+12025550101", "support", talk=1.0),
        )
    )
    await house.books.flush()
    connected = [
        line.split("|")[1] for line in switch.queue_log.read_text().splitlines() if "|CONNECT|" in line
    ]
    async with client(house, Role.SUPERVISOR) as browser:
        calls = {
            line["call_id"].partition(":")[2]: line
            for line in (await browser.get("/api/v1/calls")).json()["items"]
        }
        assert [calls[callid]["tier"] for callid in connected] == ["iron", "platinum", "iron"]
        decision = (await browser.get(f"/api/v1/calls/pbx1:{connected[1]}/decision")).json()
    assert decision["position_at_join"] == 1
    assert any("600" in reason or "10:00" in reason or "10 min" in reason for reason in decision["reasons"])


@pytest.mark.timeout(60)
async def test_a_transfer_carries_the_pop_and_both_agents_get_their_own_handle_time(stage):
    switch, house = stage
    await switch.play(
        scenario(
            ScriptedCall(
                0.1, "+12025550101", "support", talk=5.0, transfer=ScriptedTransfer("blind", "102", after=2.0)
            ),
            agents=(
                ScriptedAgent("101", ("support",), answers_after=0.3),
                ScriptedAgent("102", (), answers_after=0.3),
            ),
        )
    )
    await house.books.flush()
    segments = {segment.agent: segment for segment in await house.calls.segments(0, 4e9)}
    assert segments["101"].transferred
    assert segments["101"].talk_seconds == pytest.approx(2.0, abs=0.6)


@pytest.mark.timeout(60)
async def test_a_cut_line_is_taken_up_again_with_the_caller_still_waiting(stage):
    switch, house = stage
    playing = asyncio.ensure_future(
        switch.play(scenario(ScriptedCall(0.1, "+12025550102", "support", patience=4.0), agents=()))
    )
    await until(lambda: house.floor()["waiting"])
    link, cut_at = house.first.link, house.clock.now()
    switch.cut_ami()
    await until(lambda: link.state == "up" and link.since > cut_at)  # it is down too shortly to be seen
    await playing
    await until(lambda: house.monitor.live_calls() == 0)
    await house.books.flush()
    (visit,) = await house.calls.visits(0, 4e9)
    (truth,) = ledger_visits(switch.queue_log.read_text())
    assert (visit.outcome, visit.uniqueid) == ("abandoned", truth["callid"])
    assert visit.wait_seconds == pytest.approx(truth["wait"], abs=1.01)


async def test_the_stream_is_for_those_who_signed_in_on_this_site(stage, address):
    uri = f"ws://{address}/api/v1/stream"
    with pytest.raises(websockets.exceptions.InvalidStatus):
        async with websockets.connect(uri):
            pass
    headers = await sign_in(address, Role.AGENT)
    with pytest.raises(websockets.exceptions.InvalidStatus):
        async with websockets.connect(uri, additional_headers=headers, origin="http://evil.example"):
            pass
    async with websockets.connect(uri, additional_headers=headers, origin=f"http://{address}") as page:
        for nonsense in (
            "",
            "{",
            "[]",
            "null",
            '{"type":"ack"}',
            '{"type":"ack","pop":7}',
            "x" * 5000,
            b"bytes",
        ):
            await page.send(nonsense)
            if isinstance(nonsense, bytes):
                break
    async with websockets.connect(uri, additional_headers=headers) as page:
        await page.send('{"type":"ping"}')
        async with asyncio.timeout(5):
            while orjson.loads(await page.recv())["type"] != "pong":
                pass
