"""An agent asks a colleague and goes back to the customer: whose card stays, and whom the next colleague is shown."""

from itertools import chain

from cti.domain.calls import Calls
from cti.domain.events import CallDelivered, CallEstablished, SegmentEnded
from cti.domain.identifiers import AgentId, BridgeId, CallId, ChannelId, PbxName, QueueName
from cti.domain.screen_pop import Profile
from cti.domain.signals import (
    AgentAnswered,
    AgentRung,
    AttendedTransferred,
    BridgeJoined,
    ChannelClosed,
    ChannelOpened,
    MemberSeen,
    PartyRung,
    QueueJoined,
)
from cti.domain.standing import standing
from cti.service.floor_agents import FloorAgents
from cti.service.screen_popper import ScreenPopper
from tests.cti.replaying import hear, raw, signals_of

SUPPORT, CUSTOMER = QueueName("support"), CallId("pbx1:a.1")
REACTIONS = {CallDelivered: "announce", CallEstablished: "confirm", SegmentEnded: "end"}


def leg(channel: str) -> ChannelId:
    return ChannelId(channel)


def member(agent):
    return MemberSeen(
        0.0, SUPPORT, AgentId(agent), f"PJSIP/{agent}", f"PJSIP/{agent}", 1, False, "", False, 0
    )


def with_the_customer():
    rung = AgentId("101"), "PJSIP/101", leg("a.2"), "PJSIP/101-1"
    return [
        *(member(agent) for agent in ("101", "102", "103")),
        QueueJoined(1.0, leg("a.1"), "PJSIP/trunk-1", leg("a.1"), SUPPORT, 1, "+15550140", "Anna", "", ""),
        AgentRung(1.1, leg("a.1"), "PJSIP/trunk-1", leg("a.1"), SUPPORT, *rung, "+15550140", "Anna"),
        AgentAnswered(
            2.0, leg("a.1"), "PJSIP/trunk-1", leg("a.1"), SUPPORT, *rung, 0.9, 1.0, "+15550140", "Anna"
        ),
        BridgeJoined(2.0, leg("a.1"), "PJSIP/trunk-1", leg("a.1"), BridgeId("a"), None),
        BridgeJoined(2.0, leg("a.2"), "PJSIP/101-1", leg("a.1"), BridgeId("a"), None),
    ]


def consultation(name, colleague, at):
    """The agent dials a colleague by a second leg, and they talk."""
    own, asked = leg(f"{name}.1"), leg(f"{name}.2")
    return [
        ChannelOpened(at, own, f"PJSIP/101-{name}", own, "101", None, colleague),
        PartyRung(at + 0.1, own, asked, f"PJSIP/{colleague}-{name}", own),
        BridgeJoined(at + 1, own, f"PJSIP/101-{name}", own, BridgeId(name), None),
        BridgeJoined(at + 1, asked, f"PJSIP/{colleague}-{name}", own, BridgeId(name), None),
    ]


def ended(name, colleague, at):
    return [
        ChannelClosed(at, leg(f"{name}.2"), f"PJSIP/{colleague}-{name}", leg(f"{name}.1"), 16),
        ChannelClosed(at, leg(f"{name}.1"), f"PJSIP/101-{name}", leg(f"{name}.1"), 16),
    ]


def told(signals):
    calls = Calls(PbxName("pbx1"))
    return calls, [event for signal in signals for event in calls.hear(signal)]


class NoDesk:
    def show(self, agent, pop):
        pass

    def state(self, agent, state):
        pass


def open_pops(happened, agent):
    pops = ScreenPopper((NoDesk(),), lambda call: Profile(), None)
    for event in happened:
        if type(event) in REACTIONS:
            getattr(pops, REACTIONS[type(event)])(event)
    return [(pop["call"], pop["state"]) for pop in pops.open_pops(AgentId(agent))]


def test_the_customers_card_stays_open_when_the_agent_comes_back_from_a_colleague():
    """As the real switch told it: the consultation ends, and the agent talks on with the customer."""
    happened = hear(signals_of(raw("consult_and_return_varset"))).events
    ends = [n for n, event in enumerate(happened) if isinstance(event, SegmentEnded)]
    customer = next(event.call for event in happened if isinstance(event, CallDelivered))
    assert open_pops(happened[: ends[-1]], "101") == [(customer, "answered")]
    assert open_pops(happened[: ends[-1]], "102") == []
    assert open_pops(happened, "101") == []


def test_the_second_colleague_asked_is_shown_the_customer_too():
    _, happened = told(
        [
            *with_the_customer(),
            *consultation("b", "102", 10.0),
            *ended("b", "102", 20.0),
            *consultation("c", "103", 30.0),
        ]
    )
    shown = [(event.agent, event.call, event.number) for event in happened if type(event) is CallDelivered]
    assert shown == [(agent, CUSTOMER, "+15550140") for agent in ("101", "102", "103")]


def test_taken_up_after_a_restart_the_agent_who_asks_has_no_card_of_himself():
    calls, _ = told([*with_the_customer(), *consultation("b", "102", 10.0)])
    assert open_pops(chain(*standing(calls)), "101") == [(CUSTOMER, "answered")]
    assert open_pops(chain(*standing(calls)), "102") == [(CUSTOMER, "answered")]


def test_put_through_by_the_desk_the_agent_keeps_his_own_conversation():
    """The switch consults on the agent's one leg then: it names it as the first and as the second."""
    own, asked, put_through = leg("a.2"), leg("b.2"), 12.0
    calls, happened = told(
        [
            *with_the_customer(),
            PartyRung(10.0, leg("b.1"), asked, "PJSIP/102-b", leg("a.1")),
            BridgeJoined(10.0, own, "PJSIP/101-1", leg("a.1"), BridgeId("b"), None),
            BridgeJoined(11.0, asked, "PJSIP/102-b", leg("a.1"), BridgeId("c"), None),
            AttendedTransferred(put_through, True, "Bridge", own, own, leg("a.1"), leg("b.1"), None),
            ChannelClosed(put_through, own, "PJSIP/101-1", leg("a.1"), 16),
        ]
    )
    _, segments = calls.live_records(20.0)
    assert [(one.agent, one.transferred, one.talk_seconds) for one in segments] == [
        ("101", True, 10.0),
        ("102", False, 9.0),
    ]
    assert [(event.segment.agent, event.at) for event in happened if isinstance(event, SegmentEnded)] == [
        ("101", put_through)
    ]


def test_an_agent_who_passed_a_call_on_is_free_on_the_floor():
    """His leg to the colleague became part of the customer's call: he was in one conversation, and left it."""
    floor, agent, asked = FloorAgents(), AgentId("101"), CallId("pbx1:b.1")
    floor.converse(agent, CUSTOMER, 1.0)
    floor.converse(agent, asked, 2.0)
    floor.merge(CUSTOMER, asked, 3.0)
    floor.part(agent, CUSTOMER, 3.0)
    assert floor.agent(agent, 4.0).call is None
