"""One run: a scene is set, callers come, the fault strikes, callers come still, all goes quiet, the checker speaks."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.faults.faults import Fault
from tests.faults.findings import Finding
from tests.servers import REPOSITORY

KEPT = REPOSITORY / ".run" / "faults"


class Played(NamedTuple):
    findings: list[Finding]
    notes: list[str]
    calls: int
    kept: Path | None  # what a failed run left, for whoever wants to know why


def a_seed() -> str:
    """`SEED` of the environment, else a new one."""
    return os.environ.get("SEED") or secrets.token_hex(4)


async def play(fault: Fault, seed: str) -> Played:
    """Raises nothing that the fault did: what broke is a finding."""
    folder = Path(tempfile.mkdtemp(prefix="tierline-fault-"))
    notes: list[str] = []
    findings: list[Finding] = []
    calls = 0
    try:
        async with fault.scene(folder, random.Random(seed).getrandbits(31), **fault.options) as scene:
            notes = scene.notes
            await scene.begin()
            await scene.pause(2.0, 5.0)
            await fault.strike(scene)
            await scene.pause(1.0, 3.0)
            calls = await scene.end()
            findings = await scene.verdict()
    except Exception as problem:  # the table goes on
        findings.append(
            Finding("unresolved", f"the run broke: {type(problem).__name__}: {str(problem)[-600:]}")
        )
    kept = keep(folder, f"{fault.name} {fault.scene.where} {seed}", findings) if findings else None
    shutil.rmtree(folder, ignore_errors=True)
    return Played(findings, notes, calls, kept)


def keep(folder: Path, run: str, findings: list[Finding]) -> Path:
    """What a run leaves for whoever wants to know why it failed."""
    place = KEPT / "".join(letter if letter.isalnum() else "-" for letter in run)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for file in ("server.log", "standby", "case", "tierline.db", "journal"):
        if (folder / file).is_dir():
            shutil.copytree(folder / file, place / file)
        elif (folder / file).exists():
            shutil.copy2(folder / file, place / file)
    (place / "findings.txt").write_text("".join(f"{finding}\n" for finding in findings), encoding="utf-8")
    return place
