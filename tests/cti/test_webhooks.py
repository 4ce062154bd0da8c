"""Receivers over real HTTP: told at least once, in order, signed; away, failing, refusing and gone."""

import asyncio
import hashlib
import hmac
from contextlib import asynccontextmanager

import orjson
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

from config.schema import upgrade
from cti.adapters.books import SqlBooks
from cti.adapters.clock import SystemClock
from cti.adapters.database import connect
from cti.adapters.outbox import Outbox
from cti.adapters.webhooks import HttpMessenger, SqlWebhooks
from cti.domain.changes import Change
from cti.domain.errors import QuestionRefused
from cti.domain.events import AgentReady, CallHeld
from cti.domain.identifiers import AgentId, CallId, PbxName
from cti.domain.webhooks import PATIENCE, Answer, answer_of, gives_up, pause_after
from cti.service.webhook_desk import WebhookDesk
from tools.pbx import free_port

PBX = PbxName("pbx1")


class Receiver:
    """A program that is told of changes; `answers` come first, then 204."""

    def __init__(self):
        self.port, self.answers, self.heard = free_port(), [], []
        self.app = FastAPI()
        self.app.post("/hook")(self.hear)

    async def hear(self, request: Request) -> Response:
        self.heard.append((dict(request.headers), await request.body()))
        return Response(status_code=self.answers.pop(0) if self.answers else 204)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def numbers(self):
        return [orjson.loads(body)["seq"] for _, body in self.heard]

    @asynccontextmanager
    async def open(self):
        config = uvicorn.Config(
            self.app, port=self.port, log_config=None, lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        serving = asyncio.ensure_future(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        yield
        server.should_exit = True
        await serving


class House:
    def __init__(self, url):
        self.engine = connect(url)
        self.outbox = Outbox(self.engine)
        self.books = SqlBooks(self.engine, self.outbox, SystemClock(), {})
        self.messenger = HttpMessenger("1", seconds=1.0)
        self.slept = []
        self.desk = WebhookDesk(
            SqlWebhooks(self.engine), self.messenger, self.outbox, SystemClock(), self.sleep
        )
        self.number = 0

    async def sleep(self, seconds):
        self.slept.append(seconds)
        await asyncio.sleep(0.01)

    def happens(self, times=1, event=None):
        for _ in range(times):
            self.number += 1
            told = event or CallHeld(1.0 * self.number, CallId(f"pbx1:a.{self.number % 3}"), AgentId("101"))
            self.books.put(PBX, self.number, Change(PBX, self.number, told))


@asynccontextmanager
async def open_house(url):
    house = House(url)
    await upgrade(house.engine)
    await house.books.open()
    await house.outbox.open()
    house.number = house.books.place(PBX).written
    tasks = [asyncio.ensure_future(house.books.run()), asyncio.ensure_future(house.desk.run())]
    await asyncio.sleep(0.05)
    try:
        yield house
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await house.messenger.close()
        await house.engine.dispose()


async def until(condition, seconds=10.0):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_every_change_is_told_once_in_order_and_signed(database_url):
    receiver = Receiver()
    async with receiver.open(), open_house(database_url) as house:
        house.happens(3)  # before anybody asked
        await house.books.flush()
        webhook = await house.desk.add("CRM", receiver.url, [])
        house.happens(50)
        await until(lambda: len(receiver.heard) == 50)
        assert receiver.numbers == list(range(4, 54))
        for headers, body in receiver.heard:
            parts = dict(part.split("=") for part in headers["tierline-signature"].split(","))
            mac = hmac.new(webhook.secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256)
            assert parts["v1"] == mac.hexdigest()
            assert headers["tierline-event"] == orjson.loads(body)["event"] == "CallHeld"
        assert webhook.secret not in repr(webhook)


async def test_only_what_was_asked_for(database_url):
    receiver = Receiver()
    async with receiver.open(), open_house(database_url) as house:
        await house.desk.add("wallboard", receiver.url, ["AgentReady"])
        house.happens(5)
        house.happens(event=AgentReady(9.0, AgentId("101")))
        await until(lambda: receiver.heard)
        assert receiver.numbers == [6]


async def test_a_receiver_that_is_away_is_told_when_it_comes_back_even_after_a_restart(database_url):
    receiver = Receiver()
    async with open_house(database_url) as house:
        webhook = await house.desk.add("CRM", receiver.url, [])
        house.happens(30)
        await until(lambda: len(house.slept) > 3)
        assert house.slept[:4] == [1.0, 2.0, 5.0, 15.0]
        assert await house.desk.behind(webhook.id) == 30
        assert house.desk.problems[webhook.id] == "ConnectError"
    async with open_house(database_url) as house, receiver.open():
        house.happens(5)
        await until(lambda: len(receiver.heard) == 35)
        assert receiver.numbers == list(range(1, 36))
        await until(lambda: not house.desk.problems)


async def test_failing_is_tried_again_and_refusing_is_put_aside(database_url):
    receiver = Receiver()
    receiver.answers = [503, 500, 204, 422, 422, 422, 204]
    async with receiver.open(), open_house(database_url) as house:
        webhook = await house.desk.add("CRM", receiver.url, [])
        house.happens(3)
        await until(lambda: len(receiver.heard) == 7)
        assert receiver.numbers == [1, 1, 1, 2, 2, 2, 3]
        await until(lambda: house.desk.results["put_aside"])
        page = await house.desk.put_aside(webhook.id, 10, 0)
        assert [(given.sequence, given.attempts, given.problem) for given in page.items] == [
            (2, 3, "status 422")
        ]


async def test_one_that_is_gone_is_left_alone_until_somebody_replays(database_url):
    receiver = Receiver()
    receiver.answers = [204, 410]
    async with receiver.open(), open_house(database_url) as house:
        webhook = await house.desk.add("CRM", receiver.url, [])
        house.happens(3)
        await until(lambda: len(receiver.heard) == 2)
        await asyncio.sleep(0.1)
        assert [known.active for known in await house.desk.all()] == [False]
        await house.desk.replay(webhook.id, 0)
        await until(lambda: len(receiver.heard) == 5)
        assert receiver.numbers == [1, 2, 1, 2, 3]
        assert [known.active for known in await house.desk.all()] == [True]


async def test_a_slow_receiver_holds_up_nobody_else(database_url):
    slow, quick = Receiver(), Receiver()

    @slow.app.middleware("http")
    async def hang(request, call_next):
        await asyncio.sleep(5)

    async with slow.open(), quick.open(), open_house(database_url) as house:
        await house.desk.add("slow", slow.url, [])
        await house.desk.add("quick", quick.url, [])
        house.happens(20)
        await until(lambda: len(quick.heard) == 20)


class Unreadable:
    """Changes that were told, and cannot be read."""

    last = 7

    async def cursor(self, reader):
        return 0

    async def advance(self, reader, to):
        pass

    async def follow(self, after):
        raise OSError("disk")
        yield


async def test_one_whose_changes_cannot_be_read_says_why_it_is_behind(database_url):
    async with open_house(database_url) as house:
        desk = WebhookDesk(
            SqlWebhooks(house.engine), house.messenger, Unreadable(), SystemClock(), house.sleep
        )
        running = asyncio.ensure_future(desk.run())
        await asyncio.sleep(0.05)
        webhook = await desk.add("CRM", "http://crm.example/hook", [])
        await until(lambda: desk.problems)
        assert await desk.behind(webhook.id) == 7
        assert "could not be read" in desk.problems[webhook.id]
        running.cancel()
        await asyncio.wait([running])


@pytest.mark.parametrize(
    "url", ["", "crm.example", "ftp://crm/x", "file:///etc/passwd", "http://", "http://a:b@crm/x"]
)
async def test_what_is_no_address_is_refused(tmp_path, url):
    async with open_house(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}") as house:
        with pytest.raises(QuestionRefused, match="url"):
            await house.desk.add("x", url, [])
        with pytest.raises(QuestionRefused, match="CallVanished"):
            await house.desk.add("x", "http://crm.example/", ["CallVanished"])
        assert await house.desk.all() == []


def test_statuses_and_patience():
    assert [answer_of(status) for status in (200, 204, 301, 400, 404, 408, 410, 425, 429, 500, 503)] == [
        Answer.TAKEN, Answer.TAKEN, Answer.LATER, Answer.REFUSED, Answer.REFUSED, Answer.LATER, Answer.GONE,
        Answer.LATER, Answer.LATER, Answer.LATER, Answer.LATER,
    ]  # fmt: skip
    assert [pause_after(attempts) for attempts in (1, 2, 7, 100)] == [1.0, 2.0, 900.0, 900.0]
    assert not gives_up(Answer.LATER, 1000, PATIENCE - 1)
    assert gives_up(Answer.LATER, 1, PATIENCE)
    assert not gives_up(Answer.REFUSED, 2, 0.0)
    assert gives_up(Answer.REFUSED, 3, 0.0)
