"""What a client must not rely on, and what it must not stumble over."""

from functools import partial

from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.evidence import Evidence
from wiretape.replay.conformance.targets.client import ClientStage, streaming
from wiretape.replay.conformance.terms.visits import EXIT, works
from wiretape.replay.conformance.verdict import Verdict, untestable

_SEED = 4711


async def play(stage: ClientStage) -> None:
    """Meet services that say the same otherwise."""
    stage.step("varied")
    await stage.visit(vary=_SEED)
    stage.step("pieces")
    await stage.visit("line-ends:ends=crlf", "odd-chunks", profile=streaming())  # cut last
    stage.step("line ends")
    await stage.visit("line-ends:ends=cr", profile=streaming())
    stage.step("notification")
    await stage.visit("unknown-notification")
    stage.step("challenges")
    await stage.visit("challenge-several")


def _works(evidence: Evidence, step: str) -> Verdict:
    there = evidence.at(step)
    if not there.noted(EXIT):
        return untestable("the client was not run")
    return works(there)


_STREAMS = Source(
    "WHATWG HTML, 9.2.5",
    "https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream",
)

FAMILY = Family(
    title="What a client must not rely on",
    play=play,
    seconds=160,
    checks=(
        Check(
            id="tolerance.varied",
            title="Other paths, longer tokens, other orders of headers and members do no harm",
            severity="MUST",
            source=rfc(9110, "5.3"),
            remedy="Compare header names without case, and take paths from metadata.",
            judge=partial(_works, step="varied"),
        ),
        Check(
            id="tolerance.pieces",
            title="Streams in small pieces are read",
            severity="MUST",
            source=_STREAMS,
            remedy="Read event streams with a parser that keeps what is not yet a whole line.",
            judge=partial(_works, step="pieces"),
        ),
        Check(
            id="tolerance.line-ends",
            title="Streams whose lines end with CR are read",
            severity="MUST",
            source=_STREAMS,
            remedy="Take CR, LF and CRLF for the end of a line, as soon as it is there.",
            judge=partial(_works, step="line ends"),
        ),
        Check(
            id="tolerance.notification",
            title="A notification of an unknown method is passed over",
            severity="MUST",
            source=spec("2025-06-18", "basic/transports", "sending-messages-to-the-server"),
            remedy="Wait for the message with the call's id; pass over what is not known.",
            judge=partial(_works, step="notification"),
        ),
        Check(
            id="tolerance.challenges",
            title="Bearer is found among several challenges",
            severity="MUST",
            source=rfc(9110, "11.6.1"),
            remedy="Parse WWW-Authenticate as a list of challenges, and look for Bearer.",
            judge=partial(_works, step="challenges"),
        ),
    ),
)
