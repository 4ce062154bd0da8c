"""Whatever a client writes, only an extension of ours or an allowed number in digits reaches the switch."""

import re
from pathlib import Path

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st

from cti.adapters.ami.outgoing import action_bytes
from cti.adapters.dialling_policy_file import read_policy
from cti.domain.access import Role, User
from cti.domain.agents import Agent
from cti.domain.dialling import Purpose
from cti.domain.errors import CtiError
from cti.domain.identifiers import AgentId, PbxName
from cti.domain.own_calls import LegState, OwnCall
from cti.service.control_desk import ControlDesk, Line
from customers.adapters.dialling_plan import DiallingPlan

POLICY = read_policy(Path("config/policies/dialling.yaml"), "CN")._replace(per_minute=10**6)
USER = User("u", "anna", "Anna", Role.AGENT, AgentId("101"), "en")

SPITEFUL = st.sampled_from(
    [
        "\r\n",
        "\n",
        "\0",
        "&",
        "Local/",
        "${EXTEN}",
        "@from-trunk",
        ",",
        ";",
        "*",
        "#",
        "+",
        "00",
        " ",
        "(",
        "١",
        "１",
    ]
)
NUMBERS = st.from_regex(r"\A(\+|00)?[1-9][0-9]{1,14}\Z")
TEXTS = st.one_of(
    NUMBERS,
    st.text(max_size=40),
    st.lists(st.one_of(NUMBERS, SPITEFUL, st.sampled_from(["101", "110", "13800138000"])), max_size=4).map(
        "".join
    ),
)


class Monitor:
    def __init__(self, talks):
        self.talks = talks

    def agent(self, agent):
        known = Agent(agent, interface=f"PJSIP/{agent}")
        known.memberships["support"] = object()
        return known

    def own_calls(self, agent):
        return [OwnCall("p:1", "PJSIP/101-00000001", LegState.TALKING)] if self.talks else []

    def record(self, call):
        return None


class Switch:
    """Every extension it was asked for, as it would stand in an action."""

    def __init__(self):
        self.extens = []

    async def make(self, call):
        assert call.endpoint == "PJSIP/101"
        assert call.context == "cti-dial"
        assert re.fullmatch(r"cti-made-[0-9a-f]{32}", call.channel)
        assert re.fullmatch(r"\+?[0-9]+", call.caller_id)
        self.extens.append(call.exten)

    async def transfer(self, channel, context, exten):
        assert context == "cti-transfer"
        self.extens.append(exten)

    consult = transfer

    async def variable(self, channel, name):
        return ""


def desk(switch, talks):
    rows = []

    async def record(user, action, subject):
        rows.append((action, subject))

    lines = {PbxName("p"): Line(switch, Monitor(talks))}
    clock = type("Clock", (), {"now": lambda self: 0.0})()
    return ControlDesk(lines, DiallingPlan("CN"), POLICY, record, clock, lambda: "token"), rows


@given(
    text=TEXTS, key=st.one_of(st.none(), st.text(min_size=1, max_size=100)), purpose=st.sampled_from(Purpose)
)
async def test_nothing_but_allowed_digits_reaches_the_switch(text, key, purpose):
    switch = Switch()
    made, rows = desk(switch, talks=purpose is not Purpose.MAKE)
    try:
        if purpose is Purpose.MAKE:
            await made.make(USER, text, key)
        elif purpose is Purpose.CONSULT:
            await made.consult(USER, text)
        else:
            await made.transfer(USER, text)
    except CtiError as refusal:
        assert switch.extens == []
        assert "\n" not in str(refusal)
        assert text.strip() not in str(refusal) or len(text.strip()) < 8  # what was written is not echoed
    else:
        [exten] = switch.extens
        assert re.fullmatch(r"[0-9]{2,15}", exten)
        assert action_bytes([("Exten", exten)]).count(b"\r\n") == 2
        inside = re.fullmatch(r"10[1-6]|200", exten) or (
            purpose is not Purpose.MAKE and exten in {"800", "801"}
        )
        if not inside:
            assert purpose is Purpose.MAKE
            number = phonenumbers.parse(f"+{exten}")
            assert phonenumbers.region_code_for_number(number) == "CN"
            assert phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.PREMIUM_RATE
            assert not phonenumbers.is_emergency_number(str(number.national_number), "CN")
    assert len(rows) == 1, "every attempt is in the audit, once"
    longest = max(re.findall(r"[0-9]+", rows[0][1]), key=len, default="")
    assert len(longest) <= 5, "the audit keeps no whole number"
