"""Whether PKCE is checked, and whether a failed exchange burns the code (RFC 7636, 4.6)."""

from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.oauth import CODE_REQUESTS, exchange, obtain_code, tokens_of
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Note, Walk

_WRONG = "wiretape-probe-wrong-verifier-0123456789-0123456789"  # 43 to 128 characters


def walk(known: Known) -> Walk[None]:
    """Exchange a code with a wrong verifier, then with the right one."""
    code = yield from obtain_code(known)
    wrong = yield from exchange(known, code, "exchange with a wrong verifier", _WRONG)
    if tokens_of(wrong):
        yield Note("the verifier is not checked")
    right = yield from exchange(known, code, "exchange with the right verifier after it")
    if not tokens_of(wrong):
        outcome = "can still be exchanged" if tokens_of(right) else "is burnt"
        yield Note(f"after a wrong verifier the code {outcome}")


STEP = Step(
    id="wrong-verifier",
    title="A code exchanged with a wrong verifier, then with the right one",
    position=40,
    walk=walk,
    most=CODE_REQUESTS + 2,
    effect="burns tokens",
    needs=("server", "client"),
    visits=1,
)
