"""How a user is connected: the authorize URL, the callback, the exchange of the code."""

from wiretape.replay.conformance.check import Check, Family, Source
from wiretape.replay.conformance.driving.person import person
from wiretape.replay.conformance.evidence import Evidence, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.verdict import Verdict, judged, untestable

_AUTHENTICATED = "a user connects"


async def play(stage: Stage) -> None:
    """Connect a user."""
    async with person(stage, "ada") as ada:
        stage.step(_AUTHENTICATED)
        await ada.connect()


def _client_authenticated(evidence: Evidence) -> Verdict:
    for turn in oauth_turns(evidence.up, "token"):
        basic = (turn.sent.get("authorization") or "").lower().startswith("basic ")
        shown = basic or "client_secret" in turn.form
        said = "with" if shown else "without"
        return judged(
            shown and turn.status == 200,
            f"the code was exchanged {said} the client's secret, and answered {turn.status}",
            turn,
        )
    return untestable("no code was exchanged")


FAMILY = Family(
    title="A user connects",
    play=play,
    checks=(
        Check(
            id="exchange.client-secret",
            title="The code is exchanged with the client's secret",
            severity="seed",
            source=Source("learnt in production: 401 access_denied at the token endpoint"),
            remedy="Send client_id and client_secret with the token request (RFC 6749, 2.3.1).",
            judge=_client_authenticated,
            anywhere=True,
        ),
    ),
)
