"""The switch's ledger, line by line and as the real switch wrote it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cti.domain.ledger import ledger

TRACES = sorted((Path(__file__).parents[1] / "traces").glob("*/queue_log"))
BASE = 1_795_311_215


def read(*lines: str, threshold: float = 20.0) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """`12|c1|support|101|CONNECT|4` becomes a line 12 seconds into the log."""
    return ledger([_absolute(line) for line in lines], threshold)


def _absolute(line: str) -> str:
    second, rest = line.split("|", 1)
    return f"{BASE + int(second)}|{rest}\n"


def outcomes(visits: Iterable[dict[str, Any]]) -> list[tuple[str | None, float | None]]:
    return [(visit["outcome"], visit["wait_seconds"]) for visit in visits]


@pytest.mark.parametrize("log", TRACES, ids=lambda log: log.parent.name)
def test_recorded_ledgers_of_the_real_switch(log: Path) -> None:
    visits, summary = ledger(log.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True), 20)
    truth = json.loads((log.parent / "truth.json").read_text(encoding="utf-8"))
    told = [
        {
            "queue": visit["queue"],
            "uniqueid": visit["callid"],
            "joined_at": visit["entered"],
            "outcome": visit["outcome"],
            "wait_seconds": visit.get("hold", visit.get("wait")),
            "agent": visit.get("agent"),
            "talk_seconds": visit.get("talk"),
            "hold_seconds": None,
            "ended_by": visit.get("ended_by"),
        }
        for visit in truth
    ]
    beside = {"original_position", "ended_at"}
    assert [{k: v for k, v in visit.items() if k not in beside} for visit in visits] == told
    assert (summary["visits"], summary["malformed"], summary["orphans"]) == (len(truth), 0, 0)
    assert summary["unknown_events"] == {}
    assert summary["kpi"]["offered"] == len(truth)
    assert summary["kpi"]["answered"] == sum(visit["outcome"] == "answered" for visit in truth)


def test_there_are_recorded_ledgers() -> None:
    assert len(TRACES) > 20


def test_an_answered_visit_in_the_public_shape() -> None:
    visits, summary = read(
        "0|c1|support|NONE|ENTERQUEUE||+8613800000000|3",
        "3|c1|support|101|RINGNOANSWER|3000",
        "6|c1|support|102|CONNECT|6|c9|2",
        "10|c1|support|102|COMPLETEAGENT|6|4|3",
    )
    assert visits == [
        {
            "queue": "support",
            "uniqueid": "c1",
            "joined_at": 1795311215.0,
            "outcome": "answered",
            "wait_seconds": 6.0,
            "original_position": 3,
            "agent": "102",
            "talk_seconds": 4.0,
            "hold_seconds": None,
            "ended_at": 1795311225.0,
            "ended_by": "agent",
        }
    ]
    assert (summary["calls"], summary["visits"], summary["outcomes"]) == (1, 1, {"answered": 1})
    assert summary["kpi"]["agent_answer_rate"] == 0.5
    assert summary["kpi"]["aht_seconds"] == 4.0
    json.dumps([visits, summary])


@pytest.mark.parametrize(
    ("closing", "outcome", "wait"),
    [
        ("NONE|ABANDON|1|1|5", "abandoned", 5.0),
        ("101|ABANDON|1|1|5", "abandoned_announce", 5.0),
        ("NONE|EXITWITHTIMEOUT|1|1|5", "timeout", 5.0),
        ("NONE|EXITEMPTY|1|1|5", "leave_empty", 5.0),
        ("NONE|EXITWITHKEY|9|1|1|5", "key_exit", 5.0),
        ("NONE|WITHDRAW|1|1|5|callback", "withdrawn", 5.0),
        ("NONE|ABANDON|1|1|", "abandoned", 6.0),  # a cut datum: the two times tell
        ("NONE|ABANDON", "abandoned", 6.0),
    ],
)
def test_how_waits_end(closing: str, outcome: str, wait: float) -> None:
    visits, _ = read("0|c1|support|NONE|ENTERQUEUE||1|1", f"6|c1|support|{closing}")
    assert outcomes(visits) == [(outcome, wait)]


def test_a_codec_failure_is_no_abandon() -> None:
    visits, _ = read(
        "0|c1|support|NONE|ENTERQUEUE||1|1",
        "4|c1|support|101|SYSCOMPAT",
        "4|c1|support|NONE|ABANDON|1|1|4",
    )
    assert outcomes(visits) == [("syscompat", 4.0)]


def test_an_agent_who_hangs_up_on_the_announcement_leaves_the_caller_waiting() -> None:
    visits, summary = read(
        "0|c1|support|NONE|ENTERQUEUE||1|1",
        "2|c1|support|101|AGENTDUMP",
        "7|c1|support|102|CONNECT|7|x|3",
    )
    assert outcomes(visits) == [("answered", 7.0)]
    assert visits[0]["agent"] == "102"
    assert summary["kpi"]["agent_answer_rate"] == 1.0


@pytest.mark.parametrize(
    "closing",
    [
        "BLINDTRANSFER|200|from-agents|1|9|1",
        "ATTENDEDTRANSFER|BRIDGE|x|1|9|1",
        "ATTENDEDTRANSFER|LINK|x|y|1|9|1",
    ],
)
def test_transfers_end_the_agents_part(closing: str) -> None:
    visits, summary = read(
        "0|c1|support|NONE|ENTERQUEUE||1|1", "1|c1|support|101|CONNECT|1|x|1", f"10|c1|support|101|{closing}"
    )
    assert (visits[0]["ended_by"], visits[0]["talk_seconds"]) == ("transfer", 9.0)
    assert summary["kpi"]["transfer_rate"] == 1.0


def test_one_call_several_visits() -> None:
    visits, summary = read(
        "0|c1|support|NONE|ENTERQUEUE||1|1",
        "9|c1|support|NONE|EXITWITHTIMEOUT|1|1|9",
        "9|c1|sales|NONE|ENTERQUEUE||1|1",
        "12|c1|sales|NONE|ABANDON|1|1|3",
    )
    assert [(visit["queue"], visit["outcome"]) for visit in visits] == [
        ("support", "timeout"),
        ("sales", "abandoned"),
    ]
    assert (summary["calls"], summary["visits"]) == (1, 2)


def test_queue_names_are_the_same_whatever_their_case() -> None:
    visits, summary = read("0|c1|Support|NONE|ENTERQUEUE||1|1", "6|c1|support|NONE|ABANDON|1|1|6")
    assert outcomes(visits) == [("abandoned", 6.0)]
    assert summary["orphans"] == 0


def test_a_restart_loses_those_who_waited_and_keeps_what_was_answered() -> None:
    visits, summary = read(
        "0|c1|support|NONE|ENTERQUEUE||1|1",
        "0|c2|support|NONE|ENTERQUEUE||2|2",
        "2|c1|support|101|CONNECT|2|x|2",
        "5|NONE|NONE|NONE|QUEUESTART|",
        "7|c1|support|NONE|ENTERQUEUE||3|1",  # ids begin anew with the process
    )
    assert outcomes(visits) == [("answered", 2.0), ("lost", None), (None, None)]
    assert (visits[0]["talk_seconds"], visits[0]["ended_by"]) == (None, None)
    assert (summary["open"], summary["outcomes"]) == (1, {"answered": 1, "lost": 1})
    assert summary["kpi"]["answer_rate"] == 1.0


def test_a_reload_is_no_restart() -> None:
    visits, _ = read("0|c1|support|NONE|ENTERQUEUE||1|1", "5|NONE|NONE|NONE|CONFIGRELOAD|")
    assert outcomes(visits) == [(None, None)]


def test_a_visit_moved_to_another_callid_by_a_transfer_is_followed() -> None:
    """Agent 101 consults queue sales and transfers before anybody answers; both callids change places."""
    visits, summary = read(
        "0|cust|support|NONE|ENTERQUEUE||1|1",
        "1|cust|support|101|CONNECT|1|x|1",
        "10|consult|sales|NONE|ENTERQUEUE||101|1",
        "10|other|sales|NONE|ENTERQUEUE||2|2",  # joined in the same second: the wait alone cannot tell them apart
        "15|consult|support|101|ATTENDEDTRANSFER|APP|Queue|1|14|1",
        "20|cust|sales|103|CONNECT|10|y|4",
        "21|other|sales|104|CONNECT|11|z|4",
        "30|cust|sales|103|COMPLETECALLER|10|10|1",
        "31|other|sales|104|COMPLETEAGENT|11|10|2",
    )
    assert [(v["uniqueid"], v["outcome"], v["agent"], v["talk_seconds"], v["ended_by"]) for v in visits] == [
        ("cust", "answered", "101", 14.0, "transfer"),
        ("consult", "answered", "103", 10.0, "caller"),
        ("other", "answered", "104", 10.0, "agent"),
    ]
    assert (summary["orphans"], summary["rebound"]) == (0, 3)


def test_a_transfer_into_a_queue_is_followed_by_the_number_that_consulted() -> None:
    """As the real switch logs it: only the answer shows the new callid, and another joined in the same second."""
    visits, summary = read(
        "0|cust|support|NONE|ENTERQUEUE||1|1",
        "1|cust|support|101|CONNECT|1|x|1",
        "10|other|sales|NONE|ENTERQUEUE||2|1",
        "10|consult|sales|NONE|ENTERQUEUE||101|2",
        "15|cust|support|101|ATTENDEDTRANSFER|APP|Queue|1|14|1",
        "20|cust|sales|103|CONNECT|10|y|4",
        "21|other|sales|NONE|ABANDON|1|1|11",
        "30|cust|sales|103|COMPLETECALLER|10|10|1",
    )
    assert [(v["uniqueid"], v["outcome"], v["agent"], v["talk_seconds"]) for v in visits] == [
        ("cust", "answered", "101", 14.0),
        ("other", "abandoned", None, None),
        ("consult", "answered", "103", 10.0),
    ]
    assert summary["orphans"] == 0


def test_a_visit_whose_own_arithmetic_singles_it_out_is_followed() -> None:
    visits, summary = read(
        "0|c1|sales|NONE|ENTERQUEUE||1|1",
        "8|c2|sales|NONE|ENTERQUEUE||2|1",
        "12|moved|sales|103|CONNECT|4|y|4",
        "20|again|sales|103|COMPLETECALLER|4|8|1",
    )
    assert [(v["uniqueid"], v["outcome"], v["talk_seconds"]) for v in visits] == [
        ("c1", None, None),
        ("c2", "answered", 8.0),
    ]
    assert summary["rebound"] == 2


def test_what_could_be_either_is_guessed_for_neither() -> None:
    visits, summary = read(
        "0|c1|sales|NONE|ENTERQUEUE||1|1",
        "0|c2|sales|NONE|ENTERQUEUE||2|1",
        "4|moved|sales|103|CONNECT|4|y|4",
    )
    assert outcomes(visits) == [(None, None), (None, None)]
    assert summary["orphans"] == 1


def test_a_conversation_redirected_into_another_visit_keeps_both_apart() -> None:
    """A redirect is not logged: the first visit's end comes with the caller's own, after the second visit."""
    visits, _ = read(
        "0|c1|support|NONE|ENTERQUEUE||1|1",
        "2|c1|support|101|CONNECT|2|x|2",
        "10|c1|support|NONE|ENTERQUEUE||1|1",
        "13|c1|support|101|CONNECT|3|y|3",
        "20|c1|support|101|COMPLETEAGENT|3|7|1",
        "20|c1|support|101|COMPLETECALLER|2|18|1",
    )
    assert [(v["wait_seconds"], v["talk_seconds"], v["ended_by"]) for v in visits] == [
        (2.0, 18.0, "caller"),
        (3.0, 7.0, "agent"),
    ]


def test_a_missing_line_costs_no_more_than_what_it_said() -> None:
    visits, summary = read(
        "0|c1|support|NONE|ENTERQUEUE||1|1",  # its end is missing, and the same channel joins again
        "9|c1|sales|NONE|ENTERQUEUE||1|1",
        "19|c1|sales|101|COMPLETECALLER|4|6|1",  # its CONNECT is missing
        "30|c7|sales|101|COMPLETECALLER|4|6|1",  # its beginning is in another file
    )
    assert [(v["outcome"], v["wait_seconds"], v["talk_seconds"]) for v in visits] == [
        ("lost", None, None),
        ("answered", 4.0, 6.0),
    ]
    assert summary["orphans"] == 1


def test_a_line_cut_at_eight_kilobytes_still_joins() -> None:
    line = f"{BASE}|c1|support|NONE|ENTERQUEUE|{'u' * 9000}"[:8191] + "\n"
    visits, summary = ledger([line, f"{BASE + 3}|c1|support|NONE|ABANDON|1|1|3\n"], 20)
    assert outcomes(visits) == [("abandoned", 3.0)]
    assert (visits[0]["original_position"], summary["malformed"]) == (None, 0)


WHOLE = [
    f"{BASE}|c1|support|NONE|ENTERQUEUE||1|1\n",
    f"{BASE + 12}|c1|support|101|CONNECT|12|x|10\n",
    f"{BASE + 212}|c1|support|101|COMPLETEAGENT|12|200|10\n",
]


def test_a_half_written_last_line_is_never_believed_too_far() -> None:
    complete, _ = ledger(WHOLE, 20)
    for cut in range(1, len(WHOLE[2])):
        visits, summary = ledger([*WHOLE[:2], WHOLE[2][:cut]], 20)
        assert visits[0]["wait_seconds"] == 12.0
        assert visits[0]["talk_seconds"] in {None, 200.0}, WHOLE[2][:cut]
        assert visits[0]["ended_by"] in {None, "agent"}
        assert summary["lines"] == 3
    assert ledger([*WHOLE[:2], WHOLE[2].rstrip()], 20)[0] == complete


@pytest.mark.parametrize(
    "noise",
    [
        "",
        "\x00\x00\x00",
        "garbage",
        "|||||",
        "abc|c1|support|NONE|ABANDON|1|1|1",
        "-5|c1|support|NONE|ABANDON|1|1|1",
        "nan|c1|support|NONE|ABANDON|1|1|1",
        "1795311215241|c1|support|NONE|ABANDON|1|1|1",  # milliseconds
        f"{BASE}|c1|support|NONE",
        f"{BASE}|c1|support|NONE|",
        f"{BASE}||support|NONE|ABANDON|1|1|1",
        f"{BASE}|c1|support|NONE|DID|200",
        f"{BASE}|MANAGER|support|PJSIP/101|ADDMEMBER|PAUSED",
        f"{BASE}|c2|support|NONE|ABANDON|1|1|" + "9" * 5000,
        f"{BASE}|c2|support|101|CONNECT|-1|x|²",
    ],
)
def test_noise_changes_nothing(noise: str) -> None:
    clean, expected = ledger(WHOLE, 20)
    visits, summary = ledger([WHOLE[0], noise + "\n", *WHOLE[1:]], 20)
    assert visits == clean
    assert summary["outcomes"] == expected["outcomes"]


def test_noise_is_counted() -> None:
    _, summary = ledger(["garbage\n", f"{BASE}|c1|q|NONE|DID|1\n", f"{BASE}|c1|q|NONE|DID|2\n", "\n"], 20)
    assert (summary["lines"], summary["malformed"], summary["unknown_events"]) == (3, 1, {"DID": 2})


def test_lines_may_end_as_windows_ends_them_and_begin_with_a_mark() -> None:
    dressed = ["\ufeff" + WHOLE[0].replace("\n", "\r\n"), *(line.replace("\n", "\r\n") for line in WHOLE[1:])]
    assert ledger(dressed, 20) == ledger(WHOLE, 20)


def test_the_threshold_is_the_callers_choice() -> None:
    levels = [ledger(WHOLE, threshold)[1]["kpi"]["service_level"] for threshold in (11.9, 12)]
    assert levels == [
        {"formula": "strict", "threshold_seconds": 11.9, "value": 0.0},
        {"formula": "strict", "threshold_seconds": 12.0, "value": 1.0},
    ]


def test_an_empty_ledger() -> None:
    visits, summary = ledger([], 20)
    assert visits == []
    assert (summary["visits"], summary["kpi"]["answer_rate"]) == (0, None)
