"""Reads the desk's policy. A mistake is one sentence with file, line and field, and nothing is taken over."""

from pathlib import Path

import yaml

from cti.domain.desk_links import DeskLink, objection
from cti.domain.errors import PolicyRefused

MOST = 8
"""Buttons on a card."""


def read_links(file: Path) -> tuple[DeskLink, ...]:
    """In the order they stand on the card; none without a file. Raises PolicyRefused."""
    if not file.exists():
        return ()
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise PolicyRefused(f"{file}: cannot be read ({fault}).") from fault
    fields = {} if node is None else _fields(file, node, {"links"})
    listed = fields.get("links")
    if listed is None:
        return ()
    if not isinstance(listed, yaml.SequenceNode) or len(listed.value) > MOST:
        raise _refused(file, listed, "links", f"must be a list of at most {MOST}")
    return tuple(_link(file, item) for item in listed.value)


def _link(file: Path, node: yaml.Node) -> DeskLink:
    fields = _fields(file, node, {"en", "zh", "url"})
    told = {}
    for name in ("en", "zh", "url"):
        value = fields.get(name)
        if not isinstance(value, yaml.ScalarNode) or not str(value.value).strip():
            raise _refused(file, value or node, name, "is missing: a link has `en`, `zh` and `url`")
        told[name] = str(value.value).strip()
    why = objection(told["url"])
    if why is not None:
        raise _refused(file, fields["url"], "url", why)
    return DeskLink(**told)


def _fields(file: Path, node: yaml.Node, known: set[str]) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise _refused(file, node, "here", f"fields are expected: {', '.join(sorted(known))}")
    for key, _ in node.value:
        if key.value not in known:
            raise _refused(file, key, str(key.value), f"no such field; known are {', '.join(sorted(known))}")
    return {key.value: value for key, value in node.value}


def _refused(file: Path, node: yaml.Node, field: str, why: str) -> PolicyRefused:
    return PolicyRefused(f"{file}:{node.start_mark.line + 1}: {field}: {why}.")
