"""Drafts, disputes, coaching tasks and calibrations, in SQL."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    RowMapping,
    String,
    Table,
    Text,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from cti.adapters.database import METADATA, page_of, reading, upsert
from cti.domain.identifiers import AgentId
from qa.adapters.review_store import REVIEWS, exchange, to_row
from qa.domain.calibration import Calibration, CalibrationId, CalibrationState
from qa.domain.coaching import OPEN, Clip, CoachingState, CoachingTask, TaskId
from qa.domain.dispute import Dispute, DisputeId, DisputeState, Ruling
from qa.domain.review import Review, ReviewId
from qa.ports import AnswersDraft, CalibrationPage, DisputePage, TaskPage

DRAFTS = Table(
    "qa_drafts",
    METADATA,
    Column("review", String(260), nullable=False),
    Column("reviewer", String(200), nullable=False),
    Column("at", Double, nullable=False),
    Column("answers", Text, nullable=False),
    Column("comment", Text, nullable=False),
    PrimaryKeyConstraint("review", "reviewer", name="pk_qa_drafts"),
)

DISPUTES = Table(
    "qa_disputes",
    METADATA,
    Column("id", String(270), primary_key=True),
    Column("review", String(260), nullable=False),
    Column("agent", String(80), nullable=False),
    Column("reviewer", String(200), nullable=False),
    Column("items", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("raised_at", Double, nullable=False),
    Column("rescore", String(270), nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("decided_by", String(200)),
    Column("decided_at", Double),
    Column("note", Text, nullable=False),
    Index("ix_qa_disputes_state_raised_at", "state", "raised_at"),
    Index("ix_qa_disputes_agent", "agent"),
    Index("ix_qa_disputes_review", "review"),
)

COACHING = Table(
    "qa_coaching",
    METADATA,
    Column("id", String(330), primary_key=True),
    Column("review", String(260), nullable=False),
    Column("item", String(50), nullable=False),
    Column("agent", String(80), nullable=False),
    Column("coach", String(200), nullable=False),
    Column("behaviour", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("least", String(8), nullable=False),
    Column("clip_begin", Double),
    Column("clip_end", Double),
    Column("asked_at", Double, nullable=False),
    Column("recheck_at", Double, nullable=False),
    Column("state", String(16), nullable=False),
    Column("acknowledged_at", Double),
    Column("seen_calls", Integer, nullable=False),
    Column("met_by", String(260)),
    Column("ended_at", Double),
    Index("ix_qa_coaching_agent_state", "agent", "state"),
    Index("ix_qa_coaching_review", "review"),
)

CALIBRATIONS = Table(
    "qa_calibrations",
    METADATA,
    Column("id", String(260), primary_key=True),
    Column("recording", String(250), nullable=False),
    Column("agent", String(80)),
    Column("scorecard", String(50), nullable=False),
    Column("scorecard_version", Integer, nullable=False),
    Column("called_by", String(200), nullable=False),
    Column("called_at", Double, nullable=False),
    Column("reference", String(200)),
    Column("participants", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("closed_at", Double),
    Column("note", Text, nullable=False),
    Index("ix_qa_calibrations_called_at", "called_at"),
    Index("ix_qa_calibrations_recording", "recording"),
)


class SqlFairness:
    """All of them, in the database the reviews are in."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    # drafts

    async def draft(self, review: ReviewId, reviewer: str) -> AnswersDraft | None:
        of = DRAFTS.c
        wanted = select(DRAFTS).where(of.review == review, of.reviewer == reviewer)
        async with reading(self._engine).begin() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
        return None if row is None else AnswersDraft(row["at"], json.loads(row["answers"]), row["comment"])

    async def keep_draft(self, review: ReviewId, reviewer: str, draft: AnswersDraft) -> None:
        row = {**draft._asdict(), "review": review, "reviewer": reviewer}
        row["answers"] = json.dumps(draft.answers, ensure_ascii=False)
        async with self._engine.begin() as connection:
            await upsert(connection, DRAFTS, [row])

    async def forget_draft(self, review: ReviewId, reviewer: str) -> None:
        of = DRAFTS.c
        async with self._engine.begin() as connection:
            await connection.execute(delete(DRAFTS).where(of.review == review, of.reviewer == reviewer))

    # disputes

    async def raise_dispute(self, dispute: Dispute, rescore: Review) -> bool:
        """The dispute and the review it asks for; False when there is one of this review."""
        async with self._engine.begin() as connection:
            known = select(DISPUTES.c.id).where(DISPUTES.c.id == dispute.id)
            if (await connection.execute(known)).first() is not None:
                return False
            await connection.execute(insert(DISPUTES).values(_dispute_row(dispute)))
            await connection.execute(insert(REVIEWS).values(to_row(rescore)))
        return True

    async def dispute(self, dispute: DisputeId) -> Dispute | None:
        async with reading(self._engine).begin() as connection:
            rows = await connection.execute(select(DISPUTES).where(DISPUTES.c.id == dispute))
            row = rows.mappings().one_or_none()
        return None if row is None else _dispute(row)

    async def end_dispute(self, dispute: Dispute, reviews: Sequence[Review]) -> bool:
        """Decided or taken back, with the reviews it changes; False, and nothing written, when somebody was faster."""
        async with self._engine.begin() as connection:
            open_ = DISPUTES.c.id == dispute.id, DISPUTES.c.state == DisputeState.DISPUTED
            written = await connection.execute(update(DISPUTES).where(*open_).values(_dispute_row(dispute)))
            if written.rowcount != 1:
                return False
            for review in reviews:
                await exchange(connection, review)
        return True

    async def disputes(
        self,
        state: DisputeState | None,
        agents: Collection[AgentId] | None,
        limit: int,
        offset: int,
    ) -> DisputePage:
        """Oldest open ones first, then the newest decided ones; `agents` None: everybody's."""
        of = DISPUTES.c
        wanted: list[Any] = [] if state is None else [of.state == state]
        if agents is not None:
            wanted.append(of.agent.in_(sorted(agents)))
        order = of.decided_at.is_not(None), of.decided_at.desc(), of.raised_at
        ordered = select(DISPUTES).where(*wanted).order_by(*order)
        rows, total = await page_of(self._engine, ordered, limit, offset)
        return DisputePage([_dispute(row) for row in rows], total)

    # coaching

    async def add_task(self, task: CoachingTask) -> bool:
        """False when this question of this review has one."""
        async with self._engine.begin() as connection:
            known = select(COACHING.c.id).where(COACHING.c.id == task.id)
            if (await connection.execute(known)).first() is not None:
                return False
            await connection.execute(insert(COACHING).values(_task_row(task)))
        return True

    async def replace_task(self, task: CoachingTask) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(update(COACHING).where(COACHING.c.id == task.id).values(_task_row(task)))

    async def task(self, task: TaskId) -> CoachingTask | None:
        async with reading(self._engine).begin() as connection:
            rows = await connection.execute(select(COACHING).where(COACHING.c.id == task))
            row = rows.mappings().one_or_none()
        return None if row is None else _task(row)

    async def tasks(
        self, agents: Collection[AgentId] | None, limit: int, offset: int, *, only_open: bool = False
    ) -> TaskPage:
        """What is to be looked at again first comes first; ended ones last."""
        of = COACHING.c
        wanted: list[Any] = [of.state.in_(sorted(OPEN))] if only_open else []
        if agents is not None:
            wanted.append(of.agent.in_(sorted(agents)))
        order = of.ended_at.is_not(None), of.ended_at.desc(), of.recheck_at, of.id
        ordered = select(COACHING).where(*wanted).order_by(*order)
        rows, total = await page_of(self._engine, ordered, limit, offset)
        return TaskPage([_task(row) for row in rows], total)

    async def tasks_of(self, review: ReviewId) -> Sequence[CoachingTask]:
        async with reading(self._engine).begin() as connection:
            rows = await connection.execute(select(COACHING).where(COACHING.c.review == review))
            return [_task(row) for row in rows.mappings()]

    # calibrations

    async def call_calibration(self, calibration: Calibration, reviews: Sequence[Review]) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(insert(CALIBRATIONS).values(_calibration_row(calibration)))
            await connection.execute(insert(REVIEWS), [to_row(review) for review in reviews])

    async def close_calibration(self, calibration: Calibration, reviews: Sequence[Review]) -> None:
        of = CALIBRATIONS.c
        async with self._engine.begin() as connection:
            here = update(CALIBRATIONS).where(of.id == calibration.id)
            await connection.execute(here.values(_calibration_row(calibration)))
            for review in reviews:
                await exchange(connection, review)

    async def calibration(self, calibration: CalibrationId) -> Calibration | None:
        async with reading(self._engine).begin() as connection:
            rows = await connection.execute(select(CALIBRATIONS).where(CALIBRATIONS.c.id == calibration))
            row = rows.mappings().one_or_none()
        return None if row is None else _calibration(row)

    async def calibrations(
        self, agents: Collection[AgentId] | None, limit: int, offset: int
    ) -> CalibrationPage:
        """Newest first; on calls of these agents, or of nobody."""
        of = CALIBRATIONS.c
        wanted = [] if agents is None else [or_(of.agent.is_(None), of.agent.in_(sorted(agents)))]
        newest = select(CALIBRATIONS).where(*wanted).order_by(of.called_at.desc(), of.id)
        rows, total = await page_of(self._engine, newest, limit, offset)
        return CalibrationPage([_calibration(row) for row in rows], total)


def _dispute_row(dispute: Dispute) -> dict[str, Any]:
    return {**dispute._asdict(), "items": json.dumps(dispute.items, ensure_ascii=False)}


def _dispute(row: RowMapping) -> Dispute:
    values: dict[str, Any] = dict(row)
    values["items"] = json.loads(row["items"])
    values["state"] = DisputeState(row["state"])
    values["outcome"] = None if row["outcome"] is None else Ruling(row["outcome"])
    return Dispute(**values)


def _task_row(task: CoachingTask) -> dict[str, Any]:
    fields = task._asdict()
    begin, end = fields.pop("clip") or (None, None)
    return {**fields, "least": str(task.least), "clip_begin": begin, "clip_end": end}


def _task(row: RowMapping) -> CoachingTask:
    values: dict[str, Any] = dict(row)
    begin, end = values.pop("clip_begin"), values.pop("clip_end")
    values["clip"] = None if begin is None else Clip(begin, end)
    values["least"] = int(row["least"]) if row["least"].isdigit() else row["least"]
    values["state"] = CoachingState(row["state"])
    return CoachingTask(**values)


def _calibration_row(calibration: Calibration) -> dict[str, Any]:
    return {**calibration._asdict(), "participants": json.dumps(calibration.participants)}


def _calibration(row: RowMapping) -> Calibration:
    values: Mapping[str, Any] = dict(row)
    return Calibration(
        **{
            **values,
            "participants": tuple(json.loads(row["participants"])),
            "state": CalibrationState(row["state"]),
        }
    )
