"""Sends reports by mail: one job for each schedule and period, which ends when everybody has it."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final, Protocol

from cti.domain.access import Permission, Role, User
from cti.domain.jobs import Job, Retries
from qa.domain.errors import MailNotTaken, NoMail, ReportRefused, ScheduleUnknown
from qa.domain.report_document import Document
from qa.domain.report_schedule import Format, Schedule, ScheduleId, check, due, next_at, step_of
from qa.domain.report_words import word
from qa.ports import Clock, Mail, Mailer, OwnerOf, ReportWriter, ScheduleStore
from qa.service.report_desk import Question, ReportDesk

PLAN_REPORTS: Final = "plan_reports"
SEND_REPORT: Final = "send_report"
PLAN_EVERY_SECONDS: Final = 30.0
SENDING_RETRIES: Final = Retries(attempts=12, first=30.0, longest=3600.0)
"""About eight hours: a mail server that is being mended is back by then."""
MOST_SCHEDULES: Final = 200

MEDIA_TYPES: Final = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
}


class Jobs(Protocol):
    """What is asked of the desk of durable work."""

    def ask(self, kind: str, subject: str) -> None: ...


class ReportPost:
    """Schedules, and what is sent by them."""

    def __init__(
        self,
        store: ScheduleStore,
        desk: ReportDesk,
        writer: ReportWriter,
        mailer: Mailer,
        owner_of: OwnerOf,
        jobs: Jobs,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._store, self._desk, self._writer, self._mailer = store, desk, writer, mailer
        self._owner_of, self._jobs, self._clock, self._zone = owner_of, jobs, clock, zone

    # what people ask

    @property
    def has_mail(self) -> bool:
        return self._mailer.is_set

    async def all(self, user: User) -> Sequence[Schedule]:
        """Their own; administrators see everybody's."""
        return [one for one in await self._store.all() if _is_theirs(user, one)]

    async def get(self, user: User, schedule: ScheduleId) -> Schedule:
        """Raises ScheduleUnknown, of somebody else's too."""
        found = await self._store.get(schedule) if schedule.isprintable() else None
        if found is None or not _is_theirs(user, found):
            raise ScheduleUnknown
        return found

    async def add(self, user: User, schedule: Schedule) -> Schedule:
        """Under an id of ours. Raises ReportRefused."""
        now = self._clock.now()
        named = schedule._replace(id=ScheduleId(secrets.token_hex(8)), owner=user.id, created_at=now)
        if len(await self._store.all()) >= MOST_SCHEDULES:
            raise ReportRefused(f"There are {MOST_SCHEDULES} schedules already: remove one.")
        await self._store.add(check(named))
        return named

    async def change(self, user: User, schedule: Schedule) -> Schedule:
        """Raises ScheduleUnknown or ReportRefused."""
        before = await self.get(user, schedule.id)
        after = schedule._replace(
            owner=before.owner,
            created_at=before.created_at,
            sent_until=before.sent_until,
            sent_at=before.sent_at,
            delivered=before.delivered,
            problem=before.problem,
        )
        await self._store.change(check(after))
        return after

    async def remove(self, user: User, schedule: ScheduleId) -> None:
        """Raises ScheduleUnknown."""
        await self._store.remove((await self.get(user, schedule)).id)

    def next_at(self, schedule: Schedule) -> float | None:
        """When it falls due next; None of one that rests."""
        return next_at(schedule, self._clock.now(), self._zone) if schedule.active else None

    # the jobs

    async def plan(self, _: Job) -> None:
        """Have sent what is due. Asking again for what is asked for changes nothing."""
        now = self._clock.now()
        for schedule in await self._store.all():
            period = due(schedule, now, self._zone)
            if period is not None and self._mailer.is_set:
                self._jobs.ask(SEND_REPORT, f"{schedule.id}:{period[1]:.0f}")

    async def send(self, job: Job) -> None:
        """Raises MailNotTaken when not everybody has it; who has it does not get it again."""
        id_, _, end = job.subject.partition(":")
        schedule = await self._store.get(ScheduleId(id_))
        period = None if schedule is None else due(schedule, self._clock.now(), self._zone)
        if schedule is None or period is None or f"{period[1]:.0f}" != end:
            return  # removed, resting, sent, or another period's turn meanwhile
        try:
            await self._deliver(schedule, period)
        except (MailNotTaken, NoMail, ReportRefused) as fault:
            kept = await self._store.get(schedule.id)
            if kept is not None:
                await self._store.note(kept._replace(problem=str(fault)[:300]))
            raise

    async def _deliver(self, schedule: Schedule, period: tuple[float, float]) -> None:
        owner = await self._owner_of(schedule.owner)
        if owner is None or not owner.may(Permission.SCHEDULE_REPORTS):
            raise ReportRefused("Whoever made this schedule may no longer send reports.")
        question = Question(*period, step_of(schedule.every), schedule.grouping, schedule.wanted)
        document = await self._desk.document(owner, question, schedule.language)
        content = await self._writer.write(document, schedule.format)
        mark = f"{period[1]:.0f}"
        had = {name for name in schedule.delivered if name.startswith(f"{mark} ")}
        problem: MailNotTaken | None = None
        for number, address in enumerate(schedule.recipients):
            if f"{mark} {address}" in had:
                continue
            try:
                await self._mailer.send(self._mail(schedule, document, content, period, number))
            except MailNotTaken as fault:
                problem = fault
                continue
            had.add(f"{mark} {address}")
            schedule = schedule._replace(delivered=tuple(sorted(had)), sent_at=self._clock.now())
            await self._store.note(schedule)
        if problem is not None:
            missing = len(schedule.recipients) - len(had)
            raise MailNotTaken(f"({missing} of {len(schedule.recipients)} have not got it: {problem.detail})")
        await self._store.note(schedule._replace(sent_until=period[1], delivered=(), problem=""))

    def _mail(
        self,
        schedule: Schedule,
        document: Document,
        content: bytes,
        period: tuple[float, float],
        number: int,
    ) -> Mail:
        day = datetime.fromtimestamp(period[0], UTC).astimezone(self._zone).date().isoformat()
        title = word(schedule.language, "title")
        return Mail(
            id=f"report-{schedule.id}-{period[1]:.0f}-{number}",
            to=schedule.recipients[number],
            subject=f"{schedule.name} · {day}",
            text="\n".join([title, "", *document.notes, ""]),
            file_name=f"quality-{day}.{schedule.format}",
            content=content,
            media_type=MEDIA_TYPES[schedule.format],
        )


def _is_theirs(user: User, schedule: Schedule) -> bool:
    return user.role is Role.ADMINISTRATOR or user.id == schedule.owner
