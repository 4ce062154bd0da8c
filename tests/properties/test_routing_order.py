"""Routing's promises, against a queue that inserts as app_queue.c does and shares no code with the product."""

from dataclasses import dataclass, field
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from cti.domain.identifiers import Tier
from routing.domain.priority import DEFAULT_POLICY, EPOCH, STRICT_STEP, PriorityPolicy, baseline, priority
from routing.domain.waiting_line import Waiting, WaitingLine

INT_MAX = 2**31 - 1
YEAR = 31_557_600
TIERS = st.sampled_from(list(Tier))
CREDITS = st.one_of(st.integers(0, 3600), st.integers(0, 86_400))


@dataclass
class Entry:
    name: int
    prio: int


@dataclass
class AppQueue:
    """join_queue() and change_priority_caller_on_queue() of app_queue.c, as a list."""

    entries: list[Entry] = field(default_factory=list)

    def join(self, name: int, prio: int) -> None:
        inserted = False
        for place, current in enumerate(self.entries):
            if prio > current.prio:
                self.entries.insert(place, Entry(name, prio))
                inserted = True
                break
        if not inserted:
            self.entries.append(Entry(name, prio))

    def change(self, name: int, prio: int) -> None:
        self.leave(name)
        self.join(name, prio)

    def leave(self, name: int) -> None:
        self.entries = [entry for entry in self.entries if entry.name != name]

    def serve(self) -> int:
        return self.entries.pop(0).name

    def names(self) -> list[int]:
        return [entry.name for entry in self.entries]


@st.composite
def policies(draw, strict: bool = False) -> PriorityPolicy:
    credit = st.one_of(CREDITS, st.none()) if strict else CREDITS
    return DEFAULT_POLICY._replace(credits={tier: draw(credit) for tier in Tier})


@st.composite
def arrivals(draw) -> list[tuple[int, Tier]]:
    """Times (not before each other) and tiers, of callers who join in this order."""
    start = draw(st.integers(EPOCH, EPOCH + 60 * YEAR))
    steps = draw(st.lists(st.integers(0, 900), min_size=1, max_size=40))
    times = [start]
    for step in steps:
        times.append(times[-1] + step)
    return [(time, draw(TIERS)) for time in times]


def prio(policy: PriorityPolicy, time: int, tier: Tier) -> int:
    return priority(time, policy.credit("support", tier).seconds)


@given(policies(), arrivals())
def test_order_is_virtual_arrival(policy, callers):
    queue = AppQueue()
    for name, (time, tier) in enumerate(callers):
        queue.join(name, prio(policy, time, tier))
    virtual = {name: time - policy.credits[tier] for name, (time, tier) in enumerate(callers)}
    # Joining order decides among equals: sorted() is stable.
    assert queue.names() == sorted(virtual, key=virtual.__getitem__)


@given(policies(), arrivals(), st.randoms(use_true_random=False))
def test_nobody_is_overtaken_by_somebody_who_came_more_than_the_credit_later(policy, callers, chance):
    """With service going on between arrivals, whatever the mix."""
    queue, served = AppQueue(), []
    waiting: set[int] = set()
    most = max(policy.credits.values())
    for name, (time, tier) in enumerate(callers):
        queue.join(name, prio(policy, time, tier))
        waiting.add(name)
        while waiting and chance.random() < 0.4:
            served.append(queue.serve())
            waiting.remove(served[-1])
    while waiting:
        served.append(queue.serve())
        waiting.remove(served[-1])
    for place, first in enumerate(served):
        for second in served[place + 1 :]:
            lead = callers[first][0] - callers[second][0]  # how much later the one served first had come
            bound = policy.bound("support", policy.credit("support", callers[second][1]))
            assert lead <= bound <= most


@given(policies(strict=True), arrivals())
def test_first_come_first_served_inside_a_tier(policy, callers):
    queue = AppQueue()
    for name, (time, tier) in enumerate(callers):
        queue.join(name, prio(policy, time, tier))
    for tier in Tier:
        same = [name for name in queue.names() if callers[name][1] is tier]
        assert same == sorted(same)


@given(arrivals())
def test_a_dead_server_leaves_first_come_first_served(callers):
    queue = AppQueue()
    for name, (time, _) in enumerate(callers):
        queue.join(name, baseline(time))
    assert queue.names() == list(range(len(callers)))


@given(policies(), arrivals(), st.randoms(use_true_random=False))
def test_corrected_callers_stand_where_they_would_have_stood(policy, callers, chance):
    """Some lookups are late: baseline first, moved afterwards. Only equals may have changed places."""
    queue = AppQueue()
    late = []
    for name, (time, tier) in enumerate(callers):
        if chance.random() < 0.5:
            queue.join(name, baseline(time))
            late.append(name)
        else:
            queue.join(name, prio(policy, time, tier))
    chance.shuffle(late)
    for name in late:
        if (wanted := prio(policy, *callers[name])) != baseline(callers[name][0]):
            queue.change(name, wanted)
    virtual = [callers[name][0] - policy.credits[callers[name][1]] for name in queue.names()]
    assert virtual == sorted(virtual)


@given(policies(), arrivals(), st.data())
def test_whoever_is_queued_again_keeps_his_place(policy, callers, data):
    queue = AppQueue()
    for name, (time, tier) in enumerate(callers):
        queue.join(name, prio(policy, time, tier))
    again = data.draw(st.integers(0, len(callers) - 1))
    virtual = {name: time - policy.credits[tier] for name, (time, tier) in enumerate(callers)}
    queue.leave(again)
    queue.join(again, prio(policy, *callers[again]))  # the first time of joining, not the second
    assert [virtual[name] for name in queue.names()] == sorted(virtual.values())


@given(policies(strict=True), st.integers(EPOCH, EPOCH + 63 * YEAR), TIERS)
def test_priorities_fit_the_switch_until_2089(policy, time, tier):
    value = prio(policy, time, tier)
    assert 0 < value <= INT_MAX  # above 0, the priority of callers without any
    assert value - policy.credit("support", tier).seconds == 2_000_000_000 - (time - 1_767_225_600)


@given(policies(strict=True), arrivals())
def test_strict_tiers_go_first_whoever_came_first(policy, callers):
    queue = AppQueue()
    for name, (time, tier) in enumerate(callers):
        queue.join(name, prio(policy, time, tier))
    strict = [tier for tier in Tier if policy.credits[tier] is None]
    ranks = [
        strict.index(tier) if tier in strict else len(strict)
        for _, tier in (callers[n] for n in queue.names())
    ]
    assert ranks == sorted(ranks)
    assert STRICT_STEP > 86_400 + 40 * 900


@settings(max_examples=200)
@given(
    policies(),
    st.lists(st.tuples(st.sampled_from("jml"), st.integers(0, 9), TIERS, st.integers(0, 600)), max_size=60),
)
def test_our_line_is_the_switch_s(policy, steps):
    """Joining, moving and leaving: the waiting line we show is the one the switch keeps."""
    queue, line = AppQueue(), WaitingLine()
    time = EPOCH
    joined: dict[int, int] = {}
    for what, name, tier, step in steps:
        time += step
        if what == "l":
            queue.leave(name)
            assert line.remove(str(name)) == (name in joined)
            joined.pop(name, None)
            continue
        if what == "j" and name in joined:
            continue
        if what == "m" and name not in joined:
            continue
        at = joined.setdefault(name, time)
        value = prio(policy, at, tier)
        current = next((entry.prio for entry in queue.entries if entry.name == name), None)
        if what == "j":
            queue.join(name, value)
        elif value != current:
            queue.change(name, value)
        line.put(
            Waiting(str(name), f"p:{name}", tier, at, policy.credits[tier], strict=False, priority=value)
        )
        assert [int(waiting.channel) for waiting in line] == queue.names()
        place = queue.names().index(name)
        assert line.position(str(name)) == place + 1
        assert [w.channel for w in line.ahead(str(name), 99)] == [str(n) for n in queue.names()[:place]]
        behind_but_earlier = [n for n in queue.names()[place + 1 :] if joined[n] < at]
        assert line.passed(str(name)) == len(behind_but_earlier)
        for limit in (0, 1, len(line) // 2, len(line), len(line) + 1):
            assert line.passed_by_first(limit) == [line.passed(w.channel) for w in islice(line, limit)]


def test_the_golden_vector_of_the_upstream_test():
    """apps/queues/position_priority_maxlen, those of its callers that ask for no position."""
    queue = AppQueue()
    places = []
    for name, value in enumerate([0, 0, 1, 1, 2]):
        queue.join(name, value)
        places.append(queue.names().index(name) + 1)
    assert places == [1, 2, 1, 2, 1]
