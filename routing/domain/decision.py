"""What was decided for one caller and why: facts that are kept, and the sentences that follow from them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

from cti.domain.identifiers import (
    AgentId,
    CallId,
    ChannelId,
    CustomerId,
    PbxName,
    PhoneNumber,
    QueueName,
    Tier,
)
from routing.domain.priority import Credit, PriorityPolicy, baseline, priority
from routing.domain.sentences import Names, Sentence, document
from routing.domain.waiting_line import Waiting


class CallerProfile(Protocol):
    """What routing wants to know of a customer."""

    @property
    def id(self) -> CustomerId: ...
    @property
    def name(self) -> str: ...
    @property
    def tier(self) -> Tier: ...
    @property
    def tier_source(self) -> str: ...
    @property
    def numbers(self) -> tuple[PhoneNumber, ...]: ...
    @property
    def language(self) -> str: ...
    @property
    def owner(self) -> AgentId | None: ...


class Question(NamedTuple):
    """A caller is about to join. `joined_at` when the switch says he came earlier than now."""

    uniqueid: ChannelId
    channel_name: str
    queue: QueueName
    number: str | None
    joined_at: int | None
    pbx: PbxName | None = None  # when the switch says which one it is
    wants_callback: bool = False  # he does not join: he pressed the key, and asks to be called back
    dialled: str | None = None  # the number the caller dialled, as the trunk told it


class Result(StrEnum):
    """How the switch came to the right number."""

    IN_TIME = "answered_in_time"
    LATE = "late"  # the dialplan's own number first; moved afterwards when that was wrong
    BASELINE = "baseline"  # the dialplan's own number stands


class Knowledge(StrEnum):
    """What the number told; each is also the key of its sentence."""

    CUSTOMER = "tier_of_customer"
    UNKNOWN = "number_unknown"
    WITHHELD = "number_withheld"
    PENDING = "lookup_pending"
    FAILED = "lookup_failed"


class Correction(NamedTuple):
    """The caller was moved while waiting; `to_priority` is what the switch took."""

    at: float
    from_priority: int
    to_priority: int
    why: Sentence


class RoutingDecision(NamedTuple):
    """Times in seconds since 1970. `call` is a guess until the caller is seen in the queue."""

    uniqueid: ChannelId
    call: CallId
    channel_name: str
    queue: QueueName
    at: float
    customer: CustomerId | None
    tier: Tier
    tier_source: str
    knowledge: Knowledge
    credit: Credit
    own_queue_rule: bool
    bound_seconds: int | None
    joined_at: int
    first_joined_before: int
    """Seconds by which he came before this visit."""
    result: Result
    took_seconds: float
    corrections: tuple[Correction, ...] = ()
    position_at_join: int | None = None
    passed_at_join: int = 0
    ahead: tuple[Waiting, ...] = ()
    raised_to: int | None = None
    """The priority a supervisor gave him."""
    deed: Sentence | None = None
    """What else a supervisor did with him, and why."""
    path: tuple[Sentence, ...] = ()
    """Why he goes where he goes, and who may take him."""
    variables: tuple[tuple[str, str], ...] = ()
    """What the dialplan is told beside the priority."""
    policy_version: int = 0
    surging: bool = False
    """His queue went by its surge rules."""

    @property
    def priority(self) -> int:
        """What the switch should have."""
        own = priority(self.joined_at, self.credit.seconds)
        return own if self.raised_to is None else max(own, self.raised_to)

    @property
    def baseline(self) -> int:
        return baseline(self.joined_at)

    @property
    def id(self) -> str:
        return f"{self.uniqueid}@{self.at:.3f}"


NO_CREDIT: Final = Credit(0, strict=False)
MOST_AHEAD: Final = 20
"""Named in a decision; whoever stands before them is counted by the position."""


def decide(
    question: Question,
    call: CallId,
    policy: PriorityPolicy,
    profile: CallerProfile | None,
    knowledge: Knowledge,
    *,
    at: float,
    joined_at: int,
    result: Result,
    took_seconds: float = 0.0,
) -> RoutingDecision:
    tier = policy.unknown_tier if profile is None else profile.tier
    # Until it is known who calls, the switch's own number stands.
    credit = NO_CREDIT if knowledge is Knowledge.PENDING else policy.credit(question.queue, tier)
    return RoutingDecision(
        question.uniqueid,
        call,
        question.channel_name,
        question.queue,
        at,
        None if profile is None else profile.id,
        tier,
        "default" if profile is None else profile.tier_source,
        knowledge,
        credit,
        tier in policy.queues.get(question.queue, ()),
        policy.bound(question.queue, credit),
        joined_at,
        max(0, int(at) - joined_at),
        result,
        took_seconds,
        policy_version=policy.version,
        surging=question.queue in policy.surging,
    )


def learn(
    before: RoutingDecision, policy: PriorityPolicy, profile: CallerProfile | None, knowledge: Knowledge
) -> RoutingDecision:
    """The same decision with what is known now."""
    question = Question(before.uniqueid, before.channel_name, before.queue, None, before.joined_at)
    now = decide(
        question, before.call, policy, profile, knowledge,
        at=before.at, joined_at=before.joined_at, result=before.result, took_seconds=before.took_seconds,
    )  # fmt: skip
    return now._replace(
        first_joined_before=before.first_joined_before,
        corrections=before.corrections,
        position_at_join=before.position_at_join,
        passed_at_join=before.passed_at_join,
        ahead=before.ahead,
        raised_to=before.raised_to,
        deed=before.deed,
        path=before.path,
        variables=before.variables,
    )


def revalued(before: RoutingDecision, policy: PriorityPolicy) -> RoutingDecision:
    """The same caller under another policy: who he is stays, also when no more than this decision is known of him."""
    tier = policy.unknown_tier if before.customer is None else before.tier
    pending = before.knowledge is Knowledge.PENDING
    credit = NO_CREDIT if pending else policy.credit(before.queue, tier)
    return before._replace(
        tier=tier,
        credit=credit,
        own_queue_rule=tier in policy.queues.get(before.queue, ()),
        bound_seconds=policy.bound(before.queue, credit),
        policy_version=policy.version,
        surging=before.queue in policy.surging,
    )


def place_sentence(position: int, passed: int, tier: Tier, credit: Credit) -> Sentence:
    """Why he stands where he stands, in one sentence."""
    facts: dict[str, str | int] = {
        "position": position, "count": passed, "tier": tier.value, "credit_seconds": credit.seconds
    }  # fmt: skip
    if not passed or not credit.seconds:
        return Sentence("first" if position == 1 else "place", {"position": position})
    key = "first_passing" if position == 1 else "place_passing"
    return Sentence(f"{key}_strict" if credit.strict else key, facts)


def why_ahead(other: Waiting, joined_at: int) -> Sentence:
    return _why_ahead(other.tier.value, joined_at - other.joined_at, other.strict, other.credit_seconds)


@lru_cache(maxsize=1024)
def _why_ahead(tier: str, earlier_seconds: int, strict: bool, credit_seconds: int) -> Sentence:
    facts: dict[str, str | int] = {"tier": tier}
    if earlier_seconds >= 0:
        return Sentence("ahead_earlier", facts | {"earlier_seconds": earlier_seconds})
    facts["later_seconds"] = -earlier_seconds
    if strict:
        return Sentence("ahead_strict", facts)
    return Sentence("ahead_by_credit", facts | {"credit_seconds": credit_seconds})


def reasons(decision: RoutingDecision) -> list[Sentence]:
    """The whole story: who, what it is worth, where that led, what changed."""
    told = [
        Sentence(decision.knowledge.value, {"tier": decision.tier.value, "source": decision.tier_source}),
    ]
    credit = decision.credit
    if credit.strict:
        told.append(Sentence("credit_strict", {}))
    elif credit.seconds:
        told.append(Sentence("credit", {"credit_seconds": credit.seconds}))
    else:
        told.append(Sentence("credit_none", {}))
    if decision.own_queue_rule:
        told.append(Sentence("queue_rule", {"queue": decision.queue}))
    if decision.surging:
        told.append(Sentence("surge", {"queue": decision.queue}))
    if decision.first_joined_before > 1:
        told.append(Sentence("first_join_kept", {"earlier_seconds": decision.first_joined_before}))
    told += decision.path
    if decision.position_at_join:
        told.append(place_sentence(decision.position_at_join, decision.passed_at_join, decision.tier, credit))
    told += [correction.why for correction in decision.corrections]
    told += [decision.deed] if decision.deed is not None else []
    if decision.bound_seconds is not None:
        key = "bound" if decision.bound_seconds else "bound_none"
        told.append(Sentence(key, {"bound_seconds": decision.bound_seconds}))
    return told


def describe(decision: RoutingDecision, names: Names) -> Mapping[str, Any]:
    """The document that is stored and shown; `explanations` carries both languages."""
    explanations = [document(reason, names) for reason in reasons(decision)]
    return {
        "id": decision.id,
        "call": decision.call,
        "uniqueid": decision.uniqueid,
        "queue": decision.queue,
        "at": decision.at,
        "tier": decision.tier.value,
        "tier_source": decision.tier_source,
        "customer": decision.customer,
        "credit_seconds": decision.credit.seconds,
        "strict": decision.credit.strict,
        "joined_at": float(decision.joined_at),
        "virtual_arrival_at": float(decision.joined_at - decision.credit.seconds),
        "priority": decision.priority,
        "result": decision.result.value,
        "corrections": [
            {
                "at": correction.at,
                "from": correction.from_priority,
                "to": correction.to_priority,
                "why": correction.why.text("en", names),
                "explanation": document(correction.why, names),
            }
            for correction in decision.corrections
        ],
        "position_at_join": decision.position_at_join,
        "ahead": _ahead(decision.ahead, decision.joined_at, names),
        "reasons": [explanation["en"] for explanation in explanations],
        "explanations": explanations,
        "took_seconds": decision.took_seconds,
        "policy_version": decision.policy_version,
        "variables": [list(variable) for variable in decision.variables],
    }


def _ahead(others: Sequence[Waiting], joined_at: int, names: Names) -> list[Mapping[str, Any]]:
    return [
        {
            "call": other.call,
            "tier": other.tier.value,
            "joined_at": float(other.joined_at),
            "virtual_arrival_at": float(other.virtual_arrival_at),
            "why": (explanation := document(why_ahead(other, joined_at), names))["en"],
            "explanation": explanation,
        }
        for other in others
    ]
