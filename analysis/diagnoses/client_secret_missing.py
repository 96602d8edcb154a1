"""A confidential client exchanges its code without saying who it is (RFC 6749, section 2.3).

The token endpoint answers 401 as it would to a stranger. Whether a client has to have a secret is
told by the server's metadata, by a registration that gave one, by a request that had one. A public
client is denied access too, with 403 or 400, for reasons that have nothing to do with secrets.
"""

from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import deliberate, document, lines, quote, shown
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen, route
from wiretape.recorder.log import oauth
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.oauth import parameters
from wiretape.recorder.log.raw import text, texts

_AUTHENTICATION = frozenset({"client_secret", "client_assertion"})
_STRANGER = frozenset({"access_denied", "invalid_client", "unauthorized_client"})
_UNAUTHENTICATED = 401  # the status of a client that does not authenticate (RFC 6749, 5.2)
_KEPT = 64


def _exchange(seen: Seen) -> Iterator[Fact]:
    asked, answer = parameters(seen.request.body), parameters(seen.body)
    if seen.step == "server metadata":
        told = document(seen.body)
        methods = texts(told.get("token_endpoint_auth_methods_supported"))
        where = text(told.get("token_endpoint"))
        if methods and "none" not in methods and where is not None:
            yield Fact(("nobody public",), (seen.evidence, route(where)), keep=_KEPT)
    elif seen.step == "registration" and "client_secret" in answer:
        yield Fact(("secret",), (seen.evidence, answer.get("client_id"), None), keep=_KEPT)
    elif seen.step == "token" and not deliberate(seen):
        client = oauth.client_id(seen.exchange)
        if "authorization" in seen.sent or _AUTHENTICATION & asked.keys():
            yield Fact(("secret",), (seen.evidence, client, seen.route), keep=_KEPT)
        elif seen.status in {400, 401, 403} and answer.get("error") in _STRANGER:
            said = f"{answer['error']}: {answer.get('error_description', '')}"
            value = (seen.evidence, client, answer["error"], said)
            yield Fact(("refused", seen.route, seen.status), value)


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    known, nobody_public = facts.get("secret"), facts.get("nobody public")
    for (here, status), tally in facts.of("refused"):
        clients = {client for _, client, *_ in tally.values if client is not None}
        proofs = [
            proof
            for proof, client, where in (known.values if known else ())
            if client in clients and where in {here, None}  # a registration is of another endpoint
        ] + [
            proof
            for proof, where in (nobody_public.values if nobody_public else ())
            if where == here
        ]
        _, _, error, said = tally.value
        if error != "access_denied" and not proofs:
            continue  # as likely a client that the server does not know
        denied: Confidence = "likely" if status == _UNAUTHENTICATED else "possible"
        confidence: Confidence = "certain" if proofs else denied
        yield Diagnosis(
            id="client_secret_missing",
            title="The client did not authenticate at the token endpoint",
            seen=f"{counted(tally.count, 'request')} to {here} without "
            f"client_secret, client_assertion or an Authorization header: {status} {quote(said)}.",
            cause="The client is registered as a confidential one, and its configuration has lost "
            "its secret (an empty environment variable or a template that leaves it out).",
            remedy="Put client_secret into the client's configuration, and send it in the form or "
            "as HTTP Basic with every request to the token endpoint, refreshes included.",
            confidence=confidence,
            evidence=lines(shown(tally), *proofs),
            source="RFC 6749, sections 2.3 and 5.2",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Client secret missing",
    wants=frozenset({"oauth"}),
    exchange=_exchange,
    conclude=_conclude,
)
