"""The HTTP side of one installation: errors as status codes, health, and the browser pages beside the API."""

import logging
import math
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response

from config.http_door import Door, too_large
from config.installation import Installation
from config.routes import api_routes
from cti.domain import errors
from customers.domain import errors as customer_errors

log = logging.getLogger(__name__)

PAGES = Path(__file__).parent.parent / "web" / "dist"

STATUS: dict[type[Exception], int] = {
    errors.NotSignedIn: 401,
    errors.TooMany: 429,
    errors.NotAllowed: 403,
    errors.Unknown: 404,
    errors.NotPossibleNow: 409,
    errors.SwitchRefused: 409,
    errors.SwitchError: 503,
    customer_errors.NumberTaken: 409,
    errors.CtiError: 422,
}
"""Which status an error becomes: the class itself, or the nearest above it."""


def create_app(house: Installation) -> FastAPI:
    """The application; what runs beside it, the installation starts."""
    app = FastAPI(
        title="Tierline",
        version=house.version,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.add_exception_handler(errors.CtiError, _refused)
    app.add_exception_handler(errors.TooMany, _slower(house))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(413, too_large)
    app.include_router(api_routes(house), prefix="/api/v1")
    app.include_router(_operations(house))
    if PAGES.is_dir():
        _serve_pages(app)
    app.add_middleware(Door, audit=house.audit, status=status_of, secure=house.settings.http.secure_cookies)
    return app


def status_of(error: Exception) -> int:
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    """What another team has sounds like what is not there; that somebody asked for it is written down."""
    if isinstance(error, errors.OutOfReach):
        request.state.out_of_reach = True
        return JSONResponse({"error": str(error), "kind": errors.Unknown.__name__}, status_of(error))
    return JSONResponse({"error": str(error), "kind": type(error).__name__}, status_of(error))


def _slower(house: Installation) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Too many attempts: how long to wait, as HTTP says it and as people read it."""

    async def refused(_request: Request, error: Exception) -> JSONResponse:
        wait = error.wait if isinstance(error, errors.TooMany) else 0.0
        told = {
            "error": str(error),
            "kind": type(error).__name__,
            "wait_seconds": wait,
            "until": house.clock.now() + wait,
        }
        return JSONResponse(told, status_of(error), {"Retry-After": str(math.ceil(wait))})

    return refused


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """One sentence that names each field, instead of the framework's nested list."""
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    said = [f"{'.'.join(str(part) for part in problem['loc'][1:])}: {problem['msg']}" for problem in problems]
    return JSONResponse({"error": "; ".join(said) or "The request is not valid.", "kind": "Invalid"}, 422)


def _operations(house: Installation) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready")
    async def ready() -> JSONResponse:
        reasons = house.not_ready()
        told = {"ready": not reasons, "reasons": reasons, "gaps": house.gaps()}
        return JSONResponse(told, 503 if reasons else 200)

    @router.get("/metrics")
    async def metrics() -> Response:
        text, content_type = await house.metrics()
        return Response(text, media_type=content_type)

    return router


def _serve_pages(app: FastAPI) -> None:
    """The browser pages: files as they are, and the one page for every address it routes by itself."""

    @app.get("/{path:path}", include_in_schema=False)
    async def page(path: str) -> Response:
        if path.startswith("api/"):
            raise errors.Unknown
        file = (PAGES / path).resolve()
        if path and file.is_file() and file.is_relative_to(PAGES.resolve()):
            hashed = path.startswith("assets/")
            return FileResponse(
                file, headers={"Cache-Control": "max-age=31536000, immutable"} if hashed else None
            )
        return FileResponse(PAGES / "index.html", headers={"Cache-Control": "no-cache"})
