"""What the switch itself says happened: queue_log, CEL, CDR and the events of the harness' own AMI line."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tools.ledger_truth import truth
from tools.pbx import Pbx
from tools.sip.ami import Frame


class Bridged(NamedTuple):
    """One channel's time in one bridge, by CEL. Seconds since 1970."""

    channel: str  # its uniqueid
    since: float
    until: float


class Offer(NamedTuple):
    """One ring attempt, by AMI. `queue` None: reached by a transfer. Seconds since 1970."""

    queue: str | None
    caller: str  # uniqueid of the waiting channel
    agent: str
    rung_at: float
    ended_at: float
    result: str  # connected, ring_no_answer, cancelled


@dataclass
class Stay:
    """One stay in a queue, to the microsecond, by AMI."""

    queue: str
    caller: str
    number: str
    joined_at: float
    left_at: float = float("inf")
    connected_at: float | None = None

    def waited(self) -> float:
        return (self.connected_at or self.left_at) - self.joined_at


class MemberState(NamedTuple):
    """A member of a queue, from a moment on, by AMI."""

    at: float
    queue: str
    agent: str
    free: bool  # reachable, not paused, on no call


class Hold(NamedTuple):
    """An agent held the customer, by AMI. Seconds since 1970."""

    channel: str  # the agent's uniqueid
    since: float
    until: float


@dataclass
class Switch:
    """Everything outside the product that bears witness."""

    visits: list[dict[str, Any]]
    bridged: list[Bridged]
    trunk_channels: list[str]  # uniqueids of callers from outside, in order, by CEL
    cdr_channels: set[str]
    offers: list[Offer]
    stays: list[Stay]
    holds: list[Hold]
    members: list[MemberState]
    consultations: dict[str, str]  # the consulting leg's uniqueid -> the customer's, by CEL
    _by_channel: dict[str, list[Bridged]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for one in self.bridged:
            self._by_channel[one.channel].append(one)

    def bridge_seconds(self, channel: str, since: float = 0.0, until: float = float("inf")) -> float:
        """How long a channel was in bridges that began in [since, until)."""
        mine = (one for one in self._by_channel[channel] if since <= one.since < until)
        return sum(one.until - one.since for one in mine)


def witness(pbx: Pbx, heard: Iterable[Frame]) -> Switch:
    heard = list(heard)
    bridged, trunk, consultations = _cel(pbx.cel)
    return Switch(
        visits=truth(pbx.queue_log.read_text()),
        bridged=bridged,
        trunk_channels=trunk,
        cdr_channels=_cdr(pbx.cdr),
        offers=_offers(heard),
        stays=_stays(heard),
        holds=_holds(heard),
        members=_members(heard),
        consultations=consultations,
    )


def _cel(file: Path) -> tuple[list[Bridged], list[str], dict[str, str]]:
    bridged: list[Bridged] = []
    trunk: list[str] = []
    consultations: dict[str, str] = {}
    since: dict[tuple[str, str], float] = {}
    for row in csv.reader(file.read_text(encoding="utf-8", errors="replace").splitlines()):
        event, at, name, channel, extra = row[0], float(row[1]), row[7], row[10], row[13]
        if event == "CHAN_START" and name.startswith("PJSIP/trunk-"):
            trunk.append(channel)
        elif event == "BRIDGE_ENTER":
            since[channel, json.loads(extra)["bridge_id"]] = at
        elif event == "BRIDGE_EXIT":
            began = since.pop((channel, json.loads(extra)["bridge_id"]), None)
            if began is not None:
                bridged.append(Bridged(channel, began, at))
        elif event == "ATTENDEDTRANSFER":
            told = json.loads(extra)
            consultations[told["channel2_uniqueid"]] = told["transferee_channel_uniqueid"]
    return bridged, trunk, consultations


def _cdr(file: Path) -> set[str]:
    rows = csv.reader(file.read_text(encoding="utf-8", errors="replace").splitlines())
    return {row[16] for row in rows}


def _at(frame: Frame) -> float:
    return float(frame["Timestamp"])


def _agent(channel: str) -> str:
    return channel.removeprefix("PJSIP/").rpartition("-")[0]


def _offers(heard: list[Frame]) -> list[Offer]:
    """From AgentCalled, or the start of a dialling that no queue began, to its end."""
    ringing: dict[str, tuple[str | None, str, str, float]] = {}
    found: dict[str, Offer] = {}  # by the agent's leg

    def end(leg: str, at: float, result: str) -> None:
        if leg in ringing:
            found[leg] = Offer(*ringing.pop(leg), at, result)
        elif leg in found and result == "ring_no_answer":  # told after the leg was hung up
            found[leg] = found[leg]._replace(result=result)

    for frame in heard:
        event, leg = frame["Event"], frame.get("DestUniqueid", "")
        if event == "AgentCalled":
            ringing[leg] = (frame["Queue"], frame["Uniqueid"], frame["MemberName"], _at(frame))
        elif event == "DialBegin" and leg not in ringing and "Uniqueid" in frame:
            ringing.setdefault(leg, (None, frame["Uniqueid"], _agent(frame["DestChannel"]), _at(frame)))
        elif event == "AgentConnect":
            end(leg, _at(frame), "connected")
        elif event == "AgentRingNoAnswer":
            end(leg, _at(frame), "ring_no_answer")
        elif event == "DialEnd" and ringing.get(leg, ("queue",))[0] is None:
            end(leg, _at(frame), "connected" if frame["DialStatus"] == "ANSWER" else "ring_no_answer")
        elif event == "Hangup":
            end(frame["Uniqueid"], _at(frame), "cancelled")
    return sorted(found.values(), key=lambda offer: offer.rung_at)


def _stays(heard: list[Frame]) -> list[Stay]:
    found: list[Stay] = []
    open_: dict[str, Stay] = {}
    for frame in heard:
        event = frame["Event"]
        if event == "QueueCallerJoin":
            stay = Stay(frame["Queue"], frame["Uniqueid"], frame["CallerIDNum"], _at(frame))
            found.append(stay)
            open_[stay.caller] = stay
        elif event == "QueueCallerLeave" and frame["Uniqueid"] in open_:
            open_[frame["Uniqueid"]].left_at = _at(frame)
        elif event == "AgentConnect" and frame["Uniqueid"] in open_:
            open_[frame["Uniqueid"]].connected_at = _at(frame)
    return found


def _members(heard: list[Frame]) -> list[MemberState]:
    return [
        MemberState(
            _at(frame), frame["Queue"], frame["MemberName"], frame["Status"] == "1" and frame["Paused"] == "0"
        )
        for frame in heard
        if frame["Event"] in {"QueueMemberStatus", "QueueMemberPause"}
    ]


def _holds(heard: list[Frame]) -> list[Hold]:
    """Transfers send an Unhold or two without a Hold: those are nobody's."""
    found: list[Hold] = []
    since: dict[str, float] = {}
    for frame in heard:
        channel = frame.get("Uniqueid", "")
        if frame["Event"] == "Hold":
            since.setdefault(channel, _at(frame))
        elif frame["Event"] in {"Unhold", "BridgeLeave", "Hangup"} and channel in since:
            found.append(Hold(channel, since.pop(channel), _at(frame)))
    return found
