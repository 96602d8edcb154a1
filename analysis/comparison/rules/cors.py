"""CORS: what a client in a browser may call, send and read (WHATWG Fetch, CORS protocol).

More than the reference allows is no trouble to anybody.
"""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from wiretape.analysis.comparison.rule import Client, Judgement, Pair, Rule, Severity
from wiretape.analysis.comparison.values import alike, listed, member, missing, texts
from wiretape.analysis.finding import Finding

_SESSION = "Mcp-Session-Id"
_BROWSERS: tuple[Client, ...] = ("VS Code", "clients in a browser")
_FETCH = "WHATWG Fetch, CORS protocol"
_NEEDED = {"Authorization", "Content-Type"}
_MCP_ROLES = {"mcp", "sse", "message"}
_SENT_TO: Mapping[str, frozenset[str]] = {
    "registration": frozenset({"Content-Type"}),
    "token": frozenset({"Authorization"}),
    "revocation": frozenset({"Authorization"}),
}
"""What clients send to OAuth's endpoints that needs a preflight. A form needs none, nor does a GET
of metadata; `Authorization` is sent only by clients that have a secret."""


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    _, role, what = pair.id.split(".", 2)
    role = "mcp" if role in _MCP_ROLES else role
    match what:
        case "browser":
            yield from _call(role, reference.value, subject.value)
            yield from _send(role, reference.value, subject.value)
            yield from _read(role, reference.value, subject.value, pair)
        case "actual":
            yield from _exposed(role, reference.value, subject.value, pair)
        case "refused":
            yield from _refused(role, reference.value, subject.value)
        case "preflight":
            yield from _cached(role, reference.value, subject.value)


def _call(role: str, before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    unsent = missing(texts(member(before, "may_send")), texts(member(after, "may_send")))
    needed = _NEEDED if role == "mcp" else _SENT_TO.get(role, frozenset())
    told = member(after, "may_send") is not None and not needed.isdisjoint(unsent)
    if member(before, "may_call") is True and member(after, "may_call") is False and not told:
        yield Judgement(
            id=f"cors.{role}.call",
            about=("may_call",),
            severity="breaking",
            title=f"A page of another origin may not call {_named(role)}",
            why="The browser refuses before or after the request; the client only sees that the "
            "network failed.",
            remedy="`access-control-allow-origin: *` on every answer, and on the preflight "
            "`access-control-allow-headers: Authorization, Content-Type, mcp-session-id`",
            requirement=_FETCH,
            clients=("clients in a browser",),
        )
    methods = missing(texts(member(before, "may_use")), texts(member(after, "may_use")))
    if methods and role == "mcp" and member(after, "may_use") is not None:
        yield Judgement(
            id=f"cors.{role}.methods",
            about=("may_use",),
            severity="cosmetic" if methods == ["DELETE"] else "risky",
            title=f"A page of another origin may not use {listed(methods)} at {_named(role)}",
            why="Its preflight is refused; without DELETE sessions are not ended by clients.",
            remedy="`access-control-allow-methods: "
            + ", ".join([*texts(member(before, "may_use")), "OPTIONS"])
            + "`",
            requirement=_FETCH,
            clients=("clients in a browser",),
        )


def _send(role: str, before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    if member(after, "may_send") is None:
        return
    names = missing(texts(member(before, "may_send")), texts(member(after, "may_send")))
    if role != "mcp":
        names = [name for name in names if name in _SENT_TO.get(role, ())]
    if names:
        severity: Severity = "cosmetic" if names == ["Last-Event-ID"] else "breaking"
        if role != "mcp" and names == ["Authorization"]:
            severity = "risky"
        yield Judgement(
            id=f"cors.{role}.send",
            about=("may_send",),
            severity=severity,
            title=f"A page of another origin may not send {listed(names)} to {_named(role)}",
            why="A preflight that does not allow a header makes the browser refuse every request "
            "that has it.",
            remedy="`access-control-allow-headers: "
            + ", ".join(texts(member(after, "may_send")) + names)
            + "`",
            requirement=f"{_FETCH}; MCP 2025-06-18, Transports",
            clients=_BROWSERS,
        )


def _read(role: str, before: JsonValue, after: JsonValue, pair: Pair) -> Iterator[Judgement]:
    if member(after, "may_read") is None or role != "mcp":
        return
    names = missing(texts(member(before, "may_read")), texts(member(after, "may_read")))
    if _SESSION in names:
        yield _hidden_session("may_read", pair)
    if "WWW-Authenticate" in names:
        yield Judgement(
            id="cors.challenge-not-exposed",
            about=("may_read",),
            severity="risky",
            title="WWW-Authenticate is not exposed to clients of another origin",
            why="A client in a browser sees the 401, but not where to authorize.",
            remedy="`access-control-expose-headers: WWW-Authenticate, mcp-session-id`",
            requirement=f"{_FETCH}: HTTP responses; RFC 9728, section 5.1",
            clients=("clients in a browser",),
        )


def _exposed(role: str, before: JsonValue, after: JsonValue, pair: Pair) -> Iterator[Judgement]:
    """Judge what a profile tells of the headers, where it does not tell what a browser may do."""
    names = missing(texts(member(before, "expose_headers")), texts(member(after, "expose_headers")))
    anything = "*" in texts(member(after, "expose_headers"))
    if role == "mcp" and _SESSION.lower() in map(str.lower, names) and not anything:
        yield _hidden_session("expose_headers", pair)


def _hidden_session(about: str, pair: Pair) -> Judgement:
    place = pair.others.subject.get("transport.session_id.place")
    needed = place is not None and place.value == "header"
    return Judgement(
        id="cors.session-id-not-exposed",
        severity="breaking" if needed else "cosmetic",
        title="mcp-session-id is not exposed to clients of another origin",
        why="The subject gives the session's id in a header that a client in a browser, or in an "
        "editor's web view, does not get to see: it goes on without a session and is refused."
        if needed
        else "The subject was not seen to give session ids in a header.",
        remedy="`access-control-expose-headers: mcp-session-id`",
        requirement=f"{_FETCH}: HTTP responses; MCP 2025-03-26, Transports: session management",
        clients=_BROWSERS if needed else (),
        about=(about,),
    )


def _refused(role: str, before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    if member(before, "allow_origin") and not member(after, "allow_origin"):
        yield Judgement(
            id=f"cors.{role}.refusal-hidden",
            about=("allow_origin",),
            severity="breaking",
            title=f"Refusals of {_named(role)} have no CORS headers",
            why="A client in a browser does not even see the 401, and never begins to authorize.",
            remedy="`access-control-allow-origin: *` on errors as well, also on those that a "
            "middleware gives before CORS has its turn",
            requirement=_FETCH,
            clients=("clients in a browser",),
        )


def _cached(role: str, before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    age = member(before, "max_age")
    if role == "mcp" and not alike(age, member(after, "max_age")):
        yield Judgement(
            id="cors.max-age",
            about=("max_age",),
            severity="cosmetic",
            title="Preflights are kept for another time",
            why="The browser asks again more often, or less often.",
            remedy=f"`access-control-max-age: {age}`" if age is not None else "None is needed.",
            requirement=_FETCH,
        )


def _named(role: str) -> str:
    return f"the {'MCP' if role == 'mcp' else role.replace('-', ' ')} endpoint"


RULE = Rule(
    title="CORS",
    gives=(
        "cors.*.call",
        "cors.*.methods",
        "cors.*.refusal-hidden",
        "cors.*.send",
        "cors.challenge-not-exposed",
        "cors.max-age",
        "cors.session-id-not-exposed",
    ),
    judges=("cors.*.*",),
    judge=_judge,
    tolerates=("cors.authorization.*", "cors.callback.*"),
)
