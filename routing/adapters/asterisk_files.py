"""Asterisk's own configuration files, read where preflight runs beside them: includes, templates, additions."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

Section = list[tuple[str, str]]
"""Settings in the order of the file; a name may occur often, the last one counts."""

_HEADER: Final = re.compile(r"\[([^\]]+)\]\s*(?:\(([^)]*)\))?")
_INCLUDE: Final = re.compile(r"#(?:try)?include\s+[\"<]?([^\">]+)[\">]?", re.IGNORECASE)
_DEEPEST: Final = 10
_LARGEST: Final = 16 * 1024 * 1024


class AsteriskFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sections(self, name: str) -> Mapping[str, Section] | None:
        """The sections of a file with templates applied (they themselves left out); None when it is not there."""
        lines = list(self._lines(self._folder / name, 0))
        if not lines:
            return None
        sections: dict[str, Section] = {}
        templates: set[str] = set()
        current: Section | None = None
        for line in lines:
            if header := _HEADER.match(line):
                section, options = header[1], [option.strip() for option in (header[2] or "").split(",")]
                if "+" not in options or section not in sections:
                    sections[section] = []
                    templates.discard(section)
                current = sections[section]
                for option in options:
                    current += sections.get(option, [])
                if "!" in options:
                    templates.add(section)
            elif current is not None and "=" in line:
                key, _, value = line.partition("=")
                current.append((key.strip().lower(), value.removeprefix(">").strip()))
        return {section: settings for section, settings in sections.items() if section not in templates}

    def _lines(self, path: Path, depth: int) -> Iterator[str]:
        """Without comments; what is included stands in its place."""
        try:
            if depth > _DEEPEST or path.stat().st_size > _LARGEST:
                return
            text = path.read_text("utf-8", "replace")
        except OSError:
            return
        for raw in re.sub(r";--.*?--;", "", text, flags=re.DOTALL).splitlines():
            line = re.split(r"(?<!\\);", raw, maxsplit=1)[0].strip()
            if include := _INCLUDE.match(line):
                yield from self._included(include[1].strip(), depth)
            elif line:
                yield line

    def _included(self, name: str, depth: int) -> Iterator[str]:
        try:
            paths = [Path(name)] if name.startswith("/") else sorted(self._folder.glob(name))
        except (ValueError, RuntimeError):  # no pattern for pathlib (its refusal of some is a RuntimeError)
            return
        for path in paths:
            yield from self._lines(path, depth + 1)


def setting(sections: Mapping[str, Section] | None, section: str, name: str) -> str | None:
    """The value that counts, in lower case."""
    values = [value for key, value in (sections or {}).get(section, ()) if key == name]
    return values[-1].lower() if values else None


def is_true(value: str) -> bool:
    return value in {"yes", "true", "y", "t", "1", "on"}
