"""Puts together what acts on calls: agents' buttons, supervision, waiting callers, notes."""

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from config.access import Access
from config.branch import Branch, Shared
from cti.adapters.note_store import SqlNotes
from cti.domain.dialling import DiallingPolicy
from cti.service.control_desk import ControlDesk, Line
from cti.service.note_desk import NoteDesk
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
    shared: Shared, branches: Sequence[Branch], access: Access, numbers: tuple[DiallingPlan, DiallingPolicy]
) -> Control:
    screens, clock, audit, teams = shared.screens, shared.clock, access.audit, access.teams.of
    plan, policy = numbers
    lines = {branch.pbx: Line(branch.link.switch, branch.monitor) for branch in branches}
    supervision = SupervisionDesk(
        lines, policy, access.accounts, audit, screens, clock, _token, shared.spawn, teams
    )
    return Control(
        ControlDesk(lines, plan, policy, audit, clock, _token),
        supervision,
        WaitingDesk(lines, {branch.pbx: branch.router for branch in branches}, policy, supervision, audit),
        NoteDesk(
            SqlNotes(shared.engine),
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
