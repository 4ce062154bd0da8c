"""The key of each sealed recording, itself wrapped by a master key, in SQL. Without its row a recording is noise."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Column, Connection, String, Table, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, Transactions
from recordings.ports import WrappedKey

KEYS = Table(
    "recording_keys",
    METADATA,
    Column("path", String(500), primary_key=True),
    Column("master", String(80), nullable=False, index=True),
    Column("wrapped", String(500), nullable=False),
)


class SqlKeyBook:
    def __init__(self, engine: AsyncEngine) -> None:
        self._transactions = Transactions(engine)

    async def get(self, path: str) -> WrappedKey | None:
        return await self._transactions.read(lambda connection: _get(connection, path))

    async def add(self, path: str, key: WrappedKey) -> WrappedKey:
        def add(connection: Connection) -> WrappedKey:
            dialect = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            connection.execute(
                dialect(KEYS)
                .values(path=path, **key._asdict())
                .on_conflict_do_nothing(index_elements=["path"])
            )
            return _get(connection, path) or key

        return await self._transactions.write(add)

    async def destroy(self, path: str) -> None:
        def destroy(connection: Connection) -> None:
            # Written over first: what is only deleted may lie in the database's pages for long.
            length = func.length(KEYS.c.wrapped)
            noise = func.substr("0" * 500, 1, length)
            connection.execute(update(KEYS).where(KEYS.c.path == path).values(wrapped=noise))
            connection.execute(delete(KEYS).where(KEYS.c.path == path))

        await self._transactions.write(destroy)

    async def masters(self) -> Mapping[str, int]:
        statement = select(KEYS.c.master, func.count().label("wrapped")).group_by(KEYS.c.master)
        rows = await self._transactions.read(lambda connection: connection.execute(statement).all())
        return {row.master: row.wrapped for row in rows}

    async def one_of(self, master: str) -> tuple[str, WrappedKey]:
        statement = select(KEYS).where(KEYS.c.master == master).limit(1)
        row = await self._transactions.read(lambda connection: connection.execute(statement).one())
        return row.path, WrappedKey(row.master, row.wrapped)

    async def wrapped_by_others(
        self, master: str, after: str, limit: int
    ) -> Sequence[tuple[str, WrappedKey]]:
        statement = select(KEYS).where(KEYS.c.master != master, KEYS.c.path > after)
        statement = statement.order_by(KEYS.c.path).limit(limit)
        rows = await self._transactions.read(lambda connection: connection.execute(statement).all())
        return [(row.path, WrappedKey(row.master, row.wrapped)) for row in rows]

    async def replace(self, path: str, old: WrappedKey, new: WrappedKey) -> None:
        same = (KEYS.c.path == path) & (KEYS.c.wrapped == old.wrapped)
        statement = update(KEYS).where(same).values(**new._asdict())
        await self._transactions.write(lambda connection: connection.execute(statement).rowcount)


def _get(connection: Connection, path: str) -> WrappedKey | None:
    row = connection.execute(select(KEYS).where(KEYS.c.path == path)).one_or_none()
    return None if row is None else WrappedKey(row.master, row.wrapped)
