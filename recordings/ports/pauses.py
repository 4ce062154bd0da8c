"""What pausing recordings needs from outside."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from cti.domain.identifiers import AgentId, ChannelId
from cti.domain.own_calls import RecordedLeg
from recordings.domain.pauses import Pause

PausesOf = Callable[[str | None], Awaitable[Sequence[Pause]]]
"""Where in a file it was paused, in order."""


class RecordedLine(Protocol):
    """One switch: which legs it records, and how it is told to record silence."""

    def of_agent(self, agent: AgentId) -> Sequence[RecordedLeg]:
        """Of the call this agent talks in."""

    def of_channel(self, channel: ChannelId) -> Sequence[RecordedLeg]: ...
    async def mute(self, channel_name: str, muted: bool) -> None:
        """Returns when the switch has done it. Raises SwitchRefused, SwitchUnreachable."""


class PauseBook(Protocol):
    """Where pauses are kept."""

    def keep(self, pause: Pause) -> None:
        """Write it soon; never waits."""

    async def unsettled(self, since: float) -> Sequence[Pause]:
        """Those that are open, or began since then and whose files were not listened to."""

    async def of_file(self, file: str) -> Sequence[Pause]: ...
    async def counts(self) -> Mapping[str, int]:
        """By state, and by what was heard."""
