"""Changes of the floor: whoever has the picture before and the change has the picture after, to the field."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from cti.domain.floor_changes import FOLLOWS, KEYS, changes, key

NAMES = st.sampled_from("abcdef")
COUNT = st.integers(0, 3)
TIERS = st.fixed_dictionaries(
    {"gold": st.fixed_dictionaries({"waiting": COUNT, "longest_wait_seconds": COUNT})}
)


def rows(name: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries(dict.fromkeys(KEYS[name], NAMES) | fields)
    return st.lists(row, max_size=6, unique_by=lambda one: key(name, one))


PICTURES = st.fixed_dictionaries(
    {
        "at": st.integers(0, 9),
        "tiles": st.fixed_dictionaries({"waiting": COUNT, "answer_rate": st.none() | COUNT}),
        "pbx": st.dictionaries(NAMES, st.booleans()),
        "gap_since": st.none() | COUNT,
        "queues": rows("queues", offered=COUNT, tiers=TIERS),
        "waiting": rows("waiting", tier=st.none() | NAMES, why=st.dictionaries(NAMES, NAMES)),
        "agents": rows("agents", state=NAMES, queues=st.lists(NAMES)),
        "trend": rows("trend", offered=COUNT),
    }
)


def applied(picture: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """As a page does it: what is gone goes, what changed is laid over, what is new stands at its place."""
    after = laid_over(picture, change.get("fields", {}))
    for name in KEYS:
        told = change.get(name, {})
        known = {key(name, row): row for row in picture[name] if key(name, row) not in told.get("gone", ())}
        for one, fields in told.get("set", {}).items():
            known[one] = laid_over(known[one], fields)
        listed = list(known.values())
        for place, row in told.get("new", ()):
            listed.insert(place, row)
        if "order" in told:
            by_key = {key(name, row): row for row in listed}
            listed = [by_key[one] for one in told["order"]]
        after[name] = listed
    return after


def laid_over(row: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    return row | {
        name: laid_over(row[name], value) if name in ("tiles", "tiers", "gold") else value
        for name, value in fields.items()
    }


def without_clock(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_clock(inner) for name, inner in value.items() if name not in FOLLOWS}
    return [without_clock(one) for one in value] if isinstance(value, list) else value


@given(PICTURES, PICTURES)
def test_the_picture_before_and_the_change_give_the_picture_after(before: Any, after: Any) -> None:
    change = orjson.loads(orjson.dumps(changes(before, after)))
    assert without_clock(applied(before, change)) == without_clock(after)


@given(PICTURES, st.integers(0, 9))
def test_a_clock_that_moves_is_no_change(picture: Any, later: int) -> None:
    assert changes(picture, picture | {"at": later}) == {}


@given(PICTURES, PICTURES)
def test_what_stays_is_not_told(before: Any, after: Any) -> None:
    stays = before | {"agents": after["agents"]}
    assert set(changes(before, stays)) <= {"agents"}


@given(
    PICTURES,
    PICTURES,
    st.lists(st.tuples(rows("agents", state=NAMES), rows("agents", state=NAMES)), max_size=4),
)
def test_whoever_sees_other_agents_of_the_same_floor_is_told_the_same_as_alone(
    before: Any, after: Any, teams: list[tuple[Any, Any]]
) -> None:
    found: Any = {}
    for agents_before, agents_after in teams:
        theirs = before | {"agents": agents_before}, after | {"agents": agents_after}
        assert changes(*theirs, found) == changes(*theirs)
