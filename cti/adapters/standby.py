"""One server serves a PostgreSQL database; one that is started beside it stands by and takes over when the first is gone.

Theory of operation. A session's advisory lock, on a connection of its own, says whose duty it is: PostgreSQL frees it when
the session ends, however it ends, and asks a silent peer within seconds whether it lives. When the connection breaks the
lock is asked for again. A session of our own that PostgreSQL still takes for alive is ended; when another server has the
lock by then, this one must stop: two would write the same calls.

SQLite needs none of this: the lock of the journal refuses a second server on the same machine.
"""

import asyncio
import logging
import secrets
from typing import Any

from sqlalchemy import NullPool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from cti.domain.errors import AnotherServer

log = logging.getLogger(__name__)

KEY = 7_401_002
LOOK = 1.0  # seconds between two looks
PATIENCE = 5.0  # seconds for an answer
_KEEPALIVE = {
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
_HOLDER = text(
    "SELECT activity.pid, application_name, host(client_addr) AS host, backend_start AS since "
    "FROM pg_locks JOIN pg_stat_activity AS activity USING (pid) "
    "WHERE locktype = 'advisory' AND classid = 0 AND objid = :key AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Duty:
    """Whose duty it is to serve a database."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Nothing is asked before `take`."""
        self.standing_by = False
        self.name = f"tierline {secrets.token_hex(4)}"
        self._connection: AsyncConnection | None = None
        self._ours = False  # as far as `_connection` knows
        self._engine = None
        if engine.dialect.name == "postgresql":
            self._engine = create_async_engine(
                engine.url,
                poolclass=NullPool,
                isolation_level="AUTOCOMMIT",
                connect_args={"server_settings": {"application_name": self.name, **_KEEPALIVE}},
            )

    async def take(self) -> None:
        """Return when it is ours; stand by as long as it is another server's."""
        while self._engine is not None and not await self._asked(self._engine):
            if not self.standing_by:
                self.standing_by = True
                log.warning("database: %s serves it; standing by", _said(await self._holder(self._engine)))
            await asyncio.sleep(LOOK)
        self.standing_by = False

    async def keep(self) -> None:
        """Until cancelled. Raises AnotherServer when it was lost to one."""
        while self._engine is not None:
            await asyncio.sleep(LOOK)
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._look(self._engine)
            except (DBAPIError, OSError, TimeoutError):
                await self._part()

    async def _look(self, engine: AsyncEngine) -> None:
        if self._ours and self._connection is not None:
            await self._connection.execute(text("SELECT 1"))
        elif not await self._asked(engine):
            holder = await self._holder(engine)
            if holder is not None and holder.application_name != self.name:
                raise AnotherServer(_said(holder))
            if holder is not None:  # of our own, from before the connection broke
                connection = await self._connected(engine)
                await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": holder.pid})

    async def _connected(self, engine: AsyncEngine) -> AsyncConnection:
        if self._connection is None:
            self._connection = await engine.connect()
        return self._connection

    async def _asked(self, engine: AsyncEngine) -> bool:
        connection = await self._connected(engine)
        answer = await connection.execute(text("SELECT pg_try_advisory_lock(0, :key)"), {"key": KEY})
        self._ours = bool(answer.scalar_one())
        return self._ours

    async def _holder(self, engine: AsyncEngine) -> Any | None:
        """The session that has the lock: pid, application_name, host, since."""
        connection = await self._connected(engine)
        return (await connection.execute(_HOLDER, {"key": KEY})).one_or_none()

    async def _part(self) -> None:
        connection, self._connection, self._ours = self._connection, None, False
        if connection is not None:
            await connection.invalidate()
            await connection.close()

    async def close(self) -> None:
        """Let another server have it."""
        await self._part()
        if self._engine is not None:
            await self._engine.dispose()


def _said(holder: Any | None) -> str:
    if holder is None:
        return "another server"
    return (
        f"the server at {holder.host or 'this machine'}, connected since {holder.since:%Y-%m-%d %H:%M:%S %Z}"
    )
