"""Whatever stands in the audit log or in a list of rights has words in both languages, and what says nothing is not written."""

import re
from pathlib import Path

import pytest

from config.http_door import CHANGING_NOTHING, SAFE
from config.server import create_app
from cti.domain.access import Permission
from cti.domain.reachability import Cause
from cti.domain.supervision import SpyMode
from tests.config.house import open_house
from tests.config.test_access import walked

ROOT = Path(__file__).parents[2]
PACKAGES = ("cti", "customers", "routing", "recordings", "care", "qa", "config")

TOLD = re.compile(r"""(?:audit|record|_written)\(\s*[\w.]+,\s*f?"([^"]+)\"""")
FILLED_IN = {
    "{mode}": tuple(SpyMode),
    "{asked.mode}": tuple(SpyMode),
    "{what}": ("began", "ended"),
    "{cause.value}": tuple(Cause),
    "{one.cause.value}": tuple(Cause),
    "{purpose}": ("make", "transfer", "consult"),
}
"""What stands in the places of deeds that are put together."""

TELL_THEMSELVES = {
    "session.sign_in", "account.change_password", "account.confirm", "account.end", "account.end_others", "account.end_one",
    "account.add_token", "account.revoke_token", "users.add", "users.change", "users.end_sessions", "users.end_session",
    "users.take_second_factor", "users.revoke_token", "routing.keep", "routing.go_live", "routing.begin", "routing.end", "control.spy", "waiting.first",
    "agents.force_logoff", "notes.send", "jobs.retry", "webhooks.add", "webhooks.remove", "webhooks.replay",
    "control.pause", "control.resume", "keeping.put", "keeping.lift", "keeping.erase",
    "callbacks.ask", "callbacks.cancel", "callbacks.reschedule", "rescues.call", "rescues.close",
    "recordings.write", "recordings.remove", "recordings.share",
    "scorecard-drafts.publish",
}  # fmt: skip
"""Routes that write their deed in words of their own, which are found in the text of the program."""


def spelt_out(deed: str) -> set[str]:
    for place, values in FILLED_IN.items():
        if place in deed:
            return {one for value in values for one in spelt_out(deed.replace(place, value))}
    return {deed}


def told_in_own_words() -> set[str]:
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    texts = (file.read_text(encoding="utf-8") for file in files)
    return {deed for text in texts for found in TOLD.findall(text) for deed in spelt_out(found)}


async def told_for_the_route(folder: Path) -> set[str]:
    async with open_house(folder) as house:
        routes = [one for one in walked(create_app(house).routes) if getattr(one, "methods", None)]
        return {
            f"{one.path.removeprefix('/api/v1').strip('/').partition('/')[0]}.{one.name}"
            for one in routes
            if one.methods - SAFE
        }


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Keys of the pages' texts; that each has both languages, the compiler demands."""
    texts = (file.read_text(encoding="utf-8") for file in (ROOT / "web/src/i18n/text").glob("*.ts"))
    return {key for text in texts for key in re.findall(r"^  '([^']+)': \[", text, re.MULTILINE)}


def test_every_right_has_words(words):
    assert {f"permission.{right}" for right in Permission} - words == set()


async def test_every_deed_in_the_audit_log_has_words(words, tmp_path):
    deeds = told_in_own_words() | await told_for_the_route(tmp_path) - TELL_THEMSELVES - CHANGING_NOTHING
    assert len(deeds) > 60
    assert {f"audited.{deed}" for deed in deeds | {"denied"}} - words == set()


def test_how_a_call_sounded_is_no_deed():
    """It is sent by itself after every call of a softphone."""
    assert "calls.keep" in CHANGING_NOTHING
