"""Puts the parts of `care` together, and shows it the switches, the customers and the books as it wants to see them."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from care.adapters.policy_file import read_policy
from care.adapters.store import SqlCare
from care.adapters.survey_store import SqlSurveys
from care.domain.hours import OpeningHours
from care.domain.policy import CarePolicy
from care.service.attempts import Attempts
from care.service.callbacks import CallbackDesk
from care.service.news import CareNews
from care.service.rescues import RescueDesk
from care.service.surveys import SurveyDesk
from config.branch import Branch
from config.care_floor import SwitchFloor
from cti.adapters.call_store import SqlCallStore
from cti.domain.dialling import DiallingPolicy, Goal, Purpose, Refusal, goal
from cti.domain.errors import CtiError
from cti.domain.identifiers import CustomerId, PhoneNumber, QueueName, Tier
from cti.domain.metering import PromiseNumbers, distribution
from cti.domain.records import VisitRecord
from cti.ports import Clock
from customers.adapters.csv_file import CsvFiles
from customers.adapters.dialling_plan import DiallingPlan
from customers.adapters.numbering import NumberingPlan
from customers.service.desk import CustomerDesk
from routing.domain.decision import Question
from routing.domain.hours import spans_of
from routing.domain.priority import PriorityPolicy, priority


@dataclass(slots=True)
class Care:
    """Everything that keeps promises, and what customers said of us."""

    policy: CarePolicy
    callbacks: CallbackDesk
    rescues: RescueDesk
    attempts: Attempts
    news: CareNews
    floor: SwitchFloor
    surveys: SurveyDesk

    @property
    def works(self) -> Sequence[Callable[[], Coroutine[Any, Any, None]]]:
        """What runs until the end."""
        return self.rescues.run, self.attempts.run, self.news.run

    def numbers(self) -> PromiseNumbers:
        """For the metrics."""
        return PromiseNumbers(
            self.news.callbacks(),
            dict(self.attempts.kept),
            distribution(self.attempts.late),
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
    rules: tuple[Path, tzinfo],
    numbers: tuple[DiallingPlan, DiallingPolicy],
    numbering: NumberingPlan,
    engine: AsyncEngine,
    branches: Sequence[Branch],
    customers: CustomerDesk,
    routing: Callable[[], PriorityPolicy],
    calls: SqlCallStore,
    flush: Callable[[], Coroutine[Any, Any, None]],
    clock: Clock,
) -> Care:
    """`rules`: the folder of policies and the house's zone; `routing`: its policy as it is now. Raises PolicyRefused."""
    folder, zone = rules

    def hours_of(queue: QueueName) -> OpeningHours:
        hours = routing().hours.get(queue)
        return OpeningHours(zone) if hours is None else OpeningHours(zone, lambda day: spans_of(hours, day))

    policy = read_policy(folder / "callbacks.yaml", hours_of)._replace(surging=lambda: routing().surging)
    store = SqlCare(engine)
    floor = SwitchFloor(
        {branch.pbx: branch for branch in branches}, calls, flush, customers.normalise, numbers[1], clock
    )
    dial = _MayDial(customers, *numbers)

    async def identify(number: PhoneNumber) -> tuple[CustomerId | None, str | None, Tier]:
        known = await customers.lookup(number)
        return (None, None, routing().unknown_tier) if known is None else (known.id, known.name, known.tier)

    def place(queue: QueueName, tier: Tier, joined_at: float) -> int:
        return priority(int(joined_at), routing().credit(queue, tier).seconds)

    callbacks = CallbackDesk(store, policy, floor, dial, identify, place, clock)
    rescues = RescueDesk(store, policy, floor, dial, identify, _History(calls), clock)
    return Care(
        policy=policy,
        callbacks=callbacks,
        rescues=rescues,
        attempts=Attempts(callbacks, rescues, store, policy, floor, dial, clock),
        news=CareNews(store, floor.tell, flush),
        floor=floor,
        surveys=SurveyDesk(SqlSurveys(engine), CsvFiles(), numbering, clock, zone),
    )


class _MayDial:
    """The one number policy, for callbacks and rescues."""

    def __init__(self, customers: CustomerDesk, plan: DiallingPlan, policy: DiallingPolicy) -> None:
        self._plan, self._policy = plan, policy
        self.normalise = customers.normalise

    def goal(self, number: PhoneNumber) -> Goal | Refusal:
        return goal(self._policy, self._plan.explain(number), Purpose.CALL_BACK)


class _History:
    def __init__(self, calls: SqlCallStore) -> None:
        self._calls = calls

    async def ended(self, since: float, until: float) -> Sequence[VisitRecord]:
        visits = [visit for visit in await self._calls.visits(since, until) if visit.outcome_at is not None]
        return sorted(visits, key=lambda visit: visit.outcome_at or 0.0)
