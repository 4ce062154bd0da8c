"""The command line: exit 0 done, 1 refused with one clear line, 2 wrong usage."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cti.replaying import SCENARIOS, TRACES, truth

REPOSITORY = Path(__file__).parents[2]


def cti(*arguments, cwd=None, env=None, stdin=""):
    import os

    clean = {name: value for name, value in os.environ.items() if not name.startswith("CTI_")}
    return subprocess.run(
        [sys.executable, "-m", "config", *map(str, arguments)],
        check=False,
        cwd=cwd or REPOSITORY,
        env={**clean, "PYTHONPATH": str(REPOSITORY), **(env or {})},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )


def lines(output):
    *rows, last = [json.loads(line) for line in output.splitlines()]
    return rows, last["summary"]


@pytest.mark.parametrize("scenario", SCENARIOS[::6])
def test_replay_and_ledger_tell_the_same_visits(scenario):
    played = cti("replay", TRACES / scenario / "ami.raw", "--json")
    assert (played.returncode, played.stderr) == (0, "")
    calls, summary = lines(played.stdout)
    assert calls == sorted(calls, key=lambda call: call["started_at"])
    assert summary["visits"] == len(truth(scenario))
    assert summary["unexpected_signals"] == 0
    read = cti("ledger", TRACES / scenario / "queue_log", "--json")
    visits, _ = lines(read.stdout)
    from_replay = {(v["uniqueid"], v["queue"], v["agent"]) for call in calls for v in call["visits"]}
    assert {(v["uniqueid"], v["queue"], v["agent"]) for v in visits} == from_replay
    assert visits[0].keys() == calls[0]["visits"][0].keys() if visits else True


def test_replay_of_anything_is_calm(tmp_path):
    junk = tmp_path / "junk.ami"
    junk.write_bytes(bytes(range(256)) * 5000)
    played = cti("replay", junk, "--json")
    assert played.returncode == 0
    assert lines(played.stdout)[0] == []


def test_replay_from_the_middle_of_a_call(tmp_path):
    whole = (TRACES / "holds" / "ami.raw").read_bytes()
    cut = tmp_path / "cut.ami"
    cut.write_bytes(whole[len(whole) // 2 :])
    played = cti("replay", cut, "--json")
    assert played.returncode == 0
    assert lines(played.stdout)[1]["visits"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("replay", "/nowhere.ami"), 1, "/nowhere.ami"),
        (("ledger", "/nowhere"), 1, "/nowhere"),
        (("demo", "--pbx", "nortel"), 1, "simulated or asterisk"),
        (("simulate", "--fastagi", "here"), 1, "host:port"),
        (("user", "add", "x", "--role", "king"), 1, "administrator"),
        (("user", "add", "x", "--role", "agent"), 1, "10 characters"),
        (("customers", "import", "/nowhere.csv"), 1, "/nowhere.csv"),
        (("surveys", "import", "/nowhere.csv"), 1, "/nowhere.csv"),
        (("fly",), 2, "fly"),
        (("replay",), 2, "file"),
        (("ledger", "x", "--threshold", "-1"), 2, "threshold"),
    ],
)
def test_refusals(tmp_path, arguments, code, said):
    answer = cti(*arguments, cwd=tmp_path, stdin="short\n")
    assert answer.returncode == code
    assert said in answer.stderr
    if code == 1:
        assert answer.stderr.startswith("cti: ")
        assert "Traceback" not in answer.stderr


def test_a_bad_customer_file_is_named_line_by_line_and_changes_nothing(tmp_path):
    file = tmp_path / "book.csv"
    file.write_text(
        "name,tier,numbers\nAnna,gold,+12025550101\nBen,diamond,+12025550102\nCleo,iron,+12025550103\n"
    )
    answer = cti("customers", "import", file, cwd=tmp_path)
    assert answer.returncode == 1
    assert "book.csv:3:5: tier:" in answer.stderr
    good = tmp_path / "good.csv"
    good.write_text("name,tier,numbers\nAnna,gold,+12025550101\n")
    assert cti("customers", "import", good, cwd=tmp_path).stdout == "1 added, 0 changed, 0 unchanged\n"


def test_survey_answers_are_taken_over_once_or_not_at_all(tmp_path):
    file = tmp_path / "said.csv"
    said = (
        "number,score,scale,answered_at,comment\n+12025550101,2,5,2026-03-01T10:00:00Z,Nobody called back.\n"
    )
    file.write_text(said + "+12025550102,6,5,2026-03-01T10:00:00Z,\n")
    refused = cti("surveys", "import", file, cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert 'said.csv:3:14: score: "6" is no score; write a whole number from 1 to 5' in refused.stderr
    assert "Nobody called back" not in refused.stderr
    file.write_text(said)
    assert cti("surveys", "import", file, cwd=tmp_path).stdout == "1 new, 0 known already\n"
    again = cti("surveys", "import", file, cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "0 new, 1 known already; nothing was changed\n")


def test_a_wrong_setting_is_one_line(tmp_path):
    answer = cti("serve", cwd=tmp_path, env={"CTI_HTTP__PORT": "eighty"})
    assert answer.returncode == 1
    assert "CTI_HTTP__PORT" in answer.stderr
    assert answer.stderr.count("\n") == 1
