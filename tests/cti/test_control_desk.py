"""The buttons of a telephone: what is asked of the switch, and what is refused."""

import itertools

import pytest

from cti.domain import events
from cti.domain.access import Role, User
from cti.domain.errors import DiallingRefused, NotPossibleNow, SwitchRefused
from cti.domain.identifiers import PbxName
from cti.domain.own_calls import Company, LegState, OwnCall
from cti.service.control_desk import ControlDesk, Line
from customers.adapters.dialling_plan import DiallingPlan
from tests.cti.controlling import ANNA, CLOCK, POLICY, AskedSwitch, Audit, Seen

CONSULTED = "Local/103@cti-transfer-00000001;1"


@pytest.fixture
def world():
    switch, seen, audit = AskedSwitch(), Seen(), Audit()
    tokens = map(str, itertools.count())
    desk = ControlDesk(
        {PbxName("p"): Line(switch, seen)}, DiallingPlan("CN"), POLICY, audit, CLOCK, lambda: next(tokens)
    )
    return desk, switch, seen, audit


def opened(desk):
    """Policy lets customers be passed on to outside numbers."""
    desk._policy = desk._policy._replace(transfer_outside=True)


def talks(seen, state=LegState.TALKING):
    seen.calls["101"] = [OwnCall("p:1", "PJSIP/101-00000001", state)]


async def test_a_double_click_makes_one_call(world):
    desk, switch, _, audit = world
    first = await desk.make(ANNA, "13800138000", "a key of mine")
    assert await desk.make(ANNA, "13800138000", "a key of mine") == first
    [call] = [asked[1] for asked in switch.asked if asked[0] == "make"]
    assert (call.endpoint, call.context, call.exten) == ("PJSIP/101", "cti-dial", "8613800138000")
    assert call.variables == {"CTI_MAY": "8613800138000"}  # all that the dialplan lets this channel dial
    assert first == f"p:{call.channel}"
    assert audit.rows == [("anna", "control.make", "861…00 allowed")]


async def test_without_a_key_the_same_click_is_the_same_call(world):
    desk, switch, _, _ = world
    assert await desk.make(ANNA, "102", None) == await desk.make(ANNA, "102", None)
    assert len(switch.asked) == 1


async def test_a_call_the_switch_refused_can_be_asked_for_again(world):
    desk, switch, _, _ = world
    switch.refuses = True
    with pytest.raises(SwitchRefused):
        await desk.make(ANNA, "102", "key")
    switch.refuses = False
    await desk.make(ANNA, "102", "key")
    assert len(switch.asked) == 1


async def test_no_row_no_call(world):
    desk, switch, _, audit = world
    audit.broken = True
    with pytest.raises(OSError, match="no database"):
        await desk.make(ANNA, "102", None)
    assert switch.asked == []


async def test_who_has_a_call_makes_no_other(world):
    desk, switch, seen, audit = world
    talks(seen)
    with pytest.raises(NotPossibleNow, match="You have a call already"):
        await desk.make(ANNA, "102", None)
    assert switch.asked == []
    assert audit.rows == [("anna", "control.make", "102 refused too_many_own")]


async def test_only_so_often(world):
    desk, switch, _, _ = world
    for number in range(POLICY.per_minute):
        CLOCK.time += 6.0
        await desk.make(ANNA, "102", f"key number {number}")
    CLOCK.time += 6.0
    with pytest.raises(NotPossibleNow, match="too often"):
        await desk.make(ANNA, "102", "one more")
    assert len(switch.asked) == POLICY.per_minute
    CLOCK.time += 61.0
    await desk.make(ANNA, "102", "a minute later")


@pytest.mark.parametrize("interface", ["Local/101@from-agents/n", "PJSIP/trunk", "PJSIP/999", "SIP/101", ""])
async def test_only_an_extension_of_our_own_is_rung(world, interface):
    desk, switch, seen, _ = world
    seen.interface = interface
    with pytest.raises(NotPossibleNow, match="none of this switch's own"):
        await desk.make(ANNA, "102", None)
    assert switch.asked == []


async def test_refused_numbers_are_in_the_audit_masked(world):
    desk, switch, _, audit = world
    with pytest.raises(DiallingRefused, match="Not dialled: Satellite"):
        await desk.make(ANNA, "+881612345678", None)
    with pytest.raises(DiallingRefused, match="no telephone number"):
        await desk.make(ANNA, "102\r\nChannel: PJSIP/trunk", None)
    assert switch.asked == []
    assert audit.rows == [
        ("anna", "control.make", "881…78 refused satellite"),
        ("anna", "control.make", "102 refused not_a_number"),
    ]


async def test_hold_by_the_switch_and_back(world):
    desk, switch, seen, _ = world
    talks(seen)
    with pytest.raises(NotPossibleNow, match="press its own hold key"):
        await desk.hold(ANNA)  # a telephone without the feature
    switch.variables["DYNAMIC_FEATURES"] = "cti-hold"
    await desk.hold(ANNA)
    talks(seen, LegState.HELD)
    with pytest.raises(NotPossibleNow, match="itself holds"):
        await desk.retrieve(ANNA)
    switch.variables["CTI_HOLDS"] = "yes"
    await desk.retrieve(ANNA)
    assert switch.asked == [("press", "PJSIP/101-00000001", "*5"), ("press", "PJSIP/101-00000001", "1")]


async def test_a_consultation_and_its_three_ends(world):
    desk, switch, seen, _ = world
    talks(seen)
    await desk.consult(ANNA, "103")
    assert switch.asked.pop() == ("consult", "PJSIP/101-00000001", "cti-transfer", "103")
    for without in (desk.conference, lambda user: desk.transfer(user, None)):
        with pytest.raises(NotPossibleNow):
            await without(ANNA)  # the colleague has not been reached
    switch.variables["BRIDGEPEER"] = CONSULTED
    with pytest.raises(NotPossibleNow, match="go back to the customer"):
        await desk.clear(ANNA)  # it would put the two through
    await desk.conference(ANNA)
    await desk.retrieve(ANNA)
    await desk.transfer(ANNA, None)
    assert switch.asked == [
        ("press", "PJSIP/101-00000001", "*3"),
        ("end_consultation", "PJSIP/101-00000001"),
        ("hang_up", "PJSIP/101-00000001"),
    ]


async def test_all_three_are_no_consultation(world):
    """Two others in the bridge: hanging up leaves them together, and that is what clear is for."""
    desk, switch, seen, _ = world
    talks(seen)
    switch.variables["BRIDGEPEER"] = f"PJSIP/trunk-00000000,{CONSULTED}"
    await desk.clear(ANNA)
    assert switch.asked == [("hang_up", "PJSIP/101-00000001")]


async def test_an_outside_number_is_let_through_for_whoever_will_dial_it(world):
    """A transfer runs on the customer's channel, a consultation on one that inherits from the agent's."""
    desk, switch, seen, _ = world
    talks(seen)
    opened(desk)
    switch.variables["BRIDGEPEER"] = "PJSIP/trunk-00000000"
    await desk.transfer(ANNA, "13800138000")
    await desk.consult(ANNA, "13800138000")
    await desk.transfer(ANNA, "800")
    assert switch.asked == [
        ("set_variable", "PJSIP/trunk-00000000", "CTI_MAY", "8613800138000"),
        ("transfer", "PJSIP/101-00000001", "cti-transfer", "8613800138000"),
        ("set_variable", "PJSIP/101-00000001", "_CTI_MAY", "8613800138000"),
        ("consult", "PJSIP/101-00000001", "cti-transfer", "8613800138000"),
        ("transfer", "PJSIP/101-00000001", "cti-transfer", "800"),
    ]


async def test_customers_passed_on_to_outside_numbers_count_as_calls(world):
    desk, _, seen, audit = world
    talks(seen)
    opened(desk)
    for button in (desk.transfer, desk.consult) * (POLICY.per_minute // 2):
        await button(ANNA, "13800138000")
    with pytest.raises(NotPossibleNow, match="too often"):
        await desk.consult(ANNA, "13800138000")
    assert audit.rows[-1] == ("anna", "control.consult", "861…00 refused too_often")
    await desk.consult(ANNA, "102")  # a colleague costs nothing
    CLOCK.time += 61.0
    seen.record = lambda call: "lasts" if call == "p:1" else None
    desk._policy = desk._policy._replace(at_once=POLICY.per_minute)
    with pytest.raises(NotPossibleNow, match="So many"):
        await desk.transfer(ANNA, "13800138000")


async def test_a_call_that_was_made_counts_as_long_as_the_call_it_became_part_of(world):
    desk, _, seen, _ = world
    made = await desk.make(ANNA, "102", None)
    desk.merged(events.CallsMerged(1.0, "p:77", made))
    CLOCK.time += 3600.0
    seen.record = lambda call: "lasts" if call == "p:77" else None
    with pytest.raises(NotPossibleNow, match="a call already"):
        await desk.make(ANNA, "103", None)


async def test_back_to_who_is_held_from_a_second_call(world):
    desk, switch, seen, _ = world
    seen.calls["101"] = [
        OwnCall("p:2", "PJSIP/101-00000002", LegState.TALKING),
        OwnCall("p:1", "PJSIP/101-00000001", LegState.HELD),
    ]
    switch.variables["CTI_HOLDS"] = "yes"
    await desk.retrieve(ANNA)
    assert switch.asked == [("press", "PJSIP/101-00000001", "1")]


async def test_who_has_no_call_is_told_so(world):
    desk, switch, seen, _ = world
    for button in (desk.answer, desk.hold, desk.retrieve, desk.conference, desk.clear):
        with pytest.raises(NotPossibleNow):
            await button(ANNA)
    talks(seen, LegState.RINGING)
    with pytest.raises(NotPossibleNow, match="lift its handset"):
        await desk.answer(ANNA)
    with pytest.raises(NotPossibleNow, match="You talk to nobody"):
        await desk.transfer(ANNA, "102")
    assert switch.asked == []
    with pytest.raises(NotPossibleNow, match="takes no calls"):
        await desk.clear(User("s", "sam", "Sam", Role.SUPERVISOR, None, "en"))


@pytest.mark.parametrize(
    ("peers", "company"),
    [
        ("PJSIP/trunk-00000000", Company.ONE),
        ("", Company.ONE),
        (CONSULTED, Company.CONSULTED),
        (f"PJSIP/trunk-00000000,{CONSULTED}", Company.BOTH),
    ],
)
async def test_whom_the_agent_talks_to_is_asked_of_the_switch(world, peers, company):
    desk, switch, seen, _ = world
    talks(seen)
    switch.variables["BRIDGEPEER"] = peers
    assert [(own.call, with_whom) for own, with_whom in await desk.calls(ANNA)] == [("p:1", company)]


async def test_keys_go_to_the_other_end_and_not_to_the_switch(world):
    desk, switch, seen, _ = world
    with pytest.raises(NotPossibleNow):
        await desk.tones(ANNA, "5")
    talks(seen)
    await desk.tones(ANNA, "12#")
    with pytest.raises(NotPossibleNow, match="for itself"):
        await desk.tones(ANNA, "1*5")
    assert switch.asked == [("press", "PJSIP/101-00000001", "12#")]


async def test_the_directory_knows_every_telephone_of_the_switch(world):
    desk, _, seen, _ = world
    assert [(agent.id, extension) for agent, extension in desk.telephones()] == [
        ("101", "101"),
        ("102", "102"),
    ]
    seen.interface = "Local/101@somewhere"
    assert {extension for _, extension in desk.telephones()} == {None}
    assert desk.queue_numbers == ("800", "801")
