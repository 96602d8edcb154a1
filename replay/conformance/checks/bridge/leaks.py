"""Secrets where they do not belong: with clients, in URLs, in errors, in the log.

They have equal pseudonyms within a JWT's claims, too.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator

from wiretape.replay.conformance.check import Check, Family, rfc, spec
from wiretape.replay.conformance.driving.behind import issued, let_expire
from wiretape.replay.conformance.driving.client import Client, client
from wiretape.replay.conformance.driving.searching import search_log
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.terms.secrets import in_log, told, within
from wiretape.replay.conformance.verdict import Verdict, met, unmet, untestable

_KINDS = ("access_token", "refresh_token")


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
        search_log(stage, given | issued(stage))


def _given(user: Client) -> dict[str, str]:
    """Give what the client was given, by what it is."""
    tokens = {str(user.tokens.get(kind)): f"a client's {kind}" for kind in _KINDS}
    return tokens | {user.verifier: "a client's code_verifier"}


def _readable(evidence: Evidence) -> Verdict:
    secret = _of(evidence.up)
    held = grants.issued(evidence.down)
    for turn in held:
        for kind in _KINDS:
            read = "".join(_read(grants.token(turn, kind) or ""))
            if any(each in read for each in secret):
                return unmet(f"the client's {kind} holds a token of the service, readable", turn)
    if not secret or not held:
        return untestable("no tokens were issued on both sides")
    return met("what clients hold tells nothing of the service's tokens", *held)


def _answers(evidence: Evidence) -> Verdict:
    """Judge all that clients are answered; what a JWT tells is for `_readable`."""
    secret = _of(evidence.up)
    if not secret or not evidence.down:
        return untestable("the service behind issued no tokens, or no client was answered")
    for turn in evidence.down:
        if within(secret, *told(turn)):
            return unmet("a token of the service is in an answer to a client", turn)
    return met(f"no answer to clients has one of {len(secret)} tokens of the service")


def _urls(evidence: Evidence) -> Verdict:
    secret = _of(evidence.turns)
    if not secret:
        return untestable("no tokens were issued")
    for turn in evidence.turns:
        if within(secret, turn.url, turn.location or ""):
            return unmet("a token is in a URL", turn)
    return met(f"no URL has one of {len(secret)} tokens")


def _errors(evidence: Evidence) -> Verdict:
    """Judge what is answered when something failed; a client's own token is not told either."""
    secret = _of(evidence.turns)
    failed = [turn for turn in evidence.down if turn.failures or (turn.status or 0) >= 400]
    for turn in failed:
        shown = {turn.parameters.get(name) for name in ("code", "code_verifier", *_KINDS)}
        if within(secret | {each for each in shown if each}, *told(turn)):
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


def _of(turns: Iterable[Turn]) -> set[str]:
    """Give the tokens that were issued in these turns."""
    found = (grants.token(turn, kind) for turn in grants.issued(turns) for kind in _KINDS)
    return {token for token in found if token is not None}


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
            judge=in_log,
        ),
    ),
)
