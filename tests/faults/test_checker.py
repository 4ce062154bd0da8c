"""The checker is itself checked: of a case in which all is right one thing is spoilt, and it must object, by the right kind."""

import ast
import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.checker import check
from tests.faults.findings import Finding
from tests.faults.good_case import PBX, from_the_simulator, from_traces, lines
from tests.faults.spoilt import SPOILT, Case, a_call_deleted, a_drift, an_open_gap
from tests.servers import REPOSITORY

WITNESSES = ("changes", "evidence", "findings", "told")


# --- the tests ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def good_traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return from_traces(tmp_path_factory.mktemp("traces"))


@pytest.fixture(scope="module")
def good_simulation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(from_the_simulator(tmp_path_factory.mktemp("simulated")))


@pytest.fixture(params=["good_traces", "good_simulation"])
def good(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def test_a_good_case_is_good(good: Path) -> None:
    assert len((good / PBX / "queue_log").read_text().splitlines()) > 80
    assert check(good) == []


@pytest.mark.parametrize("name", SPOILT)
def test_it_objects(name: str, good: Path, tmp_path: Path) -> None:
    kind, spoil = SPOILT[name]
    for number in range(3):
        folder = shutil.copytree(good, tmp_path / str(number))
        case = Case(folder, f"{name} {number}")
        spoil(case)
        findings = check(case.write())
        assert kind in {finding.kind for finding in findings}, findings


def test_what_is_expected_is_overlooked(good: Path, tmp_path: Path) -> None:
    case = Case(shutil.copytree(good, tmp_path / "case"), "expected")
    an_open_gap(case)
    a_drift(case)
    case.write()
    assert len(check(case.folder)) == 2
    (case.folder / "expect.json").write_text(json.dumps({"gaps": ["reconnect"], "drift": ["lost"]}))
    assert check(case.folder) == []


def test_a_repeated_message_is_no_fault(good: Path, tmp_path: Path) -> None:
    case = Case(shutil.copytree(good, tmp_path / "case"), "again")
    case.changes += [
        case.changes[case.change(event)] for event in ("CallQueued", "VisitEnded", "CallCleared")
    ]
    assert check(case.write()) == []


def test_a_restart_of_the_switch_makes_lost_right(tmp_path: Path) -> None:
    switch = tmp_path / PBX
    switch.mkdir()
    (switch / "queue_log").write_text(
        "100|u-1.1|support|NONE|ENTERQUEUE||1|1\n"
        "101|u-1.2|support|NONE|ENTERQUEUE||1|2\n"
        "104|u-1.2|support|101|CONNECT|3|u-1.3|3\n"
        "110|NONE|NONE|NONE|QUEUESTART|\n"
    )
    visit = {
        "queue": "support",
        "joined_at": 100.2,
        "ended_at": 108.0,
        "ended_by": None,
        "hold_seconds": None,
    }
    call = {"state": "cleared", "started_at": 100.0, "ended_at": 108.0, "segments": [], "blocked": []}
    lost = {
        **visit,
        "uniqueid": "u-1.1",
        "outcome": "lost",
        "wait_seconds": None,
        "agent": None,
        "talk_seconds": None,
    }
    cut = {**visit, "uniqueid": "u-1.2", "outcome": "answered", "wait_seconds": 3.1, "joined_at": 101.0, "agent": "101",
           "talk_seconds": 4.0}  # fmt: skip
    calls = [
        {**call, "call_id": f"{PBX}:{one['uniqueid']}", "uniqueid": one["uniqueid"], "visits": [one]}
        for one in (lost, cut)
    ]
    lines(tmp_path / "export.jsonl", [{"call": one} for one in calls])
    assert check(tmp_path) == []
    cut["talk_seconds"] = 9.0  # longer than the switch lived
    lost["outcome"] = "abandoned"  # guessed
    lines(tmp_path / "export.jsonl", [{"call": one} for one in calls])
    assert [finding.kind for finding in check(tmp_path)] == ["wrong", "wrong"]


def test_rotated_and_half_written_ledgers(good: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(good, tmp_path / "case")
    file = folder / PBX / "queue_log"
    whole = file.read_bytes().splitlines(keepends=True)
    for name, part in (("queue_log.0", whole[:30]), ("queue_log.1", whole[30:60]), ("queue_log", whole[60:])):
        (folder / PBX / name).write_bytes(b"".join(part))
    with file.open("ab") as ledger:
        ledger.write(b"17953")
    assert check(folder) == []


def test_the_command_prints_the_list(good: Path, tmp_path: Path) -> None:
    def run(folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "tests.faults.checker", str(folder)], cwd=REPOSITORY,
                              capture_output=True, text=True, check=False)  # fmt: skip

    assert (run(good).returncode, run(good).stdout) == (0, "")
    case = Case(shutil.copytree(good, tmp_path / "case"), "command")
    a_call_deleted(case)
    answer = run(case.write())
    assert answer.returncode == 1
    assert answer.stdout.startswith("lost: visit of ")
    assert run(tmp_path / "nothing").returncode == 2


def test_it_shares_no_code_with_the_product() -> None:
    here = Path(__file__).parent
    own = {f"tests.faults.{name}" for name in WITNESSES}
    for file in (f"{name}.py" for name in (*WITNESSES, "checker")):
        for node in ast.walk(ast.parse((here / file).read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name in own or name.partition(".")[0] in sys.stdlib_module_names, (file, name)


def test_findings_read_as_sentences() -> None:
    assert str(Finding("lost", "visit of x in support")) == "lost: visit of x in support"
