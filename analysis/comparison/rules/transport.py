"""Transport: whether a client finds one that both speak, and keeps its session.

Clients of streamable HTTP fall back to HTTP+SSE when their first POST is refused; since 2025-11-25
only on 400, 404 or 405 (MCP, Transports: backwards compatibility). The SDKs leave that to their
callers. There is no way from HTTP+SSE to streamable HTTP.

Which transport a recording shows is its client's choice. That a service does not speak another is
known only once it was asked for that one, and refused.
"""

from collections.abc import Iterator

from pydantic import JsonValue

from wiretape.analysis.comparison.rule import (
    EVERY_CLIENT,
    NOTHING_TO_MEND,
    Judgement,
    Pair,
    Rule,
    deviates,
)
from wiretape.analysis.comparison.values import member, members, missing, number, status, texts
from wiretape.analysis.finding import Finding

_COMPATIBLE = "MCP 2025-03-26, Transports: backwards compatibility"
_SESSIONS = "MCP 2025-03-26, Transports: session management"
_ACCEPTED = 202
_FALLS_BACK = {400, 404, 405}
_NAMES = {"sse": "HTTP+SSE", "streamable": "streamable HTTP", "sessionless": "MCP 2026-07-28"}


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    before, after = reference.value, subject.value
    subject_of = pair.id.removeprefix("transport.")
    match subject_of:
        case "kinds":
            yield from _kinds(texts(before), subject, pair)
        case "sse.post":
            yield from _sse_post(status(before), status(after))
        case "message.answer" | "notification":
            yield from _taken(subject_of, status(before), status(after))
        case "get":
            yield from _get(before, after)
        case "unknown_session":
            yield from _unknown_session(status(before), status(after))
        case "session_id.place":
            return  # as the transport has it; and there need not be sessions
        case "endpoint":
            yield from _endpoint(before, after)
        case _ if status(before) != status(after):
            yield _otherwise(subject_of, before, after)


def _kinds(before: list[str], subject: Finding, pair: Pair) -> Iterator[Judgement]:
    spoken = texts(subject.value)
    others = " and ".join(_NAMES.get(each, each) for each in spoken) or "nothing else"
    for kind in missing(before, spoken):
        if _refused(kind, subject, pair):
            yield _no_sse(others) if kind == "sse" else _no_kind(kind, others)


def _unsaid(reference: Finding, subject: Finding, pair: Pair) -> Iterator[str]:
    """Name the transports that the subject was never asked for."""
    if pair.id == "transport.kinds":
        for kind in missing(texts(reference.value), texts(subject.value)):
            if not _refused(kind, subject, pair):
                yield f"Whether {_NAMES.get(kind, kind)} is spoken"


def _refused(kind: str, kinds: Finding, pair: Pair) -> bool:
    """Tell whether the subject is known not to speak a transport.

    What is documented of it names all. Else it must have answered a GET, but not with the stream of
    HTTP+SSE; or refused the first POST of the others.
    """
    if kinds.standing != "observed":
        return True
    seen = {id_: finding.value for id_, finding in pair.others.subject.items()}
    if kind == "sse":
        return "transport.get" in seen or any(
            step.startswith("GET mcp → 4")
            for id_, value in seen.items()
            if id_.startswith("transport.client.")
            for step in texts(member(value, "steps"))
        )
    posted = status(seen.get("transport.sse.post"))
    if posted is not None and posted >= 400:
        return True
    first = "server/discover" if kind == "sessionless" else "initialize"
    method = seen.get(f"protocol.method.{first}")
    return bool(members(member(method, "errors"))) and not number(member(method, "answered"))


def _no_sse(others: str) -> Judgement:
    return Judgement(
        id="transport.no-sse",
        severity="risky",
        title=f"No HTTP+SSE is spoken, but {others}",
        why="Clients that POST first are served at once, instead of being sent from POST (404) to "
        "GET for a stream. Those set to HTTP+SSE, such as sse_client of the Python SDK or "
        "mcp-remote with --transport sse-only, find nothing.",
        remedy="Tell clients the endpoint's new URL and transport; or serve a GET with the events "
        "of HTTP+SSE (2024-11-05), and answer POST there with 404.",
        requirement=_COMPATIBLE,
        clients=("Python SDK", "mcp-remote"),
    )


def _no_kind(kind: str, others: str) -> Judgement:
    return Judgement(
        id=f"transport.no-{kind}",
        severity="breaking" if kind == "streamable" else "risky",
        title=f"No {_NAMES.get(kind, kind)} is spoken, but {others}",
        why="The SDKs do not fall back by themselves: their clients cannot connect.",
        remedy="Serve POST at the MCP endpoint as streamable HTTP.",
        requirement="MCP 2025-03-26, Transports: streamable HTTP",
        clients=("Python SDK", "TypeScript SDK", "Claude"),
    )


def _sse_post(before: int | None, after: int | None) -> Iterator[Judgement]:
    if before == after:
        return
    falls_back = after in _FALLS_BACK
    yield Judgement(
        id="transport.fallback",
        severity="cosmetic" if falls_back else "breaking",
        title=f"A POST where HTTP+SSE streams come from is answered {after} instead of {before}",
        why="Clients fall back to HTTP+SSE all the same."
        if falls_back
        else "Clients fall back to HTTP+SSE only when their first POST is answered 400, 404 or "
        "405; here they give up.",
        remedy=NOTHING_TO_MEND
        if falls_back
        else "Answer 404 or 405 to a POST at the stream's endpoint.",
        requirement=None if falls_back else _COMPATIBLE,
        about=("status",),
        clients=() if falls_back else ("VS Code", "mcp-remote"),
    )


def _taken(what: str, before: int | None, after: int | None) -> Iterator[Judgement]:
    if before == after:
        return
    succeeds = 200 <= (after or 0) < 300
    wanted = after == _ACCEPTED
    requirement = "MCP 2025-03-26, Transports: sending messages to the server"
    yield Judgement(
        id=f"transport.{what}",
        severity="cosmetic" if succeeds else "breaking",
        title=f"What is posted without waiting for an answer gets {after} instead of {before}",
        why=deviates(requirement)
        if wanted
        else "Clients take any 2xx; the specification wants 202."
        if succeeds
        else "Clients take the message for lost, and end the session.",
        remedy=NOTHING_TO_MEND if wanted else "Status 202 Accepted",
        requirement=None if wanted else requirement,
        clients=() if succeeds else EVERY_CLIENT,
    )


def _get(before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    had, has = status(before), status(after)
    if has in {had, 200} or (has == 405 and had != 200):
        return
    if has == 405:
        yield Judgement(
            id="transport.no-listening",
            severity="cosmetic",
            title="No stream for the server's own messages",
            why="Clients go on without; what the server says unasked, such as that its tools have "
            "changed, does not reach them.",
            remedy="Answer a GET with `content-type: text/event-stream`.",
            requirement="MCP 2025-03-26, Transports: listening for messages from the server",
        )
    else:
        yield Judgement(
            id="transport.get",
            severity="risky",
            title=f"A GET for a stream is answered {has} instead of {had}",
            why="Clients go on without a stream only if they are answered 405.",
            remedy="Status 405, with `allow: POST, DELETE`",
            requirement="MCP 2025-03-26, Transports: listening for messages from the server",
            clients=("TypeScript SDK", "Python SDK"),
        )


def _unknown_session(before: int | None, after: int | None) -> Iterator[Judgement]:
    if before != after and before in {404, 400}:
        known = after in {404, 400}
        yield Judgement(
            id="transport.unknown-session",
            severity="risky" if known and after == 400 else "cosmetic" if known else "breaking",
            title=f"A session that is gone is answered {after} instead of {before}",
            why=deviates(_SESSIONS)
            if after == 404
            else "VS Code begins a new session on 400 or 404, others only on 404."
            if known
            else "Clients begin a new session on 404 only: they stay with the one that is gone.",
            remedy=NOTHING_TO_MEND
            if after == 404
            else "Status 404 for a session id that is not known, or not any more",
            requirement=None if after == 404 else _SESSIONS,
            clients=()
            if after == 404
            else ("Python SDK", "TypeScript SDK")
            if known
            else EVERY_CLIENT,
        )


def _endpoint(before: JsonValue, after: JsonValue) -> Iterator[Judgement]:
    absolute = [str(each).startswith(("https://", "http://")) for each in (before, after)]
    if absolute == [False, True]:
        yield Judgement(
            id="transport.endpoint",
            severity="risky",
            title="The endpoint event gives a whole URL",
            why="Behind a proxy that URL is often wrong, and the SDKs refuse one of another "
            "origin than the stream's.",
            remedy="`event: endpoint` with `data: /…/message?sessionId=…`",
            requirement="MCP 2024-11-05, Transports: HTTP with SSE",
            clients=("Python SDK", "TypeScript SDK"),
        )


def _otherwise(what: str, before: JsonValue, after: JsonValue) -> Judgement:
    had, has = status(before), status(after)
    about = what.replace("_", " ")
    return Judgement(
        id=f"transport.{what}",
        severity="cosmetic",
        title=f"Another answer to {about}: {has} instead of {had}",
        why="No client is known to mind.",
        remedy=NOTHING_TO_MEND,
    )


RULE = Rule(
    title="Transport",
    gives=(
        "transport.batch",
        "transport.delete",
        "transport.endpoint",
        "transport.fallback",
        "transport.get",
        "transport.get_wrong_accept",
        "transport.message.*",
        "transport.missing_session",
        "transport.no-listening",
        "transport.no-sessionless",
        "transport.no-sse",
        "transport.no-streamable",
        "transport.no_json",
        "transport.no_message",
        "transport.notification",
        "transport.unknown-session",
        "transport.unsupported_revision",
        "transport.wrong_accept",
        "transport.wrong_content_type",
    ),
    judges=("transport.*",),
    judge=_judge,
    unsaid=_unsaid,
    tolerates=("transport.client.*", "transport.ways"),
)
