"""Gaps on SQLite and on the real PostgreSQL: open until the ledger has shown what lay in them, and no longer."""

import pytest
from sqlalchemy import select

from cti.adapters.call_tables import SEGMENTS
from cti.adapters.gap_store import SqlGaps
from cti.domain.gaps import GapKind, GapState
from cti.domain.records import Lasting
from cti.service.gap_keeper import GapKeeper
from tests.cti.replaying import TRACES, bridged
from tests.ports.ledger_house import PBX, ledger_house
from tests.ports.test_reconciliation_store import BEGIN, END, SCENES, ledger_of, records


async def test_a_conversation_of_no_queue_is_measured_by_the_bridges_of_the_switch(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        [record] = records("answered_caller_ends")
        [segment] = record.segments
        too_long = segment._replace(queue=None, talk_seconds=99.0, ended_at=segment.began_at + 99.0)
        await house.keep(record._replace(visits=(), offers=(), segments=(too_long,)))
        house.gaps.missing(GapKind.OWN_RESTART, segment.began_at + 1, segment.began_at + 100)
        house.witness(TRACES / "answered_caller_ends" / "cel.csv")
        house.queue_log.write_text("")
        house.clock.at = segment.began_at + 200
        await house.settle()
        assert house.gaps.open == []
        async with house.engine.connect() as connection:
            talked = (await connection.execute(select(SEGMENTS.c.talk_seconds))).scalars().all()
        assert talked == [pytest.approx(bridged("answered_caller_ends")[segment.channel], abs=0.05)]
        [version] = await house.differences.versions(record.call)
        assert version["cause"] == "unheard"
        changed = version["changes"]["segments"][segment.channel]
        assert version["changes"].keys() == {"segments"}  # the call and its visits are as they were
        assert changed["talk_seconds"] == [99.0, talked[0]]
        assert changed["ended_at"][0] == too_long.ended_at


async def test_a_gap_stays_open_until_the_ledger_is_read_beyond_it(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        house.gaps.missing(GapKind.RECONNECT, END - 1, END + 58)
        house.queue_log.write_text("")
        await house.settle()
        assert [gap.state for gap in house.gaps.open] == [GapState.OPEN]  # the margin is not over
        assert house.reconciler.verification().gap_since == END - 1
        house.clock.at += 10
        house.queue_log.unlink()
        await house.settle()
        assert len(house.gaps.open) == 1
        assert house.keeper.state == "missing"
        assert house.reconciler.verification().verified_until is None
        house.queue_log.write_text(ledger_of(SCENES[:1]))
        await house.settle()
        assert house.gaps.open == []


async def test_calls_that_last_keep_a_gap_open_and_nobody_waiting(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END + 60) as house:
        await house.listen_since(BEGIN - 10)
        house.gaps.missing(GapKind.OWN_RESTART, BEGIN - 5, END + 5)
        entering = ledger_of(SCENES[:1]).splitlines(keepends=True)
        house.queue_log.write_text("".join(line for line in entering if "COMPLETE" not in line))
        assert len(house.gaps.behind) == 1
        await house.settle()
        assert len(house.gaps.open) == 1  # somebody talks
        assert house.gaps.behind == []

        [record] = records(SCENES[0])
        house.live[record.call] = Lasting([])
        house.queue_log.write_text("".join(entering))
        house.again()
        await house.gaps.look()
        assert len(house.gaps.behind) == 1
        await house.settle()
        assert len(house.gaps.open) == 1  # his visit is over and unheard of, his call lasts
        assert house.gaps.behind == []

        house.live.clear()
        await house.keep(record)
        house.clock.at += 10
        await house.settle()
        assert house.gaps.open == []


async def test_without_a_ledger_a_gap_cannot_be_verified(database_url, tmp_path):
    async with ledger_house(database_url, tmp_path, END) as house:
        gaps = GapKeeper(PBX, SqlGaps(house.engine, PBX), house.clock, verifiable=False)
        gaps.missing(GapKind.RECONNECT, END - 10, END)
        await gaps.step()
        assert gaps.open == []
        [gap] = await gaps.between(END - 20, END)
        assert gap.state is GapState.UNVERIFIABLE
