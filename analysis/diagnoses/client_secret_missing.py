"""A confidential client exchanges its code without saying who it is (RFC 6749, section 2.3).

The token endpoint answers 401 as it would to a stranger. Whether a client has to have a secret is
told by the server's metadata, by a registration that gave one, by a request that had one.
"""

from collections.abc import Iterator

from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.evidence import deliberate, document, lines, quote, shown
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen
from wiretape.recorder.log import oauth
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.oauth import parameters
from wiretape.recorder.log.raw import texts

_AUTHENTICATION = frozenset({"client_secret", "client_assertion"})
_STRANGER = frozenset({"access_denied", "invalid_client", "unauthorized_client"})
_KEPT = 64


def _exchange(seen: Seen) -> Iterator[Fact]:
    asked, answer = parameters(seen.request.body), parameters(seen.body)
    if seen.step == "server metadata":
        methods = texts(document(seen.body).get("token_endpoint_auth_methods_supported"))
        if methods and "none" not in methods:
            yield Fact(("nobody public",), (seen.evidence,))
    elif seen.step == "registration" and "client_secret" in answer:
        yield Fact(("secret",), (seen.evidence, answer.get("client_id")), keep=_KEPT)
    elif seen.step == "token" and not deliberate(seen):
        client = oauth.client_id(seen.exchange)
        if "authorization" in seen.sent or _AUTHENTICATION & asked.keys():
            yield Fact(("secret",), (seen.evidence, client), keep=_KEPT)
        elif seen.status in {400, 401, 403} and answer.get("error") in _STRANGER:
            said = f"{answer['error']}: {answer.get('error_description', '')}"
            value = (seen.evidence, client, answer["error"], said)
            yield Fact(("refused", seen.route, seen.status), value)


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    known, nobody_public = facts.get("secret"), facts.get("nobody public")
    for (route, status), tally in facts.of("refused"):
        clients = {client for _, client, *_ in tally.values}
        secret = [proof for proof, client in (known.values if known else ()) if client in clients]
        _, _, error, said = tally.value
        if error != "access_denied" and not secret and nobody_public is None:
            continue  # as likely a client that the server does not know
        confidence: Confidence = "certain" if secret or nobody_public else "likely"
        yield Diagnosis(
            id="client_secret_missing",
            title="The client did not authenticate at the token endpoint",
            seen=f"{counted(tally.count, 'request')} to {route} without "
            f"client_secret, client_assertion or an Authorization header: {status} {quote(said)}.",
            cause="The client is registered as a confidential one, and its configuration has lost "
            "its secret (an empty environment variable or a template that leaves it out).",
            remedy="Put client_secret into the client's configuration, and send it in the form or "
            "as HTTP Basic with every request to the token endpoint, refreshes included.",
            confidence=confidence,
            evidence=lines(shown(tally, nobody_public), *secret),
            source="RFC 6749, sections 2.3 and 5.2",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Client secret missing",
    wants=frozenset({"oauth"}),
    exchange=_exchange,
    conclude=_conclude,
)
