"""Puts together what makes quality fair: sampling, the queue of work, calibrations, disputes, coaching and figures."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from care.domain.hours import OpeningHours
from config.call_facts import SqlCallFacts, SqlFaults
from cti.adapters.accounts import SqlAccounts
from cti.domain.access import Permission, User
from cti.domain.errors import NotAllowed
from cti.domain.histograms import Histogram
from cti.domain.identifiers import AgentId, QueueName
from cti.domain.jobs import Job
from cti.ports import Clock
from cti.service.job_desk import JobDesk
from cti.service.teams import Teams
from qa.adapters.draw_store import SqlDraws
from qa.adapters.fairness_store import SqlFairness
from qa.adapters.review_store import SqlReviews
from qa.adapters.review_work import SqlReviewWork
from qa.adapters.sampling_policy_file import read_policy
from qa.adapters.scorecard_files import ScorecardFolder
from qa.domain.review import ReviewId
from qa.ports import SaidOf, StoredRecordings
from qa.service.calibration_desk import CalibrationDesk
from qa.service.coaching_desk import CoachingDesk
from qa.service.dispute_desk import DisputeDesk
from qa.service.quality_figures import QualityFigures
from qa.service.recalibration import Recalibration
from qa.service.review_desk import ReviewDesk
from qa.service.sampling_desk import DRAW_EVERY_SECONDS, DRAW_SAMPLES, SamplingDesk
from qa.service.work_desk import WorkDesk
from recordings.domain.naming import RecordingId


@dataclass(frozen=True, slots=True)
class Quality:
    """One installation's."""

    reviews: ReviewDesk
    work: WorkDesk
    sampling: SamplingDesk
    calibrations: CalibrationDesk
    disputes: DisputeDesk
    recalibration: Recalibration
    coaching: CoachingDesk
    figures: QualityFigures
    faults: Callable[[], Awaitable[Mapping[RecordingId, str]]]

    async def own_recording(self, review: str, user: User) -> RecordingId:
        """What an agent may hear of it. Raises NotAllowed or ReviewUnknown."""
        if not self.sampling.policy.hear_own:
            raise NotAllowed("Agents do not hear recordings here.")
        return (await self.reviews.own_review(ReviewId(review), user)).recording

    async def turn(self, _: Job) -> None:
        """Draw, hand out, and look at what was asked of agents."""
        await self.reviews.open()
        await self.work.exclude_faulty(await self.faults())
        await self.sampling.turn()
        await self.work.hand_out()
        await self.recalibration.turn()
        await self.coaching.turn()


def make_quality(
    folder: Path,
    zone: tzinfo,
    engine: AsyncEngine,
    recordings: StoredRecordings,
    said_of: SaidOf,
    accounts: SqlAccounts,
    teams: Teams,
    hours_of: Callable[[QueueName], OpeningHours],
    scores: Histogram,
    clock: Clock,
) -> Quality:
    """`folder`: of policies. Raises PolicyRefused and ScorecardRefused."""
    policy = read_policy(folder / "sampling.yaml")
    store, work, fairness, draws = (
        SqlReviews(engine),
        SqlReviewWork(engine),
        SqlFairness(engine),
        SqlDraws(engine),
    )
    reviews = ReviewDesk(
        store,
        ScorecardFolder(folder / "scorecards"),
        recordings,
        clock,
        on_scored=lambda scored: scores.observe(scored.score) if scored.score is not None else None,
        claim_seconds=policy.work.lease_seconds,
        everything=policy.everything,
    )

    async def reviewers() -> Sequence[User]:
        everybody = await accounts.all()
        return [one.user for one in everybody if one.active and one.user.may(Permission.REVIEW)]

    async def scorers() -> Sequence[User]:
        """Work is given to reviewers; who leads quality takes it by hand, unless there is nobody else."""
        able = await reviewers()
        return [one for one in able if not one.may(Permission.LEAD_QUALITY)] or able

    def own_team(user: User, agent: AgentId) -> bool:
        own = user.teams | (teams.of(user.agent) if user.agent else frozenset())
        return bool(own & teams.of(agent))

    repeat = policy.risk.rules.repeat_within_days if policy.risk else None
    facts = SqlCallFacts(engine, said_of, repeat or 0.0)
    calibrations = CalibrationDesk(reviews, work, fairness, reviewers, clock)
    disputes = DisputeDesk(
        reviews, store, work, fairness, fairness, hours_of, policy.dispute_days, zone, clock
    )
    return Quality(
        reviews=reviews,
        work=WorkDesk(reviews, work, fairness, scorers, reviewers, own_team, policy.work, clock),
        sampling=SamplingDesk(policy, draws, facts, clock, zone, reviews.recount),
        calibrations=calibrations,
        disputes=disputes,
        recalibration=Recalibration(reviews, disputes, calibrations, reviewers, own_team, clock, zone),
        coaching=CoachingDesk(reviews, store, fairness, clock),
        figures=QualityFigures(draws, teams.of),
        faults=SqlFaults(engine),
    )


def quality_jobs(desk: JobDesk, quality: Quality) -> None:
    """What comes again and again."""
    desk.handle(DRAW_SAMPLES, quality.turn)
    desk.ask(DRAW_SAMPLES, "all", every_seconds=DRAW_EVERY_SECONDS)
