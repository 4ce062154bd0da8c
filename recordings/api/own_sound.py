"""What agents may hear: the recordings of their own scored reviews, and no other."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from cti.domain.access import Guard, Permission, User
from recordings.api.sound import SOUND, PeaksView, served, wave
from recordings.domain.naming import RecordingId
from recordings.service.archivist import Archivist
from recordings.service.listeners import Listeners

OwnRecording = Callable[[str, User], Awaitable[RecordingId]]
"""Of which recording a review is. Raises when it is not this agent's, not scored, or agents may not hear theirs."""


def routes(archivist: Archivist, own: OwnRecording, listeners: Listeners, guard: Guard) -> APIRouter:
    router = APIRouter(tags=["recordings"])
    may_use_desk = guard(Permission.USE_DESK)

    @router.get("/own-reviews/{review_id}/audio", response_class=Response, responses=SOUND)
    async def own_audio(
        review_id: str, request: Request, user: Annotated[User, Depends(may_use_desk)]
    ) -> Response:
        return await served(archivist, listeners, await own(review_id, user), request, user)

    @router.get("/own-reviews/{review_id}/peaks")
    async def own_peaks(review_id: str, user: Annotated[User, Depends(may_use_desk)]) -> PeaksView:
        return await wave(archivist, await own(review_id, user))

    return router
