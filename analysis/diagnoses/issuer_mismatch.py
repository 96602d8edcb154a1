"""Metadata name another issuer than the one they were asked of, and the client gives up.

What is found at `https://host/.well-known/oauth-authorization-server/path` must have the issuer
`https://host/path`, or must not be used (RFC 8414, section 3.3; OpenID Connect Discovery, section
4.3). Strict clients stop there; others go on, which is no failure. Who was not refused before may
only be looking.
"""

from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import deliberate, document, quote, shown
from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.oauth.issuers import made_from, same
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.raw import text

_ON = frozenset({"registration", "authorization", "token"})


def _exchange(seen: Seen) -> Iterator[Fact]:
    recording = seen.asked.place.recording
    if deliberate(seen):
        return
    if seen.step == "server metadata":
        issuer = text(document(seen.body).get("issuer"))
        if seen.status == 200 and issuer is not None:
            asked = made_from(seen.url)
            if same(issuer, asked):
                yield Fact(("went on", recording))
            else:
                yield Fact(("mismatch", recording, asked, issuer), (seen.evidence,))
    elif seen.step in _ON:
        yield Fact(("went on", recording))
    elif seen.status == 401:
        yield Fact(("refused", recording))
    elif seen.bearer is not None and seen.status is not None and seen.status < 400:
        yield Fact(("went on", recording))


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for (recording, asked, issuer), tally in facts.of("mismatch"):
        refused, went_on = facts.get("refused", recording), facts.get("went on", recording)
        if refused is None or refused.first.place > tally.last.place:
            continue
        if went_on is not None and went_on.last.place > tally.first.place:
            continue
        yield Diagnosis(
            id="issuer_mismatch",
            title="The authorization server's issuer is not where its metadata are",
            seen=f"The metadata found at {quote(asked)} name the issuer {quote(issuer)}; the "
            "client neither registers nor authorizes after that.",
            cause="The metadata are served at another address than the issuer's own, such as that "
            "of a proxy or of the MCP server, and a strict client refuses them.",
            remedy="Serve the metadata at the issuer's own well-known URL and point "
            "authorization_servers of the protected resource's metadata there, or set issuer to "
            "the address where the metadata are found.",
            confidence="likely",
            evidence=shown(tally),
            source="RFC 8414, section 3.3",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Issuer mismatch",
    wants=frozenset({"oauth", "refused", "bearer"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_conclude,
)
