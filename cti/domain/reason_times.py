"""How long agents were not ready today, reason by reason, and who stays beyond a limit."""

from typing import NamedTuple

from cti.domain.desk_states import DeskStates
from cti.domain.identifiers import AgentId

STAY, DAY = "stay", "day"
"""The two kinds of limit."""


class Span(NamedTuple):
    """A stay; `until` is None while it lasts."""

    reason: str
    since: float
    until: float | None


class Overrun(NamedTuple):
    """A limit that an agent has passed and is still passing. `limit_seconds` of this stay, or of the whole day."""

    agent: AgentId
    reason: str
    since: float  # of the stay
    limit: str
    limit_seconds: float
    seconds: float


class ReasonTimes:
    """One agent's stays of today."""

    def __init__(self, agent: AgentId) -> None:
        self.agent = agent
        self._spans: list[Span] = []

    @property
    def stay(self) -> Span | None:
        """The one that lasts."""
        return self._spans[-1] if self._spans and self._spans[-1].until is None else None

    def enter(self, reason: str, at: float) -> None:
        """The same reason again changes nothing: each of several queues and switches tells it."""
        if self.stay is not None and self.stay.reason == reason:
            return
        self.leave(at)
        self._spans.append(Span(reason, at, None))

    def leave(self, at: float) -> None:
        if self.stay is not None:
            self._spans[-1] = self.stay._replace(until=max(at, self.stay.since))

    def today(self, midnight: float, now: float) -> dict[str, float]:
        """Seconds by reason since midnight; what ended before is forgotten."""
        self._spans = [span for span in self._spans if span.until is None or span.until > midnight]
        seconds: dict[str, float] = {}
        for span in self._spans:
            end = now if span.until is None else span.until
            seconds[span.reason] = seconds.get(span.reason, 0.0) + max(0.0, end - max(span.since, midnight))
        return seconds

    def overruns(self, policy: DeskStates, midnight: float, now: float) -> list[Overrun]:
        stay = self.stay
        rule = None if stay is None else policy.reasons.get(stay.reason)
        if stay is None or rule is None:
            return []
        measured = (
            (STAY, rule.stay_seconds, now - stay.since),
            (DAY, rule.day_seconds, self.today(midnight, now).get(stay.reason, 0.0)),
        )
        return [
            Overrun(self.agent, stay.reason, stay.since, limit, most, seconds)
            for limit, most, seconds in measured
            if most is not None and seconds > most
        ]
