"""Notes from supervisors to agents: to one, to those of a queue or a team, to everybody who is logged on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cti.domain.access import Audit, User
from cti.domain.agents import Agent
from cti.domain.errors import NotPossibleNow, Unknown
from cti.domain.identifiers import AgentId
from cti.domain.notes import Addressees, Note
from cti.ports import Clock, Notes
from cti.service.screens import Screens


class NoteDesk:
    """Open desks are told at once; whoever comes later finds what is unread."""

    def __init__(
        self,
        notes: Notes,
        agents: Callable[[], Sequence[Agent]],
        record: Audit,
        screens: Screens,
        clock: Clock,
        token: Callable[[], str],
        teams: Callable[[AgentId], frozenset[str]],
    ) -> None:
        self._notes, self._agents, self._record, self._teams = notes, agents, record, teams
        self._screens, self._clock, self._token = screens, clock, token

    async def send(self, user: User, text: str, to: Addressees) -> int:
        """To how many it went."""
        # Once each, on however many switches.
        meant = dict.fromkeys(one.id for one in self._agents() if to.mean(one, self._teams(one.id)))
        whom = [one for one in meant if user.reaches(one, self._teams(one))]
        if not whom:
            raise NotPossibleNow("Nobody this is meant for is logged on.")
        await self._record(user, "note.send", f"{to}, {len(whom)} agents")
        notes = [Note(self._token(), one, user.name, text, self._clock.now()) for one in whom]
        await self._notes.keep(notes)
        for note in notes:
            self._screens.tell(note.agent, {"type": "note", "note": note_json(note)})
        return len(notes)

    async def unread(self, agent: AgentId) -> Sequence[Note]:
        return await self._notes.unread(agent)

    async def read(self, agent: AgentId, note: str) -> None:
        if not await self._notes.read(note, agent, self._clock.now()):
            raise Unknown("That note is not yours, or is gone.")


def note_json(note: Note) -> Mapping[str, Any]:
    return {"id": note.id, "by": note.by, "text": note.text, "at": note.at}
