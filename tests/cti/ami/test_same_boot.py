"""What tells a cut line from a switch that started again, whatever the clocks say."""

import pytest

from cti.adapters.ami.connection import LinkState
from cti.adapters.clock import SystemClock
from cti.domain import signals as s
from cti.domain.calls import Calls
from cti.domain.events import SwitchInService
from tests.cti.ami.conftest import until
from tests.cti.ami.test_link import hold, kinds


class SetClock(SystemClock):
    """The machine's clock after somebody set it."""

    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


@pytest.mark.parametrize("seconds", [-3600, 3600])
async def test_a_clock_set_meanwhile_is_no_restart(peer, start_link, seconds):
    clock = SetClock()
    link, told = start_link(clock=clock)
    await until(lambda: link.state is LinkState.UP)
    clock.ahead = seconds
    peer.drop()
    await until(lambda: kinds(told).count("LinkRestored") == 2)
    clock.ahead, peer.uptime = 0, 1  # and a real one is one
    peer.drop()
    await until(lambda: kinds(told).count("LinkRestored") == 3)
    calls = Calls("pbx1")
    happened = [event for signal in told for event in calls.hear(signal)]
    assert [e.restarted for e in happened if isinstance(e, SwitchInService)] == [False, False, True]


async def test_what_a_cut_swallowed_is_known_by_number(peer, start_link):
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(hold(10))
    await until(lambda: link.traffic.messages > 2)
    peer.after_login = hold(15)
    peer.drop()
    await until(lambda: kinds(told).count("LinkRestored") == 2)
    missed = [signal for signal in told if isinstance(signal, s.MessagesMissed)]
    assert [(m.first, m.last) for m in missed] == [(11, 14)]


async def test_a_restarted_switch_counts_anew(peer, start_link):
    link, told = start_link()
    await until(lambda: link.state is LinkState.UP)
    await peer.tell(hold(10))
    await until(lambda: "ChannelHeld" in kinds(told))
    peer.uptime = 1
    peer.after_login = hold(900)
    peer.drop()
    await until(lambda: kinds(told).count("ChannelHeld") == 2)
    assert "MessagesMissed" not in kinds(told)
