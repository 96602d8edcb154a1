"""A POST is redirected to its URL with another trailing slash, and does not arrive as a POST.

A framework redirects to the path it serves. Behind a proxy that ends TLS it believes to be spoken
to in plain HTTP and names `http://`; that is redirected to https by 301, and on a 301 or 302 most
clients turn POST into GET (RFC 9110, section 15.4). Others refuse to follow.
"""

from collections.abc import Iterator

from wiretape.analysis.concluding.evidence import lines, quote, shown
from wiretape.analysis.diagnosis import Confidence, Diagnosis
from wiretape.analysis.facts import Fact, Facts
from wiretape.analysis.observer import Observer
from wiretape.analysis.scene import Scene
from wiretape.analysis.traffic.seen import Seen, route
from wiretape.recorder.log.oauth import location

_REDIRECTS = frozenset({301, 302, 307, 308})


def _exchange(seen: Seen) -> Iterator[Fact]:
    here, recording = _place(seen.route), seen.asked.place.recording
    yield Fact(("later", recording), point=seen.asked)
    if seen.method == "POST" and seen.said and seen.status is not None:
        target = location(seen.exchange) if seen.status in _REDIRECTS else None
        if target is None:
            yield Fact(("posted", here))
            return
        there, number = _place(route(target)), (recording, seen.request.exchange)
        value = (seen.evidence, seen.status, target, number)
        if there != here and there.rstrip("/") == here.rstrip("/"):
            down = seen.url.startswith("https:") and target.startswith("http:")
            yield Fact(("slash", here, there, down), value)
        else:
            yield Fact(("moved", here), value)
    elif seen.method == "GET" and seen.request.cause is not None and _refused(seen.status):
        yield Fact(("arrived", here), (seen.evidence, seen.status, (recording, seen.request.cause)))


def _place(route: str) -> str:
    """Give a route without its scheme, which is what such redirects get wrong."""
    return route.partition("://")[2]


def _refused(status: int | None) -> bool:
    return status is not None and 400 <= status < 500 and status not in {401, 403}


def _conclude(facts: Facts, _: Scene) -> Iterator[Diagnosis]:
    for (here, there, down), tally in facts.of("slash"):
        moved = facts.get("moved", there)
        posts = {number for each in (tally, moved) if each for *_, number in each.values}
        got = facts.get("arrived", there)
        arrived = [value for value in (got.values if got else ()) if value[-1] in posts]
        if facts.get("posted", there) is not None and not arrived:
            continue  # it was followed as it should be
        chain = f"POST {here} is answered {tally.value[1]} to {quote(tally.value[2])}"
        if down:
            chain += ", from https down to http"
        if moved:
            chain += f"; that {moved.value[1]} to {quote(moved.value[2])}"
        if arrived:
            chain += f"; there a GET arrives, answered {arrived[0][1]}."
        else:
            chain += "; no POST ever arrives there."
        later = facts.get("later", tally.last.place.recording)
        gave_up = down or (later is not None and later.last.place > tally.first.place)
        confidence: Confidence = "certain" if arrived else "likely" if gave_up else "possible"
        slash = "with" if there.endswith("/") else "without"
        yield Diagnosis(
            id="trailing_slash",
            title=f"The URL is to be written {slash} a slash at its end",
            seen=chain,
            cause="The server redirects to the path that it serves"
            + (", naming http because it does not know of the proxy that ends TLS" if down else "")
            + ". On the way the POST becomes a GET, or the client refuses to follow.",
            remedy=f"Configure the client with the URL {slash} a slash at its end. On the server "
            "serve both spellings, and trust the proxy's X-Forwarded-Proto (uvicorn: "
            "--proxy-headers --forwarded-allow-ips).",
            confidence=confidence,
            evidence=lines(shown(tally, moved), *(evidence for evidence, *_ in arrived)),
            source="RFC 9110, section 15.4",
        )


DIAGNOSIS = Observer[Diagnosis](
    title="Trailing slash",
    wants=frozenset({"mcp", "failed"}),
    exchange=_exchange,
    repeats="kind",
    conclude=_conclude,
)
