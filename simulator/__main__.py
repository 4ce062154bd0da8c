"""The living call centre on its own: `python -m simulator --folder F --ami-port N --fastagi HOST:PORT`."""

import argparse
import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from simulator.day import live
from simulator.switch import SimulatedSwitch

CUSTOMERS: Final = (
    ("+12025550101", "Ada Lovelace"),
    ("+12025550102", "王小明"),
    ("+12025550103", "José García"),
    ("+12025550104", "Grace Hopper"),
    ("+12025550105", "Zoë Müller"),
    ("+12025550106", "李娜"),
    ("+12025550107", "Alan Turing"),
    ("+12025550108", "Amara Okafor"),
)


def address(value: str) -> tuple[str, int]:
    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdigit():
        raise argparse.ArgumentTypeError(
            f"{value!r} is no address: write it as host:port, 127.0.0.1:4573 say."
        )
    return host, int(port)


async def run(options: argparse.Namespace) -> None:
    async with SimulatedSwitch(
        options.folder,
        ami_port=options.ami_port,
        fastagi=options.fastagi,
        systemname=options.systemname,
        speed=options.speed,
        seed=options.seed,
    ) as switch:
        sys.stdout.write(f"AMI on 127.0.0.1:{switch.ami_port}, ledger in {switch.queue_log}\n")
        sys.stdout.flush()
        await live(switch, customers=CUSTOMERS, seed=options.seed)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="gets log/queue_log and monitor/*.wav")
    parser.add_argument("--ami-port", type=int, default=5038, help="0 takes any free one")
    parser.add_argument(
        "--fastagi", type=address, help="host:port of the server; without it, baseline priorities"
    )
    parser.add_argument("--systemname", default="sim")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times as fast as the wall clock")
    parser.add_argument("--seed", type=int, default=7)
    with suppress(KeyboardInterrupt):
        asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
