"""A real Asterisk 22 in a folder of this repository: install it once, start as many switches as wanted side by side."""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REPOSITORY = Path(__file__).resolve().parent.parent
SHIPPED = REPOSITORY / "config" / "asterisk"
ROOT = REPOSITORY / ".pbx" / "root"
RELEASE = "forky"  # the Debian release that carries Asterisk 22; Debian 12 has none
PACKAGES = ("asterisk", "asterisk-core-sounds-en-wav", "asterisk-moh-opsound-gsm")
STAMP = "tierline-packages"  # written last: a half-unpacked root has none

#   PbxError
#   ├── PbxMissing        `make pbx` has not been run, or a tool it needs is not there
#   └── PbxNotReady       Asterisk started, but did not become ready


class PbxError(Exception):
    """The switch cannot be used as asked."""


class PbxMissing(PbxError):
    """Something must be installed first; the sentence names the command."""


class PbxNotReady(PbxError):
    """Asterisk did not come up; the sentence carries the end of its log."""


def install(*, force: bool = False) -> Path:
    """Unpack Asterisk into `.pbx/root`, unless it stands there already; an interrupted run starts over."""
    if not force and _installed():
        return ROOT
    _require("mmdebstrap", "apt-get install mmdebstrap")
    _require("sipp", "apt-get install sip-tester")
    part = ROOT.with_name("root.part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    command = [
        "mmdebstrap",
        '--aptopt=Acquire::Check-Valid-Until "false"',  # a mirror's release file may be stale
        "--variant=extract",
        f"--include={','.join(PACKAGES)}",
        RELEASE,
        str(part),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        shutil.rmtree(part, ignore_errors=True)
        ending = "\n".join(result.stderr.strip().splitlines()[-8:])
        raise PbxMissing(f"Asterisk could not be unpacked by mmdebstrap; run `make pbx` again.\n{ending}")
    _language_folder(part)
    (part / STAMP).write_text("\n".join(PACKAGES) + "\n")
    shutil.rmtree(ROOT, ignore_errors=True)
    part.rename(ROOT)
    return ROOT


def _installed() -> bool:
    stamp = ROOT / STAMP
    return stamp.is_file() and stamp.read_text().split() == list(PACKAGES)


def _require(program: str, command: str) -> None:
    if shutil.which(program) is None:
        raise PbxMissing(f"`{program}` is not installed: run `{command}` (as root), then `make pbx` again.")


def _language_folder(root: Path) -> None:
    """Debian links `sounds/en` when the package is configured, which unpacking does not do."""
    sounds = root / "usr/share/asterisk/sounds"
    voices = sorted(path.name for path in sounds.glob("en_*") if path.is_dir())
    if voices and not (sounds / "en").exists():
        (sounds / "en").symlink_to(voices[0])


def _asterisk(*arguments: str) -> list[str]:
    """The command that runs the unpacked Asterisk with its own loader and libraries."""
    if not _installed():
        raise PbxMissing("Asterisk is not installed in .pbx/: run `make pbx`.")
    machine = platform.machine()
    loader = {
        "x86_64": "usr/lib64/ld-linux-x86-64.so.2",
        "aarch64": "usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1",
    }.get(machine)
    if loader is None:
        raise PbxMissing(f"There is no Asterisk for {machine} here: use x86_64 or aarch64.")
    libraries = _libraries()
    path = ":".join(str(folder) for folder in (libraries, libraries / "asterisk", ROOT / "usr/lib"))
    return [str(ROOT / loader), "--library-path", path, str(ROOT / "usr/sbin/asterisk"), *arguments]


def _libraries() -> Path:
    return ROOT / "usr/lib" / f"{platform.machine()}-linux-gnu"


def free_port(kind: int = socket.SOCK_STREAM, host: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


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
        command = _asterisk("-C", str(self.directory / "asterisk.conf"), "-f", "-n")
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
            "run",
            "log/cdr-csv",
            "log/cel-custom",
        ):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        for file in SHIPPED.glob("*.conf"):
            shutil.copyfile(file, self.etc / file.name)
        for name, text in self._overlay().items():
            (self.etc / "site" / name).write_text(text, encoding="utf-8")
        (self.directory / "asterisk.conf").write_text(self._places(), encoding="utf-8")

    def _places(self) -> str:
        share = ROOT / "usr/share/asterisk"
        folders = {
            "astetcdir": self.etc,
            "astmoddir": _libraries() / "asterisk/modules",
            "astvarlibdir": share,
            "astdatadir": share,
            "astagidir": share / "agi-bin",
            "astdbdir": self.directory / "db",
            "astkeydir": self.directory,
            "astcachedir": self.directory / "cache",
            "astspooldir": self.directory / "spool",
            "astrundir": self.directory / "run",
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
            if (self.directory / "run/asterisk.ctl").exists():
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


def console(directory: Path, command: str, timeout: float = 10.0) -> str:
    """What the switch running in `directory` prints for a console command."""
    try:
        result = subprocess.run(
            _asterisk("-C", str(directory / "asterisk.conf"), "-n", "-rx", command),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PbxError(f"Asterisk's console did not answer `{command}` in {timeout:g} s.") from error
    if result.returncode:
        said = (result.stdout + result.stderr).decode(errors="replace").strip()
        raise PbxError(f"Asterisk's console refused `{command}`: {said}")
    return result.stdout.decode(errors="replace")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/pbx.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    installing = commands.add_parser("install", help="unpack Asterisk 22 into .pbx/root")
    installing.add_argument("--force", action="store_true", help="unpack again even if it stands there")
    starting = commands.add_parser("start", help="start a switch and stay until it ends or Ctrl-C")
    starting.add_argument("--dir", type=Path, default=REPOSITORY / ".pbx/run")
    starting.add_argument(
        "--cti-server", default="127.0.0.1:4573", help="where the dialplan asks for the priority"
    )
    starting.add_argument("--host", default="127.0.0.1")
    starting.add_argument("--ami-port", type=int, default=5038)
    starting.add_argument("--http-port", type=int, default=8088)
    starting.add_argument("--sip-port", type=int, default=5060)
    starting.add_argument("--systemname", default="tierline")
    for name, words in (("stop", "end a switch"), ("cli", "run a console command")):
        command = commands.add_parser(name, help=words)
        command.add_argument("--dir", type=Path, default=REPOSITORY / ".pbx/run")
        if name == "cli":
            command.add_argument("words", nargs="+")
    return parser.parse_args(arguments)


def _start(options: argparse.Namespace) -> int:
    pbx = Pbx(
        options.dir,
        systemname=options.systemname,
        cti_server=options.cti_server,
        host=options.host,
        ami_port=options.ami_port,
        http_port=options.http_port,
        sip_port=options.sip_port,
    )
    with pbx:
        print(
            f"Asterisk is ready: AMI {pbx.host}:{pbx.ami_port}, SIP {pbx.host}:{pbx.sip_port}, {pbx.websocket_url}"
        )
        sys.stdout.flush()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        with contextlib.suppress(KeyboardInterrupt):
            os.waitpid(pbx.pid or 0, 0)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    try:
        if options.command == "install":
            print(f"Asterisk 22 stands in {install(force=options.force)}")
        elif options.command == "start":
            return _start(options)
        elif options.command == "stop":
            console(options.dir, "core stop now")
        else:
            print(console(options.dir, " ".join(options.words)), end="")
    except PbxError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
