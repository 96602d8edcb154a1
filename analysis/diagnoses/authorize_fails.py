"""The page that asks the user to consent answers with a server error."""

from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import quote, shown, words
from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.oauth import location
from wiretape.recorder.log.urls import query

_SERVER_ERRORS = frozenset({"server_error", "temporarily_unavailable"})  # RFC 6749, 4.1.2.1


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step != "authorization" or seen.status is None:
        return
    error = query(location(seen.exchange) or "").get("error", "")
    if seen.status >= 500:
        yield Fact(("failed", seen.route), (seen.evidence, seen.status, words(seen.body)))
    elif error in _SERVER_ERRORS:
        yield Fact(("failed", seen.route), (seen.evidence, seen.status, error))


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for (route,), tally in facts.of("failed"):
        _, status, said = tally.value
        yield Diagnosis(
            id="authorize_fails",
            title="The authorization page fails",
            seen=f"{counted(tally.count, 'request')} to {route}: {status} {quote(said)}.",
            cause="The authorization server itself fails: whatever is wrong with a request is "
            "answered otherwise.",
            remedy="Try again later; if it stays, register the client anew (the server may have "
            "lost it) and try without scope and resource, then report the request id of the "
            "response's headers to the service.",
            confidence="certain",
            evidence=shown(tally),
            source="RFC 6749, section 4.1.2.1",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Authorization fails",
    wants=frozenset({"oauth"}),
    exchange=_exchange,
    conclude=_conclude,
)
