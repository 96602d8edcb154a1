"""Progress of a call comes to the client that asked for it, under its own token."""

from collections.abc import Iterable, Iterator

from wiretape.recorder.log.jsonrpc import Call, Notification
from wiretape.replay.conformance.check import Check, Family, spec
from wiretape.replay.conformance.driving.client import client
from wiretape.replay.conformance.driving.listening import listening
from wiretape.replay.conformance.driving.tools import callable_tool
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms.talks import talks
from wiretape.replay.conformance.verdict import Verdict, met, unmet, untestable

_CALL, _PROGRESS = "tools/call", "notifications/progress"
_TOKENS: dict[str, str | int] = {"progress by a text": "of-this-call", "progress by a number": 0}
_UNASKED = "progress that nobody asked for"

type Params = dict[str, object]


async def play(stage: Stage) -> None:
    """Call with a progress token of either kind, and without; the service tells of progress."""
    async with client(stage) as user:
        await user.login()
        await user.begin()
        tool = await callable_tool(user)
        stage.arm("progress:steps=3", method=_CALL)
        async with listening(user):
            for step, token in _TOKENS.items():
                stage.step(step)
                meta = {"progressToken": token}
                arguments = tool.arguments(step)
                await user.call(_CALL, name=tool.name, arguments=arguments, _meta=meta)
            stage.step(_UNASKED)
            await user.tool(tool.name, **tool.arguments(_UNASKED))


def _passed(evidence: Evidence) -> Verdict:
    """It is looked for in all of the trial: it may come on a stream that is older than the call."""
    shown: list[Turn] = []
    for step in _TOKENS:
        asked, there = (
            [talk for talk in talks(turns, _CALL) if talk.turn.step == step]
            for turns in (evidence.down, evidence.up)
        )
        if not asked or not there:
            return untestable(f"nobody called with {step}, or not the service")
        turns = [talk.turn for talk in (*asked, *there)]
        heard, told = ([each for talk in of for each in talk.progress] for of in (asked, there))
        if not told:
            return unmet(f"{step}: the service was given no token to tell it under", *turns)
        if not heard:
            return unmet(f"{step}: none came to the client before the result", *turns)
        if not _among(heard, told):
            return unmet(f"{step}: it came otherwise than the service told it", *turns)
        shown += turns
    return met("progress comes to whoever asked for it, before the result", *shown)


def _among(heard: Iterable[Params], told: Iterable[Params]) -> bool:
    """Tell whether all that was heard was told, in this order; some of it may be left out."""
    left = iter([_plain(each) for each in told])
    return all(_plain(each) in left for each in heard)


def _plain(params: Params) -> Params:
    return {name: value for name, value in params.items() if name not in {"progressToken", "_meta"}}


def _own(evidence: Evidence) -> Verdict:
    asked = [turn for turn in evidence.at(*_TOKENS, _UNASKED).down if turn.rpc == _CALL]
    given = {
        each.progress_token
        for turn in asked
        for each in turn.said
        if isinstance(each, Call) and each.progress_token is not None
    }
    if not given:
        return untestable("nobody asked for progress")
    for turn in evidence.down:
        for token in _tokens(turn):
            if token not in given:
                seen = f"progress came under {token!r}, which no client has given"
                return unmet(seen, *asked, turn)
    return met("no progress came under a token that no client has given", *asked)


def _tokens(turn: Turn) -> Iterator[object]:
    """Give the tokens under which progress came."""
    for each in turn.heard:
        if isinstance(each, Notification) and each.method == _PROGRESS:
            yield each.progress_token


_RULES = spec("2025-06-18", "basic/utilities/progress", "behavior-requirements")

FAMILY = Family(
    title="Progress",
    play=play,
    checks=(
        Check(
            id="progress.passed",
            title="Progress comes to the client that asked for it, in order, before the result",
            severity="SHOULD",
            source=_RULES,
            remedy="Give the service a progress token if the client gave one, and pass on what it "
            "tells under it on the stream of the call's answer.",
            judge=_passed,
        ),
        Check(
            id="progress.token",
            title="Progress comes under tokens that clients have given, and no others",
            severity="MUST",
            source=_RULES,
            remedy="Put the client's token, of the same type, in the place of that which the "
            "service was given; tell nothing to whoever gave none.",
            judge=_own,
        ),
    ),
)
