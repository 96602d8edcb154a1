"""What a client asked of a service, as its checks look at it."""

from collections.abc import Iterable, Sequence

from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.evidence import Evidence, Turn, calls
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

EXIT = "exit"
"""The name of the notes that say how a client ended: its exit code, or `killed`."""

KILLED = "killed"


def posts(evidence: Evidence) -> list[Turn]:
    """Give the turns with JSON-RPC messages."""
    return [turn for turn in evidence.up if turn.method == "POST" and turn.said]


def spoken(evidence: Evidence) -> list[Turn]:
    """Give what was asked of the MCP endpoints, which are where JSON-RPC messages went."""
    places = {_place(turn) for turn in posts(evidence)}
    return [turn for turn in evidence.up if _place(turn) in places]


def initialized(evidence: Evidence) -> Turn | None:
    """Give the first `initialize` that had a result."""
    return next((turn for turn in calls(evidence.up, "initialize") if turn.results), None)


def later(evidence: Evidence, than: Turn) -> list[Turn]:
    """Give the turns that were asked after another one was answered."""
    over = than.exchange.lines.response or than.exchange.lines.request
    return [turn for turn in evidence.up if turn.exchange.lines.request > over]


def listed(evidence: Evidence) -> list[Turn]:
    """Give the turns on which a list of tools came."""
    return [turn for turn in evidence.up if any("tools" in each for each in turn.results)]


def works(evidence: Evidence) -> Verdict:
    """Say whether the client did what it is run for: it listed the tools and ended well."""
    ends = evidence.noted(EXIT)
    if not ends:
        return untestable("the client was not run")
    seen = listed(evidence)
    if not seen:
        return unmet(f"no list of tools reached the client, which ended with {ends[-1]}")
    return judged(
        ends[-1] == "0", f"tools were listed, and the client ended with {ends[-1]}", *seen
    )


def ends(evidence: Evidence) -> Verdict:
    """Say whether the client ended by itself."""
    told = evidence.noted(EXIT)
    if not told:
        return untestable("the client was not run")
    shown = evidence.up[-1:]
    if told[-1] == KILLED:
        return unmet("the client had not ended when it was given up", *shown)
    return met(f"the client ended with exit code {told[-1]}", *shown)


def all_of(turns: Sequence[Turn], bad: Iterable[Turn], what: str, lacking: str) -> Verdict:
    """Say whether none of the turns is a bad one; without turns nothing can be said."""
    if not turns:
        return untestable(f"there were no {what}")
    wrong = list(bad)
    if wrong:
        first = f"{wrong[0].method} {wrong[0].path}"
        return unmet(f"{len(wrong)} of {len(turns)} {what} {lacking}, first {first}", *wrong)
    return met(f"all {len(turns)} {what} were right", *turns[:2])


def _place(turn: Turn) -> tuple[str, str]:
    return origin(turn.url), turn.path
