"""What a reviewer is asked: sections, items, anchors in words, conditions, and the three kinds of critical error."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple, NewType

from cti.domain.identifiers import QueueName

ScorecardId = NewType("ScorecardId", str)
ItemId = NewType("ItemId", str)
SectionId = NewType("SectionId", str)

Value = str | int
"""One of "yes", "no", "na", or 0 to 4."""

YES, NO, NOT_APPLICABLE = "yes", "no", "na"
SCALE = range(5)
_ID = re.compile(r"[a-z][a-z0-9_-]{0,49}", re.ASCII)


class Words(NamedTuple):
    """The same in both languages."""

    en: str
    zh: str


def one_line(text: str) -> str:
    """Without line ends, and without what no eye sees and no file holds: a card must be readable again."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


class ItemKind(StrEnum):
    """How an item is answered; each may also be not applicable."""

    YES_NO = "yes_no"
    SCALE = "scale"


class CriticalKind(StrEnum):
    """Whom a critical error hurts."""

    CUSTOMER = "customer"
    BUSINESS = "business"
    COMPLIANCE = "compliance"


class Condition(NamedTuple):
    """The item is asked only if this other one is asked and has one of these answers."""

    item: ItemId
    values: frozenset[Value]


class Item(NamedTuple):
    """One question, put so that "yes" is good. Critical items carry no weight: a "no" fails the whole call."""

    id: ItemId
    text: Words
    kind: ItemKind
    weight: Fraction  # its share within the section
    critical: CriticalKind | None
    anchors: tuple[Words, ...]  # what 0 to 4 mean
    help: Words | None
    comment_when: frozenset[Value]  # answers that need a comment
    shown_when: Condition | None = None  # None: always asked

    def takes(self, value: Value) -> bool:
        if isinstance(value, bool):
            return False
        return value == NOT_APPLICABLE or value in (
            (YES, NO) if self.kind is ItemKind.YES_NO else tuple(SCALE)
        )


class Section(NamedTuple):
    id: SectionId
    title: Words
    weight: Fraction  # of 100
    items: tuple[Item, ...]


class Scorecard(NamedTuple):
    """One version of a scorecard. It is the same for every tier: customers differ in waiting, not in courtesy."""

    id: ScorecardId
    version: int
    title: Words
    pass_mark: Fraction
    queues: frozenset[QueueName] | None  # None: for every queue that has no card of its own
    sections: tuple[Section, ...]

    def items(self) -> Iterator[Item]:
        for section in self.sections:
            yield from section.items

    def asked(self, values: Mapping[ItemId, Value]) -> frozenset[ItemId]:
        """The items that are asked when these are the answers. What is not asked, asks nothing further."""
        conditions = {item.id: item.shown_when for item in self.items()}
        known: dict[ItemId, bool] = {}

        def is_asked(item: ItemId) -> bool:
            if item not in known:
                known[item] = False  # a circle, which `faults` lets no card have, asks nothing
                needed = conditions[item]
                known[item] = needed is None or (
                    needed.item in conditions
                    and values.get(needed.item) in needed.values
                    and is_asked(needed.item)
                )
            return known[item]

        return frozenset(item for item in conditions if is_asked(item))


MOST_SECTIONS, MOST_ITEMS = 30, 200
LONGEST_WORDS = 2000
"""Characters of one text in one language."""

Path = tuple[str | int, ...]
"""Where in a scorecard: ("sections", 0, "items", 2, "weight")."""


class Fault(NamedTuple):
    """What is wrong, and where."""

    path: Path
    sentence: str

    @property
    def place(self) -> str:
        """As people count: sections.1.items.3.weight."""
        return ".".join(str(part + 1) if isinstance(part, int) else part for part in self.path)


def faults(card: Scorecard) -> Iterator[Fault]:
    """Every reason why this scorecard cannot be used."""
    if not _ID.fullmatch(card.id):
        yield Fault(("id",), "must be small letters, digits, - and _.")
    if card.version < 1:
        yield Fault(("version",), "must be 1 or more.")
    if not 0 <= card.pass_mark <= 100:
        yield Fault(("pass_mark",), "must be from 0 to 100.")
    yield from _word_faults(card.title, ("title",))
    total = sum((section.weight for section in card.sections), Fraction(0))
    if total != 100:
        yield Fault(("sections",), f"the weights of the sections make {float(total):g}, they must make 100.")
    if len(card.sections) > MOST_SECTIONS or sum(1 for _ in card.items()) > MOST_ITEMS:
        yield Fault(("sections",), f"at most {MOST_SECTIONS} sections and {MOST_ITEMS} items.")
        return
    seen: set[str] = set()
    for number, section in enumerate(card.sections):
        yield from _section_faults(section, ("sections", number), seen)
    yield from _condition_faults(card)


def _section_faults(section: Section, path: Path, seen: set[str]) -> Iterator[Fault]:
    yield from _id_faults(section.id, path, seen)
    yield from _word_faults(section.title, (*path, "title"))
    if section.weight <= 0:
        yield Fault((*path, "weight"), "must be more than 0.")
    if all(item.critical is not None for item in section.items):
        yield Fault((*path, "items"), "needs an item with a weight: critical items do not add to the score.")
    for number, item in enumerate(section.items):
        yield from _item_faults(item, (*path, "items", number), seen)


def _item_faults(item: Item, path: Path, seen: set[str]) -> Iterator[Fault]:
    yield from _id_faults(item.id, path, seen)
    yield from _word_faults(item.text, (*path, "text"))
    if item.help is not None:
        yield from _word_faults(item.help, (*path, "help"))
    if item.critical is None and item.weight <= 0:
        yield Fault((*path, "weight"), "must be more than 0.")
    if item.critical is not None and item.weight != 0:
        yield Fault((*path, "weight"), "a critical item has none: it fails the call, whatever the score.")
    if item.critical is not None and item.kind is not ItemKind.YES_NO:
        yield Fault((*path, "kind"), "a critical item is answered yes or no.")
    if item.kind is ItemKind.SCALE and len(item.anchors) != len(SCALE):
        yield Fault((*path, "anchors"), "a scale needs five, from 0 to 4: what each means, in words.")
    if item.kind is ItemKind.YES_NO and item.anchors:
        yield Fault((*path, "anchors"), "only a scale has anchors.")
    for number, anchor in enumerate(item.anchors):
        yield from _word_faults(anchor, (*path, "anchors", number))
    for value in sorted(item.comment_when, key=str):
        if not item.takes(value):
            yield Fault((*path, "comment_when"), f"{value} is no answer to this item.")


def _condition_faults(card: Scorecard) -> Iterator[Fault]:
    items = {item.id: item for item in card.items()}
    for number, section in enumerate(card.sections):
        for position, item in enumerate(section.items):
            if item.shown_when is not None:
                path = ("sections", number, "items", position, "shown_when")
                yield from _shown_when_faults(item.id, item.shown_when, items, path)


def _shown_when_faults(
    id_: ItemId, condition: Condition, items: Mapping[ItemId, Item], path: Path
) -> Iterator[Fault]:
    asked = items.get(condition.item)
    if asked is None:
        yield Fault((*path, "item"), f"no item is called {condition.item}.")
        return
    if not condition.values:
        yield Fault((*path, "values"), "needs the answers that bring this item up.")
    for value in sorted(condition.values, key=str):
        if not asked.takes(value):
            yield Fault((*path, "values"), f"{value} is no answer to {condition.item}.")
    passed: list[ItemId] = []
    after: Condition | None = condition
    while after is not None and after.item in items and after.item not in passed:
        if after.item == id_:
            way = " → ".join((id_, *passed, id_))
            yield Fault((*path, "item"), f"the conditions go round in a circle: {way}.")
            return
        passed.append(after.item)
        after = items[after.item].shown_when


def _word_faults(words: Words, path: Path) -> Iterator[Fault]:
    for language, text in zip(Words._fields, words, strict=True):
        if not text.strip():
            yield Fault((*path, language), "a text is expected.")
        elif len(text) > LONGEST_WORDS:
            yield Fault((*path, language), f"at most {LONGEST_WORDS} characters.")


def _id_faults(id_: str, path: Path, seen: set[str]) -> Iterator[Fault]:
    if not _ID.fullmatch(id_):
        yield Fault((*path, "id"), "must be small letters, digits, - and _.")
    if id_ in seen:
        yield Fault((*path, "id"), f"{id_} stands there twice.")
    seen.add(id_)


class Shelf:
    """Scorecards together: which one a queue's calls are reviewed by, and every version ever used."""

    def __init__(self, cards: Sequence[Scorecard], former: Sequence[Scorecard] = ()) -> None:
        """`former` are versions kept only for the reviews made with them."""
        self._all = {(card.id, card.version): card for card in (*former, *cards)}
        newest: dict[ScorecardId, Scorecard] = {}
        for card in sorted(cards, key=lambda card: card.version):
            newest[card.id] = card
        self.newest = tuple(newest[id_] for id_ in sorted(newest))

    def get(self, card: ScorecardId, version: int | None = None) -> Scorecard | None:
        """The card in a version, or in its newest."""
        if version is not None:
            return self._all.get((card, version))
        return next((one for one in self.newest if one.id == card), None)

    def for_queue(self, queue: QueueName) -> Scorecard | None:
        general = None
        for card in self.newest:
            if card.queues is None:
                general = card
            elif queue in card.queues:
                return card
        return general


def clash(cards: Sequence[Scorecard]) -> tuple[Scorecard, str] | None:
    """The first scorecard that does not go with those before it, and why."""
    versions: set[tuple[str, int]] = set()
    for card in cards:
        if (card.id, card.version) in versions:
            return card, f"version {card.version} of {card.id} stands in another file too."
        versions.add((card.id, card.version))
    owners: dict[QueueName | None, Scorecard] = {}
    for card in Shelf(cards).newest:
        for queue in card.queues or (None,):
            if (other := owners.setdefault(queue, card)).id != card.id:
                whose = "without queues of its own" if queue is None else f"for the queue {queue}"
                return card, f"{other.id} is a scorecard {whose} too: which one counts?"
    return None
