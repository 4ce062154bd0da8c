"""Shows each ringing agent who calls, before the answer, once, and takes it away again."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from cti.domain import events
from cti.domain.histograms import Histogram
from cti.domain.identifiers import AgentId, CallId
from cti.domain.records import OfferResult
from cti.domain.screen_pop import WITHDRAWN_BECAUSE, Pop, PopState, Profile
from cti.ports import AgentDesktop, Clock

POP_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class ScreenPopper:
    """Keeps the open pops of live calls; desktops show them and acknowledge.

    `describe` gives what is known of a call's caller right now, without waiting: what comes later arrives as
    `CallerRecognised` or through `refresh`, and updates the open pop.
    """

    def __init__(
        self,
        desktops: tuple[AgentDesktop, ...],
        describe: Callable[[CallId], Profile],
        clock: Clock,
        telephone: Callable[[AgentId], str | None] = lambda _: None,
    ) -> None:
        """`telephone`: the number of an agent's own telephone."""
        self._desktops, self._describe, self._clock, self._telephone = desktops, describe, clock, telephone
        self._pops: dict[CallId, tuple[Pop, ...]] = {}
        self._last: dict[
            AgentId, Mapping[str, Any]
        ] = {}  # cards of what is over, while the work after it lasts
        self.results: Counter[str] = Counter()
        self.seconds = Histogram(POP_SECONDS)

    def announce(self, event: events.CallDelivered) -> None:
        """Reaction: the phone rings."""
        pop = self._pop(event.call, event.agent)
        if pop is None:
            pop = Pop(event.call, event.agent, self._telephone(event.agent))
            pop.ring(event)
            self._pops[event.call] = (*self._pops.get(event.call, ()), pop)
            self.results["shown"] += 1
        elif pop.hear(events.CallDelivered):
            pop.ring(event)
            self.results["shown"] += 1
        else:
            return
        self._last.pop(event.agent, None)
        self._show(pop)

    def take_up(self, event: events.CallDelivered) -> None:
        """Take up a pop from before a restart: it is shown again, and how long it took is no measurement."""
        self.announce(event)
        pop = self._pop(event.call, event.agent)
        if pop is not None:
            pop.acknowledged_at = pop.acknowledged_at or event.at

    def confirm(self, event: events.CallEstablished) -> None:
        """Reaction: answered here; everybody else's pop of this call goes."""
        for pop in self._pops.get(event.call, ()):
            if pop.agent == event.agent:
                self._step(pop, events.CallEstablished, "")
            elif pop.state is PopState.RINGING and event.queue is not None:
                self._step(pop, events.CallDiverted, "answered_elsewhere")

    def withdraw(self, event: events.CallDiverted) -> None:
        """Reaction: it rings no more."""
        pop = self._pop(event.call, event.agent)
        if pop is not None and pop.state is PopState.RINGING:
            reason = (
                WITHDRAWN_BECAUSE.get(event.result, "") if event.result is not OfferResult.CONNECTED else ""
            )
            self._step(pop, events.CallDiverted, reason)

    def end(self, event: events.SegmentEnded) -> None:
        """Reaction: the agent left the conversation."""
        pop = self._pop(event.call, event.segment.agent)
        if pop is not None:
            self._step(pop, events.SegmentEnded, "")

    def forget(self, event: events.CallCleared) -> None:
        """Reaction: the call is over, for everybody."""
        for pop in self._pops.pop(event.call, ()):
            self._step(pop, events.CallCleared, "caller_left")

    def merge(self, event: events.CallsMerged) -> None:
        """Reaction: a consultation's pops are the customer's call's from now on."""
        for pop in self._pops.pop(event.absorbed, ()):
            self._step(pop, events.CallCleared, "merged")

    def put_away(
        self, event: events.WrapUpEnded | events.AgentReady | events.AgentNotReady | events.AgentLoggedOff
    ) -> None:
        """Reaction: the agent is done with the call before; a page that opens has nothing to show of it any more."""
        self._last.pop(event.agent, None)

    def update(self, event: events.CallerRecognised) -> None:
        """Reaction: we know more; open pops learn it."""
        self.refresh(event.call)

    def refresh(self, call: CallId) -> None:
        for pop in self._pops.get(call, ()):
            if pop.open:
                self._show(pop)

    def acknowledge(self, agent: AgentId, pop_id: str) -> None:
        """A desktop has rendered it. The first acknowledgement ends the measurement."""
        pop = self._pop(CallId(pop_id.removesuffix(f"/{agent}")), agent)
        if pop is None:
            self.results["acknowledged_late"] += 1
        elif pop.acknowledged_at is None:
            pop.acknowledged_at = self._clock.now()
            self.seconds.observe(max(0.0, pop.acknowledged_at - pop.shown_at))
            self.results["acknowledged"] += 1

    def open_pops(self, agent: AgentId) -> list[Mapping[str, Any]]:
        found = (pop for pops in self._pops.values() for pop in pops if pop.agent == agent and pop.open)
        return [self._card(pop) for pop in found]

    def cards(self, agent: AgentId) -> list[Mapping[str, Any]]:
        """What an agent's screen should show now: sent again to a page that reconnects.

        Without an open pop that is the last one, while the work after it lasts: it may have ended while the page was away.
        """
        last = self._last.get(agent)
        return self.open_pops(agent) or ([] if last is None else [last])

    def _pop(self, call: CallId, agent: AgentId) -> Pop | None:
        return next((pop for pop in self._pops.get(call, ()) if pop.agent == agent), None)

    def _step(self, pop: Pop, event: type, reason: str) -> None:
        if pop.hear(event):
            pop.reason = reason
            if pop.state is PopState.WITHDRAWN:
                self.results["withdrawn"] += 1
            self._show(pop)

    def _card(self, pop: Pop) -> dict[str, Any]:
        return pop.card(self._describe(pop.call))

    def _show(self, pop: Pop) -> None:
        card = self._card(pop)
        if not pop.open:
            self._last[pop.agent] = card | {"restored": True}
        for desktop in self._desktops:
            desktop.show(pop.agent, card)
