"""The table of faults: what is done to an installation while callers come, where, and how often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.faults import rivals, strikes
from tests.faults.real import Real
from tests.faults.scene import Scene
from tests.faults.simulated import Simulated
from tests.faults.strikes import Disk, HalfLines


class Fault(NamedTuple):
    """`runs` of `make faults`; `tested` in `make test` as well; `options` of the scene."""

    name: str
    scene: type[Scene]
    strike: Callable[[Any], Awaitable[None]]
    runs: int = 1
    tested: bool = False
    options: Mapping[str, Any] = MappingProxyType({})


POSTGRES = MappingProxyType({"postgres": True})
CLOCK = MappingProxyType({"clock": True})

FAULTS: tuple[Fault, ...] = (
    Fault("nothing, for comparison", Simulated, strikes.nothing),
    Fault("nothing, for comparison", Real, strikes.nothing),
    Fault("server killed (kill -9)", Simulated, strikes.server_killed, runs=20),
    Fault("server killed (kill -9), PostgreSQL", Simulated, strikes.server_killed, 3, options=POSTGRES),
    Fault("server killed (kill -9)", Real, strikes.server_killed, runs=3, tested=True),
    Fault(
        "server killed again and again while it recovers",
        Simulated,
        strikes.server_killed_while_recovering,
        3,
    ),
    Fault("server ended in order", Simulated, strikes.server_ended_in_order, 2),
    Fault("second server started by mistake", Simulated, rivals.second_server_started),
    Fault("server killed, its standby takes over", Simulated, rivals.standby_takes_over, 3, options=POSTGRES),
    Fault("server of a later version after a kill", Simulated, rivals.upgraded, 2),
    Fault("server of a later version after a kill, PostgreSQL", Simulated, rivals.upgraded, options=POSTGRES),
    Fault("server stopped for 30 s (SIGSTOP)", Real, strikes.server_stopped),
    Fault("server stopped for 30 s (SIGSTOP)", Simulated, strikes.server_stopped),
    Fault("server started with many live calls", Real, strikes.server_started_with_many_live_calls),
    Fault("server started with many live calls", Simulated, strikes.server_started_with_many_live_calls),
    Fault("server's clock an hour ahead, and back", Simulated, strikes.clock_an_hour_ahead, options=CLOCK),
    Fault(
        "server's clock an hour back, and right again", Simulated, strikes.clock_an_hour_back, options=CLOCK
    ),
    Fault("AMI reset", Real, strikes.line_reset, 2, tested=True),
    Fault("AMI reset", Simulated, strikes.line_reset, 3),
    Fault("AMI half-open", Real, strikes.line_half_open, 2),
    Fault("AMI half-open", Simulated, strikes.line_half_open, 2),
    Fault("AMI frozen for a moment", Simulated, strikes.line_frozen_and_back, 2),
    Fault("AMI with 200 ms latency", Real, strikes.line_slow),
    Fault("AMI in single bytes", Real, strikes.line_in_single_bytes),
    Fault("AMI on a narrow line (60 kB/s)", Simulated, strikes.line_narrow),
    Fault("AMI cut at a random byte", Real, strikes.line_cut_at_a_byte, 2),
    Fault("AMI cut at a random byte", Simulated, strikes.line_cut_at_a_byte, 5),
    Fault("AMI refused", Real, strikes.line_refused),
    Fault("FastAGI silent, then refused", Real, strikes.routing_unreachable),
    Fault("Asterisk killed (kill -9)", Real, strikes.switch_killed, 3, tested=True),
    Fault("Asterisk stopped (core stop now)", Real, strikes.switch_stopped, 2),
    Fault("Asterisk and server killed", Real, strikes.switch_killed_while_the_server_is_down, 2),
    Fault("Asterisk reloaded", Real, strikes.switch_reloaded),
    Fault("switch killed", Simulated, strikes.simulated_switch_killed, 3),
    Fault("AMI login refused", Real, strikes.login_refused),
    Fault("AMI permissions reduced", Real, strikes.permissions_reduced),
    Fault("broker unreachable", Simulated, strikes.broker_unreachable, 2),
    Fault("broker killed (kill -9)", Simulated, strikes.broker_killed, 2),
    Fault("broker unreachable and server killed", Simulated, strikes.broker_and_server_killed, 2),
    Fault("PostgreSQL killed (kill -9)", Simulated, strikes.postgres_killed, 2, options=POSTGRES),
    Fault("PostgreSQL restarted", Simulated, strikes.postgres_restarted, options=POSTGRES),
    Fault("PostgreSQL unreachable", Simulated, strikes.postgres_unreachable, 2, options=POSTGRES),
    Fault("PostgreSQL silent", Simulated, strikes.postgres_silent, options=POSTGRES),
    Fault("SQLite locked by another program", Simulated, strikes.sqlite_locked, 2),
    Fault("journal's disk full", Disk, strikes.disk_full),
    Fault("journal's disk read-only when the server starts", Disk, strikes.disk_read_only),
    Fault("journal's disk full, then server killed", Disk, strikes.disk_full_and_server_killed),
    Fault("ledger rotated, server killed", Real, strikes.ledger_rotated),
    Fault("ledger rotated while the server is down", Real, strikes.ledger_rotated_while_the_server_is_down),
    Fault("ledger in half lines, server killed", HalfLines, strikes.server_killed, 2),
)
