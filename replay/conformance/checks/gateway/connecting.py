"""How a user is connected: the authorize URL, and the exchange of the code."""

from collections.abc import Callable
from functools import partial

from wiretape.recorder.log.urls import query
from wiretape.replay.conformance.check import Check, Family, Source, rfc
from wiretape.replay.conformance.driving.behind import registered
from wiretape.replay.conformance.driving.person import known_users, person
from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants
from wiretape.replay.conformance.terms.endpoint import media_type_sent
from wiretape.replay.conformance.terms.states import unguessable
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_REGISTERED = "registered"


async def play(stage: Stage) -> None:
    """Connect a user, the same again, and another."""
    ada, bob = known_users(stage, 2)
    try:
        for name in (ada, ada, bob):
            async with person(stage, name) as user:
                await user.connect()
    finally:  # now it is known which texts are pseudonyms in the recording
        for client in registered(stage):
            stage.note(_REGISTERED, f"client_id={client.id}")
            stage.note(_REGISTERED, f"redirect_uri={client.redirect_uris[0]}")


def _asked(evidence: Evidence) -> list[Turn]:
    """Give what browsers were sent upstream to ask for; not what a page there asked."""
    return [turn for turn in oauth_turns(evidence.up, "authorization") if turn.method == "GET"]


def _each(good: Callable[[Turn], str | None], said: str, evidence: Evidence) -> Verdict:
    """Judge each authorization; `good` says what is wrong with one."""
    asked = _asked(evidence)
    for turn in asked:
        wrong = good(turn)
        if wrong is not None:
            return unmet(f"a user is sent upstream with {wrong}", turn)
    if not asked:
        return untestable("nobody was sent upstream to authorize")
    return met(said, *asked)


def _response_type(turn: Turn) -> str | None:
    asked = turn.query.get("response_type", "nothing")
    return None if asked == "code" else f"response_type {asked}"


def _offline_access(turn: Turn) -> str | None:
    asked = turn.query.get("scope", "")
    return None if "offline_access" in asked.split() else f"the scope {asked or 'nothing'}"


def _challenge(turn: Turn) -> str | None:
    method, sent = turn.query.get("code_challenge_method"), turn.query.get("code_challenge", "")
    good = method == "S256" and len(sent) == 43
    return None if good else f"a challenge of {len(sent)} characters by {method or 'no method'}"


def _as_registered(name: str, evidence: Evidence) -> Verdict:
    pairs = (each.partition("=") for each in evidence.noted(_REGISTERED))
    known = [value for key, _, value in pairs if key == name]
    if not known:
        return untestable("it is not known how the gateway is registered")
    asked = [*_asked(evidence), *grants.exchanges(evidence.up)]
    for turn in asked:
        front = turn.oauth == "authorization"
        told = turn.query.get(name) if front else turn.parameters.get(name)
        if not front and name == "client_id":
            told = grants.client_id(turn)
        if told not in known:
            seen = f"{name} is {told or 'not there'}, registered is {known[0]}"
            return unmet(f"in the {turn.oauth} request {seen}", turn)
    if not asked:
        return untestable("nobody was sent upstream to authorize")
    return met(f"{name} is always {known[0]}", *asked)


def _unguessable(evidence: Evidence) -> Verdict:
    return unguessable(_asked(evidence))


def _client_authenticated(evidence: Evidence) -> Verdict:
    asked = grants.requests(evidence.up)
    for turn in asked:
        basic = (turn.sent.get("authorization") or "").lower().startswith("basic ")
        if not basic and not turn.parameters.get("client_secret"):
            seen = f"a token request came without the client's secret, and was {grants.told(turn)}"
            return unmet(seen, turn)
        if turn.status == 401:
            return unmet("the client's secret was refused", turn)
    if not asked:
        return untestable("no code was exchanged")
    return met("token requests come with the client's secret", *asked)


def _form(evidence: Evidence) -> Verdict:
    asked = grants.exchanges(evidence.up)
    for turn in asked:
        kind = media_type_sent(turn)
        if kind != "application/x-www-form-urlencoded":
            return unmet(f"a code was exchanged by {kind or 'nothing that has a type'}", turn)
        if query(turn.url):
            return unmet("a token request has parameters in its URL", turn)
    if not asked:
        return untestable("no code was exchanged")
    return met("codes are exchanged by a form", *asked)


def _verifier(evidence: Evidence) -> Verdict:
    """Judge whether each exchange comes with a verifier, where challenges were sent."""
    if not any("code_challenge" in turn.query for turn in _asked(evidence)):
        return untestable("nobody was sent upstream with a challenge")
    asked = grants.exchanges(evidence.up)
    verifiers = [turn.parameters.get("code_verifier") or "" for turn in asked]
    for turn, verifier in zip(asked, verifiers, strict=True):
        if not 43 <= len(verifier) <= 128:
            return unmet(f"a code came with a verifier of {len(verifier)} characters", turn)
    if not asked:
        return untestable("no code was exchanged")
    seen = f"{len(set(verifiers))} different verifiers in {len(asked)} exchanges"
    return judged(len(set(verifiers)) == len(asked), seen, *asked)


FAMILY = Family(
    title="A user connects",
    play=play,
    checks=(
        Check(
            id="authorize.response-type",
            title="A code is asked for",
            severity="MUST",
            source=rfc(6749, "4.1.1"),
            remedy="Send response_type=code.",
            judge=partial(_each, _response_type, "a code is asked for"),
            anywhere=True,
        ),
        Check(
            id="authorize.client-id",
            title="Users are sent upstream by the client that the gateway is there",
            severity="MUST",
            source=rfc(6749, "4.1.1"),
            remedy="Send the configured client_id, in the exchange, too.",
            judge=partial(_as_registered, "client_id"),
        ),
        Check(
            id="authorize.redirect-uri",
            title="The redirect URI is the registered one, to the letter, also in the exchange",
            severity="MUST",
            source=rfc(9700, "2.1"),
            remedy="Send redirect_uri as it is configured; do not build it from the request.",
            judge=partial(_as_registered, "redirect_uri"),
        ),
        Check(
            id="authorize.offline-access",
            title="offline_access is asked for",
            severity="seed",
            source=Source("learnt in production: without offline_access there is no refresh token"),
            remedy="Add offline_access to the scopes.",
            judge=partial(_each, _offline_access, "offline_access is asked for"),
            anywhere=True,
        ),
        Check(
            id="authorize.state",
            title="The state cannot be guessed, and is another each time",
            severity="MUST",
            source=rfc(6749, "10.10"),
            remedy="Take at least 128 bits from a cryptographic source of randomness each time.",
            judge=_unguessable,
            anywhere=True,
        ),
        Check(
            id="authorize.pkce",
            title="There is a PKCE challenge by S256",
            severity="SHOULD",
            source=rfc(9700, "2.1.1"),
            remedy="Send code_challenge with code_challenge_method=S256.",
            judge=partial(_each, _challenge, "there is a challenge by S256"),
            anywhere=True,
        ),
        Check(
            id="exchange.client-secret",
            title="Tokens are asked for with the client's secret",
            severity="seed",
            source=Source("learnt in production: 401 access_denied at the token endpoint"),
            remedy="Send client_id and client_secret with the token request (RFC 6749, 2.3.1).",
            judge=_client_authenticated,
            anywhere=True,
        ),
        Check(
            id="exchange.form",
            title="The code is exchanged by a form",
            severity="MUST",
            source=rfc(6749, "4.1.3"),
            remedy="Send application/x-www-form-urlencoded in the body, no JSON, no query.",
            judge=_form,
            anywhere=True,
        ),
        Check(
            id="exchange.verifier",
            title="The code is exchanged with the verifier of its challenge",
            severity="MUST",
            source=rfc(7636, "4.5"),
            remedy="Keep a new verifier with each state, and send it with the code.",
            judge=_verifier,
            anywhere=True,
        ),
    ),
)
