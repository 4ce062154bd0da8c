"""Compares what the product says with what the switch left behind: `python -m tests.faults.checker FOLDER`.

FOLDER holds one folder a switch, named as the product names it (`pbx1/queue_log`, `cel.csv`, `cdr.csv`, `ami.raw`), beside
`export.jsonl` (`cti export`), `mqtt.jsonl` (`{"at","topic","payload"}` a line) and, where something is to be overlooked,
`expect.json`: `{"since": SECONDS, "gaps": [KIND …], "drift": [KIND …], "clock_moved": [SECONDS …]}`.

It prints a finding a line and ends with 1 when there is any. Nothing here comes from the product: the standard library alone.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.faults.changes import changes_against
from tests.faults.evidence import Switch, Visit, read
from tests.faults.findings import Expected, Finding
from tests.faults.told import Call, Export, read_changes, read_export

SECOND = 1.01  # the ledger counts whole ones
JOIN = 1.11
RESTART = 60.0  # seconds within which a killed switch is back


def check(folder: Path) -> list[Finding]:
    """All findings, lost ones first."""
    expected = (
        Expected(**json.loads((folder / "expect.json").read_text()))
        if (folder / "expect.json").exists()
        else Expected()
    )
    export = read_export(folder / "export.jsonl")
    changes, unnumbered = read_changes(folder / "mqtt.jsonl")
    found: list[Finding] = [
        Finding("wrong", f"{where}: not a line that an export has") for where in export.strange
    ]
    switches = {file.parent.name: file.parent for file in sorted(folder.glob("*/queue_log"))}
    for pbx, evidence in switches.items():
        found += _Comparison(pbx, read(evidence), export, expected).findings()
    found += [
        Finding("extra", f"call {call.get('call_id')}: of a switch nobody has a ledger of")
        for call in export.calls
        if _pbx(call) not in switches
    ]
    found += _standing(export, expected)
    if (folder / "mqtt.jsonl").exists():
        found += changes_against(changes, unnumbered, export)
    order = ("lost", "extra", "wrong", "duplicated", "unresolved")
    return sorted(found, key=lambda finding: order.index(finding.kind))


def _pbx(call: Call) -> str:
    return str(call.get("pbx") or call["call_id"].partition(":")[0])


class _Comparison:
    """One switch."""

    def __init__(self, pbx: str, switch: Switch, export: Export, expected: Expected) -> None:
        self._pbx, self._switch, self._expected = pbx, switch, expected
        self._calls = [call for call in export.calls if _pbx(call) == pbx]
        self._theirs = [visit for visit in switch.visits if visit.entered >= expected.since]
        self._met: set[str] = set()  # calls that a ledger's visit belongs to

    def findings(self) -> Iterator[Finding]:
        yield from self._visits()
        yield from self._whole_calls()
        yield from self._segments()
        yield from self._refusals()

    # --- visits ----------------------------------------------------------------------------------------------

    def _visits(self) -> Iterator[Finding]:
        theirs: dict[tuple[str, str], list[Visit]] = defaultdict(list)
        for visit in self._theirs:
            theirs[visit.callid, visit.queue.casefold()].append(visit)
        later = {
            (visit.later_callid, visit.queue.casefold()): (visit.callid, visit.queue.casefold())
            for visit in self._theirs
            if visit.later_callid
        }
        ours: dict[tuple[str, str], list[tuple[Call, dict[str, Any]]]] = defaultdict(list)
        for call in self._calls:
            for visit in call["visits"]:
                key = (visit["uniqueid"], visit["queue"].casefold())
                ours[key if key in theirs else later.get(key, key)].append((call, visit))
        for key in sorted({*theirs, *ours}):
            yield from self._same_key(theirs.get(key, []), ours.get(key, []))

    def _same_key(self, theirs: list[Visit], ours: list[tuple[Call, dict[str, Any]]]) -> Iterator[Finding]:
        left = sorted(ours, key=lambda one: one[1]["joined_at"] or 0.0)
        unmet = []
        for there in theirs:
            here = next(
                (one for one in left if abs((one[1]["joined_at"] or 0.0) - there.entered) <= JOIN), None
            )
            if here is None:
                unmet.append(there)
                continue
            left.remove(here)
            yield from self._visit(there, *here)
        for there in unmet:
            if left:
                yield from self._visit(there, *left.pop(0))
            else:
                yield Finding(
                    "lost", f"{there.name}, entered {there.entered:.0f}: the ledger has it, we have no record"
                )
        for call, visit in left:
            name = f"visit of {visit['uniqueid']} in {visit['queue']} (call {call['call_id']})"
            if theirs:
                yield Finding("duplicated", f"{name}: the ledger has {len(theirs)}, we have {len(ours)}")
            elif (visit["joined_at"] or 0.0) >= self._expected.since and not self._cut_short(visit):
                yield Finding("extra", f"{name}: the ledger has no such visit")

    def _cut_short(self, ours: dict[str, Any]) -> bool:
        """AMI told of it, and a switch that was killed had no time to write it down."""
        joined = (ours["uniqueid"], ours["queue"].casefold()) in self._switch.joins
        return joined and any(
            0 <= start - (ours["joined_at"] or 0.0) < RESTART for start in self._switch.starts
        )

    def _visit(self, there: Visit, call: Call, ours: dict[str, Any]) -> Iterator[Finding]:
        self._met.add(call["call_id"])
        yield from self._home(there, call)
        if not self._expected.clock_moved and abs(ours["joined_at"] - there.entered) > JOIN:
            yield _off(there, "joined at", ours["joined_at"], there.entered)
        if ours["outcome"] is None:
            if there.outcome is not None or there.restarted is not None or self._gone(there):
                yield Finding(
                    "unresolved",
                    f"{there.name}: open in our records, {there.closing or 'over'} on the switch",
                )
            return
        allowed = self._outcomes(there)
        if ours["outcome"] not in allowed:
            yield _off(there, "outcome", ours["outcome"], " or ".join(sorted(allowed)) or "still open")
            return
        agents = (
            {there.agent, self._switch.answers.get((there.callid, there.queue.casefold()))}
            if there.restarted
            else {there.agent}
        )
        if ours["outcome"] == "answered" and ours["agent"] not in agents:
            yield _off(there, "agent", ours["agent"], there.agent)
        if (ours["outcome"] != "answered") != (ours["agent"] is None):
            yield Finding("wrong", f"{there.name}: {ours['outcome']}, and yet by agent {ours['agent']}")
        if (
            there.wait is not None
            and ours["outcome"] != "lost"
            and self._expected.measurable(there.entered, there.connected or there.ended)
            and not _near(ours["wait_seconds"], there.wait)
        ):
            yield _off(there, "wait", ours["wait_seconds"], there.wait)
        yield from self._talk(there, ours)

    def _home(self, there: Visit, call: Call) -> Iterator[Finding]:
        channel = self._switch.channels.get(there.callid)
        if channel is None:
            return
        customer = self._switch.places.get(there.callid)
        homes = {there.callid, there.later_callid, customer, *channel.linkedids}
        if customer in self._switch.channels:
            homes |= self._switch.channels[customer].linkedids
        if call["uniqueid"] not in homes:
            yield Finding(
                "wrong", f"{there.name}: in call {call['call_id']}, which CEL does not link with it"
            )

    def _outcomes(self, there: Visit) -> set[str]:
        """What may be said of it: the ledger's word, and what it cannot tell apart."""
        if there.outcome is None:
            if there.restarted is None:
                return set()
            answered = (there.callid, there.queue.casefold()) in self._switch.answers
            return {"lost", "answered"} if answered else {"lost"}
        if there.outcome == "abandoned" and self._lived_on(there):
            return {"abandoned", "transferred_out"}  # a redirected caller is an abandonment to the queue
        return {there.outcome}

    def _lived_on(self, there: Visit) -> bool:
        ended = self._switch.ended(there.callid)
        return ended is not None and there.ended is not None and ended > there.ended + 1

    def _gone(self, there: Visit) -> bool:
        return self._switch.ended(there.later_callid or there.callid) is not None

    def _talk(self, there: Visit, ours: dict[str, Any]) -> Iterator[Finding]:
        if there.outcome != "answered" or ours["outcome"] != "answered":
            return
        if ours["talk_seconds"] is None:
            if there.ended is not None:
                yield Finding("unresolved", f"{there.name}: answered, and how long they talked is missing")
            return
        said = ours["talk_seconds"] + (ours["hold_seconds"] or 0.0)
        bridged = self._switch.bridge_seconds(there.agent_channel)
        restarted = there.restarted if there.ended is None else self._switch.killed(there.agent_channel)
        if restarted is not None:  # the ledger's own figure may be that of a transfer before
            longest = restarted - (there.connected or there.entered) + SECOND
            if said > longest and self._expected.measurable(there.connected, restarted):
                yield _off(there, "talk", said, f"at most {longest:.0f}, when the switch was back")
            return
        told = there.talk if bridged is None else bridged
        if (
            told is not None
            and self._expected.measurable(there.connected, there.ended)
            and abs(said - told) > SECOND
        ):
            yield _off(there, "talk with hold", round(said, 2), round(told, 2))

    # --- calls -----------------------------------------------------------------------------------------------

    def _whole_calls(self) -> Iterator[Finding]:
        for call_id, count in Counter(call["call_id"] for call in self._calls).items():
            if count > 1:
                yield Finding("duplicated", f"call {call_id}: {count} records")
        for call in self._calls:
            channel = call["uniqueid"]
            if call["call_id"] != f"{self._pbx}:{channel}":
                yield Finding("wrong", f"call {call['call_id']}: its first channel is {channel}")
            if (
                self._switch.channels
                and channel not in self._switch.channels
                and call["call_id"] not in self._met
                and call["started_at"] >= self._expected.since
            ):
                yield Finding("extra", f"call {call['call_id']}: CEL knows no such channel")
            yield from self._ending(call)
        yield from self._untold()

    def _ending(self, call: Call) -> Iterator[Finding]:
        over = self._switch.ended(call["uniqueid"])
        finished = call["state"] == "cleared" and call["ended_at"] is not None
        linked = [
            leg
            for leg in self._switch.channels.values()
            if call["uniqueid"] in leg.linkedids and leg.ended is None
        ]
        if not finished and over is not None:
            yield Finding(
                "unresolved",
                f"call {call['call_id']}: {call['state']} here, over on the switch since {over:.0f}",
            )
        elif not finished and not self._switch.channels:
            yield Finding(
                "unresolved",
                f"call {call['call_id']}: {call['state']} here, and no CEL says whether it lasts",
            )
        elif finished and over is None and call["uniqueid"] in self._switch.channels and linked:
            yield Finding("wrong", f"call {call['call_id']}: cleared here, and lasting on the switch")

    def _untold(self) -> Iterator[Finding]:
        """Whatever touched a queue is known to us; what the ledger has was asked for already."""
        ledger = {visit.callid for visit in self._theirs} | {visit.later_callid for visit in self._theirs}
        known = {call["uniqueid"] for call in self._calls} | {
            visit["uniqueid"] for call in self._calls for visit in call["visits"]
        }
        touched = {
            channel: (min(at for at, _ in leg.ran_queue), leg.linkedids)
            for channel, leg in self._switch.channels.items()
            if leg.ran_queue
        }
        for channel in self._switch.queued - touched.keys():
            touched[channel] = (self._expected.since, set())
        for channel, (at, linkedids) in sorted(touched.items()):
            if channel in ledger or at < self._expected.since or {channel, *linkedids} & known:
                continue
            yield Finding(
                "lost", f"channel {channel}: asked for a queue at {at:.0f}, and no call of ours knows it"
            )

    # --- segments and refusals -------------------------------------------------------------------------------

    def _segments(self) -> Iterator[Finding]:
        seen: Counter[tuple[str, str, Any]] = Counter()
        by_channel: dict[str, float] = defaultdict(float)
        for call in self._calls:
            for segment in call["segments"]:
                seen[call["call_id"], segment["channel"], segment["began_at"]] += 1
                if segment["ended_at"] is None and self._switch.ended(segment["channel"]) is not None:
                    yield Finding(
                        "unresolved",
                        f"segment of {segment['agent']} in call {call['call_id']}: not ended here",
                    )
                by_channel[segment["channel"]] += (segment["talk_seconds"] or 0.0) + (
                    segment["hold_seconds"] or 0.0
                )
        for (call_id, channel, _), count in seen.items():
            if count > 1:
                yield Finding("duplicated", f"segment of {channel} in call {call_id}: {count} times")
        for channel, said in by_channel.items():
            bridged = self._switch.bridge_seconds(channel)
            leg = self._switch.channels.get(channel)
            if bridged is None or leg is None or leg.started < self._expected.since:
                continue
            if self._expected.measurable(leg.started, leg.ended) and abs(said - bridged) > SECOND:
                yield Finding(
                    "wrong", f"segments of {channel}: {said:.2f} s here, {bridged:.2f} s in bridges by CEL"
                )
        for visit in self._theirs:
            bridged = self._switch.bridge_seconds(visit.agent_channel) or 0.0
            if visit.agent_channel and bridged > SECOND and visit.agent_channel not in by_channel:
                yield Finding(
                    "lost",
                    f"{visit.name}: agent {visit.agent} talked {bridged:.1f} s, and has no segment for it",
                )

    def _refusals(self) -> Iterator[Finding]:
        told = Counter(
            (call["uniqueid"], (one["queue"] or "").casefold(), one["reason"])
            for call in self._calls
            for one in call["blocked"]
        )
        seen = Counter(
            (one.channel, one.queue.casefold(), one.reason)
            for one in self._switch.refusals
            if one.at >= self._expected.since
        )
        for key in sorted({*told, *seen}):
            if told[key] < seen[key]:
                yield Finding(
                    "lost", f"{key[2]} for {key[0]} in {key[1]}: the switch refused, our call does not say so"
                )
            elif told[key] > seen[key] and self._switch.joins and key[0] not in self._switch.channels:
                yield Finding("extra", f"{key[2]} for {key[0]} in {key[1]}: the switch never said so")
            elif told[key] > max(1, seen[key]):
                yield Finding("duplicated", f"{key[2]} for {key[0]} in {key[1]}: said {told[key]} times")


def _near(ours: float | None, theirs: float) -> bool:
    return ours is not None and abs(ours - theirs) <= SECOND


def _off(there: Visit, what: str, ours: object, theirs: object) -> Finding:
    return Finding("wrong", f"{there.name}: {what} {ours} here, {theirs} on the switch")


# --- gaps and drift ------------------------------------------------------------------------------------


def _standing(export: Export, expected: Expected) -> Iterator[Finding]:
    for gap in export.gaps:
        if gap["state"] != "closed" and gap["kind"] not in expected.gaps:
            yield Finding(
                "unresolved", f"gap {gap['kind']} on {gap['pbx']} since {gap['since']}: {gap['state']}"
            )
    for drift in export.drifts:
        if drift["count"] and drift["kind"] not in expected.drift:
            yield Finding("unresolved", f"drift {drift['kind']} on {drift['pbx']}: {drift['count']}")


def main(words: list[str]) -> int:
    if len(words) != 1 or not Path(words[0]).is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    findings = check(Path(words[0]))
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
