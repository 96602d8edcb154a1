"""Plays the families of a target and records both its sides; what they show is judged later."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_hex, token_urlsafe
from tempfile import TemporaryDirectory

import httpx

from wiretape.recorder.errors import BadInputError, EnvironmentFaultError
from wiretape.recorder.redaction.redactor import Redactor
from wiretape.replay.clock import Clock
from wiretape.replay.conformance.check import Family, Target
from wiretape.replay.conformance.config import Config
from wiretape.replay.conformance.evidence import OVER, SIDES, STUCK, TRIAL, Sides
from wiretape.replay.conformance.launching import filled, free_port, launched, values
from wiretape.replay.conformance.reading import sides_mark
from wiretape.replay.conformance.relaying import relaying
from wiretape.replay.conformance.stage import Stage, StuckError
from wiretape.replay.conformance.targets.client import ClientStage, client_stage
from wiretape.replay.edge.recording import recording
from wiretape.replay.edge.serving import Running, running
from wiretape.replay.oauth.state import Client
from wiretape.replay.profiles import profile_named
from wiretape.replay.service import Choices


@dataclass(frozen=True)
class Played:
    """A trial is over, after so many seconds; `stuck` says why it could not go on."""

    trial: str
    seconds: float
    stuck: str | None = None


class BrokenOffError(Exception):
    """The performance was cancelled; what was recorded until then is in `recording`."""

    def __init__(self, recording: Path) -> None:
        super().__init__(str(recording))
        self.recording = recording


async def perform(
    config: Config,
    families: Mapping[str, Family],
    folder: Path,
    *,
    target: Target = "bridge",
    began: Callable[[str], None],
    played: Callable[[Played], None],
    warn: Callable[[str], None],
) -> Path:
    """Play the families in their order; gives the recording, which is in `folder` with the log.

    Raises EnvironmentFaultError if the target does not start, BadInputError for a profile that is
    none, UsageError for a placeholder that stands for nothing, BrokenOffError if cancelled while it
    plays.
    """
    staged = client_stage if target == "client" else partial(_stage, target)
    async with staged(config, folder, warn) as stage:
        try:
            for name, family in families.items():
                if family.play is not None:
                    began(name)
                    played(await _trial(stage, name, family))
        except asyncio.CancelledError as error:
            raise BrokenOffError(stage.taken.path) from error
        return stage.taken.path


_UNFORESEEN = (ValueError, LookupError, TypeError, AttributeError)
"""What a play raises at an answer that is not as documents of its kind are."""


async def _trial(stage: Stage | ClientStage, name: str, family: Family) -> Played:
    assert family.play is not None
    recorder, later = stage.taken.recorder, stage.taken.afterwards
    later.do(recorder.mark, TRIAL, name)
    later.finish()
    now = asyncio.get_running_loop().time
    start = now()
    stuck = None
    try:
        async with asyncio.timeout(family.seconds):
            await family.play(stage)
    except StuckError as error:
        stuck = str(error)
    except TimeoutError:
        stuck = f"it took longer than {family.seconds:g} s"
    except httpx.TimeoutException as error:
        at = error.request.url.copy_with(query=None)
        stuck = f"{error.request.method} {at} was not answered in time"
    except EnvironmentFaultError as error:
        stuck = str(error)
    except httpx.TransportError as error:
        stuck = f"{type(error).__name__}: {error}"
    except _UNFORESEEN as error:
        stuck = f"what came is not as it ought to be: {type(error).__name__}: {error}"
    except asyncio.CancelledError:
        stuck = "interrupted"
        raise
    finally:
        stage.disarm()
        if stuck is not None:
            stuck = stage.lost() or stuck
            later.do(recorder.mark, STUCK, recorder.redactor.text(stuck))
        later.do(recorder.mark, OVER, name)
        later.finish()
    return Played(name, now() - start, stuck)


@asynccontextmanager
async def _stage(
    kind: Target, config: Config, folder: Path, warn: Callable[[str], None]
) -> AsyncIterator[Stage]:
    if config.target is None:
        raise BadInputError("a system is tested where it is: say [target] and url = …")
    profile = profile_named(config.upstream.profile)
    clock = Clock()
    async with AsyncExitStack() as stack:
        first = free_port()
        ports = {"port": str(first), "second_port": str(free_port(first))}
        client = _client(config, ports)
        choices = Choices(
            issuer=config.upstream.issuer,
            expires_in=config.upstream.expires_in,
            users=config.upstream.users,
            clients=() if client is None else (client,),
        )
        directory = stack.enter_context(TemporaryDirectory(prefix="wiretape-"))
        taken = stack.enter_context(
            recording(folder, "conform", clock, Redactor(), warn=warn, profile=profile.name)
        )
        service = await stack.enter_async_context(
            running(profile, clock=clock, choices=choices, taken=taken)
        )
        known = values(service) | ports | {"dir": directory}
        if client is not None:
            known |= {"client.id": client.id, "client.secret": client.secret or ""}
        log = folder / "target.log"
        log.unlink(missing_ok=True)
        log.touch(mode=0o600)
        target = await stack.enter_async_context(launched(config.target, known, config.folder, log))
        taken.recorder.mark(SIDES, sides_mark(_sides(service)))
        proxy = await stack.enter_async_context(relaying(taken))
        yield Stage(kind, config, service, target, proxy, taken)


def _client(config: Config, ports: Mapping[str, str]) -> Client | None:
    """Give the client that the target is at the service, if it does not register."""
    if config.upstream.callback is None:
        return None
    callback = filled(config.upstream.callback, ports)
    return Client(token_hex(16), (callback,), "client_secret_post", token_urlsafe(32))


def _sides(service: Running) -> Sides:
    """Tell the sides: all that is not the service is the target, which may have several origins."""
    return Sides(frozenset(), frozenset(service.origins.local.values()))
