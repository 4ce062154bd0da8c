"""What the switch itself left behind: queue_log, CEL, CDR and a second AMI capture, read by code of their own.

Nothing here comes from the product: only the standard library, so that it can bear witness against it.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

UNSERVED = {
    "ABANDON": ("abandoned", 2),
    "EXITWITHTIMEOUT": ("timeout", 2),
    "EXITEMPTY": ("leave_empty", 2),
    "EXITWITHKEY": ("key_exit", 3),
    "WITHDRAW": ("withdrawn", 2),
}
"""A wait that ends unserved: its outcome, and which datum says how long it was."""
FINISHED = {"COMPLETECALLER": 0, "COMPLETEAGENT": 0, "BLINDTRANSFER": 2, "ATTENDEDTRANSFER": -3}
"""A talk that ends: which datum is the wait; the talk stands right behind it."""
REFUSED = {"FULL", "JOINEMPTY", "JOINUNAVAIL"}
LONGEST_LINE = 8192  # bytes: Asterisk cuts longer ones, so their last datum is not believed


@dataclass
class Visit:
    """One stay in one queue, as the ledger tells it. Seconds since 1970; durations in seconds."""

    callid: str
    queue: str
    entered: float
    outcome: str | None = None  # None: no line says how it ended
    later_callid: str | None = None  # an attended transfer gave the place to another channel
    agent: str | None = None
    agent_channel: str | None = None
    wait: float | None = None
    connected: float | None = None
    talk: float | None = None
    ended: float | None = None
    closing: str | None = None
    restarted: float | None = None  # when the switch came back, if it died in between
    incompatible: bool = False

    @property
    def name(self) -> str:
        return f"visit of {self.callid} in {self.queue}"


@dataclass
class Channel:
    """One leg by CEL."""

    name: str
    started: float
    linkedids: set[str] = field(default_factory=set)
    ended: float | None = None
    ran_queue: list[tuple[float, str]] = field(default_factory=list)
    bridged: float = 0.0
    in_bridges: dict[str, float] = field(default_factory=dict)  # bridge -> since


class Refusal(NamedTuple):
    """The queue would not take the caller, by the dialplan's report on AMI."""

    channel: str
    queue: str
    reason: str
    at: float


@dataclass
class Switch:
    """Everything one switch says. An empty `channels` means that there was no CEL."""

    visits: list[Visit]
    channels: dict[str, Channel]
    places: dict[str, str]  # consulting channel -> the customer's, who took its place
    queued: set[str]  # channels that ran Queue(), by CDR
    refusals: list[Refusal]
    joins: set[tuple[str, str]]  # (channel, queue), by AMI
    answers: dict[tuple[str, str], str]  # (channel, queue) -> agent, by AMI
    starts: list[float]
    unreadable: list[str]

    def ended(self, channel: str) -> float | None:
        """When a leg was over; a restart ends whatever was. None: it lasts, or nobody knows it.

        The ledger has whole seconds: a leg that began in the second of a restart and has no end counts as ended by it.
        """
        known = self.channels.get(channel)
        if known is None:
            return None
        return self.killed(channel) if known.ended is None else known.ended

    def killed(self, channel: str | None) -> float | None:
        """When the restart was that ended a leg; None when it ended by itself, or nobody knows it."""
        known = self.channels.get(channel or "")
        if known is None or known.ended is not None:
            return None
        return next((max(start, known.started) for start in self.starts if start + 1 > known.started), None)

    def bridge_seconds(self, channel: str | None) -> float | None:
        """A leg's time in bridges; None when CEL does not know it to its end."""
        known = self.channels.get(channel or "")
        if known is None or known.ended is None or known.name.startswith("Local/"):
            return None
        return known.bridged


def read(folder: Path) -> Switch:
    """`folder` holds copies: `queue_log*`, `cel*.csv`, `cdr*.csv`, `ami.raw`; what is missing bears no witness."""
    channels, places, unreadable = _cel(sorted(folder.glob("cel*.csv")))
    visits, starts = _queue_log(ledgers(folder), places, unreadable)
    refusals, joins, answers = _ami(folder / "ami.raw")
    queued = _cdr(sorted(folder.glob("cdr*.csv")))
    return Switch(visits, channels, places, queued, refusals, joins, answers, starts, unreadable)


def ledgers(folder: Path) -> list[Path]:
    """The ledger and its rotated files, oldest first."""

    def first(file: Path) -> tuple[float, bool]:
        with file.open("rb") as lines:
            at = lines.readline().partition(b"|")[0]
        return (float(at) if at.isdigit() else 0.0, file.name == "queue_log")

    return sorted((file for file in folder.glob("queue_log*") if file.stat().st_size), key=first)


# --- queue_log -----------------------------------------------------------------------------------------------


class _Ledger:
    def __init__(self, places: dict[str, str]) -> None:
        self.visits: list[Visit] = []
        self.starts: list[float] = []
        self._places = places
        self._open: list[Visit] = []

    def line(self, at: float, callid: str, queue: str, agent: str, event: str, data: list[str]) -> None:
        if event == "QUEUESTART":
            self._restart(at)
        elif event == "ENTERQUEUE":
            visit = Visit(callid, queue, at)
            self.visits.append(visit)
            self._open.append(visit)
        elif event == "CONNECT":
            self._connect(at, callid, queue, agent, data)
        elif event == "SYSCOMPAT":
            for visit in self._waiting(callid, queue, at, None):
                visit.incompatible = True
        elif event in UNSERVED:
            self._unserved(at, callid, queue, agent, event, data)
        elif event in FINISHED:
            self._finished(at, callid, queue, agent, event, data)

    def _restart(self, at: float) -> None:
        self.starts.append(at)
        for visit in self._open:
            visit.restarted = at
        self._open.clear()

    def _connect(self, at: float, callid: str, queue: str, agent: str, data: list[str]) -> None:
        wait = _number(data, 0)
        for visit in self._waiting(callid, queue, at, wait):
            visit.outcome, visit.agent, visit.connected = "answered", agent, at
            visit.wait = wait if wait is not None else at - visit.entered
            visit.agent_channel = data[1] if len(data) > 1 else None
            self._renamed(visit, callid)

    def _unserved(self, at: float, callid: str, queue: str, agent: str, event: str, data: list[str]) -> None:
        outcome, place = UNSERVED[event]
        wait = _number(data, place)
        for visit in self._waiting(callid, queue, at, wait):
            if visit.incompatible:
                outcome = "syscompat"
            elif outcome == "abandoned" and agent not in {"", "NONE"}:
                outcome = "abandoned_announce"
            visit.outcome, visit.ended, visit.closing = outcome, at, event
            visit.wait = wait if wait is not None else at - visit.entered
            self._renamed(visit, callid)
            self._open.remove(visit)

    def _finished(self, at: float, callid: str, queue: str, agent: str, event: str, data: list[str]) -> None:
        place = FINISHED[event] + (len(data) if FINISHED[event] < 0 else 0)
        talk = _number(data, place + 1)
        for visit in self._talking(callid, queue, agent, at, talk):
            visit.talk, visit.ended, visit.closing = talk, at, event
            self._renamed(visit, callid)
            self._open.remove(visit)

    def _renamed(self, visit: Visit, callid: str) -> None:
        if visit.callid != callid:
            visit.later_callid = callid

    def _of(self, callid: str, queue: str) -> list[Visit]:
        """Open visits of a callid: its own first, then those whose place it took, by CEL."""
        here = [visit for visit in self._open if visit.queue.casefold() == queue.casefold()]
        own = [visit for visit in here if callid in {visit.callid, visit.later_callid}]
        return own + [
            visit for visit in here if self._places.get(visit.callid) == callid and visit not in own
        ]

    def _waiting(self, callid: str, queue: str, at: float, wait: float | None) -> list[Visit]:
        found = [visit for visit in self._of(callid, queue) if visit.outcome is None]
        if not found and wait is not None:  # no CEL: the line's own arithmetic, if it fits exactly one
            fits = [
                visit
                for visit in self._open
                if visit.outcome is None
                and visit.queue.casefold() == queue.casefold()
                and abs(at - wait - visit.entered) <= 1
            ]
            found = fits if len(fits) == 1 else []
        return found[:1]

    def _talking(self, callid: str, queue: str, agent: str, at: float, talk: float | None) -> list[Visit]:
        found = [visit for visit in self._of(callid, queue) if visit.connected is not None]
        if not found and talk is not None:
            found = [
                visit
                for visit in self._open
                if visit.connected is not None
                and (visit.queue.casefold(), visit.agent) == (queue.casefold(), agent)
                and abs(at - talk - visit.connected) <= 1
            ]
        return found[:1]


def _number(data: list[str], place: int) -> float | None:
    text = data[place] if -len(data) <= place < len(data) else ""
    return float(text) if text.isascii() and text.isdigit() else None


def _queue_log(
    files: list[Path], places: dict[str, str], unreadable: list[str]
) -> tuple[list[Visit], list[float]]:
    ledger = _Ledger(places)
    for file in files:
        for number, raw in enumerate(file.read_bytes().split(b"\n"), 1):
            fields = raw.decode("utf-8", "replace").rstrip("\r").split("|")
            if len(fields) < 5 or not fields[0].isdigit():
                if raw.strip():
                    unreadable.append(f"line {number} of {file.name}")
                continue
            data = fields[5:]
            if len(raw) >= LONGEST_LINE - 1:
                data = data[:-1]
            ledger.line(float(fields[0]), *fields[1:5], data)  # type: ignore[misc]  # four fields
    return ledger.visits, ledger.starts


# --- CEL, CDR, AMI -------------------------------------------------------------------------------------------


def _cel(files: list[Path]) -> tuple[dict[str, Channel], dict[str, str], list[str]]:
    channels: dict[str, Channel] = {}
    places: dict[str, str] = {}
    unreadable: list[str] = []
    for file in files:
        for number, row in enumerate(csv.reader(_text(file).splitlines()), 1):
            try:
                _event(channels, places, row)
            except (IndexError, ValueError, KeyError):
                unreadable.append(f"line {number} of {file.name}")
    return channels, places, unreadable


def _event(channels: dict[str, Channel], places: dict[str, str], row: list[str]) -> None:
    event, at, name, uniqueid, linkedid, extra = row[0], float(row[1]), row[7], row[10], row[11], row[13]
    if event == "CHAN_START":
        channels[uniqueid] = Channel(name, at)
    channel = channels.setdefault(uniqueid, Channel(name, at))
    channel.linkedids.add(linkedid)
    if event == "CHAN_END":
        channel.ended = at
        for since in channel.in_bridges.values():
            channel.bridged += at - since
        channel.in_bridges.clear()
    elif event == "APP_START" and row[8] == "Queue":
        channel.ran_queue.append((at, row[9].partition(",")[0]))
    elif event == "BRIDGE_ENTER":
        channel.in_bridges[json.loads(extra)["bridge_id"]] = at
    elif event == "BRIDGE_EXIT":
        since = channel.in_bridges.pop(json.loads(extra)["bridge_id"], at)
        channel.bridged += at - since
    elif event == "ATTENDEDTRANSFER":
        told = json.loads(extra)
        if "transferee_channel_uniqueid" in told:
            places[told["channel2_uniqueid"]] = told["transferee_channel_uniqueid"]


def _cdr(files: list[Path]) -> set[str]:
    rows = (row for file in files for row in csv.reader(_text(file).splitlines()))
    return {row[16] for row in rows if len(row) > 16 and row[7] == "Queue"}


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace").replace("\x00", "")


def _ami(file: Path) -> tuple[list[Refusal], set[tuple[str, str]], dict[tuple[str, str], str]]:
    refusals: list[Refusal] = []
    joins: set[tuple[str, str]] = set()
    answers: dict[tuple[str, str], str] = {}
    for raw in file.read_bytes().split(b"\r\n\r\n") if file.exists() else ():
        frame: dict[str, str] = {}
        for line in raw.decode("latin-1").split("\r\n"):
            key, colon, value = line.partition(": ")
            if colon:
                frame.setdefault(key, value)
        channel, queue = frame.get("Uniqueid", ""), frame.get("Queue", "")
        if frame.get("Event") == "QueueCallerJoin":
            joins.add((channel, queue.casefold()))
        elif frame.get("Event") == "AgentConnect":
            answers[channel, queue.casefold()] = frame.get("MemberName", "")
        elif frame.get("UserEvent") == "CtiQueueResult" and frame.get("Status") in REFUSED:
            refusals.append(Refusal(channel, queue, frame["Status"], float(frame.get("Timestamp", 0))))
    return refusals, joins, answers
