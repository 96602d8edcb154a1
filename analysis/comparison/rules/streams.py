"""Event streams: whether they outlive a quiet while, and can be taken up again."""

from collections.abc import Iterator

from wiretape.analysis.comparison.rule import Judgement, Pair, Rule
from wiretape.analysis.comparison.values import number
from wiretape.analysis.finding import Finding

_PATIENCE = 55.0
"""Seconds: most proxies end a stream on which nothing came for a minute."""


def _judge(reference: Finding, subject: Finding, pair: Pair) -> Iterator[Judgement]:
    before, after = reference.value, subject.value
    match pair.id.rpartition(".")[2]:
        case "keepalive" if (number(before) or 0) < _PATIENCE < (number(after) or 0):
            yield Judgement(
                id="stream.keepalive",
                severity="risky",
                title=f"Streams are kept alive every {after} s, not {before} s",
                why="Proxies end a stream on which nothing came for a minute.",
                remedy="Send a comment (`: keep-alive`) every 30 s.",
                requirement="WHATWG HTML, section 9.2.7",
                clients=("VS Code", "mcp-remote"),
            )
        case "resumed" if before is True and after is False:
            yield Judgement(
                id="stream.resumed",
                severity="risky",
                title="Streams do not go on after a Last-Event-ID",
                why="What the server said while the client was away is lost.",
                remedy="Keep events by id for a while, and send those after the Last-Event-ID.",
                requirement="MCP 2025-03-26, Transports: resumability and redelivery",
                clients=("TypeScript SDK", "Python SDK"),
            )
        case "event_ids" if before is True and after is False:
            yield Judgement(
                id="stream.event-ids",
                severity="cosmetic",
                title="Events have no ids",
                why="Clients cannot ask for what they have missed.",
                remedy="`id: …` before each event",
                requirement="MCP 2025-03-26, Transports: resumability and redelivery",
            )


RULE = Rule(
    title="Streams",
    gives=(
        "stream.event-ids",
        "stream.keepalive",
        "stream.resumed",
    ),
    judges=("stream.*",),
    judge=_judge,
    tolerates=(
        "stream.*.cut",
        "stream.*.ends",
        "stream.*.events",
        "stream.*.lifetime",
        "stream.*.retry",
        "stream.*.silence",
    ),
)
