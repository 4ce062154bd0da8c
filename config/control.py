"""Puts together what acts on calls: agents' buttons, supervision, waiting callers, notes."""

import secrets
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from config.branch import Branch
from cti.adapters.accounts import SqlAccounts
from cti.adapters.audit import SqlAudit
from cti.adapters.clock import SystemClock
from cti.adapters.note_store import SqlNotes
from cti.domain.dialling import DiallingPolicy
from cti.domain.identifiers import AgentId
from cti.service.control_desk import ControlDesk, Line
from cti.service.note_desk import NoteDesk
from cti.service.screens import Screens
from cti.service.supervision import SupervisionDesk
from cti.service.waiting_desk import WaitingDesk
from customers.adapters.dialling_plan import DiallingPlan


class Control(NamedTuple):
    """The parts, for the installation."""

    desk: ControlDesk
    supervision: SupervisionDesk
    waiting: WaitingDesk
    notes: NoteDesk
    policy: DiallingPolicy


def make_control(
    engine: AsyncEngine,
    branches: Sequence[Branch],
    accounts: SqlAccounts,
    audit: SqlAudit,
    screens: Screens,
    clock: SystemClock,
    spawn: Callable[[Coroutine[Any, Any, None]], object],
    teams: Callable[[AgentId], frozenset[str]],
    numbers: tuple[DiallingPlan, DiallingPolicy],
) -> Control:
    plan, policy = numbers
    lines = {branch.pbx: Line(branch.link.switch, branch.monitor) for branch in branches}
    supervision = SupervisionDesk(lines, policy, accounts, audit, screens, clock, _token, spawn, teams)
    return Control(
        ControlDesk(lines, plan, policy, audit, clock, _token),
        supervision,
        WaitingDesk(lines, {branch.pbx: branch.router for branch in branches}, policy, supervision, audit),
        NoteDesk(
            SqlNotes(engine),
            lambda: [agent for branch in branches for agent in branch.monitor.agents()],
            audit,
            screens,
            clock,
            _token,
            teams,
        ),
        policy,
    )


def _token() -> str:
    return secrets.token_hex(16)
