"""Metadata name another issuer than the one they were asked of, and the client gives up.

What is found at `https://host/.well-known/oauth-authorization-server/path` must have the issuer
`https://host/path`, or must not be used (RFC 8414, section 3.3; OpenID Connect Discovery, section
4.3). Strict clients stop there; others go on, which is no failure.
"""

from collections.abc import Iterator

from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.evidence import document, quote, shown
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.seen import Seen
from wiretape.recorder.log.raw import text
from wiretape.recorder.log.urls import endpoint

_WELL_KNOWN = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")


def _exchange(seen: Seen) -> Iterator[Fact]:
    if seen.step in {"registration", "authorization", "token"}:
        yield Fact(("went on",))
    if seen.step != "server metadata" or seen.status != 200:
        return
    issuer = text(document(seen.body).get("issuer"))
    asked = endpoint(seen.url)
    for known in _WELL_KNOWN:
        asked = asked.replace(known, "", 1)
    if issuer is not None and issuer.rstrip("/") != asked.rstrip("/"):
        yield Fact(("mismatch", asked, issuer), (seen.evidence,))


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    went_on = facts.get("went on")
    for (asked, issuer), tally in facts.of("mismatch"):
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
    wants=frozenset({"oauth"}),
    exchange=_exchange,
    conclude=_conclude,
)
