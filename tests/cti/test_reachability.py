"""Who is taken out because calls cannot reach him: the table, step by step, and what no step may ever do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.domain.reachability import Cause, Deed, Patience, Signs, Standing, Watched, cause_of, step

PATIENCE = Patience(silent_seconds=12, missed_calls=3, hold_seconds=5, recover_seconds=5)
WELL = Signs(device_rings=True, page_silent_seconds=1.0, missed_calls=0)
GONE = WELL._replace(device_rings=False)


def told(*looks):
    """(second, signs) one after the other; the standing after each, and what was done."""
    known, seen = Watched(since=0.0), []
    for now, signs in looks:
        known, deed = step(known, signs, PATIENCE, now)
        seen.append((known.standing, deed))
    return seen


def test_out_after_five_seconds_against_and_back_after_five_for():
    assert told((0, WELL), (1, GONE), (5, GONE), (6, GONE), (9, WELL), (13, WELL), (14, WELL)) == [
        (Standing.REACHED, Deed.NOTHING),
        (Standing.DOUBTED, Deed.NOTHING),
        (Standing.DOUBTED, Deed.NOTHING),
        (Standing.TAKEN_OUT, Deed.TAKE_OUT),
        (Standing.RETURNING, Deed.NOTHING),
        (Standing.RETURNING, Deed.NOTHING),
        (Standing.REACHED, Deed.BRING_BACK),
    ]


def test_trouble_that_comes_and_goes_moves_nobody():
    looks = [(now, GONE if now % 4 < 3 else WELL) for now in range(100)]
    assert {deed for _, deed in told(*looks)} == {Deed.NOTHING}


def test_a_return_that_is_broken_off_begins_again():
    looks = [(0, GONE), (5, GONE), (6, WELL), (10, GONE), (11, WELL), (15, WELL), (16, WELL)]
    assert [deed for _, deed in told(*looks)][1:] == [Deed.TAKE_OUT, *[Deed.NOTHING] * 4, Deed.BRING_BACK]


@pytest.mark.parametrize("spared", [{"talking": True}, {"judged": False}])
def test_who_talks_and_what_we_cannot_hear_is_not_judged(spared):
    looks = [(now, GONE._replace(**spared)) for now in range(60)]
    assert {standing for standing, _ in told(*looks)} == {Standing.REACHED}
    broken_off = [(0, GONE), (4, GONE._replace(**spared)), (5, GONE), (9, GONE)]
    assert {deed for _, deed in told(*broken_off)} == {Deed.NOTHING}  # the five seconds begin anew


@pytest.mark.parametrize(
    ("signs", "cause"),
    [
        (WELL, None),
        (GONE, Cause.DEVICE),
        (WELL._replace(page_silent_seconds=11.9), None),
        (WELL._replace(page_silent_seconds=12.0), Cause.SILENT_PAGE),
        (WELL._replace(page_silent_seconds=None), None),  # a telephone on the desk
        (WELL._replace(missed_calls=2), None),
        (WELL._replace(missed_calls=3), Cause.MISSED_CALLS),
        (WELL._replace(missed_calls=1, page_hidden=True), None),
        (WELL._replace(missed_calls=2, page_hidden=True), Cause.MISSED_CALLS),
        (WELL._replace(page_hidden=True), None),  # hidden alone is no fault
        (GONE._replace(page_silent_seconds=99.0, missed_calls=9), Cause.DEVICE),
    ],
)
def test_what_speaks_against_an_agent(signs, cause):
    assert cause_of(signs, PATIENCE) is cause


@given(
    st.lists(
        st.tuples(
            st.floats(0.1, 8),
            st.booleans(),
            st.one_of(st.none(), st.floats(0, 30)),
            st.integers(0, 5),
            st.booleans(),
            st.booleans(),
        ),
        max_size=60,
    )
)
def test_out_and_back_take_turns_and_only_on_signs_that_lasted(looks):
    now, known, out = 0.0, Watched(since=0.0), False
    against_since = clear_since = None
    for pause, rings, silent, missed, talking, judged in looks:
        now += pause
        signs = Signs(rings, silent, missed, talking, judged)
        seen = judged and not talking
        against = seen and cause_of(signs, PATIENCE) is not None
        clear = seen and not against
        against_since = (against_since if against_since is not None else now) if against else None
        clear_since = (clear_since if clear_since is not None else now) if clear else None
        known, deed = step(known, signs, PATIENCE, now)
        if deed is Deed.TAKE_OUT:
            assert not out
            assert against_since is not None
            assert now - against_since >= PATIENCE.hold_seconds
            out = True
        elif deed is Deed.BRING_BACK:
            assert out
            assert clear_since is not None
            assert now - clear_since >= PATIENCE.recover_seconds
            out = False
