"""How the service is asked: the headers, the transport, the sessions, all of it each time."""

from collections import Counter

from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.driving.behind import let_expire, profile
from wiretape.replay.conformance.driving.person import known_users, person
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.endpoint import params, service_turns
from wiretape.replay.conformance.terms.tenants import tenants
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_HEADER = "the header that names a site"
_LISTS = {"cookie", "via", "forwarded", "x-forwarded-for", "baggage", "tracestate"}
"""Headers that may come several times, as those on the way add to them."""

_OPENING = {"initialize", "server/discover"}
_RECENT = "2025-06-18"


async def play(stage: Stage) -> None:
    """List the tools, call one, and call again with a token that is over."""
    named = profile(stage).transport.site.header
    if named is not None:
        stage.note(_HEADER, named)
    (name,) = known_users(stage, 1)
    async with person(stage, name) as ada:
        await ada.connect()
        names = ada.listed(await ada.tools())
        await ada.call(names[0])
        let_expire(stage)
        await ada.call(names[0])


def _posts(evidence: Evidence) -> list[Turn]:
    return [turn for turn in service_turns(evidence) if turn.method == "POST" and turn.said]


def _site(evidence: Evidence) -> Verdict:
    """Judge each request whose token's sites were told; without a site to name all is well."""
    known = tenants(evidence.up)
    header = next(iter(evidence.noted(_HEADER)), "x-atlassian-cloud-id")
    asked = [turn for turn in service_turns(evidence) if known.of(turn) in known.sites]
    for turn in asked:
        named, opened = turn.sent.get(header), known.sites[known.of(turn) or 0]
        if named is None:
            return unmet(f"a request came without {header}", turn)
        if named not in opened:
            return unmet(f"a request names a site that its token does not open: {named}", turn)
    if not asked:
        return untestable("the service was asked with no token of which the sites are known")
    return met(f"{len(asked)} requests name a site of their token", *asked[:2])


def _once(evidence: Evidence) -> Verdict:
    asked = evidence.up
    for turn in asked:
        names = [name for name, _ in turn.exchange.request.headers]
        counted = Counter(name.lower() for name in names)
        for name, number in counted.items():
            if number > 1 and name not in _LISTS:
                spelt = ", ".join(each for each in names if each.lower() == name)
                return unmet(f"a request has a header {number} times: {spelt}", turn)
    if not asked:
        return untestable("the service was not asked")
    return met(f"no header comes twice in {len(asked)} requests", *asked[:1])


def _accept(evidence: Evidence) -> Verdict:
    asked = _posts(evidence)
    for turn in asked:
        accepted = ", ".join(turn.sent.all("accept")).lower()
        if "application/json" not in accepted or "text/event-stream" not in accepted:
            return unmet(f"a POST accepts only {accepted or 'whatever comes'}", turn)
    if not asked:
        return untestable("nothing was posted to the service")
    return met(f"{len(asked)} POSTs accept both JSON and event streams", *asked[:1])


def _revision(evidence: Evidence) -> Verdict:
    asked = [turn for turn in _posts(evidence) if turn.rpc == "initialize"]
    for turn in asked:
        wanted = params(turn).get("protocolVersion", "none")
        if not isinstance(wanted, str) or wanted < _RECENT:
            about = params(turn).get("clientInfo")
            return unmet(f"{about} asks for the revision {wanted}, of before {_RECENT}", turn)
    if not asked:
        return untestable("no session was begun by initialize")
    return met("sessions are begun by a revision that is not outdated", *asked[:1])


def _version(evidence: Evidence) -> Verdict:
    """Judge what follows an initialize that agreed on a revision which wants it said."""
    agreed = _sessions(evidence)
    later = [turn for turn in _later(evidence) if agreed.get(_session(turn), "") >= _RECENT]
    for turn in later:
        said = turn.sent.get("mcp-protocol-version")
        if said != agreed[_session(turn)]:
            wanted = agreed[_session(turn)]
            seen = f"mcp-protocol-version is {said or 'not sent'}, {wanted} was agreed on"
            return unmet(f"in a session {seen}", turn)
    if not later:
        return untestable("nothing was asked in a session")
    return met(f"{len(later)} requests in sessions say the revision", *later[:1])


def _transport(evidence: Evidence) -> Verdict:
    """Judge the beginning: a service that speaks streamable HTTP is asked by POST first."""
    asked = service_turns(evidence)
    given = any(turn.given.get("mcp-session-id") for turn in asked)
    for turn in asked:
        if given and turn.method == "GET" and turn.sent.get("mcp-session-id") is None:
            return unmet(f"the service was asked by GET, not in a session: {turn.status}", turn)
        if given and turn.rpc not in {None, *_OPENING} and not _session(turn):
            return unmet(f"{turn.rpc or 'something'} was asked before a session was begun", turn)
    if not asked:
        return untestable("the service was not asked")
    first = asked[0]
    good = first.method == "POST" and first.rpc in _OPENING
    return judged(good, f"the first request is {first.method}, {first.rpc or 'no call'}", first)


def _session_sent(evidence: Evidence) -> Verdict:
    """Judge that sessions which were given are used, each by the grant that it was given to."""
    known = tenants(evidence.up)
    given = {
        turn.given.get("mcp-session-id") or "": known.of(turn)
        for turn in _posts(evidence)
        if turn.rpc == "initialize" and turn.status == 200
    }
    if not given.keys() - {""}:
        return untestable("the service gave no session")
    later = _later(evidence)
    for turn in later:
        if _session(turn) not in given:
            return unmet(f"{turn.rpc or turn.method} came without the session that was given", turn)
        if turn.rpc is not None and given[_session(turn)] != known.of(turn):
            return unmet("a session was used with another user's token", turn)
    if not later:
        return untestable("nothing was asked in a session")
    return met(f"{len(later)} requests come in {len(given)} sessions", *later[:1])


def _bearer(evidence: Evidence) -> Verdict:
    asked = service_turns(evidence)
    for turn in asked:
        if turn.bearer is None or "access_token" in turn.query:
            return unmet(f"{turn.rpc or turn.method} came without a token in its header", turn)
    if not asked:
        return untestable("the service was not asked")
    return met(f"{len(asked)} requests have a token in their header", *asked[:1])


def _sessions(evidence: Evidence) -> dict[str, str]:
    """Give the revision that was agreed on, by session."""
    return {
        turn.given.get("mcp-session-id") or "": str(result.get("protocolVersion", ""))
        for turn in _posts(evidence)
        for result in turn.results
        if turn.rpc == "initialize"
    }


def _later(evidence: Evidence) -> list[Turn]:
    return [turn for turn in service_turns(evidence) if turn.rpc not in _OPENING]


def _session(turn: Turn) -> str:
    return turn.sent.get("mcp-session-id") or ""


FAMILY = Family(
    title="Requests to the service",
    play=play,
    checks=(
        Check(
            id="requests.cloud-id",
            title="Every MCP request names the site of its user, by the header for it",
            severity="seed",
            source=Source("learnt in production: no X-Atlassian-Cloud-Id, 400 or wrong site"),
            remedy="Ask accessible-resources with each user's token; send the id with the token.",
            judge=_site,
            anywhere=True,
        ),
        Check(
            id="requests.header-once",
            title="No header comes twice in a request, in whatever spelling",
            severity="seed",
            source=Source("learnt in production: accept and Accept in one request, 400"),
            remedy="Leave the SDK's headers to it, or merge them by their names in lower case.",
            judge=_once,
            anywhere=True,
        ),
        Check(
            id="requests.accept",
            title="Every POST accepts JSON and event streams",
            severity="MUST",
            source=spec("2025-06-18", "basic/transports", "sending-messages-to-the-server"),
            remedy="Send Accept: application/json, text/event-stream with all POSTs.",
            judge=_accept,
            anywhere=True,
        ),
        Check(
            id="requests.sdk",
            title="Sessions are begun by a revision of MCP that is not outdated",
            severity="seed",
            source=Source("learnt in production: an outdated SDK was answered 400"),
            remedy="Update the MCP SDK; ask for the newest revision that it knows.",
            judge=_revision,
            anywhere=True,
        ),
        Check(
            id="requests.version",
            title="After initialize, every request says the revision that was agreed on",
            severity="MUST",
            source=spec("2025-06-18", "basic/transports", "protocol-version-header"),
            remedy="Send MCP-Protocol-Version, with what the answer to initialize says.",
            judge=_version,
            anywhere=True,
        ),
        Check(
            id="requests.transport",
            title="A service with streamable HTTP is asked by POST, initialize first",
            severity="seed",
            source=Source("learnt in production: the client spoke another transport"),
            remedy="Use the client of the transport that is configured, all of it from one SDK.",
            judge=_transport,
            anywhere=True,
        ),
        Check(
            id="requests.session",
            title="A session that was given is used, with the token of its user",
            severity="MUST",
            source=spec("2025-06-18", "basic/transports", "session-management"),
            remedy="Send Mcp-Session-Id of the answer to initialize; keep sessions by user.",
            judge=_session_sent,
            anywhere=True,
        ),
        Check(
            id="requests.bearer",
            title="The token is in the Authorization header, of every MCP request",
            severity="MUST",
            source=rfc(6750, "2.1"),
            remedy="Send Authorization: Bearer with each request, in sessions, too.",
            judge=_bearer,
            anywhere=True,
        ),
    ),
)
