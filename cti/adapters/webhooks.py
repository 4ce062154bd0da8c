"""Webhooks in SQL, and the HTTP that carries them."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Integer,
    RowMapping,
    Table,
    Text,
    delete,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, page_of, reading, upsert
from cti.domain.changes import Published
from cti.domain.webhooks import Answer, Webhook, answer_of, signature
from cti.ports import PutAside, PutAsidePage

if TYPE_CHECKING:  # imported with the first change that is carried: a start has no time for it
    import httpx

log = logging.getLogger(__name__)

SECONDS = 10.0
"""How long a receiver may take."""

WEBHOOKS = Table(
    "webhooks",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False),  # separated by blanks; none: all
    Column("secret", Text, nullable=False),
    Column("active", Integer, nullable=False),
)

PUT_ASIDE = Table(
    "webhook_put_aside",
    METADATA,
    Column("webhook", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("at", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    Column("change", Text, nullable=False),
)


class SqlWebhooks:
    """Receivers, and the changes they did not take."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine, self._read = engine, reading(engine)

    async def all(self) -> Sequence[Webhook]:
        async with self._read.begin() as connection:
            rows = (await connection.execute(select(WEBHOOKS).order_by(WEBHOOKS.c.name))).mappings().all()
        return [_webhook(row) for row in rows]

    async def save(self, webhook: Webhook) -> None:
        row = webhook._asdict() | {"events": " ".join(sorted(webhook.events)), "active": int(webhook.active)}
        async with self._engine.begin() as connection:
            await upsert(connection, WEBHOOKS, [row])

    async def remove(self, webhook: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(WEBHOOKS).where(WEBHOOKS.c.id == webhook))
            await connection.execute(delete(PUT_ASIDE).where(PUT_ASIDE.c.webhook == webhook))

    async def deactivate(self, webhook: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(update(WEBHOOKS).where(WEBHOOKS.c.id == webhook).values(active=0))

    async def put_aside(self, given: PutAside) -> None:
        async with self._engine.begin() as connection:
            await upsert(connection, PUT_ASIDE, [given._asdict()])

    async def all_put_aside(self, webhook: str, limit: int, offset: int) -> PutAsidePage:
        wanted = select(PUT_ASIDE).where(PUT_ASIDE.c.webhook == webhook).order_by(PUT_ASIDE.c.sequence)
        rows, total = await page_of(self._read, wanted, limit, offset)
        return PutAsidePage([PutAside(**row) for row in rows], total)


def _webhook(row: RowMapping) -> Webhook:
    values: dict[str, Any] = dict(row)
    return Webhook(**values | {"events": frozenset(row["events"].split()), "active": bool(row["active"])})


class HttpMessenger:
    """Carries one change at a time; no redirects, no cookies, and nothing of the answer but its status."""

    def __init__(self, version: str, seconds: float = SECONDS) -> None:
        self._agent = f"Tierline/{version}"
        self._seconds = seconds
        self._made: httpx.AsyncClient | None = None

    @property
    def _client(self) -> "httpx.AsyncClient":
        import httpx

        if self._made is None:
            self._made = httpx.AsyncClient(timeout=self._seconds, follow_redirects=False, trust_env=False)
        return self._made

    async def deliver(self, webhook: Webhook, change: Published, at: int) -> tuple[Answer, str]:
        """What became of it, and the problem in words; "" when there is none."""
        import httpx

        headers = {
            "Content-Type": "application/json",
            "User-Agent": self._agent,
            "Tierline-Event": change.event,
            "Tierline-Sequence": str(change.sequence),
            "Tierline-Signature": signature(webhook.secret, at, change.text),
        }
        try:
            async with self._client.stream(
                "POST", webhook.url, content=change.text, headers=headers
            ) as answer:
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
            return Answer.LATER, type(problem).__name__
        became = answer_of(status)
        return became, "" if became is Answer.TAKEN else f"status {status}"

    async def close(self) -> None:
        if self._made is not None:
            await self._made.aclose()
