"""What a code is worth once it was exchanged (RFC 6749, 4.1.2)."""

from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.mcp import TRY_REQUESTS, try_token
from wiretape.recorder.probe.oauth import CODE_REQUESTS, exchange, obtain_code, tokens_of
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Note, StepError, Walk


def walk(known: Known) -> Walk[None]:
    """Exchange a code twice, then see whether the tokens of the first time are still accepted."""
    code = yield from obtain_code(known)
    first = tokens_of((yield from exchange(known, code, "exchange")))
    if first is None:
        raise StepError("the code could not be exchanged even once")
    again = yield from exchange(known, code, "exchange the same code again")
    accepted = yield from try_token(known, "the tokens of the first exchange", first.access)
    refused = "accepted" if tokens_of(again) else "refused"
    tokens = "still accepted" if accepted.ok else "no longer accepted"
    yield Note(f"a code used again is {refused}; the tokens of its first use are {tokens}")


STEP = Step(
    id="reused-code",
    title="A code exchanged twice, and what becomes of its first tokens",
    position=50,
    walk=walk,
    most=CODE_REQUESTS + 2 + TRY_REQUESTS,
    effect="burns tokens",
    needs=("server", "client"),
    visits=1,
)
