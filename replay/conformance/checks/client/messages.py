"""What every message of a client has: its headers, its token, its session, its revision."""

from collections import Counter

from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.targets.client import ClientStage
from wiretape.replay.conformance.terms.grants import exchanges
from wiretape.replay.conformance.terms.visits import all_of, initialized, later, posts, spoken
from wiretape.replay.conformance.verdict import Verdict, judged, untestable

_ACCEPTED = {"POST": ("application/json", "text/event-stream"), "GET": ("text/event-stream",)}
_SEVERAL = {"cookie", "set-cookie", "via", "forwarded", "x-forwarded-for", "accept-encoding"}
_VERSIONED = "2025-06-18"


async def play(stage: ClientStage) -> None:
    """Have the client log in, list the tools and end."""
    await stage.visit()


def _accept(evidence: Evidence) -> Verdict:
    turns = [turn for turn in spoken(evidence) if turn.method in _ACCEPTED]
    bad = (
        turn for turn in turns if not all(_accepts(turn, kind) for kind in _ACCEPTED[turn.method])
    )
    return all_of(turns, bad, "requests", "do not say what they accept")


def _accepts(turn: Turn, kind: str) -> bool:
    listed = ",".join(turn.sent.all("accept")).lower()
    return any(each.partition(";")[0].strip() == kind for each in listed.split(","))


def _once(evidence: Evidence) -> Verdict:
    turns = list(evidence.up)
    return all_of(turns, filter(_twice, turns), "requests", "have a header twice")


def _twice(turn: Turn) -> bool:
    names = Counter(name.lower() for name, _ in turn.exchange.request.headers)
    return any(number > 1 and name not in _SEVERAL for name, number in names.items())


def _bearer(evidence: Evidence) -> Verdict:
    given = [turn for turn in exchanges(evidence.up) if turn.status == 200]
    if not given:
        return untestable("the client has obtained no token")
    turns = [turn for turn in spoken(evidence) if turn in later(evidence, given[0])]
    bad = (turn for turn in turns if not turn.bearer)
    return all_of(turns, bad, "requests after login", "have no Authorization header")


def _urls(evidence: Evidence) -> Verdict:
    tokens = {
        token
        for turn in evidence.up
        for token in (
            turn.bearer,
            turn.member("access_token"),
            turn.member("refresh_token"),
        )
        if token
    }
    if not tokens:
        return untestable("the client had no token")
    bad = (
        turn
        for turn in evidence.up
        if "access_token" in turn.query or tokens.intersection(turn.query.values())
    )
    return all_of(list(evidence.up), bad, "requests", "have a token in their URL")


def _in_session(evidence: Evidence) -> list[Turn]:
    first = initialized(evidence)
    if first is None:
        return []
    return [
        turn
        for turn in later(evidence, first)
        if turn.path == first.path and turn.rpc != "initialize" and turn.method != "OPTIONS"
    ]


def _session(evidence: Evidence) -> Verdict:
    first = initialized(evidence)
    given = None if first is None else first.given.get("mcp-session-id")
    if given is None:
        return untestable("no session was begun with an id in a header")
    turns = _in_session(evidence)
    known = {turn.given.get("mcp-session-id") for turn in posts(evidence)} - {None}
    bad = (turn for turn in turns if turn.sent.get("mcp-session-id") not in known)
    return all_of(turns, bad, "requests of the session", "lack its id")


def _version(evidence: Evidence) -> Verdict:
    first = initialized(evidence)
    agreed = "" if first is None else str(first.results[0].get("protocolVersion"))
    if agreed < _VERSIONED:
        return untestable(f"no revision from {_VERSIONED} on was agreed on")
    turns = _in_session(evidence)
    bad = (turn for turn in turns if turn.sent.get("mcp-protocol-version") != agreed)
    return all_of(turns, bad, "requests of the session", f"do not say {agreed}")


def _initialized(evidence: Evidence) -> Verdict:
    turns = [turn for turn in _in_session(evidence) if turn.said]
    if not turns:
        return untestable("nothing was said after initialize")
    told = turns[0].rpc
    return judged(told == "notifications/initialized", f"after initialize came {told}", turns[0])


def _ended(evidence: Evidence) -> Verdict:
    first = initialized(evidence)
    if first is None or first.given.get("mcp-session-id") is None:
        return untestable("no session was begun with an id in a header")
    ends = [turn for turn in _in_session(evidence) if turn.method == "DELETE"]
    return judged(bool(ends), f"the session was ended {len(ends)} times", *ends or [first])


def _form(evidence: Evidence) -> Verdict:
    turns = [turn for turn in evidence.up if turn.oauth == "token"]
    bad = (turn for turn in turns if not turn.form or "grant_type" not in turn.parameters)
    return all_of(turns, bad, "token requests", "are no form")


_TRANSPORTS = "basic/transports"

FAMILY = Family(
    title="Every message",
    play=play,
    checks=(
        Check(
            id="headers.accept",
            title="Every POST accepts JSON and event streams, every GET event streams",
            severity="MUST",
            source=spec("2025-06-18", _TRANSPORTS, "sending-messages-to-the-server"),
            remedy="Send Accept: application/json, text/event-stream; with GET the latter.",
            judge=_accept,
            anywhere=True,
        ),
        Check(
            id="headers.once",
            title="No header is sent twice, in whatever spelling",
            severity="seed",
            source=Source("learnt in production: accept beside Accept was refused with 406"),
            remedy="Set headers where names are compared without case.",
            judge=_once,
            anywhere=True,
        ),
        Check(
            id="token.form",
            title="Token requests are form-encoded",
            severity="MUST",
            source=rfc(6749, "4.1.3"),
            remedy="Send application/x-www-form-urlencoded to the token endpoint.",
            judge=_form,
            anywhere=True,
        ),
        Check(
            id="token.in-header",
            title="Every request to the MCP server has the token in its Authorization header",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "token-requirements"),
            remedy="Send Authorization: Bearer with every request, of one session, too.",
            judge=_bearer,
            anywhere=True,
        ),
        Check(
            id="token.not-in-url",
            title="No token is in a URL",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "token-requirements"),
            remedy="Send tokens in headers and bodies only: URLs end up in logs.",
            judge=_urls,
            anywhere=True,
        ),
        Check(
            id="session.id",
            title="Every request after initialize has the session's id",
            severity="MUST",
            source=spec("2025-06-18", _TRANSPORTS, "session-management"),
            remedy="Keep Mcp-Session-Id of the answer to initialize, and send it from then on.",
            judge=_session,
            anywhere=True,
        ),
        Check(
            id="session.version",
            title="Every request after initialize says the agreed revision",
            severity="MUST",
            source=spec("2025-06-18", _TRANSPORTS, "protocol-version-header"),
            remedy="Send MCP-Protocol-Version with the revision of the answer to initialize.",
            judge=_version,
            anywhere=True,
        ),
        Check(
            id="session.initialized",
            title="After initialize comes notifications/initialized",
            severity="MUST",
            source=spec("2025-06-18", "basic/lifecycle", "initialization"),
            remedy="Send notifications/initialized before anything else.",
            judge=_initialized,
            anywhere=True,
        ),
        Check(
            id="session.ended",
            title="A session that is no longer needed is ended",
            severity="SHOULD",
            source=spec("2025-06-18", _TRANSPORTS, "session-management"),
            remedy="Send DELETE with the session's id before the client ends.",
            judge=_ended,
        ),
    ),
)
