"""What queue_log says happened, read by code that shares nothing with the product: the truth beside each trace."""

from __future__ import annotations

from typing import Any

Visit = dict[str, Any]

#  closing event -> (outcome, who ended it, place of the waiting time or None)
CLOSINGS: dict[str, tuple[str, str | None, int | None]] = {
    "COMPLETECALLER": ("answered", "caller", None),
    "COMPLETEAGENT": ("answered", "agent", None),
    "BLINDTRANSFER": ("answered", "transfer", None),
    "ATTENDEDTRANSFER": ("answered", "transfer", None),
    "ABANDON": ("abandoned", None, 2),
    "EXITWITHTIMEOUT": ("timeout", None, 2),
    "EXITEMPTY": ("leave_empty", None, 2),
    "EXITWITHKEY": ("key_exit", None, 3),
    "WITHDRAW": ("withdrawn", None, 2),
}
#  where holdtime stands in an answered visit's closing line; talktime is the next one
HOLD_AT = {"COMPLETECALLER": 0, "COMPLETEAGENT": 0, "BLINDTRANSFER": 2}


def visits(text: str) -> list[Visit]:
    """One visit for each ENTERQUEUE, in order. A line of a call never seen entering (an attended transfer into a
    queue swaps ids) belongs to the oldest open visit of its queue whose state it fits."""
    found: list[Visit] = []
    for line in text.splitlines():
        at, callid, queue, agent, event, *data = line.split("|")
        if event == "ENTERQUEUE":
            found.append(
                {
                    "callid": callid,
                    "queue": queue,
                    "entered": int(at),
                    "number": data[1],
                    "ringnoanswer": [],
                    "outcome": None,
                }
            )
            continue
        visit = _of(found, callid, queue, event)
        if visit is None:
            continue
        if visit["callid"] != callid:
            visit.setdefault("later_callid", callid)
        _apply(visit, int(at), agent, event, data)
    return found


def _of(found: list[Visit], callid: str, queue: str, event: str) -> Visit | None:
    still = [visit for visit in found if visit["queue"] == queue and visit["outcome"] in {None, "talking"}]
    own = [visit for visit in still if callid in {visit["callid"], visit.get("later_callid")}]
    if own:
        return own[-1]
    if event in HOLD_AT or event == "ATTENDEDTRANSFER":
        return next((visit for visit in still if visit["outcome"] == "talking"), None)
    if event == "CONNECT" or event in CLOSINGS:
        return next((visit for visit in still if visit["outcome"] is None), None)
    return None


def _apply(visit: Visit, at: int, agent: str, event: str, data: list[str]) -> None:
    if event == "RINGNOANSWER":
        visit["ringnoanswer"].append([agent, int(data[0])])
    elif event == "CONNECT":
        visit.update(
            outcome="talking",
            agent=agent,
            connected=at,
            hold=int(data[0]),
            agent_channel=data[1],
            ring=int(data[2]),
        )
    elif event in CLOSINGS:
        outcome, ended_by, wait_at = CLOSINGS[event]
        visit.update(outcome=outcome, ended=at, closing_event=event, closing_data=data)
        if wait_at is not None:
            visit["wait"] = int(data[wait_at])
            return
        hold_at = HOLD_AT.get(event, len(data) - 3)
        visit.update(talk=int(data[hold_at + 1]), ended_by=ended_by)


def truth(text: str) -> list[Visit]:
    """As `visits`; who was still talking or waiting when the log ends has no outcome."""
    found = visits(text)
    for visit in found:
        if visit["outcome"] == "talking":
            visit["outcome"] = None
    return found
