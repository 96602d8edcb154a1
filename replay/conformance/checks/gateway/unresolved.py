"""The service's name does not resolve: whoever calls is told so, and the gateway is there still."""

import asyncio
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from wiretape.recorder.errors import EnvironmentFaultError
from wiretape.replay.conformance.check import Check, Family, Source
from wiretape.replay.conformance.driving.behind import text_tool
from wiretape.replay.conformance.driving.person import known_users, person, waited_for
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.stage import Stage, StuckError
from wiretape.replay.conformance.terms import telling
from wiretape.replay.conformance.terms.due import DUE, due
from wiretape.replay.conformance.terms.endpoint import mentions, service_turns
from wiretape.replay.conformance.verdict import Verdict, judged, unmet, untestable

_HOST = "no-such-host.invalid"
"""A name that never resolves (RFC 6761, 6.4), and says nothing of the service."""

_LOOKED_UP = 5
"""Seconds in which a resolver says that there is no such name, or will not at all."""

_NOWHERE, _BACK = "the service's name does not resolve", "it resolves again"
_ABSENT = "the gateway does not start"
_QUESTION = "who is without a name"


async def play(stage: Stage) -> None:
    """Start the gateway with a name that does not resolve, and again with the right one.

    Tokens are issued where they were: only the MCP endpoint is told to be elsewhere.
    """
    adapters = stage.config.gateway
    assert adapters is not None
    if not stage.target.restartable:
        raise StuckError("the gateway was not started here, and cannot be told another name")
    await _look_up()
    stage.note(DUE, f"{adapters.timeout:g}")
    stage.note(telling.NAME, adapters.service)
    connected, other = known_users(stage, 2)
    tool, argument = text_tool(stage)
    async with person(stage, connected) as ada, person(stage, other) as bob:
        ada.http.timeout = bob.http.timeout = None
        await ada.connect()
        try:
            await stage.target.restart(_at_no_host(stage.service.urls[0]))
            stage.step(_NOWHERE)
            asked = ada.call(tool, **{argument: _QUESTION}), bob.begin()
            await asyncio.gather(*(waited_for(each, adapters.timeout) for each in asked))
        except EnvironmentFaultError as error:
            stage.note(_ABSENT, str(error))
        finally:
            await stage.target.restart()
        stage.step(_BACK)
        await ada.call(tool, **{argument: _QUESTION})


def _at_no_host(url: str) -> str:
    return urlsplit(url)._replace(netloc=_HOST).geturl()


async def _look_up() -> None:
    """Raise StuckError where resolvers have an answer to everything."""
    with suppress(TimeoutError, socket.gaierror):
        async with asyncio.timeout(_LOOKED_UP):
            await asyncio.get_running_loop().getaddrinfo(_HOST, 80)
        raise StuckError(f"{_HOST} resolves on this machine, against RFC 6761, 6.4")


def _calls(evidence: Evidence) -> list[Turn]:
    return [turn for turn in evidence.down if mentions(turn, _QUESTION)]


def _told(evidence: Evidence) -> Verdict:
    """Judge the call, of which nothing reached the service; the same call works afterwards."""
    at = evidence.at(_NOWHERE)
    for reason in evidence.noted(_ABSENT):
        return unmet(f"it does not start while the service's name does not resolve: {reason}")
    for turn in _calls(at):
        if service_turns(at):
            seen = "the service was reached: {upstream.url} is not what tells the gateway where"
            return untestable(seen, turn, *service_turns(at))
        again = _calls(evidence.at(_BACK))
        if not any(each.status in range(200, 300) for each in again):
            return untestable("the same call does not work with the right name, either", *again)
        wrong = telling.wrong(turn, evidence)
        seen = f"a call was {wrong or f'answered {turn.status}, and names the service'}"
        return judged(wrong is None, f"{seen}; the service's name did not resolve", turn)
    return untestable("nobody called while the service's name did not resolve")


def _others(evidence: Evidence) -> Verdict:
    """Judge what becomes of who connects: they get on, or are told why not."""
    called = _calls(evidence.at(_NOWHERE))
    for turn in evidence.at(_NOWHERE).down:
        if turn not in called:
            good = (turn.status or 500) < 400 and (turn.seconds or 0) <= due(evidence)
            wrong = None if good else telling.wrong(turn, evidence)
            seen = f"a user who connects was {wrong or f'answered {turn.status}'}"
            return judged(wrong is None, f"{seen}; the service's name did not resolve", turn)
    return untestable("nobody connected while the service's name did not resolve")


_UNNAMED = Source("learnt in production: [Errno -5] No address associated with hostname")

FAMILY = Family(
    title="The service's name does not resolve",
    play=play,
    seconds=120,
    checks=(
        Check(
            id="failures.unresolved",
            title="A service whose name does not resolve is told, by its name, in time",
            severity="seed",
            source=_UNNAMED,
            remedy="Catch errors of names when a service is called, and answer 502 with its name.",
            judge=_told,
        ),
        Check(
            id="failures.unresolved-others",
            title="A name that does not resolve is not in the way of whoever connects",
            severity="seed",
            source=_UNNAMED,
            remedy="Look a service up when it is called, and not for requests that do without it.",
            judge=_others,
        ),
    ),
)
