"""A confidential client exchanges its code without saying who it is (RFC 6749, section 2.3).

The token endpoint answers 401 as it would to a stranger. Whether a client has to have a secret is
told by the server's metadata, by a registration that gave one, by a request that had one.
"""

from collections.abc import Iterator

from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.evidence import deliberate, quote, shown, times
from wiretape.analysis.facts import Fact, Facts, Place
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen
from wiretape.recorder.log.oauth import parameters

_AUTHENTICATION = frozenset({"client_secret", "client_assertion"})
_STRANGER = frozenset({"access_denied", "invalid_client", "unauthorized_client"})

type _Refusal = tuple[tuple[Place, ...], str, str]


def _exchange(seen: Seen) -> Iterator[Fact]:
    answer = parameters(seen.body)
    if seen.step == "registration" and "client_secret" in answer:
        yield Fact(("secret",), (seen.evidence,))
    if seen.step != "token" or deliberate(seen):
        return
    if "authorization" in seen.sent or _AUTHENTICATION & parameters(seen.request.body).keys():
        yield Fact(("secret",), (seen.evidence,))
    elif seen.status in {400, 401, 403} and answer.get("error") in _STRANGER:
        refusal: _Refusal = (seen.evidence, answer["error"], answer.get("error_description", ""))
        yield Fact(("refused", seen.route, seen.status), refusal)


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    secret = facts.get("secret")
    for (route, status), tally in facts.of("refused"):
        _, error, description = tally.value
        if error != "access_denied" and secret is None:
            continue  # as likely a client that the server does not know
        confidence: Confidence = "certain" if secret else "likely"
        yield Diagnosis(
            id="client_secret_missing",
            title="The client did not authenticate at the token endpoint",
            seen=f"{times(tally.count)} to {route} without client_secret, client_assertion or an "
            f"Authorization header: {status} {quote(f'{error}: {description}')}.",
            cause="The client is registered as a confidential one, and its configuration has lost "
            "its secret (an empty environment variable or a template that leaves it out).",
            remedy="Put client_secret into the client's configuration, and send it in the form or "
            "as HTTP Basic with every request to the token endpoint, refreshes included.",
            confidence=confidence,
            evidence=shown(tally, secret),
            source="RFC 6749, sections 2.3 and 5.2",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Client secret missing",
    wants=frozenset({"oauth"}),
    exchange=_exchange,
    conclude=_conclude,
)
