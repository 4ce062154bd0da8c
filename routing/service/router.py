"""Gives every caller his place in line: at once when we can, later when we must."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, tzinfo
from typing import Final

from cti.domain.events import (
    CallCleared,
    CallerRecognised,
    CallQueued,
    CallsMerged,
    SwitchInService,
    VisitEnded,
)
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName, call_id
from cti.domain.records import Outcome
from routing.domain.decision import (
    MOST_AHEAD,
    CallerProfile,
    Knowledge,
    Question,
    Result,
    RoutingDecision,
    decide,
    learn,
    revalued,
)
from routing.domain.path import STRAIGHT
from routing.domain.preferred import OWN_QUEUE
from routing.domain.priority import INT_MAX, PriorityPolicy
from routing.domain.sentences import Sentence
from routing.ports import Clock, Customers, DecisionStore, Publish, QueueControl, Spawn, Team
from routing.service.before import Before
from routing.service.callers import Caller, Callers, Place
from routing.service.decisions import Decisions
from routing.service.estimates import Estimates
from routing.service.lookups import Answer, Lookups
from routing.service.mover import Mover
from routing.service.paths import Paths

OLDEST_JOIN: Final = 7 * 86_400  # seconds; an older or future time of joining is not believed


class Router:
    def __init__(
        self,
        pbx: PbxName,
        policy: PriorityPolicy,
        customers: Customers,
        control: QueueControl,
        store: DecisionStore,
        clock: Clock,
        publish: Publish,
        spawn: Spawn,
        *,
        deadline: float = 0.3,
        capacity: int = 20_000,
        most_lookups: int = 1_000,
        team: Team | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        """`deadline`: seconds a caller's lookup may take before the ordinary place is answered."""
        self.policy = policy
        self._pbx, self._customers, self._store, self._clock = pbx, customers, store, clock
        self._publish = publish
        self._paths = Paths(team, zone)
        self._deadline = deadline
        self.callers = Callers(capacity)
        self.estimates = Estimates()
        self._mover = Mover(control, clock, spawn, self._moved)
        self.decisions = Decisions((self.callers,), store, lambda: self.policy.names)
        self._lookups = Lookups(customers, spawn, most_lookups)
        self._counts: Counter[str] = Counter()
        self.before = Before()

    # The switch asks.

    def decide_at_once(self, question: Question) -> RoutingDecision | None:
        """The decision if it needs no waiting."""
        if (recalled := self._customers.remembered(question.number)) is None:
            return None
        return self._decide(question, recalled.customer, False, Result.IN_TIME, self._clock.now()).decision

    async def decide(self, question: Question) -> RoutingDecision:
        """Within the deadline; a lookup that takes longer corrects the place when it is done."""
        if (at_once := self.decide_at_once(question)) is not None:
            return at_once
        began = self._clock.now()
        lookup = self._lookups.begin(question.number)
        await asyncio.wait({lookup}, timeout=self._deadline)
        took = self._clock.now() - began
        if lookup.done():
            profile, failed = lookup.result()
            result = Result.BASELINE if failed else Result.IN_TIME
            return self._decide(question, profile, failed, result, began, took).decision
        caller = self._note(question, None, Knowledge.PENDING, Result.LATE, began, took)
        lookup.add_done_callback(lambda done: self._late(caller, done))
        return caller.decision

    def not_delivered(self, uniqueid: ChannelId) -> None:
        """The switch did not take our answer: it goes by its own number, and we correct it."""
        caller = self.callers.get(uniqueid)
        if caller is not None and caller.decision.result is Result.IN_TIME:
            caller.decision = caller.decision._replace(result=Result.LATE)
            caller.told, caller.why = self._untold(caller.decision), "not_delivered"
            self._counts["not_delivered"] += 1
            self._keep(caller)

    # Reactions.

    def consider(self, event: CallQueued) -> None:
        """Reaction: the caller stands in line. Whoever came without asking us is looked up now."""
        caller = self.callers.get(event.channel)
        if caller is not None and caller.waiting and caller.decision.queue == event.queue:
            return
        if caller is not None and _before_the_queue(caller, event.queue):
            return
        if caller is None or caller.consumed or caller.decision.queue != event.queue:
            caller = self._recall(event) or self._unasked(event)
        if _before_the_queue(caller, event.queue):
            return
        caller.consumed, caller.served = True, False
        caller.waiting_since = event.at
        caller.been.add(event.queue)
        self.callers.belongs(caller, event.call)
        caller.decision = caller.decision._replace(channel_name=event.channel_name)
        line = self.callers.stand(caller)
        if caller.decision.position_at_join is not None:
            self._go_on(caller)
            return
        caller.decision = caller.decision._replace(
            position_at_join=event.position or line.position(event.channel),
            passed_at_join=line.passed(event.channel),
            ahead=tuple(line.ahead(event.channel, MOST_AHEAD)),
        )
        caller.promised_at = self.callers.promised_at(event.queue, event.channel, event.at)
        known = next(
            (other.profile for other in self.callers.of(event.call) if other.profile is not None), None
        )
        if caller.profile is None and known is not None:
            self._learn(caller, known, Knowledge.CUSTOMER, "caller_known_better")
            return
        if why := self._outdated(caller.decision):  # it changed while he was on his way
            caller.decision, caller.why = revalued(caller.decision, self.policy), why
        self._recognised(caller)
        self._keep(caller)
        if event.number and event.number != caller.number and caller.profile is None:
            self._ask_again(caller, event.number)

    def visit_ended(self, event: VisitEnded) -> None:
        """Reaction: he waits no more. The time he first came stays known until the call is over."""
        visit = event.visit
        if visit.outcome is Outcome.ANSWERED:
            self._compare_with_promise(event)
            self.callers.answered(visit.queue, event.at, visit.joined_at)
            self._remember_agent(event)
        for caller in self.callers.of(event.call):
            if caller.decision.queue == visit.queue and caller.consumed:
                self.callers.left(caller)
            elif not _before_the_queue(caller, visit.queue):
                continue
            if visit.outcome is Outcome.ANSWERED:
                caller.served, caller.overflow = True, None  # he was to be sent on, but somebody was quicker

    def call_cleared(self, event: CallCleared) -> None:
        """Reaction: forget."""
        self.callers.forget_call(event.call)

    def merged(self, event: CallsMerged) -> None:
        """Reaction: two calls turned out to be one."""
        self.callers.merge(event.call, event.absorbed)

    def switch_in_service(self, event: SwitchInService) -> None:
        """Reaction: a restarted switch has no callers of before."""
        if event.restarted:
            self.callers.forget_all()

    def customers_changed(self, customers: Iterable[CallerProfile]) -> None:
        """Told by the customers' desk: a waiting caller whose tier changed moves at once."""
        waiting = list(self.callers.waiting())
        if not waiting:
            return
        of_number = {number: customer for customer in customers for number in customer.numbers}
        for caller in waiting:
            number = self._customers.normalise(caller.number)
            if number is not None and (customer := of_number.get(number)) is not None:
                self._learn(caller, customer, Knowledge.CUSTOMER, "customer_changed")

    # What a supervisor does.

    def put_first(self, call: CallId, by: str, reason: str) -> bool:
        """Before all others of his queue; False when he does not wait as far as we know."""
        caller = next((caller for caller in self.callers.of(call) if caller.waiting), None)
        if caller is None:
            return False
        first = next(self.callers.places(caller.decision.queue, self._clock.now(), 1)).waiting
        if first.channel == caller.decision.uniqueid:
            raised = caller.told
        else:
            raised = min(first.priority + 1, INT_MAX)
        self._counts["put_first"] += 1
        caller.why, caller.facts = "put_first", {"by": by, "reason": reason}
        caller.decision = caller.decision._replace(raised_to=raised)
        self._keep(caller)
        return True

    def will_move(self, call: CallId, queue: QueueName, by: str, reason: str) -> None:
        """He is about to be sent into this queue: the decision made there says why."""
        for caller in self.callers.of(call):
            if caller.waiting and caller.decision.queue != queue:
                facts = {"queue": caller.decision.queue, "by": by, "reason": reason}
                caller.deed = Sentence("moved_queue", facts)

    def taken(self, call: CallId, agent: AgentId, by: str, reason: str) -> None:
        """He is about to be put through to this agent."""
        for caller in self.callers.of(call):
            if caller.waiting:
                facts = {"agent": agent, "by": by, "reason": reason}
                caller.decision = caller.decision._replace(deed=Sentence("taken", facts))
                self._store.keep(caller.decision, self.policy.names)

    def keep_place(self, call: CallId, queue: QueueName, priority: int) -> None:
        """Who was owed a callback and calls himself stands where he stood; never further back."""
        for caller in self.callers.of(call):
            earlier = priority - caller.wanted
            if caller.waiting and caller.decision.queue == queue and earlier > 0:
                joined_at = caller.first_joined = caller.decision.joined_at - earlier
                caller.decision, caller.why = caller.decision._replace(joined_at=joined_at), "kept_place"
                self._keep(caller)

    def policy_changed(self, policy: PriorityPolicy, why: str = "policy_changed") -> None:
        """Another policy, or a surge: whoever waits moves at once to where he would have stood."""
        self.policy = policy
        for caller in list(self.callers.waiting()):
            self._revalue(caller, why)

    # What others want to know.

    def line(self, queue: QueueName, limit: int = 200) -> list[Place]:
        """Who waits, in the order of service."""
        return list(self.callers.places(queue, self._clock.now(), limit))

    def queues(self) -> list[QueueName]:
        """Where somebody waits."""
        return self.callers.queues()

    def counts(self) -> dict[str, int]:
        """What happened how often, and what is held in memory (`callers`, `lookups`)."""
        held = {
            "callers": len(self.callers),
            "lookups": self._lookups.open,
            "forgotten": self.callers.forgotten,
        }
        return {**self._counts, **self._mover.counts, **self._lookups.counts, **held}

    # Inside.

    def _decide(
        self,
        question: Question,
        profile: CallerProfile | None,
        failed: bool,
        result: Result,
        at: float,
        took: float = 0.0,
    ) -> Caller:
        caller = self._note(
            question,
            profile,
            self._lookups.knowledge(question.number, profile, failed=failed),
            result,
            at,
            took,
        )
        self._recognised(caller)
        return caller

    def _note(
        self,
        question: Question,
        profile: CallerProfile | None,
        knowledge: Knowledge,
        result: Result,
        at: float,
        took: float,
        *,
        asked: bool = True,
    ) -> Caller:
        before = self.callers.get(question.uniqueid)
        joined = question.joined_at
        if joined is None or not at - OLDEST_JOIN < joined < at + OLDEST_JOIN:
            joined = int(at)
        if before is not None:
            joined = min(joined, before.first_joined)  # earlier still, when a place was kept for him
        call = call_id(self._pbx, question.uniqueid)
        decision = decide(
            question,
            call,
            self.policy,
            profile,
            knowledge,
            at=at,
            joined_at=joined,
            result=result,
            took_seconds=took,
        )
        found = self._paths.of(question, self.policy, profile, before, at) if asked else STRAIGHT
        if before is not None and before.deed is not None:
            decision, before.deed = decision._replace(deed=before.deed), None
        variables = found.variables
        estimate = self.callers.estimate(question.queue, decision.priority, at) if asked else None
        if estimate is not None:
            variables += (("CTI_ESTIMATE", str(round(estimate))),)
        decision = decision._replace(path=found.reasons, variables=variables)
        caller = self.callers.decided(decision)
        caller.overflow = found.onward
        caller.profile, caller.number = profile, question.number
        self._counts[result.value] += 1
        self._store.keep(caller.decision, self.policy.names)
        return caller

    def _recall(self, event: CallQueued) -> Caller | None:
        """The caller as he was decided for before a restart, and with the place the switch gave him then."""
        decision = self.before.decision(event)
        if decision is None:
            return None
        caller = self.callers.decided(decision)
        caller.number = event.number
        caller.been |= self.before.been(event)
        if decision.corrections:
            caller.told = decision.corrections[-1].to_priority
        elif decision.result is not Result.IN_TIME:
            caller.told = self._untold(decision)
        return caller

    def _go_on(self, caller: Caller) -> None:
        """He stood there before: what was left undone is done now."""
        if why := self._outdated(caller.decision):
            self._revalue(caller, why)
        if caller.decision.knowledge in {Knowledge.PENDING, Knowledge.FAILED}:
            self._look_up(caller, "late_lookup")
        self._mover.correct(caller)

    def _compare_with_promise(self, event: VisitEnded) -> None:
        visit = event.visit
        for caller in self.callers.of(event.call):
            if caller.waiting and caller.decision.queue == visit.queue and caller.promised_at is not None:
                promised = caller.promised_at - caller.waiting_since
                self.estimates.came_true(visit.queue, promised, event.at - caller.waiting_since)

    def _remember_agent(self, event: VisitEnded) -> None:
        for caller in self.callers.of(event.call):
            if caller.decision.customer is not None and event.visit.agent is not None:
                self._paths.spoke(caller.decision.customer, event.visit.agent)

    def _unasked(self, event: CallQueued) -> Caller:
        question = Question(event.channel, event.channel_name, event.queue, event.number, None)
        recalled = self._customers.remembered(event.number)
        if recalled is not None:
            customer = recalled.customer
            knowledge = self._lookups.knowledge(event.number, customer, failed=False)
            caller = self._note(question, customer, knowledge, Result.BASELINE, event.at, 0.0, asked=False)
        else:
            caller = self._note(
                question, None, Knowledge.PENDING, Result.BASELINE, event.at, 0.0, asked=False
            )
            self._lookups.begin(event.number).add_done_callback(lambda done: self._late(caller, done))
        caller.told, caller.why = self._untold(caller.decision), "not_asked"
        return caller

    def _untold(self, decision: RoutingDecision) -> int:
        return decision.baseline if self.policy.dialplan_sets_baseline else 0

    def _ask_again(self, caller: Caller, number: str) -> None:
        """The switch knows another number now (a transfer, say)."""
        caller.number = number
        self._look_up(caller, "caller_known_better")

    def _look_up(self, caller: Caller, why: str) -> None:
        caller.why = why
        self._lookups.begin(caller.number).add_done_callback(lambda done: self._late(caller, done))

    def _late(self, caller: Caller, done: Answer) -> None:
        if not done.cancelled() and self.callers.get(caller.decision.uniqueid) is caller:
            profile, failed = done.result()
            if profile is None and caller.profile is not None:
                return  # the call's customer is known; that another number is nobody's changes nothing
            self._learn(
                caller, profile, self._lookups.knowledge(caller.number, profile, failed=failed), caller.why
            )

    def _learn(self, caller: Caller, profile: CallerProfile | None, knowledge: Knowledge, why: str) -> None:
        before = caller.decision
        caller.profile, caller.why = profile, why
        caller.decision = learn(before, self.policy, profile, knowledge)
        if caller.decision != before:
            self._recognised(caller)
            self._keep(caller)

    def _outdated(self, decision: RoutingDecision) -> str:
        """Why it is not what would be decided now, as the key of a sentence; empty when it is."""
        if decision.policy_version != self.policy.version:
            return "policy_changed"
        surging = decision.queue in self.policy.surging
        return "" if decision.surging is surging else "surge_began" if surging else "surge_ended"

    def _revalue(self, caller: Caller, why: str) -> None:
        before, caller.why = caller.decision, why
        caller.decision = revalued(before, self.policy)
        if caller.decision.tier is not before.tier:
            self._recognised(caller)
        if caller.decision != before:
            self._keep(caller)

    def _recognised(self, caller: Caller) -> None:
        decision, profile = caller.decision, caller.profile
        recalled = profile is None and decision.customer is not None  # told before the restart, with his name
        if decision.knowledge is not Knowledge.PENDING and not recalled:
            name = None if profile is None else profile.name
            self._publish(
                CallerRecognised(
                    self._clock.now(),
                    decision.call,
                    decision.customer,
                    name,
                    decision.tier,
                    decision.tier_source,
                )
            )

    def _moved(self, caller: Caller) -> None:
        if caller.waiting:
            self.callers.stand(caller)
        self._store.keep(caller.decision, self.policy.names)

    def _keep(self, caller: Caller) -> None:
        self._moved(caller)
        self._mover.correct(caller)


def _before_the_queue(caller: Caller, queue: QueueName) -> bool:
    """He waits for his preferred agent, whose own queue is no decision of its own."""
    return queue.startswith(OWN_QUEUE) and ("CTI_PREFERRED", queue) in caller.decision.variables
