"""The exchange of the code for tokens (RFC 6749, 4.1.3 and 5)."""

from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.oauth import exchange, issued, tokens_of, told
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Note, StepError, Walk


def walk(known: Known) -> Walk[None]:
    """Exchange the code; the tokens serve all later steps."""
    if known.code is None:
        raise StepError("there is no code")
    code, known.code = known.code, None
    answer = yield from exchange(known, code, "exchange")
    known.tokens = tokens_of(answer)
    known.lifecycle.grant = issued(answer, known.tokens)
    if known.tokens is None:
        raise StepError(f"the exchange was answered {answer.status}")
    yield Note(told(known.tokens))


STEP = Step(
    id="token",
    title="The code exchanged for tokens",
    position=70,
    walk=walk,
    most=1,
    needs=("server", "client", "code"),
    gives=("tokens", "refresh token", "credentials"),
)
