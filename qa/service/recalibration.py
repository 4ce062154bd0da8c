"""A reviewer whose scores do not stand calibrates: a session opens by itself, once in a calendar month."""

from collections.abc import Collection, Mapping, Sequence
from datetime import tzinfo
from typing import Final, NamedTuple

from cti.domain.access import Permission, Role, User
from qa.domain.calendar_steps import current
from qa.domain.calibration import CalibrationId, by_itself
from qa.domain.dispute import ReviewerRecord
from qa.domain.queue import OwnTeam
from qa.domain.report import Span
from qa.domain.review import SPEAK_OF_ALL, Purpose, Review, ReviewSearch, ReviewState
from qa.domain.sampling import place
from qa.ports import Clock, Reviewers
from qa.service.calibration_desk import CalibrationDesk
from qa.service.dispute_desk import DisputeDesk
from qa.service.review_desk import ReviewDesk

_NEWEST: Final = 200
"""Scored calls among which one is chosen."""
_MOST_OTHERS: Final = 2


class _Panel(NamedTuple):
    """Whoever judges the call beside the reviewer; `reference`: whose answers count as right."""

    call: Review
    others: Sequence[User]
    reference: str | None


class Recalibration:
    """`near`: whether somebody is of the agent's team; who is bound to teams cannot open the calls of others."""

    def __init__(
        self,
        reviews: ReviewDesk,
        disputes: DisputeDesk,
        calibrations: CalibrationDesk,
        reviewers: Reviewers,
        near: OwnTeam,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._reviews, self._disputes, self._calibrations = reviews, disputes, calibrations
        self._reviewers, self._near, self._clock, self._zone = reviewers, near, clock, zone

    async def turn(self) -> None:
        """Open what is due. Where no call or nobody else is found, it is tried again with the next turn."""
        overturned = await self._disputes.overturned_since(self._month_begin())
        records = await self._disputes.records() if overturned else {}
        due = [login for login in sorted(overturned & records.keys()) if records[login].must_calibrate]
        opened = await self.opened(due)
        everybody = await self._reviewers() if len(opened) < len(due) else ()
        for user in everybody:
            if user.login in due and user.login not in opened:
                await self._open(user, everybody)

    async def opened(self, logins: Collection[str]) -> Mapping[str, CalibrationId]:
        """The sessions of this month that opened by themselves, by the reviewer they are about."""
        ids = {login: self._id(login) for login in logins}
        return {login: id_ for login, id_ in ids.items() if await self._calibrations.is_there(id_)}

    async def opened_of(self, records: Mapping[str, ReviewerRecord]) -> Mapping[str, CalibrationId]:
        """The same, of those who must calibrate."""
        return await self.opened([login for login, record in records.items() if record.must_calibrate])

    async def _open(self, user: User, everybody: Sequence[User]) -> None:
        panel = await self._panel(user, everybody)
        if panel is not None:
            logins = [user.login, *(one.login for one in panel.others)]
            await self._calibrations.open(self._id(user.login), panel.call, logins, panel.reference)

    async def _panel(self, user: User, everybody: Sequence[User]) -> _Panel | None:
        """A call that the reviewer does not know, drawn at random where there is one, and people who do not know it either."""
        search = ReviewSearch(state=ReviewState.SCORED, purpose=Purpose.SCORE)
        for plans in (SPEAK_OF_ALL, None):
            calls = (await self._reviews.search(search._replace(plans=plans), _NEWEST, 0)).items
            for call in sorted(calls, key=lambda one: place(f"{self._id(user.login)}|{one.call}")):
                able = [one for one in everybody if self._may_judge(one, call)]
                leads = [one for one in able if one.may(Permission.LEAD_QUALITY) and one.login != user.login]
                leads.sort(key=lambda one: (one.role is Role.ADMINISTRATOR, one.login))
                peers = sorted(
                    (one for one in able if one.login != user.login and one not in leads),
                    key=lambda one: place(f"{call.call}|{one.login}"),
                )
                others = [*leads[:1], *peers][:_MOST_OTHERS]
                if user in able and others:
                    return _Panel(call, others, leads[0].login if leads else None)
        return None

    def _may_judge(self, user: User, call: Review) -> bool:
        if user.login == call.reviewer or (user.agent is not None and user.agent == call.agent):
            return False
        return not user.is_bound or call.agent is None or self._near(user, call.agent)

    def _month_begin(self) -> float:
        return current(Span.MONTH, self._clock.now(), self._zone)

    def _id(self, login: str) -> CalibrationId:
        return by_itself(login, self._month_begin(), self._zone)
