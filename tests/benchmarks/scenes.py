"""What is measured: each function sets a stage, lets the contenders play, and returns figures."""

import contextlib
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

from tests.benchmarks.children import CONTENDER, STAGE, Child
from tests.servers import HOST, Mosquitto
from tools.pbx import free_port

TOPICS = ["cti/v1/pbx1/agents/+/screen-pop"]
SUPERVISOR = "supervisor"
BROWSERS = [str(1001 + n) for n in range(30)]  # the agents who are rung most


class Run(NamedTuple):
    """One run of a contender: `cpu` in seconds, `lost` things that never arrived."""

    events: int
    seconds: float
    cpu: float
    lost: int
    shares: dict[str, float]

    @property
    def a_second(self) -> float:
        return self.events / self.seconds

    @property
    def microseconds(self) -> float:
        return self.cpu / self.events * 1e6


@contextlib.contextmanager
def broker() -> Iterator[Mosquitto]:
    with Mosquitto() as started:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(started._process.pid, {STAGE})
        yield started


@contextlib.contextmanager
def server(broker: Mosquitto, ami: int, **asked: Any) -> Iterator[Child]:
    with tempfile.TemporaryDirectory() as folder:
        url = broker.url.replace("//", f"//cti:{broker.ACCOUNTS['cti']}@")
        given = {"call_events": False, "path_only": False, "uvloop": True} | asked  # as `cti serve` runs
        with Child("server", CONTENDER, ami=ami, mqtt=url, folder=folder, **given) as child:
            child.folder = Path(folder)
            yield child


def subscriber(broker: Mosquitto) -> Child:
    return Child(
        "subscriber", STAGE, port=broker.port, user="cti", password=broker.ACCOUNTS["cti"], topics=TOPICS
    )


def _flood(
    switch: Child, child: Child, plan: dict[str, Any], *, pace: Mapping[str, float] = {}, **asked: Any
) -> tuple[float, dict[str, Any]]:
    """When it began, and what the contender tells at the end."""
    child.ask("begin", **asked)
    child.tell("watch", until=plan["until"])
    return switch.ask("flood", **pace)["began"], child.heard()


def baseline_run(calls: int) -> Run:
    with (
        Child("switch", STAGE, live=100) as switch,
        Child("baseline", CONTENDER, ami=switch.said["port"]) as child,
    ):
        plan = switch.ask("prepare", calls=calls)
        began, done = _flood(switch, child, plan)
        return Run(plan["events"], done["ended"] - began, done["cpu"], 0, {})


def whole_run(broker: Mosquitto, calls: int, *, sample: bool = False, live: float = 100, **asked: Any) -> Run:
    """A flood through the server. Lost is any call without its row, any visit without its outcome, any pop unseen."""
    with (
        Child("switch", STAGE, live=live) as switch,
        subscriber(broker) as desk,
        server(broker, switch.said["port"], **asked) as child,
    ):
        plan = switch.ask("prepare", calls=calls)
        began, done = _flood(switch, child, plan, **({"sample": True} if sample else {}))
        time.sleep(0.5)
        unseen = {f"pbx1:{pop}" for pop in plan["pops"]} - set(desk.ask("look")["arrived"])
        with contextlib.closing(sqlite3.connect(child.folder / "tierline.db")) as database:
            rows = dict(database.execute("SELECT outcome, count(*) FROM visits GROUP BY outcome"))
            (kept,) = database.execute("SELECT count(*) FROM calls").fetchone()
    missing = sum(abs(count - rows.get(outcome, 0)) for outcome, count in plan["outcomes"].items())
    lost = (
        len(unseen)
        + abs(plan["calls"] - kept)
        + missing
        + done["failures"]
        + done["unexpected"]
        + done["set_aside"]
    )
    if not asked.get("call_events"):
        lost += done["lost"]
    return Run(plan["events"], done["ended"] - began, done["cpu"], lost, done["shares"])


class Pops(NamedTuple):
    """Seconds from the bytes on the wire to the client."""

    mqtt: list[float]
    browser: list[float]
    lost: int


def pops(broker: Mosquitto, seconds: float, disturb: str, *, a_second: float = 2000, **asked: Any) -> Pops:
    """`disturb`: "", "scrape", "flush" or "stalled"."""
    port = free_port()
    with (
        Child("switch", STAGE, live=a_second / 10) as switch,
        subscriber(broker) as desk,
        server(
            broker,
            switch.said["port"],
            http=port,
            users=BROWSERS,
            supervisor=SUPERVISOR,
            call_events=True,
            **asked,
        ) as child,
    ):
        stalled = 10 if disturb == "stalled" else 0
        with Child(
            "browsers", STAGE, http=port, agents=BROWSERS, supervisor=SUPERVISOR, stalled=stalled
        ) as pages:
            trouble: Callable[[], None] = {
                "scrape": lambda: _scrape(port),
                "flush": lambda: _lock(child.folder / "tierline.db"),
            }.get(disturb, lambda: None)
            with _again_and_again(trouble, 0.5):
                played = switch.ask("play", events_a_second=a_second, seconds=seconds)
            time.sleep(0.5)
            at_desk, at_pages = desk.ask("look")["arrived"], pages.ask("look")["arrived"]
    rang = {f"pbx1:{pop}": at for pop, at in played["rang"].items()}
    return Pops(
        [at_desk[pop] - at for pop, at in rang.items() if pop in at_desk],
        [at_pages[pop] - at for pop, at in rang.items() if pop in at_pages],
        len(rang.keys() - at_desk.keys())
        + len([p for p in rang if p.rpartition("/")[2] in BROWSERS and p not in at_pages]),
    )


def _scrape(port: int) -> None:
    with urlopen(f"http://{HOST}:{port}/metrics") as answer:
        answer.read()


def _lock(database: Path) -> None:
    """Nobody else may write for a while: then everything that waited is written at once."""
    with contextlib.closing(sqlite3.connect(database, timeout=5, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(1.0)
        connection.execute("ROLLBACK")


@contextlib.contextmanager
def _again_and_again(deed: Callable[[], None], pause: float) -> Iterator[None]:
    over = threading.Event()

    def work() -> None:
        while not over.wait(pause):
            deed()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()


class Decisions(NamedTuple):
    """Seconds a request took: callers who called a moment ago, new ones, and 32 at a time."""

    took: list[float]
    new: list[float]
    crowded: list[float]
    a_second: float  # in the crowd
    untold: int


KNOWN, NEW = 50, 10_000_000  # different numbers


def decisions(seconds: float, broker: Mosquitto | None, **asked: Any) -> Decisions:
    """Ours with a broker, else panoramisk's."""
    with contextlib.ExitStack() as stage:
        if broker is None:
            port = stage.enter_context(Child("agi_baseline", CONTENDER, **asked)).said["port"]
        else:
            switch = stage.enter_context(Child("switch", STAGE, live=1))
            port = free_port()
            stage.enter_context(server(broker, switch.said["port"], fastagi=port, **asked))
        callers = stage.enter_context(Child("agi_callers", STAGE, port=port))
        callers.ask("crowd", callers=4, seconds=0.5, numbers=KNOWN)
        known = callers.ask("paced", a_second=100, seconds=seconds, numbers=KNOWN)
        crowd = callers.ask("crowd", callers=32, seconds=seconds, numbers=KNOWN)
        new = callers.ask("paced", a_second=100, seconds=seconds, numbers=NEW)
    untold = known["untold"] + crowd["untold"] + new["untold"]
    return Decisions(known["took"], new["took"], crowd["took"], crowd["a_second"], untold)


PACE = {"a_second": 8000.0}  # slower than it can read: what waits for a busy server is no memory of a call


class Memory(NamedTuple):
    """Bytes: one live call; after a tenth and after all of the finished calls."""

    a_call: float
    early: int
    late: int
    finished: int


def memory(broker: Mosquitto, live: int, finished: int) -> Memory:
    with (
        Child("switch", STAGE, live=live * 100) as switch,
        server(broker, switch.said["port"]) as child,
    ):
        _, before = _flood(switch, child, switch.ask("introduce", agents=live + live // 5), pace=PACE)
        _, held = _flood(switch, child, switch.ask("prepare", calls=live, hold=1.0), pace=PACE)
    a_call = (held["resident"] - before["resident"]) / held["live"]
    with (
        Child("switch", STAGE, live=100) as switch,
        server(broker, switch.said["port"], missing_after=2.0) as child,
    ):
        sizes = []
        rounds = 20
        for _ in range(rounds):
            _, done = _flood(switch, child, switch.ask("prepare", calls=finished // rounds, over=finished))
            sizes.append(done["resident"])
    return Memory(a_call, sizes[rounds // 10], sizes[-1], finished)
