"""Requests as clients make them, and as they ought not to: what is taken, and what is refused."""

from collections.abc import Callable
from typing import Any

from wiretape.replay.conformance.check import Check, Family, Severity, Source, rfc, spec
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.evidence import Evidence, Turn, calls
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.endpoint import endpoint_turns, media_type
from wiretape.replay.conformance.terms.refusals import beside, served
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_BOTH, _ANY = "Accept of both types", "Accept of any type"
_LESS = "Accept of one type, or none"
_CHARSET, _PLAIN = "JSON with a charset", "text/plain"
_GET = "GET"
_NO_JSON, _NO_MESSAGE, _BATCH = "no JSON", "JSON that is no message", "a batch"
_DISCOVER = "server/discover"
_RIGHT = "a request with nothing odd"

_JSON, _EVENTS = "application/json", "text/event-stream"
_PING = {"jsonrpc": "2.0", "id": 5, "method": "ping"}


async def play(stage: Stage) -> None:
    """Say ping in many ways."""
    async with client(stage) as user:
        await user.login()
        stage.step(_DISCOVER)
        await user.say(
            {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {}},
            **{"mcp-protocol-version": "2026-07-28", "mcp-method": "server/discover"},
        )
        stage.step("initialize")
        await user.begin()
        stage.step(_BOTH)
        for accept in (f"{_EVENTS}, {_JSON}", f"{_JSON};q=0.9,{_EVENTS};q=0.8"):
            await _posted(user, json=_PING, accept=accept)
        stage.step(_ANY)
        await _posted(user, json=_PING, accept="*/*")
        stage.step(_LESS)
        for less in (_JSON, _EVENTS, "text/html"):
            await _posted(user, json=_PING, accept=less)
        stage.step(_CHARSET)
        ping = b'{"jsonrpc":"2.0","id":5,"method":"ping"}'
        charset = {"content-type": f"{_JSON}; charset=utf-8"}
        await _posted(user, content=ping, **charset)
        stage.step(_PLAIN)
        await _posted(user, content=ping, **{"content-type": "text/plain"})
        stage.step(_NO_JSON)
        await _posted(user, content=ping[:-3], **{"content-type": _JSON})
        stage.step(_NO_MESSAGE)
        await _posted(user, json={"hello": "world"})
        stage.step(_BATCH)
        await _posted(user, json=[_PING, _PING | {"id": 6}])
        stage.step(_GET)
        await user.get()


async def _posted(user: Client, *, json: Any = None, content: Any = None, **headers: str) -> None:
    await user.http.post(user.url, json=json, content=content, headers=user.headers | headers)


def _posts(evidence: Evidence, step: str) -> list[Turn]:
    return [turn for turn in endpoint_turns(evidence, step) if turn.method == "POST"]


def _taken(step: str) -> Callable[[Evidence], Verdict]:
    def judge(evidence: Evidence) -> Verdict:
        for turn in _posts(evidence, step):
            if turn.status != 200 or not turn.results:
                how = turn.sent.get("accept") if step == _BOTH else step
                return unmet(f"a call with {how} was answered {turn.status}", turn)
        turns = _posts(evidence, step)
        return met(f"calls with {step} are answered", *turns) if turns else _unsaid(step)

    return judge


def _refused(step: str, *allowed: int) -> Callable[[Evidence], Verdict]:
    """Judge that it is refused by one of these statuses; without any by whatever begins with 4."""

    def judge(evidence: Evidence) -> Verdict:
        for turn in _posts(evidence, step):
            good = turn.status in (allowed or range(400, 500))
            verdict = judged(good, f"{step} was answered {turn.status}", turn)
            return beside(verdict, served(evidence), _RIGHT)
        return _unsaid(step)

    return judge


def _unsaid(step: str) -> Verdict:
    return untestable(f"nobody posted with {step}")


def _less(evidence: Evidence) -> Verdict:
    turns = _posts(evidence, _LESS)
    for turn in turns:
        accept = turn.sent.get("accept")
        told = f"Accept: {accept} was answered {turn.status}"
        if turn.status == 200 and media_type(turn) != accept:
            return unmet(f"{told} with {media_type(turn)}", turn)
        if turn.status not in {200, 400, 406}:
            return unmet(told, turn)
    if not turns:
        return _unsaid(_LESS)
    verdict = met("whoever takes less is refused, or given what they take", *turns)
    return beside(verdict, served(evidence), _RIGHT)


def _parse_error(evidence: Evidence) -> Verdict:
    for turn in _posts(evidence, _NO_JSON):
        codes = [each.code for each in turn.failures]
        told = ", ".join(map(str, codes)) or "none"
        seen = f"what is no JSON has this JSON-RPC error: {told}"
        return beside(judged(codes == [-32700], seen, turn), served(evidence), _RIGHT)
    return _unsaid(_NO_JSON)


def _batch(evidence: Evidence) -> Verdict:
    """2025-03-26 had batches; even there one may be refused, as hardly anybody sends any."""
    revisions = [
        str(result.get("protocolVersion"))
        for turn in calls(evidence.down, "initialize")
        for result in turn.results
    ]
    for turn in _posts(evidence, _BATCH):
        answered = turn.status == 200 and len(turn.results) == len(turn.said)
        knows = "2025-03-26" in revisions
        good = turn.status in range(400, 500) or (knows and answered)
        verdict = judged(good, f"a batch was answered {turn.status}", turn)
        return beside(verdict, served(evidence), _RIGHT)
    return _unsaid(_BATCH)


def _get(evidence: Evidence) -> Verdict:
    for turn in endpoint_turns(evidence, _GET):
        streams = turn.status == 200 and media_type(turn) == _EVENTS
        seen = f"GET was answered {turn.status} {media_type(turn)}".rstrip()
        return judged(streams or turn.status == 405, seen, turn)
    return untestable("nobody asked for a stream")


def _discover(evidence: Evidence) -> Verdict:
    for turn in _posts(evidence, _DISCOVER):
        for begun in calls(evidence.at("initialize").down, "initialize"):
            seen = f"server/discover was answered {turn.status}, initialize {begun.status}"
            told = turn.status == 200 and bool(turn.results or turn.failures)
            good = (told or turn.status in {400, 404, 405}) and begun.status == 200
            return judged(good, seen, turn, begun)
    return _unsaid(_DISCOVER)


_SENDING = spec("2025-06-18", "basic/transports", "sending-messages-to-the-server")


def _check(
    what: str,
    title: str,
    severity: Severity,
    source: Source,
    *,
    remedy: str,
    judge: Callable[[Evidence], Verdict],
) -> Check:
    return Check(
        id=f"request.{what}",
        title=title,
        severity=severity,
        source=source,
        remedy=remedy,
        judge=judge,
    )


FAMILY = Family(
    title="Requests",
    play=play,
    checks=(
        _check(
            "accept",
            "Who accepts both types is answered, in any order and with weights",
            "MUST",
            _SENDING,
            remedy="Parse Accept (RFC 9110, 12.5.1); do not compare it with one spelling.",
            judge=_taken(_BOTH),
        ),
        _check(
            "accept-any",
            "Who accepts any type is answered",
            "SHOULD",
            rfc(9110, "12.5.1"),
            remedy="Take */* for both types.",
            judge=_taken(_ANY),
        ),
        _check(
            "accept-less",
            "Whoever does not accept both types is refused with 406, or given what they accept",
            "SHOULD",
            _SENDING,
            remedy="Answer 406 that says which types are to be accepted.",
            judge=_less,
        ),
        _check(
            "charset",
            "JSON with a charset is JSON",
            "MUST",
            rfc(9110, "8.3.1"),
            remedy="Compare the media type without its parameters.",
            judge=_taken(_CHARSET),
        ),
        _check(
            "content-type",
            "A body that is not said to be JSON is refused",
            "SHOULD",
            rfc(9110, "15.5.16"),
            remedy="Answer 415: text/plain is what pages may send without asking (CORS).",
            judge=_refused(_PLAIN, 400, 415),
        ),
        _check(
            "no-json",
            "What is no JSON is refused with 4xx",
            "MUST",
            _SENDING,
            remedy="Answer 400; a client's mistake is no 500.",
            judge=_refused(_NO_JSON),
        ),
        _check(
            "parse-error",
            "What is no JSON is called a parse error",
            "SHOULD",
            Source("JSON-RPC 2.0, 5.1", "https://www.jsonrpc.org/specification#error_object"),
            remedy="Answer with a JSON-RPC error of code -32700.",
            judge=_parse_error,
        ),
        _check(
            "no-message",
            "JSON that is no JSON-RPC message is refused with 4xx",
            "MUST",
            _SENDING,
            remedy="Answer 400 with a JSON-RPC error of code -32600.",
            judge=_refused(_NO_MESSAGE),
        ),
        _check(
            "batch",
            "A batch is refused since 2025-06-18",
            "SHOULD",
            spec("2025-06-18", "changelog", "major-changes"),
            remedy="Answer 400, or each call of it if the session speaks 2025-03-26.",
            judge=_batch,
        ),
        _check(
            "get",
            "GET gives an event stream, or 405",
            "MUST",
            spec("2025-06-18", "basic/transports", "listening-for-messages-from-the-server"),
            remedy="Answer 405 if there is no stream: clients go on without one.",
            judge=_get,
        ),
        _check(
            "discover",
            "A client that tries server/discover first gets on with initialize",
            "seed",
            Source("learnt in production: clients try one protocol after the other"),
            remedy="Answer server/discover with 400, 404 or 405 if it is not known: other statuses "
            "end the attempt.",
            judge=_discover,
        ),
    ),
)
