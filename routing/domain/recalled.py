"""A decision read from the document it was described in: what a restarted server knows of callers who still wait."""

from collections.abc import Mapping
from typing import Any

from cti.domain.identifiers import CallId, ChannelId, CustomerId, QueueName, Tier
from routing.domain.decision import Correction, Knowledge, Result, RoutingDecision
from routing.domain.priority import Credit, priority
from routing.domain.sentences import Sentence
from routing.domain.waiting_line import Waiting

PATHS = ("closed_", "sent_", "skill_", "preferred_", "overflow_")
"""How the keys of sentences about a caller's path begin (`path.py`, `overflow.py`)."""

DEEDS = frozenset({"moved_queue", "taken"})
"""What a supervisor did, as far as it is no move within the line: that one is a correction."""

_TIERS: Mapping[str, Tier] = {tier.value: tier for tier in Tier}
"""Looked up: calling the class costs five times as much, and a start after a kill reads ten thousand decisions."""


def recalled(document: Mapping[str, Any]) -> RoutingDecision:
    """The inverse of `describe`: described again, it says the same. What no sentence tells (the channel's name) is empty."""
    told = {one["key"]: one["parameters"] for one in document["explanations"]}
    knowledge = Knowledge(document["explanations"][0]["key"])
    place: Mapping[str, Any] = next((told[key] for key in told if key.startswith(("first_p", "place_p"))), {})
    joined_at = int(document["joined_at"])
    ordinary = priority(joined_at, document["credit_seconds"])
    return RoutingDecision(
        uniqueid=ChannelId(document["uniqueid"]),
        call=CallId(document["call"]),
        channel_name="",
        queue=QueueName(document["queue"]),
        at=document["at"],
        customer=None if document["customer"] is None else CustomerId(document["customer"]),
        tier=_TIERS[document["tier"]],
        tier_source=document["tier_source"],
        knowledge=knowledge,
        credit=Credit(document["credit_seconds"], document["strict"]),
        own_queue_rule="queue_rule" in told,
        surging="surge" in told,
        bound_seconds=told.get("bound", told.get("bound_none", {"bound_seconds": None}))["bound_seconds"],
        joined_at=joined_at,
        first_joined_before=max(0, int(document["at"]) - joined_at),
        result=Result(document["result"]),
        took_seconds=document["took_seconds"],
        corrections=tuple(_correction(one) for one in document["corrections"]),
        position_at_join=document["position_at_join"],
        passed_at_join=place.get("count", 0),
        path=tuple(_sentence(one) for one in document["explanations"] if one["key"].startswith(PATHS)),
        raised_to=None if document["priority"] == ordinary else document["priority"],
        variables=tuple((name, value) for name, value in document.get("variables", ())),
        deed=next((_sentence(one) for one in document["explanations"] if one["key"] in DEEDS), None),
        policy_version=document.get("policy_version", 0),
        ahead=tuple(_ahead(one) for one in document["ahead"]),
    )


def _correction(told: Mapping[str, Any]) -> Correction:
    return Correction(told["at"], told["from"], told["to"], _sentence(told["explanation"]))


def _sentence(told: Mapping[str, Any]) -> Sentence:
    return Sentence(told["key"], told["parameters"])


def _ahead(told: Mapping[str, Any]) -> Waiting:
    joined_at, arrived_at = int(told["joined_at"]), int(told["virtual_arrival_at"])
    strict = told["explanation"]["key"] == "ahead_strict"
    credit = joined_at - arrived_at
    call = CallId(told["call"])
    channel = ChannelId(call.partition(":")[2])
    return Waiting(
        channel, call, _TIERS[told["tier"]], joined_at, credit, strict, priority(joined_at, credit)
    )
