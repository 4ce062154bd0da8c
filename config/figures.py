"""Puts together the desk of key figures."""

from collections.abc import Sequence

from config.branch import Branch, Shared
from cti.adapters.call_store import SqlCallStore
from cti.domain.identifiers import AgentId
from cti.domain.sheets import ReadySpan
from cti.service.kpi_desk import KpiDesk
from cti.service.several import CallMonitors


def make_kpi_desk(shared: Shared, branches: Sequence[Branch], monitors: CallMonitors) -> KpiDesk:
    """Figures say by the reconcilers how far they are proven."""
    calls = shared.calls
    return KpiDesk(
        calls,
        monitors.live,
        shared.kpi_policy,
        shared.clock,
        shared.zone,
        offers=calls.offers,
        ready=lambda start, end: _ready_spans(calls, start, end),
        proof=lambda: [branch.reconciler.verification() for branch in branches],
    )


async def _ready_spans(calls: SqlCallStore, start: float, end: float) -> list[ReadySpan]:
    """When agents stood ready, from the changes of their states."""
    spans: list[ReadySpan] = []
    since: dict[AgentId, float] = {}
    for at, agent, state in await calls.agent_states(start, end):
        began = since.pop(agent, None)
        if began is not None:
            spans.append(ReadySpan(agent, began, at))
        if state == "ready":
            since[agent] = max(at, start)
    spans += [ReadySpan(agent, began, end) for agent, began in since.items()]
    return spans
