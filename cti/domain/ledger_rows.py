"""The ledger as a database holds it: Asterisk's realtime writes one row a line.

Its time is text in the switch's local time, or GMT where the switch was told so; when clocks go back an hour comes twice,
and only the order of the rows says which. The fifth datum swallows what does not fit: `talk|position` is one value there.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

_ANY_TEXT = re.compile(r"[\r\n]+")


def moment(written: object, zone: tzinfo, newest: float | None) -> float | None:
    """Seconds since 1970, or None for what is no time. `newest` is the time of the rows read so far."""
    if isinstance(written, (int, float)):
        return float(written)
    when = written
    if isinstance(written, str):
        text = written.strip()
        try:
            return float(text)
        except ValueError:
            pass
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            return None
    if not isinstance(when, datetime):
        return None
    if when.tzinfo is not None:
        return when.timestamp()
    first = when.replace(tzinfo=zone, fold=0).timestamp()
    second = when.replace(tzinfo=zone, fold=1).timestamp()
    if newest is not None and second > first and abs(second - newest) < abs(first - newest):
        return second
    return first


def line(row: Mapping[str, Any], at: float) -> str:
    """The row as the line the file would hold, its time to the microsecond."""
    data = [str(row[f"data{number}"] or "") for number in range(1, 6)]
    while data and not data[-1]:
        data.pop()
    fields = [
        f"{at:.6f}",
        str(row["callid"] or ""),
        str(row["queuename"] or ""),
        str(row["agent"] or ""),
        str(row["event"] or ""),
        *data,
    ]
    return _ANY_TEXT.sub(" ", "|".join(fields))


GMT: tzinfo = UTC
