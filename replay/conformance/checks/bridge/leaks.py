"""Secrets where they do not belong: with clients, in URLs, in errors, in the log.

In a recording equal secrets have equal pseudonyms, also within a JWT's claims.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote

from wiretape.replay.conformance.check import Check, Family, rfc, spec
from wiretape.replay.conformance.driving.behind import let_expire, registered
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_KINDS = ("access_token", "refresh_token")
_IN_LOG, _SEARCHED = "in the log", "looked for in the log"
_LONG = 12
"""Characters that a text has at least to be looked for: a shorter one may be there by chance."""


async def play(stage: Stage) -> None:
    """Do what a user does, and what goes wrong; then look for secrets in the target's log."""
    async with client(stage) as user:
        stage.step("use")
        await user.login()
        await user.begin()
        await user.call("tools/list")
        await user.refresh()
        given = _given(user)
        stage.step("errors")
        stage.arm("token-error")
        let_expire(stage)
        await user.call("tools/list")
        await user.refresh()
        stage.disarm()
        stage.arm("invalid-grant")
        await user.refresh()
        await user.call("tools/list")
        stage.disarm()
        await user.exchange("-".join(["nobody", "issued", "this", "code"]))
        stage.step("log")
        _look(stage, given | _upstream(stage))


def _given(user: Client) -> dict[str, str]:
    """Give what the client was given, by what it is."""
    tokens = {str(user.tokens.get(kind)): f"a client's {kind}" for kind in _KINDS}
    return tokens | {user.verifier: "a client's code_verifier"}


def _upstream(stage: Stage) -> dict[str, str]:
    """Give what the service has issued, by what it is."""
    state = stage.service.service.world.state
    tokens = {token: "a token of the service" for token, _ in state.lineages.held()}
    codes = dict.fromkeys(state.codes, "a code of the service")
    secrets = {each.secret: "a client secret" for each in registered(stage) if each.secret}
    return tokens | codes | secrets


def _look(stage: Stage, known: dict[str, str]) -> None:
    if not stage.target.restartable:  # what it logs is not seen here
        return
    log = stage.target.log.read_text("utf-8", "replace")
    stage.note(_SEARCHED, f"{len(known)} secrets in {len(log)} characters")
    spelt = unquote(log)
    for what in sorted({known[each] for each in known if len(each) >= _LONG and each in spelt}):
        stage.note(_IN_LOG, what)


def _readable(evidence: Evidence) -> Verdict:
    secret = _of(evidence.up)
    issued = grants.issued(evidence.down)
    for turn in issued:
        for kind in _KINDS:
            read = "".join(_read(grants.token(turn, kind) or ""))
            if any(each in read for each in secret):
                return unmet(f"the client's {kind} holds a token of the service, readable", turn)
    if not secret or not issued:
        return untestable("no tokens were issued on both sides")
    return met("what clients hold tells nothing of the service's tokens", *issued)


def _answers(evidence: Evidence) -> Verdict:
    """Judge all that clients are answered; what a JWT tells is for `_readable`."""
    secret = _of(evidence.up)
    if not secret or not evidence.down:
        return untestable("the service behind issued no tokens, or no client was answered")
    for turn in evidence.down:
        if _within(secret, [turn.text, *_headers(turn)]):
            return unmet("a token of the service is in an answer to a client", turn)
    return met(f"no answer to clients has one of {len(secret)} tokens of the service")


def _urls(evidence: Evidence) -> Verdict:
    secret = _of(evidence.turns)
    if not secret:
        return untestable("no tokens were issued")
    for turn in evidence.turns:
        if _within(secret, [turn.url, turn.location or ""]):
            return unmet("a token is in a URL", turn)
    return met(f"no URL has one of {len(secret)} tokens")


def _errors(evidence: Evidence) -> Verdict:
    """Judge what is answered when something failed; a client's own token is not told either."""
    secret = _of(evidence.turns)
    failed = [turn for turn in evidence.down if turn.failures or (turn.status or 0) >= 400]
    for turn in failed:
        shown = {turn.parameters.get(name) for name in ("code", "code_verifier", *_KINDS)}
        if _within(secret | {each for each in shown if each}, [turn.text, *_headers(turn)]):
            return unmet("an error tells a secret", turn)
    if not secret or not failed:
        return untestable("nothing failed, or no tokens were issued")
    return met(f"{len(failed)} errors tell no secret", *failed)


def _passed_on(evidence: Evidence) -> Verdict:
    clients = _of(evidence.down)
    called = [turn for turn in evidence.up if turn.bearer is not None]
    for turn in called:
        if turn.bearer in clients:
            return unmet("the service was called with the client's token", turn)
    if not clients or not called:
        return untestable("the service was not called for a client")
    return met("the service is called with its own tokens", *called[:1])


def _log(evidence: Evidence) -> Verdict:
    found = evidence.noted(_IN_LOG)
    for searched in evidence.noted(_SEARCHED):
        seen = f"looked for {searched}: " + (", ".join(found) or "none is there")
        return judged(not found, seen)
    return untestable("nobody looked at the log")


def _of(turns: Iterable[Turn]) -> set[str]:
    """Give the tokens that were issued in these turns."""
    found = (grants.token(turn, kind) for turn in grants.issued(turns) for kind in _KINDS)
    return {token for token in found if token is not None}


def _within(secret: set[str], texts: list[str]) -> bool:
    return any(each in text or quote(each, "") in text for text in texts for each in secret)


def _headers(turn: Turn) -> list[str]:
    response = turn.exchange.response
    return [] if response is None else [value for _, value in response.headers]


def _read(token: str) -> Iterator[str]:
    """Read what anybody can read of a token: itself, and the parts of a JWT."""
    for part in token.split("."):
        try:
            yield json.dumps(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))))
        except (ValueError, RecursionError):
            yield part


FAMILY = Family(
    title="Secrets where they do not belong",
    play=play,
    checks=(
        Check(
            id="leak.readable",
            title="Clients cannot read the service's token in what they hold",
            severity="SHOULD",
            source=rfc(7519, "12"),
            remedy="Encrypt the token (JWE), or keep the service's and refer to it.",
            judge=_readable,
            anywhere=True,
        ),
        Check(
            id="leak.answers",
            title="No answer to a client has a token of the service",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "access-token-privilege-restriction"),
            remedy="Never pass answers of the token endpoint on; issue tokens of the bridge's own.",
            judge=_answers,
            anywhere=True,
        ),
        Check(
            id="leak.urls",
            title="No token is in a URL",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "token-requirements"),
            remedy="Send tokens in the Authorization header and in bodies.",
            judge=_urls,
            anywhere=True,
        ),
        Check(
            id="leak.errors",
            title="Errors tell no secret",
            severity="MUST",
            source=rfc(6750, "5.3"),
            remedy="Write the texts of errors by hand; never with what was sent or answered.",
            judge=_errors,
            anywhere=True,
        ),
        Check(
            id="leak.passed-on",
            title="A client's token is not passed on to the service",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "access-token-privilege-restriction"),
            remedy="Call the service with the token that it issued to the bridge.",
            judge=_passed_on,
            anywhere=True,
        ),
        Check(
            id="leak.log",
            title="No secret is in the bridge's log",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "token-theft"),
            remedy="Log methods, paths and error codes; no queries, bodies, or headers.",
            judge=_log,
        ),
    ),
)
