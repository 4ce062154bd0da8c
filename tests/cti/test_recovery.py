"""Killed at any entry of the journal and started again, a server enters into its books what one enters that never died."""

import asyncio
import random
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from config.keeper import Keeper
from cti.adapters.ami.framing import Framer
from cti.adapters.ami.memory import JournalMemory
from cti.adapters.ami.message import Message
from cti.adapters.ami.translation import TRANSLATIONS, translate
from cti.adapters.journal import Journal
from cti.domain.changes import Change
from cti.domain.events import CallerRecognised, CallQueued
from cti.domain.identifiers import CallId, CustomerId, PbxName, Tier
from cti.domain.standing import standing
from cti.service.bookkeeper import Bookkeeper
from cti.service.call_monitor import CallMonitor
from cti.service.recovery import Recovery
from tests.cti.replaying import SCENARIOS, raw

PBX = PbxName("pbx1")


class SetClock:
    def __init__(self):
        self.at = 0.0

    def now(self):
        return self.at


class Books:
    """What was put, by position."""

    def __init__(self):
        self.put_ = []

    def put(self, pbx, position, what):
        self.put_.append((position, what))


class Server:
    """The way from frames to the books, and nothing else."""

    def __init__(self, folder, books):
        self.clock, self.books = SetClock(), books
        self.journal = Journal(folder, self.clock, pause=0.0)
        self.monitor = CallMonitor(PBX, self.publish, self.clock, self.journal)
        self.bookkeeper = Bookkeeper(
            PBX, books, self.monitor.agent, lambda: self.journal.position, self.monitor.noted
        )

    def publish(self, events):
        """As the bus does: what reactions publish follows behind all that one signal means."""
        queue = list(events)
        for event in queue:
            if isinstance(event, CallQueued) and event.number:
                tier = list(Tier)[len(event.number) % 4]
                known = CallerRecognised(
                    event.at, event.call, CustomerId("c-1"), "李 \ud800 X", tier, "customer"
                )
                queue.append(known)
            if isinstance(event, CallerRecognised):
                self.monitor.recognise(event)
            self.bookkeeper.enter(event)

    def hear(self, frame):
        message = Message.of(frame)
        if message is None or message.name not in TRANSLATIONS:
            return
        at = message.at or self.clock.at
        while 0 < self.clock.at < at - 0.5:  # time passes, and calls that linger are concluded
            self.clock.at += 0.5
            self.monitor.tick()
        self.clock.at = at
        self.journal.message(message.frame, self.clock.at)
        for signal in translate(message, self.clock.at):
            self.monitor.hear(signal)
        self.monitor.tick()

    def rest(self):
        for _ in range(10):
            self.clock.at += 0.5
            self.monitor.tick()

    @asynccontextmanager
    async def writing(self):
        task = asyncio.ensure_future(self.journal.run())
        try:
            yield
            await self.journal.synced(self.journal.position)
        finally:
            task.cancel()
            await asyncio.wait([task])


def frames_of(scenario):
    return Framer().feed(raw(scenario))


async def lives(folder, frames, books, entered=0, last=False):
    """One life of a server: from what the last one left, through these frames."""
    server = Server(folder, books)
    server.journal.open()
    number = max(
        (what.number for position, what in books.put_ if position <= entered and hasattr(what, "number")),
        default=0,
    )
    async with server.writing():
        await Recovery(server.monitor, server.bookkeeper, JournalMemory(server.journal)).run(entered, number)
        for frame in frames:
            server.hear(frame)
        if last:
            server.rest()
    return server


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_killed_anywhere_it_enters_the_same(scenario, tmp_path):
    frames = frames_of(scenario)
    whole = Books()
    await lives(tmp_path / "whole", frames, whole, last=True)
    chance = random.Random(scenario)
    for life in range(4):
        cut, again = sorted(chance.sample(range(len(frames)), 2))
        folder, books = tmp_path / str(life), Books()
        first = await lives(folder, frames[:cut], books)
        entered = chance.randint(0, first.journal.position)  # the rest was not written when it died
        books.put_ = [entry for entry in books.put_ if entry[0] <= entered]
        if life % 2:
            keep(folder, chance.randint(0, entered))
        second = await lives(folder, frames[cut:again], books, entered)
        if life % 2:
            keep(folder, second.journal.position)
        await lives(folder, frames[again:], books, second.journal.position, last=True)
        assert books.put_ == whole.put_


def keep(folder, until):
    """A keeper follows so far and writes down how the calls stand."""
    keeper = Keeper(folder, PBX, "latin-1", until)
    while keeper.position < until and keeper.follow(1):
        pass
    keeper.write()


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_a_checkpoint_is_the_state_itself(scenario, tmp_path):
    """What stands after a checkpoint, told as events, is what stood without one."""
    frames = frames_of(scenario)[: len(frames_of(scenario)) // 2]
    server = await lives(tmp_path, frames, Books())
    keep(tmp_path, server.journal.position)
    position, calls = JournalMemory(server.journal).newest(server.journal.position)
    assert position == server.journal.position
    assert list(standing(calls)) == list(server.monitor.standing())


async def test_nothing_is_told_again_that_stands_in_the_books(tmp_path):
    frames = frames_of("holds")
    books = Books()
    first = await lives(tmp_path, frames, books)
    before = list(books.put_)
    await lives(tmp_path, [], books, first.journal.position)
    assert books.put_ == before


async def test_time_that_passed_is_told_again(tmp_path):
    """The switch never said that the agent finished: only time concludes the call."""
    frames = [
        frame for frame in frames_of("answered_caller_ends") if not frame.startswith(b"Event: AgentComplete")
    ]
    whole = Books()
    server = await lives(tmp_path, frames, whole, last=True)
    assert not server.monitor.live_calls()
    books = Books()
    books.put_ = [entry for entry in whole.put_ if entry[0] < server.journal.position]
    assert books.put_ != whole.put_
    again = await lives(tmp_path, [], books, server.journal.position - 1)
    assert books.put_ == whole.put_
    assert not again.monitor.live_calls()


async def test_who_asks_for_a_place_and_is_never_heard_of_is_entered_nowhere(tmp_path):
    server = await lives(tmp_path, frames_of("holds")[:20], Books())
    before, position = list(server.books.put_), server.journal.position
    stranger = CallerRecognised(5.0, CallId("pbx1:gone.1"), None, None, Tier.IRON, "default")
    server.publish([stranger])
    assert (server.books.put_, server.journal.position) == (before, position)
    [call, *_] = server.monitor.records()
    server.publish([stranger._replace(call=call.call)])
    assert server.journal.position == position + 1
    assert len(server.books.put_) == len(before) + 1


async def test_who_calls_is_kept_once_however_often_it_is_told(tmp_path):
    server = Server(tmp_path, Books())
    server.journal.open()
    async with server.writing():
        for frame in frames_of("answered_caller_ends"):
            server.hear(frame)
            for call in list(server.monitor.lasting()):
                event = CallerRecognised(1.0, call, None, None, Tier.IRON, "default")
                server.publish([event, event._replace(at=2.0)])
    kept = [what for _, what in server.books.put_ if isinstance(what, Change)]
    told = [change for change in kept if isinstance(change.event, CallerRecognised)]
    again = [change.event._replace(at=0.0) for change in told]
    assert told
    assert all(one != other for one, other in pairwise(again))
