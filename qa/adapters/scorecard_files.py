"""Scorecards in YAML. A mistake is one sentence with file, line and field, and nothing at all is loaded."""

import json
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path as FilePath
from typing import Any

import yaml

from cti.domain.identifiers import QueueName
from qa.domain.errors import ScorecardRefused
from qa.domain.scorecard import (
    SCALE,
    CriticalKind,
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
)

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


def parse(text: str, source: str) -> Scorecard:
    """One scorecard. `source` names the text in errors."""
    reader = _Reader(source)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        raise ScorecardRefused(
            f"{source}:{line}: not valid YAML: {getattr(fault, 'problem', fault)}."
        ) from fault
    card = reader.card(node)
    for wrong in faults(card):
        raise reader.refused(wrong.path, wrong.sentence)
    return card


def write(card: Scorecard) -> str:
    """The same scorecard as one canonical text, which `parse` reads again: JSON is YAML."""
    return json.dumps(_plain(card), ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else str(value)
    if isinstance(value, frozenset):
        return sorted((_plain(one) for one in value), key=str)
    if hasattr(value, "_asdict"):
        fields = value._asdict()
        if isinstance(value, Item) and value.critical is not None:
            del fields["weight"]
        return {name: _plain(part) for name, part in fields.items() if part not in (None, (), frozenset())}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


class _Reader:
    """Takes YAML nodes apart, and remembers on which line each field stands."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._lines: dict[Path, int] = {(): 1}

    def refused(self, path: Path, sentence: str) -> ScorecardRefused:
        known = path
        while known not in self._lines:  # a field left out: the line of what should hold it
            known = known[:-1]
        field = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
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
                self._section(one, path) for one, path in self._list(fields["sections"], ("sections",))
            ),
        )

    def _section(self, node: yaml.Node, path: Path) -> Section:
        fields = self._fields(node, path, ("id", "title", "weight", "items"))
        return Section(
            id=SectionId(self._line_of_text(fields["id"], (*path, "id"))),
            title=self._words(fields["title"], (*path, "title")),
            weight=self._number(fields["weight"], (*path, "weight")),
            items=tuple(self._item(one, at) for one, at in self._list(fields["items"], (*path, "items"))),
        )

    def _item(self, node: yaml.Node, path: Path) -> Item:
        optional = ("weight", "critical", "anchors", "help", "comment_when")
        fields = self._fields(node, path, ("id", "text", "kind"), optional)
        critical = None
        if "critical" in fields:
            critical = CriticalKind(self._one_of(fields["critical"], (*path, "critical"), [*CriticalKind]))
        elif "weight" not in fields:
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
            if name not in fields:
                raise self.refused((*path, name), "is missing.")
        return fields

    def _list(self, node: yaml.Node, path: Path) -> Iterator[tuple[yaml.Node, Path]]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.refused(path, "a list is expected.")
        for number, one in enumerate(node.value):
            self._lines[*path, number] = one.start_mark.line + 1
            yield one, (*path, number)

    def _line_of_text(self, node: yaml.Node, path: Path) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip() or "\0" in node.value:
            raise self.refused(path, "a text is expected.")
        return " ".join(str(node.value).split())

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
