"""Nobody asked for `offline_access`, so there is no refresh token and the user consents again.

That scope asks for a refresh token (OpenID Connect Core, section 11). Whether the server knows it
is told by its metadata, or by a token answer that gave it.
"""

from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import deliberate, document, lines, shown
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.oauth import parameters
from wiretape.recorder.log.raw import texts

_SCOPE = "offline_access"
_KEPT = 64


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step in {"server metadata", "resource metadata"}:
        if _SCOPE in texts(document(seen.body).get("scopes_supported")):
            yield Fact(("offered",), (seen.evidence,))
    elif deliberate(seen):
        return
    elif seen.step == "authorization" and "response_type" in seen.parameters:
        asked = _SCOPE in seen.parameters.get("scope", "").split()
        yield Fact(("asked", asked), (seen.evidence,), keep=_KEPT)
    elif seen.step == "token" and seen.status == 200:
        answer = parameters(seen.body)
        if _SCOPE in answer.get("scope", "").split():
            yield Fact(("offered",), (seen.evidence,))
        new = "code" in parameters(seen.request.body)  # a refresh may leave the old one valid
        if new and "access_token" in answer and "refresh_token" not in answer:
            yield Fact(("issued",), (seen.evidence, answer["access_token"]), keep=_KEPT)
    elif seen.status == 401 and seen.bearer is not None:
        yield Fact(("refused",), (seen.evidence, seen.bearer), keep=_KEPT)


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    asked, issued = facts.get("asked", False), facts.get("issued")
    refused, offered = facts.get("refused"), facts.get("offered")
    if asked is None or issued is None or refused is None:
        return
    tokens = {token for _, token in issued.values}
    expired = [evidence for evidence, token in refused.values if token in tokens]
    again = [evidence for (evidence,) in asked.values if expired and evidence > expired[0]]
    if not expired or not (again or offered):
        return
    confidence: Confidence = "certain" if again and offered else "likely" if offered else "possible"
    yield Diagnosis(
        id="offline_access_missing",
        title="No refresh token, because offline_access was not asked for",
        seen=f"The authorization request has no {_SCOPE}; {counted(issued.count, 'token answer')} "
        "without a refresh_token; later the token is refused"
        + (", and the user is sent to authorize again." if again else "."),
        cause="The client's scopes lack offline_access: when the access token expires there is "
        "nothing to renew it with.",
        remedy="Add offline_access to the scopes that the client asks for (and to those it "
        "registers), and renew with the refresh token before the access token expires.",
        confidence=confidence,
        evidence=lines(shown(asked)[:3], shown(issued)[:3], *expired[:2], *again[:1]),
        source="OpenID Connect Core 1.0, section 11; RFC 6749, section 1.5",
    )


DIAGNOSIS = Observer[Diagnosis](
    title="offline_access missing",
    wants=frozenset({"oauth", "refused"}),
    exchange=_exchange,
    conclude=_conclude,
)
