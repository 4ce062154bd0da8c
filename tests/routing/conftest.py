import asyncio
from collections.abc import Iterator

import pytest

from cti.domain.errors import SwitchRefused
from cti.domain.events import CallCleared, CallQueued, VisitEnded
from cti.domain.identifiers import PhoneNumber, Tier
from cti.domain.records import Outcome, VisitRecord
from customers.domain.customer import Customer, Remembered
from routing.domain.decision import Question
from routing.domain.priority import DEFAULT_POLICY
from routing.ports import DecisionPage
from routing.service.router import Router

NOW = 1_800_000_000.0


class SetClock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> float:
        return self.time


class People:
    """A customers' desk whose answers wait until `go`, unless they are remembered."""

    def __init__(self) -> None:
        self.known: dict[str, Customer] = {}
        self.memory: dict[str, Remembered] = {}
        self.go = asyncio.Event()
        self.go.set()
        self.failing = False
        self.asked: list[str | None] = []

    def add(self, number: str, tier: Tier, remembered: bool = False) -> Customer:
        customer = Customer(
            f"c{number}", f"Name {number}", "", tier, "import", (PhoneNumber(number),), "", None, "", "", 0.0
        )
        self.known[number] = customer
        if remembered:
            self.memory[number] = Remembered(customer)
        return customer

    def normalise(self, number):
        return PhoneNumber(number) if number and number.isdigit() else None

    def remembered(self, number):
        if self.normalise(number) is None:
            return Remembered(None)
        return self.memory.get(number)

    async def lookup(self, number):
        self.asked.append(number)
        await self.go.wait()
        if self.failing:
            raise OSError(f"no answer for {number}")
        return self.known.get(number)


class Switch:
    """Remembers the moves; refuses the next `refusals`."""

    def __init__(self) -> None:
        self.moves: list[tuple[str, str, int]] = []
        self.withdrawn: list[tuple[str, str, str]] = []
        self.penalties: list[tuple[str, str, int]] = []
        self.refusals = 0

    async def change_priority(self, queue, channel_name, priority):
        await asyncio.sleep(0)
        if self.refusals:
            self.refusals -= 1
            raise SwitchRefused
        self.moves.append((queue, channel_name, priority))

    async def withdraw(self, queue, channel_name, info):
        if self.refusals:
            self.refusals -= 1
            raise SwitchRefused
        self.withdrawn.append((queue, channel_name, info))

    async def set_penalty(self, queue, interface, penalty):
        if self.refusals:
            self.refusals -= 1
            raise SwitchRefused
        self.penalties.append((queue, interface, penalty))


class Shelf:
    def __init__(self) -> None:
        self.kept: dict[str, object] = {}

    def keep(self, decision, names):
        self.kept[decision.id] = decision

    async def of_call(self, call):
        return None

    async def page(self, limit, offset, search):
        return DecisionPage([], 0)


class Stage:
    """A router among fakes, and the events of its callers."""

    def __init__(self, policy=DEFAULT_POLICY, **options) -> None:
        self.clock, self.people, self.switch, self.shelf = SetClock(), People(), Switch(), Shelf()
        self.events: list[object] = []
        self.tasks: set[asyncio.Task] = set()
        self.router = Router(
            "pbx",
            policy,
            self.people,
            self.switch,
            self.shelf,
            self.clock,
            self.events.append,
            self.spawn,
            **options,
        )

    def spawn(self, work) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def settle(self) -> None:
        while self.tasks:
            await asyncio.wait(set(self.tasks), timeout=1)
            await asyncio.sleep(0)
        await asyncio.sleep(0)

    def question(self, channel: str, number: str | None, queue: str = "support", joined_at=None) -> Question:
        return Question(channel, f"PJSIP/trunk-{channel}", queue, number, joined_at)

    def queued(self, channel, number=None, queue="support", position=0, call=None) -> CallQueued:
        event = CallQueued(
            self.clock.time,
            call or f"pbx:{channel}",
            channel,
            f"PJSIP/trunk-{channel}",
            queue,
            position,
            number,
            None,
        )
        self.router.consider(event)
        return event

    def ended(self, channel, outcome=Outcome.ANSWERED, queue="support", joined_at=NOW, call=None) -> None:
        call = call or f"pbx:{channel}"
        visit = VisitRecord(
            call, "pbx", channel, 1, queue, None, joined_at, 1, outcome, self.clock.time, 0.0, None, None, None, None,
            None, None,
        )  # fmt: skip
        self.router.visit_ended(VisitEnded(self.clock.time, call, visit))

    def cleared(self, call: str) -> None:
        self.router.call_cleared(CallCleared(self.clock.time, call, None))

    def decision(self, call: str):
        return self.router.decisions.live(call)


@pytest.fixture
def stage() -> Iterator[Stage]:
    yield Stage(deadline=0.12)  # an answer that comes at once comes within it, on a busy machine too


@pytest.fixture
def make_stage():
    return Stage
