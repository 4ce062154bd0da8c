"""Agents log on to queues and off again by themselves, with the place they had before."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from cti.domain.agents import Agent
from cti.domain.desk_states import DeskStates
from cti.domain.errors import NotPossibleNow, SwitchRefused, Unknown
from cti.domain.identifiers import AgentId, PbxName, QueueName
from cti.domain.signals import MemberSeen
from cti.ports import QueuePlace, QueuePlaces, Switch


class QueueChoice(NamedTuple):
    """A queue an agent serves, or may serve. `own`: the policy lets the agent log on and off."""

    queue: QueueName
    on: bool
    penalty: int
    own: bool


class ShiftDesk:
    """One for all switches. An agent's telephone is the one he was last a member with, else `PJSIP/` and his name."""

    def __init__(
        self,
        policy: DeskStates,
        places: QueuePlaces,
        find: Callable[[AgentId], Agent | None],
        switches: Mapping[PbxName, tuple[Switch, Callable[[AgentId], Agent | None]]],
        has_telephone: Callable[[AgentId], bool],
    ) -> None:
        """`has_telephone`: an account has this agent, and an extension of the switch has his name."""
        self._has_telephone = has_telephone
        self._policy, self._places, self._find, self._switches = policy, places, find, switches

    async def queues(self, agent: AgentId) -> list[QueueChoice]:
        """What the agent serves, and may serve besides."""
        known = self._find(agent)
        on = {} if known is None else known.memberships
        kept = {place.queue: place for place in await self._places.of(agent)}
        doors = {door.queue: door for door in self._policy.doors_of(agent)}
        choices = []
        for queue in sorted({*on, *doors}):
            penalty = doors[queue].penalty if queue in doors else 0
            penalty = kept[queue].penalty if queue in kept else penalty
            penalty = on[queue].penalty if queue in on else penalty
            choices.append(QueueChoice(queue, queue in on, penalty, queue in doors))
        return choices

    async def log_on(self, agent: AgentId, queue: QueueName) -> None:
        """Raises NotAllowed, NotPossibleNow or SwitchError. Who is on already stays as he is."""
        door = self._policy.door(queue, agent)
        known = self._find(agent)
        if known is not None and queue in known.memberships:
            return
        place = next((one for one in await self._places.of(agent) if one.queue == queue), None)
        penalty = door.penalty if place is None else place.penalty
        pbx, interface = self._telephone(agent, place)
        paused = (
            known is not None
            and bool(known.memberships)
            and all(m.paused for m in known.memberships.values())
        )
        await self._switches[pbx][0].add_member(queue, interface, str(agent), penalty, paused=paused)

    async def log_off(self, agent: AgentId, queue: QueueName) -> None:
        """Raises NotAllowed, NotPossibleNow or SwitchError."""
        self._policy.door(queue, agent)
        for pbx, (_, find) in self._switches.items():
            known = find(agent)
            if known is None or queue not in known.memberships:
                continue
            member = known.memberships[queue]
            try:
                await self._remove(pbx, agent, member)
            except SwitchRefused as refusal:
                raise NotPossibleNow(
                    f"You stand in the switch's own list of {queue}: pause instead, or ask your operator to change queues.conf."
                ) from refusal

    async def force_off(self, agent: AgentId) -> None:
        """Off every queue he can be taken out of, keeping his place. Raises Unknown, NotPossibleNow or SwitchError."""
        members = [
            (pbx, member)
            for pbx, (_, find) in self._switches.items()
            if (known := find(agent)) is not None
            for member in list(known.memberships.values())
        ]
        if not members:
            raise Unknown(f"agent {agent} is logged on to no queue")
        stays = []
        for pbx, member in members:
            try:
                await self._remove(pbx, agent, member)
            except SwitchRefused:
                stays.append(member.queue)
        if stays:
            raise NotPossibleNow(
                f"The switch's own file keeps the agent in {', '.join(stays)}: set not ready."
            )

    async def _remove(self, pbx: PbxName, agent: AgentId, member: MemberSeen) -> None:
        """The place is kept first: once he is out, nobody knows it."""
        place = QueuePlace(pbx, agent, member.queue, member.interface, member.penalty)
        await self._places.keep(place)
        await self._switches[pbx][0].remove_member(member.queue, member.interface)

    async def begin(self, agent: AgentId) -> list[str]:
        """The shift begins: on to every queue the policy opens; what could not be done, as sentences."""
        return await self._each(agent, self.log_on)

    async def end(self, agent: AgentId) -> list[str]:
        """The shift ends: off every queue the agent may leave; what could not be done, as sentences."""
        return await self._each(agent, self.log_off)

    async def _each(self, agent: AgentId, do: Callable[[AgentId, QueueName], Awaitable[None]]) -> list[str]:
        problems = []
        for door in self._policy.doors_of(agent):
            try:
                await do(agent, door.queue)
            except (NotPossibleNow, SwitchRefused) as refusal:
                problems.append(str(refusal))
        return problems

    def _telephone(self, agent: AgentId, place: QueuePlace | None) -> tuple[PbxName, str]:
        """Where the agent's telephone is: where he is a member, or was."""
        for pbx, (_, find) in self._switches.items():
            known = find(agent)
            if known is not None and known.interface:
                return pbx, known.interface
        if place is not None:
            return place.pbx, place.interface
        # What a client wrote becomes a member and a header of an action only where it is a telephone of ours.
        if not self._has_telephone(agent):
            raise NotPossibleNow("No extension of the switch belongs to such an agent: add an account first.")
        return next(iter(self._switches)), f"PJSIP/{agent}"
