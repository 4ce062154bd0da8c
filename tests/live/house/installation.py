"""One installation as a site runs it: broker, database, switch and the server, each a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, Self

import httpx

from tests.servers import HOST, REPOSITORY, Mosquitto, Server
from tools.pbx import Pbx, free_port

PBX = "pbx1"  # our name for the switch
PAGES = REPOSITORY / "web" / "dist" / "index.html"
AGENTS = ("101", "102", "103", "104", "105", "106")


class NotAsExpected(Exception):
    """The installation does not behave; the sentence carries what its log said last."""


class Person(NamedTuple):
    """Somebody who may sign in; `agent` for people who take calls, `sip` for those with a browser phone."""

    login: str
    role: str
    agent: str | None = None
    sip: bool = False

    @property
    def password(self) -> str:
        return f"password of {self.login}"


def agent(number: str, *, sip: bool = False) -> Person:
    return Person(f"agent-{number}", "agent", number, sip)


SUPERVISOR = Person("supervisor", "supervisor")
REVIEWER = Person("reviewer", "reviewer")
OPERATOR = Person("operator", "operator")


NOT_REACHABLE = "not reachable"


class CtiServer(Server):
    """`python -m config serve`, with nothing but its environment."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        super().__init__()
        self.log = folder / "server.log"
        self.fastagi_port = free_port()
        self.settings = {
            **settings,
            "CTI_HTTP__PORT": str(self.port),
            "CTI_FASTAGI__PORT": str(self.fastagi_port),
        }

    def command(self) -> list[str]:
        return [sys.executable, "-m", "config", "serve"]

    def environment(self) -> Mapping[str, str]:
        inherited = {name: "" for name in os.environ if name.startswith("CTI_")}
        return {**inherited, "PYTHONPATH": str(REPOSITORY), **self.settings}

    def start_again(self, timeout: float = 60.0) -> Self:
        return super().start_again(timeout)

    def why_not(self) -> None:
        reasons = self.not_ready()
        if self.running:
            os.kill(self.pid, signal.SIGUSR1)
            time.sleep(0.5)
        with self.log.open("a") as log:
            log.write(f"not ready: {reasons}\n")

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def not_ready(self) -> list[str]:
        """The reasons of `/health/ready`; none when it is."""
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5):
                return []
        except urllib.error.HTTPError as answer:
            with answer:
                return list(json.load(answer)["reasons"])
        except OSError as problem:
            return [f"{NOT_REACHABLE}: {problem}"]

    def is_ready(self) -> bool:
        return not self.not_ready()

    def alive(self) -> bool:
        """It answers, ready or not."""
        return not any(reason.startswith(NOT_REACHABLE) for reason in self.not_ready())

    def cti(self, *words: str, said: str = "") -> str:
        """Run a command of the command line on the same settings; `said` is typed into it."""
        result = subprocess.run(
            [sys.executable, "-m", "config", *words],
            input=said,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.directory,
            env={**os.environ, **self.environment()},
        )
        if result.returncode:
            raise NotAsExpected(f"`cti {' '.join(words)}` ended with {result.returncode}: {result.stderr}")
        return result.stdout

    def complaints(self) -> list[str]:
        """Lines of the log that say something went wrong inside."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return [line for line in lines if " ERROR " in line or " CRITICAL " in line or "Traceback" in line]


class House:
    """Everything together. `folder` keeps the logs; `site` is the switch's overlay, as `Pbx` takes it."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        people: Sequence[Person],
        *,
        customers: str = "",
        site: Mapping[str, str] | None = None,
        settings: Mapping[str, str] | None = None,
        ledger: bool = False,
    ) -> None:
        """`ledger`: the server reads the switch's queue_log."""
        if not PAGES.is_file():
            raise NotAsExpected("The browser pages are not built: run `make web`.")
        self._stack = ExitStack()
        self._people, self._customers = people, customers
        self.folder = folder
        self.broker = Mosquitto()
        self.pbx = Pbx(site=site)
        self.server = CtiServer(
            folder,
            {
                "CTI_DEMO": "true",  # takes the shipped AMI secrets
                "CTI_AMI__HOST": self.pbx.host,
                "CTI_AMI__PORT": str(self.pbx.ami_port),
                "CTI_AMI__PBX": PBX,
                "CTI_DATABASE__URL": database_url,
                "CTI_MQTT__URL": f"mqtt://cti:{Mosquitto.ACCOUNTS['cti']}@{HOST}:{self.broker.port}",
                "CTI_RECORDINGS__INCOMING": str(self.pbx.monitor_dir),
                "CTI_RECORDINGS__STORE": str(folder / "recordings"),
                "CTI_PHONE__WEBSOCKET_URL": self.pbx.websocket_url,
                "CTI_PHONE__SIP_DOMAIN": HOST,
                "CTI_AFTER_CALL_WORK_SECONDS": "1",
                **({"CTI_LEDGER__FILE": str(self.pbx.queue_log)} if ledger else {}),
                **(settings or {}),
            },
        )
        self.pbx.cti_server = f"{HOST}:{self.server.fastagi_port}"

    def __enter__(self) -> Self:
        try:
            with ThreadPoolExecutor(2) as pool:
                started = [pool.submit(self._start_around), pool.submit(self._furnish)]
                for one in started:
                    one.result()
            self._stack.callback(self.server.stop)
            self.server.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start_around(self) -> None:
        self._stack.callback(self.broker.stop)
        self.broker.start()
        self._stack.callback(self.pbx.stop)
        self._stack.callback(self._keep_ledgers)
        self.pbx.start()

    def _keep_ledgers(self) -> None:
        """For whoever wants to know why a test failed."""
        shutil.copytree(self.pbx.log_dir, self.folder / "switch", dirs_exist_ok=True)

    def _furnish(self) -> None:
        """Customers first: that makes the tables."""
        file = self.folder / "customers.csv"
        file.write_text(self._customers or "name,tier,numbers\n", encoding="utf-8")
        self.imported = self.server.cti("customers", "import", str(file))
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._add, self._people))

    def _add(self, person: Person) -> None:
        words = ["user", "add", person.login, "--role", person.role, "--language", "en"]
        said = [person.password]
        if person.agent:
            words += ["--agent", person.agent]
        if person.sip:
            words += ["--sip-user", str(person.agent)]
            said.append(f"tierline-{person.agent}")  # as shipped in pjsip.conf
        self.server.cti(*words, said="\n".join(said) + "\n")

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self.server.stop()

    def client(self, person: Person | None = None) -> httpx.Client:
        """An HTTP client, signed in."""
        client = httpx.Client(base_url=f"{self.server.url}/api/v1", timeout=30)
        if person is not None:
            answer = client.post("/session", json={"login": person.login, "password": person.password})
            assert answer.status_code == 200, answer.text
        return client

    def wait_until_ready(self, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while reasons := self.server.not_ready():
            if time.monotonic() > deadline:
                raise NotAsExpected(f"Not ready after {seconds:g} s: {'; '.join(reasons)}")
            time.sleep(0.1)


def get(client: httpx.Client, path: str, **params: Any) -> Any:
    answer = client.get(path, params=params)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
    return answer.json()


def everything(client: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    while True:
        page = get(client, path, limit=25, offset=len(items), **params)
        items += page["items"]
        if len(items) >= page["total"] or not page["items"]:
            assert len(items) == page["total"]
            return items
