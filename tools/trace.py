"""Records golden traces from the real switch into tests/traces: exact AMI bytes beside Asterisk's own ledgers."""

from __future__ import annotations

import argparse
import asyncio
import io
import itertools
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.ledger_truth import truth
from tools.pbx import REPOSITORY, Pbx, PbxError
from tools.scenes import SCENES, SITE, Scene
from tools.sip.ami import AmiLine
from tools.sip.play import Stage

TRACES = REPOSITORY / "tests" / "traces"
QUIET = 1.5  # seconds of silence after the last call


async def record(scene: Scene, pbx: Pbx, folder: Path) -> None:
    """Play one scene and keep what the switch told and wrote meanwhile."""
    noise = "RTCPSent,RTCPReceived,TestEvent" if scene.varset else ""
    if scene.varset:
        pbx.site("manager.conf", f"[general](+)\ndisabledevents={noise}\n", reload="manager reload")
    marks = {path: _size(path) for path in (pbx.queue_log, pbx.cel, pbx.cdr)}
    raw = io.BytesIO()
    tap = await AmiLine(raw).open(pbx.host, pbx.ami_port, Pbx.HARNESS, Pbx.HARNESS)
    started = time.time()
    async with Stage(pbx) as stage:
        for name, answers_after in scene.agents.items():
            await stage.agent(name, answers_after=answers_after)
        await scene.act(stage)
        await asyncio.sleep(QUIET)
        if not (live := pbx.cli("core show channels count")).startswith("0 active channels"):
            raise PbxError(f"Scene {folder.name} leaves calls behind: {live.strip()}")
        for phone in stage.agents.values():
            await phone.log_off()
    await asyncio.sleep(0.5)
    await tap.close()
    log, cel, cdr = (path.read_bytes()[mark:] if path.exists() else b"" for path, mark in marks.items())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ami.raw").write_bytes(raw.getvalue())
    (folder / "queue_log").write_bytes(log)
    (folder / "cel.csv").write_bytes(cel)
    (folder / "cdr.csv").write_bytes(cdr)
    _write(folder / "truth.json", truth(log.decode()))
    version = pbx.cli("core show version").split()[1]
    _write(
        folder / "meta.json",
        {
            "scenario": folder.name,
            "what": scene.what,
            "started": started,
            "ended": time.time(),
            "agents": scene.agents,
            "varset": scene.varset,
            "sequence": _sequence([int(e["SequenceNumber"]) for e in tap.events if "SequenceNumber" in e]),
            "ami_events": dict(Counter(event["Event"] for event in tap.events)),
            "asterisk": version.partition("+")[0],
        },
    )
    if scene.varset:
        shipped = _disabled(pbx)
        pbx.site("manager.conf", f"[general](+)\ndisabledevents={shipped}\n", reload="manager reload")


def _disabled(pbx: Pbx) -> str:
    lines = (pbx.etc / "manager.conf").read_text(encoding="utf-8").splitlines()
    return next(line.partition("=")[2].strip() for line in lines if line.startswith("disabledevents"))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sequence(numbers: list[int]) -> dict[str, int]:
    """How complete the numbering is: nothing missing means the session missed nothing."""
    inversions = sum(1 for earlier, later in itertools.pairwise(numbers) if later < earlier)
    low, high = min(numbers), max(numbers)
    missing = high - low + 1 - len(set(numbers))
    return {"n": len(numbers), "min": low, "max": high, "missing": missing, "inversions": inversions}


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


async def record_all(names: list[str], target: Path) -> None:
    with Pbx(site=SITE) as pbx:
        for name in names:
            scene = SCENES[name]
            folder = target / (f"{name}_varset" if scene.varset else name)
            await record(scene, pbx, folder)
            print(f"{folder.name}: {(folder / 'ami.raw').stat().st_size} bytes, {scene.what}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/trace.py", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which (all of them): {' '.join(SCENES)}")
    parser.add_argument("--target", type=Path, default=TRACES)
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in SCENES]:
        print(f"There is no scene {unknown[0]}; there are: {' '.join(SCENES)}", file=sys.stderr)
        return 2
    try:
        asyncio.run(record_all(options.names or list(SCENES), options.target))
    except PbxError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
