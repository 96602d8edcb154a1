"""PKCE downstream: a code is worth nothing without the verifier of whoever asked for it."""

from wiretape.replay.conformance.check import Check, Family, rfc
from wiretape.replay.conformance.driving.client import client, expected
from wiretape.replay.conformance.evidence import Evidence, oauth_turns
from wiretape.replay.conformance.stage import Stage
from wiretape.replay.conformance.terms import grants, refusals
from wiretape.replay.conformance.terms.refusals import beside
from wiretape.replay.conformance.verdict import Verdict, judged, untestable

_WRONG, _NONE, _UNPROTECTED = "a wrong verifier", "no verifier", "no challenge"


async def play(stage: Stage) -> None:
    """Exchange codes, one with a wrong verifier, one with none; ask for one without a challenge."""
    async with client(stage) as user:
        await user.discover()
        expected(await user.register(), "registration")
        await user.exchange(await user.code())
        code = await user.code()
        stage.step(_WRONG)
        await user.exchange(code, code_verifier="wrong-" + user.verifier)
        stage.step("again")
        code = await user.code()
        stage.step(_NONE)
        await user.exchange(code, code_verifier=None)
        stage.step(_UNPROTECTED)
        await user.authorize(code_challenge=None, code_challenge_method=None)


def _wrong_verifier(evidence: Evidence) -> Verdict:
    return refusals.refused(evidence, _WRONG, f"the exchange with {_WRONG}", "invalid_grant")


def _no_verifier(evidence: Evidence) -> Verdict:
    what = f"the exchange with {_NONE}"
    return refusals.refused(evidence, _NONE, what, "invalid_grant", "invalid_request")


def _no_challenge(evidence: Evidence) -> Verdict:
    for turn in oauth_turns(evidence.at(_UNPROTECTED).down, "authorization"):
        led = turn.location or ""
        good = turn.status is not None and (turn.status == 400 or "error=invalid_request" in led)
        seen = f"authorization without a challenge was answered {turn.status}"
        return beside(
            judged(good, seen, turn), grants.led_on(evidence.down), "one with a challenge"
        )
    return untestable("authorization without a challenge was not asked for")


FAMILY = Family(
    title="PKCE towards clients",
    play=play,
    checks=(
        Check(
            id="pkce.wrong-verifier",
            title="A code is not exchanged with a wrong verifier",
            severity="MUST",
            source=rfc(7636, "4.6"),
            remedy="Compare S256 of code_verifier with the code's challenge; else invalid_grant.",
            judge=_wrong_verifier,
        ),
        Check(
            id="pkce.no-verifier",
            title="A code is not exchanged without a verifier",
            severity="MUST",
            source=rfc(7636, "4.6"),
            remedy="Refuse a code that has a challenge if there is no code_verifier.",
            judge=_no_verifier,
        ),
        Check(
            id="pkce.required",
            title="Authorization without a challenge is refused",
            severity="MUST",
            source=rfc(7636, "4.4.1"),
            remedy="Refuse with error=invalid_request: clients of MCP use PKCE.",
            judge=_no_challenge,
        ),
    ),
)
