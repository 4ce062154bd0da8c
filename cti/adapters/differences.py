"""The page of differences: what the comparison with the ledgers found, and the versions that corrections replaced."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import page_of, reading
from cti.adapters.ledger_tables import CALL_VERSIONS, LEDGER_DIFFERENCES
from cti.domain.identifiers import CallId, PbxName
from cti.domain.reconciliation import DifferenceState
from cti.ports import CallPage

D = LEDGER_DIFFERENCES.c


class SqlDifferences:
    """What the page of differences shows, of all switches."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._read = reading(engine)

    async def list(self, limit: int, offset: int, search: Mapping[str, Any]) -> CallPage:
        conditions: list[ColumnElement[bool]] = [
            LEDGER_DIFFERENCES.c[name] == search[name]
            for name in ("pbx", "kind", "state", "cause")
            if search.get(name)
        ]
        if search.get("from") is not None:
            conditions.append(D.joined_at >= search["from"])
        if search.get("until") is not None:
            conditions.append(D.joined_at < search["until"])
        wanted = select(LEDGER_DIFFERENCES).where(and_(True, *conditions))
        newest = wanted.order_by(D.joined_at.desc(), D.id)
        rows, total = await page_of(self._read, newest, limit, offset)
        return CallPage([_shown(dict(row)) for row in rows], total)

    async def all(self, search: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Every difference of a search, page by page."""
        found: list[Mapping[str, Any]] = []
        while True:
            page = await self.list(500, len(found), search)
            found += page.items
            if not page.items or len(found) >= page.total:
                return found

    async def repaired(self, pbx: PbxName) -> Mapping[str, int]:
        """How many differences were repaired, by cause."""
        query = (
            select(D.cause, func.count())
            .where(D.pbx == pbx, D.state == DifferenceState.REPAIRED.value)
            .group_by(D.cause)
        )
        async with self._read.connect() as connection:
            return {str(cause): int(count) for cause, count in (await connection.execute(query)).all()}

    async def versions(self, call: CallId) -> Sequence[Mapping[str, Any]]:
        """Every version of a call that a correction replaced, oldest first."""
        versions = CALL_VERSIONS.c
        query = select(CALL_VERSIONS).where(versions.call == call).order_by(versions.version)
        async with self._read.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [
            {
                "version": row["version"],
                "at": row["at"],
                "cause": row["cause"],
                "changes": orjson.loads(row["changes"]),
                "story": orjson.loads(row["story"]) if row["story"] else None,
            }
            for row in rows
        ]


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {str(name): value for name, value in row.items()}
    for side in ("ours", "ledger"):
        shown[side] = orjson.loads(row[side]) if row[side] is not None else None
    return shown
