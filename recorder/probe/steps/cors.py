"""What the service allows a page of another origin in a browser (Fetch, CORS protocol)."""

from wiretape.recorder.log.records import Header
from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.mcp import BOTH, EVENTS, JSON, LATEST, initialization, leave_stray
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Ask, Note, StepError, Walk, ask

_ORIGIN: Header = ("origin", "https://wiretape.invalid")
_ASKED: Header = (
    "access-control-request-headers",
    "authorization,content-type,mcp-protocol-version,mcp-session-id",
)
_MOST_ROUTES = 3 + 1 + 2 + 4
_MOST_ACTUAL = 2 * 3 + 2

type Route = tuple[str, str, str]
"""A name, a method and a URL."""


def walk(known: Known) -> Walk[None]:
    """Send a preflight for every route that is known by now, then what may actually be fetched."""
    url = known.target.url
    yield Ask(label="OPTIONS without Origin", method="OPTIONS", url=url, headers=known.headers(url))
    for name, method, at in routes(known):
        wanted = ("access-control-request-method", method)
        headers = known.headers(at, _ORIGIN, wanted, _ASKED, authorised=False)
        try:
            yield Ask(label=f"preflight {method} {name}", method="OPTIONS", url=at, headers=headers)
        except StepError as reason:
            yield Note(f"{name}: {reason}")
    yield from _actual(known, authorised=False)
    if known.headers(url) != known.headers(url, authorised=False):
        yield from _actual(known, authorised=True)
    for number, at in enumerate(known.metadata_urls, 1):
        headers = known.headers(at, ("accept", "application/json"), _ORIGIN, authorised=False)
        label = f"GET discovery document {number}, with Origin"
        yield Ask(label=label, method="GET", url=at, headers=headers)


def _actual(known: Known, *, authorised: bool) -> Walk[None]:
    url, who = known.target.url, "authorised" if authorised else "without a token"
    for method, more in (("POST", (BOTH, JSON)), ("GET", (EVENTS,))):
        label = f"{method} the endpoint, {who}, with Origin"
        answer = yield from ask(
            Ask(
                label=label,
                method=method,
                url=url,
                headers=known.headers(url, *more, _ORIGIN, authorised=authorised),
                body=initialization(LATEST) if method == "POST" else b"",
                answers=1 if method == "POST" else None,
            )
        )
        yield from leave_stray(known, answer, label)


def routes(known: Known) -> list[Route]:
    """Name every route that is known."""
    url = known.target.url
    found = [("the endpoint", method, url) for method in ("POST", "GET", "DELETE")]
    if known.session is not None and known.session.url != url:
        found.append(("the message endpoint", "POST", known.session.url))
    for number, at in enumerate(known.metadata_urls, 1):
        found.append((f"discovery document {number}", "GET", at))
    if server := known.server:
        optional = (
            ("the registration endpoint", "POST", server.registration_endpoint),
            ("the revocation endpoint", "POST", server.revocation_endpoint),
        )
        found += [
            ("the authorization endpoint", "GET", server.authorization_endpoint),
            ("the token endpoint", "POST", server.token_endpoint),
            *((name, method, at) for name, method, at in optional if at is not None),
        ]
    return found


STEP = Step(
    id="cors",
    title="OPTIONS preflights on every known route, and responses to a foreign Origin",
    position=150,
    walk=walk,
    most=1 + _MOST_ROUTES + _MOST_ACTUAL,
)
