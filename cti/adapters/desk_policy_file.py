"""Reads the desk's policy. A mistake is one sentence with file, line and field, and nothing is taken over."""

import logging
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import yaml

from cti.adapters.policy_nodes import compose
from cti.domain.desk_links import DeskLink, objection
from cti.domain.errors import PolicyRefused
from cti.domain.pop_hooks import Hook, hook_objection

log = logging.getLogger(__name__)

MOST = 8
"""Buttons on a card."""
LOOK_SECONDS = 2.0
"""How often it is looked whether the file has changed, at most."""


class DeskPolicy(NamedTuple):
    """`links` in the order they stand on the card; `hook`: who is asked at every ring."""

    links: tuple[DeskLink, ...] = ()
    hook: Hook | None = None


class DeskPolicyFile:
    """The policy as the file has it now. A file with a mistake is refused at the start, and later changes nothing."""

    def __init__(self, file: Path) -> None:
        """Raises PolicyRefused."""
        self._file = file
        self._written, self._looked = _written(file), monotonic()
        self._policy = read_policy(file)

    def now(self) -> DeskPolicy:
        at = monotonic()
        if at - self._looked >= LOOK_SECONDS:
            self._looked = at
            self.look()
        return self._policy

    def look(self) -> None:
        """Take up what has changed."""
        written = _written(self._file)
        if written == self._written:
            return
        self._written = written
        try:
            self._policy = read_policy(self._file)
        except PolicyRefused as mistake:
            log.error("the desk's policy stays as it was: %s", mistake)  # noqa: TRY400  the sentence is enough
        else:
            log.info("the desk's policy was read again")


def _written(file: Path) -> tuple[int, int] | None:
    try:
        known = file.stat()
    except OSError:
        return None
    return known.st_mtime_ns, known.st_size


def read_policy(file: Path) -> DeskPolicy:
    """Nothing without a file. Raises PolicyRefused."""
    if not file.exists():
        return DeskPolicy()
    node = compose(file)
    fields = {} if node is None else _fields(file, node, {"links", "hook"})
    hook = fields.get("hook")
    return DeskPolicy(_links(file, fields.get("links")), None if hook is None else _hook(file, hook))


def _links(file: Path, listed: yaml.Node | None) -> tuple[DeskLink, ...]:
    if listed is None:
        return ()
    if not isinstance(listed, yaml.SequenceNode) or len(listed.value) > MOST:
        raise _refused(file, listed, "links", f"must be a list of at most {MOST}")
    return tuple(_link(file, item) for item in listed.value)


def _link(file: Path, node: yaml.Node) -> DeskLink:
    told = _texts(file, node, ("en", "zh", "url"), "a link has `en`, `zh` and `url`")
    why = objection(told["url"])
    if why is not None:
        raise _refused(file, _fields(file, node, set(told))["url"], "url", why)
    return DeskLink(**told)


def _hook(file: Path, node: yaml.Node) -> Hook:
    known = {"url", "secret", "seconds"}
    fields = _fields(file, node, known)
    seconds = fields.pop("seconds", None)
    told = _texts(file, node, ("url", "secret"), "a hook has `url` and `secret`", known)
    hook = Hook(told["url"], told["secret"])
    if seconds is not None:
        try:
            hook = hook._replace(seconds=float(seconds.value))
        except (TypeError, ValueError):
            raise _refused(file, seconds, "seconds", "is a number") from None
    why = hook_objection(hook)
    if why is not None:
        field, _, sentence = why.partition(": ")
        raise _refused(file, seconds or node if field == "seconds" else fields[field], field, sentence)
    return hook


def _texts(
    file: Path, node: yaml.Node, names: tuple[str, ...], rule: str, known: set[str] | None = None
) -> dict[str, str]:
    fields = _fields(file, node, known or set(names))
    told = {}
    for name in names:
        value = fields.get(name)
        if not isinstance(value, yaml.ScalarNode) or not str(value.value).strip():
            raise _refused(file, value or node, name, f"is missing: {rule}")
        told[name] = str(value.value).strip()
    return told


def _fields(file: Path, node: yaml.Node, known: set[str]) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise _refused(file, node, "here", f"fields are expected: {', '.join(sorted(known))}")
    for key, _ in node.value:
        if key.value not in known:
            raise _refused(file, key, str(key.value), f"no such field; known are {', '.join(sorted(known))}")
    return {key.value: value for key, value in node.value}


def _refused(file: Path, node: yaml.Node, field: str, why: str) -> PolicyRefused:
    return PolicyRefused(f"{file}:{node.start_mark.line + 1}: {field}: {why}.")
