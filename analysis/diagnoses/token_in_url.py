"""A token stands in a URL, which logs, histories and Referer headers keep (RFC 6750, section 5.3).

OAuth 2.1 forbids it, and so does RFC 9700, section 4.3.2.
"""

import re
from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import shown
from wiretape.analysis.diagnosis import Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen
from wiretape.recorder.log.counted import counted

_NAMES = "access_token|refresh_token|id_token|bearer_token|auth_token|client_secret"
_ANYWHERE = re.compile(rf"[?&#]({_NAMES})=[^&#]", re.IGNORECASE)
_AT_MCP = re.compile(rf"[?&#]({_NAMES}|token|bearer|jwt|api_?key)=[^&#]", re.IGNORECASE)


def _exchange(seen: Seen) -> Iterator[Fact]:
    if "=" in seen.url:
        pattern = _AT_MCP if seen.is_mcp else _ANYWHERE
        if found := pattern.search(seen.url):
            yield Fact(("sent", seen.route, found[1].lower()), (seen.evidence,))
    if found := _ANYWHERE.search(seen.given.get("location") or ""):
        yield Fact(("given", seen.route, found[1].lower()), (seen.evidence,))


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for kind, said in (("sent", "to"), ("given", "redirected from")):
        for (route, name), tally in facts.of(kind):
            yield Diagnosis(
                id="token_in_url",
                title="A token stands in a URL",
                seen=f"{counted(tally.count, 'request')} {said} {route} with {name} in the URL.",
                cause="The client passes its token as a parameter of the URL, as it must where it "
                "cannot set headers (a browser's EventSource)."
                if kind == "sent"
                else "The server gives a token in a redirect, as in the implicit grant.",
                remedy="Send the token in the header Authorization: Bearer; for event streams use "
                "fetch, which can set headers, instead of EventSource."
                if kind == "sent"
                else "Use the authorization code grant with PKCE.",
                confidence="certain",
                evidence=shown(tally),
                source="RFC 6750, section 5.3; RFC 9700, section 4.3.2",
            )


DIAGNOSIS = Observer[Diagnosis](
    title="Token in a URL",
    wants=frozenset({"any"}),
    exchange=_exchange,
    conclude=_conclude,
)
