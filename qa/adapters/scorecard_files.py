"""Scorecards in YAML. A mistake is one sentence with file, line and field, and nothing at all is loaded.

A text may come from anybody who may edit scorecards, so it is bounded: in length, in depth, and it has no aliases,
by which a few lines would become millions.
"""

import json
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import yaml

from cti.domain.identifiers import QueueName
from qa.domain.errors import ScorecardRefused
from qa.domain.scorecard import (
    SCALE,
    Condition,
    CriticalKind,
    Fault,
    Item,
    ItemId,
    ItemKind,
    Path,
    Scorecard,
    ScorecardId,
    Section,
    SectionId,
    Value,
    Words,
    clash,
    faults,
    one_line,
)

LARGEST_TEXT = 256_000
"""Characters. The longest of the shipped cards has a tenth of it."""
_DEEPEST = 10
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9}|/[1-9][0-9]{0,8})?", re.ASCII)


class ScorecardFolder:
    """Every `*.yaml` in a folder, one version of one scorecard each."""

    def __init__(self, folder: FilePath) -> None:
        self._folder = folder

    def cards(self) -> Sequence[Scorecard]:
        files = sorted(self._folder.glob("*.yaml"))
        if not files:
            raise ScorecardRefused(f"{self._folder}: holds no scorecard (*.yaml).")
        cards = [parse(_text(file), str(file)) for file in files]
        if (wrong := clash(cards)) is not None:
            card, sentence = wrong
            # The last file that says so: the sentence speaks of the one before it.
            place = next(
                file for file, one in zip(reversed(files), reversed(cards), strict=True) if one == card
            )
            raise ScorecardRefused(f"{place}:1: {sentence}")
        return cards


def _text(file: FilePath) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise ScorecardRefused(f"{file}: cannot be read ({fault}).") from fault


class _BoundedLoader(yaml.SafeLoader):
    """Refuses what grows beyond its text, while it is read."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # untyped in its stubs
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not taken", mark)
        if self._depth >= _DEEPEST:
            raise yaml.composer.ComposerError(None, None, "too deep for a scorecard", mark)
        self._depth += 1
        try:
            node: yaml.Node | None = super().compose_node(parent, index)
            return node
        finally:
            self._depth -= 1


@lru_cache(maxsize=100)  # what is published is read again whenever anything is, and takes a tenth of a second
def parse(text: str, source: str) -> Scorecard:
    """One scorecard. `source` names the text in errors."""
    card, reader = _read(text, source, strict=True)
    for wrong in faults(card):
        raise reader.refused(wrong.path, wrong.sentence)
    return card


def parse_draft(text: str, source: str) -> Scorecard:
    """One that may still have faults: texts, items and sections that are not there yet. Raises ScorecardRefused."""
    return _read(text, source, strict=False)[0]


def _read(text: str, source: str, *, strict: bool) -> tuple[Scorecard, "_Reader"]:
    if len(text) > LARGEST_TEXT:
        raise ScorecardRefused(f"{source}:1: longer than {LARGEST_TEXT} characters.")
    reader = _Reader(source, strict=strict)
    try:
        node = yaml.compose(text, Loader=_BoundedLoader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        said = getattr(fault, "problem", None) or getattr(fault, "reason", None) or "it cannot be read"
        raise ScorecardRefused(f"{source}:{line}: not valid YAML: {said}.") from fault
    return reader.card(node), reader


def write(card: Scorecard) -> str:
    """The same scorecard as one canonical text, which `parse` reads again: JSON is YAML."""
    return json.dumps(_plain(card), ensure_ascii=False, sort_keys=True)


class YamlScorecards:
    """Scorecards as files that people read, edit and exchange."""

    def read(self, text: str) -> Scorecard:
        return parse_draft(text, "scorecard")

    def write(self, card: Scorecard) -> str:
        return yaml.safe_dump(_plain(card), allow_unicode=True, sort_keys=False, width=110)


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else str(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, frozenset):
        return sorted((_plain(one) for one in value), key=str)
    if hasattr(value, "_asdict"):
        fields = value._asdict()
        if isinstance(value, Item) and value.critical is not None and not value.weight:
            del fields["weight"]
        return {name: _plain(part) for name, part in fields.items() if part not in (None, (), frozenset())}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


_MAY_COME_LATER = frozenset({"sections", "items", "values"})
"""What a draft may lack: `write` leaves out lists that are empty."""


class _Reader:
    """Takes YAML nodes apart, and remembers on which line each field stands."""

    def __init__(self, source: str, *, strict: bool) -> None:
        """`strict`: every field that a card needs must be there, and every text say something."""
        self._source, self._strict = source, strict
        self._lines: dict[Path, int] = {(): 1}

    def refused(self, path: Path, sentence: str) -> ScorecardRefused:
        known = path
        while known not in self._lines:  # a field left out: the line of what should hold it
            known = known[:-1]
        field = Fault(path, sentence).place
        return ScorecardRefused(
            f"{self._source}:{self._lines[known]}: {field}: {sentence}".replace(": :", ":")
        )

    def card(self, node: yaml.Node | None) -> Scorecard:
        fields = self._fields(node, (), ("id", "version", "title", "pass_mark", "sections"), ("queues",))
        return Scorecard(
            id=ScorecardId(self._line_of_text(fields["id"], ("id",))),
            version=self._whole(fields["version"], ("version",)),
            title=self._words(fields["title"], ("title",)),
            pass_mark=self._number(fields["pass_mark"], ("pass_mark",)),
            queues=self._queues(fields.get("queues"), ("queues",)),
            sections=tuple(
                self._section(one, path) for one, path in self._list(fields.get("sections"), ("sections",))
            ),
        )

    def _section(self, node: yaml.Node, path: Path) -> Section:
        fields = self._fields(node, path, ("id", "title", "weight", "items"))
        return Section(
            id=SectionId(self._line_of_text(fields["id"], (*path, "id"))),
            title=self._words(fields["title"], (*path, "title")),
            weight=self._number(fields["weight"], (*path, "weight")),
            items=tuple(self._item(one, at) for one, at in self._list(fields.get("items"), (*path, "items"))),
        )

    def _item(self, node: yaml.Node, path: Path) -> Item:
        optional = ("weight", "critical", "anchors", "help", "comment_when", "shown_when")
        fields = self._fields(node, path, ("id", "text", "kind"), optional)
        critical = None
        if "critical" in fields:
            critical = CriticalKind(self._one_of(fields["critical"], (*path, "critical"), [*CriticalKind]))
        elif "weight" not in fields and self._strict:
            raise self.refused((*path, "weight"), "is missing.")
        anchors = self._list(fields["anchors"], (*path, "anchors")) if "anchors" in fields else ()
        moments = (
            self._list(fields["comment_when"], (*path, "comment_when")) if "comment_when" in fields else ()
        )
        return Item(
            id=ItemId(self._line_of_text(fields["id"], (*path, "id"))),
            text=self._words(fields["text"], (*path, "text")),
            kind=ItemKind(self._one_of(fields["kind"], (*path, "kind"), [*ItemKind])),
            weight=self._number(fields["weight"], (*path, "weight")) if "weight" in fields else Fraction(0),
            critical=critical,
            anchors=tuple(self._words(one, at) for one, at in anchors),
            help=self._words(fields["help"], (*path, "help")) if "help" in fields else None,
            comment_when=frozenset(self._value(one, at) for one, at in moments),
            shown_when=(
                self._condition(fields["shown_when"], (*path, "shown_when"))
                if "shown_when" in fields
                else None
            ),
        )

    def _condition(self, node: yaml.Node, path: Path) -> Condition:
        fields = self._fields(node, path, ("item", "values"))
        return Condition(
            ItemId(self._line_of_text(fields["item"], (*path, "item"))),
            frozenset(
                self._value(one, at) for one, at in self._list(fields.get("values"), (*path, "values"))
            ),
        )

    def _fields(
        self, node: yaml.Node | None, path: Path, needed: Sequence[str], optional: Sequence[str] = ()
    ) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.refused(path, "fields with values are expected.")
        self._lines.setdefault(path, node.start_mark.line + 1)
        fields: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            self._lines[*path, name] = key.start_mark.line + 1
            if name not in {*needed, *optional}:
                raise self.refused(
                    (*path, name), f"no such field; known are {', '.join((*needed, *optional))}."
                )
            if name in fields:
                raise self.refused((*path, name), "stands there twice.")
            fields[name] = value
        for name in needed:
            if name not in fields and (self._strict or name not in _MAY_COME_LATER):
                raise self.refused((*path, name), "is missing.")
        return fields

    def _list(self, node: yaml.Node | None, path: Path) -> Iterator[tuple[yaml.Node, Path]]:
        if node is None and not self._strict:
            return
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.refused(path, "a list is expected.")
        for number, one in enumerate(node.value):
            self._lines[*path, number] = one.start_mark.line + 1
            yield one, (*path, number)

    def _line_of_text(self, node: yaml.Node, path: Path) -> str:
        empty = isinstance(node, yaml.ScalarNode) and not one_line(node.value)
        if not isinstance(node, yaml.ScalarNode) or (empty and self._strict) or "\0" in node.value:
            raise self.refused(path, "a text is expected.")
        return one_line(str(node.value))

    def _words(self, node: yaml.Node, path: Path) -> Words:
        fields = self._fields(node, path, ("en", "zh"))
        return Words(*(self._line_of_text(fields[name], (*path, name)) for name in Words._fields))

    def _number(self, node: yaml.Node, path: Path) -> Fraction:
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        if not _NUMBER.fullmatch(text):
            raise self.refused(path, "a number is expected.")
        return Fraction(text)

    def _whole(self, node: yaml.Node, path: Path) -> int:
        number = self._number(node, path)
        if number.denominator != 1:
            raise self.refused(path, "a whole number is expected.")
        return int(number)

    def _one_of(self, node: yaml.Node, path: Path, known: Sequence[str]) -> str:
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        if text not in known:
            raise self.refused(path, f"must be one of {', '.join(known)}.")
        return str(text)

    def _value(self, node: yaml.Node, path: Path) -> Value:
        text = self._one_of(node, path, ["yes", "no", "na", *(str(step) for step in SCALE)])
        return int(text) if text.isdigit() else text

    def _queues(self, node: yaml.Node | None, path: Path) -> frozenset[QueueName] | None:
        if node is None:
            return None
        return frozenset(QueueName(self._line_of_text(one, at)) for one, at in self._list(node, path))
