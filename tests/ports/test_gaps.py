"""Gaps on SQLite and on the real PostgreSQL: open until the ledger has shown what lay in them, and no longer."""

import pytest
from sqlalchemy import select

from cti.adapters.call_tables import SEGMENTS
from cti.adapters.gap_store import SqlGaps
from cti.adapters.kept_calls import records as kept_records
from cti.domain.gaps import GapKind, GapState
from cti.domain.identifiers import CallId
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


HALF = 1_795_851_630.0
PASSED_ON = """\
1795851630|c1|support|NONE|ENTERQUEUE||+15550100|1
1795851639|c1|support|126|CONNECT|9|a1|1
1795851640|c2|sales|NONE|ENTERQUEUE||126|1
1795851641|c1|support|126|ATTENDEDTRANSFER|APP|Queue|9|2|1
1795851642|c1|sales|114|CONNECT|2|a2|1
1795851647|c1|sales|114|COMPLETECALLER|2|5|1
"""


@pytest.mark.parametrize("queues", [("support",), ("support", "sales")])
async def test_who_was_passed_on_by_way_of_another_leg_in_line_keeps_both_agents(
    database_url, tmp_path, queues
):
    """The agent's own leg joined the second queue, so the ledger has that visit under an id no call of ours knows.

    What was heard after the gap: the second agent talks, as if in the first queue, or in both. The first visit is compared
    while the second is not due yet.
    """
    async with ledger_house(database_url, tmp_path, HALF + 17.5) as house:
        await house.listen_since(HALF - 10)
        [some] = records("answered_caller_ends")
        [visit], [segment] = some.visits, some.segments
        talk = segment._replace(call="pbx1:c1", agent="114", channel="a2", queue=queues[-1], began_at=HALF + 13.1,
                                ended_at=HALF + 17.7, talk_seconds=4.6, hold_seconds=0.0, wrap_up_seconds=1.06)  # fmt: skip
        heard = [
            visit._replace(call="pbx1:c1", uniqueid="c1", number_in_call=number, queue=queue, agent="114",
                           joined_at=joined, outcome_at=HALF + 13.1, wait_seconds=HALF + 13.1 - joined,
                           talk_seconds=4.6, hold_seconds=0.0, ended_at=HALF + 17.7)
            for number, queue, joined in zip((1, 2), queues, (HALF + 0.98, HALF + 11.3), strict=False)
        ]  # fmt: skip
        await house.keep(
            some._replace(call="pbx1:c1", uniqueid="c1", started_at=HALF + 0.97, ended_at=HALF + 17.76,
                          visits=tuple(heard), offers=(), segments=(talk,), timeline=())
        )  # fmt: skip
        house.gaps.missing(GapKind.RECONNECT, HALF + 2, HALF + 13)
        house.queue_log.write_text(PASSED_ON)
        # one visit is looked at while the call lasts, the other just after it: so they are compared at different times
        for at in (17.5, 22.2, 22.9, 27.5, 40.0):
            house.clock.at = HALF + at
            house.live = {CallId("pbx1:c1"): Lasting(heard)} if at < 17.7 else {}
            await house.settle()
        [call] = (await calls_kept(house)).values()
        shown = sorted((one.queue, one.agent, one.uniqueid, one.ended_by) for one in call.visits)
        assert shown == [("sales", "114", "c2", "caller"), ("support", "126", "c1", "transfer")]
        talked = {(one.agent, one.channel): one for one in call.segments}
        assert talked.keys() == {("126", "a1"), ("114", "a2")}
        assert talked["126", "a1"].talk_seconds == pytest.approx(2.0, abs=1.0)
        assert talked["114", "a2"].wrap_up_seconds == 1.06
        assert talked["114", "a2"].queue == "sales"
        assert house.gaps.open == []


async def test_a_consultation_heard_to_wait_is_part_of_the_customers_call_once_the_ledger_says_who_answered_it(
    database_url, tmp_path
):
    """Its answer and the transfer lay in the gap; after it the second agent is found talking with the customer."""
    async with ledger_house(database_url, tmp_path, HALF + 40) as house:
        await house.listen_since(HALF - 10)
        [some] = records("answered_caller_ends")
        [visit], [segment] = some.visits, some.segments
        first = visit._replace(call="pbx1:c1", uniqueid="c1", queue="support", agent="126", joined_at=HALF + 0.5,
                               outcome_at=HALF + 9.2, wait_seconds=8.7, talk_seconds=2.0, hold_seconds=0.0,
                               ended_at=HALF + 11.2)  # fmt: skip
        own = segment._replace(call="pbx1:c1", agent="126", channel="a1", queue="support", began_at=HALF + 9.2,
                               ended_at=HALF + 11.2, talk_seconds=2.0, hold_seconds=0.0)  # fmt: skip
        found = own._replace(agent="114", channel="a2", queue=None, began_at=HALF + 13.1, ended_at=HALF + 17.7,
                             talk_seconds=4.6, wrap_up_seconds=1.06)  # fmt: skip
        asked = first._replace(call="pbx1:c2", uniqueid="c2", queue="sales", joined_at=HALF + 10.4, outcome="lost",
                               outcome_at=HALF + 13.1, wait_seconds=2.7, agent=None, talk_seconds=None,
                               hold_seconds=None, ended_at=HALF + 13.1, ended_by=None)  # fmt: skip
        customers = some._replace(call="pbx1:c1", uniqueid="c1", started_at=HALF + 0.4, ended_at=HALF + 17.8,
                                  visits=(first,), offers=(), segments=(own, found), timeline=())  # fmt: skip
        await house.keep(customers)
        await house.keep(
            customers._replace(call="pbx1:c2", uniqueid="c2", started_at=HALF + 10.3, ended_at=HALF + 13.1,
                               caller_number="126", visits=(asked,), segments=())
        )  # fmt: skip
        house.gaps.missing(GapKind.RECONNECT, HALF + 10.6, HALF + 13)
        house.queue_log.write_text(PASSED_ON)
        await house.settle()
        async with house.engine.connect() as connection:
            kept = await kept_records(connection, [CallId("pbx1:c1"), CallId("pbx1:c2")])
        call, asking = kept[CallId("pbx1:c1")], kept[CallId("pbx1:c2")]
        shown = [(one.queue, one.agent, one.uniqueid, one.joined_at) for one in call.visits]
        assert shown == [("support", "126", "c1", HALF + 0.5), ("sales", "114", "c2", HALF + 10.4)]
        talked = {one.channel: (one.agent, one.queue, one.wrap_up_seconds) for one in call.segments}
        assert talked["a2"] == ("114", "sales", 1.06)
        assert (asking.visits, asking.segments) == ((), ())
        assert house.gaps.open == []
        assert await house.differences.versions(asking.call)
        versions = await house.differences.versions(call.call)
        await house.settle()
        assert await house.differences.versions(call.call) == versions


async def calls_kept(house):
    async with house.engine.connect() as connection:
        return await kept_records(connection, [CallId("pbx1:c1")])
