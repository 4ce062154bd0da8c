"""Reads a YAML tree with a sentence for every mistake, at its place."""

from collections.abc import Callable, Iterator
from typing import Final

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from routing.domain.priority import LARGEST_CREDIT

_BOOLEANS: Final = {"true": True, "false": False}


class Reading:
    """Gathers mistakes and goes on with defaults, so that all of them are told at once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.mistakes: list[str] = []

    def entries(self, node: Node, place: str, known: Callable[[str], bool]) -> Iterator[tuple[str, Node]]:
        """Keys and nodes of a mapping; each known, each once."""
        if not isinstance(node, MappingNode):
            self.mistake(node, place, "must be a mapping of names to values")
            return
        seen: set[str] = set()
        for key_node, value in node.value:
            key = self.scalar(key_node)
            if not key or not known(key):
                self.mistake(
                    key_node, f"{place}.{key[:40]}", "is not known here; remove it or correct its name"
                )
            elif key in seen:
                self.mistake(key_node, f"{place}.{key}", "stands here twice")
            else:
                seen.add(key)
                yield key, value

    def items(self, node: Node, place: str) -> Iterator[tuple[str, Node]]:
        """Places and nodes of a list, places counted from 1."""
        if not isinstance(node, SequenceNode):
            self.mistake(node, place, "must be a list")
            return
        for number, item in enumerate(node.value, 1):
            yield f"{place}.{number}", item

    def whole(self, node: Node, place: str, least: int, most: int, unit: str) -> int:
        text = self.scalar(node)
        if text.isascii() and text.isdigit() and len(text) < 7 and least <= int(text) <= most:
            return int(text)
        self.mistake(node, place, f"use whole {unit} from {least} to {most}")
        return least

    def credit(self, node: Node, place: str) -> int | None:
        """Seconds; None: strict."""
        text = self.scalar(node)
        if text == "strict":
            return None
        if text.isascii() and text.isdigit() and len(text) < 7 and int(text) <= LARGEST_CREDIT:
            return int(text)
        self.mistake(node, place, f"use whole seconds from 0 to {LARGEST_CREDIT}, or strict")
        return 0

    def boolean(self, node: Node, place: str) -> bool:
        value = _BOOLEANS.get(self.scalar(node))
        if value is None:
            self.mistake(node, place, "use true or false")
        return bool(value)

    def text(self, node: Node, place: str) -> str:
        text = self.scalar(node).strip()
        if not text or len(text) > 40 or not text.isprintable():
            self.mistake(node, place, "use 1 to 40 printable characters")
        return text

    def scalar(self, node: Node) -> str:
        return str(node.value) if isinstance(node, ScalarNode) else ""

    def mistake(self, node: Node | None, place: str, sentence: str) -> None:
        line = 1 if node is None else node.start_mark.line + 1
        self.mistakes.append(f"{self._name}:{line}: {place}: {sentence}.")
