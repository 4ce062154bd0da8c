"""How content customers said they were (CSAT), one answer at a time."""

from typing import Final, NamedTuple, NewType

from cti.domain.identifiers import AgentId, CallId, PhoneNumber, QueueName

SurveyId = NewType("SurveyId", str)

HIGHEST_SCALE: Final = 100
SAID_LATELY: Final = 365 * 86400.0
"""Seconds for which an answer says something of how content a customer is."""


def lowest(scale: int) -> int:
    """The lowest score of a scale: 1, but one up to 10 may begin at 0."""
    return 0 if scale == 10 else 1


def low(score: int, scale: int) -> bool:
    """Whether a customer is dissatisfied.

    CSAT counts the top two of five as satisfied and the bottom two as dissatisfied. For any scale: a score's place between the
    ends is (score - 1) / (scale - 1); up to 1/4 it is low. So 1 and 2 of 5, 1 of 2, 3 or 4, 1 and 2 of 7, 0 to 3 of 10.
    """
    return 4 * (score - 1) <= scale - 1


class SurveyResponse(NamedTuple):
    """One answer. `score` lies between `lowest(scale)` and `scale`; `answered_at` in seconds since 1970."""

    id: SurveyId
    number: PhoneNumber
    call: CallId | None  # after which he was asked
    agent: AgentId | None
    queue: QueueName | None
    score: int
    scale: int
    answered_at: float
    comment: str

    @property
    def low(self) -> bool:
        return low(self.score, self.scale)

    def __repr__(self) -> str:
        """Only the id: numbers and what people wrote never reach a log."""
        return f"SurveyResponse({self.id})"
