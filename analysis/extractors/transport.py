"""Transport: which ones a service speaks, and how it answers what each of them asks.

What is odd (a request without a session, with one that is gone, with a wrong Accept, with a body
that is no message) is told by the request itself, and by the words of the answer where its status
says little.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from msgspec import UNSET
from pydantic import JsonValue

from wiretape.analysis.concluding.usual import places, usual
from wiretape.analysis.concluding.values import brief
from wiretape.analysis.facts import Fact, Facts, Tally
from wiretape.analysis.finding import Finding
from wiretape.analysis.observer import Extractor
from wiretape.analysis.scene import Role, Scene
from wiretape.analysis.traffic.seen import Seen, route
from wiretape.analysis.traffic.turns import Turn
from wiretape.recorder.log.jsonrpc import Call, Malformed
from wiretape.recorder.log.urls import join, origin, query

_SESSIONLESS = "2026-07-28"
_OPENING = frozenset({"initialize", "server/discover"})
_WORDS = ("session", "accept", "content-type", "content type", "protocol version", "-32601")
_SHORT = 500
_BRIEF = 64
_WHOLE = 4096
"""How many bytes of a refusal are kept: cut off, JSON would be none."""

_DISLIKED = ("accept", "content_type")
"""Headers whose values a server may refuse."""

_UNREADABLE = {"no JSON": "no_json", "no message": "no_message", "a batch": "batch"}
"""Bodies that a server may be unable to read, by the subject of its answer."""


class _Case(NamedTuple):
    """What of a request and its answer tells which case of the protocol it is.

    `says` is opening, calls, told (nothing that wants an answer), nothing, or one of `_UNREADABLE`;
    `session` whether it names a session, `modern` whether it claims a revision without sessions;
    `words` are those of `_WORDS` that a refusal contains.
    """

    method: str
    says: str
    session: bool
    modern: bool
    accept: str
    content_type: str
    status: int
    media_type: str | None
    stream: bool
    words: tuple[str, ...]


def _exchange(seen: Seen) -> Iterator[Fact]:
    status = seen.status
    if status is None or seen.step is not None or status in {401, 403} or 300 <= status < 400:
        return
    stream = seen.stream
    says = _says(seen)
    if "mcp-session-id" in seen.given:
        yield Fact(("session", "header"))
    elif says == "opening" and status == 200 and "mcp-protocol-version" not in seen.sent:
        yield Fact(("session", None))
    if stream is not None and stream.first_name == "endpoint" and seen.method == "GET":
        yield from _endpoint(seen.url, stream.first_data or "")
    refused = status >= 400
    acknowledged = seen.body is not None and seen.body.text is not None and seen.body.size <= _BRIEF
    case = _Case(
        method=seen.method[:_SHORT],
        says=says,
        session="mcp-session-id" in seen.sent or "?" in seen.url,
        modern=(seen.sent.get("mcp-protocol-version") or "") >= _SESSIONLESS,
        accept=(seen.sent.get("accept") or "")[:_SHORT] if refused else "",
        content_type=(seen.sent.get("content-type") or "")[:_SHORT] if refused else "",
        status=status,
        media_type=_media_type(seen.given.get("content-type")),
        stream=stream is not None,
        words=_words(seen) if refused else (),
    )
    yield Fact(("case", seen.route, case), _body(seen) if refused or acknowledged else None)


def _turn(turn: Turn) -> Iterator[Fact]:
    """Note the way of an answer."""
    if turn.by == "client" and turn.over is not None and (turn.status or 0) < 400:
        yield Fact(("way", turn.route, turn.over), keep=1)


def _says(seen: Seen) -> str:
    refused = seen.method == "POST" and (seen.status or 0) >= 400
    if refused and (unreadable := _unreadable(seen)) is not None:
        return unreadable
    calls = [said.method for said in seen.said if isinstance(said, Call)]
    if not calls:
        return "told" if seen.said else "nothing"
    return "calls" if _OPENING.isdisjoint(calls) else "opening"


def _unreadable(seen: Seen) -> str | None:
    """Tell what a body is that is not one message."""
    body = seen.request.body
    if body is None or body.json is UNSET:
        return "no JSON"
    if len(seen.said) == 1 and not isinstance(seen.said[0], Malformed):
        return "a batch" if bytes(body.json).lstrip().startswith(b"[") else None
    return "a batch" if len(seen.said) > 1 else "no message"


@lru_cache(maxsize=1024)
def _media_type(content_type: str | None) -> str | None:
    return None if content_type is None else content_type.partition(";")[0].strip().lower()


def _words(seen: Seen) -> tuple[str, ...]:
    data = b"" if seen.body is None or seen.body.base64 is not None else seen.body.data()
    text = data[:_SHORT].lower()
    return tuple(word for word in _WORDS if word.encode() in text)


def _body(seen: Seen) -> JsonValue:
    """Give a body, with the request's id in it unnamed."""
    found = brief(seen.body, _WHOLE)
    ids = [said.id for said in seen.said if isinstance(said, Call)]
    if isinstance(found, dict) and found.get("id") in ids:
        return found | {"id": "{id}"}
    return found


def _endpoint(url: str, data: str) -> Iterator[Fact]:
    """Note where a stream's client is to post, and whether its session is in the query."""
    there = join(url, data)
    parameters = query(there)
    form = route(there) + ("?" if parameters else "")
    form += "&".join(f"{name}={{id}}" for name in parameters)
    if data.startswith("/"):
        form = form.removeprefix(origin(there))
    yield Fact(("endpoint", form[:_SHORT]))
    if parameters:
        yield Fact(("session", "query"))


def _findings(facts: Facts, scene: Scene) -> Iterator[Finding]:
    yield from _kinds(facts, scene)
    if forms := [(form, tally) for (form,), tally in facts.of("endpoint")]:
        yield from usual("transport.endpoint", "Where a client of HTTP+SSE is told to post", forms)
    cases: dict[str, list[tuple[_Case, Tally]]] = {}
    with_sessions = facts.get("session", "header") is not None
    for (at, case), tally in facts.of("case"):
        if at not in scene.played:
            continue  # the other spelling of a trailing slash, where anybody may answer
        if subject := _subject(_role(scene, at, case), case, with_sessions=with_sessions):
            cases.setdefault(subject, []).append((case, tally))
    for subject, title in _TITLES.items():
        if subject in cases:
            yield from _told(subject, title, cases[subject])


def _told(subject: str, title: str, seen: list[tuple[_Case, Tally]]) -> Iterator[Finding]:
    """Tell the usual answer; where a header is not liked, all values of it that were not."""
    header = next((name for name in _DISLIKED if subject.endswith(f"wrong_{name}")), None)
    more: dict[str, JsonValue] = {}
    if header is not None:
        more[header] = sorted({getattr(case, header) for case, _ in seen})
    answers = [(_answer(subject, case, tally) | more, tally) for case, tally in seen]
    yield from usual(f"transport.{subject}", title, answers)


def _role(scene: Scene, at: str, case: _Case) -> Role:
    """Tell which role a route plays in a case, where it plays several: both transports at a URL."""
    roles = scene.plays(at)
    if "sse" in roles and case.method == "GET" and not case.session:
        return "sse"
    later = case.status == 202 and case.says in {"calls", "opening"}  # answered on a stream
    return "message" if "message" in roles and later else roles[0]


_TITLES = {
    "get": "What a GET for a stream of the server's messages is answered with",
    "delete": "What a DELETE of a session is answered with",
    "notification": "What a POST without calls is answered with, on streamable HTTP",
    "message.answer": "What a POST of HTTP+SSE is answered with",
    "sse.post": "What a POST to where HTTP+SSE streams come from is answered with",
    "unknown_session": "What a session that is unknown, or gone, is answered with",
    "missing_session": "What a request without its session is answered with",
    "message.unknown_session": "What an unknown session is answered with, on HTTP+SSE",
    "message.missing_session": "What a POST without a session is answered with, on HTTP+SSE",
    "message.wrong_content_type": "What a Content-Type that is not liked gets, on HTTP+SSE",
    "message.no_json": "What a POST without JSON is answered with, on HTTP+SSE",
    "message.no_message": "What JSON that is no message is answered with, on HTTP+SSE",
    "message.batch": "What a batch is answered with that is not taken, on HTTP+SSE",
    "wrong_accept": "What a POST with an Accept that is not liked is answered with",
    "get_wrong_accept": "What a GET with an Accept that is not liked is answered with",
    "wrong_content_type": "What a Content-Type that is not liked is answered with",
    "no_json": "What a POST without JSON is answered with",
    "no_message": "What JSON that is no message is answered with",
    "batch": "What a batch is answered with that is not taken",
    "unsupported_revision": "What a protocol version that is not known is answered with",
}


def _subject(role: Role, case: _Case, *, with_sessions: bool) -> str | None:
    """Tell which case it is, if it is one worth telling."""
    refused = case.status >= 400
    match role, case.method:
        case "mcp", method if refused and (odd := _odd(case, with_sessions=with_sessions)):
            return odd
        case "mcp", "POST":
            return "notification" if case.says == "told" and not refused else None
        case "mcp", "GET" | "DELETE" as method:
            return method.lower() if case.status in {200, 202, 204, 405} else None
        case "sse", "POST":
            return "sse.post"
        case "message", "POST":
            return _message(case)
    return None


def _message(case: _Case) -> str | None:
    if case.status < 400:
        return "message.answer"
    if _dislikes_content_type(case):
        return "message.wrong_content_type"
    if case.status in {404, 410} or (case.status == 400 and "session" in case.words):
        return "message.unknown_session" if case.session else "message.missing_session"
    unreadable = _UNREADABLE.get(case.says)
    return f"message.{unreadable}" if unreadable is not None and case.status == 400 else None


def _odd(case: _Case, *, with_sessions: bool) -> str | None:
    """Tell what a refusal is about."""
    words, status = case.words, case.status
    if status == 406 or (status == 400 and "accept" in words):
        return "get_wrong_accept" if case.method == "GET" else "wrong_accept"
    if _dislikes_content_type(case):
        return "wrong_content_type"
    if status == 400 and "protocol version" in words:
        return "unsupported_revision"
    if status == 400 and case.says in _UNREADABLE and "session" not in words:
        return _UNREADABLE[case.says]
    gone = "-32601" not in words and status in {400, 404, 410}
    return _without_session(case, with_sessions=with_sessions) if gone else None


def _without_session(case: _Case, *, with_sessions: bool) -> str | None:
    if case.session:
        return "unknown_session" if case.status == 404 or "session" in case.words else None
    missing = case.says != "opening" and (with_sessions or "session" in case.words)
    return "missing_session" if missing else None


def _dislikes_content_type(case: _Case) -> bool:
    named = "content-type" in case.words or "content type" in case.words
    return case.status == 415 or (case.status == 400 and named)


def _answer(subject: str, case: _Case, tally: Tally) -> dict[str, JsonValue]:
    answer: dict[str, JsonValue] = {"status": case.status}
    if subject == "get" and case.status < 400:
        return answer | {"stream": case.stream}
    if subject == "delete" and case.status < 400:
        return answer | {"media_type": case.media_type}
    return answer | {"media_type": case.media_type, "body": tally.value}


def _kinds(facts: Facts, scene: Scene) -> Iterator[Finding]:
    kinds: dict[str, list[Tally]] = {}
    for _, tally in facts.of("endpoint"):
        kinds.setdefault("sse", []).append(tally)
    for (at, case), tally in facts.of("case"):
        if kind := _kind(_role(scene, at, case), case):
            kinds.setdefault(kind, []).append(tally)
    if kinds:
        shown = [tally for tallies in kinds.values() for tally in tallies]
        title = "The transports that were spoken"
        yield _seen("transport.kinds", title, list[JsonValue](sorted(kinds)), shown)
    ways: dict[str, list[Tally]] = {}
    for (at, way), tally in facts.of("way"):
        if scene.speaks_mcp(at):
            ways.setdefault(way, []).append(tally)
    if ways:
        title = "Where calls are answered: in the body, on the POST's stream, on another (sse)"
        counts: dict[str, JsonValue] = {
            way: sum(tally.count for tally in tallies) for way, tallies in sorted(ways.items())
        }
        shown = [tally for tallies in ways.values() for tally in tallies]
        yield _seen("transport.ways", title, counts, shown)
    places = {place: tally for (place,), tally in facts.of("session")}
    if places:
        named = sorted(place for place in places if place is not None)
        title = "Where the session's id is"
        shown = [tally for place, tally in places.items() if place is not None or not named]
        yield _seen("transport.session_id.place", title, ", ".join(named) or None, shown)


def _kind(role: Role, case: _Case) -> str | None:
    """Tell which transport an exchange belongs to, if it went well."""
    if case.method != "POST" or case.status >= 300 or case.says not in {"opening", "calls"}:
        return None
    if role == "mcp" and case.modern:
        return "sessionless" if case.says == "calls" else None
    return {"mcp": "streamable", "message": "sse"}.get(role)


def _seen(id_: str, title: str, value: JsonValue, tallies: list[Tally]) -> Finding:
    count = sum(tally.count for tally in tallies)
    return Finding(id=id_, title=title, value=value, count=count, evidence=places(tallies))


EXTRACTOR: Extractor = Extractor(
    title="Transport",
    wants=frozenset({"mcp", "failed"}),
    exchange=_exchange,
    turn=_turn,
    repeats="kind",
    conclude=_findings,
)
