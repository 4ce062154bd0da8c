"""Reconciliation on SQLite and on the real PostgreSQL: repaired once, kept in versions, the same after any crash."""

import asyncio
import json

import pytest
from sqlalchemy import select

from cti.adapters.call_rows import write_wrap_ups
from cti.adapters.call_tables import SEGMENTS
from cti.domain.casework import Case
from cti.domain.gaps import GapKind, GapState
from cti.domain.identifiers import CallId
from cti.domain.records import Lasting, Outcome
from cti.ports import WrapUpRow
from tests.cti.reconciling import wanted
from tests.cti.replaying import SCENARIOS, TRACES, hear, raw, signals_of
from tests.ports.ledger_house import ledger_house

SCENES = (
    "answered_caller_ends",
    "abandoned_waiting",
    "attended_to_queue_waiting",
    "queue_timeout_varset",
    "holds",
)
LONG_AFTER = 4_000_000.0


def ledger_of(scenarios) -> str:
    lines = [
        line
        for scenario in scenarios
        for line in (TRACES / scenario / "queue_log").read_text(errors="replace").splitlines()
    ]
    return "".join(line + "\n" for line in sorted(lines, key=lambda line: int(line.partition("|")[0])))


def records(*scenarios):
    return [record for scenario in scenarios for record in hear(signals_of(raw(scenario))).records]


END = max(visit["ended"] for scenario in SCENES for visit in wanted(scenario).values())
BEGIN = min(visit["entered"] for scenario in SCENES for visit in wanted(scenario).values())


async def disagreements(house, scenarios) -> list[str]:
    """Against the truth beside the traces, by callid."""
    truth = {key: visit for scenario in scenarios for key, visit in wanted(scenario).items()}
    ours = {visit.uniqueid: visit for visit in await house.visits()}
    found = []
    if len(ours) != len(await house.visits()) or len(ours) != len(truth):
        found.append(f"{len(ours)} visits for {len(truth)}")
    for (callid, _), there in truth.items():
        visit = ours[callid]
        waited, talked = there.get("hold", there.get("wait")), there.get("talk")
        if visit.outcome != there["outcome"] or visit.agent != there.get("agent"):
            found.append(f"{callid}: {visit.outcome} {visit.agent}")
        if abs(visit.wait_seconds - waited) > 1.1:
            found.append(f"{callid}: waited {visit.wait_seconds} for {waited}")
        if talked is not None and abs(visit.talk_seconds + (visit.hold_seconds or 0) - talked) > 1.1:
            found.append(f"{callid}: talked {visit.talk_seconds} for {talked}")
    return found


async def everything(house) -> str:
    """All that counts, to compare two databases; when a thing was found does not."""
    visits = sorted(map(repr, await house.visits()))
    segments = sorted(map(repr, await house.calls.segments(0, 4e9)))
    offers = sorted(map(repr, await house.calls.offers(0, 4e9)))
    found = [{**one, "found_at": 0} for one in await house.found()]
    return json.dumps([visits, segments, offers, sorted(map(repr, found))])


async def test_what_agrees_is_left_alone(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        await house.keep(*records(*SCENES))
        before = await house.visits()
        house.queue_log.write_text(ledger_of(SCENES))
        await house.settle()
        assert await house.visits() == before
        assert await house.found() == []
        assert set(house.reconciler.drift().values()) == {0}
        assert house.published == []
        assert house.reconciler.verification().verified_until == END + 60 - 5


async def test_what_was_never_heard_comes_from_the_ledger(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        house.gaps.missing(GapKind.OWN_RESTART, BEGIN - 5, END + 5)
        house.queue_log.write_text(ledger_of(SCENES))
        await house.settle()
        assert await disagreements(house, SCENES) == []
        assert {(one["kind"], one["state"], one["cause"]) for one in await house.found()} == {
            ("lost", "repaired", "unheard")
        }
        assert set(house.reconciler.drift().values()) == {0}
        # the customer and the tier, by number
        page = await house.calls.calls(50, 0, {})
        assert {row["source"] for row in page.items} == {"ledger"}
        known = [row for row in page.items if row["caller_number"] == "+15550140"]
        assert known and {(row["customer"], row["tier"]) for row in known} == {("c-1", "gold")}
        # told, once each
        assert sorted(event.call for event in house.published) == sorted(row["id"] for row in page.items)
        # and the gap is closed by what was read
        assert house.gaps.open == []
        [gap] = await house.gaps.between(BEGIN, END)
        assert (gap.state, gap.evidence["visits_repaired"]) == (GapState.CLOSED, len(await house.visits()))


async def test_a_correction_is_told_once_though_the_book_was_locked(database_url, tmp_path, monkeypatch):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        house.gaps.missing(GapKind.OWN_RESTART, BEGIN - 5, END + 5)
        house.queue_log.write_text(ledger_of(SCENES[:2]))
        keep_told, refused = house.book.told, []

        async def locked_once(corrections):
            if not refused:
                refused.append(corrections)
                raise OSError
            await keep_told(corrections)

        monkeypatch.setattr(house.book, "told", locked_once)
        with pytest.raises(OSError):
            await house.settle()
        await house.settle()
        assert refused
        told = [event.call for event in house.published]
        assert sorted(told) == sorted(set(told)) != []
        assert await house.book.untold(10) == []


async def test_twice_is_once(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        house.gaps.missing(GapKind.OWN_RESTART, BEGIN - 5, END + 5)
        await house.keep(*records(*SCENES[:2]))
        house.queue_log.write_text(ledger_of(SCENES))
        await house.settle()
        once, told = await everything(house), len(house.published)
        house.again()
        house.clock.at += 60
        await house.settle()
        assert await everything(house) == once
        assert len(house.published) == told


@pytest.mark.parametrize("fatal", range(1, 12))
async def test_a_crash_between_any_two_steps(database_url, tmp_path, fatal, monkeypatch):
    """The n-th transaction is the last; then all begins anew on the same database."""
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        house.gaps.missing(GapKind.OWN_RESTART, BEGIN - 5, END + 5)
        await house.keep(*records(*SCENES[:2]))
        house.queue_log.write_text(ledger_of(SCENES))
        await _crash(house, fatal)
        house.again()
        await house.gaps.look()
        house.gaps.missing(GapKind.OWN_RESTART, BEGIN - 5, END + 5)
        await house.settle()
        assert await disagreements(house, SCENES) == []
        assert set(house.reconciler.drift().values()) == {0}
        for call in {visit.call for visit in await house.visits()}:
            assert len(await house.differences.versions(call)) <= 1


class Died(Exception):
    pass


async def _crash(house, fatal: int) -> None:
    """After so many calls of the stores nothing more happens: before, or behind, the one that counts."""
    calls = 0

    def wrapped(method):
        async def call(*args, **given):
            nonlocal calls
            calls += 1
            if calls == fatal:
                raise Died
            answer = await method(*args, **given)
            calls += 1
            if calls == fatal:
                raise Died
            return answer

        return call

    book, shelf = house.book, house.keeper._shelf
    for place, names in ((book, ("keep", "told")), (shelf, ("advance",)), (house.gaps._book, ("keep",))):
        for name in names:
            setattr(place, name, wrapped(getattr(place, name)))
    try:
        await house.settle()
    except Died:
        return


async def test_a_correction_is_a_version_and_never_silent(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        [record] = records("answered_caller_ends")
        [visit] = record.visits
        wrong = record._replace(visits=(visit._replace(outcome=Outcome.LOST, agent=None),), segments=())
        await house.keep(wrong)
        before = await house.calls.call(record.call)
        house.queue_log.write_text(ledger_of(SCENES[:1]))
        await house.settle()
        assert await disagreements(house, SCENES[:1]) == []
        [version] = await house.differences.versions(record.call)
        assert (version["version"], version["cause"], version["story"]) == (1, "unheard", before)
        assert version["changes"]["1"]["outcome"] == ["lost", "answered"]
        story = await house.calls.call(record.call)
        assert [line["what"] for line in story["timeline"]].count("CallCorrected") == 1
        [row] = (await house.calls.calls(5, 0, {})).items
        assert (row["version"], row["source"], row["agent"]) == (2, "live", visit.agent)
        [segment] = await house.calls.segments(0, 4e9)
        assert (segment.agent, segment.talk_seconds) == (visit.agent, (await house.visits())[0].talk_seconds)


async def test_a_live_record_that_comes_late_does_not_undo_the_repair(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        [record] = records("answered_caller_ends")
        wrong = record._replace(visits=(), segments=(), offers=())
        await house.keep(wrong)
        house.queue_log.write_text(ledger_of(SCENES[:1]))
        await house.settle()
        assert await disagreements(house, SCENES[:1]) == []
        await house.keep(wrong)  # told again, by a replay
        house.clock.at += 10
        await house.settle()
        assert await disagreements(house, SCENES[:1]) == []
        assert [one["version"] for one in await house.differences.versions(record.call)] == [1, 2]


async def test_after_call_work_that_ends_while_a_call_is_compared_is_kept(
    database_url, tmp_path, monkeypatch
):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        [record] = records("answered_caller_ends")
        [visit], [segment] = record.visits, record.segments
        unheard = visit._replace(outcome=Outcome.LOST, agent=None, talk_seconds=None)
        await house.keep(record._replace(visits=(unheard,)))
        judge = Case.judge

        def meanwhile(case, entries):
            judge(case, entries)
            row = WrapUpRow(record.call, segment.channel, 12.5)
            asyncio.run_coroutine_threadsafe(ended(row), loop).result()

        async def ended(row):
            async with house.engine.begin() as connection:
                await connection.run_sync(write_wrap_ups, [row])

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(Case, "judge", meanwhile)
        house.queue_log.write_text(ledger_of(SCENES[:1]))
        await house.settle()
        assert await disagreements(house, SCENES[:1]) == []
        async with house.engine.connect() as connection:
            kept = (await connection.execute(select(SEGMENTS.c.wrap_up_seconds))).scalars().all()
        assert kept == [12.5]


async def test_a_visit_the_ledger_does_not_know(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        await house.keep(*records(*SCENES))
        house.queue_log.write_text(ledger_of(SCENES[1:]))
        await house.settle()
        [extra] = await house.found()
        assert (extra["kind"], extra["state"]) == ("extra", "unexplained")
        assert house.reconciler.drift()["pbx1", "extra"] == 1
        assert house.reconciler.drift()["pbx1", "unexplained"] == 1
        assert house.reconciler.verification().verified_until <= extra["ended_at"]
        house.queue_log.write_text(ledger_of(SCENES))  # its lines came after all, in a new file
        house.clock.at += 10
        await house.settle()
        assert set(house.reconciler.drift().values()) == {0}
        assert [one["state"] for one in await house.found()] == ["resolved"]
        assert await disagreements(house, SCENES) == []  # read again from the beginning, and nothing is twice


async def test_who_took_the_place_of_a_consultation_is_no_stranger(database_url, tmp_path):
    """Found again under his own id, while the ledger's visit goes on under that of the leg whose place he took."""
    scene = "attended_to_queue_waiting"
    async with ledger_house(database_url, tmp_path, END + 600) as house:
        await house.listen_since(BEGIN - 10)
        [record] = records(scene)
        consulted = next(visit for visit in record.visits if visit.uniqueid != record.uniqueid)
        found = consulted._replace(uniqueid=record.uniqueid, number_in_call=len(record.visits) + 1)
        lost = consulted._replace(outcome=Outcome.LOST, agent=None, talk_seconds=None)
        others = [visit for visit in record.visits if visit != consulted]
        await house.keep(record._replace(visits=(*others, lost, found)))
        lines = ledger_of([scene]).splitlines(keepends=True)
        ending = [line for line in lines if f"|{consulted.agent}|COMPLETE" in line]
        assert len(ending) == 1
        house.queue_log.write_text("".join(line for line in lines if line not in ending))
        await house.settle()
        assert [one for one in await house.found() if one["kind"] == "extra"] == []
        async with house.engine.connect() as connection:
            kept = (await connection.execute(select(SEGMENTS.c.agent))).scalars().all()
        assert sorted(kept) == sorted(segment.agent for segment in record.segments)


async def test_an_unexplained_difference_is_drift_and_changes_nothing(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        [record] = records("answered_caller_ends")
        [visit] = record.visits
        await house.keep(record._replace(visits=(visit._replace(agent="999"),)))
        house.queue_log.write_text(ledger_of(SCENES[:1]))
        await house.settle()
        [found] = await house.found()
        assert (found["kind"], found["state"], found["ours"], found["ledger"]) == (
            "agent", "unexplained", "999", visit.agent,
        )  # fmt: skip
        assert (await house.visits())[0].agent == "999"
        assert house.reconciler.drift()["pbx1", "agent"] == 1


async def test_a_call_that_lasts_is_judged_when_it_is_over(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        [record] = records("answered_caller_ends")
        house.live[record.call] = Lasting([])
        house.queue_log.write_text(ledger_of(SCENES[:1]))
        await house.settle()
        assert await house.visits() == []
        assert house.reconciler.drift()["pbx1", "lost"] == 1
        house.live.clear()
        await house.keep(record)
        house.clock.at += 10
        await house.settle()
        assert set(house.reconciler.drift().values()) == {0}
        assert (await house.found())[0]["state"] == "resolved"
        assert await house.differences.versions(record.call) == []


async def test_history_becomes_calls_and_no_news(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + LONG_AFTER) as house:
        house.queue_log.write_text(ledger_of(SCENARIOS))
        await house.settle()
        truth = {key for scenario in SCENARIOS for key in wanted(scenario)}
        assert len(await house.visits()) == len(truth)
        assert house.published == []
        assert await house.found() == []
        assert house.reconciler.verification().verified_until == END + LONG_AFTER - 5


async def test_two_readers_of_one_ledger_do_not_quarrel(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        house.gaps.missing(GapKind.OWN_RESTART, BEGIN - 5, END + 5)
        house.queue_log.write_text(ledger_of(SCENES))
        first = house.reconciler
        house.again()
        for _ in range(4):
            await asyncio.gather(first.round(), house.reconciler.round())
        assert await disagreements(house, SCENES) == []
        for call in {visit.call for visit in await house.visits()}:
            assert len(await house.differences.versions(CallId(call))) == 1
