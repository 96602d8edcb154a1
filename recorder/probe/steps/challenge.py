"""How the service refuses whom it does not know (RFC 9110, 11.6.1; RFC 6750, 3)."""

from wiretape.recorder.log.records import Header
from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.mcp import BOTH, EVENTS, JSON, LATEST, initialization, leave_stray
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Ask, Note, Walk, ask

_CREDENTIALS: tuple[tuple[str, tuple[Header, ...]], ...] = (
    ("without a token", ()),
    ("with a malformed token", (("authorization", "Bearer not, a token"),)),
    ("with a bad token", (("authorization", "Bearer wiretape-probe-bad-token"),)),
)


def walk(known: Known) -> Walk[None]:
    """GET and POST without, with a malformed and with a bad token."""
    for credentials, headers in _CREDENTIALS:
        for method in ("POST", "GET"):
            yield from knock(known, method, credentials, headers)
    if known.refused:
        challenge = "with a challenge" if known.challenge else "without WWW-Authenticate"
        yield Note(f"protected: 401 {challenge}")


def knock(
    known: Known, method: str, credentials: str, headers: tuple[Header, ...] = ()
) -> Walk[None]:
    """Try to get in, learn from the refusal, and leave again if it worked."""
    url, label = known.target.url, f"{method} {credentials}"
    usual = (BOTH, JSON) if method == "POST" else (EVENTS,)
    answer = yield from ask(
        Ask(
            label=label,
            method=method,
            url=url,
            headers=known.headers(url, *usual, *headers, authorised=False),
            body=initialization(LATEST) if method == "POST" else b"",
            answers=1 if method == "POST" else None,
        )
    )
    if answer.status == 401 and not headers:
        known.refused = True
        known.challenge = known.challenge or answer.header("www-authenticate")
    yield from leave_stray(known, answer, label)


STEP = Step(
    id="challenge",
    title="GET and POST without, with a malformed and with a bad token",
    position=10,
    walk=walk,
    most=12,
)
