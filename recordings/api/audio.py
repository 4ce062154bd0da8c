"""The sound of recordings over HTTP, for those who may listen."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from cti.domain.access import Guard, Permission, User
from recordings.api.sound import SOUND, announced, served
from recordings.domain.naming import RecordingId
from recordings.service.archivist import Archivist
from recordings.service.listeners import Listeners


def routes(archivist: Archivist, listeners: Listeners, guard: Guard) -> APIRouter:
    router = APIRouter(tags=["recordings"])
    may_listen = guard(Permission.LISTEN)

    @router.get("/recordings/{recording_id}/audio", response_class=Response, responses=SOUND)
    async def audio(
        recording_id: str, request: Request, user: Annotated[User, Depends(may_listen)]
    ) -> Response:
        return await served(archivist, listeners, RecordingId(recording_id), request, user)

    @router.head(
        "/recordings/{recording_id}/audio", response_class=Response, dependencies=[Depends(may_listen)]
    )
    async def audio_head(recording_id: str) -> Response:
        return await announced(archivist, listeners, RecordingId(recording_id))

    return router
