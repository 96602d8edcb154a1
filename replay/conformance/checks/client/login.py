"""The way to a token: metadata of the resource, of its authorization server, registration."""

from wiretape.replay.conformance.check import Check, Family, Source, rfc, spec
from wiretape.replay.conformance.evidence import Evidence, oauth_turns
from wiretape.replay.conformance.targets.client import ClientStage
from wiretape.replay.conformance.terms.grants import exchanges
from wiretape.replay.conformance.terms.visits import works
from wiretape.replay.conformance.verdict import Verdict, judged, met, unmet, untestable

_ENDPOINTS = {
    "registration": "registration_endpoint",
    "authorization": "authorization_endpoint",
    "token": "token_endpoint",
}


async def play(stage: ClientStage) -> None:
    """Have the client log in, list the tools and end."""
    await stage.visit()


def _discovery(evidence: Evidence) -> Verdict:
    named = {
        challenge.get("resource_metadata")
        for turn in evidence.up
        if turn.status == 401
        for challenge in turn.challenges
    } - {None}
    if not named:
        return untestable("no challenge named metadata of the resource")
    asks = oauth_turns(evidence.up, "resource metadata")
    begun = oauth_turns(evidence.up, "authorization")
    first = begun[0].exchange.lines.request if begun else None
    right = [
        turn
        for turn in asks
        if turn.url in named and (first is None or turn.exchange.lines.request < first)
    ]
    if not right:
        return unmet("the metadata that the challenge named was not asked for", *begun[:1])
    return met("the metadata that the challenge named was asked for", *right)


def _endpoints(evidence: Evidence) -> Verdict:
    documents = [turn for turn in oauth_turns(evidence.up, "server metadata") if turn.fields]
    if not documents:
        return untestable("no metadata of an authorization server was read")
    told = documents[-1].fields
    turns = [
        (turn, str(told[named]))
        for step, named in _ENDPOINTS.items()
        if named in told
        for turn in evidence.up
        if turn.oauth == step and turn.step == documents[-1].step
    ]
    if not turns:
        return untestable("no endpoint of the authorization server was asked")
    wrong = [turn for turn, url in turns if turn.url.partition("?")[0] != url.partition("?")[0]]
    seen = f"{len(turns) - len(wrong)} of {len(turns)} requests went where the metadata says"
    return judged(not wrong, seen, documents[-1], *wrong)


def _registered(evidence: Evidence) -> Verdict:
    given = [turn for turn in oauth_turns(evidence.up, "registration") if turn.status == 201]
    using = oauth_turns(evidence.up, "authorization")
    if not given or not using:
        return untestable("the client did not register, or did not ask for authorization")
    known = {turn.member("client_id") for turn in given}
    strange = [turn for turn in using if turn.query.get("client_id") not in known]
    return judged(not strange, f"{len(strange)} authorizations named another client", *using[:2])


def _redirect_uri(evidence: Evidence) -> Verdict:
    begun = {
        turn.query["redirect_uri"]
        for turn in oauth_turns(evidence.up, "authorization")
        if "redirect_uri" in turn.query
    }
    exchanged = exchanges(evidence.up)
    if not begun or not exchanged:
        return untestable("no code was asked for and exchanged")
    wrong = [turn for turn in exchanged if turn.parameters.get("redirect_uri") not in begun]
    seen = f"{len(wrong)} of {len(exchanged)} exchanges had another redirect_uri than was used"
    return judged(not wrong, seen, *exchanged[:2])


FAMILY = Family(
    title="From a refusal to a token",
    play=play,
    checks=(
        Check(
            id="login.works",
            title="The client logs in, lists the tools and ends well",
            severity="MUST",
            source=Source("what a command is run for: docs/conform-clients.md"),
            remedy="Look at client.log, and at the recording with wiretape show.",
            judge=works,
        ),
        Check(
            id="login.discovery",
            title="The metadata that a challenge names is read before authorization",
            severity="MUST",
            source=spec("2025-11-25", "basic/authorization", "authorization-server-location"),
            remedy="Read resource_metadata of WWW-Authenticate at a 401, and ask there.",
            judge=_discovery,
            anywhere=True,
        ),
        Check(
            id="login.endpoints",
            title="Endpoints are those of the authorization server's metadata",
            severity="MUST",
            source=spec("2025-06-18", "basic/authorization", "server-metadata-discovery"),
            remedy="Take every endpoint's URL as it is in the metadata.",
            judge=_endpoints,
        ),
        Check(
            id="login.client-id",
            title="Authorization is asked for with the client id of the registration",
            severity="MUST",
            source=rfc(7591, "3.2.1"),
            remedy="Keep client_id of the registration's answer, and use that.",
            judge=_registered,
        ),
        Check(
            id="login.redirect-uri",
            title="A code is exchanged with the redirect URI it was asked for with",
            severity="MUST",
            source=rfc(6749, "4.1.3"),
            remedy="Send the same redirect_uri to both endpoints.",
            judge=_redirect_uri,
            anywhere=True,
        ),
    ),
)
