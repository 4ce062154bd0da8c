"""The bytes of an action, refused rather than repaired when a value could smuggle in a second one."""

from collections.abc import Iterable

from cti.domain.errors import UnsafeAction

LINE_LIMIT = 1024  # bytes Asterisk reads of one line
LINES_LIMIT = 128  # headers Asterisk reads of one action
_UNSAFE = frozenset("\r\n\0")


def action_bytes(fields: Iterable[tuple[str, str]]) -> bytes:
    """An action as it goes out; raises UnsafeAction."""
    lines: list[bytes] = []
    for key, value in fields:
        if not _UNSAFE.isdisjoint(key) or not _UNSAFE.isdisjoint(value):
            raise UnsafeAction("It was not sent.")
        if not key or ":" in key:
            raise UnsafeAction("A key is empty or has a colon in it.")
        try:
            line = f"{key}: {value}\r\n".encode()
        except UnicodeEncodeError as error:
            raise UnsafeAction(f"{key} is not text.") from error
        if len(line) > LINE_LIMIT:
            raise UnsafeAction(f"{key} is longer than {LINE_LIMIT} bytes.")
        lines.append(line)
    if len(lines) > LINES_LIMIT:
        raise UnsafeAction(f"It has more than {LINES_LIMIT} lines.")
    return b"".join(lines) + b"\r\n"
