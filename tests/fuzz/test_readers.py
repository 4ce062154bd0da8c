"""Text that strangers choose, by hypothesis: built from the words each reader knows, and at random."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cti.adapters.ami.translation import TRANSLATIONS
from tests.faults import fuzzing
from tests.faults.fuzzing import GROWTH, fuzz
from tests.fuzz.readers import READERS

MANY = settings(max_examples=250)

# --- words ---------------------------------------------------------------------------------------------------

NOISE = st.binary(max_size=30)
IDS = st.sampled_from([b"u-1.1", b"u-1.2", b"tierline-1795318932.38", b"", b"NONE", b"<unknown>"])
NUMBERS = st.integers(-3, 10**12).map(lambda number: b"%d" % number)
VALUES = st.one_of(
    IDS,
    NUMBERS,
    NOISE,
    st.sampled_from([b"support", b"PJSIP/101-00000001", b"Local/101@x;1", b"nan", b"1e999", b"6"]),
)
HEADERS = st.sampled_from([
    b"Event", b"Privilege", b"Timestamp", b"SequenceNumber", b"Channel", b"Uniqueid", b"Linkedid", b"Queue", b"MemberName",
    b"Interface", b"StateInterface", b"Status", b"Paused", b"PausedReason", b"DestChannel", b"DestUniqueid", b"DestLinkedid", b"BridgeUniqueid",
    b"HoldTime", b"RingTime", b"Position", b"OriginalPosition", b"Cause", b"DialStatus", b"CallerIDNum", b"CallerIDName", b"Uptime",
    b"UserEvent", b"Recording", b"TransfereeUniqueid", b"TransferTargetUniqueid", b"SwapUniqueid", b"SecondTransfererUniqueid", b"Result",
])  # fmt: skip
LINES = st.tuples(HEADERS, VALUES).map(b": ".join)
FRAMES = st.tuples(
    st.sampled_from(sorted(name.encode() for name in TRANSLATIONS)), st.lists(LINES | NOISE, max_size=14)
).map(lambda told: b"\r\n".join([b"Event: " + told[0], *told[1]]))
STREAMS = st.lists(FRAMES | NOISE, max_size=8).map(b"\r\n\r\n".join)

LEDGER_EVENTS = st.sampled_from([
    b"ENTERQUEUE", b"CONNECT", b"COMPLETECALLER", b"COMPLETEAGENT", b"ABANDON", b"EXITWITHTIMEOUT", b"EXITWITHKEY", b"EXITEMPTY",
    b"BLINDTRANSFER", b"ATTENDEDTRANSFER", b"RINGNOANSWER", b"RINGCANCELED", b"QUEUESTART", b"SYSCOMPAT", b"AGENTDUMP", b"WITHDRAW",
    b"PAUSE", b"DID", b"", b"\xff",
])  # fmt: skip
LEDGER_LINES = st.tuples(
    st.integers(90, 110).map(lambda at: b"%d" % at) | VALUES,
    IDS,
    st.sampled_from([b"support", b"Support", b"sales"]),
    st.sampled_from([b"NONE", b"101", b"102"]),
    LEDGER_EVENTS,
    st.lists(
        st.sampled_from([b"0", b"1", b"3", b"LINK", b"APP", b"-1", b"99999999999", b"x"]), max_size=6
    ).map(b"|".join),
).map(b"|".join)
LEDGERS = st.lists(LEDGER_LINES | NOISE, max_size=25).map(b"\n".join)

AGI = st.lists(
    st.tuples(
        st.sampled_from([b"agi_network_script", b"agi_channel", b"agi_uniqueid", b"agi_callerid", b"agi_arg_1", b"agi_arg_2", b"agi_x"]),
        st.sampled_from([b"route", b"PJSIP/1-1", b"u-1.1", b"+1202", b"support", b"1795000000", b"", b"../x", b"a\rb"]) | NOISE,
    ).map(b": ".join),
    max_size=9,
).map(lambda lines: b"\n".join(lines) + b"\n\n")  # fmt: skip

CELLS = st.sampled_from(
    [
        b"name",
        b"tier",
        b"numbers",
        b"gold",
        b"+12025550101",
        '"王"'.encode(),
        b'"a""b"',
        b'"',
        b"",
        b" ",
        b"\xef\xbb\xbf",
        b"x;y",
    ]
)
TABLES = st.lists(st.lists(CELLS | NOISE, max_size=5).map(b",".join), max_size=6).map(b"\n".join)
FILES = st.one_of(
    TABLES,
    st.binary(max_size=200),
    TABLES.map(lambda text: b"\xff\xfe" + text.decode("utf-8", "replace").encode("utf-16-le")),
)

SAID = st.sampled_from(
    [b"+8613800000001", b"2", b"5", b"0", b"10", b"2026-11-12T09:30:00", b"0001-01-01", b"9999-12-31T23:59:59-23:59", b"s-1", b""]
)  # fmt: skip
ANSWERS = st.lists(st.lists(SAID | NOISE, min_size=4, max_size=5).map(b",".join), max_size=6).map(
    lambda lines: b"\n".join([b"number,score,scale,answered_at,id", *lines])
)

SHAPED = {
    "framer": STREAMS,
    "translation": STREAMS,
    "protocol": STREAMS,
    "ledger": LEDGERS,
    "fastagi": AGI,
    "customers": FILES,
    "surveys": ANSWERS | FILES,
}


@pytest.mark.parametrize("name", READERS)
@MANY
@given(data=st.data())
def test_shaped_text(name: str, data: st.DataObject) -> None:
    READERS[name](data.draw(SHAPED[name]))


@pytest.mark.parametrize("name", READERS)
@MANY
@given(told=st.binary(max_size=300))
@example(told=b"\xff\xfename,tier\n\x00\x00,gold\n".ljust(60, b"\x00"))
def test_noise(name: str, told: bytes) -> None:
    READERS[name](told)


def test_every_reader_takes_what_the_captures_hold() -> None:
    traces = Path(__file__).parents[1] / "traces"
    for folder in sorted(path for path in traces.iterdir() if path.is_dir()):
        stream = (folder / "ami.raw").read_bytes()[:60_000]
        for name in ("framer", "translation", "protocol"):
            READERS[name](stream)
        READERS["ledger"]((folder / "queue_log").read_bytes())


def test_forty_thousand_spoilt_frames() -> None:
    """A part of the million that `make faults` tells."""
    told = fuzz(40_000, "ordinary")
    assert told.failures == {}
    assert told.late <= told.early * GROWTH
    assert told.events > 1000


def test_the_fuzzer_sees_what_goes_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = fuzzing.translate

    def fragile(message, at):
        if b": nan" in message.frame:
            raise ValueError("not a number")
        return heard(message, at)

    monkeypatch.setattr(fuzzing, "translate", fragile)
    assert any("not a number" in what for what in fuzz(40_000, "ordinary").failures)
