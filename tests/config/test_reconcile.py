"""One installation and its ledger: the page of differences, health, marks, and the two commands."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cti.domain.access import Role
from cti.domain.gaps import GapKind
from tests.config.house import client, open_house, until
from tests.cti.reconciling import wanted
from tests.cti.replaying import SCENARIOS, TRACES
from tests.ports.test_reconciliation_store import ledger_of
from tests.servers import REPOSITORY

TEXTS = REPOSITORY / "web" / "src" / "i18n" / "text" / "quality.ts"
DRAWN = {"preflight"}
"""Parts of the operator's answer that the page draws itself."""

VISITS = sum(len(wanted(scenario)) for scenario in SCENARIOS)


async def test_history_gaps_and_marks_over_http(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    async with open_house(tmp_path, ledger={"file": log, "settle_seconds": 1}) as house:
        async with client(house, Role.SUPERVISOR) as browser:
            [switch] = (await browser.get("/api/v1/reconciliation")).json()["switches"]
            assert (switch["ledger"], switch["verified_until"]) == (True, None)
            log.write_text(ledger_of(SCENARIOS))  # it comes later
            one = house.first.reconciler
            await until(lambda: one.verification().verified_until is not None, 20)
            page = (await browser.get("/api/v1/calls", params={"limit": 500})).json()
            assert {item["source"] for item in page["items"]} == {"ledger"}
            told = (await browser.get("/api/v1/reconciliation")).json()
            assert told["total"] == 0
            assert set(told["switches"][0]["drift"].values()) == {0}
            assert told["switches"][0]["ledger_lines"] == len(log.read_text().splitlines())
            for path in ("/api/v1/kpi", "/api/v1/floor"):
                mark = (await browser.get(path)).json()
                assert mark["ledger"] is True
                assert mark["verified_until"] % 60 == 0
                assert mark["gap_since"] is None
                assert [switch["pbx"] for switch in mark["switches"]] == ["pbx1"]
            versions = (
                await browser.get(f"/api/v1/reconciliation/calls/{page['items'][0]['call_id']}")
            ).json()
            assert [(one["cause"], one["story"]) for one in versions["items"]] == [("before_us", None)]

            one.gaps.missing(GapKind.JOURNAL_HOLE, house.clock.now() - 1, house.clock.now() + 3600)
            assert any("journal_hole gap open since" in reason for reason in house.not_ready())
            [told] = (await browser.get("/health/ready")).json()["gaps"]
            assert (told["pbx"], told["kind"]) == ("pbx1", "journal_hole")
            assert (await browser.get("/api/v1/kpi")).json()["gap_since"] is not None
            metrics = (await browser.get("/metrics")).text
            assert 'cti_gaps_open{pbx="pbx1"} 1.0' in metrics
            assert 'cti_ledger_drift{kind="unexplained",pbx="pbx1"} 0.0' in metrics
        async with client(house, Role.OPERATOR) as browser:
            operations = (await browser.get("/api/v1/operations")).json()
            assert operations["reconciliation"][0]["gaps"][0]["kind"] == "journal_hole"
            shown = set(re.findall(r"'operations\.(\w+)'", TEXTS.read_text(encoding="utf-8")))
            assert set(names(operations)) <= shown, "a page in Chinese would say it in English"


def names(said: object) -> Iterator[str]:
    """What the operator's page has to name; a text in both languages is one thing."""
    if isinstance(said, dict) and "en" not in said:
        for key, value in said.items():
            if key not in DRAWN:
                yield key
                yield from names(value)
    elif isinstance(said, list):
        for one in said:
            yield from names(one)


async def test_without_a_ledger_nothing_is_verified_and_nothing_is_alarmed(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.first.reconciler.gaps.missing(GapKind.RECONNECT, house.clock.now() - 5)
        assert not any("gap" in reason for reason in house.not_ready())
        async with client(house, Role.SUPERVISOR) as browser:
            mark = (await browser.get("/api/v1/kpi")).json()
            assert (mark["ledger"], mark["verified_until"]) == (False, None)
            [switch] = (await browser.get("/api/v1/reconciliation")).json()["switches"]
            assert [gap["state"] for gap in switch["gaps"]] == ["unverifiable"]


@pytest.mark.parametrize("path", ["/api/v1/reconciliation", "/api/v1/reconciliation/calls/x"])
async def test_nobody_sees_it_without_signing_in(tmp_path: Path, path: str) -> None:
    async with open_house(tmp_path) as house:
        async with client(house) as browser:
            assert (await browser.get(path)).status_code == 401
        async with client(house, Role.AGENT) as browser:
            assert (await browser.get("/api/v1/reconciliation/calls/x")).status_code == 403


# the command line -------------------------------------------------------------------------------------------------


def cti(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CTI_")}
    told = {
        "CTI_DEMO": "true",
        "CTI_DATABASE__URL": f"sqlite+aiosqlite:///{folder / 'tierline.db'}",
        "PYTHONPATH": str(REPOSITORY),
        **settings,
    }
    return subprocess.run(
        [sys.executable, "-m", "config", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**clean, **told},
    )


def test_an_old_ledger_is_imported_once_however_often(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(ledger_of(SCENARIOS))
    once = cti(tmp_path, "ledger", "import", str(log))
    assert (once.returncode, once.stderr) == (0, "")
    assert f"{VISITS} visits: {VISITS} new, 0 known already" in once.stdout
    twice = cti(tmp_path, "ledger", "import", str(log))
    assert f"{VISITS} visits: 0 new, {VISITS} known already" in twice.stdout
    compared = cti(tmp_path, "reconcile", "--json", CTI_LEDGER__FILE=str(log))
    assert compared.returncode == 0
    *differences, last = map(json.loads, compared.stdout.splitlines())
    assert differences == []
    [switch] = last["summary"]
    assert set(switch["drift"].values()) == {0}


def test_two_files_are_one_history(tmp_path: Path) -> None:
    lines = ledger_of(SCENARIOS).splitlines(keepends=True)
    cut = next(place for place, told in enumerate(lines) if "|ENTERQUEUE|" in told and place > 50) + 1
    (tmp_path / "old").write_text("".join(lines[:cut]))
    (tmp_path / "new").write_text("".join(lines[cut:]))
    done = cti(tmp_path, "ledger", "import", str(tmp_path / "old"), str(tmp_path / "new"), "--pbx", "branch")
    assert f"{VISITS} new" in done.stdout
    first = cti(tmp_path, "ledger", "import", str(tmp_path / "old"))
    assert "still open at the end: import the file that follows" in first.stdout


@pytest.mark.parametrize("content", ["not a ledger\n" * 20, "\x00\x01\x02\n", "1;2;3\n"])
def test_a_file_that_is_none_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "file").write_text(content)
    done = cti(tmp_path, "ledger", "import", str(tmp_path / "file"))
    assert (done.returncode, done.stdout) == (1, "")
    [sentence] = done.stderr.splitlines()
    assert "is a line of a queue_log" in sentence


def test_reconcile_fails_when_something_is_unexplained(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text((TRACES / "answered_caller_ends" / "queue_log").read_text())
    assert cti(tmp_path, "ledger", "import", str(log)).returncode == 0
    import sqlite3

    with sqlite3.connect(tmp_path / "tierline.db") as database:
        database.execute("update visits set agent = '999'")
        database.execute("update ledger_visits set state = 'waiting'")
        database.execute("update ledger_cursors set began_at = 1")
    done = cti(tmp_path, "reconcile", "--json", CTI_LEDGER__FILE=str(log))
    assert done.returncode == 1
    assert "1 differences are unexplained" in done.stderr
    [difference, _] = map(json.loads, done.stdout.splitlines())
    assert (difference["kind"], difference["state"], difference["ours"]) == ("agent", "unexplained", "999")
    elsewhen = cti(tmp_path, "reconcile", "--from", "2030-01-01", CTI_LEDGER__FILE=str(log))
    assert elsewhen.returncode == 0


def test_reconcile_says_what_is_missing(tmp_path: Path) -> None:
    assert "no ledger is configured" in cti(tmp_path, "reconcile").stderr
    assert "the ledger is missing" in cti(tmp_path, "reconcile", CTI_LEDGER__FILE=str(tmp_path / "no")).stderr
    both = cti(
        tmp_path, "reconcile", CTI_LEDGER__FILE="a", CTI_LEDGER__DATABASE_URL="postgresql+asyncpg://x/y"
    )
    assert both.returncode == 1
    assert len(both.stderr.splitlines()) == 1
    assert "say one of them" in both.stderr
