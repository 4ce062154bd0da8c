"""The outbox: every change, numbered without holes, until everybody who is told of it has been told.

Changes are written in the transaction of the rows they speak of, a batch a row. Readers (the broker, browsers, webhooks)
follow from a sequence number of their own: from memory as long as they keep up, else from the table. A reader's cursor is
kept beside it, so that whoever comes back is told what it missed: at least once, and in order.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

import orjson
from sqlalchemy import BigInteger, Column, Connection, Double, Table, Text, delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, put, reading, upsert
from cti.domain.changes import Change, Published, Tell, change_json

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("first", BigInteger, primary_key=True),  # sequence numbers of the changes in this row
    Column("last", BigInteger, nullable=False),
    Column("at", Double, nullable=False, index=True),  # when they were written, by our clock
    Column("changes", Text, nullable=False),  # JSON, one a line
)

CURSORS = Table(
    "outbox_cursors",
    METADATA,
    Column("reader", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),  # of the last change this reader was told
)

REMEMBERED, REMEMBERED_BYTES = 5_000, 8 << 20
"""Changes in memory at most, and their texts', for readers who keep up or come back soon."""
_ROWS = 20


class Outbox:
    """One of an installation. `last` is the newest committed sequence number."""

    def __init__(
        self, engine: AsyncEngine, *, remembered: int = REMEMBERED, remembered_bytes: int = REMEMBERED_BYTES
    ) -> None:
        self._engine = engine
        self._remembered, self._remembered_bytes = remembered, remembered_bytes
        self._recent: deque[Published] = deque()
        self._bytes = 0  # of their texts
        self.last = 0
        self._more = asyncio.Event()

    async def open(self) -> None:
        """Go on behind what is there."""
        async with reading(self._engine).begin() as connection:
            newest = (await connection.execute(select(func.max(OUTBOX.c.last)))).scalar()
            told = (await connection.execute(select(func.max(CURSORS.c.sequence)))).scalar()
        self.last = max(newest or 0, told or 0)  # rows that everybody has been told may be gone

    def forget_recent(self) -> None:
        """What is remembered may have been erased: whoever comes back is told from the table."""
        self._recent.clear()
        self._bytes = 0

    # for the books

    def keep(
        self, connection: Connection, changes: Sequence[Change], at: float, tell_call: Tell
    ) -> list[Published]:
        """Write changes in this transaction; they are told when it is committed. `tell_call`: a call record as JSON."""
        published = [
            Published(
                sequence,
                change.pbx,
                change.call,
                change.agent,
                type(change.event).__name__,
                orjson.dumps(change_json(change, sequence, tell_call)),
            )
            for sequence, change in enumerate(changes, self.last + 1)
        ]
        if published:
            row = {
                "first": published[0].sequence,
                "last": published[-1].sequence,
                "at": at,
                "changes": b"\n".join(change.text for change in published).decode(),
            }
            put(connection, OUTBOX, [row])
        return published

    def committed(self, published: Sequence[Published]) -> None:
        """They are safe: tell them."""
        if published:
            self._recent += published
            self._bytes += sum(len(change.text) for change in published)
            while len(self._recent) > self._remembered or self._bytes > self._remembered_bytes:
                self._bytes -= len(self._recent.popleft().text)
            self.last = published[-1].sequence
            self._more.set()

    # for readers

    async def follow(self, after: int) -> AsyncIterator[Sequence[Published]]:
        """All changes behind a sequence number, in order, as they come; never ends."""
        while True:
            while self.last <= after:
                self._more.clear()
                await self._more.wait()
            some = await self.after(after)
            if some:
                yield some
                after = some[-1].sequence
            else:  # gone for good: it was away for longer than changes are kept
                after = self.last

    async def after(self, sequence: int) -> Sequence[Published]:
        """The next changes behind a number, some at a time; none when there are none, or they are no longer kept."""
        if self._recent and self._recent[0].sequence <= sequence + 1:
            skip = sequence + 1 - self._recent[0].sequence
            return [self._recent[place] for place in range(skip, len(self._recent))]
        wanted = select(OUTBOX.c.changes).where(OUTBOX.c.last > sequence).order_by(OUTBOX.c.first)
        async with reading(self._engine).begin() as connection:
            rows = (await connection.execute(wanted.limit(_ROWS))).scalars().all()
        changes = [_published(line) for row in rows for line in row.encode().split(b"\n")]
        return [change for change in changes if change.sequence > sequence]

    async def cursor(self, reader: str) -> int | None:
        """The last change this reader was told; None for a new one."""
        async with reading(self._engine).begin() as connection:
            wanted = select(CURSORS.c.sequence).where(CURSORS.c.reader == reader)
            told: int | None = (await connection.execute(wanted)).scalar()
        return told

    async def advance(self, reader: str, sequence: int) -> None:
        async with self._engine.begin() as connection:
            await upsert(connection, CURSORS, [{"reader": reader, "sequence": sequence}])

    async def forget(self, reader: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(CURSORS).where(CURSORS.c.reader == reader))

    async def prune(self, before: float) -> None:
        """Delete what was written before a time and everybody has been told."""
        async with self._engine.begin() as connection:
            slowest = (await connection.execute(select(func.min(CURSORS.c.sequence)))).scalar()
            told = self.last if slowest is None else slowest
            await connection.execute(delete(OUTBOX).where(OUTBOX.c.at < before, OUTBOX.c.last <= told))


def _published(line: bytes) -> Published:
    change = orjson.loads(line)
    return Published(
        change["seq"], change["pbx"], change.get("call"), change.get("agent"), change["event"], line
    )
