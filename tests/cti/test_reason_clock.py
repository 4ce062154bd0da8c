"""The time agents are not ready: what ends a stay, and what does not."""

from datetime import UTC
from pathlib import Path

import pytest

from cti.adapters.desk_states_file import read_policy
from cti.domain import events
from cti.domain.agents import Roster
from cti.domain.identifiers import AgentId, PbxName, QueueName
from cti.domain.signals import MemberRemoved, MemberSeen
from cti.service.call_monitor import CallMonitor
from cti.service.reason_clock import ReasonClock
from cti.service.several import CallMonitors
from tests.cti.controlling import CLOCK

POLICY = read_policy(Path("config/policies/desk-states.yaml"))
AGENT, SALES, SUPPORT = AgentId("101"), QueueName("sales"), QueueName("support")
NOON = 1_800_014_400.0


class House:
    """Two switches and what they tell."""

    def __init__(self):
        self.rosters = {PbxName("p"): Roster(), PbxName("q"): Roster()}
        monitors = {pbx: CallMonitor(pbx, lambda _: None, CLOCK, None) for pbx in self.rosters}
        for pbx, monitor in monitors.items():
            monitor._calls.roster = self.rosters[pbx]
        self.at = NOON
        self.clock = ReasonClock(POLICY, None, self, UTC, lambda _: None, CallMonitors(monitors).rests)

    def now(self):
        return self.at

    def tell(self, pbx, queue, reason, at):
        """As wiring hands the events on."""
        self.at = at
        phone, paused = "PJSIP/101", reason is not None
        self._told(
            self.rosters[pbx].hear(
                MemberSeen(at, queue, AGENT, phone, phone, 1, paused, reason or "", False, 0)
            )
        )

    def off(self, pbx, queue, at):
        self.at = at
        self._told(self.rosters[pbx].hear(MemberRemoved(at, queue, AGENT)))

    def _told(self, told):
        for event in told:
            if isinstance(event, events.AgentNotReady):
                self.clock.not_ready(event)
            elif isinstance(event, (events.AgentReady, events.AgentLoggedOff)):
                self.clock.left(event)

    def rested(self, at):
        self.at = at
        return self.clock.today(AGENT)


@pytest.fixture
def house():
    return House()


def test_a_break_goes_on_when_one_of_two_queues_is_left(house):
    house.tell("p", SALES, "break", NOON)
    house.tell("p", SUPPORT, "break", NOON)
    house.off("p", SALES, NOON + 60)
    assert house.rested(NOON + 600) == {"break": 600.0}
    house.off("p", SUPPORT, NOON + 700)
    assert house.rested(NOON + 900) == {"break": 700.0}


def test_ready_on_one_switch_ends_no_break_on_the_other(house):
    house.tell("p", SALES, "break", NOON)
    house.tell("q", SALES, None, NOON + 60)
    assert house.rested(NOON + 600) == {"break": 600.0}
    house.tell("p", SALES, None, NOON + 700)
    assert house.rested(NOON + 900) == {"break": 700.0}


def test_who_is_asked_about_and_never_rested_is_not_kept(house):
    assert house.clock.today(AgentId("nobody")) == {}
    assert house.clock.overruns(AgentId("nobody")) == []
    assert house.clock._times == {}
