"""The maps (README, docs/architecture.md) show the house as it stands."""

import re
import tomllib

import pytest

from tests.servers import REPOSITORY

ARCHITECTURE = (REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8")
LINTER = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]


def column(heading: str) -> list[str]:
    """The first cells of the table under a heading."""
    section = ARCHITECTURE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"(?m)^\| `(\w+)` \|", section)


def test_the_packages_are_those_of_the_tree_and_the_contracts() -> None:
    packages = sorted(path.parent.name for path in REPOSITORY.glob("*/__init__.py"))
    assert sorted(column("Packages")) == packages == sorted(LINTER["root_packages"])


def test_the_rooms_are_those_of_the_contracts() -> None:
    layers = next(contract["layers"] for contract in LINTER["contracts"] if "exhaustive" in contract)
    assert sorted(column("Rooms")) == sorted(re.findall(r"\w+", " ".join(layers)))


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_what_the_maps_name_exists(page: str) -> None:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:config|qa|routing|recordings|customers|cti|docs|tools)/[\w./-]*)`", text))
    links = {
        f"{page.rpartition('/')[0]}/{link}".lstrip("/")
        for link in re.findall(r"\]\((?!http)([^)#]+)\)", text)
    }
    assert paths
    assert [path for path in sorted(paths | links) if not (REPOSITORY / path).exists()] == []


def test_the_first_screen_shows_the_two_commands() -> None:
    first_screen = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()[:20]
    assert [line.split("#")[0].strip() for line in first_screen if line.startswith("make ")] == [
        "make run",
        "make test",
    ]
