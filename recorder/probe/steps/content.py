"""What the service says to a wrong Accept and a wrong Content-Type."""

from wiretape.recorder.log.records import Header
from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.mcp import BOTH, JSON, LATEST, PING, initialization, leave_stray
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Ask, StepError, Walk, ask

_POSTS: tuple[tuple[str, tuple[Header, ...]], ...] = (
    ("without Accept", (JSON,)),
    ("accepting JSON only", (("accept", "application/json"), JSON)),
    ("accepting event streams only", (("accept", "text/event-stream"), JSON)),
    ("accepting anything", (("accept", "*/*"), JSON)),
    ("accepting HTML", (("accept", "text/html"), JSON)),
    ("without Content-Type", (BOTH,)),
    ("with text/plain", (BOTH, ("content-type", "text/plain"))),
    ("with a charset", (BOTH, ("content-type", "application/json; charset=utf-8"))),
)
_GETS: tuple[tuple[str, tuple[Header, ...]], ...] = (
    ("without Accept", ()),
    ("accepting JSON", (("accept", "application/json"),)),
)


def walk(known: Known) -> Walk[None]:
    """Post with each of them to where messages go, then GET the endpoint."""
    if known.session is None:
        raise StepError("there is no session")
    at = known.session.url
    # Where messages go to a session, another initialize would begin it anew.
    body = PING if known.session.transport == "sse" else initialization(LATEST)
    for what, headers in _POSTS:
        answer = yield from ask(
            Ask(
                label=f"POST {what}",
                method="POST",
                url=at,
                headers=known.headers(at, *headers),
                body=body,
                answers=1,
            )
        )
        yield from leave_stray(known, answer, f"POST {what}")
    url = known.target.url
    for what, headers in _GETS:
        label = f"GET {what}"
        yield Ask(label=label, method="GET", url=url, headers=known.headers(url, *headers))


STEP = Step(
    id="content",
    title="POST and GET with wrong Accept and Content-Type",
    position=130,
    walk=walk,
    most=2 * len(_POSTS) + len(_GETS),
    needs=("session",),
)
