"""Questions that are asked only after certain answers, and texts that would bring a server down."""

import time

import pytest

from qa.adapters.scorecard_files import LARGEST_TEXT, YamlScorecards, parse
from qa.domain.errors import CommentMissing, ItemUnanswered, ScorecardRefused
from qa.domain.scoring import Answer, Result, asked, check, score

CARD = """\
id: small
version: 1
title: {en: Small, zh: 小}
pass_mark: 80
sections:
  - id: one
    title: {en: One, zh: 一}
    weight: 100
    items:
      - {id: offer, text: {en: Offer, zh: 推荐}, kind: yes_no, weight: 1}
      - id: doubts
        text: {en: Doubts, zh: 疑虑}
        kind: yes_no
        weight: 3
        shown_when: {item: offer, values: ["yes"]}
        comment_when: ["no"]
      - id: truthful
        text: {en: Truthful, zh: 属实}
        kind: yes_no
        critical: compliance
        shown_when: {item: doubts, values: ["yes", "no"]}
"""


@pytest.fixture
def card():
    return parse(CARD, "card")


def answers(**values):
    return {name: Answer(value) for name, value in values.items()}


def test_what_is_not_asked_needs_no_answer_and_weighs_nothing(card):
    only = answers(offer="no")
    check(card, only, 60.0, complete=True)
    assert (score(card, only).score, score(card, only).unanswered) == (0.0, ())
    assert score(card, answers(offer="yes", doubts="no")).score == 25.0


def test_what_is_asked_needs_an_answer_and_its_comment(card):
    with pytest.raises(ItemUnanswered, match="doubts"):
        check(card, answers(offer="yes"), 60.0, complete=True)
    with pytest.raises(CommentMissing, match="doubts"):
        check(card, answers(offer="yes", doubts="no", truthful="yes"), 60.0, complete=True)
    assert score(card, answers(offer="yes")).unanswered == ("doubts",)


def test_answers_left_over_from_before_do_not_count(card):
    left = answers(offer="na", doubts="yes", truthful="no")
    found = score(card, left)
    assert (found.score, found.result, found.critical_errors) == (None, Result.NOT_SCORABLE, ())
    assert asked(card, left) == answers(offer="na")
    assert score(card, left | answers(offer="yes")).result is Result.FAIL


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("{item: offer, values", "{item: other, values", 15, "shown_when.item: no item is called other"),
        ("{item: offer, values", "{item: doubts, values", 15, "in a circle: doubts → doubts"),
        ("{item: offer, values", "{item: truthful, values", 15, "in a circle: doubts → truthful → doubts"),
        ('values: ["yes"]', "values: [3]", 15, "shown_when.values: 3 is no answer to offer"),
        ('values: ["yes"]', "values: []", 15, "a list is expected"),
        ('values: ["yes"]', "when: 1", 15, "no such field"),
    ],
)
def test_a_condition_that_cannot_be(old, new, line, says):
    with pytest.raises(ScorecardRefused) as refused:
        parse(CARD.replace(old, new, 1), "card")
    assert says in str(refused.value)
    assert f"card:{line}:" in str(refused.value)


def bomb(depth=9):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, depth)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (bomb(), r"card:2: not valid YAML: aliases \(\*name\) are not taken"),
        ("[" * 5000, "card:1: not valid YAML: too deep"),
        ("{a: " * 5000, "card:1: not valid YAML: too deep"),
        ("id: " + "x" * 2_000_000, f"card:1: longer than {LARGEST_TEXT} characters"),
        (CARD.replace("pass_mark: 80", "pass_mark: [80]"), "card:4: pass_mark: a number is expected"),
        (CARD.replace("pass_mark: 80", "pass_mark: 1e9"), "card:4: pass_mark: a number is expected"),
        (
            CARD.replace("zh: 推荐", "zh: '" + "长" * 2001 + "'"),
            r"items\.1\.text\.zh: at most 2000 characters",
        ),
    ],
    ids=["bomb", "lists", "fields", "two megabytes", "wrong type", "exponent", "long text"],
)
def test_texts_that_mean_harm_end_in_one_sentence_at_once(text, says):
    begun = time.perf_counter()
    with pytest.raises(ScorecardRefused, match=says) as refused:
        parse(text, "card")
    assert time.perf_counter() - begun < 5.0
    assert len(str(refused.value)) < 400


def test_too_many_items():
    item = "      - {{id: i{0}, text: {{en: T, zh: 题}}, kind: yes_no, weight: 1}}\n"
    text = CARD[: CARD.index("      - {id: offer")] + "".join(item.format(n) for n in range(201))
    with pytest.raises(ScorecardRefused, match="at most 30 sections and 200 items"):
        parse(text, "card")


def test_a_draft_may_lack_what_a_card_must_have(card):
    half = YamlScorecards().read(CARD.replace("Offer", "''").replace("weight: 100", "weight: 40"))
    assert half.sections[0].items[0].text.en == ""
    assert half.sections[0].weight == 40
    assert YamlScorecards().read(YamlScorecards().write(card)) == card
