"""Where a caller goes and who may take him, as variables for the dialplan and the reasons for them."""

from collections.abc import Callable, Collection
from datetime import tzinfo
from typing import Final, NamedTuple

from cti.domain.identifiers import AgentId, QueueName, Tier
from routing.domain.hours import ANNOUNCE, CALLBACK, QueueHours, why_closed
from routing.domain.overflow import Standing, overflow
from routing.domain.preferred import Bond, choose, own_queue
from routing.domain.priority import PriorityPolicy
from routing.domain.sentences import Sentence
from routing.domain.skills import bounds

Free = Callable[[AgentId, bool], bool]
"""May this agent take a call of his own queue now? With True, one who works after a call may too."""
TO_QUEUE: Final = "queue-"
"""The extension `queue-sales` of the shipped context `tierline-elsewhere` leads into that queue."""
_CLOSED: Final = {ANNOUNCE: "closed", CALLBACK: "callback"}


class Path(NamedTuple):
    """`onward`: what the queue he is sent to instead should know of why he comes."""

    reasons: tuple[Sentence, ...]
    variables: tuple[tuple[str, str], ...]
    onward: Sentence | None = None

    @property
    def leads_away(self) -> bool:
        return any(name == "CTI_GO" for name, _ in self.variables)


STRAIGHT: Final = Path((), ())


class Wanted(NamedTuple):
    """What is known of a call before it queues."""

    queue: QueueName
    tier: Tier
    dialled: str | None = None
    language: str = ""
    owner: AgentId | None = None
    last: AgentId | None = None
    waits: bool = False  # stood in line already: opening hours are for who comes


def path(policy: PriorityPolicy, wanted: Wanted, free: Free, at: float, zone: tzinfo) -> Path:
    hours = None if wanted.waits else policy.hours.get(wanted.queue)
    closed = None if hours is None else why_closed(hours, wanted.queue, at, zone)
    if hours is not None and closed is not None:
        return _elsewhere(hours, closed)
    reasons: list[Sentence] = []
    variables: list[tuple[str, str]] = []
    need = policy.skills.need(wanted.queue, wanted.dialled, wanted.language, wanted.tier)
    if need is not None and need.least:
        reasons.append(Sentence("skill_need", {"queue": wanted.queue, "least": need.least}))
        if need.widen is not None:
            reasons.append(Sentence("skill_widens", {"widen_seconds": need.widen}))
        variables += bounds(need)
    rule = policy.preferred.get(wanted.queue)
    known = ((Bond.OWNER, wanted.owner), (Bond.LAST, wanted.last))
    if rule is not None:
        chosen = choose(rule, known, free)
        if chosen is not None:
            bond, agent = chosen
            reasons.append(
                Sentence(f"preferred_{bond.value}", {"agent": agent, "wait_seconds": rule.seconds})
            )
            variables += [("CTI_PREFERRED", own_queue(agent)), ("CTI_PREFERRED_WAIT", str(rule.seconds))]
        else:
            missed = [agent for bond, agent in known if bond in rule.bonds and agent is not None]
            reasons += [Sentence("preferred_busy", {"agent": agent}) for agent in missed[:1]]
    if wanted.queue in policy.surging:
        variables.append(("CTI_SURGE", "yes"))
    return Path(tuple(reasons), tuple(variables))


def takes(policy: PriorityPolicy, queue: QueueName, members: int | None, at: float, zone: tzinfo) -> bool:
    """Open, and somebody is logged on, or at least nothing says otherwise (None)."""
    hours = policy.hours.get(queue)
    return members != 0 and (hours is None or why_closed(hours, queue, at, zone) is None)


def around(
    policy: PriorityPolicy,
    queue: QueueName,
    been: Collection[QueueName],
    members: Callable[[QueueName], int | None],
    at: float,
    zone: tzinfo,
) -> Path | None:
    """Past a queue to which nobody is logged on: the switch does not let anybody wait there for the rule to send him on."""
    rules = [rule for rule in policy.overflow_of(queue) if rule.nobody]
    if not rules:
        return None
    standing = Standing(queue, 0.0, 1, members(queue))
    going = overflow(rules, standing, been, lambda other: takes(policy, other, members(other), at, zone))
    return None if going is None else Path((going[1],), (("CTI_GO", TO_QUEUE + going[0]),), going[1])


def _elsewhere(hours: QueueHours, closed: Sentence) -> Path:
    other = hours.other_queue
    if other is None:
        goes = _CLOSED[hours.closed]
        return Path((closed, Sentence(f"sent_{hours.closed}", {})), (("CTI_GO", goes),))
    sent = Sentence("sent_queue", {"other_queue": other})
    return Path((closed, sent), (("CTI_GO", TO_QUEUE + other),), closed)
