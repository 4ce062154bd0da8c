"""A checkpoint is read by the version of the call model that wrote it, and by no other."""

import os
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum

import pytest

from cti.adapters.ami.memory import MODEL
from cti.adapters.checkpoint import Checkpoints, fingerprint


@dataclass(slots=True)
class Leg:
    name: str
    rings: list[int]


class Colour(StrEnum):
    RED = "red"


class Calls:
    def __init__(self):
        self.legs = {}


def changed(kind, **what):
    """The same name, another inside."""
    return type(kind.__name__, (), {"__module__": kind.__module__, "__qualname__": kind.__qualname__, **what})


def made_with_another_attribute(self):
    self.ways = {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Leg, changed(Leg, __annotations__={"name": str, "rang": list[int]})),
        (Leg, changed(Leg, __annotations__={"name": str, "rings": tuple[int, ...]})),
        (Calls, changed(Calls, __init__=made_with_another_attribute)),
    ],
    ids=["a field has another name", "a field has another type", "an object is made of other things"],
)
def test_another_model_is_noticed(before, after, tmp_path):
    assert fingerprint([before]) == fingerprint([before])
    assert fingerprint([before]) != fingerprint([after])
    Checkpoints(tmp_path, [before]).write(7, {})
    assert Checkpoints(tmp_path, [before]).newest(7).position == 7
    assert Checkpoints(tmp_path, [after]).newest(7) is None


def test_another_member_is_noticed():
    assert fingerprint([Colour]) != fingerprint([StrEnum("Colour", {"BLUE": "blue"}, module=__name__)])


def test_the_mark_of_the_call_model_is_the_same_in_every_process():
    """No address in memory, and no order of a set, is part of it."""
    words = "from cti.adapters.ami.memory import MODEL; from cti.adapters.checkpoint import fingerprint; print(fingerprint(MODEL))"
    other = [
        subprocess.run(
            [sys.executable, "-c", words],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout.decode()
        for seed in ("1", "2")
    ]
    assert other == [f"{fingerprint(MODEL)}\n"] * 2


class Written:
    """Something that is pickled as `getattr(of, name)`."""

    def __init__(self, of, name):
        self.of, self.name = of, name

    def __reduce__(self):
        return getattr, (self.of, self.name)


def test_a_member_of_an_enum_is_read_as_either_python_writes_it(tmp_path):
    checkpoints = Checkpoints(tmp_path, [Colour])
    checkpoints.write(1, Written(Colour, "RED"))  # as Debian 12's 3.11.2 does
    assert checkpoints.newest(1).state is Colour.RED


@pytest.mark.parametrize(
    "written", [Written(Colour, "__class__"), Written([], "append"), Written(Colour, "mro")]
)
def test_nothing_else_of_the_call_model_is_reached(written, tmp_path, caplog):
    checkpoints = Checkpoints(tmp_path, [Colour])
    checkpoints.write(1, written)
    assert checkpoints.newest(1) is None
    assert "UnpicklingError" in caplog.text
