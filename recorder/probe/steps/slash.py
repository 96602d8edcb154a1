"""The endpoint's other spelling: with a trailing slash, or without."""

from urllib.parse import urlsplit

from wiretape.recorder.log.records import Header
from wiretape.recorder.log.urls import join, origin
from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.mcp import BOTH, EVENTS, JSON, LATEST, initialization, leave_stray
from wiretape.recorder.probe.metadata import is_web
from wiretape.recorder.probe.oauth import MAX_HOPS, REDIRECTS
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Ask, Note, Walk, ask


def walk(known: Known) -> Walk[None]:
    """POST to the other spelling and follow redirects as most clients do; then GET it."""
    url = other_spelling(known.target.url)
    if url is None:
        yield Note("the root has only one spelling")
        return
    yield from _follow(known, url)
    yield Ask(
        label="GET the other spelling",
        method="GET",
        url=url,
        headers=known.headers(url, EVENTS),
    )


def other_spelling(url: str) -> str | None:
    """Add or take away the slash at the end of the path."""
    parts = urlsplit(url)
    if parts.path in ("", "/"):
        return None
    path = parts.path.removesuffix("/") if parts.path.endswith("/") else f"{parts.path}/"
    return parts._replace(path=path).geturl()


def _follow(known: Known, url: str) -> Walk[None]:
    """Follow redirects; 301, 302 and 303 make a GET of a POST (RFC 9110, 15.4)."""
    method, chain = "POST", []
    for hop in range(MAX_HOPS + 1):
        label = "POST the other spelling" if hop == 0 else f"follow redirect {hop}"
        more: tuple[Header, ...] = (BOTH, JSON) if method == "POST" else (BOTH,)
        answer = yield from ask(
            Ask(
                label=label,
                method=method,
                url=url,
                headers=known.headers(url, *more),
                body=initialization(LATEST) if method == "POST" else b"",
                answers=1 if method == "POST" else None,
            )
        )
        chain.append(f"{method} {answer.status}")
        location = answer.header("location")
        if answer.status not in REDIRECTS or location is None:
            yield from leave_stray(known, answer, label)
            break
        target = join(url, location)
        if not is_web(target):
            yield Note("redirected to what is no web address")
            break
        if origin(target) != origin(url):
            chain.append(f"to {origin(target)}")
        method = "GET" if answer.status in (301, 302, 303) else method
        url = target
    yield Note(f"the other spelling: {' → '.join(chain)}")


STEP = Step(
    id="slash",
    title="The other spelling of the trailing slash, its redirects followed by hand",
    position=140,
    walk=walk,
    most=MAX_HOPS + 3,
    needs=("credentials",),
)
