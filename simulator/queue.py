"""A queue as app_queue keeps it: who waits in which order, and which member is rung next. No time, no sockets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from simulator.channels import Channel, DeviceState, Phone
from simulator.scenario import ScriptedQueue

FREE: Final = frozenset({DeviceState.NOT_INUSE})
ANY_PENALTY: Final = 2**31 - 1


@dataclass(eq=False, slots=True)
class Member:
    """One person in one queue. Times are whole epoch seconds, 0 for never."""

    name: str
    phone: Phone
    penalty: int = 0
    membership: str = "static"
    paused: bool = False
    reason: str = ""
    calls: int = 0
    last_call: int = 0
    last_pause: int = 0
    login: int = 0
    in_call_since: int = 0
    wrapup: float = 0.0
    place: int = 0  # rrmemory's queuepos

    @property
    def interface(self) -> str:
        return self.phone.device

    def can_ring(self, now: float) -> bool:
        """Not paused, not busy, after-call pause over."""
        if self.paused or self.phone.announced not in FREE or self.phone.state not in FREE:
            return False
        return not (self.wrapup and self.last_call and int(now) - self.last_call < self.wrapup)

    @property
    def available(self) -> bool:
        return not self.paused and self.phone.announced in FREE


@dataclass(eq=False, slots=True)
class Waiting:
    """A caller in a queue. `offered` while a phone rings for him."""

    channel: Channel
    priority: int
    joined: float
    position: int = 0
    original_position: int = 0
    expires: float | None = None
    offered: bool = False
    withdraw: str | None = None
    linear: int = 0
    linear_wrapped: bool = False
    penalties: tuple[int, int, int] = (0, ANY_PENALTY, 0)  # lowest, highest, raised to


@dataclass(eq=False, slots=True)
class CallQueue:
    settings: ScriptedQueue
    autofill: bool = True
    members: list[Member] = field(default_factory=list)
    callers: list[Waiting] = field(default_factory=list)
    completed: int = 0
    abandoned: int = 0
    completed_in_target: int = 0
    abandoned_in_target: int = 0
    hold_time: int = 0
    talk_time: int = 0
    service_level: int = 20
    round_robin: int = 0
    wrapped: bool = False

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def full(self) -> bool:
        return 0 < self.settings.max_length <= len(self.callers)

    @property
    def empty(self) -> bool:
        """Nobody reachable: the join is refused unless `join_empty`. Paused and busy members count as there."""
        return not any(each.phone.announced is not DeviceState.UNAVAILABLE for each in self.members)

    def join(self, caller: Waiting, position: int = 0) -> bool:
        """Higher priority goes before lower, first come first served inside equal; False when full."""
        if self.full:
            return False
        self._insert(caller, position)
        return True

    def move(self, caller: Waiting, priority: int) -> None:
        self.callers.remove(caller)
        caller.priority = priority
        self._insert(caller, 0)

    def leave(self, caller: Waiting) -> None:
        self.callers.remove(caller)
        self._renumber()

    def _insert(self, caller: Waiting, wanted: int) -> None:
        place = len(self.callers)
        for index, other in enumerate(self.callers):
            overtakes = caller.priority > other.priority
            asked_for = wanted and caller.priority >= other.priority and wanted <= index + 1
            if overtakes or asked_for:
                place = index
                break
        self.callers.insert(place, caller)
        self._renumber()
        # Asterisk counts an immediate change of priority as a new entry too.
        caller.original_position = caller.position

    def _renumber(self) -> None:
        for index, each in enumerate(self.callers):
            each.position = index + 1

    def is_turn_of(self, caller: Waiting, available: int) -> bool:
        """With autofill, as many callers are served at once as members are free; else the first alone."""
        if not self.autofill or self.settings.strategy == "ringall":
            available = min(available, 1)
        ahead = 0
        for each in self.callers:
            if each is caller:
                return ahead < available and (self.autofill or each.position == 1)
            if not each.offered:
                ahead += 1
        return False

    def offers(self, caller: Waiting, can_ring: Callable[[Member], bool]) -> list[Member]:
        """The members to ring now: one, or for ringall all of the best penalty that can be rung.

        Remembers where to begin the next time, as linear and rrmemory do.
        """
        metrics = self._metrics(caller)
        tried: list[tuple[int, Member]] = []
        rest = list(metrics)
        while rest and not tried:
            best = min(metric for metric, _ in rest)
            if self.settings.strategy == "ringall":
                batch = [pair for pair in rest if pair[0] <= best]
            else:
                batch = [next(pair for pair in rest if pair[0] == best)]
            rest = [pair for pair in rest if pair not in batch]
            tried = [pair for pair in batch if can_ring(pair[1])]
        self._remember(caller, rest)
        return [member for _, member in tried]

    def _metrics(self, caller: Waiting) -> list[tuple[int, Member]]:
        lowest, highest, raised = caller.penalties
        pairs = []
        for index, member in enumerate(self.members):
            penalty = max(member.penalty, raised)
            if not lowest <= penalty <= highest:
                continue
            metric = 0
            if self.settings.strategy == "linear":
                metric = index + (1000 if index < caller.linear else 0)
                caller.linear_wrapped |= index > caller.linear
            elif self.settings.strategy == "rrmemory":
                metric = member.place + (1000 if member.place < self.round_robin else 0)
                self.wrapped |= member.place > self.round_robin
            pairs.append((metric + penalty * 1_000_000, member))
        return pairs

    def _remember(self, caller: Waiting, rest: Sequence[tuple[int, Member]]) -> None:
        following = min((metric for metric, _ in rest), default=None)
        if self.settings.strategy == "rrmemory":
            self.round_robin = _next(following, self.round_robin, self.wrapped)
            self.wrapped = False
        elif self.settings.strategy == "linear":
            caller.linear = _next(following, caller.linear, caller.linear_wrapped)
            caller.linear_wrapped = False

    def add(self, member: Member) -> None:
        member.place = max((each.place for each in self.members), default=-1) + 1
        self.members.append(member)

    def member(self, interface: str) -> Member | None:
        return next((each for each in self.members if each.interface == interface), None)

    def answered(self, waited: int) -> None:
        self.hold_time = waited if not self.hold_time else (3 * self.hold_time + waited) >> 2

    def finished(self, member: Member, talked: int, now: float, *, in_target: bool) -> None:
        member.calls += 1
        member.last_call = int(now)
        member.in_call_since = 0
        self.completed += 1
        self.completed_in_target += in_target
        self.talk_time = talked if self.completed == 1 else (3 * self.talk_time + talked) >> 2


def _next(following: int | None, current: int, wrapped: bool) -> int:
    if following is not None:
        return following % 1000
    return 0 if wrapped else current + 1


def as_number(value: str | None, default: int) -> int:
    """As sscanf reads %30d; nonsense counts as 0."""
    if value is None:
        return default
    try:
        return int(value.strip())
    except ValueError:
        return 0
