"""Versions of the policy: kept, told apart, tried on a past day, made live, on both databases."""

import asyncio
import threading
from contextlib import asynccontextmanager

import pytest

from cti.adapters.database import connect
from cti.domain.identifiers import Tier
from routing.adapters.policy_file import parse
from routing.adapters.policy_shelf import SqlPolicyShelf
from routing.domain.dry_run import Stay, compare, play, quantile
from routing.domain.errors import PolicyRefused, UnknownVersion
from routing.domain.estimate_error import EstimateErrors
from routing.service.policy_desk import PolicyDesk
from tests.shapes import shaped

NOW = 1_800_000_000.0
FILE = "tiers:\n  platinum: {credit: 600}\n  gold: {credit: 300}\n  iron: {credit: 0}\n  lead: {credit: 0}\n"
FLAT = FILE.replace("600", "0").replace("300", "0")


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> float:
        self.time += 1
        return self.time


@asynccontextmanager
async def desk_on(url, file=FILE):
    engine = connect(url)
    taken, days = [], []

    async def stays(start, end):
        days.append((start, end))
        return DAY

    def read(text):
        return parse(text, "routing.yaml")

    desk = PolicyDesk(SqlPolicyShelf(engine), read, file, stays, Clock(), taken.append)
    desk.taken, desk.days = taken, days
    try:
        await desk.open()
        yield desk
    finally:
        await engine.dispose()


# Two are answered at 100 and 200; gold came last. Without credits it goes by the order of coming.
DAY = [
    Stay("support", Tier.IRON, 10.0, 200.0, True),
    Stay("support", Tier.GOLD, 20.0, 100.0, True),
    Stay("support", Tier.LEAD, 5.0, 50.0, False),
]


async def test_versions_live_and_back_again_and_after_a_restart(tmp_path):
    url = f"sqlite+aiosqlite:///{shaped(tmp_path / 'tierline.db')}"
    async with desk_on(url) as desk:
        assert [(v.number, v.author, v.text) for v in await desk.versions()] == [(1, "routing.yaml", FILE)]
        assert (desk.live, desk.policy.version) == (1, 1)
        kept = await desk.keep("Ann", "no credits", FLAT)
        assert (kept.number, desk.live) == (2, 1)
        assert desk.policy.credits[Tier.GOLD] == 300
        await desk.go_live(2)
        assert (desk.live, desk.policy.credits[Tier.GOLD], desk.taken[-1].version) == (2, 0, 2)
        with pytest.raises(PolicyRefused):
            await desk.keep("Ann", "nonsense", "tiers: {}")
        with pytest.raises(UnknownVersion):
            await desk.go_live(3)
    async with desk_on(url) as desk:  # the file is the one of version 1: what was live stays
        assert (desk.live, len(await desk.versions())) == (2, 2)
        await desk.go_live(1)
        assert desk.policy.credits[Tier.GOLD] == 300
    async with desk_on(url, FILE.replace("300", "240")) as desk:  # somebody edited the file
        assert (desk.live, desk.policy.credits[Tier.GOLD]) == (3, 240)


async def test_a_file_put_back_to_what_it_was_goes_live_again(tmp_path):
    url, edited = f"sqlite+aiosqlite:///{shaped(tmp_path / 'tierline.db')}", FILE.replace("300", "240")
    for number, (file, gold) in enumerate([(FILE, 300), (edited, 240), (FILE, 300)], 1):
        async with desk_on(url, file) as desk:
            assert (desk.live, desk.policy.credits[Tier.GOLD]) == (number, gold)
    async with desk_on(url, FILE) as desk:
        assert (desk.live, len(await desk.versions())) == (3, 3)


async def test_an_edited_file_of_which_the_server_died_before_it_was_live_goes_live(tmp_path):
    url = f"sqlite+aiosqlite:///{shaped(tmp_path / 'tierline.db')}"
    async with desk_on(url) as desk:
        await desk._shelf.add(NOW, "routing.yaml", "As shipped or edited in the file.", FLAT)
    async with desk_on(url, FLAT) as desk:
        assert (desk.live, desk.policy.credits[Tier.GOLD]) == (2, 0)


async def test_what_went_live_last_is_live_after_a_restart_also_when_the_clock_was_set_back(
    database_url, caplog
):
    async with desk_on(database_url) as desk:
        await desk.keep("Ann", "no credits", FLAT)
        desk._clock.time += 3600
        await desk.go_live(1)
        desk._clock.time -= 3600
        await desk.go_live(2)
    async with desk_on(database_url) as desk:
        assert desk.live == 2
    assert "version 2 of the routing policy is live, not what the file says" in caplog.text


async def test_a_live_version_that_cannot_be_read_any_more_locks_nobody_out(tmp_path):
    url = f"sqlite+aiosqlite:///{shaped(tmp_path / 'tierline.db')}"
    async with desk_on(url) as desk:
        old = await desk._shelf.add(NOW, "Ann", "of an older Tierline", FLAT + "moods: {}\n")
        await desk._shelf.make_live(old.number, NOW + 50)
    async with desk_on(url) as desk:
        assert (desk.live, desk.policy.credits[Tier.GOLD]) == (0, 300)
        assert await desk.difference(FILE) == []
        assert "+moods: {}" in await desk.difference((await desk.version(2)).text)
        await desk.go_live(1)
        assert desk.live == 1


async def test_texts_are_read_beside_the_loop(tmp_path, monkeypatch):
    """Callers are routed by it meanwhile, and half a second is all the switch waits."""
    async with desk_on(f"sqlite+aiosqlite:///{shaped(tmp_path / 'tierline.db')}") as desk:
        where, read = [], desk._read
        desk._read = lambda text: where.append(threading.current_thread()) or read(text)
        await desk.mistakes(FLAT)
        await desk.keep("Ann", "no credits", FLAT)
        await desk.go_live(2)
        await desk.dry_run(1)
        assert len(where) == 4
        assert threading.main_thread() not in where


async def test_a_version_is_kept_alike_on_every_database(database_url):
    async with desk_on(database_url) as desk:
        await desk.keep("王芳", "试试", FLAT)
        assert [(v.number, v.author, v.note, v.live_at is None) for v in await desk.versions()] == [
            (2, "王芳", "试试", True),
            (1, "routing.yaml", "As shipped or edited in the file.", False),
        ]


async def test_versions_kept_at_the_same_moment_get_numbers_of_their_own(database_url):
    async with desk_on(database_url) as desk:
        kept = await asyncio.gather(*(desk._shelf.add(NOW, "Ann", str(n), FLAT) for n in range(8)))
        assert sorted(version.number for version in kept) == list(range(2, 10))
        assert len(await desk.versions()) == 9


async def test_mistakes_are_told_with_their_lines(tmp_path):
    async with desk_on(f"sqlite+aiosqlite:///{shaped(tmp_path / 'tierline.db')}") as desk:
        assert await desk.mistakes(FILE) == []
        told = await desk.mistakes(FILE.replace("300", "-1") + "hours: {a: {mon: [], closed: '?'}}\n")
        assert [(mistake.line, mistake.place) for mistake in told] == [
            (3, "tiers.gold.credit"),
            (6, "hours.a.closed"),
        ]


async def test_a_dry_run_of_a_day(tmp_path):
    async with desk_on(f"sqlite+aiosqlite:///{shaped(tmp_path / 'tierline.db')}") as desk:
        await desk.keep("Ann", "no credits", FLAT)
        found = await desk.dry_run(2, NOW)
        assert desk.days == [(NOW - 86_400, NOW)]
        assert (found.callers, found.fidelity_seconds) == (3, 0.0)
        gold, iron = found.tiers[Tier.GOLD], found.tiers[Tier.IRON]
        assert (gold.median_before, gold.median_after, gold.longer, gold.shorter) == (80.0, 180.0, 1, 0)
        assert (iron.median_before, iron.median_after, iron.longer, iron.shorter) == (190.0, 90.0, 0, 1)
        assert (iron.overtaken_before, iron.overtaken_after) == (1, 0)
        assert found.tiers[Tier.LEAD].answered_before == 0


def test_who_leaves_is_answered_only_before_he_left():
    first_come = parse(FLAT, "r")
    stays = [Stay("q", Tier.IRON, 0.0, 30.0, False), Stay("q", Tier.IRON, 1.0, 20.0, True), Stay("q", Tier.IRON, 2.0, 40.0, True)]  # fmt: skip
    assert dict(play(stays, first_come).waits) == {0: 20.0, 1: 39.0}  # two moments: the third is not reached


def test_the_same_policy_changes_nothing():
    found = compare(DAY, parse(FILE, "r"), parse(FILE, "r"))
    assert all((one.longer, one.shorter) == (0, 0) for one in found.tiers.values())


def test_quantiles_are_values_that_were_seen():
    assert [quantile(range(1, 11), share) for share in (0.1, 0.5, 0.9, 0.95)] == [1, 5, 9, 10]
    assert quantile([], 0.5) is None


def test_the_error_of_estimates():
    errors = EstimateErrors()
    for actual in range(1, 11):
        errors.add(5.0, float(actual))
    assert errors.summary() == (10, 0.0, -4.0, 4.0)


async def test_a_promise_is_held_against_what_came(stage):
    for n in range(1, 6):
        stage.router.decide_at_once(stage.question(f"1.{n}", None))
        stage.queued(f"1.{n}", None)
    for n in range(1, 6):
        stage.clock.time += 10
        stage.ended(f"1.{n}")
    told = stage.router.decide_at_once(stage.question("1.6", None))
    assert told.variables == (("CTI_ESTIMATE", "10"),)
    stage.queued("1.6", None)  # ten seconds between two answers: in ten seconds
    stage.clock.time += 17
    stage.ended("1.6", joined_at=stage.clock.time - 17)
    assert stage.router.estimates.summaries() == {"support": (1, 7.0, 7.0, 7.0)}


async def test_a_new_policy_moves_who_waits(stage):
    stage.people.add("100", Tier.GOLD, remembered=True)
    before = stage.router.decide_at_once(stage.question("1.1", "100"))
    stage.queued("1.1", "100")
    stage.router.policy_changed(parse(FLAT, "r")._replace(version=7))
    await stage.settle()
    assert stage.switch.moves == [("support", "PJSIP/trunk-1.1", before.priority - 300)]
    after = stage.decision("pbx:1.1")
    assert (after.policy_version, after.corrections[0].why.text("en")) == (
        7, "Moved because the routing policy changed: gold."
    )  # fmt: skip
