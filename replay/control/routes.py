"""The control API's routes (FastAPI). Everything runs in the services' own event loop."""

import asyncio
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request

from wiretape.replay.arming import parsed, plan
from wiretape.replay.clock import Clock
from wiretape.replay.control import models, showing, tokens
from wiretape.replay.control.hosting import Hosting
from wiretape.replay.edge.serving import Running
from wiretape.replay.recorded.knowing import known
from wiretape.replay.service import Choices, Service

everything = APIRouter(tags=["services"])
"""What is about all services."""

one = APIRouter(prefix="/services/{name}")
"""What is about one service."""


async def _hosting(request: Request) -> Hosting:
    found: Hosting = request.app.state.services
    return found


Services = Annotated[Hosting, Depends(_hosting)]


async def _named(
    name: Annotated[str, Path(pattern=models.NAME, examples=["main"])], services: Services
) -> Running:
    if name not in dict(services):
        raise HTTPException(404, f"no service is called {name}")
    return services[name]


At = Annotated[Running, Depends(_named)]


async def _service(at: At) -> Service:
    return at.service


Here = Annotated[Service, Depends(_service)]


@everything.get("/services")
async def list_services(request: Request, services: Services) -> list[models.State]:
    """List the services that run in this process."""
    return [_state(request, name, at) for name, at in services]


@everything.post("/services", status_code=201)
async def start_service(
    wanted: models.Wanted, request: Request, services: Services
) -> models.State:
    """Run one more service, on ports of its own; it knows nothing of the others."""
    files = [*map(FilePath, wanted.recordings)]
    profile, recorded = await asyncio.to_thread(known, wanted.profile, files)
    at = await services.start(
        profile,
        wanted.name,
        clock=Clock(wanted.clock_start, rate=wanted.clock_rate),
        choices=Choices(
            issuer=wanted.issuer,
            expires_in=wanted.expires_in,
            users=wanted.users,
            consent=wanted.consent,
            recorded=recorded,
            vary=wanted.vary,
        ),
        faults=[plan(said) for said in wanted.faults],
    )
    return _state(request, wanted.name, at)


@everything.get("/faults", tags=["faults"])
async def list_faults() -> list[models.Known]:
    """List the faults that can be armed, and what each of them finds."""
    return showing.known()


@one.get("", tags=["services"])
async def show_state(request: Request, name: str, at: At) -> models.State:
    """Tell where the service is, and how it stands."""
    return _state(request, name, at)


@one.delete("", status_code=204, tags=["services"])
async def stop_service(name: str, services: Services, _at: At) -> None:
    """End the service."""
    await services.stop(name)


@one.post("/reset", status_code=204, tags=["services"])
async def reset(service: Here) -> None:
    """Begin anew: no tokens, clients, sessions, faults, journal. The clock goes on."""
    service.faults.disarm_all()
    service.world.reset()


@one.post("/restart", status_code=204, tags=["services"])
async def restart(service: Here) -> None:
    """Lose tokens, clients and sessions, as a server does that keeps them in its memory."""
    service.world.restart()


@one.get("/clock", tags=["clock"])
async def show_clock(service: Here) -> models.Time:
    """Tell the service's time."""
    return showing.time(service)


@one.post("/clock", tags=["clock"])
async def change_clock(change: models.TimeChange, service: Here) -> models.Time:
    """Jump ahead, stop, or run at another rate."""
    if change.rate is not None:
        service.world.clock.run(change.rate)
    if change.advance is not None:
        service.world.clock.advance(change.advance)
    return showing.time(service)


@one.get("/faults", tags=["faults"])
async def list_armed(service: Here) -> list[models.Armed]:
    """List the faults that are armed."""
    return showing.armed(service)


@one.post("/faults", status_code=201, tags=["faults"])
async def arm(arming: models.Arming, service: Here) -> models.Armed:
    """Arm a fault."""
    fault, said = parsed(arming.fault)
    return showing.one_armed(service.faults.arm(fault, **said, **arming.options))


@one.delete("/faults", status_code=204, tags=["faults"])
async def disarm_all(service: Here) -> None:
    """Disarm all faults."""
    service.faults.disarm_all()


@one.delete("/faults/{number}", status_code=204, tags=["faults"])
async def disarm(number: int, service: Here) -> None:
    """Disarm a fault."""
    service.faults.disarm(number)


@one.get("/users", tags=["users"])
async def list_users(service: Here) -> list[models.User]:
    """List who can consent."""
    return showing.users(service)


@one.get("/tokens", tags=["tokens"])
async def list_tokens(service: Here) -> list[models.Token]:
    """List the tokens, without what makes them secret."""
    return list(tokens.listed(service))


@one.post("/tokens", status_code=201, tags=["tokens"])
async def issue(wanted: models.Issuing, service: Here) -> models.Issued:
    """Issue tokens as if a user had consented: what is answered can be used at once."""
    return tokens.issue(service, wanted)


@one.post("/tokens/{token}/expire", tags=["tokens"])
async def expire(token: str, service: Here) -> int:
    """Let an access token be over, or `all`; answers how many."""
    return tokens.expire(service, token)


@one.post("/tokens/{token}/revoke", tags=["tokens"])
async def revoke(token: str, service: Here) -> int:
    """Revoke a token, or `all`; a refresh token takes its lineage with it."""
    return tokens.revoke(service, token)


@one.get("/sessions", tags=["sessions"])
async def list_sessions(service: Here) -> list[models.Session]:
    """List the MCP sessions that are open."""
    return list(tokens.sessions(service))


@one.delete("/sessions/{session}", tags=["sessions"])
async def drop(session: str, service: Here) -> int:
    """Drop an MCP session, or `all`, and end its stream; answers how many."""
    return tokens.drop(service, session)


@one.get("/journal", tags=["journal"])
async def show_journal(
    service: Here,
    wanted: Annotated[showing.Filter, Depends()],
    most: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> models.Page:
    """Tell what was received and what became of it, from the entry after `since` on."""
    return showing.page(service, wanted.lets, most)


@one.delete("/journal", status_code=204, tags=["journal"])
async def clear_journal(service: Here) -> None:
    """Forget what was received so far; numbers go on."""
    service.world.journal.clear()


@one.get("/unplayed", tags=["journal"])
async def list_unplayed(service: Here) -> list[models.Unplayed]:
    """List the recorded calls that nobody has asked yet."""
    return [
        models.Unplayed(place=each.place, method=each.method, name=each.name)
        for each in service.unplayed()
    ]


def _state(request: Request, name: str, at: Running) -> models.State:
    return showing.state(name, at, f"{request.app.state.url}/services/{name}")
