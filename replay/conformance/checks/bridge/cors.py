"""CORS: a client that runs in a page can do all that another can, as its browser judges it."""

from collections.abc import Callable, Iterable

from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.check import Check, Family, Severity, Source, rfc, spec
from wiretape.replay.conformance.driving.client import client, expected
from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.browsing import (
    forbidden,
    hidden,
    is_preflight,
    preflight,
    unreadable,
)
from wiretape.replay.conformance.terms.endpoint import endpoint_turns
from wiretape.replay.conformance.verdict import Verdict, met, unmet, untestable

_MCP, _REGISTRATION = "preflights of MCP", "preflight of registration"
_DOCUMENTS, _TOKEN = "preflights of documents", "preflight of the token endpoint"
_DELETE, _END = "preflight of the session's end", "the session's end"
_SESSION = ("authorization", "mcp-protocol-version", "mcp-session-id")
_PING = {"jsonrpc": "2.0", "id": 9, "method": "ping"}


async def play(stage: Stage) -> None:
    """Do in a page all that a client does, and what is refused there; authorize in a window."""
    async with client(stage) as user:
        user.http.headers["origin"] = page = stage.config.bridge.page
        await user.discover()
        stage.step(_DOCUMENTS)
        for at in user.documents:
            await user.http.options(at, headers=preflight(page, "GET", "mcp-protocol-version"))
        stage.step(_REGISTRATION)
        asked = preflight(page, "POST", "content-type")
        await user.http.options(user.at("registration_endpoint"), headers=asked)
        stage.step("registration")
        expected(await user.register(), "registration")
        del user.http.headers["origin"]
        code = await user.code()
        user.http.headers["origin"] = page
        stage.step(_TOKEN)
        asked = preflight(page, "POST", "authorization")
        await user.http.options(user.at("token_endpoint"), headers=asked)
        stage.step("tokens")
        expected(await user.exchange(code), "the exchange of the code")
        await user.exchange("no-code-of-anybody")
        stage.step(_MCP)
        for method, name in (("POST", "content-type"), ("GET", "last-event-id")):
            await user.http.options(user.url, headers=preflight(page, method, name, *_SESSION))
        stage.step("MCP")
        await user.begin()
        await user.call("ping")
        await user.say(_PING, authorization="Bearer not-a-token-of-anybody")
        await user.say(_PING, **{"mcp-session-id": "0123456789abcdef0123456789abcdef"})
        stage.step(_DELETE)
        await user.http.options(user.url, headers=preflight(page, "DELETE", *_SESSION))
        stage.step(_END)
        await user.leave()


def _preflight(evidence: Evidence) -> Verdict:
    return _passing(evidence.at(_MCP), "the MCP endpoint")


def _registration_preflight(evidence: Evidence) -> Verdict:
    return _passing(evidence.at(_REGISTRATION), "registration")


def _documents_preflight(evidence: Evidence) -> Verdict:
    return _passing(evidence.at(_DOCUMENTS), "the metadata documents")


def _token_preflight(evidence: Evidence) -> Verdict:
    """Clients need not authenticate by Basic; it is the default if metadata names no methods."""
    for turn in oauth_turns(evidence.down, "server metadata"):
        known = turn.fields.get("token_endpoint_auth_methods_supported")
        if isinstance(known, list) and "client_secret_basic" not in known:
            return met("the token endpoint does not offer Basic", turn)
    return _passing(evidence.at(_TOKEN), "the token endpoint by Basic")


def _delete_preflight(evidence: Evidence) -> Verdict:
    """Sessions need not end by DELETE (2025-06-18, basic/transports, Session Management, 5)."""
    for turn in endpoint_turns(evidence, _END):
        if turn.status == 405:
            return met("no client ends sessions: DELETE is answered 405", turn)
    return _passing(evidence.at(_DELETE), "the MCP endpoint")


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


def _check(
    what: str,
    title: str,
    remedy: str,
    judge: Callable[[Evidence], Verdict],
    *,
    severity: Severity = "seed",
    source: Source = _LEARNT,
) -> Check:
    return Check(
        id=f"cors.{what}",
        title=title,
        severity=severity,
        source=source,
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
            "documents-preflight",
            "A page may ask for the metadata documents with MCP-Protocol-Version",
            "Allow MCP-Protocol-Version at /.well-known/…: without it clients ask twice, or give "
            "up.",
            _documents_preflight,
            severity="SHOULD",
            source=spec("2025-03-26", "basic/authorization", "server-metadata-discovery"),
        ),
        _check(
            "token-preflight",
            "A page may authenticate by Basic at the token endpoint, if that is offered",
            "Allow Authorization by its name, or leave client_secret_basic out of "
            "token_endpoint_auth_methods_supported.",
            _token_preflight,
            severity="SHOULD",
            source=rfc(6749, "2.3.1"),
        ),
        _check(
            "delete-preflight",
            "A page may end its session, if clients may",
            "Allow DELETE in access-control-allow-methods: else sessions of pages stay open.",
            _delete_preflight,
            severity="SHOULD",
            source=spec("2025-06-18", "basic/transports", "session-management"),
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
