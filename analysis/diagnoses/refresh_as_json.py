"""A refresh is posted as JSON to a token endpoint that takes forms (RFC 6749, section 6).

A server that reads JSON finds fault with what is in it; one that does not, with the request.
"""

from collections.abc import Iterator

from msgspec import UNSET

from wiretape.analysis.concluding.evidence import deliberate, quote, shown
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.oauth import parameters

_UNREAD = frozenset({"invalid_request", "unsupported_grant_type", "unsupported_media_type", ""})


def _exchange(seen: Seen) -> Iterator[Fact]:
    body = seen.request.body
    if seen.step != "token" or body is None or seen.status is None or deliberate(seen):
        return
    taken = 200 <= seen.status < 300
    if body.form is not None and taken:
        yield Fact(("took a form", seen.route), (seen.evidence,))
    if body.json is UNSET or taken or parameters(body).get("grant_type") != "refresh_token":
        return
    error = parameters(seen.body).get("error", "")
    if seen.status == 415 or (400 <= seen.status < 500 and error in _UNREAD):
        yield Fact(("refused", seen.route), (seen.evidence, seen.status, error))


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for (route,), tally in facts.of("refused"):
        form = facts.get("took a form", route)
        _, status, error = tally.value
        confidence: Confidence = "certain" if form else "likely"
        yield Diagnosis(
            id="refresh_as_json",
            title="A refresh is sent as JSON",
            seen=f"{counted(tally.count, 'refresh request')} to {route} as JSON: {status} "
            f"{quote(error)}." + (" Forms are taken there." if form else ""),
            cause="The client encodes its token request as JSON; a token endpoint takes "
            "application/x-www-form-urlencoded.",
            remedy="Send grant_type, refresh_token and client_id form-encoded, with the "
            "content-type application/x-www-form-urlencoded.",
            confidence=confidence,
            evidence=shown(tally, form),
            source="RFC 6749, section 6 and appendix B",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Refresh as JSON",
    wants=frozenset({"oauth"}),
    exchange=_exchange,
    conclude=_conclude,
)
