"""The whole router against a switch that queues as app_queue.c does: late lookups, dead stretches, returns."""

import asyncio
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from cti.domain.events import CallCleared, CallQueued, VisitEnded
from cti.domain.identifiers import PhoneNumber, Tier
from cti.domain.records import Outcome, VisitRecord
from customers.domain.customer import Customer, Remembered
from routing.domain.decision import Question
from routing.domain.priority import DEFAULT_POLICY
from routing.ports import DecisionPage
from routing.service.router import Router

START = 1_800_000_000
CREDIT = {Tier.PLATINUM: 600, Tier.GOLD: 300, Tier.IRON: 0, Tier.LEAD: 0}


class Pbx:
    """Callers who wait, sorted by insertion behind the first who is not smaller."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, str]] = []

    def join(self, prio: int, channel: str) -> None:
        place = next((i for i, (other, _) in enumerate(self.rows) if prio > other), len(self.rows))
        self.rows.insert(place, (prio, channel))

    async def change_priority(self, queue, channel_name, priority) -> None:
        self.rows = [row for row in self.rows if row[1] != channel_name]
        self.join(priority, channel_name)


class People:
    def __init__(self) -> None:
        self.slow: dict[str, asyncio.Event] = {}
        self.tiers: dict[str, Tier] = {}

    def customer(self, number: str) -> Customer:
        return Customer(
            number, "N", "", self.tiers[number], "import", (PhoneNumber(number),), "", None, "", "", 0.0
        )

    def normalise(self, number):
        return number

    def remembered(self, number):
        return None if number in self.slow else Remembered(self.customer(number))

    async def lookup(self, number):
        await self.slow[number].wait()
        return self.customer(number)


class Nowhere:
    def keep(self, decision, names): ...
    async def of_call(self, call):
        return None

    async def page(self, limit, offset, search):
        return DecisionPage([], 0)


class SetClock:
    time = float(START)

    def now(self):
        return self.time


CALLERS = st.lists(
    st.tuples(
        st.sampled_from(list(Tier)),
        st.sampled_from(["known", "late", "unasked", "lost"]),
        st.integers(1, 400),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=100, deadline=None)
@given(CALLERS, st.randoms(use_true_random=False))
def test_however_we_learn_the_queue_ends_in_virtual_arrival(callers, chance):
    asyncio.run(play(callers, chance))


async def play(callers, chance) -> None:
    pbx, people, clock = Pbx(), People(), SetClock()
    tasks: set[asyncio.Task] = set()

    def spawn(work) -> None:
        tasks.add(asyncio.get_running_loop().create_task(work))

    router = Router("pbx", DEFAULT_POLICY, people, pbx, Nowhere(), clock, lambda _: None, spawn, deadline=0.0)
    virtual: dict[str, int] = {}
    for n, (tier, way, step) in enumerate(callers):
        clock.time += step
        channel, number, name = f"1.{n}", str(1000 + n), f"PJSIP/t-{n}"
        people.tiers[number] = tier
        virtual[name] = int(clock.time) - CREDIT[tier]
        own = 2_000_000_000 - (int(clock.time) - 1_767_225_600)  # what the dialplan sets
        if way in {"late", "unasked"}:
            people.slow[number] = asyncio.Event()
        told = own
        if way in {"known", "late"}:
            told = (await router.decide(Question(channel, name, "support", number, int(clock.time)))).priority
        elif way == "lost":
            router.decide_at_once(Question(channel, name, "support", number, int(clock.time)))
            router.not_delivered(channel)
        pbx.join(told, name)
        router.consider(CallQueued(clock.time, f"pbx:{channel}", channel, name, "support", 1, number, None))
    waiting = list(people.slow.values())
    chance.shuffle(waiting)
    for event in waiting:
        event.set()
    while tasks:
        done, _ = await asyncio.wait(tasks)
        tasks -= done
        for task in done:
            task.result()
    order = [name for _, name in pbx.rows]
    assert [virtual[name] for name in order] == sorted(virtual.values())
    # What we show is what the switch does (equals aside).
    assert [p.waiting.virtual_arrival_at for p in router.line("support")] == sorted(virtual.values())
    for first, second in itertools.combinations(range(len(callers)), 2):
        if callers[first][0] is callers[second][0] and callers[second][2] > 0:
            assert order.index(f"PJSIP/t-{first}") < order.index(f"PJSIP/t-{second}")
    await leave(router, clock, callers)


async def leave(router, clock, callers) -> None:
    for n, _ in enumerate(callers):
        call, channel = f"pbx:1.{n}", f"1.{n}"
        visit = VisitRecord(
            call, "pbx", channel, 1, "support", None, clock.time, 1, Outcome.ANSWERED, clock.time, 0.0,
            None, None, None, None, None, None,
        )  # fmt: skip
        router.visit_ended(VisitEnded(clock.time, call, visit))
        router.call_cleared(CallCleared(clock.time, call, None))
    assert router.queues() == []
    assert router.counts()["callers"] == 0
