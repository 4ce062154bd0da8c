"""A stage on SQLite and PostgreSQL with every desk of quality, and no review on the desk but what is drawn."""

from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from care.domain.hours import OpeningHours
from cti.adapters.database import METADATA, connect
from qa.adapters.sampling_policy_file import parse
from qa.domain.review import ReviewSearch
from qa.domain.scorecard import ItemKind
from qa.domain.scoring import Answer
from qa.service.calibration_desk import CalibrationDesk
from qa.service.coaching_desk import CoachingDesk
from qa.service.dispute_desk import DisputeDesk
from qa.service.quality_figures import QualityFigures
from qa.service.recalibration import Recalibration
from qa.service.sampling_desk import SamplingDesk
from tests.qa.test_sampling_policy_file import TEXT

UTC = ZoneInfo("UTC")
HOUR, DAY = 3600.0, 86_400.0
ALL = ReviewSearch()


def good(card, **changes):
    answers = {i.id: Answer("yes" if i.kind is ItemKind.YES_NO else 4) for i in card.items()}
    return answers | {item: Answer(value, "why") for item, value in changes.items()}


@asynccontextmanager
async def whole_stage(database_url, make):
    engine = connect(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    stage = make.stage(engine, everything=False)
    clock = stage.clock

    async def nobody_knows(_):
        return stage.facts

    async def reviewers():
        return stage.reviewers

    def sampling(text=TEXT):
        return SamplingDesk(
            parse(text, "sampling.yaml"), stage.draws, nobody_knows, clock, UTC, stage.desk.recount
        )

    stage.facts = {}
    stage.sampling_by, stage.sampling = sampling, sampling()
    stage.calibrations = CalibrationDesk(stage.desk, stage.seen, stage.fairness, reviewers, clock)
    stage.coaching = CoachingDesk(stage.desk, stage.store, stage.fairness, clock)
    stage.disputes = DisputeDesk(
        stage.desk, stage.store, stage.seen, stage.fairness, stage.fairness,
        lambda _: OpeningHours(UTC), 5, UTC, clock,
    )  # fmt: skip
    stage.recalibration = Recalibration(
        stage.desk, stage.disputes, stage.calibrations, reviewers, lambda *_: False, clock, UTC
    )
    stage.figures = QualityFigures(stage.draws, lambda agent: {"emea"} if agent == "101" else {"apac"})
    yield stage
    await engine.dispose()


async def scored(stage, make, card, review, who="rita", **changes):
    await stage.work.claim(review, make.user(who))
    return await stage.work.score(review, make.user(who), good(card, **changes), "")


async def in_state(stage, state, **search):
    return (await stage.desk.search(ReviewSearch(state=state, **search), 500, 0)).items
