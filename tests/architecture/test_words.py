"""The glossary knows every word, names do not hide behind empty ones, and nothing is left unsaid or undone."""

import ast
import importlib
import inspect
import re
import subprocess
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from cti.domain.kpi import SERVICE_LEVELS
from tests.servers import REPOSITORY

GLOSSARY = (REPOSITORY / "docs/glossary.md").read_text(encoding="utf-8")
PACKAGES = ("config", "qa", "routing", "recordings", "care", "customers", "cti", "simulator")
NAMED_STATES = {"Outcome", "OfferResult", "Direction", "Tier", "Role", "View"}
FORBIDDEN_SUFFIXES = (
    "Manager",
    "Helper",
    "Util",
    "Utils",
    "Handler",
    "Processor",
    "Base",
    "Impl",
    "Data",
    "Info",
)
LONG_FILES: dict[str, str] = {
    "cti/adapters/prometheus.py": "every metric of the contract, with its sentence and its labels, on one page",
    "cti/ports/__init__.py": "one page shows all that the package needs from outside",
    "routing/service/router.py": "all that moves a caller in line, in the one order that keeps his place right",
    "tests/config/test_access.py": "one table says who may use which route",
    "web/src/api/generated.ts": "generated from the description of the API",
}
"""Files over 400 lines, each with the reason why it is better whole."""


def tracked(*patterns: str) -> list[Path]:
    """Files of the repository, those of a change not yet committed included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return [path for line in listed.splitlines() if (path := REPOSITORY / line).is_file()]


def name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def product() -> list[Path]:
    return [path for path in tracked("*.py") if path.relative_to(REPOSITORY).parts[0] in PACKAGES]


def domain_modules() -> Iterator[str]:
    for path in product():
        parts = path.relative_to(REPOSITORY).with_suffix("").parts
        if len(parts) > 1 and parts[1] == "domain":
            yield ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize("word", ["message", "signal", "event", "reaction", "action", "decision"])
def test_the_words_of_the_flow_are_defined(word: str) -> None:
    assert f"**{word}**" in GLOSSARY


def events() -> list[str]:
    modules = [
        importlib.import_module(module) for module in domain_modules() if module.endswith(".domain.events")
    ]
    return [
        name
        for module in modules
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__ and issubclass(kind, tuple)
    ]


def test_every_event_is_defined() -> None:
    found = events()
    assert "CallQueued" in found
    assert [event for event in found if f"| `{event}` |" not in GLOSSARY] == []


def test_no_event_is_defined_that_does_not_exist() -> None:
    defined = re.findall(r"(?m)^\| `([A-Z]\w+)` \|", GLOSSARY)
    assert sorted(defined) == sorted(events())


def test_every_state_and_outcome_is_defined() -> None:
    missing = [
        f"{kind.__module__}.{kind.__name__}.{value}"
        for module in map(importlib.import_module, domain_modules())
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, StrEnum) and kind.__module__ == module.__name__
        if kind.__name__.endswith("State") or kind.__name__ in NAMED_STATES
        for value in kind
        if f"`{value}`" not in GLOSSARY
    ]
    assert missing == []


def test_every_service_level_is_defined_with_its_formula() -> None:
    for service_level, formula in SERVICE_LEVELS.items():
        row = re.search(rf"(?m)^\| `{service_level}`.*\| (.+) \|$", GLOSSARY)
        assert row, service_level
        assert row[1].replace("\N{MINUS SIGN}", "-") == formula.text


def test_no_class_hides_behind_an_empty_word() -> None:
    empty = [
        f"{name(path)}: {node.name}"
        for path in product()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.endswith(FORBIDDEN_SUFFIXES)
    ]
    assert empty == []


def test_long_files_have_a_reason() -> None:
    long = {
        name(path)
        for path in tracked("*.py", "*.ts", "*.tsx")
        if len(path.read_text(encoding="utf-8").splitlines()) > 400
    }
    assert long == set(LONG_FILES)


def found(pattern: str, *files: str) -> list[str]:
    """Lines that match, as `file:line: text`. Patterns are spelled so that they do not match themselves: `T[O]`."""
    expression = re.compile(pattern)
    return [
        f"{name(path)}:{number}: {line.strip()}"
        for path in tracked(*files)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if expression.search(line)
    ]


def test_nothing_is_left_unfinished() -> None:
    pattern = r"\b(T[O]DO|FIXM[E]|XX[X]|NotImplemented[E]rror)\b"
    assert found(pattern, "*.py", "*.ts", "*.tsx", "tools", "Makefile") == []


def test_no_test_is_skipped() -> None:
    assert found(r"\bpytest\.(mark\.)?ski[p]|skipi[f]|importorski[p]|mark\.xfai[l]", "tests") == []


def test_no_machine_and_no_registry_is_named() -> None:
    places = r"/wor[k]/|/far[m]/|/tmp/bash_job[s]|\.librar[y]|/hom[e]/|/roo[t]/"
    hosts = r"https?://[^ ]*(debia[n]|pyp[i]|pythonhoste[d]|npmj[s])"
    assert found(f"{places}|{hosts}", ".") == []


def test_every_exception_from_a_rule_says_why() -> None:
    """The rule's name, two spaces, the reason."""
    exceptions = found(r"#\s*noq[a]|#\s*type:\s*ignor[e]", "*.py")
    reasoned = re.compile(
        r"#\s*noq[a]: [A-Z]+\d+(, ?[A-Z]+\d+)*\s+\S+|#\s*type: ignor[e]\[[\w, -]+\]\s*(#\s*)?\S+"
    )
    assert [line for line in exceptions if not reasoned.search(line)] == []
