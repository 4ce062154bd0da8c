"""A played day: what the switch and the agents' screens and topics saw beside what the server says about it."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.live.house.broker_ears import BrokerEars, Heard
from tests.live.house.day import AGENTS, BACK_OFFICE, Caller, play
from tests.live.house.desks import Desks, Entry
from tests.live.house.installation import SUPERVISOR, House, NotAsExpected, agent, everything, get
from tests.live.house.ledgers import Switch, witness
from tests.live.switch import Stage
from tests.servers import Prometheus

SETTLE = 60.0
Sample = tuple[str, dict[str, str], float]


@dataclass
class Day:
    plan: list[Caller]
    began_at: float
    switch: Switch
    heard: list[Heard]
    diary: list[Entry]
    page_errors: list[str]
    lines: list[dict[str, Any]]  # /calls
    calls: dict[str, dict[str, Any]]  # /calls/{id}
    decisions: dict[str, dict[str, Any]]  # /calls/{id}/decision
    recordings: list[dict[str, Any]]
    sounds: dict[str, httpx.Response]  # the first hundred bytes of each
    kpi: dict[str, dict[str, Any]]  # grouping -> report
    metrics: list[Sample]
    prometheus: list[Sample]
    complaints: list[str]
    stalled: float  # seconds: the longest this machine kept the test, and so the telephones, from running

    def metric(self, name: str, *, source: list[Sample] | None = None, **labels: str) -> float:
        """The sum of a metric over the labels not named."""
        samples = self.metrics if source is None else source
        return sum(value for told, its, value in samples if told == name and labels.items() <= its.items())

    @property
    def tiers(self) -> dict[str, str]:
        """Number -> tier, as the customers' file has it."""
        return {one.script.number: one.tier for one in self.plan if one.tier}


def samples(text: str) -> list[Sample]:
    return [
        (sample.name, dict(sample.labels), sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]


async def observe(house: House, plan: list[Caller]) -> Day:
    """Play the day with every agent at a desk, wait until all is quiet, and collect."""
    loop = asyncio.get_running_loop()
    people = [agent(one.name) for one in AGENTS]
    topics = {one.name: [f"cti/v1/+/agents/{one.name}/#"] for one in AGENTS}
    ears = BrokerEars(house.broker, {**topics, "wallboard": ["cti/v1/+/queues/+/state"]})
    with (
        closing(house.client(SUPERVISOR)) as client,
        Prometheus(f"127.0.0.1:{house.server.port}") as prometheus,
    ):
        async with AsyncExitStack() as stack:
            desks = await stack.enter_async_context(Desks(house))
            await asyncio.gather(*(desks.open(person) for person in people))
            ears = await stack.enter_async_context(ears)
            stage = await stack.enter_async_context(Stage(house.pbx))
            await desks.rested()

            async def begin() -> None:
                answer = await asyncio.to_thread(
                    client.post, f"/agents/{BACK_OFFICE}/not-ready", json={"reason": "break"}
                )
                assert answer.status_code < 300, answer.text
                await stage.ami.event("QueueMemberPause", 10, MemberName=BACK_OFFICE)

            began_at = time.time()
            stalls: list[float] = []
            watching = asyncio.ensure_future(_stalls(stalls))
            await play(stage, plan, begin)
            watching.cancel()
            await loop.run_in_executor(None, _until_quiet, client)
            diary = [entry for person in people for entry in await desks.diary(person)]
            _keep(house, "events", stage.ami.events)
            _keep(house, "topics", ears.heard)
            _keep(house, "pages", diary)
            switch = witness(house.pbx, stage.ami.events)
        return await asyncio.to_thread(
            _collect,
            house,
            client,
            prometheus,
            plan,
            began_at,
            switch,
            ears.heard,
            diary,
            desks.errors,
            max(stalls),
        )


def _keep(house: House, name: str, seen: object) -> None:
    """Beside the logs, for whoever wants to know why a test failed."""
    (house.folder / f"{name}.json").write_text(
        json.dumps(seen, ensure_ascii=False, indent=0), encoding="utf-8"
    )


async def _stalls(found: list[float], step: float = 0.02) -> None:
    while True:
        due = time.monotonic() + step
        await asyncio.sleep(step)
        found.append(time.monotonic() - due)


def _until_quiet(client: httpx.Client) -> None:
    """No call lasts, no agent works after one, no recording is awaited."""
    deadline = time.monotonic() + SETTLE
    checks: list[tuple[str, Callable[[], Any]]] = [
        (
            "calls still last",  # they stand above the others; further pages would move meanwhile
            lambda: [
                call for call in get(client, "/calls", limit=500)["items"] if call["state"] != "cleared"
            ],
        ),
        (
            "agents are still busy",
            lambda: [
                one["agent"]
                for one in get(client, "/floor")["agents"]
                if one["state"] not in {"ready", "not_ready"}
            ],
        ),
        ("recordings are still awaited", lambda: get(client, "/recordings", state="expected")["items"]),
    ]
    for what, remaining in checks:
        while left := remaining():
            if time.monotonic() > deadline:
                raise NotAsExpected(f"{what} {SETTLE:g} s after the last hang-up: {left}")
            time.sleep(0.2)


def _collect(
    house: House,
    client: httpx.Client,
    prometheus: Prometheus,
    plan: list[Caller],
    began_at: float,
    switch: Switch,
    heard: list[Heard],
    diary: list[Entry],
    page_errors: list[str],
    stalled: float,
) -> Day:
    lines = everything(client, "/calls")
    quoted = [urllib.parse.quote(line["call_id"], safe="") for line in lines]
    recordings = everything(client, "/recordings")
    span = {"from": began_at - 1, "until": time.time() + 1}
    return Day(
        plan=plan,
        began_at=began_at,
        switch=switch,
        heard=heard,
        diary=diary,
        page_errors=page_errors,
        lines=lines,
        calls={
            line["call_id"]: get(client, f"/calls/{id_}") for line, id_ in zip(lines, quoted, strict=True)
        },
        decisions={
            line["call_id"]: get(client, f"/calls/{id_}/decision")
            for line, id_ in zip(lines, quoted, strict=True)
        },
        recordings=recordings,
        sounds={
            one["id"]: client.get(f"/recordings/{one['id']}/audio", headers={"Range": "bytes=0-99"})
            for one in recordings
            if one["state"] == "stored"
        },
        kpi={
            group: get(client, "/kpi", group_by=group, **span) for group in ("none", "queue", "tier", "agent")
        },
        metrics=samples(client.get(f"{house.server.url}/metrics").text),
        prometheus=_scraped(prometheus),
        complaints=house.server.complaints(),
        stalled=stalled,
    )


def _scraped(prometheus: Prometheus) -> list[Sample]:
    """What Prometheus knows now, a scrape after the last change."""
    time.sleep(2.5)
    query = urllib.parse.urlencode({"query": '{__name__=~"cti_.*_total"}'})
    with urllib.request.urlopen(f"{prometheus.url}/api/v1/query?{query}", timeout=10) as answer:
        found = json.load(answer)["data"]["result"]
    return [(one["metric"]["__name__"], one["metric"], float(one["value"][1])) for one in found]
