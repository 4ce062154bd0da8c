"""The figures of the day: one report for all desks that ask."""

import asyncio

from cti.domain.identifiers import AgentId
from cti.service.work_day import FIGURES, FRESH_SECONDS, NOTHING_YET, WorkDay


class Kpi:
    """Counts how often it had to count."""

    def __init__(self):
        self.reports = 0

    async def report(self, *, group_by):
        self.reports += 1
        await asyncio.sleep(0)  # others ask meanwhile
        return {"items": [{"group": "101", **dict.fromkeys(FIGURES, self.reports)}]}


class SetClock:
    at = 1000.0

    def now(self):
        return self.at


async def test_two_hundred_desks_are_told_from_one_report():
    kpi, clock = Kpi(), SetClock()
    day = WorkDay(None, None, None, None, kpi, clock)
    told = await asyncio.gather(*(day.figures(AgentId(str(number))) for number in range(1, 201)))
    assert kpi.reports == 1
    assert [one["handled"] for one in told if one != NOTHING_YET] == [1]
    clock.at += FRESH_SECONDS - 1
    assert (await day.figures(AgentId("101")))["handled"] == 1
    clock.at += 1
    assert (await day.figures(AgentId("101")))["handled"] == 2
