"""The buttons of an agent's telephone: each acts on the agent's own call, which is found, never named."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from cti.domain import events
from cti.domain.access import Audit, User
from cti.domain.agents import Agent
from cti.domain.dialling import (
    DiallingPolicy,
    Goal,
    Purpose,
    Refusal,
    goal,
    is_extension,
    masked,
    too_many,
    written,
)
from cti.domain.errors import DiallingRefused, NotPossibleNow
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, call_id
from cti.domain.own_calls import TRANSFER_CONTEXT, Company, LegState, OwnCall, company
from cti.ports import CallControl, Clock, DiallingPlan, NewCall
from cti.service.call_monitor import CallMonitor

DIAL_CONTEXT: Final = "cti-dial"
RING_SECONDS: Final = 25.0
"""How long the agent's own telephone rings before a call is not made."""
SAME_CLICK: Final = 5.0
"""Seconds within which the same agent asking for the same number means the same call, and it may be unseen yet."""
REMEMBERED: Final = 10_000

MAY: Final = "CTI_MAY"
"""The outside number that a channel may dial: the dialplan takes no other, whatever keys its telephone sends."""

HOLD_FEATURE, HOLD_KEYS, ANY_KEY, TOGETHER_KEYS = "cti-hold", "*5", "1", "*3"
"""Of features.conf."""


class Line(NamedTuple):
    """One switch: what is asked of it, and what is known of it."""

    switch: CallControl
    monitor: CallMonitor


class Made(NamedTuple):
    """A call that was asked for: all that the limits count."""

    at: float
    agent: AgentId
    digits: str
    call: CallId  # that lasts as long as this one
    passed_on: bool = False  # a customer, to an outside number


class ControlDesk:
    """`token` gives an id nobody can guess, for calls asked for without a key of the client's own."""

    def __init__(
        self,
        lines: Mapping[PbxName, Line],
        plan: DiallingPlan,
        policy: DiallingPolicy,
        record: Audit,
        clock: Clock,
        token: Callable[[], str],
    ) -> None:
        self._lines, self._plan, self._policy = lines, plan, policy
        self._record, self._clock, self._token = record, clock, token
        self._made: OrderedDict[ChannelId, Made] = OrderedDict()

    async def make(self, user: User, number: str, key: str | None) -> CallId:
        """Ring the agent's own telephone, then the number. The same key, or the same click, is the same call."""
        agent = _agent(user)
        pbx, line, endpoint = self._telephone(agent)
        wanted = await self._goal(user, number, Purpose.MAKE)
        channel = self._clicked(agent, wanted) if key is None else None
        channel = channel or _channel(agent, key or self._token())
        if channel in self._made:
            return self._made[channel].call
        made = self._made[channel] = Made(self._clock.now(), agent, wanted.digits, call_id(pbx, channel))
        try:
            await self._within_limits(user, wanted, made, Purpose.MAKE)
            await self._record(user, "control.make", f"{masked(wanted.digits)} allowed")
            call = NewCall(
                endpoint,
                DIAL_CONTEXT,
                wanted.digits,
                wanted.shown,
                channel,
                RING_SECONDS,
                {MAY: wanted.digits},
            )
            await line.switch.make(call)
        except BaseException:
            self._made.pop(channel, None)
            raise
        self._forget_old()
        return made.call

    async def answer(self, user: User) -> None:
        _, own = self._own(user, LegState.RINGING, "No call rings at your telephone.")
        del own
        raise NotPossibleNow("The switch cannot make this telephone answer: lift its handset.")

    async def hold(self, user: User) -> None:
        line, own = self._own(user, LegState.TALKING, "You have no call to hold.")
        await self._not_consulting(line, own)
        if HOLD_FEATURE not in await line.switch.variable(own.name, "DYNAMIC_FEATURES"):
            raise NotPossibleNow("This telephone cannot be put on hold from here: press its own hold key.")
        await line.switch.press(own.name, HOLD_KEYS)

    async def retrieve(self, user: User) -> None:
        """Back to the customer: from hold, or from a consultation."""
        line, own = self._own(user, None, "You have no call to go back to.")
        if await self._consults(line, own):
            await line.switch.end_consultation(own.name)
            return
        held = [(line, own) for line, own in self._all(user) if own.state is LegState.HELD]
        line, own = held[0] if held else (line, own)  # the one he talks in comes first, but waits for nobody
        if own.state is not LegState.HELD:
            raise NotPossibleNow("Nobody is on hold.")
        if not await line.switch.variable(own.name, "CTI_HOLDS"):
            raise NotPossibleNow("The telephone itself holds this call: press its own key.")
        await line.switch.press(own.name, ANY_KEY)

    async def transfer(self, user: User, number: str | None) -> None:
        """To a number at once; without one, put through the two that a consultation brought together."""
        line, own = self._own(user, None, "You have no call to pass on.")
        if number is None:
            if not await self._consults(line, own):
                raise NotPossibleNow("Say to whom, or consult somebody first.")
            await self._record(user, "control.transfer", "after consultation")
            await line.switch.hang_up(own.name)
            return
        wanted = await self._goal(user, number, Purpose.TRANSFER)
        await self._talking(line, own)
        await self._count(user, own, wanted, Purpose.TRANSFER)
        await self._record(user, "control.transfer", f"{masked(wanted.digits)} allowed")
        if wanted.outside:
            for other in await self._peers(line, own):  # the dialplan runs on the customer's channel
                await line.switch.set_variable(other, MAY, wanted.digits)
        await line.switch.transfer(own.name, TRANSFER_CONTEXT, wanted.digits)

    async def consult(self, user: User, number: str) -> None:
        """Ask a colleague while the customer hears music."""
        line, own = self._own(user, None, "You have no call to consult about.")
        wanted = await self._goal(user, number, Purpose.CONSULT)
        await self._talking(line, own)
        await self._count(user, own, wanted, Purpose.CONSULT)
        await self._record(user, "control.consult", f"{masked(wanted.digits)} allowed")
        if wanted.outside:
            await line.switch.set_variable(own.name, f"_{MAY}", wanted.digits)
        await line.switch.consult(own.name, TRANSFER_CONTEXT, wanted.digits)

    async def conference(self, user: User) -> None:
        """Customer, agent and whoever was consulted, all three."""
        line, own = self._own(user, None, "You have no call.")
        if not await self._consults(line, own):
            raise NotPossibleNow("Consult somebody first, then bring all three together.")
        await line.switch.press(own.name, TOGETHER_KEYS)

    async def clear(self, user: User) -> None:
        """End the agent's own call."""
        line, own = self._own(user, None, "You have no call to end.")
        await self._not_consulting(line, own)
        await line.switch.hang_up(own.name)

    def merged(self, event: events.CallsMerged) -> None:
        """Reaction: a call that became part of another lasts as long as that one."""
        for channel, made in self._made.items():
            if made.call == event.absorbed:
                self._made[channel] = made._replace(call=event.call)

    async def tones(self, user: User, keys: str) -> None:
        """Keys for a machine at the other end. Two in a row that mean something to the switch itself are buttons here."""
        line, own = self._own(user, LegState.TALKING, "You talk to nobody.")
        if any(code in keys for code in (HOLD_KEYS, TOGETHER_KEYS)):
            raise NotPossibleNow(
                "The switch would take these keys for itself: press them one after the other, slowly."
            )
        await line.switch.press(own.name, keys)

    async def calls(self, user: User) -> Sequence[tuple[OwnCall, Company]]:
        """The calls at an agent's telephone, and with whom he talks in each."""
        agent = _agent(user)
        return [
            (own, await self._company(line, own) if own.state is LegState.TALKING else Company.ONE)
            for line in self._lines.values()
            for own in line.monitor.own_calls(agent)
        ]

    @property
    def queue_numbers(self) -> Sequence[str]:
        return self._policy.queues

    def telephones(self) -> Sequence[tuple[Agent, str | None]]:
        """Every agent, and the extension that can be called; None where the telephone is none of this switch."""
        return [
            (agent, _extension(self._policy, agent.interface))
            for line in self._lines.values()
            for agent in line.monitor.agents()
        ]

    # Inside.

    def _own(self, user: User, state: LegState | None, otherwise: str) -> tuple[Line, OwnCall]:
        for line, own in self._all(user):
            if state in {None, own.state}:
                return line, own
        raise NotPossibleNow(otherwise)

    def _all(self, user: User) -> list[tuple[Line, OwnCall]]:
        agent = _agent(user)
        return [(line, own) for line in self._lines.values() for own in line.monitor.own_calls(agent)]

    def _telephone(self, agent: AgentId) -> tuple[PbxName, Line, str]:
        for pbx, line in self._lines.items():
            known = line.monitor.agent(agent)
            if known is not None and known.memberships:
                return pbx, line, telephone(self._policy, known.interface)
        raise NotPossibleNow("Log on first: until then no telephone is known to be yours.")

    async def _goal(self, user: User, number: str, purpose: Purpose) -> Goal:
        found = goal(self._policy, self._plan.explain(number), purpose) if written(number) else None
        if isinstance(found, Goal):
            return found
        await self._refuse(user, number, purpose, found or Refusal.NOT_A_NUMBER)
        raise DiallingRefused(found or Refusal.NOT_A_NUMBER)

    async def _count(self, user: User, own: OwnCall, wanted: Goal, purpose: Purpose) -> None:
        """A customer who is passed on to an outside number costs as much as a call that is made."""
        if not wanted.outside:
            return
        agent = _agent(user)
        channel = _channel(agent, self._token())
        made = Made(self._clock.now(), agent, wanted.digits, own.call, passed_on=True)
        await self._within_limits(user, wanted, made, purpose)
        self._made[channel] = made
        self._forget_old()

    async def _within_limits(self, user: User, wanted: Goal, made: Made, purpose: Purpose) -> None:
        others = [other for other in self._made.values() if other is not made]
        lately = sum(other.agent == made.agent and other.at > made.at - 60 for other in others)
        running = [other for other in others if self._runs(other, made.at)]
        own = 0  # whoever passes a customer on has that one call
        if not made.passed_on:
            dialled = sum(other.agent == made.agent and not other.passed_on for other in running)
            own = max(dialled, len(self._telephones_calls(made)))
        refusal = too_many(self._policy, lately, own, len(running))
        if refusal is not None:
            await self._refuse(user, wanted.digits, purpose, refusal)
            raise NotPossibleNow(refusal)

    def _forget_old(self) -> None:
        if len(self._made) > REMEMBERED:
            self._made.popitem(last=False)

    def _telephones_calls(self, made: Made) -> list[OwnCall]:
        return [own for line in self._lines.values() for own in line.monitor.own_calls(made.agent)]

    def _runs(self, made: Made, now: float) -> bool:
        seen = any(line.monitor.record(made.call) is not None for line in self._lines.values())
        return seen or now - made.at < SAME_CLICK

    def _clicked(self, agent: AgentId, wanted: Goal) -> ChannelId | None:
        """The click before, when this is the same one."""
        since = self._clock.now() - SAME_CLICK
        for channel, made in reversed(self._made.items()):
            if made.at < since:
                return None
            if (made.agent, made.digits, made.passed_on) == (agent, wanted.digits, False):
                return channel
        return None

    async def _refuse(self, user: User, number: str, purpose: Purpose, refusal: Refusal) -> None:
        await self._record(user, f"control.{purpose}", f"{masked(number)} refused {refusal.name.lower()}")

    async def _consults(self, line: Line, own: OwnCall) -> bool:
        return await self._company(line, own) is Company.CONSULTED

    async def _company(self, line: Line, own: OwnCall) -> Company:
        return company(await self._peers(line, own))

    async def _peers(self, line: Line, own: OwnCall) -> list[str]:
        """The legs that are in one bridge with this one."""
        peers = await line.switch.variable(own.name, "BRIDGEPEER")
        return [peer for peer in peers.split(",") if peer]

    async def _not_consulting(self, line: Line, own: OwnCall) -> None:
        if await self._consults(line, own):
            raise NotPossibleNow("You consult somebody: go back to the customer, or put the two through.")

    async def _talking(self, line: Line, own: OwnCall) -> None:
        if own.state is not LegState.TALKING:
            raise NotPossibleNow("You talk to nobody: take the call off hold, or wait until it is answered.")
        await self._not_consulting(line, own)


def telephone(policy: DiallingPolicy, interface: str) -> str:
    """The endpoint of a telephone of this switch, `PJSIP/101`. Anything else (Local, a trunk) is never rung."""
    if _extension(policy, interface) is None:
        raise NotPossibleNow("Your telephone is none of this switch's own extensions: dial on the telephone.")
    return interface


def _extension(policy: DiallingPolicy, interface: str) -> str | None:
    technology, _, extension = interface.partition("/")
    return extension if technology == "PJSIP" and is_extension(policy, extension) else None


def _agent(user: User) -> AgentId:
    if user.agent is None:
        raise NotPossibleNow("Your account takes no calls: only agents have calls of their own.")
    return user.agent


def _channel(agent: AgentId, key: str) -> ChannelId:
    """An id of our own, whatever the key: the switch refuses a second call under it."""
    return ChannelId(f"cti-made-{hashlib.sha256(repr((agent, key)).encode()).hexdigest()[:32]}")
