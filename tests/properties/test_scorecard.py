"""Any scorecard, any answers."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qa.adapters.scorecard_files import YamlScorecards, parse, write
from qa.domain.errors import ScorecardRefused
from qa.domain.scorecard import (
    Condition,
    CriticalKind,
    Item,
    ItemId,
    ItemKind,
    Scorecard,
    Section,
    Words,
    faults,
)
from qa.domain.scoring import Answer, Result, accuracies, asked, check, score

ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine too

W = Words("w", "词")


@st.composite
def cards(draw):
    weights = draw(st.lists(st.integers(1, 1000), min_size=1, max_size=5))
    total = sum(weights)
    sections = []
    for number, weight in enumerate(weights):
        items = []
        for position in range(draw(st.integers(1, 5))):
            critical = draw(st.none() | st.sampled_from(CriticalKind)) if position else None
            kind = ItemKind.YES_NO if critical else draw(st.sampled_from(ItemKind))
            items.append(
                Item(
                    ItemId(f"i{number}-{position}"),
                    W,
                    kind,
                    Fraction(0) if critical else Fraction(draw(st.integers(1, 50)), draw(st.integers(1, 9))),
                    critical,
                    (W,) * 5 if kind is ItemKind.SCALE else (),
                    None,
                    frozenset(),
                )
            )
        sections.append(Section(f"s{number}", W, Fraction(weight * 100, total), tuple(items)))
    return Scorecard("card", 1, W, Fraction(draw(st.integers(0, 100))), None, tuple(sections))


def values(item):
    return st.sampled_from(["yes", "no", "na"] if item.kind is ItemKind.YES_NO else [0, 1, 2, 3, 4, "na"])


@st.composite
def answered(draw):
    card = draw(cards())
    return card, {item.id: Answer(draw(values(item))) for item in card.items()}


@ANY_SPEED
@given(answered())
def test_a_score_is_from_0_to_100_or_not_at_all(pair):
    card, answers = pair
    found = score(card, answers)
    weighted = [i for i in card.items() if i.critical is None and answers[i.id].value != "na"]
    assert (found.score is None) == (not weighted)
    if found.score is not None:
        assert 0 <= found.score <= 100
    if not weighted and not found.critical_errors:
        assert found.result is Result.NOT_SCORABLE


@ANY_SPEED
@given(answered(), st.randoms(use_true_random=False))
def test_the_order_of_questions_does_not_matter(pair, luck):
    card, answers = pair
    found = score(card, answers)
    shuffled = []
    for section in card.sections:
        items = list(section.items)
        luck.shuffle(items)
        shuffled.append(section._replace(items=tuple(items)))
    luck.shuffle(shuffled)
    mixed = list(answers.items())
    luck.shuffle(mixed)
    again = score(card._replace(sections=tuple(shuffled)), dict(mixed))
    assert (again.score, again.result) == (found.score, found.result)
    assert sorted(again.sections, key=str) == sorted(found.sections, key=str)
    assert sorted(again.critical_errors) == sorted(found.critical_errors)


@ANY_SPEED
@given(answered(), st.data())
def test_a_critical_error_fails_the_call_and_leaves_the_score(pair, data):
    card, answers = pair
    critical = [item for item in card.items() if item.critical]
    assume(critical)
    item = data.draw(st.sampled_from(critical))
    clean = score(card, answers | {item.id: Answer("yes")})
    hurt = score(card, answers | {item.id: Answer("no")})
    assert hurt.result is Result.FAIL
    assert hurt.score == clean.score
    assert (item.id, item.critical) in hurt.critical_errors


@ANY_SPEED
@given(cards(), st.sampled_from(["best", "worst"]), st.data())
def test_the_best_answers_make_100_and_the_worst_0_whatever_does_not_apply(card, which, data):
    best = which == "best"
    answers = {}
    for item in card.items():
        value = ("yes" if best else "no") if item.kind is ItemKind.YES_NO else (4 if best else 0)
        answers[item.id] = Answer(data.draw(st.sampled_from([value, "na"])))
    found = score(card, answers)
    assert found.score in {None, 100.0 if best else 0.0}


@ANY_SPEED
@given(answered(), st.data())
def test_not_applicable_is_as_if_the_item_were_not_on_the_card(pair, data):
    card, answers = pair
    left_out = data.draw(st.sampled_from([i for i in card.items() if i.critical is None])).id
    with_na = score(card, answers | {left_out: Answer("na")})
    sections = [s._replace(items=tuple(i for i in s.items if i.id != left_out)) for s in card.sections]
    without = card._replace(sections=tuple(s for s in sections if s.items))
    remaining = {id_: answer for id_, answer in answers.items() if id_ != left_out}
    found = score(without, remaining)
    assert (found.score, found.result) == (with_na.score, with_na.result)


@ANY_SPEED
@given(answered(), st.data())
def test_a_better_answer_never_lowers_the_score(pair, data):
    card, answers = pair
    item = data.draw(st.sampled_from([i for i in card.items() if i.critical is None]))
    steps = ["no", "yes"] if item.kind is ItemKind.YES_NO else [0, 1, 2, 3, 4]
    marks = [score(card, answers | {item.id: Answer(step)}).score for step in steps]
    assert marks == sorted(marks)


@ANY_SPEED
@given(answered(), st.integers(1, 7))
def test_only_the_proportion_of_item_weights_counts(pair, factor):
    card, answers = pair
    heavier = card._replace(
        sections=tuple(
            s._replace(items=tuple(i._replace(weight=i.weight * factor) for i in s.items))
            for s in card.sections
        )
    )
    assert score(heavier, answers) == score(card, answers)


@ANY_SPEED
@given(answered())
def test_counted_weights_make_100(pair):
    found = score(*pair)
    if found.score is not None:
        assert sum(s.counted_weight for s in found.sections) == pytest.approx(100, abs=0.05)
        average = sum(s.score * s.counted_weight for s in found.sections if s.score is not None) / 100
        assert average == pytest.approx(found.score, abs=0.06)


@ANY_SPEED
@given(st.lists(answered(), max_size=6))
def test_accuracies_are_shares(pairs):
    found = accuracies(score(card, answers) for card, answers in pairs)
    for share in (found.customer, found.business, found.compliance):
        assert (share is None) == (found.monitored == 0)
        assert share is None or 0 <= share <= 1


@ANY_SPEED
@given(cards())
def test_a_good_card_has_no_fault_and_reads_back(card):
    assert list(faults(card)) == []
    assert parse(write(card), "card") == card


@ANY_SPEED
@given(cards(), st.integers(-99, 99).filter(bool))
def test_weights_that_do_not_make_100_are_refused(card, off):
    first, *rest = card.sections
    wrong = card._replace(sections=(first._replace(weight=first.weight + off), *rest))
    with pytest.raises(ScorecardRefused, match="must make 100"):
        parse(write(wrong), "card")


@ANY_SPEED
@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    with pytest.raises(ScorecardRefused):
        parse(text, "text")


@st.composite
def conditional(draw):
    """A card on which items hang on earlier ones, and answers to all of them."""
    card, answers = draw(answered())
    order = list(card.items())
    hanging = {}
    for place, item in enumerate(order[1:], 1):
        if draw(st.booleans()):
            other = draw(st.sampled_from(order[:place]))
            wanted = draw(st.sets(values(other), min_size=1))
            hanging[item.id] = Condition(other.id, frozenset(wanted))
    sections = tuple(
        s._replace(items=tuple(i._replace(shown_when=hanging.get(i.id)) for i in s.items))
        for s in card.sections
    )
    return card._replace(sections=sections), answers


@ANY_SPEED
@given(conditional())
def test_what_is_not_asked_counts_as_if_it_were_not_on_the_card(pair):
    card, answers = pair
    shown = card.asked({id_: answer.value for id_, answer in answers.items()})
    sections = [s._replace(items=tuple(i for i in s.items if i.id in shown)) for s in card.sections]
    without = card._replace(sections=tuple(s for s in sections if s.items))
    kept = {id_: answer for id_, answer in answers.items() if id_ in shown}
    whole, part = score(card, answers), score(without, kept)
    assert (whole.score, whole.result, whole.critical_errors) == (
        part.score,
        part.result,
        part.critical_errors,
    )
    assert asked(card, answers) == kept
    check(card, answers, 60.0, complete=True)


@ANY_SPEED
@given(conditional())
def test_what_hangs_on_something_not_asked_is_not_asked(pair):
    card, answers = pair
    shown = card.asked({id_: answer.value for id_, answer in answers.items()})
    for item in card.items():
        needed = item.shown_when
        holds = needed is None or (needed.item in shown and answers[needed.item].value in needed.values)
        assert (item.id in shown) == holds


@ANY_SPEED
@given(conditional())
def test_conditions_survive_as_text_too(pair):
    card, _ = pair
    if not list(faults(card)):
        assert parse(write(card), "card") == card
        assert YamlScorecards().read(YamlScorecards().write(card)) == card


@ANY_SPEED
@given(st.text(max_size=400) | st.binary(max_size=400).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_a_card_or_is_refused_in_one_line(text):
    try:
        parse(text, "card")
    except ScorecardRefused as refused:
        assert str(refused).count("\n") == 0
        assert "card:" in str(refused)
