"""The authorization server does not know, or does not give, a scope that the client asked for.

It says `invalid_scope` in the redirect back to the client (RFC 6749, section 4.1.2.1) or at the
token endpoint (section 5.2).
"""

from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import deliberate, quote, shown
from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.counted import counted
from wiretape.recorder.log.oauth import location, parameters
from wiretape.recorder.log.urls import query

_REJECTED = "invalid_scope"
_STEPS = frozenset({"authorization", "token", "registration"})


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step not in _STEPS or deliberate(seen):
        return
    for answer in (query(location(seen.exchange) or ""), parameters(seen.body)):
        if answer.get("error") == _REJECTED:
            asked = {**parameters(seen.request.body), **seen.parameters}.get("scope", "")
            said = answer.get("error_description", _REJECTED)
            yield Fact(("rejected", seen.route), (seen.evidence, asked, said))


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for (route,), tally in facts.of("rejected"):
        _, asked, said = tally.value
        yield Diagnosis(
            id="scope_rejected",
            title="A scope is rejected",
            seen=f"{counted(tally.count, 'request')} to {route} with the scope "
            f"{quote(asked)}: {_REJECTED}, {quote(said)}.",
            cause="The client asks for a scope that this server does not know or does not give to "
            "it; scopes written into a configuration outlive the service they were written for.",
            remedy="Ask only for scopes of scopes_supported in the server's metadata, or leave "
            "scope out and take the server's default.",
            confidence="certain",
            evidence=shown(tally),
            source="RFC 6749, sections 3.3 and 4.1.2.1",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Scope rejected",
    wants=frozenset({"oauth"}),
    exchange=_exchange,
    conclude=_conclude,
)
