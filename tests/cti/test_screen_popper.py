"""Pops: shown once to whoever rings, confirmed, withdrawn, ended, acknowledged."""

from cti.domain import events
from cti.domain.identifiers import AgentId, CallId, ChannelId, PbxName, QueueName, Tier
from cti.domain.records import Direction, OfferResult, SegmentRecord
from cti.domain.screen_pop import Profile
from cti.service.screen_popper import ScreenPopper

CALL, OTHER = CallId("pbx1:a.1"), CallId("pbx1:a.9")
SUPPORT = QueueName("support")


class Desk:
    """A desktop that remembers what it was shown."""

    def __init__(self):
        self.shown = []

    def show(self, agent, pop):
        self.shown.append((agent, pop["state"], pop["reason"], dict(pop)))

    def state(self, agent, state):
        raise AssertionError("a popper shows pops only")

    @property
    def story(self):
        return [(agent, state, reason) for agent, state, reason, _ in self.shown]


class StoppedClock:
    def __init__(self, at):
        self.at = at

    def now(self):
        return self.at


def popper(profile=None):
    desk, clock = Desk(), StoppedClock(100.5)
    return ScreenPopper((desk,), lambda call: profile or Profile(), clock), desk, clock


def rings(agent, call=CALL, at=100.0, queue=SUPPORT, passed_by=None):
    return events.CallDelivered(
        at, call, AgentId(agent), ChannelId(f"leg-{agent}"), queue, 7.5, "+15550100", "Anna", passed_by
    )


def answered(agent, call=CALL, at=103.0, queue=SUPPORT):
    return events.CallEstablished(at, call, AgentId(agent), ChannelId(f"leg-{agent}"), queue, 10.0, 3.0, None)


def diverted(agent, result, call=CALL):
    return events.CallDiverted(102.0, call, AgentId(agent), ChannelId(f"leg-{agent}"), SUPPORT, result, 2.0)


def left(agent, call=CALL):
    segment = SegmentRecord(
        call, PbxName("pbx1"), AgentId(agent), ChannelId("x"), SUPPORT, None, 1.0, 2.0, 1.0, 0.0, 0, False, None,
        Direction.INBOUND,
    )  # fmt: skip
    return events.SegmentEnded(150.0, call, segment)


class Cleared:
    def __init__(self, call=CALL):
        self.call = call


def test_a_ring_all_shows_three_pops_and_keeps_the_winners():
    pops, desk, _ = popper()
    for agent in ("101", "102", "103"):
        pops.announce(rings(agent))
    pops.confirm(answered("102"))
    for agent in ("101", "103"):
        pops.withdraw(diverted(agent, OfferResult.CANCELLED))
    pops.end(left("102"))
    assert desk.story == [
        ("101", "ringing", ""),
        ("102", "ringing", ""),
        ("103", "ringing", ""),
        ("101", "withdrawn", "answered_elsewhere"),
        ("102", "answered", ""),
        ("103", "withdrawn", "answered_elsewhere"),
        ("102", "ended", ""),
    ]


def test_the_same_ring_told_twice_pops_once():
    pops, desk, _ = popper()
    pops.announce(rings("101"))
    pops.announce(rings("101"))
    assert desk.story == [("101", "ringing", "")]
    assert pops.results["shown"] == 1


def test_ring_no_answer_withdraws_and_a_second_ring_brings_the_same_pop_back():
    pops, desk, _ = popper()
    pops.announce(rings("101"))
    pops.withdraw(diverted("101", OfferResult.RING_NO_ANSWER))
    pops.announce(rings("101", at=120.0))
    assert desk.story == [
        ("101", "ringing", ""),
        ("101", "withdrawn", "not_answered"),
        ("101", "ringing", ""),
    ]
    assert {pop["id"] for *_, pop in desk.shown} == {"pbx1:a.1/101"}
    assert desk.shown[-1][3]["at"] == 120.0


def test_a_second_ring_tells_where_it_comes_from_now():
    """The caller flowed over into another queue, and was passed back by a colleague."""
    pops, desk, _ = popper()
    pops.announce(rings("101"))
    pops.withdraw(diverted("101", OfferResult.RING_NO_ANSWER))
    pops.announce(rings("101", at=120.0, queue=QueueName("sales")))
    pops.confirm(answered("101"))
    pops.end(left("101"))
    pops.announce(rings("101", at=160.0, queue=None, passed_by=AgentId("102")))
    rung = [(pop["queue"], pop["passed_by"]) for _, state, _, pop in desk.shown if state == "ringing"]
    assert rung == [("support", None), ("sales", None), (None, "102")]


def test_a_caller_who_leaves_takes_every_pop_along():
    pops, desk, _ = popper()
    pops.announce(rings("101"))
    pops.forget(Cleared())
    assert desk.story[-1] == ("101", "withdrawn", "caller_left")
    assert pops.open_pops(AgentId("101")) == []


def test_a_transfer_pops_the_original_caller_at_the_colleague_and_leaves_the_first_agents_pop():
    pops, desk, _ = popper(Profile(name="Anna Aalto", tier=Tier.GOLD))
    pops.announce(rings("101"))
    pops.confirm(answered("101"))
    pops.announce(rings("102", queue=None, passed_by=AgentId("101")))
    pops.confirm(answered("102", queue=None))
    assert desk.story == [
        ("101", "ringing", ""),
        ("101", "answered", ""),
        ("102", "ringing", ""),
        ("102", "answered", ""),
    ]
    colleague = desk.shown[2][3]
    assert (colleague["name"], colleague["tier"], colleague["passed_by"]) == ("Anna Aalto", "gold", "101")


def test_acknowledgement_measures_from_the_switch_to_the_screen_once():
    pops, _, clock = popper()
    pops.announce(rings("101", at=100.0))
    pops.acknowledge(AgentId("101"), "pbx1:a.1/101")
    clock.at = 200.0
    pops.acknowledge(AgentId("101"), "pbx1:a.1/101")
    assert pops.seconds.count == 1
    assert pops.seconds.total == 0.5
    assert pops.results["acknowledged"] == 1


def test_somebody_elses_acknowledgement_or_nonsense_counts_as_late():
    pops, _, _ = popper()
    pops.announce(rings("101"))
    pops.acknowledge(AgentId("102"), "pbx1:a.1/101")
    pops.acknowledge(AgentId("101"), "nonsense")
    assert pops.results["acknowledged_late"] == 2
    assert pops.seconds.count == 0


def test_an_agents_name_with_a_slash_can_acknowledge():
    pops, _, _ = popper()
    pops.announce(rings("Agent/104"))
    pops.acknowledge(AgentId("Agent/104"), "pbx1:a.1/Agent/104")
    assert pops.results["acknowledged"] == 1


def test_a_page_that_comes_back_gets_its_open_pops():
    pops, _, _ = popper()
    pops.announce(rings("101"))
    pops.announce(rings("101", call=OTHER))
    pops.forget(Cleared(OTHER))
    assert [pop["call"] for pop in pops.open_pops(AgentId("101"))] == [CALL]


def test_the_card_of_the_last_call_comes_back_with_a_reloaded_page_until_the_work_after_it_ends():
    pops, _, _ = popper()
    agent = AgentId("101")
    pops.announce(rings("101"))
    pops.confirm(answered("101"))
    pops.end(left("101"))
    pops.forget(Cleared())
    assert [(pop["state"], pop["restored"]) for pop in pops.cards(agent)] == [("ended", True)]
    pops.put_away(events.AgentReady(200.0, agent))
    assert pops.cards(agent) == []


def test_the_next_call_takes_the_card_of_the_last_one_away():
    pops, _, _ = popper()
    pops.announce(rings("101"))
    pops.withdraw(diverted("101", OfferResult.RING_NO_ANSWER))
    pops.announce(rings("101", call=OTHER))
    assert [pop["call"] for pop in pops.cards(AgentId("101"))] == [OTHER]


def test_late_knowledge_updates_open_pops_only():
    pops, desk, _ = popper()
    pops.announce(rings("101"))
    pops.announce(rings("102"))
    pops.withdraw(diverted("102", OfferResult.CANCELLED))
    desk.shown.clear()
    pops.update(events.CallerRecognised(101.0, CALL, None, None, Tier.IRON, "default"))
    assert desk.story == [("101", "ringing", "")]
