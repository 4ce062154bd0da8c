"""How the server speaks: lines, and a traceback only where it tells more than a sentence."""

import logging

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

_WARNINGS_ONLY = ("aiosqlite", "alembic", "uvicorn.error", "mqtt")


def configure(level: str) -> None:
    """For the whole process; `level` as the settings name it."""
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(in_a_sentence)
    for name in _WARNINGS_ONLY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def in_a_sentence(record: logging.LogRecord) -> bool:
    """A filter: what is out of reach is told without where we stood when we noticed.

    To draw one such traceback takes the event loop 50 ms, while a dead database gives one to every writer and reader.
    """
    fault = record.exc_info[1] if record.exc_info else None
    if fault is not None and _out_of_reach(fault):
        cause = fault.orig if isinstance(fault, DBAPIError) and fault.orig is not None else fault
        said = str(cause).partition("\n")[0]
        record.msg = ": ".join(filter(None, (record.getMessage(), type(cause).__name__, said)))
        record.args = ()
        record.exc_info = record.exc_text = None
    return True


def _out_of_reach(fault: BaseException) -> bool:
    if isinstance(fault, DBAPIError) and fault.connection_invalidated:
        return True
    return isinstance(fault, (OSError, TimeoutError, OperationalError, InterfaceError, NoConnection))
