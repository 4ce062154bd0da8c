"""`make faults`: every fault of the table, its runs, then the measurements; tables go into docs/reliability.md.

`SEED=` repeats a run, `RUNS=` scales how often each fault is played, `ONLY=` plays those whose name contains it, and writes
their rows alone (`ONLY=measurements`: none of them, but the measurements).
Exit 1 when a run left a finding.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator

from tests.faults import report
from tests.faults.endurance import measure
from tests.faults.faults import FAULTS, Fault
from tests.faults.fuzzing import FRAMES, FUZZED, frames_row
from tests.faults.playing import a_seed, play
from tests.faults.report import Figure, Row

SHOWN = 8  # findings of a run on the terminal


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def table(seed: str, scale: float, only: str) -> Iterator[Row]:
    for number, fault in enumerate(FAULTS):
        if only in f"{fault.name}, {fault.scene.where}":
            yield _runs(fault, f"{seed}-{number}", max(1, round(fault.runs * scale)))
    if only in ", ".join(FUZZED):
        yield frames_row(round(FRAMES * min(scale, 1.0)), seed)


def _runs(fault: Fault, seed: str, runs: int) -> Row:
    passed, calls, slowest = 0, 0, 0.0
    trouble: list[str] = []
    for run in range(runs):
        begin = time.monotonic()
        played = asyncio.run(play(fault, f"{seed}-{run}"))
        spent = time.monotonic() - begin
        passed += not played.findings
        calls += played.calls
        slowest = max(slowest, spent)
        _say(
            f"  {fault.name} ({fault.scene.where}), run {run + 1} of {runs}, seed {seed}-{run}: "
            f"{'passed' if not played.findings else f'{len(played.findings)} findings'} in {spent:.0f} s; {played.calls} calls; "
            f"{'; '.join(played.notes)}"
        )
        for finding in played.findings[:SHOWN]:
            _say(f"      {finding}")
        if played.findings:
            trouble.append(
                f"run {run}: {len(played.findings)} findings, first “{str(played.findings[0])[:160]}”"
            )
            _say(f"      kept in {played.kept}")
    return Row(
        fault.name,
        fault.scene.where,
        runs,
        passed,
        "; ".join([f"{calls} calls", *trouble]).replace("|", "/"),
        seed,
    )


def main() -> int:
    seed, scale, only = a_seed(), float(os.environ.get("RUNS", "1")), os.environ.get("ONLY", "")
    _say(f"SEED={seed}")
    order = [*((fault.name, fault.scene.where) for fault in FAULTS), FUZZED]
    ok = True
    for row in table(seed, scale, only):  # written one by one: it takes hours, and somebody may stop it
        report.write("faults", report.faults(report.merged(report.known(), [row], order)))
        ok = ok and row.passed == row.runs
    if only not in "measurements":
        return 0 if ok else 1
    figures: list[Figure] = []
    for figure in measure(scale):
        _say(f"  {figure.what}: {figure.figure} ({figure.goal})")
        figures.append(figure)
        report.write("measurements", report.figures(figures))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
