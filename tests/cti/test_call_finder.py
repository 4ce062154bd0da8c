"""Counted lists: how much of the past one page may read."""

from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from cti.api.calls import Search
from cti.domain.counted import Each, Fate, Wanted
from cti.domain.errors import QuestionRefused
from cti.domain.intervals import DAY
from cti.ports import CallPage
from cti.service.call_finder import CallFinder

NOW = 1_800_014_400.0


class Store:
    def __init__(self):
        self.asked = []

    async def visits(self, start, end):
        self.asked.append((start, end))
        return []

    async def lines(self, calls):
        return {}


def finder(store):
    clock = SimpleNamespace(now=lambda: NOW)
    return CallFinder(store, SimpleNamespace(started=dict), list, None, clock, ZoneInfo("Asia/Shanghai"))


async def test_a_counted_list_reads_a_month_at_most():
    store = Store()
    with pytest.raises(QuestionRefused, match="31 days"):
        await finder(store).find(Each.VISIT, Wanted(), 0.0, None, 50, 0)
    with pytest.raises(QuestionRefused, match="31 days"):
        await finder(store).find(Each.VISIT, Wanted(), NOW - 400 * DAY, NOW - 300 * DAY, 50, 0)
    assert store.asked == []
    await finder(store).find(Each.VISIT, Wanted(), NOW - 31 * DAY, None, 50, 0)
    await finder(store).find(Each.VISIT, Wanted(fate=Fate.WAITING), None, None, 50, 0)  # the live ones alone
    assert len(store.asked) == 1


def test_what_a_counted_list_cannot_look_for_is_refused():
    with pytest.raises(QuestionRefused, match="`disposition` is of whole calls"):
        Search(limit=50, offset=0, each=Each.VISIT, disposition="solved").check()


async def test_a_call_that_ends_while_the_live_ones_are_looked_at_is_not_lost():
    """A supervisor of some agents has all live calls looked at, in steps."""
    ended = SimpleNamespace(call="p:1", started_at=NOW, ended_at=NOW, segments=(), visits=(), offers=())
    unwritten = []

    def record(call):
        if not unwritten:
            unwritten.append(ended)

    async def nothing(*_asked):
        return CallPage([], 0)

    live = SimpleNamespace(started=lambda: {"p:1": NOW}, record=record)
    clock = SimpleNamespace(now=lambda: NOW)
    found = CallFinder(SimpleNamespace(calls=nothing), live, lambda: unwritten, None, clock, ZoneInfo("UTC"))
    page = await found.newest(50, 0, {}, frozenset(["101"]))
    assert (page.unkept, page.total) == ([ended], 1)
