"""The dependencies of every route: who asks, with which permission, about whose call, recording or review."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Annotated, Any

from fastapi import Cookie, Depends, Request

from config.http_door import Limits
from config.installation import Installation
from cti.domain import errors
from cti.domain.access import Guard, Permission, User
from cti.domain.identifiers import CallId
from cti.domain.records import agents_of
from cti.domain.signing_in import Entrance
from qa.domain.calibration import CalibrationId
from qa.domain.dispute import DisputeId
from qa.domain.review import ReviewId
from recordings.domain.naming import RecordingId

Agents = Callable[[str], Awaitable[Collection[str]]]
"""The agents a thing is of; none when it is nobody's, or not there, which its route then says itself."""


class Guards:
    """`guard` asks for a permission and for reach, `entered` for anybody, `in_person` for no program's token."""

    def __init__(self, house: Installation, limits: Limits) -> None:
        self._house, self._limits = house, limits
        self._named = named(house)
        self.guard: Guard = self._guard
        self.signing_in = limits.sign_in

        async def entered(request: Request, cti_session: Annotated[str | None, Cookie()] = None) -> Entrance:
            entrance = await house.door.enter(cti_session, _bearer(request))
            request.state.user, request.state.entrance = entrance.user, entrance.key
            limits.request(entrance.key if entrance.is_token else entrance.user.id)
            return entrance

        async def signed_in(entrance: Annotated[Entrance, Depends(entered)]) -> User:
            return entrance.user

        async def in_person(entrance: Annotated[Entrance, Depends(entered)]) -> Entrance:
            if entrance.is_token:
                raise errors.NotAllowed("An API token cannot do this; sign in yourself.")
            return entrance

        self.entered, self.signed_in, self.in_person = entered, signed_in, in_person

    def _guard(self, permission: Permission) -> Callable[..., Any]:
        async def permitted(request: Request, user: Annotated[User, Depends(self.signed_in)]) -> User:
            if not user.may(permission):
                raise errors.NotAllowed
            if user.is_bound:
                await self._must_reach(user, request)
            return user

        return permitted

    async def _must_reach(self, user: User, request: Request) -> None:
        """Raises OutOfReach, which sounds like a thing that is not there, when an address names something of another team."""
        for name, value in request.path_params.items():
            if agents := self._named.get(name):
                self._house.teams.must_reach(user, await agents(value))


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def named(house: Installation) -> Mapping[str, Agents]:
    """What a parameter in a route's address names → whose it is. Parameters that are not here name nobody's things."""

    async def of_agent(agent: str) -> Collection[str]:
        return (agent,)

    async def of_call(call: str) -> Collection[str]:
        live = house.monitor.record(CallId(call))
        if live is None:
            return await house.calls.agents(CallId(call))
        return agents_of(live)

    async def of_recording(recording: str) -> Collection[str]:
        try:
            agent = (await house.archivist.get(RecordingId(recording))).agent
        except errors.CtiError:
            return ()
        return (agent,) if agent else ()

    async def of_share(secret: str) -> Collection[str]:
        try:
            return await of_recording((await house.listening.desk.shared(secret)).recording)
        except errors.CtiError:
            return ()

    async def of_review(review: str) -> Collection[str]:
        try:
            agent = (await house.review_desk.get(ReviewId(review))).agent
        except errors.CtiError:
            return ()
        return (agent,) if agent else ()

    return {
        "agent": of_agent,
        "spied": of_agent,
        "call": of_call,
        "call_id": of_call,
        "recording_id": of_recording,
        "recording_share": of_share,
        "review_id": of_review,
        **_judged(house),
    }


def _judged(house: Installation) -> Mapping[str, Agents]:
    """Whose disputes and calibrations are."""

    async def of_dispute(dispute: str) -> Collection[str]:
        try:
            return ((await house.quality.disputes.get(DisputeId(dispute))).dispute.agent,)
        except errors.CtiError:
            return ()

    async def of_calibration(calibration: str) -> Collection[str]:
        try:
            agent = (await house.quality.calibrations.get(CalibrationId(calibration))).calibration.agent
        except errors.CtiError:
            return ()
        return (agent,) if agent else ()

    return {"dispute_id": of_dispute, "calibration_id": of_calibration}
