"""The control API as an application (FastAPI), and its guard."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from wiretape.recorder.errors import WiretapeError
from wiretape.replay.control.access import shows
from wiretape.replay.control.hosting import Hosting
from wiretape.replay.control.routes import everything, one

_DESCRIPTION = """Controls services that are replayed: their clocks, faults, tokens and sessions.

Every request needs `Authorization: Bearer SECRET`, with the secret of the control file.
What stands for one service is below `/services/NAME`; that of the command line is `main`."""


def app(services: Hosting, url: str, secret: str, hosts: frozenset[str]) -> FastAPI:
    """Make the application. `url` is where it listens, `hosts` the names it may be called by."""
    made = FastAPI(
        title="wiretape control",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
    )
    made.state.services, made.state.url = services, url
    bearer = HTTPBearer(auto_error=False, description="the secret of the control file")

    @made.middleware("http")
    async def guarded(
        request: Request, answer: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        """Refuse web pages: whoever was led here by DNS, and whoever tells an origin."""
        if request.headers.get("host", "").lower() not in hosts:
            return JSONResponse({"detail": "unknown host"}, 421)
        if "origin" in request.headers:
            return JSONResponse({"detail": "web pages may not control services"}, 403)
        return await answer(request)

    @made.exception_handler(WiretapeError)
    async def refused(_request: Request, error: WiretapeError) -> Response:
        return JSONResponse({"detail": str(error)}, 400)

    async def permitted(
        request: Request,
        _shown: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> None:
        if not shows(request.headers.get("authorization"), secret):
            raise HTTPException(401, "wrong secret", {"www-authenticate": "Bearer"})

    for router in (everything, one):
        made.include_router(router, dependencies=[Depends(permitted)])
    return made
