"""Puts the parts of `care` together, and shows it the switches, the customers and the books as it wants to see them."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from care.adapters.policy_file import read_policy
from care.adapters.store import SqlCare
from care.domain.callback import Conversation, Progress
from care.domain.policy import CarePolicy
from care.domain.turn import FreeAgent, Standing
from care.ports import NewAttempt, Waiting
from care.service.attempts import Attempts
from care.service.callbacks import CallbackDesk, Wish
from care.service.news import CareNews
from care.service.rescues import RescueDesk
from config.branch import Branch
from cti.adapters.call_store import SqlCallStore
from cti.domain.agents import AgentState
from cti.domain.errors import CtiError, Unknown
from cti.domain.events import CallbackChanged, RescueChanged
from cti.domain.identifiers import CallId, CustomerId, PbxName, PhoneNumber, QueueName, Tier, pbx_of
from cti.domain.metering import Distribution, PromiseNumbers
from cti.domain.records import CallRecord, Direction, VisitRecord
from cti.ports import Clock, NewCall
from customers.adapters.numbering import NumberingPlan
from customers.service.desk import CustomerDesk
from routing.domain.decision import Question
from routing.domain.priority import PriorityPolicy, priority

MOST_IN_LINE = 500


@dataclass(slots=True)
class Care:
    """Everything that keeps promises."""

    policy: CarePolicy
    callbacks: CallbackDesk
    rescues: RescueDesk
    attempts: Attempts
    news: CareNews
    floor: "SwitchFloor"

    @property
    def works(self) -> Sequence[Callable[[], Coroutine[Any, Any, None]]]:
        """What runs until the end."""
        return self.rescues.run, self.attempts.run, self.news.run

    def numbers(self) -> PromiseNumbers:
        """For the metrics."""
        late = self.attempts.late
        return PromiseNumbers(
            self.news.callbacks(),
            dict(self.attempts.kept),
            Distribution(late.bounds, tuple(late.counts), late.total),
            self.news.rescues(),
            self.rescues.overdue(),
        )

    async def promise(self, question: Question) -> bool:
        """The dialplan asks for a caller who pressed the key; whether he is called back now."""
        try:
            await self.callbacks.accept(self.floor.wish(question))
        except CtiError:
            return False
        return True


def make_care(
    rules: tuple[Path, tzinfo, str],
    engine: AsyncEngine,
    branches: Sequence[Branch],
    customers: CustomerDesk,
    routing: PriorityPolicy,
    calls: SqlCallStore,
    flush: Callable[[], Coroutine[Any, Any, None]],
    clock: Clock,
) -> Care:
    """`rules`: the folder of policies, the house's zone and region. Raises PolicyRefused."""
    folder, zone, region = rules
    policy, store = read_policy(folder / "callbacks.yaml", zone), SqlCare(engine)
    floor = SwitchFloor({branch.pbx: branch for branch in branches}, calls)
    dial = NumberRules(customers, NumberingPlan(region), policy)

    async def identify(number: PhoneNumber) -> tuple[CustomerId | None, str | None, Tier]:
        known = await customers.lookup(number)
        return (None, None, routing.unknown_tier) if known is None else (known.id, known.name, known.tier)

    def place(queue: QueueName, tier: Tier, joined_at: float) -> int:
        return priority(int(joined_at), routing.credit(queue, tier).seconds)

    callbacks = CallbackDesk(store, policy, floor, dial, identify, place, clock)
    rescues = RescueDesk(store, policy, floor, dial, identify, _History(calls), clock)
    return Care(
        policy=policy,
        callbacks=callbacks,
        rescues=rescues,
        attempts=Attempts(callbacks, rescues, store, policy, floor, dial, clock),
        news=CareNews(store, floor.tell, flush),
        floor=floor,
    )


class NumberRules:
    """Only ordinary numbers of one's own country, and none that is never to be called."""

    def __init__(self, customers: CustomerDesk, plan: NumberingPlan, policy: CarePolicy) -> None:
        self._customers, self._plan, self._policy = customers, plan, policy

    def normalise(self, text: str | None) -> PhoneNumber | None:
        return self._customers.normalise(text)

    def why_not(self, number: PhoneNumber) -> str | None:
        if number in self._policy.never_call:
            return "it is on the list of numbers that are never called."
        return None if self._plan.ordinary(number) else "only ordinary numbers of this country are."


class _History:
    def __init__(self, calls: SqlCallStore) -> None:
        self._calls = calls

    async def ended(self, since: float, until: float) -> Sequence[VisitRecord]:
        visits = [visit for visit in await self._calls.visits(since, until) if visit.outcome_at is not None]
        return sorted(visits, key=lambda visit: visit.outcome_at or 0.0)


class SwitchFloor:
    """All switches, as far as promises go."""

    def __init__(self, branches: dict[PbxName, Branch], calls: SqlCallStore) -> None:
        self._branches, self._calls = branches, calls

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
            if agent.state is AgentState.READY
        ]

    def queue_of(self, queue: QueueName) -> PbxName | None:
        for pbx, branch in self._branches.items():
            if any(queue in agent.memberships for agent in branch.monitor.agents()):
                return pbx
        return None

    def waiting(self) -> Sequence[Waiting]:
        return [
            waiting
            for branch in self._branches.values()
            for queue in branch.router.queues()
            for waiting in _waiting(branch, queue)
        ]

    async def progress(self, call: CallId) -> Progress | None:
        branch = self._branches.get(pbx_of(call))
        live = None if branch is None else branch.monitor.record(call)
        if live is not None:
            return Progress(lasts=True, rung=live.direction is Direction.OUTBOUND, talk=_longest(live))
        told = await self._calls.call(call)
        if told is None:
            return None
        talks = [
            Conversation(one["agent"], one["began_at"], one["talk_seconds"] + one["hold_seconds"])
            for one in told["segments"]
        ]
        longest = max(talks, key=lambda talk: talk.seconds, default=None)
        return Progress(lasts=False, rung=told["direction"] == Direction.OUTBOUND, talk=longest)

    async def make(self, attempt: NewAttempt) -> None:
        branch = self._branches[attempt.pbx]
        agent = branch.monitor.agent(attempt.agent)
        if agent is None or not agent.interface:
            raise Unknown(f"agent {attempt.agent} has no telephone.")
        await branch.link.switch.make(
            NewCall(
                endpoint=agent.interface,
                context="tierline-callback",
                exten=attempt.number,
                caller_id=attempt.number,
                channel=attempt.channel,
                seconds=attempt.ring_seconds,
                variables={"CTI_RING": f"{attempt.customer_ring_seconds:g}"},
            )
        )

    async def withdraw(self, pbx: PbxName, queue: QueueName, channel_name: str) -> None:
        await self._branches[pbx].link.switch.withdraw(queue, channel_name, "offer")

    def keep_place(self, call: CallId, queue: QueueName, priority: int) -> None:
        self._branches[pbx_of(call)].router.keep_place(call, queue, priority)

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


def _waiting(branch: Branch, queue: QueueName) -> Sequence[Waiting]:
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
                )
            )
    return found


def _longest(record: CallRecord) -> Conversation | None:
    talks = [
        Conversation(one.agent, one.began_at, one.talk_seconds + one.hold_seconds) for one in record.segments
    ]
    return max(talks, key=lambda talk: talk.seconds, default=None)
