"""A service without metadata of the protected resource, as of revision 2025-03-26."""

from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.check import Check, Family, Source, spec
from wiretape.replay.conformance.evidence import Evidence, oauth_turns
from wiretape.replay.conformance.targets.client import ROOTED, ClientStage
from wiretape.replay.conformance.terms.visits import posts, works
from wiretape.replay.conformance.verdict import Verdict, judged, untestable


async def play(stage: ClientStage) -> None:
    """Have the client log in where only the server's origin tells of its authorization server."""
    await stage.visit(profile=ROOTED)


def _rooted(evidence: Evidence) -> Verdict:
    asked = [turn for turn in posts(evidence) if turn.status == 401]
    if not asked:
        return untestable("no message was refused for lack of a token")
    wanted = f"{origin(asked[0].url)}/.well-known/oauth-authorization-server"
    found = [turn for turn in oauth_turns(evidence.up, "server metadata") if turn.url == wanted]
    return judged(bool(found), f"metadata at the origin was asked for {len(found)} times", *found)


FAMILY = Family(
    title="A service without metadata of the resource",
    play=play,
    checks=(
        Check(
            id="rooted.metadata",
            title="Without metadata of the resource, that of the server's origin is read",
            severity="MUST",
            source=spec("2025-03-26", "basic/authorization", "server-metadata-discovery"),
            remedy="Ask for /.well-known/oauth-authorization-server at the MCP server's origin.",
            judge=_rooted,
        ),
        Check(
            id="rooted.works",
            title="The client logs in at a service without metadata of the resource",
            severity="seed",
            source=Source("learnt in production: the official service was so until 2026"),
            remedy="Take a 404 for metadata of the resource as none, and go on.",
            judge=works,
        ),
    ),
)
