"""Our records against the ledger: every golden trace whole, and with something missing, doubled or out of order."""

import json
from collections.abc import Iterator
from itertools import pairwise

import pytest

from cti.domain.casework import Case
from cti.domain.causes import DEALINGS, Cause, Dealing
from cti.domain.identifiers import AgentId
from cti.domain.ledger_reader import LedgerReader, read_ledger
from cti.domain.ledger_visits import LedgerEntry
from cti.domain.matching import agent_key, match
from cti.domain.reconciliation import DifferenceState, DriftKind, compare
from cti.domain.records import Lasting, Outcome
from tests.cti import replaying
from tests.cti.reconciling import PBX, entries, following, frames, hear, judged, kind, wanted
from tests.cti.replaying import SCENARIOS, TRACES

ONE_SECOND = 1.1


# whole traces ---------------------------------------------------------------------------------------------------

EXPLAINED = {
    "attended_to_queue_varset": {(DriftKind.TALK, Cause.CALLID_SWAP)},
    "redirect_talking_varset": {(DriftKind.TALK, Cause.REDIRECT)},
    "redirect_waiting": {(DriftKind.OUTCOME, Cause.REDIRECT)},
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_whole_trace_agrees_with_its_ledger(scenario: str) -> None:
    case = judged(hear(frames(scenario), following(scenario)).records, entries(scenario))
    found = {(one.kind, one.cause) for finding in case.findings for one in finding.differences}
    assert found == EXPLAINED.get(scenario, set())
    assert case.extras == []
    assert case.changed == {}
    assert {finding.state for finding in case.findings} <= {"agreed", "explained"}


# parts of traces ------------------------------------------------------------------------------------------------


def dropped(stream: list[bytes], name: str) -> list[bytes]:
    return [frame for frame in stream if kind(frame) != name]


def doubled(stream: list[bytes], name: str) -> list[bytes]:
    return [again for frame in stream for again in ([frame, frame] if kind(frame) == name else [frame])]


def swapped(stream: list[bytes], name: str) -> list[bytes]:
    """Each of them after the event that followed it."""
    turned = list(stream)
    place = 0
    while place < len(turned) - 1:
        if kind(turned[place]) == name and turned[place + 1].startswith(b"Event: "):
            turned[place], turned[place + 1] = turned[place + 1], turned[place]
            place += 1
        place += 1
    return turned


def kinds(stream: list[bytes]) -> list[str]:
    return sorted({name for frame in stream if (name := kind(frame))})


def disagreements(case: Case, scenario: str) -> Iterator[str]:
    """Where a visit, after reconciliation, is not what the truth says, and nothing tells of it."""
    truth = wanted(scenario)
    for finding in case.findings:
        call = case.calls[finding.call]
        [visit] = [one for one in call.visits if one.number_in_call == finding.number_in_call]
        there = truth[finding.entry.uniqueid, int(finding.entry.joined_at)]
        told = {one.kind for one in finding.differences if one.state is not DifferenceState.REPAIRED}
        if abs(visit.joined_at - there["entered"]) > ONE_SECOND:
            yield f"joined {visit.joined_at} for {there['entered']}"
        if visit.outcome != there["outcome"] and DriftKind.OUTCOME not in told:
            yield f"outcome {visit.outcome} for {there['outcome']}"
        waited = there.get("hold", there.get("wait"))
        ours = -9.0 if visit.wait_seconds is None else visit.wait_seconds
        silent = not told & {DriftKind.WAIT, DriftKind.OUTCOME}
        if waited is not None and silent and abs(ours - waited) > ONE_SECOND:
            yield f"wait {ours} for {waited}"
        if there["outcome"] != "answered" or DriftKind.OUTCOME in told:
            continue
        if visit.agent != there["agent"] and DriftKind.AGENT not in told:
            yield f"agent {visit.agent} for {there['agent']}"
        talked = (visit.talk_seconds or 0.0) + (visit.hold_seconds or 0.0)
        if abs(talked - there["talk"]) > ONE_SECOND and DriftKind.TALK not in told:
            yield f"talk {talked} for {there['talk']}"


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("harm", [dropped, doubled, swapped], ids=lambda harm: harm.__name__)
def test_whatever_happens_to_one_kind_of_event_the_visits_end_true(scenario: str, harm) -> None:
    stream, told, truth = frames(scenario), entries(scenario), wanted(scenario)
    for name in kinds(stream):
        heard = hear(harm(stream, name), following(scenario))
        assert harm is swapped or heard.gaps, f"{name}: nobody noticed"
        case = judged(heard.records, told, heard.gaps)
        assert list(disagreements(case, scenario)) == [], name
        assert len(case.findings) == len(truth), name
        assert "unexplained" not in {finding.state for finding in case.findings}, name
        assert all(one.state is DifferenceState.REPAIRED for _, one in case.extras), name
        # nothing extra, and nothing twice
        kept = [(visit.call, visit.number_in_call) for call in case.calls.values() for visit in call.visits]
        assert sorted(kept) == sorted((one.call, one.number_in_call) for one in case.findings), name
        again = judged(case.calls.values(), told, heard.gaps)
        assert again.changed == {}, name


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_heard_at_all(scenario: str) -> None:
    told = entries(scenario)
    case = judged([], told, [(0.0, None)])
    assert list(disagreements(case, scenario)) == []
    assert {one.cause for finding in case.findings for one in finding.differences} <= {Cause.UNHEARD}
    for call in case.calls.values():
        answered = [visit for visit in call.visits if visit.outcome is Outcome.ANSWERED]
        assert [(one.agent, one.talk_seconds) for one in call.segments] == [
            (visit.agent, visit.talk_seconds) for visit in answered
        ]
    again = judged(case.calls.values(), told, [(0.0, None)])
    assert again.changed == {}
    assert {finding.state for finding in again.findings} <= {"agreed"}


# one visit --------------------------------------------------------------------------------------------------------

BASE = 1_795_311_215
ANSWERED = (
    f"{BASE}|c1|support|NONE|ENTERQUEUE||+15550100|1",
    f"{BASE + 6}|c1|support|102|CONNECT|6|a1|2",
    f"{BASE + 10}|c1|support|102|COMPLETEAGENT|6|4|1",
)
GAVE_UP = (
    f"{BASE}|c1|support|NONE|ENTERQUEUE||+15550100|1",
    f"{BASE + 6}|c1|support|NONE|ABANDON|1|1|6",
)


def told(*lines: str) -> LedgerEntry:
    [entry] = read_ledger([line + "\n" for line in lines], PBX).take()
    return entry


def kept(entry: LedgerEntry, **changes):
    """The call as we would have it from this entry, with our visit changed."""
    case = judged([], [entry], [(0.0, None)])
    [call] = case.calls.values()
    [visit] = call.visits
    visit = visit._replace(**changes)
    return call._replace(visits=(visit,)), visit


@pytest.mark.parametrize(
    ("lines", "ours", "missed", "expected"),
    [
        (ANSWERED, {}, False, []),
        (ANSWERED, {"wait_seconds": 6.9, "talk_seconds": 3.1}, False, []),
        (ANSWERED, {"outcome": None}, False, [("outcome", "repaired", "unheard")]),
        (ANSWERED, {"outcome": Outcome.LOST, "agent": None}, False, [("outcome", "repaired", "unheard")]),
        (ANSWERED, {"outcome": Outcome.ABANDONED}, False, [("outcome", "unexplained", None)]),
        (ANSWERED, {"outcome": Outcome.ABANDONED}, True, [("outcome", "repaired", "unheard")]),
        (ANSWERED, {"agent": AgentId("PJSIP/102")}, False, [("agent", "explained", "agent_key")]),
        (ANSWERED, {"agent": AgentId("103")}, False, [("agent", "unexplained", None)]),
        (ANSWERED, {"agent": AgentId("103")}, True, [("agent", "repaired", "unheard")]),
        (ANSWERED, {"wait_seconds": 9.0}, False, [("wait", "explained", "announcement")]),
        (ANSWERED, {"wait_seconds": 9.0, "outcome_at": BASE + 9.0}, False, [("wait", "unexplained", None)]),
        (ANSWERED, {"wait_seconds": 9.0}, True, [("wait", "repaired", "unheard")]),
        (ANSWERED, {"talk_seconds": 1.0, "ended_at": BASE + 7.0}, False, [("talk", "explained", "redirect")]),
        (ANSWERED, {"talk_seconds": 9.0}, False, [("talk", "unexplained", None)]),
        (ANSWERED, {"talk_seconds": None}, False, [("talk", "repaired", "unheard")]),
        (ANSWERED, {"talk_seconds": 3.0, "hold_seconds": 1.0}, False, []),
        (GAVE_UP, {"outcome": Outcome.TIMEOUT}, False, [("outcome", "repaired", "abandon_semantics")]),
        (GAVE_UP, {"outcome": Outcome.SYSCOMPAT}, False, [("outcome", "repaired", "codec_failure")]),
        (GAVE_UP, {"outcome": Outcome.TRANSFERRED_OUT}, False, [("outcome", "explained", "redirect")]),
        (
            (ANSWERED[0], f"{BASE + 9}|NONE|NONE|NONE|QUEUESTART|"),
            {"outcome": Outcome.ABANDONED},
            False,
            [("outcome", "explained", "restart")],
        ),
    ],
)
def test_each_difference_has_its_cause(lines, ours, missed, expected) -> None:
    entry = told(*lines)
    call, visit = kept(entry, **ours)
    if ours.get("ended_at") == BASE + 7.0:  # the customer went on elsewhere
        call = call._replace(ended_at=BASE + 10.0)
    found = compare(entry, visit, call, missed=missed)
    assert [(one.kind, one.state, one.cause) for one in found.differences] == expected
    if all(state == "repaired" for _, state, _ in expected):
        assert compare(entry, found.visit, call, missed=missed).differences == ()


@pytest.mark.parametrize("since", [BASE, BASE + 0.070391], ids=["whole_seconds", "microseconds"])
def test_who_was_first_seen_when_it_rang_joined_when_the_ledger_says(since) -> None:
    """He joined in a gap, the answer fell into the next one, and the wait in between is as long as the real one."""
    entry = told(
        f"{since}|c1|support|NONE|ENTERQUEUE||+15550012936|19",
        f"{since + 2}|c1|support|116|CONNECT|2|a1|0",
        f"{since + 4}|c1|support|116|COMPLETECALLER|2|2|19",
    )
    call, visit = kept(entry, joined_at=BASE + 2.070387, outcome_at=BASE + 3.707645, wait_seconds=1.637258)
    found = compare(entry, visit, call, missed=True)
    assert [one.state for one in found.differences] == ["repaired"]
    ours = found.visit
    assert (ours.joined_at, ours.outcome_at, ours.wait_seconds) == (since, since + 2, 2.0)
    assert compare(entry, visit, call).differences == ()  # all of it was heard: ours is what we saw


def test_a_join_that_was_heard_stays_to_the_microsecond() -> None:
    entry = told(*ANSWERED)
    call, visit = kept(entry, joined_at=BASE + 0.999, wait_seconds=3.0)
    assert compare(entry, visit, call, missed=True).visit.joined_at == BASE + 0.999


def test_who_was_seen_late_and_lost_in_a_restart_joined_when_the_ledger_says() -> None:
    entry = told(ANSWERED[0], f"{BASE + 9}|NONE|NONE|NONE|QUEUESTART|")
    call, visit = kept(entry, joined_at=BASE + 4.0, outcome_at=BASE + 8.5, wait_seconds=4.5)
    found = compare(entry, visit, call, missed=True)
    assert (found.visit.joined_at, found.visit.wait_seconds) == (BASE, 8.5)
    assert compare(entry, found.visit, call, missed=True).differences == ()


def test_bridge_times_of_the_switch_go_before_its_whole_seconds() -> None:
    entry = told(*ANSWERED)
    call, visit = kept(entry, talk_seconds=2.4)
    assert compare(entry, visit, call, missed=True, bridged=2.5).differences[0].state == "explained"
    call, visit = kept(entry, talk_seconds=None)
    assert compare(entry, visit, call, missed=True, bridged=3.7).visit.talk_seconds == 3.7


def test_two_visits_of_one_channel_are_not_confused() -> None:
    again = [line.replace(str(BASE), str(BASE + 40)) for line in GAVE_UP[:1]]
    lines = [*GAVE_UP, *again, f"{BASE + 43}|c1|support|NONE|ABANDON|1|1|3"]
    first, second = read_ledger([line + "\n" for line in lines], PBX).take()
    case = judged([], [first, second], [(0.0, None)])
    [call] = case.calls.values()
    assert [visit.number_in_call for visit in call.visits] == [1, 2]
    for entry, visit in zip((first, second), call.visits, strict=True):
        assert match(entry, call.visits) is visit


def test_a_visit_under_another_id_is_known_by_queue_second_and_caller() -> None:
    entry = told(*ANSWERED)
    _, visit = kept(entry)
    moved = visit._replace(uniqueid="other")
    assert match(entry, [moved]) is moved
    assert match(entry, [moved], {"other"}) is None  # the ledger knows that id: it is somebody else
    assert match(entry, [moved, moved._replace(uniqueid="third")]) is None  # either: guessed for neither
    assert match(entry, [moved._replace(agent=AgentId("103"))]) is None
    assert match(entry, [visit._replace(queue="SUPPORT")]) is not None


def test_a_call_that_lasts_is_left_alone() -> None:
    entry = told(*GAVE_UP)
    call, visit = kept(entry)
    case = Case({}, [], 0.0, live={call.call: Lasting([visit])})
    case.judge([entry])
    assert [finding.state for finding in case.findings] == ["live"]
    case = Case({}, [], 0.0, live={call.call: Lasting([])})
    case.judge([entry])
    [finding] = case.findings
    assert (finding.state, finding.differences[0].kind) == ("waiting", DriftKind.LOST)


@pytest.mark.parametrize(
    "name", ["101", "PJSIP/101", "PJSIP/101-0000002a", "Local/101@agents/n", "Local/101@agents-00000001;1"]
)
def test_names_of_one_agent(name: str) -> None:
    assert agent_key(AgentId(name)) == "101"


def test_every_cause_is_dealt_with() -> None:
    assert set(DEALINGS) == set(Cause)
    assert len(Cause) == 25  # the 24 of the wire and of Asterisk, and history
    assert {dealing for dealing, _ in DEALINGS.values()} == set(Dealing)


# the reader's memento ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_reader_resumed_at_any_line_ends_the_same(scenario: str) -> None:
    text = (TRACES / scenario / "queue_log").read_text(encoding="utf-8", errors="replace")
    _resumes(text.splitlines(keepends=True))


def test_a_reader_resumed_at_any_line_of_all_ledgers_together() -> None:
    lines = [
        line
        for scenario in SCENARIOS
        for line in (TRACES / scenario / "queue_log").read_text(errors="replace").splitlines(keepends=True)
    ]
    lines.sort(key=lambda line: int(line.partition("|")[0]))
    lines.insert(70, f"{lines[70].partition('|')[0]}|NONE|NONE|NONE|QUEUESTART|\n")
    _resumes(lines)


def _resumes(lines: list[str]) -> None:
    straight = read_ledger(lines, PBX)
    whole = {entry.key: entry for entry in straight.take()}
    for cut in range(len(lines) + 1):
        before = LedgerReader(PBX)
        for line in lines[:cut]:
            before.feed(line)
        found = {entry.key: entry for entry in before.take()}
        memento = json.loads(json.dumps(before.memento()))
        after = LedgerReader.resumed(PBX, memento)
        assert json.loads(json.dumps(after.memento())) == memento
        for line in lines[cut:]:
            after.feed(line)
        found.update({entry.key: entry for entry in after.take()})
        assert found == whole, cut
        assert json.dumps(after.memento()) == json.dumps(straight.memento())


def test_what_a_reader_keeps_has_a_bound() -> None:
    reader = LedgerReader(PBX)
    sizes = []
    for number in range(30_000):
        at = BASE + number
        reader.feed(f"{at}|c{number}|support|NONE|ENTERQUEUE||1|1\n")
        reader.feed(f"{at}|c{number}|support|NONE|ABANDON|1|1|0\n")
        reader.feed(f"{at}|c{number}|support|NONE|OTHER{number}|1\n")
        reader.take()
        if number % 10_000 == 9_999:
            sizes.append(len(json.dumps(reader.memento())))
    assert all(later < earlier * 1.05 for earlier, later in pairwise(sizes)), sizes
    assert sizes[-1] < 200_000


def test_replaying_and_this_harness_hear_the_same() -> None:
    for scenario in SCENARIOS:
        direct = replaying.hear(replaying.signals_of(replaying.raw(scenario))).records
        assert hear(frames(scenario), following(scenario)).records == direct, scenario
