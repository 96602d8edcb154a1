"""How the service answers messages that it cannot serve (JSON-RPC 2.0, 5.1)."""

from wiretape.recorder.probe.known import Known
from wiretape.recorder.probe.mcp import Params, call, post
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Note, StepError, Walk

_NOTHING = "wiretape-probe-nothing"
_CALLS: tuple[tuple[str, str, Params], ...] = (
    ("ping", "ping", {}),
    ("an unknown method", "wiretape/unknown", {}),
    ("a call of an unknown tool", "tools/call", {"name": _NOTHING, "arguments": {}}),
    ("a call without its name", "tools/call", {}),
    ("an unknown resource", "resources/read", {"uri": f"wiretape://{_NOTHING}"}),
    ("an unknown prompt", "prompts/get", {"name": _NOTHING}),
)
_BODIES = (
    ("an unknown notification", b'{"jsonrpc":"2.0","method":"notifications/wiretape"}'),
    ("a batch", b'[{"jsonrpc":"2.0","id":"a","method":"ping"}]'),
    ("JSON that is no message", b'{"wiretape":true}'),
    ("what is no JSON", b"{wiretape"),
    ("nothing", b""),
)


def walk(known: Known) -> Walk[None]:
    """Ask for what is not there, then post what is no message."""
    if known.session is None:
        raise StepError("there is no session")
    for label, method, params in _CALLS:
        try:
            heard = yield from call(known, known.session, label, method, params)
            yield Note(f"{label}: {heard}")
        except StepError as reason:
            yield Note(f"{label}: {reason}")
    for label, body in _BODIES:
        yield from post(known, known.session, label, body)


STEP = Step(
    id="mistakes",
    title="ping, unknown methods and names, a batch, bodies that are no message",
    position=120,
    walk=walk,
    most=len(_CALLS) + len(_BODIES),
    needs=("session",),
)
