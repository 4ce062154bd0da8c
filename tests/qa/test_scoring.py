"""Scores worked out by hand."""

from fractions import Fraction

import pytest

from qa.domain.errors import CommentMissing, ItemUnanswered, ItemUnknown, MomentRefused, ValueRefused
from qa.domain.scorecard import CriticalKind, Item, ItemId, ItemKind, Scorecard, Section, Words
from qa.domain.scoring import Answer, Result, accuracies, check, score

W = Words("w", "词")


def item(id_, weight=1, kind=ItemKind.YES_NO, critical=None, comment_when=()):
    anchors = (W,) * 5 if kind is ItemKind.SCALE else ()
    return Item(ItemId(id_), W, kind, Fraction(weight), critical, anchors, None, frozenset(comment_when))


def card(pass_mark=80):
    """Two sections, 60 and 40."""
    return Scorecard(
        "c", 1, W, Fraction(pass_mark), None,
        (
            Section("s", W, Fraction(60), (item("a", 3), item("b", 1), item("x", 0, critical=CriticalKind.COMPLIANCE))),
            Section("t", W, Fraction(40), (item("c", 1, ItemKind.SCALE), item("d", 1))),
        ),
    )  # fmt: skip


def answers(**values):
    return {ItemId(id_): Answer(value) for id_, value in values.items()}


ALL_YES = {"a": "yes", "b": "yes", "x": "yes", "c": 4, "d": "yes"}


@pytest.mark.parametrize(
    ("changes", "expected", "result"),
    [
        ({}, 100.0, "pass"),
        ({"a": "no"}, 55.0, "fail"),  # 60·1/4 + 40
        ({"b": "no"}, 85.0, "pass"),  # 60·3/4 + 40
        ({"c": 3}, 95.0, "pass"),  # 60 + 40·(3/4+1)/2
        ({"c": 0, "d": "no"}, 60.0, "fail"),
        ({"b": "na"}, 100.0, "pass"),
        ({"a": "no", "b": "na"}, 40.0, "fail"),
        ({"c": "na", "d": "na", "b": "no"}, 75.0, "fail"),  # the first section weighs all of 100
        ({"x": "no"}, 100.0, "fail"),  # the score is kept
        ({"x": "na"}, 100.0, "pass"),
        ({"a": "na", "b": "na", "x": "na", "c": "na", "d": "na"}, None, "not_scorable"),
        ({"a": "na", "b": "na", "c": "na", "d": "na"}, None, "not_scorable"),
        ({"a": "na", "b": "na", "c": "na", "d": "na", "x": "no"}, None, "fail"),
    ],
)
def test_by_hand(changes, expected, result):
    found = score(card(), answers(**ALL_YES | changes))
    assert (found.score, found.result) == (expected, result)


def test_sections_say_what_they_weighed():
    found = score(card(), answers(**ALL_YES | {"c": "na", "d": "na", "b": "no"}))
    assert found.sections == (("s", 75.0, 100.0), ("t", None, 0.0))


@pytest.mark.parametrize(
    ("mark", "result"), [("85", "pass"), ("85.01", "fail"), ("0", "pass"), ("100", "fail")]
)
def test_the_pass_mark_itself_passes(mark, result):
    assert score(card(Fraction(mark)), answers(**ALL_YES | {"b": "no"})).result == result


def test_what_is_shown_is_what_is_compared():
    thirds = card(Fraction("66.67"))._replace(
        sections=(Section("s", W, Fraction(100), (item("a"), item("b"), item("d"))),)
    )
    found = score(thirds, answers(a="yes", b="yes", d="no"))
    assert (found.score, found.result) == (66.67, "pass")


def test_critical_errors_are_named():
    assert score(card(), answers(**ALL_YES | {"x": "no"})).critical_errors == (("x", "compliance"),)


class TestAccuracies:
    def test_three_kinds_and_the_mean_are_kept_apart(self):
        clean = score(card(), answers(**ALL_YES))
        hurt = score(card(), answers(**ALL_YES | {"x": "no"}))
        blank = score(card(), answers(a="na", b="na", c="na", d="na", x="na"))
        assert accuracies([clean] * 94 + [hurt] * 6 + [blank]) == (100, 1.0, 1.0, 0.94, 100.0)

    def test_of_nothing(self):
        assert accuracies([]) == (0, None, None, None, None)


class TestAnswers:
    def refused(self, error, answers, complete=True, asked=None):
        with pytest.raises(error) as raised:
            check(asked or card(), answers, 50.0, complete=complete)
        return str(raised.value)

    def test_each_item_once_and_nothing_else(self):
        check(card(), answers(**ALL_YES), 50.0, complete=True)
        assert "(d)" in self.refused(ItemUnanswered, answers(a="yes", b="yes", x="yes", c=4))
        assert "(e)" in self.refused(ItemUnknown, answers(**ALL_YES, e="yes"))
        check(card(), answers(a="yes"), 50.0, complete=False)
        self.refused(ItemUnknown, answers(e="yes"), complete=False)

    @pytest.mark.parametrize("value", ["maybe", "", 1, 4, True, None, "YES"])
    def test_yes_no_takes_no_other_value(self, value):
        self.refused(ValueRefused, answers(**ALL_YES | {"a": value}))

    @pytest.mark.parametrize("value", ["yes", "no", "4", 5, -1, True, 2.5])
    def test_scale_takes_no_other_value(self, value):
        self.refused(ValueRefused, answers(**ALL_YES | {"c": value}))

    @pytest.mark.parametrize("at", [-1.0, 52.0, float("nan"), float("inf")])
    def test_moments_lie_in_the_recording(self, at):
        self.refused(MomentRefused, answers(**ALL_YES) | {"a": Answer("yes", "", at)})
        check(card(), answers(**ALL_YES) | {"a": Answer("yes", "", 50.4)}, 50.0, complete=True)

    def test_a_comment_where_the_card_asks_for_one(self):
        asks = card()._replace(
            sections=(Section("s", W, Fraction(100), (item("a", comment_when=["no"]), item("b"))),)
        )
        self.refused(CommentMissing, {"a": Answer("no", " \n"), "b": Answer("no")}, asked=asks)
        check(asks, {"a": Answer("no", "said nothing"), "b": Answer("no")}, 50.0, complete=True)
        check(asks, answers(a="yes", b="yes"), 50.0, complete=True)
        check(asks, answers(a="no"), 50.0, complete=False)


def test_result_names_are_the_interfaces():
    assert [*Result] == ["pass", "fail", "not_scorable"]
