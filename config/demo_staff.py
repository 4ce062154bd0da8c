"""The demo's people behind the telephones: reviewers score, agents object, a supervisor decides and coaches, customers answer."""

import asyncio
import csv
import logging
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from config.demo_minds import Minds
from config.installation import Installation
from cti.domain.access import Role, User
from cti.domain.errors import CtiError
from cti.domain.identifiers import AgentId, CallId
from cti.domain.keeping import HoldKind
from qa.domain.calibration import Calibration, CalibrationState
from qa.domain.coaching import GOOD_STEP, Clip, Wanted
from qa.domain.dispute import DisputeState
from qa.domain.report import Breakdown, ReportFilter
from qa.domain.report_schedule import Every, Format, Schedule, ScheduleId
from qa.domain.review import PlanKind, Purpose, Review, ReviewSearch, ReviewState
from qa.domain.scorecard import NO, ItemId
from qa.domain.scoring import Answer

log = logging.getLogger(__name__)

TURN_SECONDS: Final = 6.0
LEFT_TO_DO: Final = 3  # of each reviewer's work, so that a visitor sees some
SESSIONS: Final = 12  # calibrations; the last is not closed
TASKS: Final = 8
DISPUTED: Final = 0.35  # of the reviews in which something is marked down
ANSWERING: Final = 0.75  # of the customers asked


class Colleague(NamedTuple):
    """Somebody whose login is not offered to visitors. `lean`: how much kinder than others he scores, of 1."""

    login: str
    name: str
    role: Role
    agent: str | None
    language: str
    lean: float = 0.0


COLLEAGUES: Final = (
    Colleague("jonas", "Jonas Weber", Role.REVIEWER, None, "en", 0.03),
    Colleague("yulan", "沈玉兰", Role.REVIEWER, None, "zh", -0.04),
    Colleague("ben", "Ben Carter", Role.AGENT, "102", "en"),
    Colleague("siyu", "陈思雨", Role.AGENT, "104", "zh"),
    Colleague("david", "David Kim", Role.AGENT, "106", "en"),
    Colleague("fang", "刘芳", Role.AGENT, "107", "zh"),
    Colleague("emeka", "Emeka Obi", Role.AGENT, "108", "en"),
)
REVIEWERS: Final = tuple(one for one in COLLEAGUES if one.role is Role.REVIEWER)
LEAD: Final = "supervisor"
HELD: Final = ("+442079460101", "Northgate Holdings, invoice 2214: a claim is before the court")
REPORT: Final = Schedule(
    id=ScheduleId(""),
    name="Quality by agent, every Monday",
    owner="",
    every=Every.WEEK,
    at_minute=450,
    recipients=("quality@example.com", "head.of.service@example.com"),
    format=Format.PDF,
    language="en",
    grouping=Breakdown.AGENT,
    wanted=ReportFilter(),
    active=True,
    created_at=0.0,
)


async def people_of(house: Installation) -> dict[str, User]:
    """By login: who may still sign in."""
    return {one.user.login: one.user for one in await house.accounts.all() if one.active}


@asynccontextmanager
async def at_work(house: Installation, seed: int = 7) -> AsyncIterator[None]:
    """For as long as the block lasts."""
    people = await people_of(house)
    if not people.keys() >= {LEAD, "admin", *(one.login for one in COLLEAGUES)}:
        yield  # a visitor has sent somebody away: the rest do nothing without
        return
    working = asyncio.ensure_future(Staff(house, people, seed).work())  # noqa: TID251  ended below
    try:
        yield
    finally:
        working.cancel()
        await asyncio.wait([working])


class Staff:
    def __init__(self, house: Installation, people: dict[str, User], seed: int) -> None:
        self._house, self._people, self._luck = house, people, random.Random(seed)  # noqa: S311  a script's luck
        self._asked: set[CallId] = set()
        self._minds = Minds(self._luck)

    async def work(self) -> None:
        """For ever."""
        while True:
            await self.turn()
            await asyncio.sleep(TURN_SECONDS)

    async def turn(self) -> None:
        """A little of everything. What cannot be done now is done another time: a visitor was faster, say."""
        reviewing = (self._score, self._calibrate, self._object, self._decide, self._coach)
        for step in (self._answer, *reviewing, self._pause):
            try:
                await step()
            except CtiError as refusal:
                log.debug("demo: %s: %s", step.__name__, refusal)
            except Exception:
                log.exception("demo: %s", step.__name__)

    # --- reviewers -------------------------------------------------------------------------------------------

    async def _score(self) -> None:
        for one in REVIEWERS:
            search = ReviewSearch(state=ReviewState.OPEN, assigned_to=one.login, by_due=True)
            waiting = (await self._house.quality.reviews.search(search, 50, 0)).items
            again = [review for review in waiting if review.purpose in (Purpose.RESCORE, Purpose.DOUBLE)]
            first = [review for review in waiting if review.purpose is Purpose.SCORE]
            for review in again or first[:-LEFT_TO_DO]:
                await self._judge(review, one.login, one.lean)
                break

    async def _judge(self, review: Review, login: str, lean: float = 0.0) -> None:
        work, user = self._house.quality.work, self._people[login]
        await work.claim(review.id, user)
        await self._house.audit(user, "recording.listened", review.recording)
        card = self._house.quality.reviews.scorecard(review.scorecard, review.scorecard_version)
        answers = {item.id: self._minds.answer(item, review, login, lean) for item in card.items()}
        comment = self._minds.remark("overall", review) if self._luck.random() < 0.6 else ""
        await work.score(review.id, user, answers, comment)
        if self._luck.random() < 0.2:
            recording = await self._house.archivist.get(review.recording)
            at = self._luck.uniform(1.0, review.duration_seconds)
            await self._house.listening.desk.write(recording, at, self._minds.remark("note", review), user)

    async def _calibrate(self) -> None:
        """One session after the other; in the last one the supervisor has still to score."""
        desk = self._house.quality.calibrations
        known = await desk.page(None, 50, 0)
        going = [one for one in known.items if one.state is CalibrationState.SCORING]
        if going:
            await self._go_on(going[0], last=known.total >= SESSIONS)
            return
        scored = await self._house.quality.reviews.search(
            ReviewSearch(state=ReviewState.SCORED, purpose=Purpose.SCORE), 40, 0
        )
        used = {one.recording for one in known.items}
        fresh = [one for one in scored.items if one.recording not in used]
        if known.total < SESSIONS and len(fresh) > known.total // 2:
            who = [LEAD, *(one.login for one in REVIEWERS)]
            note = self._minds.remark("note", fresh[0])
            await desk.call(fresh[0].id, self._people[LEAD], who, LEAD, note)

    async def _go_on(self, session: Calibration, *, last: bool) -> None:
        desk, leans = self._house.quality.calibrations, {one.login: one.lean for one in REVIEWERS}
        for one in (await desk.get(session.id)).reviews:
            login = one.assigned_to or LEAD
            if one.state is ReviewState.OPEN and not (last and login == LEAD):
                await self._judge(one, login, leans.get(login, 0.0))
                return
        if not last:
            await desk.close(session.id)

    # --- agents, the supervisor and the administrator --------------------------------------------------------

    async def _object(self) -> None:
        """Agents read what was said of their calls, and some do not agree."""
        quality = self._house.quality
        for one in COLLEAGUES:
            user = self._people[one.login]
            for review in (await quality.reviews.own(user, 20, 0)).items if one.agent else ():
                if review.acknowledged_at is not None:
                    continue
                await quality.disputes.acknowledge(review.id, user)
                low = await self._marked_down(review)
                if low and random.Random(review.id).random() < DISPUTED:  # noqa: S311  a script's luck
                    items = {item: self._minds.remark("agent", review) for item, _ in low[:2]}
                    await quality.disputes.dispute(review.id, user, items, "")
                break
            for task in (await quality.coaching.own(user, 5, 0)).items[1:] if one.agent else ():
                await quality.coaching.acknowledge(task.id, user)

    async def _marked_down(self, review: Review) -> list[tuple[ItemId, Answer]]:
        found = await self._house.quality.reviews.evaluation(review.final or review.id)
        answers = found.answers.items() if found else ()
        return [
            (item, answer)
            for item, answer in answers
            if answer.value == NO or (isinstance(answer.value, int) and answer.value < GOOD_STEP)
        ]

    async def _decide(self) -> None:
        """All but the newest of those that were scored again."""
        desk = self._house.quality.disputes
        open_ = (await desk.page(DisputeState.DISPUTED, None, 50, 0)).items
        shown = [await desk.get(one.id) for one in open_]
        ready = [one for one in shown if one.again.state is ReviewState.SCORED]
        for one in ready[1:]:
            changed = (one.again.score or 0) - (one.first.score or 0) > 1
            note = self._minds.remark("judge", one.first, place=0 if changed else 1)
            await desk.decide(one.dispute.id, self._people["admin"], changed=changed, note=note)
            return

    async def _coach(self) -> None:
        desk, now = self._house.quality.coaching, self._house.clock.now()
        if (await desk.page(None, 1, 0, only_open=True)).total >= TASKS:
            return
        scored = ReviewSearch(state=ReviewState.SCORED, purpose=Purpose.SCORE)
        review = self._luck.choice(
            [*(await self._house.quality.reviews.search(scored, 30, 0)).items] or [None]
        )
        for item, answer in await self._marked_down(review) if review else ():
            if review is None or answer.at_seconds is None or not answer.comment:
                continue
            end = min(answer.at_seconds + 12, review.duration_seconds)
            want = Wanted(
                item,
                answer.comment,
                self._minds.remark("coach", review),
                Clip(answer.at_seconds, end),
                now + 86_400 * self._luck.choice((7, 14)),
            )
            await desk.ask(review.id, self._people[LEAD], want)
            return

    async def _pause(self) -> None:
        """While a card number is read out nothing is recorded."""
        talking = [self._people[one.login] for one in COLLEAGUES if one.agent]
        if self._luck.random() < 0.25:
            user = self._luck.choice(talking)
            await self._house.pauses.desk.pause(user, "card_data")
            await asyncio.sleep(self._luck.uniform(3.0, 8.0))
            with suppress(CtiError):  # the call is over meanwhile
                await self._house.pauses.desk.resume(user)

    # --- customers -------------------------------------------------------------------------------------------

    async def _answer(self) -> None:
        """Some of those whose calls were drawn say how content they are, through the site's own survey tool."""
        search = ReviewSearch(purpose=Purpose.SCORE, plans=frozenset({PlanKind.RANDOM}))
        drawn = [
            one
            for one in (await self._house.quality.reviews.search(search, 60, 0)).items
            if one.call not in self._asked
        ]
        calls = await self._house.calls.lines({one.call for one in drawn})
        self._asked.update(one.call for one in drawn)
        now = datetime.fromtimestamp(self._house.clock.now(), UTC).isoformat(timespec="seconds")
        said = [
            {
                "id": f"demo {review.call}",
                "number": calls[review.call]["caller_number"],
                "call": review.call,
                "agent": review.agent or "",
                "queue": review.queue,
                "scale": 5,
                **self._minds.opinion(review),
                "answered_at": now,
            }
            for review in drawn
            if review.call in calls
            and calls[review.call]["caller_number"]
            and random.Random(review.call).random() < ANSWERING  # noqa: S311  a script's luck
        ]
        if said:
            await self._take_over(said)

    async def _take_over(self, said: Sequence[dict[str, object]]) -> None:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "answers.csv"
            with file.open("w", encoding="utf-8", newline="") as export:
                table = csv.DictWriter(export, [*said[0]])
                table.writeheader()
                table.writerows(said)
            await self._house.care.surveys.import_file(file)


async def hire(house: Installation, password: str) -> None:
    """Logins for the colleagues, once; then the administrator puts a legal hold, and the supervisor has a report sent."""
    known = {one.user.login: one.user for one in await house.accounts.all()}
    for one in COLLEAGUES:
        if one.login not in known:
            agent = AgentId(one.agent) if one.agent else None
            await house.accounts.add(one.login, password, one.name, one.role, agent, one.language)
    if COLLEAGUES[0].login not in known:
        await house.keeping.holds.put(known["admin"], HoldKind.NUMBER, *HELD)
        await house.reporting.report_post.add(known[LEAD], REPORT)
