"""Calls of tools: those named, or those that only read and take no arguments."""

from msgspec import Raw

from wiretape.recorder.probe.known import Invocation, Known
from wiretape.recorder.probe.mcp import Params, call
from wiretape.recorder.probe.step import Step
from wiretape.recorder.probe.talk import Note, StepError, Walk

MOST_CALLS = 20


def walk(known: Known) -> Walk[None]:
    """Call the tools; one that is not annotated as read-only only with leave to write."""
    if known.session is None:
        raise StepError("there is no session")
    reading = {tool.name for tool in known.tools if tool.read_only}
    bare = (tool.name for tool in known.tools if tool.read_only and tool.bare)
    chosen = known.target.calls or tuple(Invocation(name, "{}") for name in bare)
    if not chosen:
        yield Note("no tool is annotated as read-only and takes no arguments: name one with --call")
    for number, invocation in enumerate(chosen[:MOST_CALLS], 1):
        if invocation.tool not in reading and not known.target.active:
            yield Note(f"{invocation.tool}: not annotated as read-only, called only with --active")
            continue
        params: Params = {
            "name": invocation.tool,
            "arguments": Raw(invocation.arguments.encode()),
        }
        heard = yield from call(known, known.session, f"tools/call {number}", "tools/call", params)
        yield Note(f"{invocation.tool}: {heard}")


STEP = Step(
    id="calls",
    title="Tool calls: those of --call, else those annotated read-only that take no arguments",
    position=110,
    walk=walk,
    most=MOST_CALLS,
    needs=("session",),
)
