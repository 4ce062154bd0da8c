"""`cti demo`: a living call centre with everything embedded, for the first five minutes on a stranger's machine."""

import asyncio
import csv
import os
import socket
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from config import demo_staff
from config.embedded import broker
from config.installation import Installation
from config.running import run_server, running
from config.settings import Settings, load
from cti.domain.access import Role
from cti.domain.identifiers import AgentId
from simulator.day import live
from simulator.switch import SimulatedSwitch

CUSTOMERS = Path(__file__).parent / "demo_files" / "customers.csv"
ANSWERS = CUSTOMERS.with_name("answers.csv")
PASSWORD = "tierline-demo"  # noqa: S105  shown on the screen; as SHIPPED_SECRETS it opens nothing outside the demo


class Login(NamedTuple):
    login: str
    name: str
    role: Role
    agent: str | None
    language: str
    what: str


LOGINS = (
    Login("supervisor", "Wei Zhang", Role.SUPERVISOR, None, "en", "live floor, calls, customers, recordings"),
    Login("anna", "Anna Aalto", Role.AGENT, "101", "en", "the agent's desk with screen pops"),
    Login("lei", "韩雷", Role.AGENT, "103", "zh", "坐席工作台,来电弹屏"),
    Login("chloe", "Chloé Martin", Role.AGENT, "105", "en", "a desk with a browser phone (on a real switch)"),
    Login("reviewer", "Maria Rossi", Role.REVIEWER, None, "en", "recordings and the review queue"),
    Login("operator", "Tom Brandt", Role.OPERATOR, None, "en", "links, backlog, preflight"),
    Login("admin", "Ines Costa", Role.ADMINISTRATOR, None, "en", "everything"),
)
BROWSER_PHONES = ("105", "106")
SUPERVISORS_PHONE = "200"


async def run(folder: Path, pbx: str, speed: float) -> None:
    """Until interrupted. Settings in the environment go before the demo's own."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        given = _given(folder)
        if "CTI_MQTT__URL" not in os.environ:
            given["mqtt"] = {
                "url": await stack.enter_async_context(broker(free_port())),
                "old_protocol": True,
            }
        if pbx == "asterisk":
            from config import demo_switch  # a real switch needs tools the simulated one does not

            real, told = await stack.enter_async_context(
                demo_switch.real_switch(folder, _fastagi_port(given))
            )
            given.update(told)
            settings = load(**given)
            traffic = asyncio.ensure_future(demo_switch.live(real, callers()))  # noqa: TID251  cancelled below
            stack.callback(traffic.cancel)
        elif os.environ.get("CTI_AMI__HOST"):
            settings = load(**given)
        else:
            switch = await stack.enter_async_context(
                SimulatedSwitch(
                    folder / "pbx",
                    fastagi=("127.0.0.1", _fastagi_port(given)),
                    systemname="demo",
                    speed=speed,
                )
            )
            given["ami"] = {"host": "127.0.0.1", "port": switch.ami_port}
            given["recordings"] = {"incoming": switch.monitor, "store": folder / "recordings"}
            given["ledger"] = {"file": switch.queue_log}
            settings = load(**given)
            day = asyncio.ensure_future(live(switch, customers=callers()))  # noqa: TID251  cancelled below
            stack.callback(day.cancel)
        house = await stack.enter_async_context(running(settings))
        await furnish(house)
        await stack.enter_async_context(demo_staff.at_work(house))
        welcome(settings, pbx)
        await run_server(house)


def _given(folder: Path) -> dict[str, object]:
    """Files of its own: what `cti serve` keeps in the same folder never knows the demo's people and calls."""
    given: dict[str, object] = {"demo": True}
    if "CTI_JOURNAL__FOLDER" not in os.environ:
        given["journal"] = {"folder": folder / "demo-journal"}
    if "CTI_DATABASE__URL" not in os.environ:
        given["database"] = {"url": f"sqlite+aiosqlite:///{folder / 'demo.db'}"}
    return given


def _fastagi_port(given: dict[str, object]) -> int:
    """The usual port if it is free, else another: two demos on one machine must not quarrel."""
    port = int(os.environ.get("CTI_FASTAGI__PORT", "4573"))
    if "CTI_FASTAGI__PORT" not in os.environ and not _is_free(port):
        port = free_port()
        given["fastagi"] = {"port": port}
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def callers() -> list[tuple[str, str]]:
    """Numbers and names of the demo's customers: the better ones call a little less often than they matter."""
    with CUSTOMERS.open(encoding="utf-8", newline="") as rows:
        return [(row["numbers"], row["name"]) for row in csv.DictReader(rows)]


def answers(folder: Path, now: float) -> Path:
    """What the demo's customers said lately, as a survey tool would export it: `days_ago` is as old whenever the demo runs."""
    with ANSWERS.open(encoding="utf-8", newline="") as rows:
        said = list(csv.DictReader(rows))
    file = folder / ANSWERS.name
    with file.open("w", encoding="utf-8", newline="") as export:
        table = csv.DictWriter(export, ["number", "score", "scale", "answered_at", "comment"])
        table.writeheader()
        for row in said:
            at = datetime.fromtimestamp(now - 86400 * int(row.pop("days_ago")), UTC)
            table.writerow(row | {"answered_at": at.isoformat(timespec="seconds")})
    return file


async def furnish(house: Installation) -> None:
    """Customers and people, once."""
    if await house.accounts.empty():
        await house.customers.import_file(CUSTOMERS, "demo")
        with TemporaryDirectory() as folder:
            await house.care.surveys.import_file(answers(Path(folder), house.clock.now()))
        for login in LOGINS:
            agent = AgentId(login.agent) if login.agent else None
            phone = SUPERVISORS_PHONE if login.role is Role.SUPERVISOR else login.agent
            sip = (phone, f"tierline-{phone}") if phone in (*BROWSER_PHONES, SUPERVISORS_PHONE) else None
            await house.accounts.add(
                login.login, PASSWORD, login.name, login.role, agent, login.language, sip
            )
    await demo_staff.hire(house, PASSWORD)
    await house.teams.refresh()


def welcome(settings: Settings, pbx: str) -> None:
    console = Console(highlight=False)
    address = f"http://{settings.http.host}:{settings.http.port}"
    console.print(f"\n  [bold]Tierline[/bold] is open: [bold link={address}]{address}[/]   ({pbx} PBX)\n")
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for column in ("login", "password", "sees"):
        table.add_column(column)
    for login in LOGINS:
        table.add_row(f"[bold]{login.login}[/]", PASSWORD, login.what)
    console.print(table)
    console.print("\n  Ctrl-C ends it.\n")


async def simulate(folder: Path, port: int, fastagi: tuple[str, int], speed: float) -> None:
    """The simulated PBX alone, until interrupted."""
    async with SimulatedSwitch(folder, ami_port=port, fastagi=fastagi, speed=speed) as switch:
        Console().print(f"AMI on 127.0.0.1:{switch.ami_port}, ledger in {switch.queue_log}")
        await live(switch, customers=callers())
