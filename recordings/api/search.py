"""What recordings may be searched by."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from cti.domain.identifiers import AgentId, CallId, QueueName, Tier
from recordings.domain.recording import RecordingState, Search

NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps none, so nothing can match

ShownState = Literal["expected", "stored", "missing", "excluded", "erased"]
"""To people, a file that is still being written is an expected recording."""

Seconds = Annotated[float | None, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float | None, Field(ge=0, le=1, allow_inf_nan=False)]
Score = Annotated[float | None, Field(ge=0, le=100, allow_inf_nan=False)]
Moment = Annotated[float | None, Field(allow_inf_nan=False)]
TimeOfDay = Annotated[str | None, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class SearchForm(BaseModel):
    """`number` in any way people write it. `time_from` and `time_until` are of the clock on the wall, as 09:30; a span
    that begins after it ends goes over midnight. Signals, scores and `said` (in the
    transcript) leave out recordings that have none.
    """

    call: Annotated[str | None, Field(max_length=200, pattern=NO_NUL)] = None
    queue: Annotated[str | None, Field(max_length=128, pattern=NO_NUL)] = None
    agent: Annotated[str | None, Field(max_length=80, pattern=NO_NUL)] = None
    tier: Tier | None = None
    state: ShownState | None = None
    since: Annotated[float | None, Field(alias="from", allow_inf_nan=False)] = None
    until: Moment = None
    number: Annotated[str | None, Field(max_length=60, pattern=NO_NUL)] = None
    customer: Annotated[str | None, Field(max_length=80, pattern=NO_NUL)] = None
    outcome: Annotated[str | None, Field(max_length=40, pattern=NO_NUL)] = None
    ended_by: Literal["caller", "agent", "transfer"] | None = None
    disposition: Annotated[str | None, Field(max_length=80, pattern=NO_NUL)] = None
    shortest_seconds: Seconds = None
    longest_seconds: Seconds = None
    score_from: Score = None
    score_until: Score = None
    time_from: TimeOfDay = None
    time_until: TimeOfDay = None
    dead_air_seconds: Seconds = None
    talk_over_seconds: Seconds = None
    hold_seconds: Seconds = None
    silence_share: Share = None
    agent_talk_share: Share = None
    faulty: bool | None = None
    said: Annotated[str | None, Field(max_length=200, pattern=NO_NUL)] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0

    def search(self, visible: frozenset[AgentId] | None) -> Search:
        return Search(
            call=None if self.call is None else CallId(self.call),
            queue=None if self.queue is None else QueueName(self.queue),
            agent=None if self.agent is None else AgentId(self.agent),
            tier=self.tier,
            states=_states(self.state),
            since=self.since,
            until=self.until,
            visible=visible,
            shortest=self.shortest_seconds,
            longest=self.longest_seconds,
            day_from=_second_of_day(self.time_from),
            day_until=_second_of_day(self.time_until),
            number=self.number or None,
            customer=self.customer,
            outcome=self.outcome,
            ended_by=self.ended_by,
            disposition=self.disposition,
            score_least=self.score_from,
            score_most=self.score_until,
            dead_air_least=self.dead_air_seconds,
            talk_over_least=self.talk_over_seconds,
            silence_least=self.silence_share,
            talk_share_least=self.agent_talk_share,
            hold_least=self.hold_seconds,
            faulty=self.faulty,
            said=self.said or None,
        )


def _states(shown: ShownState | None) -> frozenset[RecordingState] | None:
    if shown is None:
        return None
    if shown == "expected":
        return frozenset({RecordingState.EXPECTED, RecordingState.GROWING})
    return frozenset({RecordingState(shown)})


def _second_of_day(time: str | None) -> int | None:
    return None if time is None else int(time[:2]) * 3600 + int(time[3:]) * 60
