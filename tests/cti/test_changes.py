"""Changes as JSON: to the millisecond, and a finished call told and kept in the same words."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from cti.adapters.call_rows import Stories
from cti.domain.changes import Change, change_json
from cti.domain.events import CallCleared
from cti.domain.export import call_json, milliseconds
from cti.domain.identifiers import PbxName
from tests.cti.replaying import SCENARIOS, hear, raw, signals_of


@given(st.integers(-(10**15), 10**16))
def test_microseconds_come_to_the_nearest_millisecond(microseconds):
    """As a person would round them; a tie may go either way."""
    told = milliseconds(microseconds / 1e6)
    assert told == round(told, 3)
    assert abs(round(told * 1000) * 1000 - microseconds) <= 500


def test_nothing_stays_nothing():
    assert milliseconds(None) is None


def test_a_finished_call_is_kept_and_told_in_the_same_words():
    records = [record for scenario in SCENARIOS for record in hear(signals_of(raw(scenario))).records]
    stories = Stories()
    for record in records:
        change = Change(PbxName("pbx1"), 3, CallCleared(1.0, record.call, record))
        told = orjson.loads(orjson.dumps(change_json(change, 9, stories.fragment)))
        assert told == orjson.loads(orjson.dumps(change_json(change, 9)))
        assert told["record"] == orjson.loads(stories.text(record)) == call_json(record)


def test_a_call_that_became_another_meanwhile_is_told_as_it_is():
    (record, *_) = hear(signals_of(raw(SCENARIOS[0]))).records
    stories = Stories()
    stories.text(record)
    corrected = record._replace(caller_name="somebody else")
    assert orjson.loads(stories.text(corrected))["caller_name"] == "somebody else"
