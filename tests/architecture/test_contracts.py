"""The law of the house (`[tool.importlinter]`) holds, and is able to fail."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import REPOSITORY

LINT = Path(sys.executable).with_name("lint-imports")
PURE = {
    *(
        "__future__",
        "abc",
        "ast",
        "base64",
        "bisect",
        "calendar",
        "codecs",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
    ),
    *(
        "decimal",
        "difflib",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "hmac",
        "inspect",
        "itertools",
        "json",
        "math",
    ),
    *(
        "operator",
        "re",
        "statistics",
        "string",
        "struct",
        "textwrap",
        "types",
        "typing",
        "unicodedata",
        "zoneinfo",
    ),
}
"""What a domain may take from outside: nothing that reads, writes, waits, asks the time or rolls dice."""


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_the_contracts_hold() -> None:
    result = lint(REPOSITORY)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages alone, to break them."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    for package in REPOSITORY.glob("*/__init__.py"):
        shutil.copytree(
            package.parent,
            folder / package.parent.name,
            ignore=lambda path, names: [
                name for name in names if not name.endswith(".py") and not (Path(path) / name).is_dir()
            ],
        )
    return folder


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("cti/service/bad.py", "import config.settings", "Six packages, one direction"),
        ("routing/domain/bad.py", "import recordings.domain.recording", "Six packages, one direction"),
        ("cti/domain/bad.py", "import cti.ports", "Five rooms in every package"),
        ("customers/tools.py", "", "Five rooms in every package"),
        ("cti/adapters/bad.py", "import cti.service.wallboard", "Adapters never call services"),
        ("cti/domain/bad.py", "import time", "The domain touches nothing outside"),
        ("qa/domain/bad.py", "from os import path", "The domain touches nothing outside"),
        ("recordings/domain/bad.py", "import sqlalchemy", "The domain touches nothing outside"),
        ("routing/adapters/bad.py", "import cti.adapters.clock", "Neighbours meet in the domain: cti"),
        ("routing/adapters/bad.py", "import customers.ports", "Neighbours meet in the domain: customers"),
        ("qa/adapters/bad.py", "import recordings.adapters", "Neighbours meet in the domain: recordings"),
        (
            "simulator/bad.py",
            "import cti.domain.calls",
            "The simulator stands beside: it knows nothing of us",
        ),
        ("cti/service/bad.py", "import simulator", "The simulator stands beside: only config starts it"),
        ("cti/adapters/bad.py", "import panoramisk", "One door: panoramisk"),
        ("cti/service/bad.py", "import aiomqtt", "One door: aiomqtt"),
        ("cti/service/bad.py", "import sqlalchemy", "One door: SQL"),
        ("recordings/service/bad.py", "import fastapi", "One door: HTTP"),
        ("customers/adapters/bad.py", "import starlette.requests", "One door: HTTP"),
        ("config/bad.py", "import yaml", "One door: YAML"),
        ("recordings/adapters/bad.py", "import asyncpg", "Only config: what a program runs on"),
    ],
)
def test_a_violation_is_caught(copy: Path, module: str, line: str, contract: str) -> None:
    bad = copy / module
    if not bad.parent.exists():  # the room is a single file: say it there
        bad = bad.parent.with_suffix(".py")
    before = bad.read_text(encoding="utf-8") if bad.exists() else None
    bad.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        result = lint(copy)
    finally:
        if before is None:
            bad.unlink()
        else:
            bad.write_text(before, encoding="utf-8")
    assert result.returncode == 1, result.stdout
    assert f"{contract} BROKEN" in result.stdout


def test_the_copy_itself_is_sound(copy: Path) -> None:
    assert lint(copy).returncode == 0


def outside(path: Path) -> set[str]:
    """Top-level names a module imports from beyond the project."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names - {package.parent.name for package in REPOSITORY.glob("*/__init__.py")}


def test_domains_take_only_what_is_pure_from_outside() -> None:
    modules = [path for path in REPOSITORY.glob("*/domain/**/*.py") if path.parts[-1] != "__pycache__"]
    assert modules
    impure = {
        str(path.relative_to(REPOSITORY)): sorted(outside(path) - PURE)
        for path in modules
        if outside(path) - PURE
    }
    assert impure == {}
