"""Checkpoints: the live calls as they stood at one position of the journal, so that a start need not tell everything again.

A file is replaced atomically and carries a checksum. It can be read by the very version of the call model that wrote it,
and by no other: a newer one tells the journal from an earlier position instead.
"""

import hashlib
import io
import logging
import os
import pickle
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

log = logging.getLogger(__name__)

PREFIX = "checkpoint-"
_PLAIN = {("builtins", "set"), ("builtins", "frozenset"), ("collections", "OrderedDict")}


class Checkpoint(NamedTuple):
    """What a file holds."""

    position: int
    state: Any


class _Reader(pickle.Unpickler):
    """Makes objects of the call model and nothing else: a file is not trusted with more."""

    def __init__(self, data: bytes, model: Iterable[type]) -> None:
        super().__init__(io.BytesIO(data))
        self._model = {(kind.__module__, kind.__qualname__): kind for kind in model}

    def find_class(self, module: str, name: str) -> Any:
        known = self._model.get((module, name))
        if known is not None:
            return known
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        if (module, name) == ("builtins", "getattr"):
            return _member
        raise pickle.UnpicklingError(f"{module}.{name} is no part of the call model")


def _member(kind: Any, name: str) -> Enum:
    """What `getattr` stands for in a checkpoint: until 3.11.3 Python wrote an enum's member as an attribute of its class."""
    if not (isinstance(kind, type) and issubclass(kind, Enum) and name in kind.__members__):
        raise pickle.UnpicklingError(f"{name} is no member of an enum")
    return kind[name]


def fingerprint(model: Iterable[type]) -> str:
    """Which version of the model a file is of: the names and types of all that its objects hold."""
    shape = [(kind.__module__, kind.__qualname__, _holds(kind)) for kind in model]
    return hashlib.sha256(repr(sorted(shape, key=repr)).encode()).hexdigest()


def _holds(kind: type) -> object:
    """Members, declared fields, or what an object is given when it is made."""
    if issubclass(kind, Enum):
        return [member.name for member in kind]
    if declared := vars(kind).get("__annotations__"):
        return list(declared.items())
    made = vars(kind).get("__init__")
    return made.__code__.co_names if made is not None else tuple(vars(kind))


class Checkpoints:
    """Those of one journal, in its folder."""

    def __init__(self, folder: Path, model: Iterable[type]) -> None:
        """`model`: every class whose objects a state may hold."""
        self._folder, self._model = folder, tuple(model)
        self._mark = fingerprint(self._model)

    def write(self, position: int, state: Any) -> None:
        """Write down a state as it stands. Raises OSError."""
        data = pickle.dumps(state, protocol=5)
        head = f"{self._mark} {hashlib.sha256(data).hexdigest()}\n".encode()
        draft = self._folder / f".{PREFIX}draft"
        with draft.open("wb") as file:
            file.write(head + data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._file(position))

    def _file(self, position: int) -> Path:
        return self._folder / f"{PREFIX}{position:016d}"

    def positions(self) -> list[int]:
        """Those that stand, oldest first."""
        names = (file.name.removeprefix(PREFIX) for file in self._folder.glob(f"{PREFIX}*"))
        return sorted(int(name) for name in names if name.isdigit())

    def newest(self, at_most: int) -> Checkpoint | None:
        """The newest usable one that is not beyond a position."""
        for position in reversed(self.positions()):
            if position <= at_most and (found := self._read(position)) is not None:
                return found
        return None

    def _read(self, position: int) -> Checkpoint | None:
        try:
            head, _, data = self._file(position).read_bytes().partition(b"\n")
            mark, _, checksum = head.decode("ascii", "replace").partition(" ")
            if mark != self._mark:
                log.warning("the checkpoint at %d is of another version of the call model", position)
                return None
            if hashlib.sha256(data).hexdigest() != checksum:
                log.error("the checkpoint at %d is damaged", position)
                return None
            return Checkpoint(position, _Reader(data, self._model).load())
        except Exception as problem:  # noqa: BLE001  whatever is wrong with it, an earlier one will do
            log.warning("the checkpoint at %d cannot be read: %s", position, type(problem).__name__)
            return None

    def prune(self, safe: int) -> int:
        """Delete those that the newest at or before `safe` makes needless; returns the position still needed."""
        kept = [position for position in self.positions() if position <= safe]
        for position in kept[:-1]:
            self._file(position).unlink(missing_ok=True)
        return kept[-1] if kept else 0
