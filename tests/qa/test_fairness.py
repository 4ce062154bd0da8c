"""Disputes, coaching, calibration and who takes what: the rules, without a database."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from care.domain.hours import OpeningHours
from cti.domain.access import Role
from qa.domain.calibration import Rated, Verdict, report
from qa.domain.coaching import Clip, CoachingState, Wanted, acknowledged, asked, dropped, rechecked
from qa.domain.dispute import Ruling, decided, disputable_until, final, raised, records, withdrawn
from qa.domain.errors import (
    AlreadyScored,
    AssignedToAnother,
    ClaimedByAnother,
    DisputeDecided,
    ItemsRefused,
    NotClaimed,
    OwnJudgement,
    ReviewExcluded,
    ScoredAlready,
    TaskRefused,
    TooLate,
)
from qa.domain.queue import assignments
from qa.domain.review import (
    Evaluation,
    PlanKind,
    Purpose,
    ReviewState,
    assigned,
    beside,
    claimed,
    drawn,
    excluded,
    proposed,
    renewed,
    scored,
)
from qa.domain.scorecard import ItemKind
from qa.domain.scoring import Answer, score

UTC = ZoneInfo("UTC")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def answers(card, **changes):
    good = {i.id: Answer("yes" if i.kind is ItemKind.YES_NO else 4) for i in card.items()}
    return good | {item: Answer(value, "why") for item, value in changes.items()}


@pytest.fixture
def told(make, card):
    """Makes a scored review and its evaluation."""

    def make_one(n=1, who="rita", plan=PlanKind.RANDOM, purpose=Purpose.SCORE, began=0.0, **changes):
        review = proposed(make.stored(n), card, everything=False)._replace(started_at=make.T0 + began)
        if purpose is not Purpose.SCORE:
            review = beside(review, f"{review.id}-{purpose}-{who}", purpose, make.T0)
        review = drawn(review, plan, make.T0 + 9e5)
        held = claimed(review, make.user(who), make.T0, 3600)
        reached = score(card, answers(card, **changes))
        after = scored(held, make.user(who), reached, make.T0 + 60)
        return after, Evaluation(after.id, who, make.T0 + 60, answers(card, **changes), "", reached)

    return make_one


# the life of a review


def test_from_the_shelf_to_the_desk(make, card):
    shelf = proposed(make.stored(), card, everything=False)
    assert (shelf.state, shelf.plan) == (ReviewState.ELIGIBLE, None)
    desk = drawn(shelf, PlanKind.RISK, make.T0)
    assert (desk.state, desk.plan, desk.due_at) == (ReviewState.OPEN, PlanKind.RISK, make.T0)
    stronger = drawn(desk, PlanKind.RANDOM, make.T0 + 9)
    assert (stronger.plan, stronger.due_at) == (PlanKind.RANDOM, make.T0)
    assert drawn(stronger, PlanKind.RISK, make.T0 + 99) == stronger
    by_hand = claimed(shelf, make.user(), make.T0, 60)
    assert (by_hand.state, by_hand.plan) == (ReviewState.CLAIMED, PlanKind.MANUAL)


def test_a_score_counts_for_the_plan_that_draws_it_later(told, make):
    review, _ = told(plan=PlanKind.MANUAL)
    after = drawn(review, PlanKind.RANDOM, make.T0)
    assert (after.state, after.plan, after.score) == (ReviewState.SCORED, PlanKind.RANDOM, 100.0)


def test_excluded_before_a_person_scores_it(make, card, told):
    review = proposed(make.stored(), card)
    out = excluded(review, "one_way_audio")
    assert (out.state, out.exclusion) == (ReviewState.EXCLUDED, "one_way_audio")
    with pytest.raises(ReviewExcluded, match="one_way_audio"):
        claimed(out, make.user(), make.T0, 60)
    with pytest.raises(ClaimedByAnother):
        excluded(claimed(review, make.user(), make.T0, 60), "level")
    with pytest.raises(AlreadyScored):
        excluded(told()[0], "level")


def test_a_lease_goes_on_while_the_page_is_open(make, card):
    held = claimed(proposed(make.stored(), card), make.user(), make.T0, 60)
    assert renewed(held, make.user(), make.T0 + 50, 60).claimed_until == make.T0 + 110
    for user, now in ((make.user(), make.T0 + 60), (make.user("omar"), make.T0 + 50)):
        with pytest.raises(NotClaimed):
            renewed(held, user, now, 60)


def test_what_is_assigned_is_taken_by_others_only_when_it_is_late(make, card):
    review = assigned(
        drawn(proposed(make.stored(), card, everything=False), PlanKind.RANDOM, make.T0 + 100), "rita"
    )
    with pytest.raises(AssignedToAnother):
        claimed(review, make.user("omar"), make.T0, 60)
    assert claimed(review, make.user(), make.T0, 60).reviewer == "rita"
    assert claimed(review, make.user("omar"), make.T0, 60, leads=True).reviewer == "omar"
    assert claimed(review, make.user("omar"), make.T0 + 101, 60).reviewer == "omar"


def test_nobody_scores_a_call_twice(make, card):
    second = beside(proposed(make.stored(), card), "other", Purpose.DOUBLE, make.T0)
    with pytest.raises(ScoredAlready):
        claimed(second, make.user(), make.T0, 60, {"rita"})
    assert claimed(second, make.user("omar"), make.T0, 60, {"rita"}).reviewer == "omar"


# who takes what


def test_work_goes_to_the_least_loaded_who_may(make, card):
    waiting = [
        drawn(proposed(make.stored(n), card, everything=False), PlanKind.RANDOM, make.T0 + 100 - n)
        for n in range(6)
    ]
    rita, omar, agent = make.user(), make.user("omar"), make.user("anna", Role.AGENT, "101")
    given = assignments(waiting, [rita, omar, agent], {"omar": 2}, {}, {}, lambda *_: False)
    assert [one.review for one in given] == [
        review.id for review in reversed(waiting)
    ]  # due first is given first
    assert [one.login for one in given] == ["rita", "rita", "omar", "rita", "omar", "rita"]
    english = rita._replace(language="en")
    assert {
        one.login
        for one in assignments(waiting, [english, omar], {}, {}, {"support": "zh"}, lambda *_: False)
    } == {"omar"}
    assert assignments(waiting, [english], {}, {}, {"support": "zh"}, lambda *_: False) == []
    assert assignments(waiting, [agent], {}, {}, {}, lambda *_: False) == []  # his own calls


def test_an_own_teams_call_is_avoided_and_else_flagged(make, card):
    waiting = [proposed(make.stored(), card)]
    rita, omar = make.user(), make.user("omar")

    def own_team(user, _agent):
        return user.login == "omar"

    (given,) = assignments(waiting, [omar, rita], {"rita": 50}, {}, {}, own_team)
    assert (given.login, given.own_team) == ("rita", False)
    (given,) = assignments(waiting, [omar], {}, {}, {}, own_team)
    assert (given.login, given.own_team) == ("omar", True)


def test_who_is_bound_to_teams_is_given_only_what_he_can_open(make, card):
    waiting = [proposed(make.stored(1, agent="101"), card)]
    bound = make.user()._replace(teams=frozenset({"east"}))
    assert assignments(waiting, [bound], {}, {}, {}, lambda *_: False) == []
    (given,) = assignments(waiting, [bound, make.user("omar")], {"omar": 9}, {}, {}, lambda *_: False)
    assert given.login == "omar"
    (given,) = assignments(waiting, [bound], {}, {}, {}, lambda user, _: user is bound)
    assert given.own_team


def test_nobody_is_given_the_same_call_twice(make, card):
    first = proposed(make.stored(), card)
    second = beside(first, "second", Purpose.DOUBLE, make.T0)
    given = assignments(
        [first, second], [make.user(), make.user("omar")], {"rita": 9}, {}, {}, lambda *_: False
    )
    assert sorted(one.login for one in given) == ["omar", "rita"]
    assert len(assignments([first, second], [make.user()], {}, {}, {}, lambda *_: False)) == 1
    busy = {first.id: frozenset({"rita"}), second.id: frozenset({"rita"})}
    assert assignments([first, second], [make.user()], {}, busy, {}, lambda *_: False) == []


# disputes


@pytest.mark.parametrize(
    ("scored_at", "until"),
    [
        ("2026-11-23 10:00", "2026-12-01 00:00"),  # Monday: Tuesday to Monday
        ("2026-11-27 23:59", "2026-12-05 00:00"),  # Friday: Monday to Friday
        ("2026-11-28 00:00", "2026-12-05 00:00"),  # Saturday too
    ],
)
def test_five_working_days(scored_at, until):
    assert disputable_until(at(scored_at), 5, OpeningHours(UTC), UTC) == at(until)


def test_working_days_are_those_on_which_the_queue_opens():
    sundays_too = OpeningHours(UTC, lambda day: [(540, 1080)] if day.weekday() != 5 else [])
    assert disputable_until(at("2026-11-27 10:00"), 5, sundays_too, UTC) == at("2026-12-04 00:00")
    never = OpeningHours(UTC, lambda _: [])
    assert disputable_until(at("2026-11-27 10:00"), 5, never, UTC) > at("2027-11-27 10:00")


def test_a_dispute_from_end_to_end(told, make, card):
    first, _ = told(need=0)
    assert first.score == 90.0
    dispute, again = raised(first, card, {"need": "he said so himself"}, "", make.T0 + 100, make.T0 + 200)
    assert (dispute.reviewer, dispute.items, again.purpose) == (
        "rita",
        {"need": "he said so himself"},
        Purpose.RESCORE,
    )
    assert (again.state, again.score, again.reviewer, again.assigned_to) == (
        ReviewState.OPEN,
        None,
        None,
        None,
    )
    held = claimed(again, make.user("omar"), make.T0 + 110, 60, {"rita"})
    better = scored(held, make.user("omar"), score(card, answers(card)), make.T0 + 120)
    for judge in ("rita", "omar"):
        with pytest.raises(OwnJudgement):
            decided(dispute, {"rita", "omar"}, make.user(judge), Ruling.CHANGED, "", make.T0 + 130)
    with pytest.raises(OwnJudgement):
        decided(dispute, {"rita", "omar"}, make.user("a", agent="101"), Ruling.CHANGED, "", make.T0)
    over = decided(dispute, {"rita", "omar"}, make.user("lead"), Ruling.CHANGED, "heard it", make.T0 + 130)
    assert (over.outcome, over.decided_by) == (Ruling.CHANGED, "lead")
    for step in (
        lambda: withdrawn(over, make.T0),
        lambda: decided(over, (), make.user("x"), Ruling.UPHELD, "", 0),
    ):
        with pytest.raises(DisputeDecided):
            step()
    counts = final(first, better)
    assert (counts.score, counts.final, counts.reviewer) == (100.0, again.id, "rita")
    with pytest.raises(AlreadyScored):
        final(counts, better)
    with pytest.raises(AlreadyScored):
        final(first, again)


def test_disputes_that_are_refused(told, make, card):
    first, _ = told()
    for items in ({}, {"need": " "}, {"need": "x", "colour": "y"}):
        with pytest.raises(ItemsRefused):
            raised(first, card, items, "", make.T0, make.T0 + 1)
    with pytest.raises(TooLate):
        raised(first, card, {"need": "x"}, "", make.T0 + 1, make.T0 + 1)
    with pytest.raises(NotClaimed):
        raised(proposed(make.stored(), card), card, {"need": "x"}, "", make.T0, make.T0 + 1)


def test_a_reviewer_whose_scores_are_overturned_calibrates(told, make, card):
    def ended(outcome):
        first, _ = told()
        dispute, _ = raised(first, card, {"need": "x"}, "", make.T0, make.T0 + 1)
        return dispute._replace(outcome=outcome)

    upheld, changed = [ended(Ruling.UPHELD)], [ended(Ruling.CHANGED)]
    record = records(
        {"rita": 100, "omar": 7}, upheld * 17 + changed * 3 + [ended(None), ended(Ruling.WITHDRAWN)]
    )
    assert record["rita"] == (100, 22, 20, 3)
    assert (record["rita"].overturn_rate, record["rita"].must_calibrate) == (0.15, False)
    assert records({}, upheld * 16 + changed * 3)["rita"].must_calibrate
    assert not records({}, changed * 4)["rita"].must_calibrate  # too few to say
    assert (record["omar"].dispute_rate, record["omar"].overturn_rate) == (0.0, None)


# coaching


def test_coaching_is_met_by_a_later_drawn_call_alone(told, make, card):
    review, evaluation = told(need=1)
    want = Wanted("need", "asked nothing", "sums up what he heard", Clip(3.0, 9.5), make.T0 + 9e5)
    task = asked(review, card, evaluation, want, "lead", make.T0 + 100)
    assert (task.least, task.state, task.agent) == (3, CoachingState.ASKED, "101")
    task = acknowledged(task, make.T0 + 200)
    assert task.state is CoachingState.ACKNOWLEDGED
    good, bad = {"began": 500.0, "need": 4}, {"began": 300.0, "need": 2}
    unheard = [
        told(2, began=50.0, need=4),  # began before it was asked
        told(3, plan=PlanKind.MANUAL, **good),
        told(4, purpose=Purpose.DOUBLE, **good),
        told(5, began=400.0, need="na"),
    ]
    assert rechecked(task, unheard, make.T0 + 999) == task
    assert rechecked(task, [*unheard, told(6, **bad)], make.T0 + 999).seen_calls == 1
    met = rechecked(task, [told(7, **good), told(6, **bad)], make.T0 + 999)
    assert (met.state, met.met_by, met.seen_calls) == (CoachingState.MET, told(7)[0].id, 1)
    assert rechecked(met, [told(8, **bad)], make.T0 + 9999) == met
    assert task.is_late(make.T0 + 9e5 + 1)
    assert not met.is_late(make.T0 + 9e5 + 1)


def test_a_dispute_takes_a_tasks_ground_away(told, make, card):
    review, evaluation = told(privacy="no")
    task = asked(
        review,
        card,
        evaluation,
        Wanted("privacy", "told it", "asks first", None, make.T0 + 9e5),
        "lead",
        make.T0 + 100,
    )
    assert task.least == "yes"
    assert dropped(task, "no", make.T0) == task
    assert dropped(task, "yes", make.T0 + 300).state is CoachingState.DROPPED


def test_coaching_that_is_refused(told, make, card):
    review, evaluation = told(need=1)
    good = Wanted("need", "asked nothing", "sums up", Clip(3.0, 9.5), make.T0 + 9e5)
    for changes in (
        {"item": "colour"},
        {"item": "privacy"},  # was fine
        {"behaviour": " "},
        {"target": ""},
        {"clip": Clip(9.0, 3.0)},
        {"clip": Clip(0.0, 1e6)},
        {"recheck_at": make.T0},
    ):
        with pytest.raises(TaskRefused):
            asked(review, card, evaluation, good._replace(**changes), "lead", make.T0 + 100)


# calibration


def test_a_report_names_the_bad_question_and_who_leans(told, card):
    rated = []
    for n in range(12):
        for who, purpose in (("rita", Purpose.SCORE), ("omar", Purpose.DOUBLE)):
            odd = who == "omar"
            changes = {"need": 1 if odd else 4, "privacy": "no" if n == 0 else "yes"}
            rated.append(Rated(*told(n, who, purpose=purpose, **changes)))
    told_ = report(rated, {(card.id, card.version): card})
    assert told_.calls == 12
    worst = told_.questions[0]
    assert (worst.item, worst.verdict, worst.figures.agreement) == ("need", Verdict.UNCLEAR, 0.0)
    privacy = next(one for one in told_.questions if one.item == "privacy")
    assert (privacy.verdict, privacy.critical, privacy.figures.positive) == (Verdict.RELIABLE, True, 1.0)
    alike = next(one for one in told_.questions if one.item not in ("need", "privacy"))
    assert (alike.figures.alpha, alike.figures.gwet, alike.figures.agreement) == (None, None, 1.0)
    leaning = {one.reviewer: one for one in told_.leanings}
    assert leaning["rita"].bias == -leaning["omar"].bias > 0
    assert leaning["omar"].severity == pytest.approx(-leaning["rita"].severity)
    assert leaning["omar"].severity > 0
    # 3/4 of one of all questions, in twelve calls
    asked_ = len(list(card.items()))
    assert leaning["omar"].bias == pytest.approx(-0.75 / asked_)


def test_one_reviewer_alone_is_no_calibration(told, card):
    rated = [Rated(*told(n)) for n in range(20)]
    assert report(rated, {(card.id, card.version): card}) == ([], [], 0)


def test_of_few_calls_no_question_is_judged(told, card):
    rated = [
        Rated(*told(n, who, purpose=purpose))
        for n in range(3)
        for who, purpose in (("rita", Purpose.SCORE), ("omar", Purpose.DOUBLE))
    ]
    assert {one.verdict for one in report(rated, {(card.id, card.version): card}).questions} == {
        Verdict.TOO_FEW
    }


def test_a_reference_is_what_answers_are_compared_with(told, card):
    rated = [
        Rated(*told(1, who, purpose=Purpose.CALIBRATION, need=value))
        for who, value in (("rita", 4), ("omar", 2), ("lead", 2))
    ]
    right = rated[2].review.id
    told_ = report(rated, {(card.id, card.version): card}, {one.review.id: right for one in rated})
    leaning = {one.reviewer: one for one in told_.leanings}
    assert leaning["omar"].bias == 0
    assert leaning["rita"].bias > 0
    assert leaning["lead"].bias is None  # nobody to be compared with
