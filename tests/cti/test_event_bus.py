"""Events reach every reaction, in order; a failing one stops nobody."""

import logging
from typing import NamedTuple

from cti.service.event_bus import EventBus


class Rang(NamedTuple):
    at: float


class Followed(NamedTuple):
    at: float


def test_a_failing_reaction_is_logged_counted_and_isolated(caplog):
    bus, heard = EventBus(), []

    def broken(_event):
        raise ValueError("+15550100 must not be logged as message text")

    bus.connect({Rang: [heard.append, broken, heard.append]})
    with caplog.at_level(logging.ERROR):
        bus.publish(Rang(1.0))
    assert heard == [Rang(1.0), Rang(1.0)]
    assert sum(bus.failures.values()) == 1
    assert "+15550100" not in caplog.messages[0]


def test_an_event_published_by_a_reaction_follows_after_everybody_heard_the_first():
    bus, heard = EventBus(), []

    def publishes(_event):
        bus.publish(Followed(2.0))
        heard.append("first reaction done")

    bus.connect({Rang: [publishes, lambda _: heard.append("second reaction")], Followed: [heard.append]})
    bus.publish(Rang(1.0))
    assert heard == ["first reaction done", "second reaction", Followed(2.0)]


def test_an_event_without_reactions_is_no_error():
    bus = EventBus()
    bus.connect({})
    bus.publish(Rang(1.0))


def test_what_is_held_is_delivered_in_order_when_it_is_released():
    bus, heard = EventBus(), []
    bus.connect({Rang: [heard.append], Followed: [heard.append]})
    bus.hold()
    bus.publish(Rang(1.0))
    bus.publish(Followed(2.0))
    assert heard == []
    bus.release()
    bus.publish(Rang(3.0))
    assert heard == [Rang(1.0), Followed(2.0), Rang(3.0)]
