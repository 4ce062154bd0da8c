"""`make bench`: how fast it is, beside panoramisk in the same run; `make bench QUICK=1` for a first look, `ONLY=crowds,page` for some parts.

Exit 1 when a gate fails (ratios, and nothing lost); a goal that is missed is shown.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import mean, median
from typing import NamedTuple

from tests.benchmarks import report
from tests.benchmarks.children import CONTENDER, Child
from tests.benchmarks.conversation import conversation
from tests.benchmarks.crowd import CLIENTS, PAGES, PAINTED, STALLED, clients, pages
from tests.benchmarks.floor_page import AGENTS, CHANGES, WAITING, measured
from tests.benchmarks.report import Row, latency, share, spread
from tests.benchmarks.scenes import Run, baseline_run, broker, decisions, memory, pops, whole_run
from tests.servers import Mosquitto


class Effort(NamedTuple):
    rounds: int
    path: int  # rounds of what the gate stands on
    calls: int  # of one flood
    seconds: float  # of one latency
    live: int
    finished: int


FULL = Effort(rounds=5, path=7, calls=3000, seconds=12.0, live=10_000, finished=100_000)
QUICK = Effort(rounds=1, path=1, calls=1000, seconds=3.0, live=1000, finished=6000)


def noise(_effort: Effort, _stage: Mosquitto) -> Iterator[Row]:
    with Child("noise", CONTENDER) as child:
        late = child.ask("sleep", seconds=2.0)["late"]
    yield Row(
        "how late a sleeper of 1 ms wakes here, p50 / p99",
        latency(late),
        "below it no latency can be measured",
    )


PATH = "frame → signal → state → tallies → rows → pops at QoS 1"
WHOLE = "the same with routing, customers, recordings: all that is wired"
FULL_EVENTS = "the same with every call event on MQTT"


def floods(effort: Effort, stage: Mosquitto) -> Iterator[Row]:
    """Each round stands between two of the baseline's, so that a machine that grows slower or faster favours nobody."""
    alone = _rounds(effort, effort.path, {PATH: lambda: whole_run(stage, effort.calls, path_only=True)})
    others = _rounds(effort, effort.rounds, {
        WHOLE: lambda: whole_run(stage, effort.calls),
        FULL_EVENTS: lambda: whole_run(stage, effort.calls, call_events=True),
    })  # fmt: skip
    bare = [run for _, both in (*alone[PATH], *others[WHOLE]) for run in both]
    yield Row("panoramisk 1.4, one callback that does nothing: events a second", spread([run.a_second for run in bare], ",.0f"),
              f"{spread([run.microseconds for run in bare])} µs an event")  # fmt: skip
    for what, around in (alone | others).items():
        runs = [run for run, _ in around]
        faster = median(run.a_second / mean(bare.a_second for bare in both) for run, both in around)
        cheaper = median(mean(bare.microseconds for bare in both) / run.microseconds for run, both in around)
        lost = sum(run.lost for run in runs)
        gated = what == PATH
        yield Row(
            f"{what}: events a second",
            spread([run.a_second for run in runs], ",.0f"),
            f"{faster:.2f} × panoramisk; {spread([run.microseconds for run in runs])} µs an event, {cheaper:.2f} × cheaper; lost {lost}",
            "3 ×, 200,000" if gated else "",
            (faster >= 3 and median(run.a_second for run in runs) >= 200_000) if gated else None,
            "1 × of processor time, 0 lost" if gated else "",
            (cheaper >= 1 and lost == 0) if gated else None,
        )


def _rounds(
    effort: Effort, count: int, contenders: Mapping[str, Callable[[], Run]]
) -> dict[str, list[tuple[Run, tuple[Run, Run]]]]:
    """Each contender's runs, and with each the baseline's before and after that round."""
    seen: dict[str, list[tuple[Run, tuple[Run, Run]]]] = {what: [] for what in contenders}
    before = baseline_run(effort.calls)
    for _ in range(count):
        ran = {what: run() for what, run in contenders.items()}
        after = baseline_run(effort.calls)
        for what, run in ran.items():
            seen[what].append((run, (before, after)))
        before = after
    return seen


def latencies(effort: Effort, stage: Mosquitto) -> Iterator[Row]:
    for disturb, what in (
        ("", "nothing else going on"),
        ("scrape", "while /metrics is read twice a second"),
        ("flush", "while the database is locked for seconds and then takes all at once"),
        ("stalled", "with ten browsers that never read"),
    ):
        seen = pops(stage, effort.seconds, disturb)
        most = 0.005 if disturb else 0.002
        for where, took in (("MQTT", seen.mqtt), ("browser", seen.browser)):
            yield Row(
                f"pop to {where} at 2,000 events/s, {what}, p50 / p99",
                latency(took),
                f"{len(took)} pops, {seen.lost} lost",
                f"p99 {most * 1e3:g} ms" + ("" if disturb else ", p50 0.5 ms"),
                share(took, 0.99) <= most and (bool(disturb) or share(took, 0.5) <= 0.0005),
            )


def agi(effort: Effort, stage: Mosquitto) -> Iterator[Row]:
    rounds = min(effort.rounds, 3)
    theirs, ours = [], []
    for _ in range(rounds):
        theirs.append(decisions(effort.seconds / rounds, None))
        ours.append(decisions(effort.seconds / rounds, stage))
    known, bare = [[took for one in some for took in one.took] for some in (ours, theirs)]
    new = [took for one in ours for took in one.new]
    crowd, bare_crowd = [[took for one in some for took in one.crowded] for some in (ours, theirs)]
    beats = median(share(b.took, 0.99) / share(a.took, 0.99) for a, b in zip(ours, theirs, strict=True))
    yield Row("routing decision, 100 requests/s, caller known, p50 / p99", latency(known),
              f"panoramisk, deciding nothing: {latency(bare)}; {beats:.2f} × at p99",
              "p50 0.4, p99 1 ms", share(known, 0.99) <= 0.001 and share(known, 0.5) <= 0.0004)  # fmt: skip
    yield Row(
        "… caller looked up in the database",
        latency(new),
        f"{sum(one.untold for one in ours)} without an answer",
    )
    rate, bare_rate = median(one.a_second for one in ours), median(one.a_second for one in theirs)
    yield Row("… 32 callers at a time", f"{rate:,.0f} requests/s, {latency(crowd)}",
              f"panoramisk: {bare_rate:,.0f}, {latency(bare_crowd)}", "10,000/s", rate >= 10_000)  # fmt: skip


def sizes(effort: Effort, stage: Mosquitto) -> Iterator[Row]:
    seen = memory(stage, effort.live, effort.finished)
    yield Row("memory of a live call", f"{seen.a_call / 1000:.1f} kB", f"of {effort.live:,} live calls, their callers and pops",
              "3 kB", seen.a_call <= 3000, "8 kB", seen.a_call <= 8000)  # fmt: skip
    growth = seen.late / seen.early
    yield Row(f"memory after {seen.finished:,} finished calls", f"{seen.late / 1e6:.0f} MB",
              f"{seen.early / 1e6:.0f} MB after the first tenth", "± 5 %", growth <= 1.05)  # fmt: skip


def growth(effort: Effort, stage: Mosquitto) -> Iterator[Row]:
    calls = max(effort.calls, effort.live * 3 // 2)
    ratios = []
    for _ in range(min(effort.rounds, 2)):
        few = whole_run(stage, effort.calls, path_only=True, live=1)
        many = whole_run(stage, calls, path_only=True, live=effort.live)
        ratios.append(many.microseconds / few.microseconds)
    yield Row(f"cost of an event with {effort.live:,} live calls", f"{median(ratios):.2f} ×", "that with one live call",
              "1.15 ×", median(ratios) <= 1.15, "1.5 ×", median(ratios) <= 1.5)  # fmt: skip


def page(effort: Effort, _stage: Mosquitto) -> Iterator[Row]:
    seen = measured(effort.seconds / 2)
    rate, empty = (1000 * len(frames) / sum(frames) for frames in (seen.frames, seen.empty))
    yield Row(
        f"floor page, {AGENTS} agents, {WAITING} waiting, {CHANGES} changes a second: frames a second",
        f"{rate:.0f}",
        f"an empty page {empty:.0f}; main thread busy {seen.busy:.0%}",
        "60, as the empty page",
        rate >= 0.95 * min(60.0, empty),
    )
    yield Row(
        "… bytes a second to each page",
        f"{seen.change_bytes:,.0f}",
        f"the whole four times a second: {seen.whole_bytes:,.0f}",
        "a tenth",
        seen.change_bytes <= seen.whole_bytes / 10,
    )


def crowds(effort: Effort, stage: Mosquitto) -> Iterator[Row]:
    # Six times as long: a desk just opened draws its first cards slowly, and it has hundreds a day.
    seen = pages(stage, effort.seconds * 6)
    yield Row(
        f"pop painted by a real page, {PAGES} agents' pages open, p50 / p99",
        latency(seen.took),
        f"{len(seen.took)} pops on {PAINTED} pages in Chromium, {seen.lost} lost",
        "p99 100 ms",
        share(seen.took, 0.99) <= 0.1,
    )
    seen = clients(stage, effort.seconds)
    yield Row(
        f"pop written to its page's socket, {CLIENTS:,} clients, {STALLED} of them stalled, p50 / p99",
        latency(seen.took),
        f"{len(seen.took)} pops, {seen.lost} lost; a sleeper of 1 ms on that core wakes {latency(seen.late)} late",
        "p99 5 ms",
        share(seen.took, 0.99) <= 0.005,
        "0 lost",
        seen.lost == 0,
    )


def hearing(effort: Effort, _stage: Mosquitto) -> Iterator[Row]:
    """A conversation of an hour, told from both sides: speech-like noise in turns, on a line with noise of its own."""
    for form in ("WAV", "FLAC"):
        with tempfile.TemporaryDirectory() as folder, Child("listener", CONTENDER) as child:
            file = Path(folder) / f"hour.{form.lower()}"
            file.write_bytes(conversation(3600.0, form))
            seen = [child.ask("listen", file=str(file)) for _ in range(min(effort.rounds, 3) + 1)][1:]
        took = median(one["took"] for one in seen)
        yield Row(
            f"one hour of 8 kHz stereo heard, as {form}, on one core",
            f"{took:.2f} s",
            f"{3600 / took:,.0f} hours an hour; {max(one['memory'] for one in seen) / 1e6:.0f} MB in all",
            "2 s",
            took < 2.0,
        )


def profile(effort: Effort, stage: Mosquitto) -> list[tuple[str, float]]:
    """Each place of the whole server, and its microseconds an event."""
    run = whole_run(stage, effort.calls, sample=True, call_events=True)
    return [(place, part * run.microseconds) for place, part in run.shares.items()]


PARTS = {
    part.__name__: part for part in (noise, floods, latencies, agi, growth, sizes, page, crowds, hearing)
}


def main() -> int:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    effort = QUICK if quick else FULL
    rows: list[Row] = []
    only = [name for name in os.environ.get("ONLY", "").split(",") if name]
    if strange := set(only) - set(PARTS):
        print(f"no part {', '.join(sorted(strange))}: there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    with broker() as stage:
        for part in (PARTS[name](effort, stage) for name in only or PARTS):
            for row in part:
                print(f"  {row.what}: {row.figure}  {row.beside}", file=sys.stderr, flush=True)
                rows.append(row)
        shares = None if only else profile(effort, stage)
    report.show(rows)
    if shares is None:
        report.write_some(rows)
    else:
        report.write(rows, shares, quick)
    return 1 if any(row.holds is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
