"""A byte stream as Asterisk prints it: whole calls cut from captures of the real PBX, renamed, interleaved, numbered.

The shipped `manager.conf` says which events a switch sends us; the captures hold more, and what it takes out is taken
out here. Everything that names somebody or something is rewritten (ids, channels, agents, numbers, names, bridges,
recordings, times); counters such as CallsTaken stay as they were captured. Calls arrive at random (Poisson); an agent
serves one call at a time.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
TRACES = REPOSITORY / "tests" / "traces"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
EPOCH = 1_780_000_000.0
FIRST_AGENT = 1001
FREE_AGAIN = 0.05  # seconds between an agent's last event of one call and the first of the next

SCENES = {
    "answered_caller_ends": 40,
    "answered_agent_ends_varset": 20,
    "chinese_name_varset": 10,
    "holds": 12,
    "ringnoanswer_then_second": 10,
    "abandoned_ringing_varset": 4,
    "abandoned_waiting": 4,
}
"""Which captures, and how often of a hundred: 70 answered, 12 held, 10 let ring first, 8 abandoned."""

PLAIN, LAST = "answered_caller_ends", "abandoned_waiting"

QUEUES = (b"support", b"sales")
NAMES = (
    "Anna Aalto",
    "José Álvarez",
    "王小明",
    "Jürgen Müller",
    "Chloé Martin",
    "李娜",
    "Ben Carter",
    "Łukasz Nowak",
)
CALLERS = 20_000  # different numbers

_FRAMES = re.compile(rb"\r?\n\r?\n")
_TIMESTAMP = re.compile(rb"\r\nTimestamp: ([\d.]+)\r\n")
_UNIQUEID = re.compile(rb"\r\nUniqueid: (\S+)\r\n")
_AGENT = re.compile(rb"\r\nMemberName: (\d+)")
_BRIDGE = re.compile(rb"\r\nBridgeUniqueid: (\S+)")
_PHONES = (b"Event: ContactStatus", b"Event: PeerStatus", b"Event: QueueMemberPause")
_PAUSE = b"_pause_"  # an agent of the capture was paused so that nobody rings


class Planned(NamedTuple):
    """What a call comes to, said before it is played."""

    uniqueid: str
    queue: str
    outcome: str
    agent: str | None
    rung: tuple[str, ...]  # whose phones ring, in order
    number: str
    at: float


@dataclass
class Scene:
    """One captured call as a form to fill in: for each frame when it comes, and its bytes with %(slots)b."""

    name: str
    outcome: str
    frames: list[tuple[float, bytes]] = field(default_factory=list)
    channels: int = 0
    agents: list[bytes] = field(default_factory=list)  # in the order they are rung
    answers: int | None = None  # which of the agents
    bridges: int = 0

    @cached_property
    def seconds(self) -> float:
        return self.frames[-1][0]

    @cached_property
    def events(self) -> Counter[str]:
        return Counter(
            form.partition(b"\r\n")[0].removeprefix(b"Event: ").decode() for _, form in self.frames
        )


def disabled() -> frozenset[bytes]:
    """The events that the shipped manager.conf takes out."""
    text = (REPOSITORY / "config" / "asterisk" / "manager.conf").read_bytes()
    names = re.search(rb"(?m)^disabledevents = (.*)$", text)
    assert names is not None
    return frozenset(b"Event: " + name.strip() for name in names[1].split(b","))


def scene(name: str) -> Scene:
    """Cut the call out of a capture and find what must be rewritten."""
    out = disabled()
    frames = [frame for frame in _FRAMES.split((TRACES / name / "ami.raw").read_bytes()) if frame]
    begin = next(n for n, frame in enumerate(frames) if b"\r\nChannel: PJSIP/trunk-" in frame)
    last = max(n for n, frame in enumerate(frames) if frame.startswith(b"Event: Hangup\r"))
    kept: list[bytes] = []
    for n, frame in enumerate(frames[begin:], begin):
        if n > last and (
            frame.startswith(_PHONES) or (b"\r\nDevice: PJSIP/1" in frame and b"UNAVAIL" in frame)
        ):
            break  # the phones are taken away: not of the call
        if frame.partition(b"\r\n")[0] not in out and not frame.startswith(_PHONES) and _PAUSE not in frame:
            kept.append(frame)
    whole = b"\r\n\r\n".join(kept)
    caller = _UNIQUEID.search(kept[0])
    number = re.search(rb"\r\nCallerIDNum: (\S+)", kept[0])
    said = re.search(rb"\r\nCallerIDName: ([^\r]+)", kept[0])
    assert caller is not None
    assert number is not None
    channels = list(dict.fromkeys(_UNIQUEID.findall(whole)))
    rung = list(
        dict.fromkeys(
            agent
            for frame in kept
            if frame.startswith(b"Event: AgentCalled")
            for agent in _AGENT.findall(frame)
        )
    )
    answering = [_AGENT.findall(frame)[0] for frame in kept if frame.startswith(b"Event: AgentConnect")]
    known = {*rung, *_AGENT.findall(whole)}
    agents = rung + sorted(known - set(rung))
    bridges = list(dict.fromkeys(_BRIDGE.findall(whole)))
    legs = list(dict.fromkeys(re.findall(rb"\r\nChannel: PJSIP/\w+-(\w+)", whole)))
    began = float(_TIMESTAMP.findall(kept[0])[0])
    made = Scene(
        name,
        "answered" if answering else "abandoned",
        channels=len(channels),
        agents=agents,
        answers=agents.index(answering[0]) if answering else None,
        bridges=len(bridges),
    )
    epoch = caller[1].rpartition(b"-")[2].partition(b".")[0]
    words = {channel: b"%%(u%d)b" % n for n, channel in enumerate(channels)}
    words |= {b"-" + leg: b"-%%(c%d)b" % n for n, leg in enumerate(legs)}
    words |= {bridge: b"%%(b%d)b" % n for n, bridge in enumerate(bridges)}
    words |= {number[1]: b"%(number)b", b"-" + epoch + b".wav": b"-%(epoch)b.wav"}
    if said is not None and said[1] != b"<unknown>":
        words[said[1]] = b"%(name)b"
    for n, agent in enumerate(agents):
        for before in (b"PJSIP/", b"Local/", b"MemberName: ", b"CallerIDNum: ", b"ConnectedLineNum: "):
            words[before + agent] = before + b"%%(a%d)b" % n
    words |= {b"Queue: support": b"Queue: %(queue)b", b"Exten: support": b"Exten: %(queue)b"}
    words |= {b"Device: Queue:support": b"Device: Queue:%(queue)b"}
    longest_first = sorted(words, key=len, reverse=True)
    found = re.compile(
        b"|".join(map(re.escape, longest_first)) + rb"|\r\nTimestamp: [\d.]+|\r\nSequenceNumber: \d+"
    )
    for frame in kept:
        at = float(_TIMESTAMP.findall(frame)[0]) - began
        made.frames.append((at, found.sub(lambda word: _slot(word[0], words), frame.replace(b"%", b"%%"))))
    return made


def _slot(word: bytes, words: dict[bytes, bytes]) -> bytes:
    if word.startswith(b"\r\nTimestamp"):
        return b"\r\nTimestamp: %(at)b"
    if word.startswith(b"\r\nSequenceNumber"):
        return b"\r\nSequenceNumber: %(sequence)b"
    return words[word]


class Frame(NamedTuple):
    """`rings` names the pop it must cause, `{uniqueid}/{agent}`."""

    at: float
    data: bytes
    rings: str | None


Step = tuple[float, int, bytes, dict[bytes, bytes], str | None]


class Stream:
    """About `live` calls last at a time; everything that is drawn is drawn from `seed`."""

    def __init__(self, *, live: float = 100.0, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._scenes = {name: scene(name) for name in SCENES}
        self._free: list[tuple[int, int]] = []  # agents, the lowest number first
        self._busy: list[tuple[float, int]] = []
        self._hired = 0
        self._legs = self._count = 0
        self.told = 0  # events
        self._over = EPOCH
        weighed = sum(self._scenes[name].seconds * weight for name, weight in SCENES.items())
        self.rate = live * sum(SCENES.values()) / weighed  # calls a second
        self._pace = 1.0

    def hurry(self, factor: float) -> None:
        """So many times as many calls, each over so many times sooner: as many last at a time, and all events come faster."""
        self.rate *= factor
        self._pace *= factor

    @property
    def agents(self) -> list[str]:
        return [str(FIRST_AGENT + n) for n in range(self._hired)]

    def play(self, calls: int, begin: float | None = None) -> tuple[list[Planned], list[Frame]]:
        """So many calls, from `begin` or after those before; the events in order, numbered without a hole."""
        planned: list[Planned] = []
        steps = sorted(
            self._steps(calls, self._over if begin is None else begin, planned), key=lambda step: step[:2]
        )
        return planned, [self._frame(*step) for step in steps]

    def introduce(self, agents: int, at: float) -> list[Frame]:
        """So many agents show themselves in their queues, ready; the numbers of those who are rung first."""
        forms = [
            form for _, form in self._scenes[PLAIN].frames if form.startswith(b"Event: QueueMemberStatus")
        ][-3:]
        frames = []
        for number in range(FIRST_AGENT, FIRST_AGENT + agents):
            for form in forms:
                slots = {b"a0": b"%d" % number, b"queue": QUEUES[0]}
                frames.append(self._frame(at, 0, form, slots, None))
        return frames

    def _frame(self, at: float, _: int, form: bytes, slots: dict[bytes, bytes], rings: str | None) -> Frame:
        slots[b"at"], slots[b"sequence"] = b"%.6f" % at, b"%d" % self.told
        self.told += 1
        return Frame(at, form % slots + b"\r\n\r\n", rings)

    def _steps(self, calls: int, at: float, planned: list[Planned]) -> Iterator[Step]:
        over = at
        for _ in range(calls - 1):
            at += self._random.expovariate(self.rate)
            played = self._scenes[self._random.choices(list(SCENES), list(SCENES.values()))[0]]
            over = max(over, at + played.seconds / self._pace)
            yield from self._call(played, at, planned)
        last = self._scenes[LAST]
        yield from self._call(last, over + 2, planned)  # whatever was left open before is over by then
        self._over = over + 2 + last.seconds / self._pace + FREE_AGAIN

    def _call(self, played: Scene, at: float, planned: list[Planned]) -> Iterator[Step]:
        plan, slots = self._cast(played, at)
        planned.append(plan)
        rung = iter(plan.rung)
        for offset, form in played.frames:
            self._count += 1
            rings = f"{plan.uniqueid}/{next(rung)}" if form.startswith(b"Event: AgentCalled") else None
            yield at + offset / self._pace, self._count, form, slots, rings

    def _cast(self, played: Scene, at: float) -> tuple[Planned, dict[bytes, bytes]]:
        """Who plays whom."""
        agents = [self._agent(at, at + played.seconds / self._pace) for _ in played.agents]
        caller, queue = self._random.randrange(CALLERS), self._random.choice(QUEUES)
        slots = {b"queue": queue, b"number": b"+1555%07d" % caller, b"epoch": b"%d" % at}
        slots[b"name"] = NAMES[caller % len(NAMES)].encode()
        for n in range(played.channels):
            self._legs += 1
            slots[b"u%d" % n] = b"pbx-%d.%d" % (at, self._legs)
            slots[b"c%d" % n] = b"%08x" % self._legs
        for n in range(played.bridges):
            slots[b"b%d" % n] = b"%08x-0000-4000-8000-%012x" % (self._random.getrandbits(32), self._legs)
        for n, agent in enumerate(agents):
            slots[b"a%d" % n] = agent.encode()
        return (
            Planned(
                slots[b"u0"].decode(),
                queue.decode(),
                played.outcome,
                None if played.answers is None else agents[played.answers],
                tuple(agents[: played.events["AgentCalled"]]),
                slots[b"number"].decode(),
                at,
            ),
            slots,
        )

    def _agent(self, at: float, until: float) -> str:
        while self._busy and self._busy[0][0] <= at:
            number = heappop(self._busy)[1]
            heappush(self._free, (number, number))
        if self._free:
            number = heappop(self._free)[1]
        else:
            number, self._hired = self._hired, self._hired + 1
        heappush(self._busy, (until + FREE_AGAIN, number))
        return str(FIRST_AGENT + number)
