"""Real Asterisk 22 switches: install once (`install`), start as many as wanted side by side (`start`, or `Pbx`)."""

from __future__ import annotations

import contextlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.pbx_root import (
    REPOSITORY,
    ROOT,
    PbxError,
    PbxMissing,
    PbxNotReady,
    asterisk,
    console,
    install,
    libraries,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REPOSITORY", "Pbx", "PbxError", "PbxMissing", "PbxNotReady", "console", "free_port", "install"]

SHIPPED = REPOSITORY / "config" / "asterisk"
LONGEST_SOCKET = 100  # bytes of a path that a Unix socket can have, and some air


def free_port(kind: int = socket.SOCK_STREAM, host: str = "127.0.0.1") -> int:
    """A port below those the system gives to connections: it is still free when its server is started again.

    Whoever asks for one of theirs while nobody listens there may even be connected with himself.
    """
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)  # runs side by side have the same seed
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, kind) as probe:
            probe.bind((host, port))
            return port


class Pbx:
    """One running switch with the shipped configuration and a site overlay of its own.

    `site` adds text to overlay files (`{"queues.conf": "[support](+)\\nmaxlen=1\\n"}`), `cti_server` is the FastAGI
    address the dialplan asks. `with Pbx() as pbx:` starts and stops; without `directory` everything is temporary.
    """

    HARNESS = "harness"  # an account of the overlay that may do everything; tests only

    def __init__(
        self,
        directory: Path | None = None,
        *,
        systemname: str = "tierline",
        cti_server: str = "127.0.0.1:4573",
        site: Mapping[str, str] | None = None,
        host: str = "127.0.0.1",
        ami_port: int | None = None,
        http_port: int | None = None,
        sip_port: int | None = None,
    ) -> None:
        self._temporary = directory is None
        self.directory = (directory or Path(tempfile.mkdtemp(prefix="tierline-pbx-"))).resolve()
        self.systemname = systemname
        self.cti_server = cti_server
        self.host = host
        self.ami_port = ami_port or free_port()
        self.http_port = http_port or free_port()
        self.sip_port = sip_port or free_port(socket.SOCK_DGRAM)
        self.rtp_start = random.randrange(20000, 50000, 400)
        self._site = dict(site or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._run = self.directory / "run"
        if len(str(self._run / "asterisk.ctl")) > LONGEST_SOCKET:
            self._run = Path(tempfile.mkdtemp(prefix="tierline-run-"))

    # places -------------------------------------------------------------------------------------------------

    @property
    def etc(self) -> Path:
        return self.directory / "etc"

    @property
    def log_dir(self) -> Path:
        return self.directory / "log"

    @property
    def monitor_dir(self) -> Path:
        return self.directory / "spool" / "monitor"

    @property
    def queue_log(self) -> Path:
        return self.log_dir / "queue_log"

    @property
    def cel(self) -> Path:
        return self.log_dir / "cel-custom" / "Master.csv"

    @property
    def cdr(self) -> Path:
        return self.log_dir / "cdr-csv" / "Master.csv"

    @property
    def messages(self) -> Path:
        return self.log_dir / "messages.log"

    @property
    def events_account(self) -> tuple[str, str]:
        return "cti-events", "tierline-events"

    @property
    def actions_account(self) -> tuple[str, str]:
        return "cti-actions", "tierline-actions"

    @property
    def websocket_url(self) -> str:
        return f"ws://{self.host}:{self.http_port}/ws"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    # life ---------------------------------------------------------------------------------------------------

    def start(self, timeout: float = 30.0) -> Self:
        """Write the configuration, start, and return when calls can come in."""
        self._write()
        return self.start_again(timeout)

    def start_again(self, timeout: float = 30.0) -> Self:
        """Start with the files as they stand in the directory (after `stop` or `kill`)."""
        if self._process is not None and self._process.poll() is None:
            raise PbxError("This switch is running already.")
        command = asterisk("-C", str(self.directory / "asterisk.conf"), "-f", "-n")
        with (self.log_dir / "console").open("ab") as console:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, cwd=self.directory
            )
        (self.directory / "pid").write_text(f"{self._process.pid}\n")
        self._wait_until_ready(self._process, time.monotonic() + timeout)
        return self

    def stop(self, timeout: float = 10.0) -> None:
        """End it in order, then remove what was temporary."""
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(PbxError):
                self.cli("core stop now")
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)
            shutil.rmtree(self._run, ignore_errors=True)

    def halt(self, timeout: float = 10.0) -> None:
        """End it in order and keep its files, to be started again."""
        temporary, self._temporary = self._temporary, False
        self.stop(timeout)
        self._temporary = temporary

    def kill(self) -> None:
        """Let it die as in a power cut; its files stay."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def cli(self, command: str, timeout: float = 10.0) -> str:
        """What Asterisk's console prints for a command."""
        return console(self.directory, command, timeout)

    def site(self, file: str, text: str, *, reload: str | None = None) -> None:
        """Add text to an overlay file of the running switch; `reload` is the console command that takes it in."""
        with (self.etc / "site" / file).open("a", encoding="utf-8") as overlay:
            overlay.write("\n" + text.rstrip() + "\n")
        if reload:
            self.cli(reload)

    # how ----------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        for name in (
            "etc/site",
            "db",
            "keys",
            "cache",
            "spool/monitor",
            "log/cdr-csv",
            "log/cel-custom",
        ):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        self._run.mkdir(exist_ok=True)
        for file in SHIPPED.glob("*.conf"):
            shutil.copyfile(file, self.etc / file.name)
        for name, text in self._overlay().items():
            (self.etc / "site" / name).write_text(text, encoding="utf-8")
        (self.directory / "asterisk.conf").write_text(self._places(), encoding="utf-8")

    def _places(self) -> str:
        share = ROOT / "usr/share/asterisk"
        folders = {
            "astetcdir": self.etc,
            "astmoddir": libraries() / "asterisk/modules",
            "astvarlibdir": share,
            "astdatadir": share,
            "astagidir": share / "agi-bin",
            "astdbdir": self.directory / "db",
            "astkeydir": self.directory,
            "astcachedir": self.directory / "cache",
            "astspooldir": self.directory / "spool",
            "astrundir": self._run,
            "astlogdir": self.directory / "log",
        }
        lines = [f'#include "{self.etc}/asterisk.conf"', "[directories](+)"]
        lines += [f"{name} = {folder}" for name, folder in folders.items()]
        lines += ["[options](+)", f"systemname = {self.systemname}", ""]
        return "\n".join(lines)

    def _overlay(self) -> dict[str, str]:
        sip = f"{self.host}:{self.sip_port}"
        overlay = {
            "manager.conf": (
                f"[general](+)\nbindaddr={self.host}\nport={self.ami_port}\n\n"
                f"[{self.HARNESS}]\nsecret={self.HARNESS}\nread=all\nwrite=all\nwritetimeout=5000\n"
            ),
            "http.conf": f"[general](+)\nbindaddr={self.host}\nbindport={self.http_port}\n",
            "pjsip.conf": f"[transport-udp](+)\nbind={sip}\n",
            "rtp.conf": f"[general](+)\nrtpstart={self.rtp_start}\nrtpend={self.rtp_start + 399}\n",
            "extensions.conf": f"[globals](+)\nCTI_SERVER={self.cti_server}\n",
        }
        for name, text in self._site.items():
            overlay[name] = overlay.get(name, "") + "\n" + text.rstrip() + "\n"
        return overlay

    def _wait_until_ready(self, process: subprocess.Popen[bytes], deadline: float) -> None:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise PbxNotReady(f"Asterisk ended at once with {process.returncode}.\n{self._last_words()}")
            if (self._run / "asterisk.ctl").exists():
                with contextlib.suppress(PbxError):
                    self.cli("core waitfullybooted", timeout=max(1.0, deadline - time.monotonic()))
                    return
            time.sleep(0.05)
        self.kill()
        raise PbxNotReady(f"Asterisk was not ready in time.\n{self._last_words()}")

    def _last_words(self) -> str:
        texts = [
            path.read_text(errors="replace")
            for path in (self.log_dir / "console", self.messages)
            if path.exists()
        ]
        return "\n".join("\n".join(texts).splitlines()[-20:])


if __name__ == "__main__":
    from tools.pbx_command import main

    raise SystemExit(main())
