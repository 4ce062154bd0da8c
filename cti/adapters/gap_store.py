"""Gap records in SQL, and until when we listened."""

from collections.abc import Sequence

import orjson
from sqlalchemy import RowMapping, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import reading, upsert
from cti.adapters.ledger_tables import GAPS, LISTENING
from cti.domain.gaps import Gap, GapKind, GapState
from cti.domain.identifiers import PbxName


class SqlGaps:
    """One switch's."""

    def __init__(self, engine: AsyncEngine, pbx: PbxName) -> None:
        self._engine, self._read, self._pbx = engine, reading(engine), pbx

    async def load(self) -> tuple[Sequence[Gap], float | None]:
        mine = GAPS.c.pbx == self._pbx
        lasting = select(GAPS).where(mine, GAPS.c.state == GapState.OPEN.value).order_by(GAPS.c.since)
        until = select(LISTENING.c.until).where(LISTENING.c.pbx == self._pbx)
        async with self._read.connect() as connection:
            rows = (await connection.execute(lasting)).mappings().all()
            return [_gap(row) for row in rows], (await connection.execute(until)).scalar()

    async def between(self, since: float, until: float) -> Sequence[Gap]:
        touching = select(GAPS).where(
            GAPS.c.pbx == self._pbx,
            or_(GAPS.c.until.is_(None), GAPS.c.until >= since),
            GAPS.c.since <= until,
        )
        async with self._read.connect() as connection:
            rows = (await connection.execute(touching.order_by(GAPS.c.since))).mappings().all()
        return [_gap(row) for row in rows]

    async def keep(self, gaps: Sequence[Gap]) -> None:
        rows = [
            {
                **gap._asdict(),
                "kind": gap.kind.value,
                "state": gap.state.value,
                "evidence": orjson.dumps(gap.evidence).decode(),
            }
            for gap in gaps
        ]
        async with self._engine.begin() as connection:
            await upsert(connection, GAPS, rows)

    async def listening(self, at: float) -> None:
        async with self._engine.begin() as connection:
            await upsert(connection, LISTENING, [{"pbx": self._pbx, "until": at}])


def _gap(row: RowMapping) -> Gap:
    told = {name: row[name] for name in Gap._fields}
    return Gap(
        **{
            **told,
            "kind": GapKind(row["kind"]),
            "state": GapState(row["state"]),
            "evidence": orjson.loads(row["evidence"]),
        }
    )
