"""Puts together scorecards that are written in the browser, and reports of quality."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from config.settings import Mail
from cti.adapters.accounts import SqlAccounts
from cti.domain.access import User
from cti.domain.identifiers import AgentId
from cti.ports import Clock
from cti.service.job_desk import JobDesk
from cti.service.teams import Teams
from qa.adapters.draw_store import SqlDraws
from qa.adapters.mail import SmtpMailer
from qa.adapters.report_files import ReportFiles
from qa.adapters.review_store import SqlReviews
from qa.adapters.schedule_store import SqlSchedules
from qa.adapters.scorecard_files import YamlScorecards
from qa.adapters.scorecard_shelf import SqlScorecardShelf
from qa.service.report_desk import ReportDesk
from qa.service.report_post import (
    PLAN_EVERY_SECONDS,
    PLAN_REPORTS,
    SEND_REPORT,
    SENDING_RETRIES,
    ReportPost,
)
from qa.service.review_desk import ReviewDesk
from qa.service.scorecard_desk import ScorecardDesk


class Reporting(NamedTuple):
    """The parts, as the HTTP side asks them."""

    scorecards: ScorecardDesk
    reports: ReportDesk
    report_files: ReportFiles
    report_post: ReportPost


def make_reporting(
    engine: AsyncEngine,
    reviews: ReviewDesk,
    accounts: SqlAccounts,
    teams: Teams,
    names: dict[AgentId, str],
    jobs: JobDesk,
    mail: Mail,
    clock: Clock,
    zone: ZoneInfo,
) -> Reporting:
    """`names`: of agents, kept up to date. What is sent by itself is a job from here on."""
    store = SqlReviews(engine)

    async def owner_of(user: str) -> User | None:
        account = await accounts.account(user)
        return account.user if account is not None and account.active else None

    desk = ReportDesk(
        store, SqlDraws(engine), reviews, teams.visible, teams.of, lambda agent: names.get(agent, agent), zone
    )
    mailer = SmtpMailer(
        mail.host, mail.port, mail.security, mail.username, mail.password.get_secret_value(), mail.sender
    )
    files = ReportFiles()
    post = ReportPost(SqlSchedules(engine), desk, files, mailer, owner_of, jobs, clock, zone)
    jobs.handle(PLAN_REPORTS, post.plan)
    jobs.handle(SEND_REPORT, post.send, SENDING_RETRIES)
    jobs.ask(PLAN_REPORTS, "all", every_seconds=PLAN_EVERY_SECONDS)
    scorecards = ScorecardDesk(SqlScorecardShelf(engine), store, reviews, YamlScorecards(), clock)
    return Reporting(scorecards, desk, files, post)
