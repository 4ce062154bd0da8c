"""Drafts of scorecards, and their publication, in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Double, Integer, Row, String, Table, Text, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, reading
from qa.adapters.review_store import SCORECARDS
from qa.adapters.scorecard_files import parse_draft, write
from qa.domain.errors import DraftMoved, VersionTaken
from qa.domain.publishing import Draft, Publication
from qa.domain.scorecard import ScorecardId

DRAFTS = Table(
    "scorecard_drafts",
    METADATA,
    Column("id", String(50), primary_key=True),
    Column("text", Text, nullable=False),
    Column("author", String(200), nullable=False),
    Column("saved_at", Double, nullable=False),
    Column("revision", Integer, nullable=False),
)


class SqlScorecardShelf:
    """In the database that all servers of an installation share."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def drafts(self) -> Sequence[Draft]:
        async with reading(self._engine).begin() as connection:
            rows = (await connection.execute(select(DRAFTS).order_by(DRAFTS.c.id))).all()
        return [_draft(row) for row in rows]

    async def draft(self, card: ScorecardId) -> Draft | None:
        async with reading(self._engine).begin() as connection:
            row = (await connection.execute(select(DRAFTS).where(DRAFTS.c.id == card))).one_or_none()
        return None if row is None else _draft(row)

    async def save(self, draft: Draft) -> bool:
        row = {
            "text": write(draft.card),
            "author": draft.author,
            "saved_at": draft.saved_at,
            "revision": draft.revision,
        }
        try:
            async with self._engine.begin() as connection:
                if draft.revision == 1:
                    await connection.execute(insert(DRAFTS).values(id=draft.card.id, **row))
                    return True
                before = (DRAFTS.c.id == draft.card.id, DRAFTS.c.revision == draft.revision - 1)
                return (await connection.execute(update(DRAFTS).where(*before).values(row))).rowcount == 1
        except IntegrityError:
            return False

    async def drop(self, card: ScorecardId) -> bool:
        async with self._engine.begin() as connection:
            return (await connection.execute(delete(DRAFTS).where(DRAFTS.c.id == card))).rowcount == 1

    async def publish(self, publication: Publication, revision: int) -> None:
        card = publication.card
        row = {
            "id": card.id,
            "version": card.version,
            "text": write(card),
            "published_at": publication.published_at,
            "published_by": publication.published_by,
            "note": publication.note,
        }
        seen = (DRAFTS.c.id == card.id, DRAFTS.c.revision == revision)
        try:
            async with self._engine.begin() as connection:
                if (await connection.execute(delete(DRAFTS).where(*seen))).rowcount != 1:
                    raise DraftMoved
                await connection.execute(insert(SCORECARDS).values(row))
        except IntegrityError as taken:
            raise VersionTaken from taken

    async def withdraw(self, card: ScorecardId, at: float) -> bool:
        in_force = (
            SCORECARDS.c.id == card,
            SCORECARDS.c.published_at.is_not(None),
            SCORECARDS.c.withdrawn_at.is_(None),
        )
        async with self._engine.begin() as connection:
            changed = await connection.execute(update(SCORECARDS).where(*in_force).values(withdrawn_at=at))
        return changed.rowcount > 0


def _draft(row: Row[Any]) -> Draft:
    card = parse_draft(row.text, f"draft of scorecard {row.id} in the database")
    return Draft(card, row.author, row.saved_at, row.revision)
