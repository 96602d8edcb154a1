"""A service of before 2025-03-26: HTTP+SSE at the same URL."""

from wiretape.recorder.log.urls import join
from wiretape.replay.conformance.check import Check, Family, spec
from wiretape.replay.conformance.evidence import Evidence, Turn
from wiretape.replay.conformance.targets.client import LEGACY, ClientStage
from wiretape.replay.conformance.terms.visits import all_of, later, posts, works
from wiretape.replay.conformance.verdict import Verdict, unmet, untestable


async def play(stage: ClientStage) -> None:
    """Have the client meet a service that knows HTTP+SSE only."""
    await stage.visit(profile=LEGACY)


def _falls_back(evidence: Evidence) -> Verdict:
    refused = [turn for turn in posts(evidence) if turn.status in {400, 404, 405}]
    if not refused and not _streams(evidence):
        return untestable("no message was refused as one for streamable HTTP")
    if not _streams(evidence):
        return unmet("no event stream was opened after the refusal", *refused[:1])
    return works(evidence)


def _message_url(evidence: Evidence) -> Verdict:
    streams = _streams(evidence)
    if not streams:
        return untestable("no event stream was opened")
    places = {place for turn in streams for place in _endpoints(turn)}
    turns = [turn for turn in later(evidence, streams[0]) if turn.said]
    return all_of(
        turns,
        (turn for turn in turns if turn.url not in places),
        "messages",
        "did not go where the endpoint event says",
    )


def _streams(evidence: Evidence) -> list[Turn]:
    return [turn for turn in evidence.up if turn.method == "GET" and _endpoints(turn)]


def _endpoints(turn: Turn) -> list[str]:
    return [
        join(turn.url, event.data.data().decode("utf-8", "replace"))
        for event in turn.exchange.events
        if event.event == "endpoint" and event.data is not None
    ]


FAMILY = Family(
    title="A service with HTTP+SSE",
    play=play,
    checks=(
        Check(
            id="sse.fallback",
            title="Where a POST is refused, the client goes on by HTTP+SSE",
            severity="SHOULD",
            source=spec("2025-06-18", "basic/transports", "backwards-compatibility"),
            remedy="After 400, 404 or 405 for initialize GET the URL, and await `endpoint` there.",
            judge=_falls_back,
        ),
        Check(
            id="sse.message-url",
            title="Messages go where the endpoint event says",
            severity="MUST",
            source=spec("2024-11-05", "basic/transports", "http-with-sse"),
            remedy="Resolve the data of the first event against the stream's URL; POST there.",
            judge=_message_url,
        ),
    ),
)
