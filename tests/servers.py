"""Real servers on free loopback ports, in folders of their own, with the very files under `config/`."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.shapes import shape
from tools.pbx import free_port

REPOSITORY = Path(__file__).resolve().parent.parent
CONFIG = REPOSITORY / "config"
HOST = "127.0.0.1"


class ServerMissing(Exception):
    """A program is not installed; the sentence names the command that installs it."""


class ServerNotReady(Exception):
    """It was started and did not come up; the sentence carries the end of its log."""


def program(name: str, *, also_in: Sequence[Path] = ()) -> str:
    """Where a program is. Debian keeps some where only root looks."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin", *map(str, also_in)])
    found = shutil.which(name, path=path)
    if found is None:
        raise ServerMissing(f"`{name}` is not installed: run `make servers`.")
    return found


class Server:
    """One running program: `with Mosquitto() as broker:`; `kill` and `start_again` play faults."""

    account: str | None = None  # whom it runs as when the tests run as root

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix=f"tierline-{type(self).__name__.lower()}-"))
        self.directory.chmod(0o755)
        self.port = free_port()
        self.log = self.directory / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._user = self.account if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self.directory, self._user)

    def prepare(self) -> None:
        """Write what it reads."""

    def command(self) -> list[str]:
        raise AssertionError("each server has its own")

    def environment(self) -> Mapping[str, str]:
        return {}

    def is_ready(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
            return True
        return False

    def start(self) -> Self:
        self.prepare()
        return self.start_again()

    def why_not(self) -> None:
        """Have it say, in its log, why it does not serve."""

    def start_again(self, timeout: float = 30.0) -> Self:
        """Start with the files as they stand, and return when it serves."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.directory,
                env={**os.environ, **self.environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
            )
        deadline = time.monotonic() + timeout
        while self._process.poll() is None and time.monotonic() < deadline:
            if self.is_ready():
                return self
            time.sleep(0.05)
        self.why_not()
        self.kill()
        words = "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
        raise ServerNotReady(f"{type(self).__name__} did not come up.\n{words}")

    def run(self, *command: str) -> str:
        """What a program prints that is run beside the server, as the same user."""
        result = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.directory,
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user else None,
        )
        if result.returncode:
            raise ServerNotReady(f"`{' '.join(command)}` failed: {result.stderr.strip()[-2000:]}")
        return result.stdout

    def halt(self, how: signal.Signals = signal.SIGTERM, timeout: float = 15.0) -> None:
        """End it in order and keep its files, to be started again."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def kill(self) -> None:
        """Let it die as in a power cut; its files stay."""
        self.halt(signal.SIGKILL)

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()


class Mosquitto(Server):
    """The broker with `config/mosquitto`; only the port and the folder differ."""

    account = "mosquitto"
    ACCOUNTS: Mapping[str, str] = {
        "cti": "tierline-mqtt",
        "wallboard": "wallboard-secret",
        **{str(agent): f"agent-{agent}" for agent in range(101, 107)},
    }

    def prepare(self) -> None:
        config, data = self.directory / "config", self.directory / "data"
        shutil.copytree(CONFIG / "mosquitto", config)
        data.mkdir()
        if self._user:
            shutil.chown(data, self._user)
        file = config / "mosquitto.conf"
        text, listeners = re.subn(r"(?m)^listener 1883 ", f"listener {self.port} ", file.read_text())
        assert listeners == 1, "config/mosquitto/mosquitto.conf has one listener"
        file.write_text(text.replace(" /mosquitto/", f" {self.directory}/"))

    def command(self) -> list[str]:
        program("mosquitto")
        program("mosquitto_passwd")
        return [str(self.directory / "config/start"), str(self.directory / "config/mosquitto.conf")]

    def environment(self) -> Mapping[str, str]:
        accounts = " ".join(f"{name}:{password}" for name, password in self.ACCOUNTS.items())
        return {"MQTT_ACCOUNTS": accounts, "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"}

    @property
    def url(self) -> str:
        return f"mqtt://{HOST}:{self.port}"


class Postgres(Server):
    """PostgreSQL without durability: fast, and gone afterwards."""

    account = "postgres"

    def __init__(self) -> None:
        super().__init__()
        self._databases = 0
        self._shaped: str | None = None

    @staticmethod
    def _program(name: str) -> str:
        versions = sorted(
            Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name)
        )
        return program(name, also_in=versions[-1:])

    def prepare(self) -> None:
        self.run(
            *(self._program("initdb"), "--username=tierline", "--auth=trust", "--no-sync"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "-D", str(self.directory / "data")),
        )

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "200",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._program("postgres"), "-D", str(self.directory / "data"), "-p", str(self.port), *options]

    def is_ready(self) -> bool:
        command = [self._program("pg_isready"), "-q", "-h", HOST, "-p", str(self.port), "-U", "tierline"]
        return subprocess.run([*command, "-d", "postgres"], check=False).returncode == 0

    def halt(self, how: signal.Signals = signal.SIGINT, timeout: float = 15.0) -> None:
        super().halt(how, timeout)  # SIGINT: without waiting for clients

    def new_database(self, template: str | None = None) -> str:
        """The URL of an empty database of its own, or of a copy."""
        self._databases += 1
        name = f"tierline_{self._databases}"
        of = ["-T", template] if template else []
        self.run(self._program("createdb"), "-h", HOST, "-p", str(self.port), "-U", "tierline", *of, name)
        return f"postgresql+asyncpg://tierline@{HOST}:{self.port}/{name}"

    def shaped_database(self) -> str:
        """The same with today's tables, none of which has a row."""
        if self._shaped is None:
            url = self.new_database()
            shape(url)
            self._shaped = url.rpartition("/")[2]
        return self.new_database(self._shaped)


class Prometheus(Server):
    """Prometheus with `config/prometheus`, scraping `target` (host:port) each second in place of the shipped one."""

    def __init__(self, target: str, shipped_target: str = "127.0.0.1:8080") -> None:
        super().__init__()
        self._target, self._shipped_target = target, shipped_target

    def prepare(self) -> None:
        config = self.directory / "config"
        shutil.copytree(CONFIG / "prometheus", config)
        file = config / "prometheus.yml"
        text = file.read_text()
        assert self._shipped_target in text, (
            f"config/prometheus/prometheus.yml scrapes {self._shipped_target}"
        )
        text = text.replace(self._shipped_target, self._target)
        file.write_text(re.sub(r"(scrape|evaluation)_interval: *\S+", r"\1_interval: 1s", text))

    def command(self) -> list[str]:
        return [
            program("prometheus"),
            f"--config.file={self.directory}/config/prometheus.yml",
            f"--storage.tsdb.path={self.directory}/data",
            f"--web.listen-address={HOST}:{self.port}",
        ]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def is_ready(self) -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/-/ready", timeout=1) as answer:
            return bool(answer.status == 200)
        return False
