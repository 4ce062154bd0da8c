"""The figures of reports against published ones, and the calendar they are told by."""

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cti.domain.identifiers import AgentId, QueueName, Tier
from cti.domain.intervals import Grid
from qa.domain.calendar_steps import last_whole, steps
from qa.domain.errors import ReportRefused
from qa.domain.precision import Weighed, student
from qa.domain.report import (
    FEWEST,
    Basis,
    Breakdown,
    ReportFilter,
    Scored,
    Span,
    groups_of,
    mean,
    report,
    share,
)
from qa.domain.report_schedule import Every, Format, Schedule, check, due, next_at
from qa.domain.review import Evaluation, proposed
from qa.domain.scorecard import CriticalKind
from qa.domain.scoring import Answer, Result

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def at(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def alike(values):
    return [Weighed(float(value), 1.0) for value in values]


def hit(hits, n):
    return alike([1] * hits + [0] * (n - hits))


class TestFigures:
    @pytest.mark.parametrize(
        ("hits", "n", "low", "high"),
        [  # Newcombe (1998), table I, method 3
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ],
    )
    def test_wilsons_interval(self, hits, n, low, high):
        assert share(hit(hits, n))[2:] == pytest.approx((low, high), abs=0.00006)

    def test_all_and_none(self):
        assert share(hit(20, 20)) == (20, 1.0, pytest.approx(1 - 0.1611, abs=0.0001), 1.0)
        assert share(hit(0, 20))[1:3] == (0.0, 0.0)

    @pytest.mark.parametrize(
        ("freedom", "quantile"),
        [
            (9, 2.262157),
            (10, 2.228139),
            (19, 2.093024),
            (29, 2.045230),
            (100, 1.983972),
        ],  # tables of Student's t
    )
    def test_students_quantile(self, freedom, quantile):
        assert student(freedom) == pytest.approx(quantile, abs=0.0001)

    def test_a_mean(self):
        values = [72.0, 88.0, 91.0, 64.0, 79.0, 85.0, 90.0, 77.0, 83.0, 81.0]  # mean 81, s 8.433
        assert mean(alike(values), 100.0) == (
            10,
            81.0,
            pytest.approx(74.97, abs=0.01),
            pytest.approx(87.03, abs=0.01),
        )
        assert mean(alike([100.0, 99.0] * 6), 100.0).high == pytest.approx(99.83, abs=0.01)

    def test_too_few_are_not_told(self):
        assert share(hit(3, FEWEST - 1)) == (FEWEST - 1, None, None, None)
        assert mean(alike([90.0] * (FEWEST - 1)), 100.0)[1:] == (None, None, None)


def scored(
    make, card, n, score, *, agent="101", queue="support", tier=Tier.GOLD, errors=(), began=None, **values
):
    event = make.stored(n, queue=queue, agent=agent)._replace(tier=tier)
    event = event._replace(started_at=make.T0 + n if began is None else began)
    result = Result.NOT_SCORABLE if score is None else Result.FAIL if errors or score < 80 else Result.PASS
    review = proposed(event, card)._replace(score=score, result=result, critical_errors=tuple(errors))
    answers = {name: Answer(value) for name, value in values.items()}
    return Scored(review, Evaluation(review.id, "rita", make.T0, answers, "", None))


class TestReport:
    @pytest.fixture
    def many(self, make, card):
        """Forty calls: four with a compliance error and a fine score all the same, one with a customer error."""
        rows = [scored(make, card, n, 95.0, errors=[CriticalKind.COMPLIANCE], need=4) for n in range(4)]
        rows += [scored(make, card, 4, 60.0, errors=[CriticalKind.CUSTOMER], need=0)]
        rows += [
            scored(make, card, n, 90.0, agent="102", tier=Tier.IRON, need=3, polite="na")
            for n in range(5, 35)
        ]
        rows += [scored(make, card, n, 70.0, agent="103", queue="sales", need="na") for n in range(35, 40)]
        return [*rows, scored(make, card, 40, None)]

    def grid(self, make):
        return Grid((make.T0, make.T0 + 100.0))

    def test_accuracies_are_apart_from_the_score(self, make, many):
        found = report(many, 0, groups_of(Breakdown.NONE, lambda _: ()), self.grid(make))
        whole = found.whole
        assert (found.calls, whole.calls) == (40, 40)
        assert [f.value for f in (whole.customer, whole.business, whole.compliance)] == [
            39 / 40,
            1.0,
            36 / 40,
        ]
        assert whole.score.value == pytest.approx((4 * 95 + 60 + 30 * 90 + 5 * 70) / 40)
        assert whole.passed.value == 30 / 40
        assert found.lines == [whole]

    @pytest.mark.parametrize(
        ("grouping", "groups"),
        [
            (Breakdown.AGENT, [("101", 5), ("102", 30), ("103", 5)]),
            (Breakdown.QUEUE, [("sales", 5), ("support", 35)]),
            (Breakdown.TIER, [("gold", 10), ("iron", 30)]),
            (Breakdown.TEAM, [("east", 35), ("vip", 30), (None, 5)]),
        ],
    )
    def test_broken_down(self, make, many, grouping, groups):
        teams = {AgentId("101"): ["east"], AgentId("102"): ["east", "vip"]}
        found = report(many, 0, groups_of(grouping, lambda agent: teams.get(agent, [])), self.grid(make))
        assert [(line.group, line.calls) for line in found.lines] == groups
        for line in found.lines:
            assert (line.score.value is None) == (line.calls < FEWEST)

    def test_questions_count_what_applied(self, make, many):
        found = report(many, 0, groups_of(Breakdown.NONE, lambda _: ()), self.grid(make))
        need, polite = found.items
        assert (need.item, need.answers, need.not_applicable) == ("need", 35, 5)
        assert need.reached.value == pytest.approx((4 * 1.0 + 0 + 30 * 0.75) / 35)
        assert (polite.item, polite.answers, polite.not_applicable, polite.reached.value) == (
            "polite",
            0,
            30,
            None,
        )
        assert found.item_steps == []

    def test_step_by_step(self, make, many):
        edges = Grid((make.T0, make.T0 + 5.0, make.T0 + 35.0, make.T0 + 100.0))
        found = report(many, 7, groups_of(Breakdown.QUESTION, lambda _: ()), edges, by_question=True)
        assert [line.calls for line in found.lines] == [5, 30, 5]
        assert [(line.since - make.T0, line.item) for line in found.item_steps if line.item == "need"] == [
            (0.0, "need"), (5.0, "need"), (35.0, "need"),
        ]  # fmt: skip
        assert found.beyond == 7

    def test_each_counts_for_as_many_as_it_stands_for(self, make, card):
        """Cochran, stratified mean: of 90 calls one stratum of 80 is drawn by a tenth, one of 10 whole; Σ N_h·ȳ_h / N."""
        most = [scored(make, card, n, 90.0, need=4)._replace(weight=10.0) for n in range(8)]
        few = [
            scored(make, card, n, 45.0, errors=[CriticalKind.CUSTOMER], need=0)._replace(weight=1.0)
            for n in range(8, 18)
        ]
        found = report(
            [*most, *few], 0, groups_of(Breakdown.NONE, lambda _: ()), self.grid(make),
            basis=Basis.STRATIFIED, drawn=20,
        )  # fmt: skip
        assert (found.basis, found.drawn, found.calls) == (Basis.STRATIFIED, 20, 18)
        assert found.whole.score.value == pytest.approx((80 * 90 + 10 * 45) / 90)
        assert found.whole.customer.value == pytest.approx(80 / 90)
        assert found.items[0].reached.value == pytest.approx(80 / 90)
        even = report([one._replace(weight=1.0) for one in (*most, *few)], 0,
                      groups_of(Breakdown.NONE, lambda _: ()), self.grid(make)).whole.score  # fmt: skip
        assert found.whole.score.high > even.high, "and not what the drawn ones alone would say"

    def test_nothing_at_all(self, make):
        found = report([], 0, groups_of(Breakdown.AGENT, lambda _: ()), self.grid(make))
        assert (found.calls, found.lines, found.items, found.whole.score.value) == (0, [], [], None)


class TestCalendar:
    def test_weeks_begin_on_monday_and_outer_ones_are_cut(self):
        found = steps(at("2026-11-05T10:00"), at("2026-11-18T09:00"), Span.WEEK, SHANGHAI)
        assert found.edges == (
            at("2026-11-05T10:00"), at("2026-11-09T00:00"), at("2026-11-16T00:00"), at("2026-11-18T09:00"),
        )  # fmt: skip

    def test_months_and_days_over_a_change_of_the_clocks(self):
        months = steps(
            at("2026-01-31T12:00", BERLIN), at("2026-04-01T00:00", BERLIN), Span.MONTH, BERLIN
        ).edges
        assert [edge - at("2026-03-01T00:00", BERLIN) for edge in months][-1] == 31 * 86400 - 3600
        days = steps(at("2026-03-28T00:00", BERLIN), at("2026-03-31T00:00", BERLIN), Span.DAY, BERLIN).edges
        assert [b - a for a, b in itertools.pairwise(days)] == [86400, 82800, 86400]

    @pytest.mark.parametrize(("since", "until"), [(5.0, 5.0), (6.0, 5.0), (0.0, 86400.0 * 500)])
    def test_what_cannot_be_cut(self, since, until):
        with pytest.raises(ReportRefused):
            steps(since, until, Span.DAY, UTC)

    def test_the_last_whole_ones(self):
        now = at("2026-11-18T09:00")
        assert last_whole(Span.DAY, now, SHANGHAI) == (at("2026-11-17T00:00"), at("2026-11-18T00:00"))
        assert last_whole(Span.WEEK, now, SHANGHAI) == (at("2026-11-09T00:00"), at("2026-11-16T00:00"))
        assert last_whole(Span.MONTH, at("2027-01-01T00:00"), SHANGHAI) == (
            at("2026-12-01T00:00"),
            at("2027-01-01T00:00"),
        )


def schedule(**given):
    told = {
        "id": "s", "name": "Weekly", "owner": "u", "every": Every.WEEK, "at_minute": 450,
        "recipients": ("a@example.com",), "format": Format.PDF, "language": "en", "grouping": Breakdown.TEAM,
        "wanted": ReportFilter(), "active": True, "created_at": at("2026-11-10T12:00"),
    }  # fmt: skip
    return Schedule(**told | given)


class TestSchedule:
    def test_due_from_its_minute_on_until_it_is_sent(self):
        period = (at("2026-11-09T00:00"), at("2026-11-16T00:00"))
        one = schedule()
        assert due(one, at("2026-11-16T07:29"), SHANGHAI) is None
        assert due(one, at("2026-11-16T07:30"), SHANGHAI) == period
        assert due(one, at("2026-11-20T23:00"), SHANGHAI) == period, (
            "a server that stood still makes up for the last"
        )
        assert due(one._replace(sent_until=period[1]), at("2026-11-16T07:30"), SHANGHAI) is None
        assert due(one._replace(active=False), at("2026-11-16T07:30"), SHANGHAI) is None

    def test_what_fell_due_before_it_was_made_was_not_asked_for(self):
        assert due(schedule(), at("2026-11-10T12:00"), SHANGHAI) is None
        assert due(schedule(created_at=at("2026-11-16T07:31")), at("2026-11-16T08:00"), SHANGHAI) is None

    @pytest.mark.parametrize(
        ("every", "now", "then"),
        [
            (Every.DAY, "2026-11-18T07:30", "2026-11-19T07:30"),
            (Every.DAY, "2026-11-18T07:29", "2026-11-18T07:30"),
            (Every.WEEK, "2026-11-18T09:00", "2026-11-23T07:30"),
            (Every.MONTH, "2026-12-01T07:30", "2027-01-01T07:30"),
        ],
    )
    def test_when_the_next_one_is(self, every, now, then):
        assert next_at(schedule(every=every), at(now), SHANGHAI) == at(then)

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"recipients": ()}, "recipients: from 1"),
            ({"recipients": tuple(f"a{n}@example.com" for n in range(21))}, "recipients: from 1"),
            ({"recipients": ("a@example.com", "nobody")}, r"recipients\.2"),
            ({"recipients": ("a@example.com\nBcc: b@example.com",)}, r"recipients\.1"),
            ({"recipients": ("a@example.com", "a@example.com")}, "twice"),
            ({"name": "  "}, "name"),
        ],
    )
    def test_what_is_no_schedule(self, wrong, says):
        with pytest.raises(ReportRefused, match=says):
            check(schedule(**wrong))


def test_queues_are_names_as_they_are(make, card):
    row = scored(make, card, 1, 90.0, queue=QueueName("=HYPERLINK()"))
    found = report([row], 0, groups_of(Breakdown.QUEUE, lambda _: ()), Grid((make.T0, make.T0 + 9)))
    assert found.lines[0].group == "=HYPERLINK()"
