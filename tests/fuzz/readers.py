"""What reads text that strangers choose, each as one function of bytes: whatever they are, it returns, and what it returns makes sense.

Hypothesis calls them in the ordinary tests, atheris (which watches the branches taken) under `make fuzz`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC

from care.domain.satisfaction import lowest
from care.domain.survey_rows import Rules
from care.domain.survey_rows import read as read_answers
from cti.adapters.ami.framing import FRAME_LIMIT, Framer
from cti.adapters.ami.message import Message
from cti.adapters.ami.protocol import AmiProtocol
from cti.adapters.ami.translation import TRANSLATIONS, translate
from cti.domain.calls import Calls
from cti.domain.export import call_json
from cti.domain.identifiers import PbxName
from cti.domain.ledger_lines import parse
from cti.domain.ledger_reader import read_ledger
from customers.adapters.csv_file import CsvFiles
from customers.adapters.numbering import NumberingPlan
from customers.domain.errors import FileUnreadable
from customers.domain.import_rows import read
from routing.adapters.fastagi import question

AT = 1_795_000_000.0


def framer(data: bytes) -> None:
    """Bytes decide, never their division into reads."""
    whole = Framer()
    frames = whole.feed(data)
    step = data[0] % 17 + 1 if data else 1
    sliced, again = Framer(), []
    for start in range(0, len(data), step):
        again += sliced.feed(data[start : start + step])
    assert again == frames
    assert (sliced.version, sliced.oversized) == (whole.version, whole.oversized)
    assert whole.unfinished <= FRAME_LIMIT + len(data)
    assert all(b"\n\n" not in frame and b"\n\r\n" not in frame for frame in frames)


def translation(data: bytes) -> None:
    """Every frame as every event that is known: signals with a time, and a call model that goes on."""
    calls = Calls(PbxName("pbx1"))
    for frame in Framer().feed(data + b"\r\n\r\n"):
        message = Message.of(frame)
        if message is None or not message.name:
            message = Message.of(b"Event: Newchannel\r\n" + frame)
        if message is None:
            continue
        for signal in translate(message, AT):
            assert isinstance(signal.at, float)
            calls.hear(signal)
    calls.finish(AT)
    for call in calls.live.values():
        call_json(call.record(AT))


def protocol(data: bytes) -> None:
    """The quarantine before it all, in the state every connection begins in."""
    heard: list[Message] = []
    line = AmiProtocol(TRANSLATIONS, heard.append, lambda: AT)
    line.data_received(data)
    assert line.traffic.failures == 0
    assert all(message.name in TRANSLATIONS for message in heard)


def ledger(data: bytes) -> None:
    """A visit for each line that enters, at most one outcome each, and nothing waits less than no time."""
    text = data.decode("utf-8", "replace")
    lines = text.splitlines(keepends=True)
    reader = read_ledger(lines, PbxName("pbx1"))
    entered = [line for line in map(parse, lines) if line is not None and line.event == "ENTERQUEUE"]
    assert len(reader.visits) <= len(entered)
    assert reader.malformed + reader.orphans <= reader.lines
    for visit in reader.visits:
        assert visit.wait_seconds is None or visit.wait_seconds >= 0
        assert visit.agent is None or visit.outcome == "answered"
        assert visit.talk_seconds is None or visit.talk_seconds >= 0


def fastagi(data: bytes) -> None:
    """Whatever is asked for is a name and nothing else."""
    asked = question(data)
    if asked is not None:
        for word in asked:
            assert "\n" not in str(word)
            assert "\r" not in str(word)


def customers(data: bytes) -> None:
    """Rows or problems with a place, in text without the one letter that no database takes."""
    try:
        text = CsvFiles().decode(data)
    except FileUnreadable:
        return
    assert "\0" not in text
    lines = text.count("\n") + text.count("\r") + 1
    for told in read(text):
        assert 1 <= told.line <= lines


def surveys(data: bytes) -> None:
    """Answers within their scale and with a time that was, or problems with a place."""
    try:
        text = CsvFiles().decode(data)
    except FileUnreadable:
        return
    plan = NumberingPlan("CN")
    reading = read_answers(text, Rules(plan.normalise, plan.objection, UTC, AT))
    lines = text.count("\n") + text.count("\r") + 1
    assert all(1 <= problem.line <= lines for problem in reading.problems)
    for said in reading.responses:
        assert said.id
        assert lowest(said.scale) <= said.score <= said.scale
        assert 0 <= said.answered_at < AT + 90_000


READERS: Mapping[str, Callable[[bytes], None]] = {
    "framer": framer,
    "translation": translation,
    "protocol": protocol,
    "ledger": ledger,
    "fastagi": fastagi,
    "customers": customers,
    "surveys": surveys,
}
