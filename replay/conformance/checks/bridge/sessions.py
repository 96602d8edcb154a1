"""Sessions of clients: issued, asked for, and theirs alone."""

import re
from collections.abc import Callable

from wiretape.recorder.log import jsonrpc
from wiretape.replay.conformance.check import Check, Family, Source, spec
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.evidence import Evidence, Turn, calls
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.endpoint import endpoint_turns
from wiretape.replay.conformance.terms.refusals import beside, served
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_NONE, _UNKNOWN, _OTHERS = "no session id", "an unknown session id", "another user's session"
_VERSION = "an unknown revision"
_NOTE, _STILL = "a notification", "the session as before"

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_SHORTEST = 16
"""Characters; 16 hexadecimal digits are 64 bits, the least that nobody guesses."""


async def play(stage: Stage) -> None:
    """Begin sessions, and use one as one ought to and as one ought not to."""
    users = stage.config.upstream.users
    async with client(stage, users[0]) as user, client(stage, users[-1]) as other:
        await user.login()
        await other.login()
        await user.begin()
        await user.begin()
        await user.call("ping")
        stage.step(_NOTE)
        await user.say({"jsonrpc": "2.0", "method": "notifications/roots/list_changed"})
        stage.step(_VERSION)
        await _asked(user, {"mcp-protocol-version": "1999-01-01"})
        stage.step(_NONE)
        await _asked(user, {"mcp-session-id": None})
        stage.step(_UNKNOWN)
        await _asked(user, {"mcp-session-id": "0123456789abcdef0123456789abcdef"})
        stage.step(_OTHERS)
        await _asked(user, {"authorization": other.headers["authorization"]})
        await user.http.delete(
            user.url, headers=user.headers | {"authorization": other.headers["authorization"]}
        )
        stage.step(_STILL)
        await user.call("ping")


async def _asked(user: Client, other: dict[str, str | None]) -> None:
    """Call with other headers; None leaves one out."""
    headers = {name: value for name, value in (user.headers | other).items() if value is not None}
    body = {"jsonrpc": "2.0", "id": 77, "method": "tools/list"}
    await user.http.post(user.url, json=body, headers=headers)


def _begun(evidence: Evidence) -> list[Turn]:
    return [turn for turn in calls(evidence.down, "initialize") if turn.results]


def _issued(evidence: Evidence) -> Verdict:
    begun = _begun(evidence)
    for turn in begun:
        if "mcp-session-id" not in turn.given:
            return unmet("initialize was answered without mcp-session-id", turn)
    if not begun:
        return untestable("no session was begun")
    return met("initialize is answered with mcp-session-id", *begun)


def _form(evidence: Evidence) -> Verdict:
    """Judge by the shape: pseudonyms have it, too."""
    issued = [(turn, id_) for turn in _begun(evidence) for id_ in turn.given.all("mcp-session-id")]
    for turn, id_ in issued:
        if not _VISIBLE.fullmatch(id_):
            return unmet("a session id is not made of visible ASCII characters", turn)
        if len(id_) < _SHORTEST:
            return unmet(f"a session id has {len(id_)} characters, which can be guessed", turn)
    if len({id_ for _, id_ in issued}) < len(issued):
        return unmet("a session id was issued twice", *(turn for turn, _ in issued))
    if not issued:
        return untestable("no session id was issued")
    return met("session ids are long, visible and different", *(turn for turn, _ in issued))


def _required(evidence: Evidence) -> Verdict:
    return _status(evidence, _NONE, {400})


def _unknown(evidence: Evidence) -> Verdict:
    return _status(evidence, _UNKNOWN, {404})


def _version(evidence: Evidence) -> Verdict:
    return _status(evidence, _VERSION, {400})


def _status(evidence: Evidence, step: str, wanted: set[int]) -> Verdict:
    if not any("mcp-session-id" in turn.given for turn in _begun(evidence)):
        return untestable("no session id was issued")
    for turn in endpoint_turns(evidence, step):
        seen = f"a call with {step} was answered {turn.status}"
        within = [turn for turn in served(evidence) if "mcp-session-id" in turn.sent]
        return beside(judged(turn.status in wanted, seen, turn), within, "a call in the session")
    return untestable(f"no call with {step} was made")


def _others(evidence: Evidence) -> Verdict:
    if not any("mcp-session-id" in turn.given for turn in _begun(evidence)):
        return untestable("no session id was issued")
    tried = endpoint_turns(evidence, _OTHERS)
    for turn in tried:
        if turn.status not in {400, 401, 403, 404, 405}:
            return unmet(f"{turn.method} with {_OTHERS} was answered {turn.status}", turn)
    afterwards = endpoint_turns(evidence, _STILL)
    if not tried or not afterwards:
        return untestable("nobody came with another user's session")
    turn = afterwards[0]
    refused = f"another user was refused ({tried[0].status})"
    seen = f"{refused}; then a call of the session's own was answered {turn.status}"
    return judged(turn.status == 200, seen, *tried, turn)


def _others_token(evidence: Evidence) -> Verdict:
    begun = [turn for turn in calls(evidence.up, "initialize") if turn.step != _OTHERS]
    owners = {turn.bearer for turn in begun}
    tried = endpoint_turns(evidence, _OTHERS)
    if not tried or not owners:
        return untestable("nobody came with another user's session")
    for turn in evidence.at(_OTHERS).up:
        if turn.bearer in owners and turn.rpc == "tools/list":
            return unmet("a call was made with the token of whose session it is", *tried, turn)
    return met("no call was made with the token of whose session it is", *tried)


def _notification(evidence: Evidence) -> Verdict:
    told = [
        turn
        for turn in endpoint_turns(evidence)
        if turn.method == "POST"
        and turn.said
        and all(isinstance(each, jsonrpc.Notification) for each in turn.said)
        and turn.status in range(200, 300)
    ]
    for turn in told:
        if turn.status != 202 or turn.text:
            body = "with a body" if turn.text else "without a body"
            return unmet(f"a notification was answered {turn.status} {body}", turn)
    if not told:
        return untestable("no notification was taken")
    return met("notifications are answered 202 without a body", *told)


def _check(
    what: str,
    title: str,
    section: str,
    remedy: str,
    judge: Callable[[Evidence], Verdict],
    *,
    anywhere: bool = False,
) -> Check:
    return Check(
        id=f"session.{what}",
        title=title,
        severity="MUST",
        source=spec("2025-06-18", "basic/transports", section),
        remedy=remedy,
        judge=judge,
        anywhere=anywhere,
    )


FAMILY = Family(
    title="Sessions of clients",
    play=play,
    checks=(
        Check(
            id="session.issued",
            title="initialize gives a session id",
            severity="seed",
            source=Source("learnt in production: clients go on by the session id of the answer"),
            remedy="Send Mcp-Session-Id with the answer to initialize.",
            judge=_issued,
            anywhere=True,
        ),
        _check(
            "form",
            "Session ids are visible ASCII and cannot be guessed",
            "session-management",
            "Make at least 128 random bits for each, in base64url or hexadecimal.",
            _form,
            anywhere=True,
        ),
        Check(
            id="session.required",
            title="A call without a session id is refused with 400",
            severity="SHOULD",
            source=spec("2025-06-18", "basic/transports", "session-management"),
            remedy="Answer 400 to all but initialize that comes without Mcp-Session-Id.",
            judge=_required,
        ),
        _check(
            "unknown",
            "A session that is not there is answered 404",
            "session-management",
            "Answer 404: it is by this that clients begin anew; not 400, 401 or 500.",
            _unknown,
        ),
        Check(
            id="session.others",
            title="A session of another user is refused, and not harmed",
            severity="SHOULD",
            source=spec("2025-06-18", "basic/security_best_practices", "session-hijacking"),
            remedy="Bind each session to whom it was begun for; a session id proves nothing.",
            judge=_others,
        ),
        Check(
            id="session.others-token",
            title="Nobody acts for the user whose session's id they know",
            severity="MUST",
            source=spec("2025-06-18", "basic/security_best_practices", "session-hijacking"),
            remedy="Take the service's token by the token of each request, not by its session.",
            judge=_others_token,
        ),
        _check(
            "version",
            "A revision that is unknown is refused with 400",
            "protocol-version-header",
            "Compare MCP-Protocol-Version with the revisions that are spoken.",
            _version,
        ),
        _check(
            "notification",
            "A notification is answered 202 without a body",
            "sending-messages-to-the-server",
            "Answer 202 with an empty body as soon as it is taken.",
            _notification,
            anywhere=True,
        ),
    ),
)
