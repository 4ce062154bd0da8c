"""The shared kit of every SQL adapter: one metadata, one engine, upserts, portions, and writing in batches.

Times are stored as they are in the domain: seconds since 1970 (UTC) in a double. Rows are written in batches with
SQLAlchemy Core, because a commit per row is forty times dearer.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar, cast

from sqlalchemy import Connection, Dialect, Float, Insert, MetaData, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from cti.adapters.engine import Transactions, connect, reading
from cti.adapters.portions import page_of, portions

__all__ = [
    "METADATA",
    "BatchWriter",
    "Together",
    "Transactions",
    "connect",
    "page_of",
    "portions",
    "put",
    "reading",
    "upsert",
]


log = logging.getLogger(__name__)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


async def upsert(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, replacing those whose primary key is there."""
    await connection.run_sync(put, table, rows)


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """The same within a transaction that is made in one trip."""
    if not rows:
        return
    statement = _upsert(connection.dialect, table, tuple(rows[0]))
    cleaned = [_clean(row) for row in rows]
    if statement.text is None:
        connection.execute(statement.insert, cleaned)
    else:  # nothing to convert: the driver takes the values as they are, three times as fast
        values = [tuple(map(row.__getitem__, statement.names)) for row in cleaned]
        connection.exec_driver_sql(statement.text, values)


class _Upsert(NamedTuple):
    insert: Insert
    names: tuple[str, ...]  # of the values, in the order of `text`
    text: str | None  # None: some column's values must be converted for the driver


@lru_cache(maxsize=100)
def _upsert(dialect: Dialect, table: Table, names: tuple[str, ...]) -> _Upsert:
    dialects = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    statement = dialects(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in names if name not in keys}
    if changed:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    types = (table.c[name].type.dialect_impl(dialect) for name in names)
    as_it_is = all(isinstance(kind, Float) or kind.bind_processor(dialect) is None for kind in types)
    return _Upsert(statement, tuple(compiled.positiontup or ()), str(compiled) if as_it_is else None)


def _clean(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without NUL, which PostgreSQL takes in no text; JSON text carries it escaped, where it harms as much."""
    texts = "".join([value for value in row.values() if isinstance(value, str)])
    if "\0" in texts or "\\u0000" in texts:
        return {name: _without_nul(value) for name, value in row.items()}
    return row


def _without_nul(value: Any) -> Any:
    return value.replace("\0", "").replace("\\u0000", "") if isinstance(value, str) else value


Question = TypeVar("Question")
Answer = TypeVar("Answer")
_Pending = asyncio.Future[Answer | object]
_YOUR_TURN = object()


class Together(Generic[Question, Answer]):
    """Questions that come while a query runs are asked in one query after it.

    A question that comes alone is asked at once; a hundred that come together cost little more than one. Whoever
    comes first asks, for the others too, and then hands on.
    """

    def __init__(
        self,
        ask: Callable[[Sequence[Question]], Awaitable[Mapping[Question, Answer]]],
        *,
        most: int = 100,
        pause: float = 0.0,
    ) -> None:
        """`ask` gets at most so many questions, all different; what it leaves out has no answer.

        `pause`: seconds that questions gather after one was answered, where nobody waits for them.
        """
        self._ask, self._most, self._pause = ask, most, pause
        self._waiting: dict[Question, list[_Pending[Answer]]] = {}
        self._asking = False

    async def __call__(self, question: Question) -> Answer | None:
        """The answer, or None when there is none. Raises what `ask` raised."""
        if not self._asking:
            return await self._ask_with(question)
        mine: _Pending[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(question, []).append(mine)
        try:
            told = await mine
        except asyncio.CancelledError:
            if not mine.cancelled() and mine.exception() is None and mine.result() is _YOUR_TURN:
                self._hand_on()
            raise
        return await self._ask_with(question) if told is _YOUR_TURN else cast("Answer | None", told)

    async def _ask_with(self, question: Question) -> Answer | None:
        self._asking = True
        together = {question: self._waiting.pop(question, [])}
        for other in list(islice(self._waiting, self._most - 1)):
            together[other] = self._waiting.pop(other)
        try:
            found = await self._ask(list(together))
        except Exception as problem:
            for mine in _unanswered(together):
                mine.set_exception(problem)
            raise
        except BaseException:  # we are called off: the others go on waiting
            for other, pending in together.items():
                self._waiting.setdefault(other, []).extend(_unanswered({other: pending}))
            raise
        else:
            for other, pending in together.items():
                for mine in _unanswered({other: pending}):
                    mine.set_result(found.get(other))
            return found.get(question)
        finally:
            if self._pause:
                asyncio.get_running_loop().call_later(self._pause, self._hand_on)
            else:
                self._hand_on()

    def _hand_on(self) -> None:
        """The next who waits asks for all who wait; when nobody does, whoever comes."""
        for pending in self._waiting.values():
            while pending:
                mine = pending.pop(0)
                if not mine.done():
                    mine.set_result(_YOUR_TURN)
                    return
        self._asking = False


def _unanswered(together: Mapping[Any, Sequence[_Pending[Any]]]) -> list[_Pending[Any]]:
    return [mine for pending in together.values() for mine in pending if not mine.done()]


Item = TypeVar("Item")

POISONED = 3
"""So many failures of one batch, while the store takes others, and the batch is suspected."""


class BatchWriter(Generic[Item]):
    """A bounded, ordered queue before something slow: takes items at once, writes them in batches.

    A failing batch is tried again with growing pauses (0.1 to 5 s); meanwhile items gather up to `capacity`. Beyond
    it the oldest are let go, counted in `lost` and logged: memory stays bounded and nobody upstream ever waits.
    """

    def __init__(
        self,
        name: str,
        write: Callable[[list[Item]], Awaitable[None]],
        *,
        batch: int = 500,
        pause: float = 0.05,
        capacity: int = 100_000,
    ) -> None:
        """`pause` is how long, in seconds, a first item waits for company."""
        self._name, self._write, self._batch, self._pause, self._capacity = (
            name,
            write,
            batch,
            pause,
            capacity,
        )
        self._items: list[Item] = []
        self._gone = 0  # items that were before these: written, or let go
        self._arrived, self._moved = asyncio.Event(), asyncio.Event()
        self.lost = 0
        self.failures = 0

    def put(self, item: Item) -> None:
        if len(self._items) >= self._capacity:
            overflow = max(1, self._capacity // 100)
            del self._items[:overflow]
            self._gone += overflow
            self.lost += overflow
            self._moved.set()
            log.error("%s: %d items let go, the writer cannot keep up", self._name, self.lost)
        if not self._items:
            self._arrived.set()
        self._items.append(item)

    @property
    def backlog(self) -> int:
        return len(self._items)

    @property
    def waiting(self) -> Sequence[Item]:
        """Items that are not known to be written, those of a batch under way among them; not to be changed."""
        return self._items

    async def drained(self) -> None:
        """Return when everything taken so far is written, whatever comes meanwhile."""
        until = self._gone + len(self._items)
        while self._gone < until:
            self._moved.clear()
            await self._moved.wait()

    async def run(self) -> None:
        """Write until cancelled; on cancellation what is left is written once more."""
        try:
            while True:
                await self._arrived.wait()
                if len(self._items) < self._batch:
                    await asyncio.sleep(self._pause)
                await self._write_next()
        except asyncio.CancelledError:
            if self._items:
                await self._write(self._items)
            raise

    async def _write_next(self) -> None:
        batch = self._items[: self._batch]
        end = self._gone + len(batch)
        await self._write_until_done(batch)
        del self._items[: max(0, end - self._gone)]
        self._gone = max(self._gone, end)
        self._moved.set()
        if not self._items:
            self._arrived.clear()

    async def _write_until_done(self, batch: list[Item]) -> None:
        """Try again until it is written; a store that takes everything but this batch makes it smaller."""
        delay, attempts = 0.1, 0
        while True:
            try:
                await self._write(batch)
            except Exception:
                self.failures += 1
                attempts += 1
                log.exception("%s: a batch of %d could not be written", self._name, len(batch))
            else:
                return
            if attempts >= POISONED and await self._store_works():
                await self._write_in_parts(batch)
                return
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5.0)

    async def _write_in_parts(self, batch: list[Item]) -> None:
        if len(batch) == 1:
            self.lost += 1
            log.error("%s: one item cannot be written and is let go; %d so far", self._name, self.lost)
            return
        middle = len(batch) // 2
        await self._write_until_done(batch[:middle])
        await self._write_until_done(batch[middle:])

    async def _store_works(self) -> bool:
        """Whether writing nothing succeeds: then it is the batch that is wrong, not the store."""
        try:
            await self._write([])
        except Exception:  # noqa: BLE001  whatever it is, the store does not work
            return False
        return True
