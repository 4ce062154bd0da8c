"""The command line of `tools/pbx.py`."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.pbx import REPOSITORY, Pbx, PbxError, console, install


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/pbx.py", description="A real Asterisk 22 in .pbx/.")
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
