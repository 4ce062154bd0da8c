"""The Asterisk 22 of this repository: how it comes into `.pbx/root`, and the command that runs it from there."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
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


def asterisk(*arguments: str) -> list[str]:
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
    own = libraries()
    path = ":".join(str(folder) for folder in (own, own / "asterisk", ROOT / "usr/lib"))
    return [str(ROOT / loader), "--library-path", path, str(ROOT / "usr/sbin/asterisk"), *arguments]


def libraries() -> Path:
    return ROOT / "usr/lib" / f"{platform.machine()}-linux-gnu"


def console(directory: Path, command: str, timeout: float = 10.0) -> str:
    """What the switch running in `directory` prints for a console command."""
    try:
        result = subprocess.run(
            asterisk("-C", str(directory / "asterisk.conf"), "-n", "-rx", command),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PbxError(f"Asterisk's console did not answer `{command}` in {timeout:g} s.") from error
    if b"Unable to connect to remote asterisk" in result.stdout + result.stderr:
        raise PbxError(f"No switch runs in {directory}.")
    if result.returncode:
        said = (result.stdout + result.stderr).decode(errors="replace").strip()
        raise PbxError(f"Asterisk's console refused `{command}`: {said}")
    return result.stdout.decode(errors="replace")
