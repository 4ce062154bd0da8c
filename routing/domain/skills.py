"""What an agent can and a call needs, as penalties.

The switch knows one number for each member of a queue, his penalty: smaller is rung first, and a call may set bounds
(QUEUE_MAX_PENALTY) outside of which nobody is rung. So each queue has one scale: the weighted mean of the skills it
asks for, 0 to 10. A member's penalty is ten less his fit; a call that needs a fit of at least 7 is offered to
penalties up to 3, and to one more with each step of widening.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from cti.domain.identifiers import AgentId, QueueName, Tier

BEST: Final = 10
WIDENINGS: Final = (5, 10, 15, 20, 30, 45, 60, 90, 120)
"""Seconds between two steps; each is a rule of the shipped queuerules.conf, `widen-<seconds>`."""


class Need(NamedTuple):
    """The first that fits a call counts; None asks for nothing. `least` fit, then one less every `widen` seconds."""

    least: int
    widen: int | None  # None: never; the call waits for those it needs
    dialled: str | None = None
    language: str | None = None
    tier: Tier | None = None

    def fits(self, dialled: str | None, language: str, tier: Tier) -> bool:
        asked = ((self.dialled, dialled), (self.language, language), (self.tier, tier))
        return all(wanted is None or wanted == found for wanted, found in asked)


class QueueSkills(NamedTuple):
    weights: Mapping[str, int]
    needs: tuple[Need, ...]


class SkillPolicy(NamedTuple):
    agents: Mapping[AgentId, Mapping[str, int]]
    queues: Mapping[QueueName, QueueSkills]

    def penalty(self, queue: QueueName, agent: AgentId) -> int | None:
        """What the member should have; None where the queue asks for no skills, and the switch's own stands."""
        skills = self.queues.get(queue)
        return None if skills is None else BEST - fit(skills.weights, self.agents.get(agent, {}))

    def need(self, queue: QueueName, dialled: str | None, language: str, tier: Tier) -> Need | None:
        skills = self.queues.get(queue)
        needs: Sequence[Need] = () if skills is None else skills.needs
        return next((need for need in needs if need.fits(dialled, language, tier)), None)


NO_SKILLS: Final = SkillPolicy({}, {})


def fit(weights: Mapping[str, int], levels: Mapping[str, int]) -> int:
    """0 to 10: the mean of the levels by weight, rounded half up."""
    whole = sum(weights.values())
    reached = sum(weight * levels.get(skill, 0) for skill, weight in weights.items())
    return (2 * reached + whole) // (2 * whole) if whole else 0


def bounds(need: Need) -> tuple[tuple[str, str], ...]:
    """Variables of the caller's channel."""
    told = [("QUEUE_MAX_PENALTY", str(BEST - need.least))]
    if need.widen is not None:
        told.append(("CTI_RULE", f"widen-{need.widen}"))
    return tuple(told)
