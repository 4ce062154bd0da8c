"""Many open screens: pops painted by real pages among two hundred, and handed over among a thousand clients."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from tests.benchmarks.children import CONTENDER, STAGE, Child
from tests.benchmarks.scenes import server
from tests.servers import Mosquitto
from tools.pbx import free_port

FIRST_AGENT = 1001
PAGES, PAINTED = 200, 4
"""Agents' pages that are open; so many of them are real ones, of the agents who are rung most."""
CLIENTS, STALLED, SUPERVISORS = 1000, 10, 40
PAGES_RATE, CLIENTS_RATE = 100, 500
"""Events a second: two calls a second for two hundred agents, ten for a thousand clients."""


class Seen(NamedTuple):
    """Seconds from the bytes of `AgentCalled` on the wire; how many pops never came.

    `late`: how much too late a process that only sleeps was woken on the server's core meanwhile.
    """

    took: list[float]
    lost: int
    late: list[float]


def pages(broker: Mosquitto, seconds: float) -> Seen:
    """Until the card is painted, on real pages; the other pages read and draw nothing, for they would need a machine each."""
    port, agents = free_port(), [str(FIRST_AGENT + number) for number in range(PAGES)]
    with (
        Child("switch", STAGE, live=PAGES_RATE / 10) as switch,
        server(broker, switch.said["port"], http=port, crowd={"agents": agents, "supervisors": 0}) as child,
    ):
        switch.ask("introduce", agents=PAGES)
        switch.ask("flood")
        cookies = child.said["cookies"]
        with (
            Child("painted", STAGE, http=port, signed_in=cookies[:PAINTED]) as real,
            Child("browsers", STAGE, http=port, signed_in=cookies[PAINTED:], stalled=0),
        ):
            time.sleep(3.0)  # the pages have read all they open with
            played = switch.ask("play", events_a_second=PAGES_RATE, seconds=seconds)
            time.sleep(1.0)
            arrived = real.ask("look")["arrived"]
    theirs = [pop for pop in played["rang"] if pop.rpartition("/")[2] in agents[:PAINTED]]
    came = [arrived[f"pbx1:{pop}"] - played["rang"][pop] for pop in theirs if f"pbx1:{pop}" in arrived]
    return Seen(came, len(theirs) - len(came), [])


def clients(broker: Mosquitto, seconds: float) -> Seen:
    """Until the pop is written to its page's socket: agents' pages, supervisors' screens, and ten that never read."""
    port, agents = free_port(), [str(FIRST_AGENT + number) for number in range(PAGES)]
    crowd = {"agents": agents, "supervisors": SUPERVISORS}
    with (
        Child("switch", STAGE, live=CLIENTS_RATE / 10) as switch,
        server(broker, switch.said["port"], http=port, crowd=crowd) as child,
    ):
        switch.ask("introduce", agents=PAGES)
        switch.ask("flood")
        cookies = child.said["cookies"]
        others = CLIENTS - PAGES - STALLED
        screens = [cookies[PAGES + number % SUPERVISORS] for number in range(others)]
        with (
            Child(
                "browsers",
                STAGE,
                http=port,
                signed_in=cookies[:PAGES],
                crowd=screens,
                stalled=STALLED,
                staller=cookies[-1],
            ),
            Child("noise", CONTENDER) as sleeper,
            ThreadPoolExecutor(1) as aside,
        ):
            time.sleep(3.0)
            woken = aside.submit(sleeper.ask, "sleep", seconds=seconds)
            played = switch.ask("play", events_a_second=CLIENTS_RATE, seconds=seconds)
            late = woken.result()["late"]
            time.sleep(1.0)
            handed = child.ask("look")["handed"]
    rang = {f"pbx1:{pop}": at for pop, at in played["rang"].items() if pop.rpartition("/")[2] in agents}
    came = [handed[pop] - at for pop, at in rang.items() if pop in handed]
    return Seen(came, len(rang) - len(came), late)
