"""CORS: a client that runs in a page can do all that another can, as its browser judges it."""

from collections.abc import Callable, Iterable

from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.check import Check, Family, Source
from wiretape.replay.conformance.driving.client import Client, client, expected
from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.browsing import (
    ORIGIN,
    forbidden,
    hidden,
    is_preflight,
    preflight,
    unreadable,
)
from wiretape.replay.conformance.terms.endpoint import endpoint_turns
from wiretape.replay.conformance.verdict import Verdict, met, unmet, untestable

_MCP, _REGISTRATION = "preflights of MCP", "preflight of registration"
_SESSION = ("authorization", "mcp-protocol-version", "mcp-session-id")
_PING = {"jsonrpc": "2.0", "id": 9, "method": "ping"}


async def play(stage: Stage) -> None:
    """Do in a page all that a client does, and what is refused there; authorize in a window."""
    async with client(stage) as user:
        user.http.headers["origin"] = ORIGIN
        await user.discover()
        stage.step(_REGISTRATION)
        at = str(user.server.get("registration_endpoint") or f"{origin(user.url)}/register")
        await user.http.options(at, headers=preflight("POST", "content-type"))
        stage.step("registration")
        expected(await user.register(), "registration")
        del user.http.headers["origin"]
        code = await user.code()
        user.http.headers["origin"] = ORIGIN
        stage.step("tokens")
        expected(await user.exchange(code), "the exchange of the code")
        await user.exchange("no-code-of-anybody")
        stage.step(_MCP)
        await _asked(user, "POST", "content-type", *_SESSION)
        await _asked(user, "GET", "last-event-id", *_SESSION)
        stage.step("MCP")
        await user.begin()
        await user.call("ping")
        await user.say(_PING, authorization="Bearer not-a-token-of-anybody")
        await user.say(_PING, **{"mcp-session-id": "0123456789abcdef0123456789abcdef"})


async def _asked(user: Client, method: str, *headers: str) -> None:
    await user.http.options(user.url, headers=preflight(method, *headers))


def _preflight(evidence: Evidence) -> Verdict:
    return _passing(evidence.at(_MCP), "the MCP endpoint")


def _registration_preflight(evidence: Evidence) -> Verdict:
    return _passing(evidence.at(_REGISTRATION), "registration")


def _passing(evidence: Evidence, what: str) -> Verdict:
    asked = [turn for turn in evidence.down if is_preflight(turn)]
    for turn in asked:
        if (why := forbidden(turn)) is not None:
            method = turn.sent.get("access-control-request-method")
            return unmet(f"a browser does not let a page {method} to {what}: {why}", turn)
    if not asked:
        return untestable(f"nobody asked whether a page may use {what}")
    return met(f"a browser lets a page use {what}", *asked)


def _answers(evidence: Evidence) -> Verdict:
    return _seen(
        [turn for turn in _from_pages(endpoint_turns(evidence)) if turn.status in {200, 202}],
        "an answer of the MCP endpoint",
    )


def _errors(evidence: Evidence) -> Verdict:
    turns = [turn for turn in _from_pages(evidence.down) if turn.status in range(400, 500)]
    return _seen([turn for turn in turns if not is_preflight(turn)], "an error answer")


def _documents(evidence: Evidence) -> Verdict:
    found = oauth_turns(evidence.down, "resource metadata")
    found += oauth_turns(evidence.down, "server metadata")
    return _seen([turn for turn in _from_pages(found) if turn.status == 200], "metadata")


def _registration(evidence: Evidence) -> Verdict:
    return _seen(_from_pages(oauth_turns(evidence.down, "registration")), "a registration")


def _token(evidence: Evidence) -> Verdict:
    return _seen(_from_pages(oauth_turns(evidence.down, "token")), "a token answer")


def _seen(turns: list[Turn], what: str) -> Verdict:
    for turn in turns:
        if (why := hidden(turn)) is not None:
            return unmet(f"a browser hides {what} ({turn.status}) from a page: {why}", turn)
    if not turns:
        return untestable(f"no page was given {what}")
    return met(f"a page sees {what}", *turns)


def _session_id(evidence: Evidence) -> Verdict:
    return _header(evidence, "mcp-session-id", lambda turn: True)


def _challenge(evidence: Evidence) -> Verdict:
    return _header(evidence, "www-authenticate", lambda turn: turn.status == 401)


def _header(evidence: Evidence, name: str, about: Callable[[Turn], bool]) -> Verdict:
    turns = [turn for turn in _from_pages(endpoint_turns(evidence)) if name in turn.given]
    turns = [turn for turn in turns if about(turn)]
    for turn in turns:
        if (why := unreadable(turn, name)) is not None:
            return unmet(f"a browser hides {name} from a page: {why}", turn)
    if not turns:
        return untestable(f"no page was answered with {name}")
    return met(f"a page can read {name}", *turns)


def _from_pages(turns: Iterable[Turn]) -> list[Turn]:
    """Give what pages of other origins asked."""
    return [turn for turn in turns if turn.sent.get("origin") not in {None, origin(turn.url)}]


_LEARNT = Source(
    "learnt in production: clients in a browser need CORS; WHATWG Fetch, 3.3",
    "https://fetch.spec.whatwg.org/#http-cors-protocol",
)


def _check(what: str, title: str, remedy: str, judge: Callable[[Evidence], Verdict]) -> Check:
    return Check(
        id=f"cors.{what}",
        title=title,
        severity="seed",
        source=_LEARNT,
        remedy=remedy,
        judge=judge,
        anywhere="preflight" not in what,
    )


FAMILY = Family(
    title="CORS",
    play=play,
    checks=(
        _check(
            "preflight",
            "A page may POST to the MCP endpoint and GET its stream, with a token and a session",
            "Allow Authorization by its name (`*` does not cover it), Content-Type, "
            "Mcp-Session-Id, Mcp-Protocol-Version and Last-Event-ID; answer OPTIONS without a "
            "token, with 2xx.",
            _preflight,
        ),
        _check(
            "registration-preflight",
            "A page may POST JSON to the registration endpoint",
            "Allow Content-Type, and answer OPTIONS with 2xx.",
            _registration_preflight,
        ),
        _check(
            "answers",
            "A page sees what the MCP endpoint answers",
            "Send access-control-allow-origin with every answer, not with preflights only.",
            _answers,
        ),
        _check(
            "errors",
            "A page sees errors: 400, 401, 404",
            "Send access-control-allow-origin with errors, too: else a browser tells the page "
            "nothing but that the request failed.",
            _errors,
        ),
        _check(
            "session-id-exposed",
            "A page can read its session id",
            "Send access-control-expose-headers: mcp-session-id.",
            _session_id,
        ),
        _check(
            "challenge-exposed",
            "A page can read the challenge of a 401",
            "Name WWW-Authenticate in access-control-expose-headers.",
            _challenge,
        ),
        _check(
            "documents",
            "A page sees the metadata documents",
            "Send access-control-allow-origin with /.well-known/….",
            _documents,
        ),
        _check(
            "registration",
            "A page sees the answer to its registration",
            "Send access-control-allow-origin with the registration endpoint's answers.",
            _registration,
        ),
        _check(
            "token",
            "A page sees the answers of the token endpoint",
            "Send access-control-allow-origin with the token endpoint's answers.",
            _token,
        ),
    ),
)
