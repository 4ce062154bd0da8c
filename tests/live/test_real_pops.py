"""Each pop was on its agent's topic and on a real page before the answer; what became of it was told as well."""

from collections import Counter

import pytest

from tests.live.house import day as script
from tests.live.house.installation import PBX
from tests.live.house.ledgers import Offer
from tests.live.house.observed import Day

pytestmark = pytest.mark.timeout(420)


def pop_of(day: Day, offer: Offer) -> str:
    return f"{PBX}:{day.switch.consultations.get(offer.caller, offer.caller)}/{offer.agent}"


def states_on_topic(day: Day, offer: Offer, state: str) -> list[float]:
    return [
        heard.at
        for heard in day.heard
        if heard.topic == f"cti/v1/{PBX}/agents/{offer.agent}/screen-pop"
        and heard.payload["id"] == pop_of(day, offer)
        and heard.payload["state"] == state
    ]


def until(offer: Offer) -> float:
    """When the pop must have come: before the answer. Where nobody answered there may be no time at all: the queue
    gave the caller up in the moment it began to ring."""
    return offer.ended_at if offer.result == "connected" else max(offer.ended_at, offer.rung_at + 1.0)


def test_each_pop_reached_its_topic_before_the_answer(day: Day) -> None:
    for offer in day.switch.offers:
        came = [at for at in states_on_topic(day, offer, "ringing") if offer.rung_at <= at < until(offer)]
        assert came, offer


def long_enough(offer: Offer) -> bool:
    """Before an answer always; and where nobody answered, before the quickest of these agents would have."""
    return offer.result == "connected" or offer.ended_at - offer.rung_at >= script.ANSWERS_AFTER


def test_each_pop_stood_on_a_page_before_the_answer(day: Day) -> None:
    for offer in filter(long_enough, day.switch.offers):
        stood = [
            entry
            for entry in day.diary
            if entry.agent == offer.agent
            and entry.pop == pop_of(day, offer)
            and entry.state == "ringing"
            and offer.rung_at <= entry.stood < until(offer)
        ]
        assert stood, offer
        if offer.result == "connected":
            assert min(entry.painted or float("inf") for entry in stood) < offer.ended_at, offer


def test_pops_show_the_customer_and_the_tier(day: Day) -> None:
    of_call = {id_: call["caller_number"] for id_, call in day.calls.items()}
    names = {one.script.number: f"Customer {place}" for place, one in enumerate(day.plan) if one.tier}
    names[script.number(4)] = "王小明"
    for entry in day.diary:
        number = of_call[entry.pop.rpartition("/")[0]]
        assert entry.tier == day.tiers.get(number, "iron")
        if number in names:
            assert entry.name == names[number]


def test_pops_go_to_the_agent_who_is_rung_and_to_nobody_else(day: Day) -> None:
    rung = {pop_of(day, offer) for offer in day.switch.offers}
    assert {heard.payload["id"] for heard in day.heard if heard.topic.endswith("/screen-pop")} == rung
    assert {entry.pop for entry in day.diary} <= rung
    for heard in day.heard:
        if heard.topic.endswith("/screen-pop"):
            assert heard.payload["agent"] == heard.topic.split("/")[4] == heard.account


def test_what_became_of_the_ringing_is_told(day: Day) -> None:
    after = {"connected": "answered", "ring_no_answer": "withdrawn", "cancelled": "withdrawn"}
    for offer in day.switch.offers:
        told = states_on_topic(day, offer, after[offer.result])
        assert any(-0.5 <= at - offer.ended_at < 3.0 for at in told), offer
        if offer.result == "connected":
            assert states_on_topic(day, offer, "ended"), offer
    seen = Counter((entry.pop, entry.state) for entry in day.diary)
    for offer in filter(long_enough, day.switch.offers):
        assert seen[pop_of(day, offer), after[offer.result]], offer


def test_acknowledgements_are_counted(day: Day) -> None:
    """A pop on a topic and on a page is one pop; what was painted was acknowledged, once."""
    offers = day.switch.offers
    results = {
        result: day.metric("cti_screen_pops_total", result=result)
        for result in ("shown", "acknowledged", "withdrawn")
    }
    assert results["shown"] == len(offers)
    assert results["withdrawn"] == sum(offer.result != "connected" for offer in offers)
    painted = [
        offer
        for offer in offers
        if any(
            entry.pop == pop_of(day, offer)
            and entry.state == "ringing"
            and offer.rung_at <= (entry.painted or 0) < offer.ended_at - 0.1
            for entry in day.diary
        )
    ]
    assert len(painted) <= results["acknowledged"] <= len(offers)
    assert day.metric("cti_screen_pop_seconds_count") == results["acknowledged"]


def test_the_wallboard_saw_the_queues_fill_and_empty(day: Day) -> None:
    for queue, arrived in Counter(stay.queue for stay in day.switch.stays).items():
        told = [one.payload for one in day.heard if one.topic == f"cti/v1/{PBX}/queues/{queue}/state"]
        assert max(state["waiting"] for state in told) >= 3
        assert (told[-1]["waiting"], told[-1]["offered"]) == (0, arrived)
