"""All switches, as far as promises go: who waits, who is free, and what became of a call."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

from care.domain.callback import Conversation, Progress
from care.domain.turn import FreeAgent, Standing
from care.ports import NewAttempt, Waiting
from care.service.callbacks import Wish
from config.branch import Branch
from cti.adapters.call_store import SqlCallStore
from cti.domain.agents import Agent, AgentState
from cti.domain.dialling import DiallingPolicy
from cti.domain.errors import NotPossibleNow, SwitchRefused, Unknown
from cti.domain.events import CallbackChanged, RescueChanged
from cti.domain.identifiers import AgentId, CallId, PbxName, PhoneNumber, QueueName, pbx_of
from cti.domain.records import CallRecord, Direction
from cti.ports import Clock, NewCall
from cti.service.control_desk import telephone
from routing.domain.decision import Question
from routing.domain.hours import CALLBACK
from routing.service.overflows import AGAIN_SECONDS

MOST_IN_LINE: Final = 500
_TAIL: Final = 6
"""Digits at the end that all writings of one number have in common."""
FLUSH_SECONDS: Final = 2.0
"""Records on their way to the store are waited for so long, then looked for again."""
NOT_KNOWN_YET: Final = Progress(lasts=True, rung=False, talk=None)


class SwitchFloor:
    def __init__(
        self,
        branches: Mapping[PbxName, Branch],
        calls: SqlCallStore,
        flush: Callable[[], Coroutine[Any, Any, None]],
        normalise: Callable[[str | None], PhoneNumber | None],
        numbers: DiallingPolicy,
        clock: Clock,
    ) -> None:
        """`flush` returns when all that was heard is in the store."""
        self._branches, self._calls, self._flush = branches, calls, flush
        self._normalise, self._numbers, self._clock = normalise, numbers, clock

    def line(self, pbx: PbxName, queue: QueueName) -> Sequence[Standing]:
        branch = self._branches.get(pbx)
        places = [] if branch is None else branch.router.line(queue, MOST_IN_LINE)
        return [Standing(place.waiting.priority, place.waiting.joined_at) for place in places]

    def free(self) -> Sequence[FreeAgent]:
        return [
            FreeAgent(
                pbx,
                agent.id,
                agent.since,
                {queue: member.penalty for queue, member in agent.memberships.items() if not member.paused},
            )
            for pbx, branch in self._branches.items()
            if branch.up
            for agent in branch.monitor.agents()
            if agent.state is AgentState.READY and self._rings(agent)
        ]

    def _rings(self, agent: Agent) -> bool:
        """Whether his telephone is one of the switch's own: a Local channel or a trunk is nobody's leg, and never rung."""
        try:
            telephone(self._numbers, agent.interface)
        except NotPossibleNow:
            return False
        return True

    def queue_of(self, queue: QueueName) -> PbxName | None:
        for pbx, branch in self._branches.items():
            if any(queue in agent.memberships for agent in branch.monitor.agents()):
                return pbx
        return None

    def waiting(self) -> Sequence[Waiting]:
        return [
            waiting
            for branch in self._branches.values()
            if branch.up  # else the line is one of before
            for queue in branch.router.queues()
            for waiting in _waiting(branch, queue, self._clock.now())
        ]

    async def progress(self, call: CallId) -> Progress | None:
        branch = self._branches.get(pbx_of(call))
        live = None if branch is None else branch.monitor.record(call)
        if live is not None:
            return Progress(lasts=True, rung=live.direction is Direction.OUTBOUND, talk=_longest(live))
        # The model forgets a call when its record is handed to the books: the store may not have it yet.
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await self._flush()
        except TimeoutError:
            return NOT_KNOWN_YET
        told = await self._calls.call(call)
        if told is None:
            return NOT_KNOWN_YET if branch is not None and not branch.up else None
        talks = [
            Conversation(one["agent"], one["began_at"], one["talk_seconds"] + one["hold_seconds"])
            for one in told["segments"]
        ]
        longest = max(talks, key=lambda talk: talk.seconds, default=None)
        return Progress(lasts=False, rung=told["direction"] == Direction.OUTBOUND, talk=longest)

    async def make(self, attempt: NewAttempt) -> None:
        branch = self._branches[attempt.pbx]
        agent = branch.monitor.agent(attempt.agent)
        if agent is None or not self._rings(agent):
            raise SwitchRefused(f"agent {attempt.agent} has no telephone of this switch.")
        await branch.link.switch.make(
            NewCall(
                endpoint=agent.interface,
                context="tierline-callback",
                exten=attempt.goal.digits,
                caller_id=attempt.goal.shown,
                channel=attempt.channel,
                seconds=attempt.ring_seconds,
                variables={"CTI_RING": f"{attempt.customer_ring_seconds:g}"},
            )
        )

    async def withdraw(self, one: Waiting) -> None:
        branch = self._branches[one.pbx]
        for caller in branch.router.callers.of(one.call):  # an overflow may want him too: one of us at a time
            caller.withdrawn_until = self._clock.now() + AGAIN_SECONDS
        await branch.link.switch.withdraw(one.queue, one.channel_name, CALLBACK)

    def keep_place(self, call: CallId, queue: QueueName, priority: int) -> None:
        self._branches[pbx_of(call)].router.keep_place(call, queue, priority)

    def logged_on(self, agent: AgentId) -> bool:
        return any(
            not branch.up or ((known := branch.monitor.agent(agent)) is not None and bool(known.memberships))
            for branch in self._branches.values()
        )

    def busy(self, pbx: PbxName, agent: AgentId) -> bool:
        return bool(self._branches[pbx].monitor.own_calls(agent))

    def engaged(self, number: PhoneNumber) -> bool:
        end = number[-_TAIL:]
        return any(
            self._normalise(record.caller_number) == number
            for branch in self._branches.values()
            for record in branch.monitor.records()
            if record.caller_number is not None and re.sub(r"[^0-9]", "", record.caller_number).endswith(end)
        )

    def tell(self, pbx: PbxName, change: CallbackChanged | RescueChanged) -> None:
        branch = self._branches.get(pbx)
        if branch is not None:
            branch.bus.publish(change)

    def wish(self, question: Question) -> Wish:
        """What a caller who pressed the key is known to want. Raises Unknown for a switch that is not ours."""
        branch = (
            next(iter(self._branches.values())) if question.pbx is None else self._branches.get(question.pbx)
        )
        if branch is None:
            raise Unknown("There is no such switch.")
        caller = branch.router.callers.get(question.uniqueid)
        if caller is None:
            joined = None if question.joined_at is None else float(question.joined_at)
            return Wish(question.queue, question.number, "key", "", branch.pbx, None, joined)
        decision, profile = caller.decision, caller.profile
        known = decision.customer, None if profile is None else profile.name, decision.tier
        return Wish(
            question.queue,
            question.number,
            "key",
            "",
            branch.pbx,
            decision.call,
            float(decision.joined_at),
            caller.told,
            None,
            known,
        )


def _waiting(branch: Branch, queue: QueueName, now: float) -> Sequence[Waiting]:
    found = []
    for place in branch.router.line(queue, MOST_IN_LINE):
        caller = branch.router.callers.get(place.waiting.channel)
        if caller is not None:
            decision, profile, waiting = caller.decision, caller.profile, place.waiting
            found.append(
                Waiting(
                    branch.pbx,
                    queue,
                    waiting.call,
                    decision.channel_name,
                    caller.number,
                    decision.customer,
                    None if profile is None else profile.name,
                    waiting.tier,
                    float(waiting.joined_at),
                    waiting.priority,
                    place.promised_at,
                    caller.waiting_since,
                    now < caller.withdrawn_until,
                )
            )
    return found


def _longest(record: CallRecord) -> Conversation | None:
    talks = [
        Conversation(one.agent, one.began_at, one.talk_seconds + one.hold_seconds) for one in record.segments
    ]
    return max(talks, key=lambda talk: talk.seconds, default=None)
