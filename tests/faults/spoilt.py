"""A good case with one thing spoilt: forty ways, each with the kind of finding the checker must answer with."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.good_case import PBX, lines


class Case:
    """A copy to spoil: calls and changes as objects, the switch's ledgers as text. `luck` picks what is hit."""

    def __init__(self, folder: Path, seed: str) -> None:
        self.folder = folder
        self.luck = random.Random(seed)
        told = [json.loads(line) for line in (folder / "export.jsonl").read_text().splitlines()]
        self.calls = [one["call"] for one in told if "call" in one]
        self.others = [one for one in told if "call" not in one]
        self.changes = [json.loads(line) for line in (folder / "mqtt.jsonl").read_text().splitlines()]

    def write(self) -> Path:
        lines(self.folder / "export.jsonl", [*({"call": call} for call in self.calls), *self.others])
        lines(self.folder / "mqtt.jsonl", self.changes)
        return self.folder

    def other(self, kind: str) -> dict[str, Any]:
        return next(one[kind] for one in self.others if kind in one)

    def call(self, fits: Callable[[dict[str, Any]], bool] = bool) -> dict[str, Any]:
        """One with visits."""
        return self.luck.choice([call for call in self.calls if call["visits"] and fits(call)])

    def visit(self, outcome: str = "answered") -> dict[str, Any]:
        """One that lasted, of a call that was not passed on."""
        return self.luck.choice([
            visit for call in self.calls if not call["transfers"]
            for visit in call["visits"] if visit["outcome"] == outcome
        ])  # fmt: skip

    def change(self, event: str) -> int:
        """The place of a message."""
        return self.luck.choice(
            [n for n, change in enumerate(self.changes) if change["payload"]["event"] == event]
        )

    def ledger(self, spoil: Callable[[list[str]], None], file: str = "queue_log") -> None:
        path = self.folder / PBX / file
        rows = path.read_text(errors="replace").splitlines()
        spoil(rows)
        path.write_text("\n".join(rows) + "\n")

    def line(self, rows: list[str], event: str) -> int:
        return self.luck.choice([n for n, row in enumerate(rows) if f"|{event}|" in row])


Spoil = Callable[[Case], None]
SPOILT: dict[str, tuple[str, Spoil]] = {}


def spoils(kind: str) -> Callable[[Spoil], Spoil]:
    def keep(work: Spoil) -> Spoil:
        SPOILT[work.__name__] = (kind, work)
        return work

    return keep


# --- records ---------------------------------------------------------------------------------------------------


@spoils("lost")
def a_call_deleted(case: Case) -> None:
    case.calls.remove(case.call())


@spoils("lost")
def a_visit_deleted(case: Case) -> None:
    case.call()["visits"].pop()


@spoils("lost")
def the_second_visit_of_a_call_deleted(case: Case) -> None:
    case.call(lambda call: len(call["visits"]) > 1)["visits"].pop(1)


@spoils("lost")
def an_agents_segment_deleted(case: Case) -> None:
    call = case.call(
        lambda call: any(
            s["queue"] and s["talk_seconds"] > 2 and "." in s["channel"] for s in call["segments"]
        )
    )
    call["segments"] = [segment for segment in call["segments"] if not segment["queue"]]


@spoils("wrong")
def a_wait_two_seconds_longer(case: Case) -> None:
    case.visit()["wait_seconds"] += 2


@spoils("wrong")
def an_abandonment_two_seconds_later(case: Case) -> None:
    case.visit("abandoned")["wait_seconds"] += 2.1


@spoils("wrong")
def a_talk_two_seconds_shorter(case: Case) -> None:
    case.visit()["talk_seconds"] -= 2


@spoils("wrong")
def a_join_two_seconds_earlier(case: Case) -> None:
    case.visit()["joined_at"] -= 2.2


@spoils("wrong")
def a_segment_two_seconds_longer(case: Case) -> None:
    call = case.call(
        lambda call: any(segment["channel"] and segment["talk_seconds"] > 2 for segment in call["segments"])
    )
    next(segment for segment in call["segments"] if segment["talk_seconds"] > 2)["hold_seconds"] += 2.1


@spoils("wrong")
def another_agent(case: Case) -> None:
    visit = case.visit()
    visit["agent"] = "104" if visit["agent"] != "104" else "105"


@spoils("wrong")
def another_outcome(case: Case) -> None:
    case.visit()["outcome"] = "abandoned"


@spoils("wrong")
def an_ending_guessed_as_lost(case: Case) -> None:
    case.visit("timeout")["outcome"] = "lost"


@spoils("wrong")
def a_visit_moved_to_another_call(case: Case) -> None:
    one = case.call()
    other = case.call(lambda call: call is not one)
    other["visits"].append(one["visits"].pop())


@spoils("wrong")
def a_call_with_a_foreign_id(case: Case) -> None:
    case.call()["uniqueid"] += "1"


@spoils("duplicated")
def a_call_twice(case: Case) -> None:
    case.calls.append(case.call())


@spoils("duplicated")
def a_visit_twice(case: Case) -> None:
    call = case.call()
    call["visits"].append(dict(call["visits"][0]))


@spoils("duplicated")
def a_segment_twice(case: Case) -> None:
    call = case.call(lambda call: bool(call["segments"]))
    call["segments"].append(dict(call["segments"][0]))


@spoils("extra")
def an_invented_visit(case: Case) -> None:
    call = case.call()
    call["visits"].append({**call["visits"][0], "queue": "nowhere"})


@spoils("extra")
def an_invented_call(case: Case) -> None:
    call = json.loads(json.dumps(case.call()))
    case.calls.append(
        {**call, "call_id": f"{PBX}:x-1.1", "uniqueid": "x-1.1", "visits": [], "segments": [], "blocked": []}
    )


@spoils("extra")
def a_call_of_an_unknown_switch(case: Case) -> None:
    case.calls.append({**case.call(), "pbx": "pbx9"})


@spoils("unresolved")
def a_visit_left_open(case: Case) -> None:
    case.visit()["outcome"] = None


@spoils("unresolved")
def a_call_left_open(case: Case) -> None:
    case.call().update(state="established", ended_at=None)


@spoils("unresolved")
def a_segment_left_open(case: Case) -> None:
    case.call(lambda call: bool(call["segments"]))["segments"][0]["ended_at"] = None


@spoils("unresolved")
def a_talk_nobody_measured(case: Case) -> None:
    case.visit()["talk_seconds"] = None


@spoils("unresolved")
def an_open_gap(case: Case) -> None:
    case.other("gap")["state"] = "open"


@spoils("unresolved")
def a_drift(case: Case) -> None:
    case.other("drift")["count"] = 1


@spoils("wrong")
def a_strange_line(case: Case) -> None:
    case.others.append({"calls": []})


# --- changes ---------------------------------------------------------------------------------------------------


@spoils("lost")
def a_message_dropped(case: Case) -> None:
    case.changes.pop(case.change("VisitEnded"))


@spoils("lost")
def the_last_message_dropped(case: Case) -> None:
    last = max(n for n, change in enumerate(case.changes) if change["payload"]["event"] == "CallCleared")
    del case.changes[last:]


@spoils("lost")
def the_first_message_dropped(case: Case) -> None:
    case.changes.pop(0)


@spoils("duplicated")
def a_message_told_again_under_a_new_number(case: Case) -> None:
    change = json.loads(json.dumps(case.changes[case.change("VisitEnded")]))
    number = max(one["payload"]["seq"] for one in case.changes) + 1
    change["payload"].update(id=f"{PBX}-{number}", seq=number)
    case.changes.append(change)


@spoils("wrong")
def two_changes_with_one_number(case: Case) -> None:
    one, other = case.changes[case.change("VisitEnded")], case.changes[case.change("CallQueued")]
    other["payload"].update(id=one["payload"]["id"], seq=one["payload"]["seq"])


@spoils("wrong")
def two_messages_of_a_call_swapped(case: Case) -> None:
    later = case.change("CallCleared")
    topic = case.changes[later]["topic"]
    earlier = next(n for n, change in enumerate(case.changes) if change["topic"] == topic)
    assert earlier != later
    case.changes[earlier], case.changes[later] = case.changes[later], case.changes[earlier]


@spoils("wrong")
def a_published_record_unlike_the_export(case: Case) -> None:
    change = case.changes[case.change("CallCleared")]
    change["payload"]["record"]["ended_at"] += 2


@spoils("wrong")
def messages_without_numbers(case: Case) -> None:
    del case.changes[case.change("CallQueued")]["payload"]["id"]


@spoils("extra")
def a_change_of_a_call_nobody_has(case: Case) -> None:
    change = json.loads(json.dumps(case.changes[case.change("CallCleared")]))
    number = max(one["payload"]["seq"] for one in case.changes) + 1
    change["topic"] = f"cti/v1/{PBX}/calls/{PBX}:x-1.1/events"
    change["payload"].update(id=f"{PBX}-{number}", seq=number, call=f"{PBX}:x-1.1")
    case.changes.append(change)


# --- the other way round: the switch has what we do not ----------------------------------------------------------


@spoils("lost")
def the_ledger_has_a_visit_more(case: Case) -> None:
    def add(rows: list[str]) -> None:
        fields = rows[case.line(rows, "ENTERQUEUE")].split("|")
        rows.append("|".join([fields[0], "x-1.9", *fields[2:]]))
        rows.append(f"{int(fields[0]) + 3}|x-1.9|{fields[2]}|NONE|ABANDON|1|1|3")

    case.ledger(add)


@spoils("extra")
def the_ledger_has_a_visit_less(case: Case) -> None:
    def remove(rows: list[str]) -> None:
        callid = rows[case.line(rows, "COMPLETECALLER")].split("|")[1]
        rows[:] = [row for row in rows if f"|{callid}|" not in row]

    case.ledger(remove)


@spoils("wrong")
def the_ledger_says_another_agent(case: Case) -> None:
    def change(rows: list[str]) -> None:
        place = case.line(rows, "CONNECT")
        fields = rows[place].split("|")
        rows[place] = "|".join([*fields[:3], "199", *fields[4:]])

    case.ledger(change)


@spoils("wrong")
def the_switch_died_and_we_say_how_it_ended(case: Case) -> None:
    def cut(rows: list[str]) -> None:
        place = case.line(rows, "ABANDON")
        rows[place] = f"{rows[place].partition('|')[0]}|NONE|NONE|NONE|QUEUESTART|"

    case.ledger(cut)


@spoils("lost")
def a_refusal_only_the_switch_told(case: Case) -> None:
    frame = (
        f"Event: UserEvent\r\nTimestamp: 1.5\r\nUniqueid: {case.call()['uniqueid']}\r\n"
        "UserEvent: CtiQueueResult\r\nQueue: sales\r\nStatus: FULL\r\n\r\n"
    )
    with (case.folder / PBX / "ami.raw").open("ab") as capture:
        capture.write(frame.encode())


@spoils("lost")
def a_channel_only_cel_knows(case: Case) -> None:
    def add(rows: list[str]) -> None:
        row = next(row for row in rows if row.startswith('"APP_START"') and '"Queue"' in row)
        rows.append(re.sub(r'"[\w-]+\.\d+","[\w-]+\.\d+"', '"x-1.7","x-1.7"', row))

    case.ledger(add, "cel.csv")
