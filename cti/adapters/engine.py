"""The one engine of every SQL adapter, and whole transactions in one trip to where the database is.

SQLite's asynchronous driver takes each statement, and each fetch of its rows, to a thread and back: nine trips a question,
seven times the processor time of the question itself. Where that counts, a transaction is a plain function of a
connection. On SQLite it runs as a whole in a thread of ours; PostgreSQL's driver is at home on the event loop, and there it
runs as any other.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from sqlite3 import SQLITE_BUSY, OperationalError
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_THREADS = "threads"  # the engine's option that holds them
_PATIENCE = 15.0  # seconds for which one waits for another connection's lock
_CACHE = 1024  # kB of pages each connection keeps for itself; the system keeps the file
_PRAGMAS = (
    "synchronous=NORMAL",
    f"busy_timeout={_PATIENCE * 1000:.0f}",
    "foreign_keys=ON",
    f"cache_size=-{_CACHE}",
)

CONNECTIONS = 15
"""That a server has to PostgreSQL at most."""

Result = TypeVar("Result")
Work = Callable[[Connection], Result]
"""What is done within one transaction; it must not touch what the event loop may change meanwhile."""


def connect(url: str) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///…` (write-ahead log, one writer after another) or `postgresql+asyncpg://…`."""
    if not url.startswith("sqlite"):
        # All that are opened are kept: to open one costs the database a process, in the very moment many are asked for.
        return create_async_engine(
            url, pool_pre_ping=True, hide_parameters=True, pool_size=CONNECTIONS, max_overflow=0
        )
    threads = _Threads(url)
    options = {_THREADS: threads}
    # What is written is personal, and errors are logged: without it.
    # The connection used last is used next: one warm cache of pages, where taking turns would fill them all.
    engine = create_async_engine(
        url, hide_parameters=True, pool_use_lifo=True, execution_options=options
    ).sync_engine
    _as_we_use_it(engine)
    event.listen(engine, "engine_disposed", lambda _: threads.close())
    return _InTurn(engine, threads.turn)


class _InTurn(AsyncEngine):
    """Whoever writes waits for his turn, first come, first served.

    SQLite itself has those who wait ask again and again: on a busy machine the unlucky one is told that the database is
    locked. Its own wait is left for other processes.
    """

    def __init__(self, engine: Engine, turn: asyncio.Lock) -> None:
        super().__init__(engine)
        self._turn = turn

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn, super().begin() as connection:
            yield connection


def reading(engine: AsyncEngine) -> AsyncEngine:
    """The same engine for transactions that only read: on SQLite they do not queue behind writers."""
    return engine.execution_options(writes=False)


async def open_early(engine: AsyncEngine, some: int = CONNECTIONS // 2) -> None:
    """Connections to PostgreSQL before anybody asks for them, or the first callers in a rush would wait for theirs."""
    if engine.dialect.name != "sqlite":
        async with contextlib.AsyncExitStack() as opened:
            for _ in range(some):
                await opened.enter_async_context(engine.connect())


class Transactions:
    """Each in one trip: committed when the work is done, rolled back when it raises."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._reading = engine, reading(engine)
        self._threads: _Threads | None = engine.get_execution_options().get(_THREADS)

    async def read(self, work: Work[Result]) -> Result:
        """Does not queue behind writers."""
        if self._threads is not None:
            return await self._threads.read(work)
        async with self._reading.connect() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Work[Result]) -> Result:
        """Whoever is cancelled meanwhile leaves nothing under way: the transaction has ended by then."""
        if self._threads is not None:
            return await self._threads.write(work)
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)


class _Threads:
    """SQLite beside the event loop: a thread that writes, for SQLite has one writer at a time, and one that reads."""

    def __init__(self, url: str) -> None:
        engine = create_engine(
            make_url(url).set(drivername="sqlite"),
            hide_parameters=True,
            connect_args={"check_same_thread": False},  # closed by whoever disposes of the engine
        )
        _as_we_use_it(engine)
        self._reader = _Thread("sqlite_reader", engine.execution_options(writes=False))
        self._writer = _Thread("sqlite_writer", engine)
        self.turn = asyncio.Lock()
        self.read = self._reader.do

    async def write(self, work: Work[Result]) -> Result:
        async with self.turn:
            return await self._writer.do(work)

    def close(self) -> None:
        """With the engine; whoever uses it again opens it again."""
        self._reader.close()
        self._writer.close()


class _Thread:
    """One thread, begun with its first work, and the connection it keeps: to fetch and return one costs as much as a question."""

    def __init__(self, name: str, engine: Engine) -> None:
        self._name, self._engine = name, engine
        self._connection: Connection | None = None
        self._thread = ThreadPoolExecutor(1, name)

    async def do(self, work: Work[Result]) -> Result:
        job = asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, work)
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            while not job.done():
                with contextlib.suppress(asyncio.CancelledError):  # whoever insists waits too
                    await asyncio.wait([job])
            raise

    def _transaction(self, work: Work[Result]) -> Result:
        connection = self._connection = self._connection or self._engine.connect()
        try:
            with connection.begin():
                return work(connection)
        except BaseException:
            self._let_go()  # whatever state it is in
            raise

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Nothing is under way any more: who was cancelled has waited for it."""
        self._thread.shutdown()
        self._let_go()
        self._engine.dispose()
        self._thread = ThreadPoolExecutor(1, self._name)


def _as_we_use_it(engine: Engine) -> None:
    """SQLite's settings, and transactions begun by hand.

    The driver's own deferred BEGIN would make a reader that turns writer fail at once with "database is locked", which
    busy_timeout does not cover.
    """

    @event.listens_for(engine, "connect")
    def _opened(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        _to_write_ahead(cursor)
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", True)
        cursor = connection.connection.cursor()  # SQLAlchemy's own way costs more than a question's answer
        cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        cursor.close()


def _to_write_ahead(cursor: Any) -> None:
    """Of several that open a new database at once SQLite refuses all but one on the spot, whatever its busy_timeout."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except OperationalError as fault:
            # the low byte is the kind: a file that cannot be opened at all is said at once
            if fault.sqlite_errorcode & 0xFF != SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.005)  # the other one is at work in another thread or process: a write to disk
        else:
            return
