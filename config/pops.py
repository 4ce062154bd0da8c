"""What pops are made of: the customers' desk is shown the calls, and pops are shown the customers."""

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import NamedTuple

from care.adapters.last_satisfaction import SqlSatisfaction
from care.adapters.open_matters import SqlMatters
from config.branch import Branch, Shared
from cti.adapters.desk_policy_file import DeskPolicyFile
from cti.adapters.pop_hook import PopHook
from cti.domain.events import CallerRecognised
from cti.domain.identifiers import AgentId, CallId, PbxName, pbx_of
from cti.ports import Clock
from cti.service.screen_popper import ScreenPopper
from cti.service.several import CallMonitors, PopDesktops
from customers.domain.customer import Customer
from customers.service.introduction import Introduction
from routing.service.decisions import Decisions


class Pops(NamedTuple):
    """The parts, as the installation holds them."""

    introduction: Introduction
    popper: ScreenPopper
    pop_hook: PopHook
    desk_policy: DeskPolicyFile


def make_pops(
    shared: Shared, branches: Sequence[Branch], monitors: CallMonitors, decisions: Decisions
) -> Pops:
    """Raises PolicyRefused."""
    engine, clock, screens = shared.engine, shared.clock, shared.screens
    desk_policy = DeskPolicyFile(shared.settings.policies.folder / "desk.yaml")
    seen = SeenCalls(
        {branch.pbx: branch for branch in branches},
        decisions,
        lambda call: popper.refresh(call),  # noqa: PLW0108  made below
        clock,
    )
    introduction = Introduction(
        shared.customers, seen, SqlMatters(engine), SqlSatisfaction(engine, clock), shared.spawn
    )
    topics = PopDesktops({branch.pbx: branch.broker for branch in branches})
    hook = PopHook(lambda: desk_policy.now().hook, screens.tell, clock, version("tierline"))
    popper = ScreenPopper(
        (screens, topics, hook), introduction.describe, clock, lambda agent: extension_of(monitors, agent)
    )
    return Pops(introduction, popper, hook, desk_policy)


class SeenCalls:
    """The customers' port on calls that last."""

    def __init__(
        self,
        branches: Mapping[PbxName, Branch],
        decisions: Decisions,
        refresh: Callable[[CallId], None],
        clock: Clock,
    ) -> None:
        self._branches, self._decisions, self._clock = branches, decisions, clock
        self.refresh = refresh

    def why_first(self, call: CallId) -> Mapping[str, str] | None:
        return self._decisions.why(call)

    def promised_at(self, call: CallId) -> float | None:
        branch = self._branches.get(pbx_of(call))
        callers = [] if branch is None else branch.router.callers.of(call)
        promises = [caller.promised_at for caller in callers if caller.promised_at is not None]
        return promises[-1] if promises else None

    def dialled(self, call: CallId) -> str | None:
        branch = self._branches.get(pbx_of(call))
        return None if branch is None else branch.monitor.dialled(call)

    def recognised(self, call: CallId, customer: Customer) -> None:
        branch = self._branches.get(pbx_of(call))
        if branch is not None:
            told = customer.id, customer.name, customer.tier, customer.tier_source
            branch.bus.publish(CallerRecognised(self._clock.now(), call, *told))


def extension_of(monitors: CallMonitors, agent: AgentId) -> str | None:
    """The number of the telephone that rings; None for what is no telephone of the switch's own."""
    known = monitors.agent(agent)
    technology, _, extension = known.interface.partition("/") if known is not None else ("", "", "")
    return extension or None if technology in {"PJSIP", "SIP"} else None
