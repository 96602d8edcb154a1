"""What protects a grant: PKCE, state, and the resource that tokens are for."""

import re
from functools import partial

from wiretape.recorder.log.urls import origin
from wiretape.replay.conformance.check import Check, Family, rfc, spec
from wiretape.replay.conformance.evidence import Evidence, Turn, oauth_turns
from wiretape.replay.conformance.targets.client import ClientStage
from wiretape.replay.conformance.terms.grants import exchanges
from wiretape.replay.conformance.terms.visits import all_of, spoken
from wiretape.replay.conformance.verdict import Verdict, untestable

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


async def play(stage: ClientStage) -> None:
    """Have the client log in."""
    await stage.visit()


def _s256(evidence: Evidence) -> Verdict:
    turns = oauth_turns(evidence.up, "authorization")
    bad = (
        turn
        for turn in turns
        if turn.query.get("code_challenge_method") != "S256"
        or len(turn.query.get("code_challenge", "")) != 43
    )
    return all_of(turns, bad, "authorization requests", "have no challenge by S256")


def _verifier(evidence: Evidence) -> Verdict:
    turns = exchanges(evidence.up)
    bad = (
        turn
        for turn in turns
        if not _VERIFIER.fullmatch(turn.parameters.get("code_verifier", ""))
        or turn.fields.get("error") == "invalid_grant"
    )
    return all_of(turns, bad, "exchanges of a code", "came without the right verifier")


def _state(evidence: Evidence) -> Verdict:
    turns = oauth_turns(evidence.up, "authorization")
    bad = (turn for turn in turns if not turn.query.get("state"))
    return all_of(turns, bad, "authorization requests", "have no state")


def _resource(evidence: Evidence, what: str) -> Verdict:
    if what == "authorization":
        turns = [(turn, turn.query) for turn in oauth_turns(evidence.up, "authorization")]
    else:
        turns = [(turn, turn.parameters) for turn in exchanges(evidence.up)]
    places = spoken(evidence)
    if not places:
        return untestable("no MCP endpoint was asked")
    bad = [turn for turn, said in turns if not _names(said.get("resource", ""), places)]
    return all_of([turn for turn, _ in turns], bad, f"{what} requests", "name no such resource")


def _names(resource: str, places: list[Turn]) -> bool:
    """Whether it is the canonical URI of an endpoint, or of what is above it."""
    return any(
        origin(resource) == origin(turn.url)
        and f"{turn.url.partition('?')[0]}/".startswith(f"{resource.rstrip('/')}/")
        for turn in places
    )


FAMILY = Family(
    title="What protects a grant",
    play=play,
    checks=(
        Check(
            id="pkce.s256",
            title="Authorization is asked for with an S256 challenge",
            severity="MUST",
            source=spec("2025-11-25", "basic/authorization", "authorization-code-protection"),
            remedy="Send code_challenge=BASE64URL(SHA256(verifier)), code_challenge_method=S256.",
            judge=_s256,
            anywhere=True,
        ),
        Check(
            id="pkce.verifier",
            title="A code is exchanged with the challenge's verifier",
            severity="MUST",
            source=rfc(7636, "4.5"),
            remedy="Send as code_verifier the 43 to 128 characters that the challenge is of.",
            judge=_verifier,
            anywhere=True,
        ),
        Check(
            id="state.sent",
            title="Authorization is asked for with a state",
            severity="SHOULD",
            source=spec("2025-06-18", "basic/authorization", "open-redirection"),
            remedy="Send a state that cannot be guessed, and compare it at the callback.",
            judge=_state,
            anywhere=True,
        ),
        *(
            Check(
                id=f"resource.{what}",
                title=f"The {what} request names the MCP server as its resource",
                severity="MUST",
                source=spec(
                    "2025-06-18", "basic/authorization", "resource-parameter-implementation"
                ),
                remedy="Send resource= with the URL of the MCP endpoint (RFC 8707).",
                judge=partial(_resource, what=what),
                anywhere=True,
            )
            for what in ("authorization", "token")
        ),
    ),
)
