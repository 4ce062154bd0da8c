"""Instants as people and other programs read them."""

from datetime import UTC, datetime


def iso(at: float | None) -> str | None:
    """ISO-8601 in UTC, to the millisecond: `2026-11-22T01:34:19.241Z`. `at` is in seconds since 1970."""
    if at is None:
        return None
    seconds, milliseconds = divmod(round(at * 1000), 1000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return f"{moment.isoformat()}.{milliseconds:03d}Z"
