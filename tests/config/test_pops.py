"""What the customers' desk is shown of live calls, and whom it tells: the switch the call is on, and no other."""

from types import SimpleNamespace

import pytest

from config.pops import SeenCalls, extension_of
from cti.domain.calls import Calls
from cti.domain.identifiers import AgentId, CallId, ChannelId, CustomerId, PbxName, PhoneNumber, Tier
from cti.domain.signals import ChannelOpened
from customers.domain.customer import Customer

PETRA = Customer(
    CustomerId("c-1"), "Petra", "", Tier.PLATINUM, "import", (PhoneNumber("+12025550101"),), "en", None, "", "", 0.0
)  # fmt: skip


class Branch:
    """One switch: what was promised to its callers, what they dialled, and what is published."""

    def __init__(self, *promises):
        self.told = []
        callers = [SimpleNamespace(promised_at=promise) for promise in promises]
        self.router = SimpleNamespace(callers=SimpleNamespace(of=lambda call: callers))
        self.monitor = SimpleNamespace(dialled=lambda call: "+12025550000")
        self.bus = SimpleNamespace(publish=self.told.append)


@pytest.fixture
def branches():
    return {PbxName("one"): Branch(), PbxName("two"): Branch(None, 60.0, 90.0, None)}


@pytest.fixture
def seen(branches):
    clock = SimpleNamespace(now=lambda: 5.0)
    return SeenCalls(branches, SimpleNamespace(why=lambda call: None), lambda call: None, clock)


def test_the_last_promise_counts_and_a_switch_that_is_gone_promises_nothing(seen):
    told = [seen.promised_at(CallId(f"{pbx}:a.1")) for pbx in ("one", "two", "gone")]
    assert told == [None, 90.0, None]
    assert seen.dialled(CallId("gone:a.1")) is None


def test_a_customer_is_told_to_the_switch_his_call_is_on(seen, branches):
    seen.recognised(CallId("two:a.1"), PETRA)
    assert branches[PbxName("one")].told == []
    [told] = branches[PbxName("two")].told
    assert (told.call, told.customer, told.tier, told.source) == ("two:a.1", "c-1", Tier.PLATINUM, "import")


@pytest.mark.parametrize(
    ("interface", "extension"),
    [("PJSIP/101", "101"), ("Local/101@agents", None), ("", None), ("PJSIP/", None)],
)
def test_the_number_of_the_telephone_that_rings(interface, extension):
    monitors = SimpleNamespace(agent=lambda agent: SimpleNamespace(interface=interface))
    assert extension_of(monitors, AgentId("101")) == extension
    assert extension_of(SimpleNamespace(agent=lambda agent: None), AgentId("101")) is None


@pytest.mark.parametrize(
    ("exten", "dialled"), [("+864001234", "+864001234"), ("s", None), ("", None), (None, None)]
)
def test_the_number_dialled_is_what_the_first_leg_asked_for(exten, dialled):
    calls = Calls(PbxName("one"))
    first, second = ChannelId("a.1"), ChannelId("a.2")
    calls.hear(ChannelOpened(1.0, first, "PJSIP/trunk-1", first, "+12025550101", None, exten))
    calls.hear(ChannelOpened(2.0, second, "PJSIP/101-1", first, None, None, "101"))
    [call] = calls.live.values()
    assert call.dialled == dialled
