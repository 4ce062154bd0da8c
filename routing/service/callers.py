"""The callers on their way into queues, remembered until their calls are over; bounded."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from cti.domain.identifiers import CallId, ChannelId, QueueName
from routing.domain.decision import CallerProfile, RoutingDecision, place_sentence
from routing.domain.priority import Credit
from routing.domain.sentences import Sentence
from routing.domain.waiting_line import AnswerPace, Waiting, WaitingLine


class Place(NamedTuple):
    """A waiting caller as the floor shows him; `passed` as `WaitingLine.passed` counts."""

    waiting: Waiting
    position: int
    promised_at: float | None
    passed: int

    @property
    def why(self) -> Sentence:
        """Put into words only when somebody shows it: callbacks ask for every line twice a second."""
        credit = Credit(self.waiting.credit_seconds, self.waiting.strict)
        return place_sentence(self.position, self.passed, self.waiting.tier, credit)


class Caller:
    """One channel. `told` is the priority the switch has, as far as we know."""

    __slots__ = (
        "been",
        "consumed",
        "decision",
        "deed",
        "facts",
        "first_joined",
        "moving",
        "number",
        "overflow",
        "profile",
        "promised_at",
        "served",
        "told",
        "waiting",
        "waiting_since",
        "why",
        "withdrawn_until",
    )

    def __init__(self, decision: RoutingDecision) -> None:
        self.decision = decision
        self.number: str | None = None
        self.first_joined = decision.joined_at
        self.profile: CallerProfile | None = None
        self.told = decision.priority
        self.why = "late_lookup"  # the key of the sentence, should he have to be moved
        self.facts: Mapping[str, str] = {}  # … and what else it says
        self.deed: Sentence | None = None  # what a supervisor is about to do with him
        self.consumed = False  # the decision's visit has begun
        self.waiting = False
        self.waiting_since = 0.0  # in this queue
        self.withdrawn_until = 0.0
        self.moving = False
        self.promised_at: float | None = None  # when he was to be answered, as it looked at the join
        self.been: set[QueueName] = set()
        """Queues he stood in."""
        self.served = False  # somebody answered him after he last stood in line
        self.overflow: Sentence | None = None  # why he was sent on to the queue he comes to next

    @property
    def wanted(self) -> int:
        return self.decision.priority

    def waits_for(self, queue: QueueName) -> bool:
        """He comes back to a queue he stands in (an offer declined, a telephone not answered), or was sent there from his place."""
        sent = [why.key for why in (self.overflow, self.deed) if why is not None]
        sent_on = any(key == "moved_queue" or key.startswith("overflow_") for key in sent)
        return not self.served and (sent_on or queue in self.been)


class Callers:
    """By channel, by call, and in line. Beyond `capacity` channels the oldest are forgotten, and counted."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._by_channel: OrderedDict[ChannelId, Caller] = OrderedDict()
        self._channels: dict[CallId, list[ChannelId]] = {}
        self._lines: dict[QueueName, WaitingLine] = {}
        self._paces: dict[QueueName, AnswerPace] = {}
        self.forgotten = 0

    def __len__(self) -> int:
        return len(self._by_channel)

    def get(self, channel: ChannelId) -> Caller | None:
        return self._by_channel.get(channel)

    def decided(self, decision: RoutingDecision) -> Caller:
        """A new decision for a channel, known or new."""
        channel = decision.uniqueid
        caller = self._by_channel.get(channel)
        if caller is None:
            caller = self._by_channel[channel] = Caller(decision)
            self._channels.setdefault(decision.call, []).append(channel)
            if len(self._by_channel) > self._capacity:
                self.forgotten += 1
                self._forget(next(iter(self._by_channel)))
            return caller
        self.left(caller)
        caller.decision = decision._replace(call=caller.decision.call)
        caller.told, caller.why, caller.consumed = decision.priority, "late_lookup", False
        return caller

    def belongs(self, caller: Caller, call: CallId) -> None:
        """The call that the channel is part of, whatever we guessed."""
        channel, before = caller.decision.uniqueid, caller.decision.call
        if before != call:
            self._unlink(channel, before)
            caller.decision = caller.decision._replace(call=call)
            self._channels.setdefault(call, []).append(channel)

    def merge(self, call: CallId, absorbed: CallId) -> None:
        for caller in list(self.of(absorbed)):
            self.belongs(caller, call)

    def of(self, call: CallId) -> Iterator[Caller]:
        for channel in self._channels.get(call, ()):
            yield self._by_channel[channel]

    def stand(self, caller: Caller) -> WaitingLine:
        """In line where the switch has him."""
        decision = caller.decision
        caller.waiting = True
        line = self._lines.setdefault(decision.queue, WaitingLine())
        line.put(
            Waiting(
                decision.uniqueid,
                decision.call,
                decision.tier,
                decision.joined_at,
                caller.told - decision.baseline,
                decision.credit.strict,
                caller.told,
            )
        )
        return line

    def left(self, caller: Caller) -> None:
        if caller.waiting:
            caller.waiting = False
            self._lines[caller.decision.queue].remove(caller.decision.uniqueid)

    def waiting(self) -> Iterator[Caller]:
        for line in self._lines.values():
            for waiting in line:
                yield self._by_channel[waiting.channel]

    def forget_call(self, call: CallId) -> None:
        for channel in list(self._channels.get(call, ())):
            self._forget(channel)

    def forget_all(self) -> None:
        self._by_channel.clear()
        self._channels.clear()
        self._lines.clear()

    def answered(self, queue: QueueName, at: float, joined_at: float) -> None:
        self._paces.setdefault(queue, AnswerPace()).answered(at, joined_at)

    def queues(self) -> list[QueueName]:
        """Where somebody waits."""
        return [queue for queue, line in self._lines.items() if len(line)]

    def promised_at(self, queue: QueueName, channel: ChannelId, now: float) -> float | None:
        line, pace = self._lines.get(queue), self._paces.get(queue)
        position = None if line is None else line.position(channel)
        return None if pace is None or position is None else pace.promised_at(position, now)

    def estimate(self, queue: QueueName, priority: int, now: float) -> float | None:
        """Seconds until somebody who joins now is answered, if it goes on as it went."""
        line, pace = self._lines.get(queue), self._paces.get(queue)
        if line is None or pace is None or (at := pace.promised_at(line.place_of(priority), now)) is None:
            return None
        return at - now

    def load(self, queue: QueueName, now: float) -> tuple[int, float]:
        """How many wait, and how many seconds the one who came to this queue first."""
        line = self._lines.get(queue, ())
        since = min((self._by_channel[waiting.channel].waiting_since for waiting in line), default=now)
        return len(line), max(0.0, now - since)

    def standing(self, queue: QueueName, limit: int) -> list[tuple[int, Caller]]:
        """Places from 1, in the order of service."""
        line = islice(self._lines.get(queue, ()), limit)
        return [(position, self._by_channel[waiting.channel]) for position, waiting in enumerate(line, 1)]

    def places(self, queue: QueueName, now: float, limit: int) -> Iterator[Place]:
        line, pace = self._lines.get(queue), self._paces.get(queue)
        if line is None:
            return
        for position, (waiting, passed) in enumerate(zip(line, line.passed_by_first(limit), strict=False), 1):
            promised_at = None if pace is None else pace.promised_at(position, now)
            yield Place(waiting, position, promised_at, passed)

    def _forget(self, channel: ChannelId) -> None:
        caller = self._by_channel.pop(channel)
        self.left(caller)
        self._unlink(channel, caller.decision.call)

    def _unlink(self, channel: ChannelId, call: CallId) -> None:
        channels = self._channels.get(call, [])
        if channel in channels:
            channels.remove(channel)
        if not channels:
            self._channels.pop(call, None)
