"""Hours, skills, preferred agents and overflow: read from the file, and decided."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.domain.identifiers import Tier
from routing.domain.errors import PolicyRefused
from routing.domain.hours import Holiday, QueueHours, Span, is_open, why_closed
from routing.domain.overflow import OverflowRule, Standing, overflow
from routing.domain.path import Wanted, path
from routing.domain.skills import fit
from tests.routing.policies import BERLIN, HOURS, NEW_YORK, PREFERRED, SHANGHAI, SKILLS, at, nobody, policy


@pytest.mark.parametrize(
    ("when", "key"),
    [
        ((2026, 12, 21, 8, 59), "closed_hours"),
        ((2026, 12, 21, 9, 0), None),
        ((2026, 12, 21, 11, 49), None),
        ((2026, 12, 21, 11, 50), "closed_last_call"),
        ((2026, 12, 21, 12, 0), "closed_hours"),
        ((2026, 12, 21, 13, 0), None),
        ((2026, 12, 19, 13, 0), None),
        ((2026, 12, 20, 11, 0), "closed_hours"),
        ((2026, 12, 24, 10, 0), None),
        ((2026, 12, 24, 14, 0), "closed_holiday_hours"),
        ((2026, 12, 25, 10, 0), "closed_holiday"),
    ],
)
def test_hours_and_holidays(when, key):
    hours = policy(HOURS).hours["support"]
    why = why_closed(hours, "support", at(SHANGHAI, *when), SHANGHAI)
    assert (why and why.key) == key


def test_a_closed_queue_says_where_to_go_and_why():
    found = path(
        policy(HOURS), Wanted("support", Tier.IRON), nobody, at(SHANGHAI, 2026, 12, 25, 10, 0), SHANGHAI
    )
    assert found.variables == (("CTI_GO", "queue-sales"),)
    assert [reason.text("en") for reason in found.reasons] == [
        "support is closed today: Christmas.",
        "Sent to sales instead.",
    ]
    assert [reason.text("zh") for reason in found.reasons] == ["support 今日休息：圣诞节。", "改转至 sales。"]


# Summer time began in Berlin on 29 March 2026 at 01:00 UTC and ends on 25 October at 01:00 UTC.


def test_the_night_with_an_hour_left_out():
    night = QueueHours(
        ((Span(150, 180), Span(240, 300)),) * 7, {}, 0, "announce"
    )  # 02:30 to 03:00, 04:00 to 05:00
    start = at(BERLIN, 2026, 3, 29, 0, 0)
    open_minutes = [m for m in range(23 * 60) if is_open(night, start + 60 * m, BERLIN)]
    assert open_minutes == list(range(180, 240))  # four o'clock comes three hours after midnight


def test_the_night_with_an_hour_twice():
    night = QueueHours(((Span(120, 180),),) * 7, {}, 0, "announce")
    start = at(BERLIN, 2026, 10, 25, 0, 0)
    assert sum(is_open(night, start + 60 * m, BERLIN) for m in range(25 * 60)) == 120


spans = st.lists(st.integers(0, 24 * 12), min_size=2, max_size=6, unique=True).map(
    lambda marks: tuple(Span(5 * a, 5 * b) for a, b in zip(*[iter(sorted(marks))] * 2, strict=False))
)


@given(
    st.lists(spans, min_size=7, max_size=7),
    st.sampled_from([SHANGHAI, BERLIN, NEW_YORK]),
    st.sampled_from(
        [date(2026, 3, 8), date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1), date(2026, 6, 1)]
    ),
    st.integers(-36 * 3600, 36 * 3600),
)
def test_the_wall_clock_decides(week, zone, day, offset):
    hours = QueueHours(tuple(week), {}, 0, "announce")
    moment = datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() + offset
    wall = datetime.fromtimestamp(moment, zone)
    shown = f"{wall:%H:%M}"
    texts = [(f"{s.opens // 60:02}:{s.opens % 60:02}", f"{s.closes // 60:02}:{s.closes % 60:02}")
             for s in week[wall.weekday()]]  # fmt: skip
    assert is_open(hours, moment, zone) == any(opens <= shown < closes for opens, closes in texts)


@given(spans, st.integers(0, 90), st.sampled_from([BERLIN, NEW_YORK]), st.integers(0, 400 * 24 * 60))
def test_who_is_taken_in_has_the_last_call_before_him(day, last_call, zone, minute):
    hours = QueueHours((day,) * 7, {}, last_call, "announce")
    moment = at(zone, 2026, 1, 1, 0, 0) + 60 * minute
    if why_closed(hours, "q", moment, zone) is None:
        assert all(is_open(hours, moment + 60 * m, zone) for m in range(last_call + 1))


def test_a_holiday_is_a_date_of_the_site():
    hours = QueueHours(
        ((Span(0, 1440),),) * 7, {date(2026, 1, 1): Holiday({"en": "a", "zh": "a"}, ())}, 0, "announce"
    )
    midnight = at(SHANGHAI, 2026, 1, 1, 0, 0)
    assert [is_open(hours, midnight + s, SHANGHAI) for s in (-1, 0, 86_399, 86_400)] == [
        True,
        False,
        False,
        True,
    ]
    assert timedelta(hours=8) == SHANGHAI.utcoffset(datetime.fromtimestamp(midnight, SHANGHAI))


def test_fit_is_a_weighted_mean():
    assert fit({"english": 2, "billing": 1}, {"english": 9, "billing": 6}) == 8
    assert fit({"english": 2, "billing": 1}, {"english": 2}) == 1  # 4/3
    assert fit({"english": 1, "billing": 1}, {"english": 9}) == 5  # 4.5 goes up
    assert fit({"english": 1}, {}) == 0


def test_needs_become_bounds():
    skills = policy(SKILLS)
    assert [skills.skills.penalty("support", agent) for agent in ("101", "102", "103")] == [2, 9, 10]
    assert skills.skills.penalty("sales", "101") is None
    english = path(skills, Wanted("support", Tier.IRON, language="en"), nobody, 0.0, BERLIN)
    assert english.variables == (("QUEUE_MAX_PENALTY", "3"), ("CTI_RULE", "widen-30"))
    assert [r.text("en") for r in english.reasons] == [
        "Needs a skill of 7 or more out of 10 for support.", "One point less is enough every 30 s."
    ]  # fmt: skip
    dialled = path(skills, Wanted("support", Tier.IRON, dialled="5550101"), nobody, 0.0, BERLIN)
    assert dialled.variables == (("QUEUE_MAX_PENALTY", "6"),)
    assert path(skills, Wanted("support", Tier.IRON), nobody, 0.0, BERLIN).variables == ()


@pytest.mark.parametrize(
    ("owner", "last", "free", "variables", "key"),
    [
        (
            "101",
            "102",
            {"101", "102"},
            (("CTI_PREFERRED", "agent-101"), ("CTI_PREFERRED_WAIT", "15")),
            "preferred_owner",
        ),
        (
            "101",
            "102",
            {"102"},
            (("CTI_PREFERRED", "agent-102"), ("CTI_PREFERRED_WAIT", "15")),
            "preferred_last",
        ),
        ("101", None, set(), (), "preferred_busy"),
        (None, None, {"101"}, (), None),
    ],
)
def test_preferred(owner, last, free, variables, key):
    wanted = Wanted("support", Tier.GOLD, owner=owner, last=last)
    found = path(policy(PREFERRED), wanted, lambda agent, soon: soon and agent in free, 0.0, BERLIN)
    assert found.variables == variables
    assert [reason.key for reason in found.reasons] == ([key] if key else [])


RULES = (
    OverflowRule("sales", after_seconds=120),
    OverflowRule("vip", longer_than=3),
    OverflowRule("sales", nobody=True),
)


@pytest.mark.parametrize(
    ("standing", "been", "closed", "goes"),
    [
        (Standing("support", 119.0, 3, 1), {"support"}, set(), None),
        (Standing("support", 120.0, 1, 1), {"support"}, set(), ("sales", "overflow_after")),
        (Standing("support", 5.0, 4, 1), {"support"}, set(), ("vip", "overflow_longer")),
        (Standing("support", 5.0, 1, 0), {"support"}, set(), ("sales", "overflow_nobody")),
        (Standing("support", 5.0, 1, None), {"support"}, set(), None),
        (Standing("support", 120.0, 4, 0), {"support", "sales"}, set(), ("vip", "overflow_longer")),
        (Standing("support", 120.0, 4, 0), {"support", "sales", "vip"}, set(), None),
        (Standing("support", 120.0, 1, 0), {"support"}, {"sales"}, None),
    ],
)  # fmt: skip
def test_overflow(standing, been, closed, goes):
    found = overflow(RULES, standing, been, lambda queue: queue not in closed)
    assert (found and (found[0], found[1].key)) == goes


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (HOURS.replace("09:00-12:00", "9-12"), "r.yaml:8: hours.support.mon-fri.1: use two times of the day, as 09:00-17:30."),
        (HOURS.replace("13:00-18:00", "22:00-06:00"), "hours.support.mon-fri.2: must close after it opens; split a night at 24:00."),
        (HOURS.replace("13:00-18:00", "11:00-18:00"), "hours.support.mon-fri.2: overlaps another one of that day."),
        (HOURS.replace("2026-12-25", "2026-12-32"), "hours.support.holidays.2026-12-32: use a date, as 2027-01-01."),
        (HOURS.replace("sales", "support"), "hours.support.closed: sends callers in a circle; let one queue announce."),
        (HOURS.replace("sat", "fri"), "hours.support.fri: fri has hours already."),
        ("hours:\n  support: {last_call: 10}\n", "hours.support: name its days, as mon-fri; what names none is never open."),
        (HOURS.replace("09:00-12:00", "09:00-09:10"), "hours.support.last_call: must be shorter than every time it is open."),
        (HOURS.replace("open: [09:00-13:00]", "open: [09:00-09:05]"), "hours.support.last_call: must be shorter than every time"),
        (HOURS.replace("sat", "day"), "hours.support.day: is not known here; remove it or correct its name."),
        (SKILLS.replace("english: 9", "english: 11"), "skills.agents.101.english: use whole points from 0 to 10."),
        (SKILLS.replace("widen: 30", "widen: 31"), "widen: use one of 5, 10, 15, 20, 30, 45, 60, 90, 120 seconds."),
        (SKILLS.replace(", least: 4", ""), "skills.queues.support.needs.2.least: is missing."),
        (PREFERRED.replace("owner", "boss"), 'preferred.support.agents.1: "boss" is not known here; use owner or last.'),
        ("overflow:\n  support: [{to: sales}]\n", "overflow.support.1: say exactly one of after, longer_than and nobody."),
        ("overflow:\n  support: [{after: 60, to: support}]\n", "overflow.support.1.to: name another queue."),
    ],
)  # fmt: skip
def test_each_mistake_is_told_at_its_place(text, mistake):
    with pytest.raises(PolicyRefused) as refused:
        policy(text)
    assert mistake in str(refused.value)
    assert str(refused.value).count("r.yaml:") == 1
