"""The authorization request with PKCE (RFC 6749, 4.1.1; RFC 7636; RFC 8707)."""

from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.oauth import CODE_REQUESTS, obtain_code
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Note, Walk


def walk(known: Known) -> Walk[None]:
    """Obtain a code: the user consents in the browser, or the server does at once."""
    known.code = yield from obtain_code(known)
    yield Note(f"a code of {len(known.code.code)} characters")


STEP = Step(
    id="authorize",
    title="Authorization with PKCE, in the browser or headless",
    position=60,
    walk=walk,
    most=CODE_REQUESTS,
    needs=("server", "client"),
    gives=("code",),
    visits=1,
)
