import pytest
import yaml

from qa.adapters.scorecard_files import ScorecardFolder, parse, write
from qa.domain.errors import ScorecardRefused
from qa.domain.scorecard import CriticalKind, ItemKind, Shelf
from qa.domain.scoring import Answer, check, score

GOOD = """\
id: small
version: 1
title: {en: Small, zh: 小}
pass_mark: 75.5
sections:
  - id: one
    title: {en: One, zh: 一}
    weight: 100
    items:
      - id: a
        text: {en: A, zh: 甲}
        kind: yes_no
        weight: 1
        comment_when: [no, na]
      - id: b
        text: {en: B, zh: 乙}
        kind: scale
        weight: 2.5
        anchors: [{en: "0", zh: 〇}, {en: "1", zh: 一}, {en: "2", zh: 二}, {en: "3", zh: 三}, {en: "4", zh: 四}]
      - id: c
        text: {en: C, zh: 丙}
        kind: yes_no
        critical: business
"""


def put(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return ScorecardFolder(folder)


def test_a_card_reads_back():
    card = parse(GOOD, "good")
    assert parse(write(card), "again") == card
    assert [item.comment_when for item in card.items()] == [{"no", "na"}, set(), set()]
    thirds = parse(GOOD.replace("2.5", "1/3"), "thirds")
    assert parse(write(thirds), "again") == thirds


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "says"),
    [
        ("id: small", "id: Small!", 1, "id", "small letters"),
        ("version: 1", "version: 1.5", 2, "version", "whole number"),
        ("version: 1", "version: one", 2, "version", "number"),
        ("version: 1", "version: 0", 2, "version", "1 or more"),
        ("version: 1\n", "", 1, "version", "missing"),
        ("version: 1", "version: 1\nversion: 2", 3, "version", "twice"),
        ("title: {en: Small, zh: 小}", "title: Small", 3, "title", "fields with values"),
        ("title: {en: Small, zh: 小}", "title: {en: Small}", 3, "title.zh", "missing"),
        ("title: {en: Small, zh: 小}", "title: {en: Small, zh: ' '}", 3, "title.zh", "text"),
        ("pass_mark: 75.5", "pass_mark: 101", 4, "pass_mark", "0 to 100"),
        ("pass_mark: 75.5", "pass_mark: 1e99999999", 4, "pass_mark", "number"),
        ("pass_mark: 75.5", "pass_mark: .nan", 4, "pass_mark", "number"),
        ("weight: 100", "weight: 99", 5, "sections", "make 99, they must make 100"),
        ("weight: 100", "weight: 100\n    colour: red", 9, "sections.1.colour", "no such field"),
        ("kind: scale", "kind: stars", 17, "sections.1.items.2.kind", "yes_no, scale"),
        ("weight: 2.5", "weight: 0", 18, "sections.1.items.2.weight", "more than 0"),
        ("        weight: 2.5\n", "", 15, "sections.1.items.2.weight", "missing"),
        (', {en: "4", zh: 四}', "", 19, "sections.1.items.2.anchors", "from 0 to 4"),
        ("critical: business", "critical: fatal", 23, "sections.1.items.3.critical", "customer, business"),
        ("critical: business", "critical: business\n        weight: 2", 24, "sections.1.items.3.weight", "none"),
        ("- id: b", "- id: a", 15, "sections.1.items.2.id", "twice"),
        ("comment_when: [no, na]", "comment_when: [no, 3]", 14, "sections.1.items.1.comment_when", "3 is no answer"),
        ("comment_when: [no, na]", "comment_when: no", 14, "sections.1.items.1.comment_when", "list"),
        ("critical: business", "weight: 1\n        anchors: [{en: a, zh: b}]", 24, "sections.1.items.3.anchors", "only a scale"),
    ],
)  # fmt: skip
def test_one_sentence_with_file_line_and_field(tmp_path, old, new, line, field, says):
    assert old in GOOD
    folder = put(tmp_path, card=GOOD.replace(old, new, 1))
    with pytest.raises(ScorecardRefused) as refused:
        folder.cards()
    sentence = str(refused.value)
    assert f"{tmp_path / 'card.yaml'}:{line}: {field}: " in sentence
    assert says in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "text", ["", "- a", "a: [", "\tid: x", "id: !!python/object:os.system x", "&a [*a]", "\0"]
)
def test_what_is_no_card_at_all(tmp_path, text):
    with pytest.raises(ScorecardRefused, match=r"card\.yaml:1: "):
        put(tmp_path, card=text).cards()


def test_what_is_no_text(tmp_path):
    (tmp_path / "card.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ScorecardRefused, match="cannot be read"):
        ScorecardFolder(tmp_path).cards()


def test_an_empty_folder_says_so(tmp_path):
    with pytest.raises(ScorecardRefused, match="holds no scorecard"):
        ScorecardFolder(tmp_path).cards()


def test_a_critical_item_only_section_has_no_score(tmp_path):
    only = GOOD[: GOOD.index("      - id: a")] + GOOD[GOOD.index("      - id: c") :]
    with pytest.raises(ScorecardRefused, match=r"sections\.1\.items: needs an item with a weight"):
        put(tmp_path, card=only).cards()


def test_one_bad_file_and_nothing_is_loaded(tmp_path):
    with pytest.raises(ScorecardRefused, match=r"b\.yaml:4"):
        put(tmp_path, a=GOOD, b=GOOD.replace("75.5", "x")).cards()


def test_several_cards_by_queue_and_version(tmp_path):
    sales = GOOD.replace("id: small", "id: sales\nqueues: [sales, shop]")
    shelf = Shelf(put(tmp_path, a=GOOD, b=GOOD.replace("version: 1", "version: 2"), c=sales).cards())
    assert [(c.id, c.version) for c in shelf.newest] == [("sales", 1), ("small", 2)]
    assert [shelf.for_queue(q).id for q in ("sales", "shop", "support")] == ["sales", "sales", "small"]
    assert shelf.get("small", 1).version == 1
    assert shelf.get("small").version == 2
    assert shelf.get("none") is None


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (GOOD, "version 1 of small"),
        (GOOD.replace("small", "other"), "which one counts"),
    ],
)
def test_cards_that_contradict_each_other(tmp_path, second, says):
    with pytest.raises(ScorecardRefused) as refused:
        put(tmp_path, a=GOOD, b=second).cards()
    assert says in str(refused.value)
    assert ".yaml:1: " in str(refused.value)


class TestShipped:
    def test_sections_and_weights(self, card):
        assert {s.title.en: s.weight for s in card.sections} == {
            "Resolution and accuracy": 40,
            "Process and information": 20,
            "Communication and empathy": 30,
            "Closing and wrap-up": 10,
        }

    def test_has_the_items_and_every_kind_of_critical_error(self, card):
        assert {"timely", "professional", "polite", "listening"} <= {item.id for item in card.items()}
        assert {item.critical for item in card.items()} == {None, *CriticalKind}
        assert all(item.comment_when == {"no"} for item in card.items() if item.critical)

    def test_both_languages_everywhere(self, card):
        texts = [card.title, *(s.title for s in card.sections)]
        for item in card.items():
            texts += [item.text, *item.anchors, *([item.help] if item.help else [])]
        for words in texts:
            assert words.en.isascii(), words.en
            assert any("一" <= c <= "鿿" for c in words.zh), words.zh
        assert len({words.en for words in texts}) == len(texts)

    def test_all_good_is_100_and_all_bad_is_0(self, card):
        for value, step, expected in (("yes", 4, 100.0), ("no", 0, 0.0)):
            answers = {
                i.id: Answer(value if i.kind is ItemKind.YES_NO else step, "because") for i in card.items()
            }
            check(card, answers, 60, complete=True)
            assert score(card, answers).score == expected

    def test_says_nothing_about_tiers(self, card):
        assert not {"tier", "platinum", "gold", "iron", "铂金", "黄金"} & set(
            str(yaml.safe_load(write(card))).lower().split()
        )
