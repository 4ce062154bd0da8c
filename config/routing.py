"""Puts together what is one for all switches in routing: the policy, the answers to the dialplan, the reasons."""

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from config.branch import Branch
from config.past_stays import past_stays
from cti.adapters.call_store import SqlCallStore
from cti.domain.histograms import Histogram
from cti.ports import Clock
from routing.adapters.fastagi import FastAgi
from routing.adapters.policy_file import parse
from routing.adapters.policy_shelf import SqlPolicyShelf
from routing.domain.decision import Question
from routing.domain.priority import PriorityPolicy
from routing.service.policy_desk import PolicyDesk


def make_policy_desk(
    file: Path,
    engine: AsyncEngine,
    calls: SqlCallStore,
    clock: Clock,
    take_over: Callable[[PriorityPolicy], None],
) -> PolicyDesk:
    """`take_over` is told when another version goes live. Raises PolicyRefused."""
    desk = PolicyDesk(
        SqlPolicyShelf(engine),
        lambda text: parse(text, file.name),
        file.read_text(encoding="utf-8"),
        lambda start, end: past_stays(calls, start, end, desk.policy.unknown_tier),
        clock,
        take_over,
    )
    return desk


def make_fastagi(
    branches: Sequence[Branch],
    seconds: Histogram,
    promise: Callable[[Question], Coroutine[Any, Any, bool]],
    records: Callable[[Question], bool],
    spawn: Callable[[Coroutine[Any, Any, None]], object],
) -> FastAgi:
    """`seconds`: how long decisions take. Who does not say which switch he is, is answered as the first."""
    return FastAgi(
        branches[0].router,
        spawn,
        lambda took, _result: seconds.observe(took),
        others={branch.pbx: branch.router for branch in branches},
        promise=promise,
        records=records,
    )
