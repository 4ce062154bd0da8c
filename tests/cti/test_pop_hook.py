"""A site's own program, over real HTTP: asked once a ring, signed; its answer is a button, its failures are counted."""

import asyncio
import hashlib
import hmac
from contextlib import asynccontextmanager

import orjson
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

from cti.adapters.pop_hook import MOST_WAITING, PopHook
from cti.domain.pop_hooks import Hook, Offer, offer
from tools.pbx import free_port

SECRET = "0123456789abcdef"
CARD = {
    "id": "pbx:1/101", "call": "pbx:1", "agent": "101", "state": "ringing", "at": 1000.0, "known": True, "tier": "gold",
    "customer": {"id": "c-1", "language": "zh"}, "name": "Anna", "number": "+15550100", "queue": "support", "callee": "101",
    "dialled": "+15559999", "waited_seconds": 7.5, "matters": [], "satisfaction": {"score": 2, "scale": 5},
}  # fmt: skip


class Clock:
    def now(self):
        return 1001.0


class Program:
    """Answers what a test wants; `pause`: seconds it thinks first."""

    def __init__(self):
        self.port, self.heard, self.answer, self.pause = free_port(), [], Response(status_code=204), 0.0
        self.app = FastAPI()
        self.app.post("/ring")(self.ring)

    async def ring(self, request: Request) -> Response:
        self.heard.append((dict(request.headers), await request.body()))
        await asyncio.sleep(self.pause)
        return self.answer


@asynccontextmanager
async def asking(seconds=2.0):
    program, told = Program(), []
    config = uvicorn.Config(
        program.app, port=program.port, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    where = Hook(f"http://127.0.0.1:{program.port}/ring", SECRET, seconds)
    hook = PopHook(lambda: where, lambda agent, frame: told.append((agent, frame)), Clock(), "1")
    running = asyncio.ensure_future(hook.run())
    try:
        yield hook, program, told
    finally:
        running.cancel()
        await asyncio.wait([running])
        await hook.close()
        server.should_exit = True
        await serving


async def counted(hook, result):
    async with asyncio.timeout(10):
        while not hook.results[result]:
            await asyncio.sleep(0.01)


async def test_a_ring_is_told_once_signed_and_the_answer_reaches_the_agents_page():
    async with asking() as (hook, program, told):
        program.answer = Response(orjson.dumps({"action": "popup", "url": "https://crm.example/c/1"}))
        hook.show("101", {**CARD, "known": False, "customer": None})  # not before it is known who calls
        for state in ("ringing", "ringing", "answered"):
            hook.show("101", {**CARD, "state": state})
        await counted(hook, "popup")
        assert told == [
            (
                "101",
                {"type": "pop_action", "pop": "pbx:1/101", "at": 1000.0, "url": "https://crm.example/c/1"},
            )
        ]
        [(headers, body)] = program.heard
        parts = dict(part.split("=") for part in headers["tierline-signature"].split(","))
        mac = hmac.new(SECRET.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256)
        assert parts["v1"] == mac.hexdigest()
        assert orjson.loads(body) == {
            "user": "101", "caller": "+15550100", "callee": "101", "queue": "support",
            "userData": {
                "pop_id": "pbx:1/101", "call_id": "pbx:1", "customer_id": "c-1", "name": "Anna", "tier": "gold",
                "language": "zh", "dialled": "+15559999", "wait": 7.5, "matters": [],
                "satisfaction": {"score": 2, "scale": 5},
            },
        }  # fmt: skip


async def test_one_that_thinks_too_long_fails_or_says_nonsense_is_counted_and_not_asked_again():
    async with asking(seconds=0.3) as (hook, program, told):
        program.pause = 3.0
        hook.show("101", CARD)
        await counted(hook, "timed_out")
        program.pause, program.answer = 0.0, Response(status_code=500)
        hook.show("101", {**CARD, "at": 1000.1})
        await counted(hook, "refused")
        program.answer = Response("<html>")
        hook.show("101", {**CARD, "at": 1000.2})
        await counted(hook, "bad_answer")
        assert (len(program.heard), told) == (3, [])


async def test_one_that_is_away_is_counted():
    gone = Hook(f"http://127.0.0.1:{free_port()}/ring", SECRET)
    hook = PopHook(lambda: gone, lambda agent, frame: None, Clock(), "1")
    running = asyncio.ensure_future(hook.run())
    hook.show("101", CARD)
    await counted(hook, "unreachable")
    running.cancel()
    await asyncio.wait([running])
    await hook.close()


def test_a_rush_costs_no_more_than_its_end_and_without_a_program_nothing():
    hook = PopHook(lambda: Hook("http://crm.example/", SECRET), lambda agent, frame: None, Clock(), "1")
    for number in range(MOST_WAITING + 5):
        hook.show("101", {**CARD, "at": float(number)})
    assert (len(hook._waiting), hook.results["dropped"]) == (MOST_WAITING, 5)
    nobody = PopHook(lambda: None, lambda agent, frame: None, Clock(), "1")
    nobody.show("101", CARD)
    assert not nobody._waiting


@pytest.mark.parametrize(
    ("answer", "means"),
    [
        ({"action": "open", "url": "https://crm.example/1"}, Offer("open", "https://crm.example/1")),
        ({"action": "run", "url": "calc.exe"}, Offer("run")),
        ({"action": "none"}, Offer("none")),
        ({}, Offer("none")),
        ({"action": "open", "url": "javascript:alert(1)"}, Offer("bad_url")),
        ({"action": "open", "url": "https://crm.example/{number}"}, Offer("bad_url")),
        ({"action": "open"}, Offer("bad_url")),
        ({"action": "dance"}, Offer("bad_answer")),
        ({"action": ["open"]}, Offer("bad_answer")),
        ([], Offer("bad_answer")),
    ],
)
def test_what_an_answer_means(answer, means):
    assert offer(answer) == means
